"""Types of the catalogue: resources, fields, quantities and metric families.

The data are in the other modules of this package; `vehicles.reader` reads payloads with them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, unique
from types import MappingProxyType
from typing import assert_never

Labels = tuple[tuple[str, str], ...]
"""Label names with their values, in the order of the exposition."""

Key = tuple[str, Labels]
"""Identity of a series: family name and labels; two resources can report the same series."""

Path = tuple[str | int, ...]
"""Keys and indices that lead from the root of a payload to a value."""

ABSENT = frozenset({"", "UNSPECIFIED", "UNKNOWN"})
"""Values of the APIs for unknown; treated as missing, not counted as unmapped."""


@unique
class Service(Enum):
    """Provider of an API."""

    VOLVO = "volvo"
    OPENWEATHERMAP = "openweathermap"


@unique
class Api(Enum):
    """An API of a service.

    `prefix` is the part of the URL between the base URL and the paths of the resources;
    `metered` is True if requests count against the quota of Volvo's API key.
    """

    CONNECTED_VEHICLE = ("/connected-vehicle/v2", Service.VOLVO)
    ENERGY = ("/energy/v2", Service.VOLVO)
    LOCATION = ("/location/v1", Service.VOLVO)
    EXTENDED_VEHICLE = ("/extended-vehicle/v1", Service.VOLVO)
    WEATHER = ("/data/2.5", Service.OPENWEATHERMAP)

    def __init__(self, prefix: str, service: Service) -> None:
        self.prefix = prefix
        self.service = service
        self.metered = service is Service.VOLVO


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The OpenAPI document of an API, generated into `open-api/`."""

    api: Api
    file: str
    title: str
    introduction: str


@unique
class Activity(Enum):
    """The activity of a vehicle."""

    DRIVING = "driving"
    CHARGING = "charging"
    PLUGGED_IN = "plugged_in"
    PARKED = "parked"
    ASLEEP = "asleep"
    """Saving power or out of reach: the values in the cloud do not change."""
    UNKNOWN = "unknown"


@unique
class Event(Enum):
    """A change that affects more resources than the one that reported it."""

    DRIVE_STARTED = "drive started"
    DRIVE_ENDED = "drive ended"
    CHARGE_ENDED = "charge ended"
    CABLE_CHANGED = "cable connected or disconnected"
    DOOR_CHANGED = "door, lid or lock moved"
    WOKE_UP = "woke up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Interval between two requests by activity, in multiples of `scrape_interval`."""

    driving: float
    charging: float
    plugged_in: float
    parked: float
    asleep: float
    watched: float
    """Upper bound for a few minutes after an event."""

    def of(self, activity: Activity) -> float:
        """Return the multiple for an activity; an unknown activity counts as parked."""
        match activity:
            case Activity.DRIVING:
                return self.driving
            case Activity.CHARGING:
                return self.charging
            case Activity.PLUGGED_IN:
                return self.plugged_in
            case Activity.PARKED | Activity.UNKNOWN:
                return self.parked
            case Activity.ASLEEP:
                return self.asleep
            case _:
                assert_never(activity)


@unique
class Discovery(Enum):
    """When the polling of a resource begins."""

    ACCOUNT = "account"
    """At start, once per account: the list of vehicles."""
    FIRST = "first"
    """For a new vehicle, before everything else: its details and capabilities."""
    VEHICLE = "vehicle"
    """For a vehicle after its first resources have answered."""
    ITEM = "item"
    """For each item that another resource lists."""
    POSITION = "position"
    """Once the position of the vehicle is known."""


@unique
class Shape(Enum):
    """How a resource wraps each of its values."""

    VALUE = "value"
    """`{"value": …, "unit": …, "timestamp": …}`, as Connected Vehicle and Extended Vehicle do."""
    ITEM = "item"
    """`{"status": "OK", "value": …, "unit": …, "updatedAt": …}` or an error, as Energy v2 does."""
    BARE = "bare"
    """The value itself; the API defines its unit, and the whole payload has one time or none."""


