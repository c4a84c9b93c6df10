"""Every vehicle of every account, with its latest readings and its activity.

After a failed request the last readings remain; `Poll.up` and the times of the readings show their age.
A resource that the vehicle does not have is removed. The garage does no I/O and reads no clock.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from volvo_exporter import catalogue
from volvo_exporter.catalogue.model import Resource
from volvo_exporter.vehicles.activity import NO_ACTIVITY, ActivityState, Observation
from volvo_exporter.vehicles.privacy import NO_LIMITS, Privacy, limit, mask
from volvo_exporter.vehicles.reading import Answer
from volvo_exporter.vehicles.silence import NO_REPORTS, DriveReports
from volvo_exporter.vehicles.vehicle import Change, Vehicle


@dataclass(slots=True, kw_only=True)
class TrackedVehicle:
    """A vehicle and the state of its polling."""

    vehicle: Vehicle
    accounts: set[str] = field(default_factory=set)
    """Accounts that share the vehicle."""
    state: ActivityState = NO_ACTIVITY
    recalled: Observation = NO_ACTIVITY.observation
    """Observation from before a restart."""
    intervals: Mapping[str, float] = field(default_factory=dict)
    """Seconds between two requests, by the name of the resource."""
    reports: DriveReports = NO_REPORTS


class Garage:
    """The vehicles, by VIN.

    Args:
        names: The owner's name for a vehicle by VIN, where there is one.
        privacy: How much of position and VIN is shown.
        recall: Returns the last known activity of a vehicle, from before a restart.
    """

    def __init__(
        self,
        *,
        names: Mapping[str, str] | None = None,
        privacy: Privacy = NO_LIMITS,
        recall: Callable[[str], ActivityState] = lambda _vin: NO_ACTIVITY,
    ) -> None:
        self._names = names or {}
        self._recall = recall
        self._privacy = privacy
        self._shown: dict[str, str] = {}
        self._vehicles: dict[str, TrackedVehicle] = {}

    def __getitem__(self, vin: str) -> TrackedVehicle:
        """Return a vehicle by its VIN; raises KeyError if it is unknown."""
        return self._vehicles[vin]

    def __contains__(self, vin: object) -> bool:
        """Return whether the VIN is known."""
        return vin in self._vehicles

    @property
    def vins(self) -> tuple[str, ...]:
        """Return the VIN of every vehicle, in the order in which they were added."""
        return tuple(self._vehicles)

    def add(self, vin: str, *, account: str) -> None:
        """Add a vehicle of an account; known values remain."""
        if vin not in self._vehicles:
            attributes = {"vin": vin, "name": self._names.get(vin, ""), "account": account}
            vehicle = Vehicle(vin=vin, attributes=attributes)
            state = self._recall(vin)
            self._vehicles[vin] = TrackedVehicle(vehicle=vehicle, state=state, recalled=state.observation)
        self._vehicles[vin].accounts.add(account)

    def remove(self, vin: str, *, account: str) -> bool:
        """Remove a vehicle from an account; return True if no other account has it and it was removed."""
        tracked = self._vehicles.get(vin)
        if tracked is None:
            return False
        tracked.accounts.discard(account)
        if tracked.accounts:
            return False
        del self._vehicles[vin]
        return True

    def take(self, vin: str, resource: Resource, answer: Answer, *, item: str = "") -> Change:
        """Replace the readings of a resource with its latest answer, limited by the privacy settings."""
        return self._vehicles[vin].vehicle.take(resource, item, limit(answer, self._privacy.position))

    def attributes(self, vin: str) -> Mapping[str, str]:
        """Return every attribute of a vehicle with the shown VIN; empty if it is unknown."""
        known, shown = self._vehicles[vin].vehicle.attributes, self.shown(vin)
        return {label: known.get(label, "").replace(vin, shown) for label in catalogue.ATTRIBUTES}

    def shown(self, vin: str) -> str:
        """Return the VIN to show, which does not change until the exporter restarts."""
        if not self._privacy.masked:
            return vin
        if vin not in self._shown:
            others = self._vehicles.keys() - {vin}
            self._shown[vin] = mask(vin, others=others, used=set(self._shown.values()))
        return self._shown[vin]
