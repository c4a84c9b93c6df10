"""The conditions of the table of alerts, on the state of the cars and accounts. Pure.

Each condition that is written by hand gives the same result as the PromQL of its alert;
`tests/notify/test_equality.py` compares them.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType

from volvo_exporter.catalogue import families
from volvo_exporter.catalogue.alerts.model import Alert, Reported
from volvo_exporter.catalogue.alerts.table import ALERTS
from volvo_exporter.catalogue.thresholds import LOW_FUEL
from volvo_exporter.notify.past import DAY, HOUR, MINUTE, Past
from volvo_exporter.notify.scene import (
    CHARGE,
    CHARGING,
    CONNECTED,
    INFO,
    LAST_SUCCESS,
    ODOMETER,
    REPORTED_AT,
    Car,
    Scene,
)
from volvo_exporter.polling.status import AccountStatus

Labels = tuple[tuple[str, str], ...]
KM_PER_DEGREE = 111.2
QUARTER = 15 * MINUTE
WEATHER = "weather"
API = re.compile(r"(energy|location|extended-vehicle|weather).*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A condition that is met."""

    alert: Alert
    car: str
    """`id` of the car; empty where it is about an account."""
    labels: Labels
    """Labels of the message, without `vin` and `car`."""
    value: float


Result = Iterator[tuple[Labels, float]]


def check_all(scene: Scene) -> Iterator[Finding]:
    """Yield every condition that is met now."""
    for alert in ALERTS:
        for car, labels, value in _check(alert, scene):
            yield Finding(alert=alert, car=car, labels=labels, value=value)


def _check(alert: Alert, scene: Scene) -> Iterator[tuple[str, Labels, float]]:
    if isinstance(alert.expression, Reported):
        for car in _exported(scene):
            yield from ((car.id, labels, value) for labels, value in _reported(alert.expression, car))
    elif check := CAR_CHECKS.get(alert.name):
        for car in _exported(scene):
            yield from ((car.id, labels, value) for labels, value in check(car))
    elif stale := LOST_CAR_CHECKS.get(alert.name):
        for car in scene.cars.values():
            yield from ((car.id, (), value) for value in stale(car, scene))
    elif of_account := ACCOUNT_CHECKS.get(alert.name):
        for account in scene.accounts:
            yield from (
                ("", (("account", account.account),), value) for value in of_account(account, scene.now)
            )


def _exported(scene: Scene) -> Iterator[Car]:
    return (car for car in scene.cars.values() if car.past.last(INFO) is not None)


def _reported(condition: Reported, car: Car) -> Result:
    if condition.at_rest and not car.at_rest():
        return
    name = condition.family.name
    for labels in car.past.labels(name):
        if condition.matches(labels) and car.past.last(name, *labels) == condition.value:
            yield labels, condition.value


def _state(past: Past, family: str, state: str) -> bool:
    return past.last(family, ("state", state)) == 1


def _target_percent(past: Past) -> float | None:
    ratio = past.last(families.CHARGING_TARGET.name)
    return None if ratio is None else ratio * 100


def _open_in_humid_weather(car: Car) -> Result:
    name = families.WINDOW_OPEN.name
    is_open = any(car.past.last(name, *labels) == 1 for labels in car.past.labels(name))
    humidity = car.past.last(families.WEATHER_HUMIDITY.name, within=HOUR)
    if is_open and car.at_rest() and humidity is not None and humidity >= 0.9:  # noqa: PLR2004 - as in the rule
        yield (), 1.0


def _moved_while_locked(car: Car) -> Result:
    past = car.past
    shift = _position_shift(past)
    unlocked = past.lowest(families.LOCKED.name, within=6 * HOUR) != 1
    ran = past.highest(families.ENGINE_RUNNING.name, within=6 * HOUR) != 0
    odometer = past.present(ODOMETER)
    # Prometheus takes a sample of up to five minutes before the offset.
    same = odometer is not None and odometer == past.last(ODOMETER, within=5 * MINUTE, ago=6 * HOUR)
    if shift is not None and shift > 0.5 and car.at_rest() and not unlocked and not ran and same:  # noqa: PLR2004
        yield (), shift


