"""Divides the log into chapters: each ends when nothing has happened for a while. Pure.

What happened in a chapter is settled at its end. Where a chapter ends depends on rows up to that moment
alone, so that a log read in parts has the same chapters as one read at once.
"""

import math
from collections.abc import Sequence

from volvo_exporter.journal.knowledge import (
    CHARGE,
    CHARGE_IN_FUEL,
    CHARGING,
    ENGINE,
    FUEL,
    IN_USE,
    ODOMETER,
    PLUG,
    TRIP,
    Known,
)
from volvo_exporter.journal.observations import Corrected, Correction
from volvo_exporter.journal.parameters import Parameters
from volvo_exporter.vehicles.reading import Value

MOVEMENT = frozenset({ENGINE, ODOMETER, TRIP, IN_USE})


def end_of_chapter(
    rows: Sequence[Known],
    memory: Sequence[Known],
    *,
    first: int = 0,
    horizon: float,
    deadline: float,
    corrections: Sequence[Corrected],
    parameters: Parameters,
) -> float | None:
    """Return when the first chapter of some rows ends; None while the log does not reach so far.

    Args:
        rows: Rows in the order in which they were received.
        memory: The last rows of the chapters before.
        first: The number of the first row of the chapter.
        horizon: How far the log reaches.
        deadline: When a pause of a charge is so long that the charge has ended; infinity for no pause.
        corrections: Of this vehicle; two drives that are merged by the user belong to one chapter.
        parameters: Thresholds.
    """
    watch = _Watch(memory, deadline, parameters)
    for number in range(first, len(rows)):
        row, end = rows[number], watch.end
        if end < row.seen and end < horizon and not _is_held(watch, end, rows, horizon, corrections):
            return end
        watch.take(row)
    end = watch.end
    if end < horizon and not _is_held(watch, end, rows, horizon, corrections):
        return end
    return None


class _Watch:
    """Follows the activity of a vehicle row by row."""

    def __init__(self, memory: Sequence[Known], deadline: float, parameters: Parameters) -> None:
        self._parameters = parameters
        self._deadline = deadline
        self._values: dict[str, Value | None] = {}
        self._last: dict[str, Known] = {}
        for known in memory:
            self._keep(known)
        self._active: float | None = None
        self.moved: float | None = None
        """When the last sign of a movement was received."""
        self._waits = False
        """True while the distance of a drive is missing."""
        self._began: float | None = None
        self._taken = 0.0

    @property
    def end(self) -> float:
        """When the chapter ends if nothing else happens; infinity before anything happened."""
        if self._active is None or self._began is None:
            return self._deadline
        if self._values.get(ENGINE) is True or self._values.get(IN_USE) == "CAR_IN_USE":
            return self._active + self._parameters.max_silence_seconds
        longest = max(self._began + self._parameters.max_chapter_seconds, self._taken)
        if self._waits:
            return min(self._active + self._parameters.odometer_wait_seconds, longest)
        return min(self._active + self._parameters.settle_seconds, longest)

    def take(self, row: Known) -> None:
        """Take the next row."""
        self._taken = row.seen
        if row.topic == ODOMETER and row.value is not None:
            self._waits = False
        if row.value is not None and self._is_activity(row):
            self._active = row.seen
            self._began = row.seen if self._began is None else self._began
            if row.topic in MOVEMENT:
                self.moved = row.seen
            if row.topic == ENGINE:
                self._waits = True
        self._keep(row)

    def _keep(self, row: Known) -> None:
        self._last[row.topic] = row
        if row.value is not None or row.topic == IN_USE:
            self._values[row.topic] = row.value

    def _is_activity(self, row: Known) -> bool:
        value, before = row.value, self._values.get(row.topic)
        match row.topic:
            case topic if topic == ENGINE:
                return value is True or before is True or self._is_revealing(row)
            case topic if topic in (ODOMETER, TRIP, PLUG, CHARGING):
                return value != before
            case topic if topic == IN_USE:
                return value == "CAR_IN_USE"
            case topic if topic in (CHARGE, CHARGE_IN_FUEL):
                return _rose(before, value, self._parameters.min_charge_rise) and self._rests()
            case topic if topic == FUEL:
                return _rose(before, value, self._parameters.min_refuel_liters)
        return False

    def _is_revealing(self, row: Known) -> bool:
        """Return whether a newer time of STOPPED may reveal a drive."""
        last = self._last.get(row.topic)
        if self._values.get(PLUG) == "CONNECTED":
            return False
        return last is not None and last.value is row.value and last.measured != row.measured

    def _rests(self) -> bool:
        return self._values.get(CHARGING) != "CHARGING" and self._values.get(ENGINE) is not True


def _rose(before: Value | None, after: Value | None, least: float) -> bool:
    if not isinstance(before, float) or not isinstance(after, float):
        return False
    return after - before >= least - 1e-9


def _is_held(
    watch: _Watch, end: float, rows: Sequence[Known], horizon: float, corrections: Sequence[Corrected]
) -> bool:
    """Return whether a user merges the last drive with a later one: then the chapter continues."""
    if watch.moved is None:
        return False
    merges = [
        correction.at
        for correction in corrections
        if correction.correction is Correction.MERGE and correction.kind == "drive"
    ]
    if not merges or max(merges) < watch.moved:
        return False
    following = next((row.seen for row in rows if row.seen > end and row.topic in MOVEMENT), math.inf)
    if following is math.inf and horizon < max(merges):
        return True
    return any(watch.moved <= at <= following for at in merges)
