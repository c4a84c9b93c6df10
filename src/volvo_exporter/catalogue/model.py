"""The words of the table: what a resource, a field, a quantity and a metric family are.

Types only. What there is stands in the files beside this one; how it is read stands in `vehicles.reader`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, unique
from types import MappingProxyType
from typing import assert_never

Labels = tuple[tuple[str, str], ...]
"""Label names with their values, in the order in which they are written."""

Key = tuple[str, Labels]
"""What a value is about: the name of its family and its labels; two resources can report the same."""

Path = tuple[str | int, ...]
"""Keys and indices that lead from the root of a payload to a value."""

ABSENT = frozenset({"", "UNSPECIFIED", "UNKNOWN"})
"""What an API says when it does not know: read like a missing value, never counted as unmapped."""


@unique
class Service(Enum):
    """Who answers a request."""

    VOLVO = "volvo"
    OPENWEATHERMAP = "openweathermap"


@unique
class Api(Enum):
    """An API of a service.

    `prefix` is the part of the URL between the base URL and the paths of its resources;
    `metered` is true where a request counts against the quota of Volvo's API key.
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
    """For a new vehicle, before everything else: its name and its abilities."""
    VEHICLE = "vehicle"
    """For a vehicle whose first resources have answered."""
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
    """The value itself; its unit is fixed by the API, and the whole payload has one time or none."""


WRAPPER_KEYS: Mapping[Shape, tuple[str, ...]] = MappingProxyType(
    {
        Shape.VALUE: ("value", "unit", "timestamp"),
        # An error has code and message in place of the value.
        Shape.ITEM: ("status", "value", "unit", "updatedAt", "code", "message"),
        Shape.BARE: (),
    }
)
"""The keys around a value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """A unit on the wire turned into the base unit: `value * factor + offset`."""

    factor: float
    offset: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity:
    """A physical dimension: the units an API may use for it, and what is possible in the base unit."""

    base: str
    """The base unit, as it stands in metric names."""
    units: Mapping[str, Conversion]
    """Every spelling seen on the wire, in lower case."""
    low: float
    high: float
    """Values outside `low` to `high` (base units) are taken for nonsense and not exported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A measured value. The unit on the wire decides its conversion."""

    quantity: Quantity
    unit: str
    """The unit that the API documents. A BARE value comes in it; others name their own."""
    other_units: tuple[str, ...] = ()
    """Further documented units, where the unit varies by market or with the value."""
    low: float | None = None
    """A bound tighter or wider than the quantity's, in base units."""
    placeholders: frozenset[float] = frozenset()
    """Values, in the unit on the wire, by which the API says that it does not know."""
    max_zero_age_seconds: float | None = None
    """Where set, a zero is believed only if the car measured it within so many seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """A word with two sides: 1 for the words in `on`, 0 for those in `off`."""

    on: tuple[str, ...]
    off: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class States:
    """A word with more than two sides: one series for each state, the current one 1, the others 0."""

    states: tuple[str, ...]
    """The words on the wire; in lower case they are the values of the label `state`."""
    synonyms: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Words that some cars use instead of one of `states`."""
    unknown_values: tuple[str, ...] = ()
    """Words besides UNSPECIFIED for an unknown value; they are in ABSENT."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Boolean:
    """A JSON boolean."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectList:
    """A list of objects: one series with the value 1 for each known word under `key`."""

    key: str
    label: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberWithUnit:
    """A number in whatever unit the API names; the unit becomes the label `unit`."""


Kind = Number | Flag | States | Boolean | ObjectList | NumberWithUnit


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """A metric family of the contract."""

    name: str
    help: str
    labels: tuple[str, ...] = ()
    """Labels beside the vehicle's attributes."""
    states: tuple[str, ...] = ()
    """The values of the label `state`, where the family is a state set."""
    kind: str = "gauge"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One value of a resource and the series it becomes."""

    key: str
    """The JSON key; also the value of the label `field`."""
    family: Family
    kind: Kind
    meaning: str
    """The value on the wire, in a sentence; `family.help` describes the exported one."""
    example: str | float | bool
    """A likely value on the wire, in the documented unit."""
    labels: Labels = ()
    path: Path | None = None
    """Where the value lies in the payload, if not at `root` + `key` of its resource."""
    aliases: tuple[str, ...] = ()
    """Other spellings of `key`, of other times of the API; read where `key` has no value."""
    fallback: bool = False
    """True where another resource is the better source of the same series."""
    stamped: bool = True
    """False where the timestamp on the wire is not the time of the measurement."""
    series: Key = field(init=False, compare=False, repr=False)
    """What the field is about. Kept here, so that 1,000 vehicles share one object."""

    def __post_init__(self) -> None:
        """Derive the series."""
        object.__setattr__(self, "series", (self.family.name, self.labels))


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """A property of the vehicle that becomes a label."""

    label: str
    path: Path
    meaning: str
    """The value on the wire, in a sentence."""
    example: str | float
    """A likely value on the wire, of the JSON type that the API uses: 2024 is an integer, 81.6 a number."""
    values: tuple[str, ...] = ()
    """The values that are known, where the API has a closed list; empty means free text."""
    placeholders: frozenset[str] = frozenset({"", "null"})
    """What the API says where it has no value."""
    numeric: bool = False
    """True where the label is a number: anything else is not understood."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Resource:
    """One GET of an API: its name, what allows it, what it tells. How often it is requested: `polling.pace`.

    There is one object for each, so they are compared by identity.
    """

    name: str
    """The value of the label `resource`."""
    summary: str
    """Content of the answer, in a phrase without a full stop."""
    api: Api
    path: str
    """Path template below the API's prefix; placeholders are `{vin}` and `{item}`."""
    scopes: tuple[str, ...]
    """OAuth scopes that the request needs, all of them; `openid` is always asked for besides."""
    pace: Pace
    shape: Shape
    fields: tuple[Field, ...] = ()
    attributes: tuple[Attribute, ...] = ()
    root: Path = ("data",)
    """Where the object lies that holds the values."""
    timestamp: Path | None = None
    """Where the time of the whole payload lies, in BARE resources that have one."""
    enabled: bool = True
    """False for what has to be switched on."""
    private: bool = False
    """True where the values say where the car is; they are never logged."""
    discovery: Discovery = Discovery.VEHICLE
    indispensable: bool = False
    """True where polling is impossible without it, so that it cannot be disabled."""
    order: int = 9
    """Which of several due requests is sent first: lower first."""
    prompted_by: frozenset[Event] = frozenset()
    """Events after which the resource is requested at once."""
    follows: str = ""
    """Name of a resource of the same vehicle; requests are placed half an interval after those of that one,
    so that either of them notices a person who comes to the car in half the time."""
    sole_source_pace: Pace | None = None
    """Pace while charging of a vehicle whose state of charge is reported here and nowhere else."""
    required: tuple[str, ...] = ()
    """Fields without which the others mean nothing: if one has no value, nothing is exported."""
    ignored: tuple[tuple[str, ...], ...] = ()
    """Paths of keys that are known and not exported, with all that is below; other keys count as unknown."""

    @property
    def endpoint(self) -> str:
        """The path template with the API's prefix: the label `endpoint`, the same for every vehicle."""
        return self.api.prefix + self.path