def _position_shift(past: Past) -> float | None:
    """Return the distance in km between the positions of three hours."""
    window = 3 * HOUR
    north, south, latitude, east, west = (
        past.highest(families.LATITUDE.name, within=window),
        past.lowest(families.LATITUDE.name, within=window),
        past.last(families.LATITUDE.name, within=window),
        past.highest(families.LONGITUDE.name, within=window),
        past.lowest(families.LONGITUDE.name, within=window),
    )
    if north is None or south is None or latitude is None or east is None or west is None:
        return None
    return KM_PER_DEGREE * math.hypot(north - south, (east - west) * math.cos(math.radians(latitude)))


def _charge_complete(car: Car) -> Result:
    past = car.past
    charge, target = past.present(CHARGE), _target_percent(past)
    done = _state(past, families.CHARGING_STATUS.name, "done")
    if charge is None or past.present(CHARGING) != 0 or past.highest(CHARGING, within=HOUR) != 1:
        return
    if done or (target is not None and charge >= target - 1):
        yield (), charge


def _charging_stopped(car: Car) -> Result:
    past = car.past
    charge, target = past.present(CHARGE), _target_percent(past)
    if charge is None or target is None or charge >= target - 2:
        return
    stopped = any(
        _state(past, families.CHARGING_STATUS.name, state) for state in ("idle", "error", "discharging")
    )
    charged = past.present(CHARGING) == 0 and past.highest(CHARGING, within=3 * HOUR) == 1
    if stopped and charged and past.present(CONNECTED) == 1:
        yield (), charge


def _charger_fault(car: Car) -> Result:
    past = car.past
    charge, target = past.present(CHARGE), _target_percent(past)
    status = families.CHARGING_STATUS.name
    below_target = charge is not None and target is not None and charge < target - 1
    not_done = past.last(status, ("state", "done")) == 0
    if (
        _state(past, status, "error")
        or _state(past, families.CHARGER_CONNECTION.name, "fault")
        or (_state(past, families.CHARGER_POWER.name, "fault") and not_done and below_target)
    ):
        yield (), 1.0


def _battery_low_at_night(car: Car) -> Result:
    charge, hour = car.past.present(CHARGE), datetime.fromtimestamp(car.now, UTC).hour
    is_low = charge is not None and charge < 20  # noqa: PLR2004 - as in the rule
    is_night = hour >= 20 or hour < 4  # noqa: PLR2004
    stands_free = car.at_rest() and car.past.present(CONNECTED) == 0
    if charge is not None and is_low and is_night and stands_free and car.fuel_type == "ELECTRIC":
        yield (), charge


def _standby_loss(car: Car) -> Result:
    loss = sum(
        fall for step in _quarters(car.now) if (fall := _standby_fall(car.past, car.now - step)) is not None
    )
    if loss > 5:  # noqa: PLR2004 - as in the rule
        yield (), loss


