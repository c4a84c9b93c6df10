"""The cloud's data of a car: the latest report of each value, with the times of event and upload."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Generic, TypeVar

from volvo_exporter.simulator.profiles import Place

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Report(Generic[T]):
    """A value of a car, with simulated times of the event and of the upload."""

    happened: float
    uploaded: float
    """The time of the upload, which is the timestamp in the API."""
    value: T


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A change of a value. Times are simulated times."""

    happened: float
    uploaded: float
    """Time at which the cloud receives the value."""
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """A trip meter."""

    km: float = 0.0
    seconds: float = 0.0
    kwh: float = 0.0
    liters: float = 0.0

    def plus(self, *, km: float, seconds: float, kwh: float, liters: float) -> "Meter":
        """Return the meter after more driving."""
        return Meter(
            km=self.km + km,
            seconds=self.seconds + seconds,
            kwh=self.kwh + kwh,
            liters=self.liters + liters,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Trips:
    """The three trip meters: reset by the driver, by the car, and by charging."""

    manual: Meter = Meter()
    automatic: Meter = Meter()
    since_charge: Meter = Meter()


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Distance to empty in km; None if the car has no such energy source."""

    battery: int | None
    tank: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Charging:
    """The charging system, with the values of Energy."""

    connection: str = "DISCONNECTED"
    status: str = "IDLE"
    type: str = "NONE"
    power_status: str = "NO_POWER_AVAILABLE"
    watts: int | None = None
    """None unless charging."""
    minutes: int = 0
    """Minutes until the target is reached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Place and heading of a car, in whole degrees."""

    place: Place
    heading: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Remaining distance, time and engine hours until the next service."""

    km: int
    days: int
    hours: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CarState:
    """The cloud's data of a car at one moment."""

    doors: Report[Mapping[str, str]]
    """Doors, hood, tailgate and tank lid that are not CLOSED, by key."""
    locked: Report[bool]
    windows: Report[Mapping[str, str]]
    """Windows that are not CLOSED, by key."""
    engine: Report[bool]
    odometer: Report[int]
    """Kilometres."""
    trips: Report[Trips]
    charge: Report[int | None]
    """Percent; None without a traction battery."""
    range: Report[Range]
    fuel: Report[float | None]
    """Litres; None without a tank."""
    charging: Report[Charging]
    location: Report[Position]
    warnings: Report[Mapping[str, str]]
    """Values that are not NO_WARNING, by key: lamps, tyres, fluids."""
    service: Report[Service]
    unreachable: Report[str | None]
    """Reason why the car is unreachable; None if it is reachable."""


class Timeline(Generic[T]):
    """Reports of one value in order of time.

    Args:
        first: The report that the cloud already has.
        upload: Returns when the cloud receives what is sent at a simulated time; never decreases.
    """

    def __init__(self, first: Report[T], upload: Callable[[float], float]) -> None:
        self._upload = upload
        self._times = [first.uploaded]
        self._reports = [first]

    @property
    def last(self) -> Report[T]:
        """Return the latest report, received by the cloud or not."""
        return self._reports[-1]

    def add(self, happened: float, value: T, *, sent: float | None = None) -> None:
        """Add a value of a simulated time not before the last one.

        It is sent at that time, or at `sent` if given.
        """
        at = self._upload(happened if sent is None else sent)
        self._times.append(at)
        self._reports.append(Report(happened=happened, uploaded=at, value=value))

    def at(self, time: float) -> Report[T]:
        """Return the report that the cloud had at a simulated time."""
        return self._reports[max(bisect_right(self._times, time) - 1, 0)]

    def changes(self) -> Iterator[float]:
        """Yield the simulated times at which the cloud received a new value."""
        before = self._reports[0].value
        for number, report in enumerate(self._reports):
            if report.uploaded in self._times[number + 1 : number + 2]:
                continue  # a later report has the same upload time
            if report.value != before:
                yield report.uploaded
            before = report.value

    def events(self) -> Iterator[tuple[float, float]]:
        """Yield the times of change and upload of each new value."""
        for before, report in pairwise(self._reports):
            if report.value != before.value:
                yield report.happened, report.uploaded


class Record:
    """The reports of a car over a day, starting with the data that the cloud already has."""

    def __init__(self, known: CarState, upload: Callable[[float], float]) -> None:
        self.doors = Timeline(known.doors, upload)
        self.locked = Timeline(known.locked, upload)
        self.windows = Timeline(known.windows, upload)
        self.engine = Timeline(known.engine, upload)
        self.odometer = Timeline(known.odometer, upload)
        self.trips = Timeline(known.trips, upload)
        self.charge = Timeline(known.charge, upload)
        self.range = Timeline(known.range, upload)
        self.fuel = Timeline(known.fuel, upload)
        self.charging = Timeline(known.charging, upload)
        self.location = Timeline(known.location, upload)
        self.warnings = Timeline(known.warnings, upload)
        self.service = Timeline(known.service, upload)
        self.unreachable = Timeline(known.unreachable, upload)

    def at(self, time: float) -> CarState:
        """Return the cloud's data at a simulated time of this day."""
        return CarState(
            doors=self.doors.at(time),
            locked=self.locked.at(time),
            windows=self.windows.at(time),
            engine=self.engine.at(time),
            odometer=self.odometer.at(time),
            trips=self.trips.at(time),
            charge=self.charge.at(time),
            range=self.range.at(time),
            fuel=self.fuel.at(time),
            charging=self.charging.at(time),
            location=self.location.at(time),
            warnings=self.warnings.at(time),
            service=self.service.at(time),
            unreachable=self.unreachable.at(time),
        )

    def changes(self) -> list[tuple[float, str]]:
        """Return time and name of each change in the cloud, in order of time."""
        return sorted((at, what) for what, line in self._timelines().items() for at in line.changes())

    def events(self) -> list[Event]:
        """Return the changes in the car, in order of time."""
        return sorted(
            (
                Event(happened=happened, uploaded=uploaded, what=what)
                for what, line in self._timelines().items()
                for happened, uploaded in line.events()
            ),
            key=lambda event: (event.happened, event.what),
        )

    def _timelines(self) -> Mapping[str, Timeline[Any]]:
        return {
            "charge": self.charge,
            "range": self.range,
            "odometer": self.odometer,
            "doors": self.doors,
            "locks": self.locked,
            "engine": self.engine,
            "location": self.location,
            "fuel": self.fuel,
            "warnings": self.warnings,
        }
