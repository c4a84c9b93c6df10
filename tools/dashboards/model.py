"""Dashboards as data: queries, panels, rows and variables, and functions that build PromQL."""

from dataclasses import dataclass
from enum import Enum, unique
from typing import Any

from tools.dashboards.mappings import ValueMappings
from volvo_exporter.catalogue import OTHER_SERVICES
from volvo_exporter.catalogue.families import FIELD_TIMESTAMP, VEHICLE_INFO
from volvo_exporter.catalogue.model import Family

NO_VALUE = "\N{EN DASH}"
"""Text of a panel without data: the exporter does not export unknown values."""

KM, PERCENT, KWH, LITRES = "suffix:km", "percentunit", "suffix:kWh", "litre"
CONSUMPTION, FUEL_CONSUMPTION = "suffix:kWh/100 km", "suffix:l/100 km"
WATT, AMPERE, SECONDS, AGO, LOCAL_TIME = "watt", "amp", "s", "dateTimeFromNow", "dateTimeAsLocal"
SPEED, CELSIUS, PRESSURE, DEGREES, COUNT = "velocitykmh", "celsius", "pressurehpa", "degree", "short"
RATE = "reqps"


@unique
class Kind(Enum):
    """Type of a panel, with what it shows."""

    STAT = "current value"
    GAUGE = "current value on a gauge"
    BARS = "current values as bars"
    GRAPH = "lines over time"
    COLUMNS = "bars over time"
    TIMELINE = "states over time"
    TABLE = "current values, one row for each combination of labels"
    POINTS = "last known positions"
    ROUTE = "positions over time"


Limits = tuple[tuple[float | None, str], ...]
"""Lowest value of each colour; None is minus infinity."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A panel; its position follows from the order and sizes of the panels."""

    title: str
    description: str
    queries: tuple[Query, ...]
    kind: Kind = Kind.STAT
    unit: str = ""
    mappings: ValueMappings = ()
    limits: Limits = ((None, "blue"),)
    maximum: float | None = None
    """Maximum of a gauge or an axis; the minimum is then 0."""
    decimals: int | None = None
    every: str = ""
    """Minimum interval of a query over time."""
    no_value: str = NO_VALUE
    width: int = 6
    height: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Panels under a heading; with `repeat`, once for each value of this variable."""

    title: str
    panels: tuple[Panel, ...]
    repeat: str = ""


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
class Dashboard:
    """A dashboard."""

    uid: str
    file: str
    title: str
    description: str
    rows: tuple[Row, ...]
    variables: tuple[Variable, ...]
    since: str = "now-24h"
    refresh: str = "1m"


def pick(condition: str = "", *, many: bool = False) -> Variable:
    """Return the variable of a car or of several; `condition` is a metric that the cars must have."""
    cars = f"last_over_time({VEHICLE_INFO.name}[$__range])"
    if condition:
        cars += f" and on (vin) last_over_time({condition}[$__range])"
    return Variable(
        name="vin",
        label="Cars" if many else "Car",
        description="Cars in the selected time range, by model, model year and VIN.",
        query=f'query_result(label_join({cars}, "car", " ", "model", "model_year", "vin"))',
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


def last_report(*by: str) -> str:
    """Return the Unix time of the last report of the selected cars, by these labels."""
    others = "|".join(OTHER_SERVICES)
    return grouped(f'{FIELD_TIMESTAMP.name}{{vin=~"$vin",resource!~"{others}"}}', *by)


def state(family: Family, *by: str) -> str:
    """Return the number of the current state, from 1: one series instead of one for each state."""
    terms = (f"{place} * {value(family, *by, state=name)}" for place, name in enumerate(family.states, 1))
    return " + ".join(terms)


def rule(name: str) -> str:
    """Return the result of a rule in `prometheus/recording_rules.yml` for the selected cars."""
    return f'{name}{{vin=~"$vin"}}'


def named(expr: str) -> str:
    """Return an expression by `vin` with the model and model year as labels, if they are exported."""
    info = f"topk by (vin) (1, {grouped(series(VEHICLE_INFO), 'vin', 'model', 'model_year')})"
    return f"({expr}) * on (vin) group_left (model, model_year) {info}"


def one(title: str, description: str, expr: str, legend: str = "", **more: Any) -> Panel:
    """Return a panel with a single query; the legend is the title by default."""
    query = Query(expr=expr, legend=legend or title)
    return Panel(title=title, description=description, queries=(query,), **more)
