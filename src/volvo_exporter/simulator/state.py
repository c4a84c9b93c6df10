"""The cloud's knowledge of a car: the latest upload of each value, and when the value came about."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Generic, TypeVar

from volvo_exporter.simulator.profiles import Place

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Report(Generic[T]):
    """A value, when it came about and when the cloud received it; both are life times."""

    happened: float
    uploaded: float
    """The time of the upload, which is the timestamp on the wire."""
    value: T


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A value of a car that became another one. Times are life times."""

    happened: float
    uploaded: float
    """From then on the cloud knows the value, unless it knows a later one."""
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """A trip meter."""

    km: float = 0.0
    seconds: float = 0.0
    kwh: float = 0.0
    liters: float = 0.0

    def plus(self, *, km: float, seconds: float, kwh: float, liters: float) -> "Meter":
        """The meter after some more driving."""
        return Meter(
            km=self.km + km,
            seconds=self.seconds + seconds,
            kwh=self.kwh + kwh,
            liters=self.liters + liters,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Trips:
    """The three trip meters: reset by hand, reset by the car, reset by charging."""

    manual: Meter = Meter()
    automatic: Meter = Meter()
    since_charge: Meter = Meter()


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Distance to empty in km; None where the car has no such source."""

    battery: int | None
    tank: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Charging:
    """The charging system, in Energy's words."""

    connection: str = "DISCONNECTED"
    status: str = "IDLE"
    type: str = "NONE"
    power_status: str = "NO_POWER_AVAILABLE"
    watts: int | None = None
    """None unless charging."""
    minutes: int = 0
    """Until the target is reached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """Where the car is and, in whole degrees, where it is headed."""

    place: Place
    heading: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """What remains until the next service."""

    km: int
    days: int
    hours: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CarState:
    """Everything the cloud knows of a car at one moment."""

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
    """Words that are not NO_WARNING, by key: lamps, tyres, fluids."""
    service: Report[Service]
    unreachable: Report[str | None]
    """Why the car cannot be reached; None where it can."""


class Timeline(Generic[T]):
    """The values of one thing in order of time.

    Args:
        first: The value that the cloud knew before.
        upload: Returns when the cloud receives what is sent at a life time; never decreases.
    """

    def __init__(self, first: Report[T], upload: Callable[[float], float]) -> None:
        self._upload = upload
        self._times = [first.uploaded]
        self._reports = [first]

    @property
    def last(self) -> Report[T]:
        """The last value, whether the cloud has received it yet or not."""
        return self._reports[-1]

    def add(self, happened: float, value: T, *, sent: float | None = None) -> None:
        """Add a value that comes about at a life time not before the last one.

        It is sent at once, or at a later life time.
        """
        at = self._upload(happened if sent is None else sent)
        self._times.append(at)
        self._reports.append(Report(happened=happened, uploaded=at, value=value))

    def at(self, time: float) -> Report[T]:
        """Return the value that the cloud knew at a life time."""
        return self._reports[max(bisect_right(self._times, time) - 1, 0)]

    def changes(self) -> Iterator[float]:
        """Return the life times at which the cloud received another value than it had before."""
        before = self._reports[0].value
        for number, report in enumerate(self._reports):
            if report.uploaded in self._times[number + 1 : number + 2]:
                continue  # a later value came with the same upload
            if report.value != before:
                yield report.uploaded
            before = report.value

    def events(self) -> Iterator[tuple[float, float]]:
        """Return when the value became another one, and when that was uploaded."""
        for before, report in pairwise(self._reports):
            if report.value != before.value:
                yield report.happened, report.uploaded


class Record:
    """The values of a car over a day, beginning with what the cloud knew before."""

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
        """What the cloud knew at a life time of this day."""
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
        """Return when which value changed in the cloud, in order of time."""
        return sorted((at, what) for what, line in self._timelines().items() for at in line.changes())

    def events(self) -> list[Event]:
        """Return when which value changed in the car, in order of time."""
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
