"""Fill a journal with the past of simulated cars: the same requests, rows and derivation as of real ones."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from volvo_exporter import __version__
from volvo_exporter.backfill import PastPoller, Span
from volvo_exporter.journal.acceleration import build_accelerated_deriver
from volvo_exporter.journal.location import Location
from volvo_exporter.journal.observations import Observed, Process, Run, Source, Transition
from volvo_exporter.journal.recorder import Recorder
from volvo_exporter.journal.writer import Batch, Writer
from volvo_exporter.simulator import World
from volvo_exporter.vehicles.updates import Update

DAY = 86400


@dataclass(slots=True, kw_only=True)
class _Waiting:
    """Records updates until they are written."""

    recorder: Recorder = field(default_factory=lambda: Recorder(source=Source.BACKFILL))
    rows: list[Observed] = field(default_factory=list)
    runs: dict[tuple[str, str, float], Run] = field(default_factory=dict)

    def take(self, update: Update) -> None:
        recorded = self.recorder.take(update)
        self.rows += recorded.observations
        if run := recorded.run:
            self.runs[run.vin, run.resource, run.first] = run

    def clear(self) -> None:
        self.rows.clear()
        self.runs.clear()


def fill(file: Path, world: World, *, seed: int, span: Span, speed: float) -> None:
    """Write the past of the cars to a new journal, day by day; raises JournalUnavailable.

    Args:
        file: The journal, which no exporter writes meanwhile.
        world: The cars at the end of the history, at real speed.
        seed: The seed of the world.
        span: The times of the requests.
        speed: Simulated seconds per second of the cars that continue after the history.
    """
    deriver = build_accelerated_deriver({}, speed=speed, since=float(span.end))
    with closing(Writer(Location(file=file), deriver, version=__version__)) as writer:
        writer.prepare()
        for batch in _batches(world, seed=seed, span=span):
            writer.write(batch)


def _batches(world: World, *, seed: int, span: Span) -> Iterator[Batch]:
    """Yield what was received, day by day."""
    waiting = _Waiting()
    poller = PastPoller(world, seed=seed, span=span, take=waiting.take)
    moments = span.moments()
    yield Batch(at=float(moments[0]), processes=(_process(moments[0], Transition.START),))
    for _, day in groupby(moments, lambda moment: moment // DAY):
        now = moments[0]
        for now in day:
            poller.poll(now)
        yield Batch(
            at=float(now),
            observations=tuple(waiting.rows),
            runs=tuple(waiting.runs.values()),
            attributes={vin: poller.garage[vin].vehicle.attributes for vin in world.cars},
            processes=(_process(now, Transition.STOP),) if now == moments[-1] else (),
        )
        waiting.clear()


def _process(at: int, transition: Transition) -> Process:
    return Process(at=float(at), transition=transition, version=__version__, source=Source.BACKFILL)
