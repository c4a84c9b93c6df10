"""What the conditions see: the past of each car, and the accounts, noted once a minute."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from volvo_exporter.catalogue import families
from volvo_exporter.catalogue.alerts.model import Reported
from volvo_exporter.catalogue.alerts.table import ALERTS
from volvo_exporter.notify.past import DAY, Past, Series
from volvo_exporter.polling.state_file import fingerprint
from volvo_exporter.polling.status import AccountStatus
from volvo_exporter.vehicles.garage import Garage, TrackedVehicle
from volvo_exporter.vehicles.samples import expand

INFO, AT_REST, CHARGING, CONNECTED = "info", "at_rest", "charging", "connected"
ODOMETER, CHARGE, REPORTED_AT = "odometer_km", "charge_percent", "reported_at"
LAST_SUCCESS = "last_success"
"""Names of derived series; they are derived each minute, as the recording rules do."""
AT_REST_ACTIVITIES = ("parked", "plugged_in", "charging", "asleep")
_FAMILIES = (
    families.ACTIVITY,
    families.AVAILABLE,
    families.BATTERY_CHARGE,
    families.CHARGER_CONNECTION,
    families.CHARGER_POWER,
    families.CHARGING_STATUS,
    families.CHARGING_TARGET,
    families.DISTANCE_TO_EMPTY,
    families.ENGINE_RUNNING,
    families.FUEL_AMOUNT,
    families.LATITUDE,
    families.LOCKED,
    families.LONGITUDE,
    families.ODOMETER,
    families.SERVICE_DISTANCE,
    families.SERVICE_STATUS,
    families.SERVICE_TIME,
    families.WEATHER_HUMIDITY,
    families.WINDOW_OPEN,
)
"""Families of conditions that are written by hand."""
NAMES = frozenset(
    {family.name for family in _FAMILIES}
    | {alert.expression.family.name for alert in ALERTS if isinstance(alert.expression, Reported)}
)
"""Families that some condition reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Car:
    """One car at one moment."""

    vin: str
    id: str
    """Hash of the VIN, for the state file."""
    name: str
    fuel_type: str
    past: Past
    now: float

    def at_rest(self) -> bool:
        """Return whether the car is known not to drive."""
        return self.past.present(AT_REST) == 1


class Scene:
    """The cars and accounts, as they were noted last."""

    def __init__(self) -> None:
        self.cars: dict[str, Car] = {}
        """By VIN; a car that is no longer exported stays for a week."""
        self.accounts: tuple[AccountStatus, ...] = ()
        self.now = 0.0

    def find(self, car: str) -> Car | None:
        """Return a car by its id."""
        return next((known for known in self.cars.values() if known.id == car), None)

    def note(
        self,
        garage: Garage,
        accounts: Iterable[AccountStatus],
        names: Mapping[str, str],
        *,
        now: float,
    ) -> None:
        """Add the present state; `names` are those of messages, by VIN."""
        self.now, self.accounts = now, tuple(accounts)
        for vin in (*garage.vins, *(known for known in self.cars if known not in garage)):
            past = self.cars[vin].past if vin in self.cars else Past()
            past.note(_samples(garage[vin]) if vin in garage else (), now=now)
            past.note(_derived(past), now=now)
            fuel_type = garage.attributes(vin)["fuel_type"] if vin in garage else self.cars[vin].fuel_type
            name = names.get(vin) or self.cars[vin].name
            self.cars[vin] = Car(
                vin=vin, id=fingerprint(vin), name=name, fuel_type=fuel_type, past=past, now=now
            )
        for vin in [vin for vin, car in self.cars.items() if car.past.last(INFO, within=7 * DAY) is None]:
            if vin not in garage:
                del self.cars[vin]


def _samples(tracked: TrackedVehicle) -> Iterator[tuple[Series, float]]:
    vehicle = tracked.vehicle
    for reading in vehicle.readings:
        if reading.field.family.name in NAMES:
            for sample in expand(reading):
                yield (sample.family.name, sample.labels), sample.value
    if tracked.state.activity.value in families.ACTIVITY.states:
        at_rest = float(tracked.state.activity.value in AT_REST_ACTIVITIES)
        yield (families.ACTIVITY.name, ()), at_rest
    for resource, poll in vehicle.polls.items():
        yield (families.RESOURCE_UP.name, (("resource", resource),)), float(poll.up)
        if poll.last_success is not None:
            yield (LAST_SUCCESS, (("resource", resource),)), poll.last_success
    if vehicle.reported_at is not None:
        yield (REPORTED_AT, ()), vehicle.reported_at
    if vehicle.is_known:
        yield (INFO, ()), 1.0


def _derived(past: Past) -> Iterator[tuple[Series, float]]:
    for name, found in (
        (AT_REST, past.last(families.ACTIVITY.name)),
        (CHARGING, past.last(families.CHARGING_STATUS.name, ("state", "charging"))),
        (CONNECTED, past.last(families.CHARGER_CONNECTION.name, ("state", "connected"))),
        (ODOMETER, _times(past.last(families.ODOMETER.name), 1 / 1000)),
        (CHARGE, _times(past.last(families.BATTERY_CHARGE.name), 100)),
    ):
        if found is not None:
            yield (name, ()), found


def _times(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor
