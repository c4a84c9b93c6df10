"""One day in the life of a car: carries out the plan and writes down what the car tells, and when.

A car reports what it measures every `CADENCE` seconds while driving, at every percent while charging, and
when a person opens, locks or starts it; some values only at the end of a drive (`reports_after_drive`). The
cloud receives each report somewhat later (`upload`). Between those moments it knows nothing new.
"""

from dataclasses import dataclass, replace
from math import ceil

from volvo_exporter.catalogue.parts import DOORS
from volvo_exporter.simulator import battery
from volvo_exporter.simulator.plan import (
    DAY,
    HOUR,
    Trip,
    begin_of,
    distance_km,
    duration,
    heading,
    misfortunes,
    plan_day,
)
from volvo_exporter.simulator.profiles import Place, Profile
from volvo_exporter.simulator.state import CarState, Charging, Meter, Position, Range, Record, Service, Trips
from volvo_exporter.simulator.upload import uploaded

DOOR_KEYS = frozenset(key for key, _ in DOORS)
CADENCE = 30.0
GETTING_IN = 100.0
"""Seconds from unlocking (or unplugging) to driving off."""
GETTING_OUT = 120.0
"""Seconds from stopping to locked and plugged in."""
REFUELLING = 360.0
SLEEPS_AFTER = 3 * DAY
NEW_TRIP_AFTER = 4 * HOUR
"""The automatic trip meter begins anew after so long a rest."""
LOW_TANK = 0.15
RESERVE = 0.12
"""Share of the battery that a hybrid keeps, and with which an electric car wants to arrive."""
SERVICE_KM, SERVICE_DAYS, SERVICE_HOURS = 30_000.0, 365, 1_000.0


@dataclass(slots=True, kw_only=True)
class Body:
    """What is really so, whether the cloud has heard of it or not."""

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
    """Thirty days, counted from 1970, in which the manual trip meter was reset last."""
    trips: Trips
    service_km: float
    service_day: int
    service_hours: float


def live(
    profile: Profile, *, seed: int, day: int, since_start: int, body: Body, known: CarState
) -> tuple[Body, Record]:
    """Live one local day; returns the car at its end and what it told."""
    now, end = begin_of(day), begin_of(day + 1)

    def upload(moment: float) -> float:
        # The next day begins with what the cloud knows at midnight: what happens shortly before is uploaded
        # by then, at the cost of a shorter lag.
        return min(uploaded(profile.vin, profile.upload_lag, moment), end)

    today = _Day(profile, replace(body), Record(known, upload), day, since_start)
    for trip in plan_day(profile, seed=seed, day=day, since_start=since_start):
        departs = max(trip.departs, now + GETTING_IN)
        if departs + today.time_for(trip) > end:
            continue
        today.rest(now, departs - GETTING_IN)
        now = today.drive(trip, departs) if today.can_make(trip) else today.plug(departs, "DC")
    today.rest(now, end)
    return today.body, today.record