WRAPPER_KEYS: Mapping[Shape, tuple[str, ...]] = MappingProxyType(
    {
        Shape.VALUE: ("value", "unit", "timestamp"),
        # An error has code and message instead of value.
        Shape.ITEM: ("status", "value", "unit", "updatedAt", "code", "message"),
        Shape.BARE: (),
    }
)
"""Keys of the object that contains a value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """Conversion of a unit to the base unit: `value * factor + offset`."""

    factor: float
    offset: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """A physical quantity: the units that an API may use, and the bounds in the base unit."""

    base: str
    """The base unit, as in metric names."""
    units: Mapping[str, Conversion]
    """Conversions by every spelling seen in the APIs, in lower case."""
    low: float
    high: float
    """Values outside `low` to `high` (base units) are invalid and not exported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A measured value; the unit in the response decides the conversion."""

    quantity: Quantity
    unit: str
    """Documented unit; the unit of BARE values, as other values have their own."""
    other_units: tuple[str, ...] = ()
    """Other documented units, if the unit depends on the market or the value."""
    low: float | None = None
    """Lower bound in base units, instead of that of the quantity."""
    placeholders: frozenset[float] = frozenset()
    """Values for unknown, in the unit of the response."""
    max_zero_age_seconds: float | None = None
    """Maximum age of a valid zero; None if a zero is always valid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """A string with two states: 1 for the values in `on`, 0 for those in `off`."""

    on: tuple[str, ...]
    off: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class States:
    """A string with more than two states: one series per state, 1 for the current one, 0 for the others."""

    states: tuple[str, ...]
    """Values in the response; in lower case they are the values of the label `state`."""
    synonyms: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Values that some cars send instead of one of `states`."""
    unknown_values: tuple[str, ...] = ()
    """Values for unknown besides UNSPECIFIED; they are in ABSENT."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Boolean:
    """A JSON boolean."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectList:
    """A list of objects: one series with the value 1 for each known value of `key`."""

    key: str
    label: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberWithUnit:
    """A number in any unit; the unit becomes the label `unit`."""


Kind = Number | Flag | States | Boolean | ObjectList | NumberWithUnit


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """A metric family of the contract."""

    name: str
    help: str
    labels: tuple[str, ...] = ()
    """Labels in addition to the attributes of the vehicle."""
    states: tuple[str, ...] = ()
    """Values of the label `state`, if the family is a state set."""
    kind: str = "gauge"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One value of a resource and the series it becomes."""

    key: str
    """The JSON key; also the value of the label `field`."""
    family: Family
    kind: Kind
    meaning: str
    """Description of the value in the response; `family.help` describes the exported one."""
    example: str | float | bool
    """Example of a value in the response, in the documented unit."""
    labels: Labels = ()
    path: Path | None = None
    """Path of the value in the payload, if it is not `root` of the resource + `key`."""
    aliases: tuple[str, ...] = ()
    """Other names of `key`, from other versions of the API; read if `key` has no value."""
    fallback: bool = False
    """True if another resource is the preferred source of the series."""
    stamped: bool = True
    """False if the timestamp in the response is not the time of the measurement."""
    series: Key = field(init=False, compare=False, repr=False)
    """Identity of the series; stored here so that 1,000 vehicles share one object."""

    def __post_init__(self) -> None:
        """Derive the series."""
        object.__setattr__(self, "series", (self.family.name, self.labels))


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """A property of the vehicle that can be a label."""

    label: str
    path: Path
    meaning: str
    """Description of the value in the response."""
    example: str | float
    """Example of a value, of the JSON type in the response: 2024 is an integer, 81.6 a number."""
    values: tuple[str, ...] = ()
    """Known values, if the API has a closed list; empty for free text."""
    placeholders: frozenset[str] = frozenset({"", "null"})
    """Values for unknown."""
    numeric: bool = False
    """True if the value must be a number."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Resource:
    """A GET request of an API with its scopes, pace and fields; `polling.pace` computes the interval.

    There is one object per resource, so they are compared by identity.
    """

    name: str
    """The value of the label `resource`."""
    summary: str
    """Content of the response, without a full stop."""
    api: Api
    path: str
    """Path template below the API's prefix; placeholders are `{vin}` and `{item}`."""
    scopes: tuple[str, ...]
    """Required OAuth scopes; `openid` is always requested in addition."""
    pace: Pace
    shape: Shape
    fields: tuple[Field, ...] = ()
    attributes: tuple[Attribute, ...] = ()
    root: Path = ("data",)
    """Path of the object that contains the values."""
    timestamp: Path | None = None
    """Path of the timestamp of the whole payload; None if it has none."""
    enabled: bool = True
    """False if the resource is disabled by default."""
    private: bool = False
    """True if the values contain the position; they are never logged."""
    discovery: Discovery = Discovery.VEHICLE
    indispensable: bool = False
    """True if polling is impossible without the resource, so that it cannot be disabled."""
    order: int = 9
    """Order of due requests; lower is sent first."""
    prompted_by: frozenset[Event] = frozenset()
    """Events after which the resource is requested at once."""
    follows: str = ""
    """Name of a resource of the same vehicle; requests are placed half an interval after those of that one,
    so that a person at the car is noticed in half the time."""
    sole_source_pace: Pace | None = None
    """Pace while charging, if only this resource reports the state of charge."""
    required: tuple[str, ...] = ()
    """Required fields: if one has no value, no field is exported."""
    ignored: tuple[tuple[str, ...], ...] = ()
    """Paths of known keys that are not exported, with everything below; other keys count as unknown."""

    @property
    def endpoint(self) -> str:
        """Return the path template with the prefix of the API, the value of the label `endpoint`."""
        return self.api.prefix + self.path
