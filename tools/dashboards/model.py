"""What a dashboard is made of, and the pieces of PromQL that its tables share."""

from dataclasses import dataclass
from enum import Enum, unique

from tools.dashboards.words import Words
from volvo_exporter.catalogue import OTHER_SERVICES
from volvo_exporter.catalogue.families import FIELD_TIMESTAMP, VEHICLE_INFO
from volvo_exporter.catalogue.model import Family

ABSENT = "Not on this car, or not known now"
"""What a panel says that has nothing to show: the exporter leaves out what nobody measured."""

KM, PERCENT, KWH, LITRES = "suffix:km", "percentunit", "suffix:kWh", "litre"
CONSUMPTION, FUEL_CONSUMPTION = "suffix:kWh/100 km", "suffix:l/100 km"
WATT, AMPERE, SECONDS, AGO, LOCAL_TIME = "watt", "amp", "s", "dateTimeFromNow", "dateTimeAsLocal"
SPEED, CELSIUS, PRESSURE, DEGREES, COUNT = "velocitykmh", "celsius", "pressurehpa", "degree", "short"
RATE = "reqps"


@unique
class Kind(Enum):
    """How a panel shows its values."""

    STAT = "the value now"
    GAUGE = "the value now on a dial"
    BARS = "the values now, side by side"
    GRAPH = "lines over time"
    COLUMNS = "bars over time"
    TIMELINE = "states over time"
    TABLE = "the values now, one car or thing a line"
    POINTS = "the last known positions"
    ROUTE = "the positions over time"


Limits = tuple[tuple[float | None, str], ...]
"""From which value on which colour; None is the lowest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One PromQL query of a panel."""

    expr: str
    legend: str = ""
    """What the series are called; in a table the title of the column, empty for a column left out."""
    unit: str = ""
    """Grafana's unit, where it differs from the panel's."""
    words: Words = ()
    limits: Limits = ()
    """The colours, where they differ from the panel's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One panel; positions follow from the order and the sizes."""

    title: str
    text: str
    queries: tuple[Query, ...]
    kind: Kind = Kind.STAT
    unit: str = ""
    words: Words = ()
    limits: Limits = ((None, "blue"),)
    high: float | None = None
    """The end of a dial or an axis."""
    decimals: int | None = None
    every: str = ""
    """The shortest step of a query over time."""
    absent: str = ABSENT
    width: int = 6
    height: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Panels under a heading; `repeat` names the variable for each value of which the row stands once."""

    title: str
    panels: tuple[Panel, ...]
    repeat: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """A choice at the head of a dashboard, filled from Prometheus."""

    name: str
    label: str
    text: str
    query: str
    regex: str = ""
    many: bool = False
    """Whether several values, or all, can be chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    """A dashboard."""

    uid: str
    file: str
    title: str
    text: str
    rows: tuple[Row, ...]
    variables: tuple[Variable, ...]
    since: str = "now-24h"
    refresh: str = "1m"


def pick(condition: str = "", *, many: bool = False) -> Variable:
    """The choice of a car, or of many; `condition` is a metric that the cars must have."""
    cars = f"last_over_time({VEHICLE_INFO.name}[$__range])"
    if condition:
        cars += f" and on (vin) last_over_time({condition}[$__range])"
    return Variable(
        name="vin",
        label="Cars" if many else "Car",
        text="The cars that the exporter knew in the chosen time, by model, model year and VIN.",
        query=f'query_result(label_join({cars}, "car", " ", "model", "model_year", "vin"))',
        regex=r'/car="\s*(?<text>[^"]*)".*[{,]vin="(?<value>[^"]*)"/',
        many=many,
    )


def series(family: Family, over: str = "", **labels: str) -> str:
    """The selector of a family for the chosen cars; only `vin` decides, whatever labels are exported."""
    chosen = {"vin": "$vin", **labels}
    inside = ",".join(f'{name}{"=~" if name == "vin" else "="}"{value}"' for name, value in chosen.items())
    return f"{family.name}{{{inside}}}{over}"


def grouped(expr: str, *by: str, how: str = "max") -> str:
    """The expression by these labels alone, so that other labels may come and go."""
    return f"{how} by ({', '.join(by)}) ({expr})" if by else f"{how}({expr})"


def value(family: Family, *by: str, **labels: str) -> str:
    """The value of a family for the chosen car, by these labels."""
    return grouped(series(family, **labels), *by)


def last_report(*by: str) -> str:
    """When the chosen car last reported anything, in Unix time, by these labels."""
    others = "|".join(OTHER_SERVICES)
    return grouped(f'{FIELD_TIMESTAMP.name}{{vin=~"$vin",resource!~"{others}"}}', *by)


def state(family: Family, *by: str) -> str:
    """The number of the current state, counted from 1; one series instead of one for each state."""
    terms = (f"{place} * {value(family, *by, state=name)}" for place, name in enumerate(family.states, 1))
    return " + ".join(terms)


def rule(name: str) -> str:
    """What a recording rule of `prometheus/recording_rules.yml` says about the chosen cars."""
    return f'{name}{{vin=~"$vin"}}'


def named(expr: str) -> str:
    """An expression by `vin`, with the model's name and year as labels where they are exported."""
    info = f"topk by (vin) (1, {grouped(series(VEHICLE_INFO), 'vin', 'model', 'model_year')})"
    return f"({expr}) * on (vin) group_left (model, model_year) {info}"


def one(title: str, text: str, expr: str, legend: str = "", **more: object) -> Panel:
    """A panel with a single query."""
    return Panel(title=title, text=text, queries=(Query(expr=expr, legend=legend or title),), **more)
