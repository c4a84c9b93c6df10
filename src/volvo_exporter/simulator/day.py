"""Simulation of one day of a car: executes the plan and records the car's reports.

A car reports what it measures every `REPORT_SECONDS` while driving, at every percent while charging, and
when it is opened, locked or started; some values only at the end of a drive (`reports_after_drive`). The
cloud receives each report with a delay (`upload`) and has no newer data in between.
"""

from dataclasses import dataclass, replace
from math import ceil

from volvo_exporter.catalogue.parts import DOORS
from volvo_exporter.simulator import battery
from volvo_exporter.simulator.options import DAY
from volvo_exporter.simulator.plan import (
    HOUR,
    Trip,
    begin_of,
    distance_km,
    driving_seconds,
    heading,
    incident_values,
    plan_day,
)
from volvo_exporter.simulator.profiles import Place, Profile
from volvo_exporter.simulator.state import CarState, Charging, Meter, Position, Range, Record, Service, Trips
from volvo_exporter.simulator.upload import upload_time

DOOR_KEYS = frozenset(key for key, _ in DOORS)
REPORT_SECONDS = 30.0
"""Interval of reports while driving; chosen."""
DEPARTURE_SECONDS = 100.0
"""Seconds from unlocking (or unplugging) to the start of the drive; chosen."""
ARRIVAL_SECONDS = 120.0
"""Seconds from the end of the drive to locked and plugged in; chosen."""
REFUELLING_SECONDS = 360.0
"""Duration of a stop at the station; chosen."""
SLEEP_AFTER_SECONDS = 3 * DAY
"""Time without use until POWER_SAVING_MODE; chosen, real cars fall asleep after 3 to 5 days."""
AUTOMATIC_RESET_SECONDS = 4 * HOUR
"""Time parked after which the automatic trip meter is reset; chosen."""
REFUEL_BELOW = 0.15
"""Share of the tank below which the driver refuels; chosen."""
BATTERY_RESERVE = 0.12
"""Share of the battery that a hybrid keeps, and that an electric car plans to arrive with; chosen."""
SERVICE_INTERVAL_KM, SERVICE_INTERVAL_DAYS, SERVICE_INTERVAL_HOURS = 30_000.0, 365, 1_000.0
"""Distance, days and engine hours between services; chosen."""


@dataclass(slots=True, kw_only=True)
class ActualState:
    """The state of the car itself, reported to the cloud or not."""

    odometer: float
    kwh: float
    fuel: float
    place: Place
    heading: int = 0
    cable: str | None = None
    """AC or DC while plugged in."""
    charges_from: float = 0.0
    last_used: float
    month: int = -1
    """The period of thirty days, counted from 1970, of the last reset of the manual trip meter."""
    trips: Trips
    service_km: float
    service_day: int
    service_hours: float


def simulate(
    profile: Profile, *, seed: int, day: int, since_start: int, actual: ActualState, known: CarState
) -> tuple[ActualState, Record]:
    """Simulate one local day; returns the car at its end and its reports."""
    now, end = begin_of(day), begin_of(day + 1)

    def upload(moment: float) -> float:
        # The next day begins with the cloud's data at midnight, so events shortly before are uploaded by then
        # with a shorter delay.
        return min(upload_time(profile.vin, profile.upload_lag, moment), end)

    today = _Day(profile, replace(actual), Record(known, upload), day, since_start)
    for trip in plan_day(profile, seed=seed, day=day, since_start=since_start):
        departs = max(trip.departs, now + DEPARTURE_SECONDS)
        if departs + today.time_for(trip) > end:
            continue
        today.rest(now, departs - DEPARTURE_SECONDS)
        now = today.drive(trip, departs) if today.can_make(trip) else today.plug(departs, "DC")
    today.rest(now, end)
    return today.actual, today.record


