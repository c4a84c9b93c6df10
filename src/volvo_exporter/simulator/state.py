"""What the cloud knows of a car: the latest value of everything the car told, and when it told it."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from volvo_exporter.simulator.profiles import Place

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told(Generic[T]):
    """A value and the life time at which the car told it."""

    at: float
    value: T


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

    doors: Told[Mapping[str, str]]
    """Doors, hood, tailgate and tank lid that are not CLOSED, by key."""
    locked: Told[bool]
    windows: Told[Mapping[str, str]]
    """Windows that are not CLOSED, by key."""
    engine: Told[bool]
    odometer: Told[int]
    """Kilometres."""
    trips: Told[Trips]
    charge: Told[int | None]
    """Percent; None without a traction battery."""
    range: Told[Range]
    fuel: Told[float | None]
    """Litres; None without a tank."""
    charging: Told[Charging]
    location: Told[Position]
    warnings: Told[Mapping[str, str]]
    """Words that are not NO_WARNING, by key: lamps, tyres, fluids."""
    service: Told[Service]
    unreachable: Told[str | None]
    """Why the car cannot be reached; None where it can."""


class Timeline(Generic[T]):
    """What was told of one thing, in order of time."""

    def __init__(self, first: Told[T]) -> None:
        self._times = [first.at]
        self._told = [first]

    @property
    def last(self) -> Told[T]:
        """What was told last."""
        return self._told[-1]

    def tell(self, at: float, value: T) -> None:
        """Add what the car says at a life time not before the last one."""
        self._times.append(at)
        self._told.append(Told(at=at, value=value))

    def at(self, time: float) -> Told[T]:
        """What was known at a life time."""
        return self._told[max(bisect_right(self._times, time) - 1, 0)]

    def changes(self) -> Iterator[float]:
        """The life times at which another value was told than before."""
        for before, told in zip(self._told, self._told[1:], strict=False):
            if told.value != before.value:
                yield told.at


class Record:
    """What a car tells over a day, beginning with what was known before."""

    def __init__(self, known: CarState) -> None:
        self.doors = Timeline(known.doors)
        self.locked = Timeline(known.locked)
        self.windows = Timeline(known.windows)
        self.engine = Timeline(known.engine)
        self.odometer = Timeline(known.odometer)
        self.trips = Timeline(known.trips)
        self.charge = Timeline(known.charge)
        self.range = Timeline(known.range)
        self.fuel = Timeline(known.fuel)
        self.charging = Timeline(known.charging)
        self.location = Timeline(known.location)
        self.warnings = Timeline(known.warnings)
        self.service = Timeline(known.service)
        self.unreachable = Timeline(known.unreachable)

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
        """When which value changed in the cloud, in order of time."""
        watched: tuple[tuple[str, Iterator[float]], ...] = (
            ("charge", self.charge.changes()),
            ("range", self.range.changes()),
            ("odometer", self.odometer.changes()),
            ("doors", self.doors.changes()),
            ("locks", self.locked.changes()),
            ("engine", self.engine.changes()),
            ("location", self.location.changes()),
            ("fuel", self.fuel.changes()),
            ("warnings", self.warnings.changes()),
        )
        return sorted((at, what) for what, times in watched for at in times)