def _quarters(now: float) -> Iterator[float]:
    """Yield the quarters of an hour within the last day."""
    latest = now // QUARTER * QUARTER
    return (latest - number * QUARTER for number in range(int(DAY // QUARTER)))


def _standby_fall(past: Past, ago: float) -> float | None:
    """Return by how much the charge fell in a quarter of an hour of standing; None where it did not stand."""
    before = past.last(CHARGE, within=12 * HOUR, ago=ago + QUARTER)
    after = past.last(CHARGE, within=12 * HOUR, ago=ago)
    stood = past.lowest("at_rest", within=2 * QUARTER, ago=ago) == 1
    charged = past.last(CHARGING, within=2 * QUARTER, ago=ago)
    odometer = past.last(ODOMETER, within=12 * HOUR, ago=ago)
    same = odometer is not None and odometer == past.last(ODOMETER, within=12 * HOUR, ago=ago + 2 * QUARTER)
    if before is None or after is None or not stood or charged != 0 or not same:
        return None
    return before - after


def _fuel_low(car: Car) -> Result:
    fuel = car.past.last(families.FUEL_AMOUNT.name)
    distance = car.past.last(families.DISTANCE_TO_EMPTY.name, ("source", "tank"))
    if fuel is not None and fuel < LOW_FUEL:
        yield (), fuel
    elif distance is not None and distance / 1000 < 80:  # noqa: PLR2004 - as in the rule
        yield (), distance / 1000


def _service_due_soon(car: Car) -> Result:
    past, name = car.past, families.SERVICE_STATUS.name
    reminded = any(
        re.fullmatch(r".+_(almost_time|time)_for_service", labels[-1][1]) and past.last(name, *labels) == 1
        for labels in past.labels(name)
    )
    days = (past.last(families.SERVICE_TIME.name) or 0.0) / DAY
    distance = (past.last(families.SERVICE_DISTANCE.name) or 0.0) / 1000
    if reminded or 0 < days < 30 or 0 < distance < 1000:  # noqa: PLR2004 - as in the rule
        yield (), 1.0


def _unreachable(car: Car) -> Result:
    name = families.AVAILABLE.name
    before = car.past.last(name, within=12 * HOUR, ago=3 * DAY)
    if car.past.highest(name, within=3 * DAY) == 0 and before == 0:
        yield (), 0.0


def _car_silent(car: Car) -> Result:
    reported_at = car.past.last(REPORTED_AT)
    if reported_at is not None and car.now - reported_at > 7 * DAY:
        yield (), car.now - reported_at


def _api_failing(car: Car) -> Result:
    name = families.RESOURCE_UP.name
    failing: Counter[str] = Counter()
    for labels in car.past.labels(name):
        before = car.past.last(name, *labels, ago=3 * HOUR)
        if car.past.highest(name, *labels, within=3 * HOUR) == 0 and before == 0:
            found = API.fullmatch(labels[0][1])
            failing[found[1] if found else "connected-vehicle"] += 1
    for api, number in failing.items():
        yield (("api", api),), float(number)


def _data_stale(car: Car, scene: Scene) -> Iterator[float]:
    successes = [
        found
        for labels in car.past.labels(LAST_SUCCESS)
        if labels[0][1] != WEATHER and (found := car.past.last(LAST_SUCCESS, *labels, within=DAY)) is not None
    ]
    if successes and scene.now - max(successes) > 3 * HOUR:
        yield scene.now - max(successes)


def _vehicle_missing(car: Car, scene: Scene) -> Iterator[float]:
    if scene.accounts and car.past.last(INFO) is None:
        yield 1.0


def _login_required(account: AccountStatus, _now: float) -> Iterator[float]:
    if account.login.required:
        yield 1.0


def _grant_ends(low: float, high: float) -> Callable[[AccountStatus, float], Iterator[float]]:
    def check(account: AccountStatus, now: float) -> Iterator[float]:
        expiry = account.login.grant_expiry
        if expiry is not None and low < expiry - now < high:
            yield expiry - now

    return check


def _quota_forecast_high(account: AccountStatus, _now: float) -> Iterator[float]:
    quota = account.quota
    if quota.limit > 0 and quota.forecast / quota.limit > 0.8 and quota.used < quota.limit:  # noqa: PLR2004
        yield quota.forecast / quota.limit


def _quota_gone(account: AccountStatus, _now: float) -> Iterator[float]:
    if account.quota.remaining <= 0:
        yield float(account.quota.remaining)


CAR_CHECKS: Mapping[str, Callable[[Car], Result]] = MappingProxyType(
    {
        "VolvoOpenInHumidWeather": _open_in_humid_weather,
        "VolvoMovedWhileLocked": _moved_while_locked,
        "VolvoChargeComplete": _charge_complete,
        "VolvoChargingStopped": _charging_stopped,
        "VolvoChargerFault": _charger_fault,
        "VolvoBatteryLowAtNight": _battery_low_at_night,
        "VolvoStandbyLoss": _standby_loss,
        "VolvoFuelLow": _fuel_low,
        "VolvoServiceDueSoon": _service_due_soon,
        "VolvoUnreachable": _unreachable,
        "VolvoCarSilent": _car_silent,
        "VolvoApiFailing": _api_failing,
    }
)
LOST_CAR_CHECKS: Mapping[str, Callable[[Car, Scene], Iterator[float]]] = MappingProxyType(
    {"VolvoDataStale": _data_stale, "VolvoVehicleMissing": _vehicle_missing}
)
"""Conditions about a car that may no longer be exported."""
ACCOUNT_CHECKS: Mapping[str, Callable[[AccountStatus, float], Iterator[float]]] = MappingProxyType(
    {
        "VolvoLoginRequired": _login_required,
        "VolvoGrantEndsIn14Days": _grant_ends(3 * DAY, 14 * DAY),
        "VolvoGrantEndsIn3Days": _grant_ends(0.0, 3 * DAY),
        "VolvoQuotaForecastHigh": _quota_forecast_high,
        "VolvoQuotaGone": _quota_gone,
    }
)
