"""A journal in memory, for a simulated past: takes updates, returns the figures of settled events."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from volvo_exporter.catalogue.model import Key
from volvo_exporter.journal.derivation import BEGINNING, Parameters, Settled, derive
from volvo_exporter.journal.observations import Log, Observed, Run, Source
from volvo_exporter.journal.recorder import Recorder
from volvo_exporter.journal.totals import NO_TOTALS, Totals, add
from volvo_exporter.vehicles.updates import Update

DERIVE_SECONDS = 600
"""How often events are derived; one settles 15 minutes after its end at the earliest."""


@dataclass(slots=True, kw_only=True)
class _Vehicle:
    rows: list[Observed] = field(default_factory=list)
    runs: dict[tuple[str, float], Run] = field(default_factory=dict)
    settled: Settled = BEGINNING
    totals: Totals = NO_TOTALS
    derived: float = 0.0


class JournalInMemory:
    """Records updates and derives events.

    Args:
        attributes: Returns the attributes of a vehicle, by VIN.
        on_values: Receives sums and latest figures of a vehicle when an event has settled.
    """

    def __init__(
        self,
        *,
        attributes: Callable[[str], Mapping[str, str]],
        on_values: Callable[[str, Mapping[Key, float]], None],
    ) -> None:
        self._recorder = Recorder(source=Source.BACKFILL)
        self._attributes = attributes
        self._on_values = on_values
        self._vehicles: dict[str, _Vehicle] = {}

    def take(self, update: Update) -> None:
        """Record an update, and derive its vehicle where that is due."""
        vehicle = self._vehicles.setdefault(update.vin, _Vehicle(derived=update.at))
        recorded = self._recorder.take(update)
        vehicle.rows += recorded.observations
        if recorded.run:
            vehicle.runs[recorded.run.resource, recorded.run.first] = recorded.run
        if update.at >= vehicle.derived + DERIVE_SECONDS:
            vehicle.derived = update.at
            self._derive(update.vin, vehicle)

    def _derive(self, vin: str, vehicle: _Vehicle) -> None:
        since = vehicle.settled.needed_from
        vehicle.rows = [row for row in vehicle.rows if row.seen >= since]
        vehicle.runs = {key: run for key, run in vehicle.runs.items() if run.last >= since}
        log = Log(
            vin=vin,
            observations=tuple(vehicle.rows),
            runs=tuple(sorted(vehicle.runs.values(), key=lambda run: run.first)),
            attributes=self._attributes(vin),
        )
        derived = derive(log, Parameters(), since=vehicle.settled)
        vehicle.settled = derived.settled
        if derived.events:
            vehicle.totals = add(vehicle.totals, derived.events)
            self._on_values(vin, {**vehicle.totals.latest, **vehicle.totals.sums})
