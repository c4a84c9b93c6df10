"""Dashboards as data: queries, panels, rows and variables, and functions that build PromQL."""

from dataclasses import dataclass
from enum import Enum, unique
from typing import Any

from tools.dashboards.mappings import DIM, ValueMappings
from volvo_exporter.catalogue import OTHER_SERVICES
from volvo_exporter.catalogue.families import FIELD_TIMESTAMP, VEHICLE_INFO
from volvo_exporter.catalogue.model import Family

SELECTED_CAR, SELECTED_CARS = "vin", "vins"
"""Names of the variables for one car and for several; links between dashboards keep variables of the same
name, and a dashboard of one car would add the values of several."""

NO_VALUE = "\N{EN DASH}"
"""Text of a panel without data: the exporter does not export unknown values."""

CARS = {"vin": f"${SELECTED_CARS}"}
"""Label of a selector that selects several cars instead of one."""

PERCENT, KWH, LITRES = "percentunit", "suffix:kWh", "suffix:L"
WATT, AMPERE, SECONDS, AGO, LOCAL_TIME = "watt", "amp", "s", "dateTimeFromNow", "dateTimeAsLocal"
PRESSURE, DEGREES, COUNT = "pressurehpa", "degree", "short"
RATE, POINTS, THOUSANDS = "reqps", "suffix:points", "locale"
"""THOUSANDS separates thousands."""
DAY = "1d"
MS = " * 1000"
"""Grafana's times are in milliseconds."""


@unique
class Kind(Enum):
    """Type of a panel, with what it shows."""

    STAT = "current value"
    GAUGE = "current value on a gauge"
    GRAPH = "lines over time"
    COLUMNS = "bars over time"
    TIMELINE = "states over time"
    DOTS = "points over time"
    EVENTS = "values at some times, one row for each"
    MONTHS = "sums of values by calendar month, one row for each"
    MONTHLY_MEANS = "means of values by calendar month, one row for each"
    SCATTER = "the second value by the first, one point for each time"
    EXCEPTIONS = "current values that are not as usual"
    ALERTS = "names of firing alerts, one row for each"
    TABLE = "current values, one row for each combination of labels"
    POINTS = "last known positions"
    ROUTE = "positions over time"


Limits = tuple[tuple[float | None, str], ...]
"""Lowest value of each colour; None is minus infinity, and the colour of a missing value."""

LEAST = -1e9
"""Below every value: Grafana colours a missing value like minus infinity."""

ANY_VALUE: Limits = ((None, DIM), (LEAST, "blue"))