class _Day:
    def __init__(
        self, profile: Profile, actual: ActualState, record: Record, day: int, since_start: int
    ) -> None:
        self.profile = profile
        self.actual = actual
        self.record = record
        self.day = day
        self.incidents = incident_values(profile, since_start)

    # The driver's actions

    def time_for(self, trip: Trip) -> float:
        """Return the maximum seconds of a trip, including arrival and refuelling."""
        direct = driving_seconds(distance_km(self.actual.place, trip.to))
        return 2 * direct + REFUELLING_SECONDS + HOUR / 2

    def can_make(self, trip: Trip) -> bool:
        """Return whether the battery suffices; a car with a tank can always make the trip."""
        if self.profile.tank_liters is not None:
            return True
        need = distance_km(self.actual.place, trip.to) * self.profile.kwh_per_100km / 100 * trip.effort
        return self.actual.kwh - need > BATTERY_RESERVE * self.profile.usable_kwh / 2

    def drive(self, trip: Trip, departs: float) -> float:
        """Get in, drive, get out; returns when the car is parked and closed."""
        self._get_in(trip, departs)
        now = departs
        if self.profile.tank_liters and self.actual.fuel < REFUEL_BELOW * self.profile.tank_liters:
            now = self._refuel(self._drive_to(self.profile.places.station, now, trip))
        now = self._drive_to(trip.to, now, trip)
        self._get_out(trip, now)
        if trip.to == self.profile.places.home and self.profile.habits.plugs_in:
            return self.plug(now + 80, "AC")
        if self.profile.dc_watts and (self._percent() or 0) < 40:  # noqa: PLR2004 - chosen
            return self.plug(now + 80, "DC")
        return now + ARRIVAL_SECONDS

    def plug(self, at: float, kind: str) -> float:
        """Plug in, unless the battery is nearly at its target; returns when the driver has left."""
        level = self._percent()
        if level is None or self.actual.cable or level >= self.profile.habits.target - 2:
            return at + ARRIVAL_SECONDS - 80
        hour = self.profile.habits.charges_from
        scheduled = hour is not None and kind == "AC"
        wanted = begin_of(self.day) + hour * HOUR if hour is not None and scheduled else at
        self._report_standby_loss(at)
        self.actual.cable = kind
        self.actual.charges_from = max(wanted, at + 20)
        waiting = Charging(connection="CONNECTED", type=kind, power_status="INITIALIZATION")
        self.record.charging.add(at, waiting)
        if scheduled:
            self.record.charging.add(
                at + 20,
                replace(waiting, status="SCHEDULED", power_status="POWER_AVAILABLE_BUT_NOT_ACTIVATED"),
            )
        self._report_doors(at, tankLid="OPEN")
        return at + ARRIVAL_SECONDS - 80

    def rest(self, start: float, until: float) -> None:
        """Park: charge if plugged in, fall asleep if unused."""
        asleep = self.actual.last_used + SLEEP_AFTER_SECONDS
        if start <= asleep < until:
            self.record.unreachable.add(asleep, "POWER_SAVING_MODE")
        if not self.actual.cable:
            loss = self.profile.standby_watts * (until - start) / battery.JOULES_PER_KWH
            self.actual.kwh = max(self.actual.kwh - loss, 0.0)
            return
        begin = max(start, self.actual.charges_from)
        if begin < until:
            self._charge(self.actual.cable, begin, until)

    # The car's actions

    def _percent(self) -> int | None:
        return battery.percent(self.profile, self.actual.kwh)

    def _charge(self, cable: str, begin: float, until: float) -> None:
        steps = battery.charge(self.profile, cable, kwh=self.actual.kwh, begin=begin)
        if not steps:
            return
        finish = steps[-1].at
        reached = begin
        if self.record.charging.last.value.status != "CHARGING":
            self._report_charging(begin, cable, steps[0].watts, finish)
        for step in steps:
            if step.at >= until:
                self.actual.kwh += step.watts * (until - reached) / battery.JOULES_PER_KWH
                return
            reached = step.at
            self.actual.kwh = step.kwh
            self._report_energy(reached)
            self._report_charging(reached, cable, step.watts, finish)
        done = "FAULT" if self.profile.fault_when_done else "NO_POWER_AVAILABLE"
        self.record.charging.add(
            finish, Charging(connection="CONNECTED", status="DONE", type=cable, power_status=done)
        )
        self.actual.trips = replace(self.actual.trips, since_charge=Meter())

    def _report_charging(self, at: float, cable: str, watts: float, finish: float) -> None:
        self.record.charging.add(
            at,
            Charging(
                connection="CONNECTED",
                status="CHARGING",
                type=cable,
                power_status="PROVIDING_POWER",
                watts=round(watts),
                minutes=ceil((finish - at) / 60),
            ),
        )

    def _get_in(self, trip: Trip, departs: float) -> None:
        record, actual = self.record, self.actual
        if actual.cable:
            actual.cable = None
            record.charging.add(departs - 90, Charging())
            self._report_doors(departs - 90, tankLid="CLOSED")
        if record.unreachable.last.value is not None:
            record.unreachable.add(departs - 80, None)
        self._report_standby_loss(departs - 70)
        driver, passenger = self._front_doors()
        record.locked.add(departs - 70, value=False)
        self._report_doors(
            departs - 60, **{driver: "OPEN"}, **({passenger: "OPEN"} if trip.passenger else {})
        )
        self._report_doors(departs - 30, **dict.fromkeys(record.doors.last.value, "CLOSED"))
        if departs - actual.last_used > AUTOMATIC_RESET_SECONDS:
            actual.trips = replace(actual.trips, automatic=Meter())
        if self.day // 30 != actual.month:
            actual.month = self.day // 30
            actual.trips = replace(actual.trips, manual=Meter())
        record.warnings.add(departs, self._warnings())
        record.unreachable.add(departs, "CAR_IN_USE")

    def _get_out(self, trip: Trip, at: float) -> None:
        record, actual = self.record, self.actual
        actual.last_used = at + 50
        record.unreachable.add(at + 1, None)
        record.warnings.add(at + 1, self._warnings())
        if actual.service_km < -150 or actual.service_day - self.day < -3:  # noqa: PLR2004 - the service is late
            actual.service_km, actual.service_hours = SERVICE_INTERVAL_KM, SERVICE_INTERVAL_HOURS
            actual.service_day = self.day + SERVICE_INTERVAL_DAYS
        self._report_service(at + 1)
        driver, passenger = self._front_doors()
        opened = {driver: "OPEN"}
        if trip.passenger:
            opened[passenger] = "OPEN"
        if trip.luggage:
            opened["tailgate"] = "OPEN"
        self._report_doors(at + 15, **opened)
        forgotten = {key: self.incidents[key] for key in DOOR_KEYS if key in self.incidents}
        self._report_doors(at + 35, **{**dict.fromkeys(opened, "CLOSED"), **forgotten})
        if not forgotten:
            record.locked.add(at + 50, value=True)

    def _drive_to(self, to: Place, departs: float, trip: Trip) -> float:
        actual, record = self.actual, self.record
        here, km = actual.place, distance_km(actual.place, to)
        seconds = driving_seconds(km)
        arrives = departs + seconds
        actual.heading = heading(here, to)
        record.engine.add(departs, value=True)
        if trip.window:
            record.windows.add(departs + seconds * 0.2, {self._front_doors()[0][:-4] + "Window": "OPEN"})
            record.windows.add(departs + seconds * 0.8, {})
        now = departs
        while now < arrives:
            step = min(REPORT_SECONDS, arrives - now)
            now = arrives if arrives - now <= REPORT_SECONDS else now + step
            self._consume(km * step / seconds, step, trip.effort)
            self._report_driving(now, stops=arrives)
            if self.profile.live_location:
                actual.place = _position_between(here, to, 1 - (arrives - now) / seconds)
                record.location.add(now, Position(place=actual.place, heading=actual.heading))
        actual.place = to
        record.engine.add(arrives, value=False)
        record.location.add(arrives, Position(place=to, heading=actual.heading))
        return arrives

    def _consume(self, km: float, seconds: float, effort: float) -> None:
        actual, profile = self.actual, self.profile
        kwh = liters = 0.0
        if profile.has_battery and (
            profile.tank_liters is None or actual.kwh > BATTERY_RESERVE * profile.usable_kwh
        ):
            kwh = min(km * profile.kwh_per_100km / 100 * effort, actual.kwh)
        else:
            liters = min(km * profile.liters_per_100km / 100 * effort, actual.fuel)
        actual.odometer += km
        actual.kwh -= kwh
        actual.fuel -= liters
        actual.service_km -= km
        actual.service_hours -= seconds / HOUR
        actual.trips = Trips(
            manual=actual.trips.manual.plus(km=km, seconds=seconds, kwh=kwh, liters=liters),
            automatic=actual.trips.automatic.plus(km=km, seconds=seconds, kwh=kwh, liters=liters),
            since_charge=actual.trips.since_charge.plus(km=km, seconds=seconds, kwh=kwh, liters=liters),
        )

    def _refuel(self, at: float) -> float:
        self._report_doors(at + 40, tankLid="OPEN")
        self.actual.fuel = (self.profile.tank_liters or 0.0) * 0.96
        self._report_doors(at + REFUELLING_SECONDS - 60, tankLid="CLOSED")
        self._report_fuel(at + REFUELLING_SECONDS - 60)
        return at + REFUELLING_SECONDS

    # The car's reports

    def _report_driving(self, at: float, *, stops: float) -> None:
        after = self.profile.reports_after_drive
        self.record.odometer.add(at, int(self.actual.odometer), sent=stops if "odometer" in after else at)
        self.record.trips.add(at, self.actual.trips, sent=stops if "trips" in after else at)
        if self.profile.has_battery:
            self.record.charge.add(at, self._percent())
        if self.profile.tank_liters is not None:
            self.record.fuel.add(at, round(self.actual.fuel, 1))
        self.record.range.add(at, self._range(), sent=stops if "range" in after else at)

    def _report_standby_loss(self, at: float) -> None:
        """Report the charge lost while parked, which the car measures when it wakes up."""
        if self._percent() != self.record.charge.last.value:
            self._report_energy(at)

    def _report_energy(self, at: float) -> None:
        self.record.charge.add(at, self._percent())
        self.record.range.add(at, self._range())

    def _report_fuel(self, at: float) -> None:
        self.record.fuel.add(at, round(self.actual.fuel, 1))
        self.record.range.add(at, self._range())

    def _report_service(self, at: float) -> None:
        actual = self.actual
        self.record.service.add(
            at,
            Service(
                km=round(actual.service_km),
                days=actual.service_day - self.day,
                hours=round(actual.service_hours),
            ),
        )

    def _report_doors(self, at: float, **states: str) -> None:
        doors = {**self.record.doors.last.value, **states}
        self.record.doors.add(at, {key: state for key, state in doors.items() if state != "CLOSED"})

    def _range(self) -> Range:
        return battery.range_left(self.profile, kwh=self.actual.kwh, fuel=self.actual.fuel)

    def _front_doors(self) -> tuple[str, str]:
        doors = ("frontLeftDoor", "frontRightDoor")
        return doors if self.profile.steering == "LEFT" else doors[::-1]

    def _warnings(self) -> dict[str, str]:
        return {key: value for key, value in self.incidents.items() if key not in DOOR_KEYS}


def _position_between(here: Place, there: Place, share: float) -> Place:
    return Place(
        latitude=here.latitude + (there.latitude - here.latitude) * share,
        longitude=here.longitude + (there.longitude - here.longitude) * share,
    )
