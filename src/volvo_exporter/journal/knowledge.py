"""What a row of the log proves: in which interval a value of the car changed. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from volvo_exporter.catalogue import families
from volvo_exporter.journal.events import Place
from volvo_exporter.journal.observations import Observed, State
from volvo_exporter.journal.parameters import Parameters
from volvo_exporter.vehicles.reading import Value

ENGINE = families.ENGINE_RUNNING.name
ODOMETER = families.ODOMETER.name
TRIP = f'{families.TRIP_DISTANCE.name}{{trip="automatic"}}'
TRIP_ENERGY = f'{families.AVERAGE_ENERGY.name}{{trip="automatic"}}'
LATITUDE = families.LATITUDE.name
LONGITUDE = families.LONGITUDE.name
IN_USE = families.UNAVAILABLE_REASON.name
LOCKED = families.LOCKED.name
PLUG = families.CHARGER_CONNECTION.name
CHARGING = families.CHARGING_STATUS.name
CHARGING_TYPE = families.CHARGING_TYPE.name
POWER = families.CHARGING_POWER.name
CHARGE = families.BATTERY_CHARGE.name
CHARGE_IN_FUEL = f"fuel/{CHARGE}"
"""The state of charge of the fuel endpoint: a second source, used where the first reports nothing."""
FUEL = families.FUEL_AMOUNT.name
TOPICS = frozenset(
    {
        ENGINE,
        ODOMETER,
        TRIP,
        TRIP_ENERGY,
        LATITUDE,
        LONGITUDE,
        IN_USE,
        LOCKED,
        PLUG,
        CHARGING,
        CHARGING_TYPE,
        POWER,
        CHARGE,
        FUEL,
    }
)
"""The series that the derivation uses. Rows of others are skipped."""

Bounds = tuple[float, float]
"""The earliest and the latest possible moment, in Unix seconds."""


class Known(NamedTuple):
    """A row of the log as knowledge. A tuple of numbers and text, so that it can be stored."""

    topic: str
    value: Value | None
    """None where it is unknown from then on."""
    earliest: float
    """The value was not this one before. Infinitely early where nothing was known before."""
    latest: float
    """The value was this one at the latest then: when the car measured it, or when it was received."""
    seen: float
    before: float | None
    """When the last other value was confirmed; None where none was."""
    measured: float | None
    """The time of the car, where it can be believed."""

    @property
    def bounds(self) -> Bounds:
        """When the value changed, whatever happened in between."""
        return (self.earliest, self.latest)

    def edge(self, parameters: Parameters) -> Bounds:
        """Return when the value changed, where it can have changed only once since the last answer.

        The time of the car is then that of the change, or of its upload.
        """
        if self.measured is None:
            return self.bounds
        first = self.measured if self.before is None else self.before
        if self.measured - first > parameters.single_cycle_seconds:
            return self.bounds
        return (max(self.earliest, self.measured - parameters.max_upload_lag_seconds), self.latest)


def know(rows: Iterable[Observed], memory: Iterable[Known], parameters: Parameters) -> list[Known]:
    """Return the rows as knowledge, in the order in which they were received, each once."""
    last = {known.topic: known for known in memory}
    return list(_know(rows, last, parameters))


def _know(rows: Iterable[Observed], last: dict[str, Known], parameters: Parameters) -> Iterator[Known]:
    lag = parameters.max_upload_lag_seconds
    repeated: set[tuple[object, ...]] = set()
    for row in sorted(rows, key=_order):
        topic = _topic(row)
        previous = last.get(topic)
        value = row.value if row.state is State.OK else None
        facts = (topic, value, row.measured, row.seen)
        if facts in repeated:
            continue
        repeated.add(facts)
        before = row.before
        if before is not None and before > row.seen:
            before = None if previous is None else previous.seen
        if previous is not None and previous.value is None:
            # While a value is unknown it may change: the bracket begins where it was known last.
            before = previous.before
        measured = _believed(row, previous, before, parameters)
        latest = row.seen if measured is None else measured
        earliest = latest - lag if before is None else min(before - lag, latest)
        known = Known(topic, value, earliest, latest, row.seen, before, measured)
        last[topic] = known
        yield known


def _order(row: Observed) -> tuple[float, bool, str, str, float, str]:
    measured = -1.0 if row.measured is None else row.measured
    # Within an answer the power comes last: it belongs to the flow of current that the status reports.
    return (row.seen, row.series == POWER, row.series, row.resource, measured, str(row.value))


def _topic(row: Observed) -> str:
    return CHARGE_IN_FUEL if row.series == CHARGE and row.resource == "fuel" else row.series


def _believed(
    row: Observed, previous: Known | None, before: float | None, parameters: Parameters
) -> float | None:
    """Return the car's time of a row; None where it contradicts what was received, or its own past."""
    measured = row.measured
    if measured is None or measured > row.seen + parameters.max_clock_skew_seconds:
        return None
    if before is not None and measured < before:
        return None
    if previous is not None and previous.measured is not None and measured < previous.measured:
        return None
    return min(measured, row.seen)


class Facts:
    """The knowledge of a part of the log, by topic; the first rows of a topic may lie before that part."""

    def __init__(self, memory: Sequence[Known], rows: Sequence[Known]) -> None:
        self.memory = memory
        self.rows = rows
        self._by_topic: dict[str, list[Known]] = {}
        for known in (*memory, *rows):
            self._by_topic.setdefault(known.topic, []).append(known)

    def of(self, topic: str) -> Sequence[Known]:
        """Return all rows of a topic."""
        return self._by_topic.get(topic, ())

    def at(self, topic: str, time: float, *, before: bool = False) -> Known | None:
        """Return the last known row of a topic that was true at a time; `before` excludes that moment."""
        found = None
        for known in self.of(topic):
            if known.latest > time or (before and known.latest >= time):
                break
            if known.value is not None:
                found = known
        return found

    def number(self, topic: str, time: float, *, before: bool = False) -> float | None:
        """Return a number that was true at a time; None where it is unknown."""
        known = self.at(topic, time, before=before)
        value = None if known is None else known.value
        return value if isinstance(value, float) else None

    def charge(self, time: float, *, before: bool = False) -> float | None:
        """Return the state of charge, 0 to 1, at a time; None where it is unknown."""
        own = self.number(CHARGE, time, before=before)
        return self.number(CHARGE_IN_FUEL, time, before=before) if own is None else own

    @property
    def charge_topic(self) -> str:
        """Return the source of the state of charge."""
        return CHARGE if any(known.value is not None for known in self.of(CHARGE)) else CHARGE_IN_FUEL

    def place(self, time: float, *, since: float) -> Place | None:
        """Return the position at a time; None where the last one is from before `since`."""
        latitude, longitude = self.at(LATITUDE, time), self.at(LONGITUDE, time)
        if latitude is None or longitude is None or latitude.latest < since:
            return None
        if not isinstance(latitude.value, float) or not isinstance(longitude.value, float):
            return None
        return Place(latitude=latitude.value, longitude=longitude.value)

    def remembered(self) -> tuple[Known, ...]:
        """Return what the next part of the log needs: the last row, and the last known one, of each topic."""
        kept = []
        for rows in self._by_topic.values():
            last = rows[-1]
            known = next((row for row in reversed(rows) if row.value is not None), None)
            kept += [row for row in (known, last) if row is not None]
        return tuple(dict.fromkeys(kept))