def limits(*steps: tuple[float, str]) -> Limits:
    """Return thresholds: the first colour also below its value, and grey where there is no value."""
    return ((None, DIM), (LEAST, steps[0][1]), *steps[1:])


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One PromQL query of a panel."""

    expr: str
    legend: str = ""
    """Name of the series; in a table the title of the column, which is hidden if empty."""
    unit: str = ""
    """Grafana's unit, if it differs from the panel's."""
    mappings: ValueMappings = ()
    limits: Limits = ()
    """Thresholds, if they differ from the panel's."""
    colour: str = ""
    """Fixed colour, for what has the same colour on all dashboards."""
    maximum: float | None = None
    decimals: int | None = None
    """Decimals, if they differ from the panel's."""
    hidden: bool = False
    """Whether the column of a table is only for links."""
    pixels: int | None = None
    """Width of the column of a table, if it needs more than the others."""
    link: tuple[str, str] | None = None
    """Title and URL of a link in a column of a table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A panel; its position follows from the order and sizes of the panels."""

    title: str
    description: str
    queries: tuple[Query, ...]
    kind: Kind = Kind.STAT
    unit: str = ""
    mappings: ValueMappings = ()
    limits: Limits = ANY_VALUE
    maximum: float | None = None
    """Maximum of a gauge or an axis; the minimum is then 0."""
    decimals: int | None = None
    every: str = ""
    """Minimum interval of a query over time."""
    timeframe: str = ""
    """Time range of the panel, if it differs from the dashboard's."""
    columns: tuple[tuple[str, str], ...] = ()
    """Labels that are columns of a table, with their titles; a label without a title is hidden."""
    no_value: str = NO_VALUE
    width: int = 6
    height: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Panels under a heading, or without one if the title is empty."""

    title: str
    panels: tuple[Panel, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """A drop-down list of a dashboard, filled from Prometheus."""

    name: str
    label: str
    description: str
    query: str
    regex: str = ""
    many: bool = False
    """Whether several or all values can be selected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text field of a dashboard."""

    name: str
    label: str
    description: str
    default: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A drop-down list of a dashboard with fixed options; the first is the default."""

    name: str
    label: str
    description: str
    options: tuple[tuple[str, str], ...]
    """Text and value of each option; neither has a comma."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    """A dashboard."""

    uid: str
    file: str
    title: str
    description: str
    rows: tuple[Row, ...]
    variables: tuple[Variable | Text | Choice, ...]
    since: str = "now-24h"
    refresh: str = "1m"


def name_cars(info: str) -> str:
    """Return `info`, a vector with the attributes of cars, with the name of each car as the label `car`.

    The name is the configured one, or the model and the end of the VIN: "EX40 …0005".
    """
    joined = f'label_join({info}, "car", "|", "name", "model", "vin")'
    for replacement, pattern in (
        ("$1", r"(.+)\\|[^|]*\\|[^|]*"),
        ("$1 …$2", r"\\|([^|]+)\\|.*(.{4})"),
        ("Volvo …$1", r"\\|\\|.*(.{4})"),
    ):
        joined = f'label_replace({joined}, "car", "{replacement}", "car", "{pattern}")'
    return joined


def pick(*, many: bool = False) -> Variable:
    """Return the variable of a car, or of several cars."""
    cars = name_cars(f"last_over_time({VEHICLE_INFO.name}[$__range])")
    return Variable(
        name=SELECTED_CARS if many else SELECTED_CAR,
        label="Cars" if many else "Car",
        description="Cars in the selected time range, by name, or by model and the end of the VIN.",
        query=f"query_result({cars})",
        regex=r'/car="\s*(?<text>[^"]*)".*[{,]vin="(?<value>[^"]*)"/',
        many=many,
    )


def series(family: Family, over: str = "", **labels: str) -> str:
    """Return the selector of a family for the selected cars, by `vin` only: other labels are optional."""
    chosen = {"vin": "$vin", **labels}
    inside = ",".join(f'{name}{"=~" if name == "vin" else "="}"{value}"' for name, value in chosen.items())
    return f"{family.name}{{{inside}}}{over}"


def grouped(expr: str, *by: str, how: str = "max") -> str:
    """Return the expression aggregated by these labels, so that other labels may change."""
    return f"{how} by ({', '.join(by)}) ({expr})" if by else f"{how}({expr})"


def value(family: Family, *by: str, **labels: str) -> str:
    """Return the value of a family for the selected cars, by these labels."""
    return grouped(series(family, **labels), *by)


def last_report(*by: str, cars: str = f"${SELECTED_CAR}") -> str:
    """Return the Unix time of the last report of the cars, by these labels."""
    others = "|".join(OTHER_SERVICES)
    return grouped(f'{FIELD_TIMESTAMP.name}{{vin=~"{cars}",resource!~"{others}"}}', *by)


def state(family: Family, *by: str, **labels: str) -> str:
    """Return the number of the current state, from 1: one series instead of one for each state."""
    terms = (
        f"{place} * {value(family, *by, state=name, **labels)}" for place, name in enumerate(family.states, 1)
    )
    return " + ".join(terms)


def over_range(family: Family, *by: str, before: str = "", **labels: str) -> str:
    """Return by how much the family, which only rises, rose in the time range, or in the one `before` it."""
    selected = series(family, "[$__range]", **labels) + (f" offset {before}" if before else "")
    highest = grouped(f"max_over_time({selected})", *by)
    lowest = grouped(f"min_over_time({selected})", *by, how="min")
    return f"({highest} - {lowest})"


def per_day(family: Family, *by: str, **labels: str) -> str:
    """Return by how much the family, which only rises, rises in the day that begins at each time.

    The value is compared with the last one before the day, up to a week old, so that no gap loses anything.
    """
    day = series(family, f"[{DAY}] offset -{DAY}", **labels)
    before = grouped(f"last_over_time({series(family, '[7d]', **labels)})", *by)
    first = grouped(f"min_over_time({day})", *by, how="min")
    return f"clamp_min({grouped(f'max_over_time({day})', *by)} - ({before} or {first}), 0)"


def held(family: Family, *by: str, **labels: str) -> str:
    """Return the value of a family, kept for ten minutes after the last sample."""
    return grouped(f"last_over_time({series(family, '[10m]', **labels)})", *by)


def named(expr: str) -> str:
    """Return an expression by `vin` with the name of the car as the label `car`."""
    info = name_cars(grouped(series(VEHICLE_INFO, **CARS), "vin", "name", "model"))
    return f"({expr}) * on (vin) group_left (car) topk by (vin) (1, {info})"


def one(title: str, description: str, expr: str, legend: str = "", *, colour: str = "", **more: Any) -> Panel:
    """Return a panel with a single query; the legend is the title by default."""
    query = Query(expr=expr, legend=legend or title, colour=colour)
    return Panel(title=title, description=description, queries=(query,), **more)
