"""Store the activity of each vehicle, so that a drive or charge continues after a restart.

A VIN is stored as a hash. Written when the activity changes: a few dozen times a day for each vehicle.
"""

from collections.abc import Mapping
from typing import Any

from volvo_exporter.catalogue.model import Activity
from volvo_exporter.polling.state_file import MAX_NUMBER, StateFile, fingerprint
from volvo_exporter.vehicles.activity import NO_ACTIVITY, ActivityState, Observation
from volvo_exporter.vehicles.garage import Garage
from volvo_exporter.vehicles.updates import Subscription, Update

SECTION = "activity"
"""Key in the state file."""


class Memory:
    """The activity of the vehicles in the state file; an output of the stream of updates."""

    name = "memory"

    def __init__(self, file: StateFile, garage: Garage) -> None:
        self._file = file
        self._garage = garage

    async def run(self, updates: Subscription) -> None:
        """Store each change of an activity until cancelled."""
        async for update in updates:
            self.take(update)

    def take(self, update: Update) -> None:
        """Store the activity of a vehicle, if the update changed it."""
        if update.activity is not update.before and update.vin in self._garage:
            state = self._garage[update.vin].state
            stored = {fingerprint(update.vin): _encode(state)}
            self._file.update(SECTION, lambda others: {**others, **stored})


def recall(file: StateFile, vin: str) -> ActivityState:
    """Return the last stored state of a vehicle; `NO_ACTIVITY` if it is missing or invalid."""
    match file.read(SECTION).get(fingerprint(vin)):
        case {"activity": str() as activity, "watched_until": until, **more}:
            watched_until = _number(until)
            if watched_until is not None and activity in {known.value for known in Activity}:
                return ActivityState(
                    activity=Activity(activity), watched_until=watched_until, observation=_decode(more)
                )
    return NO_ACTIVITY


def _encode(state: ActivityState) -> Mapping[str, object]:
    seen = state.observation
    return {
        "activity": state.activity.value,
        "watched_until": state.watched_until,
        "running": seen.running,
        "charging": seen.charging,
        "connected": seen.connected,
        "reachable": seen.reachable,
        "odometer": seen.odometer,
        "reported_at": seen.reported_at,
    }


def _decode(values: Mapping[Any, Any]) -> Observation:
    def flag(name: str) -> bool | None:
        value = values.get(name)
        return value if isinstance(value, bool) else None

    return Observation(
        running=flag("running"),
        charging=flag("charging"),
        connected=flag("connected"),
        reachable=flag("reachable"),
        odometer=_number(values.get("odometer")),
        reported_at=_number(values.get("reported_at")),
    )


def _number(value: object) -> float | None:
    """Return a number of the file; None if it is missing, invalid or too large."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) <= MAX_NUMBER else None
