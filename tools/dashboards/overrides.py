"""Properties of the series of one query: what differs from the rest of its panel."""

from collections.abc import Iterator

from grafana_foundation_sdk.models import dashboard as schema
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue

from tools.dashboards.mappings import ValueMappings
from tools.dashboards.model import Panel, Query
from tools.dashboards.tables import HIDDEN, REFERENCES, TABLES


def has_variable(legend: str) -> bool:
    """Return whether the name of a series depends on a label or on a variable of the dashboard."""
    return "{{" in legend or "$" in legend


def build_mappings(mappings: ValueMappings) -> list[schema.ValueMapping]:
    """Return value mappings in this order."""
    options = {
        str(number): schema.ValueMappingResult(text=text, color=colour, index=place)
        for place, (number, text, colour) in enumerate(mappings)
    }
    return [schema.ValueMap(options=options)] if options else []


def choose_overrides(panel: Panel, query: Query) -> list[DynamicConfigValue]:
    """Return the properties of one query that differ from the panel's."""
    found = list(describe_values(query))
    if panel.kind in TABLES:
        found += describe_column(query)
    return found


def describe_values(query: Query) -> Iterator[DynamicConfigValue]:
    """Yield the properties of the values of a query."""
    if query.unit:
        yield DynamicConfigValue(id_val="unit", value=query.unit)
    if query.decimals is not None:
        yield DynamicConfigValue(id_val="decimals", value=query.decimals)
    if query.maximum is not None:
        yield DynamicConfigValue(id_val="max", value=query.maximum)
    if query.mappings:
        shown = [mapping.to_json() for mapping in build_mappings(query.mappings)]
        yield DynamicConfigValue(id_val="mappings", value=shown)
    if query.limits:
        steps = [{"color": colour, "value": start} for start, colour in query.limits]
        thresholds = {"mode": schema.ThresholdsMode.ABSOLUTE.value, "steps": steps}
        yield DynamicConfigValue(id_val="thresholds", value=thresholds)
    if query.colour:
        fixed = {"mode": schema.FieldColorModeId.FIXED.value, "fixedColor": query.colour}
        yield DynamicConfigValue(id_val="color", value=fixed)


def describe_column(query: Query) -> Iterator[DynamicConfigValue]:
    """Yield the properties of the column of a query in a table."""
    if query.hidden:
        yield from HIDDEN
    if query.pixels:
        yield DynamicConfigValue(id_val="custom.width", value=query.pixels)
    if query.link:
        title, url = query.link
        yield DynamicConfigValue(id_val="links", value=[{"title": title, "url": url}])
    if query.mappings:
        yield DynamicConfigValue(id_val="custom.cellOptions", value={"type": "color-text"})


def choose_matcher(panel: Panel, place: int) -> tuple[str, str]:
    """Return the kind of Grafana's matcher for the series of a query, and its option.

    A column has no query; its title begins with the name of the series.
    """
    legend = panel.queries[place].legend
    if not has_variable(legend):
        return "byName", legend
    if panel.kind in TABLES:
        return "byRegexp", f"/^{legend.partition(' (')[0]} \\(/"
    return "byFrameRefID", REFERENCES[place]
