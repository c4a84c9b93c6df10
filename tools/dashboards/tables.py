"""Columns and rows of tables: the transformations that Grafana applies to the results of queries."""

from collections.abc import Iterator

from grafana_foundation_sdk.models.dashboard import DynamicConfigValue

from tools.dashboards.mappings import ALERTS, CHARGE_TYPES, ValueMappings
from tools.dashboards.model import Kind, Panel

REFERENCES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
TABLES = (Kind.TABLE, Kind.ALERTS, Kind.EVENTS, Kind.MONTHS, Kind.MONTHLY_MEANS)
COLUMN_MAPPINGS = {"alertname": ALERTS, "type": CHARGE_TYPES}
"""Texts and colours of the values of labels."""

CAR_LINK = {
    "title": "Open this car",
    "url": "/d/volvo-vehicle?var-vin=${__data.fields.VIN}&${__url_time_range}",
}
HIDDEN = [
    DynamicConfigValue(id_val="custom.hidden", value=True),
    DynamicConfigValue(id_val="custom.hideFrom", value={"viz": True}),
]
"""Properties of a column that only links use, for older and newer versions of Grafana."""

Transformation = tuple[str, dict[str, object]]


def value_column(panel: Panel, place: int) -> str:
    """Return Grafana's name of the column of a query."""
    return "Value" if len(panel.queries) == 1 else f"Value #{REFERENCES[place]}"


def organize(hidden: list[str], titles: dict[str, str]) -> Transformation:
    """Return the transformation that hides columns, and orders and renames the others."""
    order = {name: place for place, name in enumerate(titles)}
    return (
        "organize",
        {"excludeByName": dict.fromkeys(hidden, True), "indexByName": order, "renameByName": titles},
    )


def sort_down(title: str) -> Transformation:
    """Return the transformation that sorts the rows, highest value first."""
    return ("sortBy", {"fields": {}, "sort": [{"field": title, "desc": True}]})


def choose_by_month(columns: dict[str, str], *, how: str) -> list[Transformation]:
    """Return the transformations to a row for each calendar month; columns are titles by Grafana's name."""
    month: dict[str, object] = {"timeField": "Time", "outputFormat": "YYYY-MM", "useTimezone": True}
    values = {name: {"operation": "aggregate", "aggregations": [how]} for name in columns}
    by_month: dict[str, object] = {"Time": {"operation": "groupby", "aggregations": []}, **values}
    titles = {f"{name} ({how})": title for name, title in columns.items()}
    return [
        ("merge", {}),
        ("formatTime", month),
        ("groupBy", {"fields": by_month}),
        organize([], {"Time": "Month", **titles}),
        sort_down("Month"),
    ]


def choose_transformations(panel: Panel) -> list[Transformation]:
    """Return the transformations that Grafana applies to the results, with their options."""
    columns = {value_column(panel, place): query.legend for place, query in enumerate(panel.queries)}
    labels = {label: title for label, title in panel.columns if title}
    hidden = [name for name, title in (*columns.items(), *panel.columns) if not title]
    shown = {name: title for name, title in columns.items() if title}
    match panel.kind:
        case Kind.TABLE | Kind.POINTS:
            return [("merge", {}), organize(["Time", *hidden], {**labels, **shown})]
        case Kind.ALERTS:
            return [("merge", {}), organize(["Time", "Value"], labels)]
        case Kind.EVENTS:
            first = next(iter(shown.values()))
            return [
                ("merge", {}),
                organize(["Time", *hidden], {**shown, **labels}),
                sort_down(first),
            ]
        case Kind.MONTHS | Kind.MONTHLY_MEANS:
            return choose_by_month(columns, how="sum" if panel.kind is Kind.MONTHS else "mean")
        case Kind.SCATTER | Kind.ROUTE:
            joined: Transformation = ("joinByField", {"byField": "Time", "mode": "inner"})
            return [joined, organize(["Time"], {})] if panel.kind is Kind.SCATTER else [joined]
        case _:
            spaced: dict[str, object] = {"regex": "/_/g", "renamePattern": " "}
            return [("renameByRegex", spaced)] if any("{{" in q.legend for q in panel.queries) else []


def show_mappings(mappings: ValueMappings) -> list[DynamicConfigValue]:
    """Return the properties of a column with texts and colours for its values."""
    options = {
        str(value): {"text": text, "color": colour, "index": place}
        for place, (value, text, colour) in enumerate(mappings)
    }
    return [
        DynamicConfigValue(id_val="mappings", value=[{"type": "value", "options": options}]),
        DynamicConfigValue(id_val="custom.cellOptions", value={"type": "color-text"}),
    ]


def choose_columns(panel: Panel) -> Iterator[tuple[str, list[DynamicConfigValue]]]:
    """Yield the titles of columns of labels, with their properties.

    The unit of the other columns would show a year as 2 K.
    """
    for label, title in panel.columns:
        if title:
            properties = [DynamicConfigValue(id_val="unit", value="string")]
            if label in COLUMN_MAPPINGS:
                properties += show_mappings(COLUMN_MAPPINGS[label])
            if label == "vin":
                properties += HIDDEN
            if label == "car":
                properties.append(DynamicConfigValue(id_val="links", value=[CAR_LINK]))
            yield title, properties
