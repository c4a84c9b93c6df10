"""Follows the plug and the flow of current through a chapter: plug sessions and the charges in them. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from volvo_exporter.journal.corrections import merges_at
from volvo_exporter.journal.energy import Meter
from volvo_exporter.journal.knowledge import CHARGING, CHARGING_TYPE, PLUG, POWER, Bounds, Facts, Known
from volvo_exporter.journal.observations import Corrected
from volvo_exporter.journal.parameters import Parameters
from volvo_exporter.journal.spans import Span, Toggle, ordered

CURRENTS = {"AC": "ac", "DC": "dc"}


class OpenPlug(NamedTuple):
    """A plug session that continues after a chapter. A tuple of numbers, so that it can be stored."""

    start: Bounds
    reported: bool = False
    """Whether the connection was reported; a car may report the flow of current alone."""
    charges: int = 0
    gap: bool = False


class OpenCharge(NamedTuple):
    """A charge that may continue after a chapter. A tuple of numbers and text, so that it can be stored."""

    start: Bounds
    first: float
    """The latest start as it was received, before other events narrowed it: what was read earlier is from
    before the charge."""
    level: float | None = None
    """State of charge at the start, 0 to 1."""
    end: Bounds | None = None
    """When the current stopped flowing; None while it flows."""
    ended: float = 0.0
    """When that was received."""
    done: bool = False
    """True where the car reported that it is done."""
    type: str = "unknown"
    max_watts: float = 0.0
    pauses: int = 0
    gap: bool = False
    guessed: bool = False
    """True where no status was received, only a risen state of charge."""
    meter: tuple[float, float, float, float, float | None] = Meter()


@dataclass(slots=True, kw_only=True)
class Session:
    """A plug session in a chapter, while it is put together."""

    plug: OpenPlug
    on: Toggle | None
    """None where it began in an earlier chapter."""
    off: Toggle | None = None
    charges: list[OpenCharge] = field(default_factory=list)
    is_carried: bool = False
    """True where its first charge began in an earlier chapter."""
    is_plug: bool = True
    """False where only a risen state of charge shows that the car was plugged in."""


def follow_plug(
    facts: Facts,
    plug: OpenPlug | None,
    charge: OpenCharge | None,
    corrections: Sequence[Corrected],
    parameters: Parameters,
) -> list[Session]:
    """Return the plug sessions of a chapter with their flows of current, in order of time.

    The car counts as plugged in also where current flows and the connection is not reported.
    """
    follower = _Follower(facts, plug, charge, corrections, parameters)
    for row in facts.rows:
        follower.take(row)
    return follower.sessions


class _Follower:
    def __init__(
        self,
        facts: Facts,
        plug: OpenPlug | None,
        charge: OpenCharge | None,
        corrections: Sequence[Corrected],
        parameters: Parameters,
    ) -> None:
        self._facts = facts
        self._corrections = corrections
        self._parameters = parameters
        self._is_connected = plug is not None and plug.reported
        self._flows = charge is not None and charge.end is None
        self._kind = "unknown"
        self.sessions: list[Session] = []
        if plug is not None:
            charges = [] if charge is None else [charge]
            self.sessions.append(Session(plug=plug, on=None, charges=charges, is_carried=bool(charges)))

    @property
    def _session(self) -> Session | None:
        return self.sessions[-1] if self.sessions and self.sessions[-1].off is None else None

    def take(self, row: Known) -> None:
        if row.topic == CHARGING_TYPE and isinstance(row.value, str):
            self._kind = CURRENTS.get(row.value, "unknown")
            self._note_kind()
        if row.topic == POWER:
            self._measure(row)
        if row.value is None or row.topic not in (PLUG, CHARGING):
            return
        was_flowing = self._flows
        if row.topic == PLUG:
            self._is_connected = row.value == "CONNECTED"
        else:
            self._flows = row.value == "CHARGING"
        if self._is_connected or self._flows:
            self._connect(row)
        if self._flows and not was_flowing:
            self._begin(row)
        elif was_flowing and not self._flows:
            self._end(row)
        elif not self._flows and row.value == "DONE":
            self._finish()
        if not self._is_connected and not self._flows:
            self._disconnect(row)

    def _connect(self, row: Known) -> None:
        session = self._session
        if session is None:
            toggle = Toggle(on=True, bounds=row.bounds, seen=row.seen)
            session = Session(plug=OpenPlug(start=row.bounds), on=toggle)
            self.sessions.append(session)
        if self._is_connected:
            session.plug = session.plug._replace(reported=True)

    def _disconnect(self, row: Known) -> None:
        if (session := self._session) is not None:
            session.off = Toggle(on=False, bounds=row.edge(self._parameters), seen=row.seen)

    def _begin(self, row: Known) -> None:
        session = self._session
        if session is None:
            return
        start = self._start(row)
        last = session.charges[-1] if session.charges else None
        if last is not None and self._continues(last, row):
            session.charges[-1] = last._replace(end=None, pauses=last.pauses + 1, done=False)
            return
        self._kind = self._current_kind(row)
        session.charges.append(OpenCharge(start=start, first=row.latest, type=self._kind))

    def _continues(self, last: OpenCharge, row: Known) -> bool:
        if last.end is None or last.guessed:
            return False
        if merges_at(last.end[0], row.latest, "charge", self._corrections):
            return True
        return not last.done and row.seen - last.ended <= self._parameters.max_charge_pause_seconds

    def _start(self, row: Known) -> Bounds:
        """Return when the current began to flow.

        The status is stamped again at each point of the state of charge: where that rose since the last
        answer, the time may be that of a later point.
        """
        for level in self._facts.of(self._facts.charge_topic):
            if row.earliest < level.latest <= row.latest and level.seen >= row.seen:
                return row.bounds
        return row.edge(self._parameters)

    def _current_kind(self, row: Known) -> str:
        kinds = [known for known in self._facts.of(CHARGING_TYPE) if known.seen <= row.seen]
        value = kinds[-1].value if kinds else None
        return CURRENTS.get(value, "unknown") if isinstance(value, str) else "unknown"

    def _note_kind(self) -> None:
        session = self._session
        if session is not None and session.charges and self._flows and self._kind != "unknown":
            session.charges[-1] = session.charges[-1]._replace(type=self._kind)

    def _measure(self, row: Known) -> None:
        session = self._session
        if not self._flows or session is None or not isinstance(row.value, float):
            return
        charge = session.charges[-1]
        meter = Meter._make(charge.meter)
        if meter.watts is None:
            start = charge.start if charge.pauses == 0 else row.bounds
            meter = meter.begin(row.value, row.latest, start)
        else:
            gap = row.seen - (row.seen if row.before is None else row.before)
            meter = meter.advance(row.value, row.latest, gap=gap, parameters=self._parameters)
        session.charges[-1] = charge._replace(meter=meter, max_watts=max(charge.max_watts, row.value))

    def _end(self, row: Known) -> None:
        session = self._session
        if session is None or not session.charges:
            return
        end = row.edge(self._parameters)
        charge = session.charges[-1]
        meter = Meter._make(charge.meter)
        session.charges[-1] = charge._replace(
            end=end,
            ended=row.seen,
            done=row.value == "DONE",
            meter=meter if meter.watts is None else meter.end(end),
        )

    def _finish(self) -> None:
        """Note that the car is done, which it may report some time after the current stopped."""
        session = self._session
        if session is not None and session.charges and session.charges[-1].end is not None:
            session.charges[-1] = session.charges[-1]._replace(done=True)


def toggles_of(sessions: Iterable[Session]) -> list[Toggle]:
    """Return when the car was plugged in and unplugged."""
    return [toggle for session in sessions for toggle in (session.on, session.off) if toggle is not None]


def tighten(line: Iterable[Span | Session], frontier: Bounds) -> None:
    """Narrow the bounds of everything in a line: nothing begins before what lies before it has ended.

    Where that contradicts itself, the latest moments win. `frontier` is the end of what was settled before.
    """
    items = list(line)
    edges = iter(ordered([edge for item in items for edge in _edges(item)], frontier))
    for item in items:
        if isinstance(item, Span):
            item.start, item.end = next(edges), next(edges)
        else:
            _narrow(item, edges)


def _edges(item: Span | Session) -> Iterator[Bounds]:
    if isinstance(item, Span):
        yield item.start
        yield item.end
        return
    if item.on is not None:
        yield item.on.bounds
    for number, charge in enumerate(item.charges):
        if number or not item.is_carried:
            yield charge.start
        if charge.end is not None:
            yield charge.end
    if item.off is not None:
        yield item.off.bounds


def _narrow(session: Session, edges: Iterator[Bounds]) -> None:
    if session.on is not None:
        session.on.bounds = next(edges)
        session.plug = session.plug._replace(start=session.on.bounds)
    for number, charge in enumerate(session.charges):
        start = next(edges) if number or not session.is_carried else charge.start
        end = None if charge.end is None else next(edges)
        session.charges[number] = charge._replace(start=start, end=end)
    if session.off is not None:
        session.off.bounds = next(edges)


def find_rises(
    facts: Facts, sessions: Sequence[Session], spans: Sequence[Span], parameters: Parameters
) -> list[OpenCharge]:
    """Return charges that no status showed: the state of charge rose while the car rested."""
    rises: list[OpenCharge] = []
    previous: Known | None = None
    group: list[Known] = []
    new = set(facts.rows)
    rows = [row for row in facts.of(facts.charge_topic) if row.value is not None]
    for row in (*rows, None):
        is_rise = row is not None and previous is not None and row in new and _rise(previous, row) > 0
        if is_rise and row is not None:
            group = [previous, row] if not group and previous is not None else [*group, row]
        elif group:
            if (charge := _guess(group, sessions, spans, parameters)) is not None:
                rises.append(charge)
            group = []
        previous = row
    return rises


def _rise(before: Known, after: Known) -> float:
    if not isinstance(before.value, float) or not isinstance(after.value, float):
        return 0.0
    return after.value - before.value


def _guess(
    rows: Sequence[Known], sessions: Sequence[Session], spans: Sequence[Span], parameters: Parameters
) -> OpenCharge | None:
    start, end = rows[1].bounds, rows[-1].bounds
    rise = _rise(rows[0], rows[-1]) + 1e-9
    is_seen = any(
        charge.start[0] <= end[1] and (charge.end is None or start[0] <= charge.end[1])
        for session in sessions
        for charge in session.charges
    )
    drives = any(span.start[0] <= end[1] and start[0] <= span.end[1] for span in spans)
    if is_seen or rise < (parameters.min_rise_beside_drive if drives else parameters.min_charge_rise):
        return None
    return OpenCharge(
        start=start,
        first=rows[1].latest,
        end=(max(start[0], end[0]), end[1]),
        ended=rows[-1].seen,
        done=True,
        guessed=True,
    )