class _Day:
    def __init__(self, profile: Profile, body: Body, record: Record, day: int, since_start: int) -> None:
        self.profile = profile
        self.body = body
        self.record = record
        self.day = day
        self.wrong = misfortunes(profile, since_start)

    # What people do

    def time_for(self, trip: Trip) -> float:
        """Seconds that a trip takes at most, with getting out and, if the tank is low, with refuelling."""
        direct = duration(distance_km(self.body.place, trip.to))
        return 2 * direct + REFUELLING + HOUR / 2

    def can_make(self, trip: Trip) -> bool:
        """Whether the battery lasts; who has a tank gets everywhere."""
        if self.profile.tank_liters is not None:
            return True
        need = distance_km(self.body.place, trip.to) * self.profile.kwh_per_100km / 100 * trip.effort
        return self.body.kwh - need > RESERVE * self.profile.usable_kwh / 2

    def drive(self, trip: Trip, departs: float) -> float:
        """Get in, drive, get out; returns when the car stands still and closed."""
        self._get_in(trip, departs)
        now = departs
        if self.profile.tank_liters and self.body.fuel < LOW_TANK * self.profile.tank_liters:
            now = self._refuel(self._drive_to(self.profile.places.station, now, trip))
        now = self._drive_to(trip.to, now, trip)
        self._get_out(trip, now)
        if trip.to == self.profile.places.home and self.profile.habits.plugs_in:
            return self.plug(now + 80, "AC")
        if self.profile.dc_watts and (self._percent() or 0) < 40:  # noqa: PLR2004 - when people get nervous
            return self.plug(now + 80, "DC")
        return now + GETTING_OUT

    def plug(self, at: float, kind: str) -> float:
        """Plug in, if there is something to charge; returns when that is done."""
        level = self._percent()
        if level is None or self.body.cable or level >= self.profile.habits.target - 2:
            return at + GETTING_OUT - 80
        hour = self.profile.habits.charges_from
        scheduled = hour is not None and kind == "AC"
        wanted = begin_of(self.day) + hour * HOUR if hour is not None and scheduled else at
        self._tell_standby_loss(at)
        self.body.cable = kind
        self.body.charges_from = max(wanted, at + 20)
        waiting = Charging(connection="CONNECTED", type=kind, power_status="INITIALIZATION")
        self.record.charging.tell(at, waiting)
        if scheduled:
            self.record.charging.tell(
                at + 20,
                replace(waiting, status="SCHEDULED", power_status="POWER_AVAILABLE_BUT_NOT_ACTIVATED"),
            )
        self._doors(at, tankLid="OPEN")
        return at + GETTING_OUT - 80

    def rest(self, start: float, until: float) -> None:
        """Stand still: charge if plugged in, fall asleep if nobody comes."""
        asleep = self.body.last_used + SLEEPS_AFTER
        if start <= asleep < until:
            self.record.unreachable.tell(asleep, "POWER_SAVING_MODE")
        if not self.body.cable:
            loss = self.profile.standby_watts * (until - start) / battery.JOULES_PER_KWH
            self.body.kwh = max(self.body.kwh - loss, 0.0)
            return
        begin = max(start, self.body.charges_from)
        if begin < until:
            self._charge(self.body.cable, begin, until)

    # How the car carries it out

    def _percent(self) -> int | None:
        return battery.percent(self.profile, self.body.kwh)

    def _charge(self, cable: str, begin: float, until: float) -> None:
        steps = battery.charge(self.profile, cable, kwh=self.body.kwh, begin=begin)
        if not steps:
            return
        finish = steps[-1].at
        reached = begin
        if self.record.charging.last.value.status != "CHARGING":
            self._tell_charging(begin, cable, steps[0].watts, finish)
        for step in steps:
            if step.at >= until:
                self.body.kwh += step.watts * (until - reached) / battery.JOULES_PER_KWH
                return
            reached = step.at
            self.body.kwh = step.kwh
            self._tell_energy(reached)
            self._tell_charging(reached, cable, step.watts, finish)
        done = "FAULT" if self.profile.fault_when_done else "NO_POWER_AVAILABLE"
        self.record.charging.tell(
            finish, Charging(connection="CONNECTED", status="DONE", type=cable, power_status=done)
        )
        self.body.trips = replace(self.body.trips, since_charge=Meter())

    def _tell_charging(self, at: float, cable: str, watts: float, finish: float) -> None:
        self.record.charging.tell(
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
        record, body = self.record, self.body
        if body.cable:
            body.cable = None
            record.charging.tell(departs - 90, Charging())
            self._doors(departs - 90, tankLid="CLOSED")
        if record.unreachable.last.value is not None:
            record.unreachable.tell(departs - 80, None)
        self._tell_standby_loss(departs - 70)
        driver, passenger = self._front_doors()
        record.locked.tell(departs - 70, value=False)
        self._doors(departs - 60, **{driver: "OPEN"}, **({passenger: "OPEN"} if trip.passenger else {}))
        self._doors(departs - 30, **dict.fromkeys(record.doors.last.value, "CLOSED"))
        if departs - body.last_used > NEW_TRIP_AFTER:
            body.trips = replace(body.trips, automatic=Meter())
        if self.day // 30 != body.month:
            body.month = self.day // 30
            body.trips = replace(body.trips, manual=Meter())
        record.warnings.tell(departs, self._warnings())
        record.unreachable.tell(departs, "CAR_IN_USE")

    def _get_out(self, trip: Trip, at: float) -> None:
        record, body = self.record, self.body
        body.last_used = at + 50
        record.unreachable.tell(at + 1, None)
        record.warnings.tell(at + 1, self._warnings())
        if body.service_km < -150 or body.service_day - self.day < -3:  # noqa: PLR2004 - somebody gives in
            body.service_km, body.service_hours = SERVICE_KM, SERVICE_HOURS
            body.service_day = self.day + SERVICE_DAYS
        self._tell_service(at + 1)
        driver, passenger = self._front_doors()
        opened = {driver: "OPEN"}
        if trip.passenger:
            opened[passenger] = "OPEN"
        if trip.luggage:
            opened["tailgate"] = "OPEN"
        self._doors(at + 15, **opened)
        forgotten = {key: self.wrong[key] for key in DOOR_KEYS if key in self.wrong}
        self._doors(at + 35, **{**dict.fromkeys(opened, "CLOSED"), **forgotten})
        if not forgotten:
            record.locked.tell(at + 50, value=True)

    def _drive_to(self, to: Place, departs: float, trip: Trip) -> float:
        body, record = self.body, self.record
        here, km = body.place, distance_km(body.place, to)
        seconds = duration(km)
        arrives = departs + seconds
        body.heading = heading(here, to)
        record.engine.tell(departs, value=True)
        if trip.window:
            record.windows.tell(departs + seconds * 0.2, {self._front_doors()[0][:-4] + "Window": "OPEN"})
            record.windows.tell(departs + seconds * 0.8, {})
        now = departs
        while now < arrives:
            step = min(CADENCE, arrives - now)
            now = arrives if arrives - now <= CADENCE else now + step
            self._roll(km * step / seconds, step, trip.effort)
            self._tell_driving(now, stops=arrives)
            if self.profile.live_location:
                body.place = _between(here, to, 1 - (arrives - now) / seconds)
                record.location.tell(now, Position(place=body.place, heading=body.heading))
        body.place = to
        record.engine.tell(arrives, value=False)
        record.location.tell(arrives, Position(place=to, heading=body.heading))
        return arrives

    def _roll(self, km: float, seconds: float, effort: float) -> None:
        body, profile = self.body, self.profile
        kwh = liters = 0.0
        if profile.has_battery and (profile.tank_liters is None or body.kwh > RESERVE * profile.usable_kwh):
            kwh = min(km * profile.kwh_per_100km / 100 * effort, body.kwh)
        else:
            liters = min(km * profile.liters_per_100km / 100 * effort, body.fuel)
        body.odometer += km
        body.kwh -= kwh
        body.fuel -= liters
        body.service_km -= km
        body.service_hours -= seconds / HOUR
        body.trips = Trips(
            manual=body.trips.manual.plus(km=km, seconds=seconds, kwh=kwh, liters=liters),
            automatic=body.trips.automatic.plus(km=km, seconds=seconds, kwh=kwh, liters=liters),
            since_charge=body.trips.since_charge.plus(km=km, seconds=seconds, kwh=kwh, liters=liters),
        )

    def _refuel(self, at: float) -> float:
        self._doors(at + 40, tankLid="OPEN")
        self.body.fuel = (self.profile.tank_liters or 0.0) * 0.96
        self._doors(at + REFUELLING - 60, tankLid="CLOSED")
        self._tell_fuel(at + REFUELLING - 60)
        return at + REFUELLING

    # What it says about it

    def _tell_driving(self, at: float, *, stops: float) -> None:
        after = self.profile.reports_after_drive
        self.record.odometer.tell(at, int(self.body.odometer), sent=stops if "odometer" in after else at)
        self.record.trips.tell(at, self.body.trips, sent=stops if "trips" in after else at)
        if self.profile.has_battery:
            self.record.charge.tell(at, self._percent())
        if self.profile.tank_liters is not None:
            self.record.fuel.tell(at, round(self.body.fuel, 1))
        self.record.range.tell(at, self._range(), sent=stops if "range" in after else at)

    def _tell_standby_loss(self, at: float) -> None:
        """Report the charge that was lost while the car stood, which it measures when it wakes up."""
        if self._percent() != self.record.charge.last.value:
            self._tell_energy(at)

    def _tell_energy(self, at: float) -> None:
        self.record.charge.tell(at, self._percent())
        self.record.range.tell(at, self._range())

    def _tell_fuel(self, at: float) -> None:
        self.record.fuel.tell(at, round(self.body.fuel, 1))
        self.record.range.tell(at, self._range())

    def _tell_service(self, at: float) -> None:
        body = self.body
        self.record.service.tell(
            at,
            Service(
                km=round(body.service_km), days=body.service_day - self.day, hours=round(body.service_hours)
            ),
        )

    def _doors(self, at: float, **words: str) -> None:
        doors = {**self.record.doors.last.value, **words}
        self.record.doors.tell(at, {key: word for key, word in doors.items() if word != "CLOSED"})

    def _range(self) -> Range:
        return battery.range_left(self.profile, kwh=self.body.kwh, fuel=self.body.fuel)

    def _front_doors(self) -> tuple[str, str]:
        doors = ("frontLeftDoor", "frontRightDoor")
        return doors if self.profile.steering == "LEFT" else doors[::-1]

    def _warnings(self) -> dict[str, str]:
        return {key: word for key, word in self.wrong.items() if key not in DOOR_KEYS}


def _between(here: Place, there: Place, share: float) -> Place:
    return Place(
        latitude=here.latitude + (there.latitude - here.latitude) * share,
        longitude=here.longitude + (there.longitude - here.longitude) * share,
    )
