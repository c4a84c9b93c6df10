"""Conversion of dashboards to Grafana's schema with grafana-foundation-sdk."""

# ruff: noqa: FBT003 - the builders of the SDK take positional flags

from collections.abc import Callable, Iterator

from grafana_foundation_sdk.builders import (
    common,
    dashboard,
    gauge,
    geomap,
    prometheus,
    stat,
    statetimeline,
    table,
    timeseries,
    xychart,
)
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models import common as grafana
from grafana_foundation_sdk.models import dashboard as schema
from grafana_foundation_sdk.models import geomap as maps
from grafana_foundation_sdk.models import xychart as scatter
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from tools.dashboards.identifiers import assign_ids
from tools.dashboards.legibility import NAME_PIXELS, VALUE_PIXELS, has_names
from tools.dashboards.model import (
    SELECTED_CAR,
    Choice,
    Dashboard,
    Kind,
    Panel,
    Query,
    Row,
    Text,
    Variable,
    value,
)
from tools.dashboards.overrides import build_mappings, choose_matcher, choose_overrides
from tools.dashboards.tables import REFERENCES, TABLES, choose_columns, choose_transformations
from volvo_exporter.catalogue import families as f

SOURCE = grafana.DataSourceRef(type_val="prometheus", uid="${datasource}")
TAG = "volvo"
OVER_TIME = (
    Kind.GRAPH,
    Kind.DOTS,
    Kind.COLUMNS,
    Kind.TIMELINE,
    Kind.ROUTE,
    Kind.EVENTS,
    Kind.MONTHS,
    Kind.MONTHLY_MEANS,
    Kind.SCATTER,
)
COLUMNS = 24
SCHEMA = 41
"""One below the SDK's own: Grafana migrates older schemas, but does not support newer ones."""
AS_TABLE = (*TABLES, Kind.POINTS)
MAX_EVENT_POINTS = 10_000
"""Points of a query for events: one a 5 minutes for a month. Prometheus allows 11,000."""
SPOT = {"size": {"fixed": 8, "min": 2, "max": 15}, "color": {"fixed": "blue"}, "opacity": 0.8}
QUERY_TYPES = {"label_values": 1, "query_result": 3}
"""Numbers of query types in Grafana's variable editor for Prometheus."""
ANNOTATIONS = (
    ("Drives", value(f.ACTIVITY, state="driving") + " == 1", "blue", "Driving"),
    ("Charges", value(f.CHARGING_STATUS, state="charging") + " == 1", "green", "Charging"),
    (
        "Alerts",
        'max by (alertname) (ALERTS{alertstate="firing",severity=~"critical|warning",vin=~"$vin"})',
        "red",
        "{{alertname}}",
    ),
)
"""Names, queries, colours and titles of the marks on the dashboards of one car."""

Built = (
    stat.Panel
    | gauge.Panel
    | timeseries.Panel
    | statetimeline.Panel
    | table.Panel
    | geomap.Panel
    | xychart.Panel
)


def reduce_to_last() -> common.ReduceDataOptions:
    """Return the reduction of a series to its last value that is not null."""
    return common.ReduceDataOptions().calcs(["lastNotNull"]).values(False)


def build_legend(*calculations: str) -> common.VizLegendOptions:
    """Return a legend below the graph, with these calculations."""
    legend = common.VizLegendOptions().show_legend(True).placement(grafana.LegendPlacement.BOTTOM)
    return legend.display_mode(grafana.LegendDisplayMode.LIST).calcs(list(calculations))


def build_stat(panel: Panel) -> Built:
    """Return a panel of values, with names if there are several."""
    many = has_names(panel)
    shown = grafana.BigValueTextMode.VALUE_AND_NAME if many else grafana.BigValueTextMode.VALUE
    colours = grafana.BigValueColorMode.VALUE
    drawn = stat.Panel().reduce_options(reduce_to_last()).graph_mode(grafana.BigValueGraphMode.NONE)
    if many:
        drawn.text(common.VizTextDisplayOptions().title_size(NAME_PIXELS).value_size(VALUE_PIXELS))
    return drawn.color_mode(colours).text_mode(shown)


def build_gauge(_: Panel) -> Built:
    """Return a panel of gauges."""
    return gauge.Panel().reduce_options(reduce_to_last()).show_threshold_markers(True)


def build_lines(_: Panel) -> Built:
    """Return a graph of steps: a value is valid until the car reports the next."""
    drawn = timeseries.Panel().legend(build_legend()).line_width(2).fill_opacity(8)
    drawn.line_interpolation(grafana.LineInterpolation.STEP_AFTER).show_points(grafana.VisibilityMode.NEVER)
    both = common.VizTooltipOptions().mode(grafana.TooltipDisplayMode.MULTI).sort(grafana.SortOrder.NONE)
    return drawn.tooltip(both)


def build_dots(_: Panel) -> Built:
    """Return a graph of points that are not connected."""
    drawn = timeseries.Panel().legend(build_legend()).draw_style(grafana.GraphDrawStyle.POINTS)
    return drawn.show_points(grafana.VisibilityMode.ALWAYS).point_size(8).axis_soft_min(0)


def build_columns(_: Panel) -> Built:
    """Return a graph of stacked columns over time, each to the right of its time."""
    drawn = timeseries.Panel().legend(build_legend()).draw_style(grafana.GraphDrawStyle.BARS)
    drawn.stacking(common.StackingConfig().mode(grafana.StackingMode.NORMAL).group("A"))
    return (
        drawn.bar_alignment(grafana.BarAlignment.AFTER)
        .fill_opacity(70)
        .line_width(0)
        .axis_soft_min(0)
        .axis_soft_max(5)
    )


def build_timeline(_: Panel) -> Built:
    """Return a timeline of states, one row for each series."""
    drawn = statetimeline.Panel().show_value(grafana.VisibilityMode.AUTO).merge_values(True)
    return drawn.row_height(0.8).legend(build_legend())


def build_table(_: Panel) -> Built:
    """Return a table."""
    return table.Panel().filterable(False)


def build_scatter(_: Panel) -> Built:
    """Return a graph of points, placed by the first two values of each time."""
    size = xychart.XychartFieldConfigPointSize().fixed(8)
    drawn = xychart.Panel().mapping(scatter.SeriesMapping.AUTO).show(scatter.XYShowMode.POINTS)
    return drawn.point_size(size).fill_opacity(70).legend(build_legend().show_legend(False))


def build_layer(kind: str, name: str, config: dict[str, object]) -> common.MapLayerOptions:
    """Return a layer of the map, placed by the fields latitude and longitude."""
    place = common.FrameGeometrySource().mode(grafana.FrameGeometrySourceMode.COORDS)
    place.latitude("latitude").longitude("longitude")
    return common.MapLayerOptions().type(kind).name(name).config(config).location(place).tooltip(True)


def build_map(panel: Panel) -> Built:
    """Return a map of positions, with the route between them for Kind.ROUTE."""
    layers: list[Builder[grafana.MapLayerOptions]] = [
        build_layer("markers", "Positions", {"style": SPOT, "showLegend": False})
    ]
    if panel.kind is Kind.ROUTE:
        layers.insert(0, build_layer("route", "Route", {"style": {**SPOT, "lineWidth": 3}, "arrow": 1}))
    view = geomap.MapViewConfig().id(maps.MapCenterID.FIT).all_layers(True).zoom(15).max_zoom(15)
    controls = geomap.ControlsOptions().show_zoom(True).mouse_wheel_zoom(True).show_attribution(True)
    tip = geomap.TooltipOptions().mode(maps.TooltipMode.DETAILS)
    drawn = geomap.Panel().view(view).controls(controls.show_scale(True)).tooltip(tip).layers(layers)
    return drawn.basemap(common.MapLayerOptions().type("default").name("Streets").config({}))


BUILDERS: dict[Kind, Callable[[Panel], Built]] = {
    Kind.STAT: build_stat,
    Kind.EXCEPTIONS: build_stat,
    Kind.ALERTS: build_table,
    Kind.GAUGE: build_gauge,
    Kind.GRAPH: build_lines,
    Kind.DOTS: build_dots,
    Kind.COLUMNS: build_columns,
    Kind.TIMELINE: build_timeline,
    Kind.TABLE: build_table,
    Kind.EVENTS: build_table,
    Kind.MONTHS: build_table,
    Kind.MONTHLY_MEANS: build_table,
    Kind.SCATTER: build_scatter,
    Kind.POINTS: build_map,
    Kind.ROUTE: build_map,
}


def build_target(panel: Panel, place: int, query: Query) -> prometheus.Dataquery:
    """Return a query: a range query for a panel over time, else an instant query."""
    query_builder = prometheus.Dataquery().datasource(SOURCE).expr(query.expr).ref_id(REFERENCES[place])
    query_builder.format(PromQueryFormat.TABLE if panel.kind in AS_TABLE else PromQueryFormat.TIME_SERIES)
    query_builder.legend_format(query.legend or "__auto")
    return query_builder.range() if panel.kind in OVER_TIME else query_builder.instant()


def set_times(drawn: Built, panel: Panel) -> None:
    """Set the time range and the interval of a panel."""
    if panel.every:
        drawn.interval(panel.every)
    if panel.kind in (Kind.EVENTS, Kind.SCATTER):
        drawn.max_data_points(MAX_EVENT_POINTS)
    if panel.timeframe:
        drawn.time_from(panel.timeframe)


def build_panel(panel: Panel, number: int) -> Built:
    """Return a panel with the options that all kinds share."""
    drawn = BUILDERS[panel.kind](panel).id(number).title(panel.title).description(panel.description)
    drawn.datasource(SOURCE).no_value(panel.no_value)
    drawn.mappings(build_mappings(panel.mappings))
    steps = [schema.Threshold(value=start, color=colour) for start, colour in panel.limits]
    drawn.thresholds(dashboard.ThresholdsConfig().mode(schema.ThresholdsMode.ABSOLUTE).steps(steps))
    palette = panel.kind in (Kind.GRAPH, Kind.DOTS, Kind.COLUMNS)
    mode = schema.FieldColorModeId.PALETTE_CLASSIC if palette else schema.FieldColorModeId.THRESHOLDS
    drawn.color_scheme(dashboard.FieldColor().mode(mode))
    if panel.unit:
        drawn.unit(panel.unit)
    if panel.maximum is not None:
        drawn.min(0).max(panel.maximum)
    if panel.decimals is not None:
        drawn.decimals(panel.decimals)
    set_times(drawn, panel)
    for place, query in enumerate(panel.queries):
        drawn.with_target(build_target(panel, place, query))
        if properties := choose_overrides(panel, query):
            matcher, selection = choose_matcher(panel, place)
            drawn.with_override(schema.MatcherConfig(id_val=matcher, options=selection), properties)
    for title, properties in choose_columns(panel):
        drawn.override_by_name(title, properties)
    for name, options in choose_transformations(panel):
        drawn.with_transformation(schema.DataTransformerConfig(id_val=name, options=options))
    return drawn


def build_annotation(name: str, expr: str, colour: str, title: str) -> dashboard.AnnotationQuery:
    """Return marks at the times at which the expression has a value other than 0."""
    marks = dashboard.AnnotationQuery().name(name).datasource(SOURCE).enable(True).icon_color(colour)
    return marks.expr(expr).step("60s").title_format(title)


def build_text(variable: Text) -> dashboard.TextBoxVariable:
    """Return a variable that the user writes."""
    built = dashboard.TextBoxVariable(variable.name).label(variable.label).description(variable.description)
    return built.default_value(variable.default)


def build_choice(variable: Choice) -> dashboard.CustomVariable:
    """Return a variable with fixed options."""
    options = [
        schema.VariableOption(text=text, value=value, selected=place == 0)
        for place, (text, value) in enumerate(variable.options)
    ]
    built = dashboard.CustomVariable(variable.name).label(variable.label).description(variable.description)
    built.values(", ".join(f"{text} : {value}" for text, value in variable.options))
    return built.options(options).current(options[0])


def build_variable(variable: Variable) -> dashboard.QueryVariable:
    """Return a variable that is queried whenever the time range changes."""
    kind = QUERY_TYPES[variable.query.partition("(")[0]]
    query: dict[str, object] = {"qryType": kind, "query": variable.query, "refId": "variable"}
    built = dashboard.QueryVariable(variable.name).label(variable.label).description(variable.description)
    built.datasource(SOURCE).query(query).definition(variable.query).regex(variable.regex)
    built.refresh(schema.VariableRefresh.ON_TIME_RANGE_CHANGED).sort(schema.VariableSort.ALPHABETICAL_ASC)
    if variable.many:
        everything = schema.VariableOption(selected=True, text=["All"], value=["$__all"])
        built.multi(True).include_all(True).all_value(".*").current(everything)
    return built


def build(board: Dashboard) -> schema.Dashboard:
    """Return the dashboard in Grafana's schema."""
    link = dashboard.DashboardLink("Volvo").type(schema.DashboardLinkType.DASHBOARDS).tags([TAG])
    link.include_vars(True).keep_time(True).as_dropdown(False).placement("").tooltip(
        "Other dashboards of the exporter"
    )
    built = dashboard.Dashboard(board.title).uid(board.uid).description(board.description).tags([TAG])
    built.timezone("browser").time(board.since, "now").refresh(board.refresh).link(link)
    built.tooltip(schema.DashboardCursorSync.CROSSHAIR).editable()
    built.with_variable(dashboard.DatasourceVariable("datasource").label("Data source").type("prometheus"))
    for variable in board.variables:
        match variable:
            case Text():
                built.with_variable(build_text(variable))
            case Choice():
                built.with_variable(build_choice(variable))
            case Variable():
                built.with_variable(build_variable(variable))
    if any(variable.name == SELECTED_CAR for variable in board.variables):
        for annotation in ANNOTATIONS:
            built.annotation(build_annotation(*annotation))
    ids, skyline = assign_ids(board.uid, titles(board)), [0] * COLUMNS
    for row in board.rows:
        skyline = [max(skyline)] * COLUMNS
        if row.title:
            heading = dashboard.Row(row.title).id(ids[heading_title(row)])
            built.with_row(heading.grid_pos(place_panel(skyline, COLUMNS, 1)))
        for panel in row.panels:
            place = place_panel(skyline, panel.width, panel.height)
            built.with_panel(build_panel(panel, ids[panel.title]).grid_pos(place))
    model = built.build()
    model.schema_version = SCHEMA
    return model


def titles(board: Dashboard) -> Iterator[str]:
    """Yield the titles of all panels; headings are panels, too."""
    for row in board.rows:
        if row.title:
            yield heading_title(row)
        yield from (panel.title for panel in row.panels)


def heading_title(row: Row) -> str:
    """Return the title of a row's heading, which differs from those of panels."""
    return f"row: {row.title}"


def place_panel(skyline: list[int], width: int, height: int) -> schema.GridPos:
    """Return the highest free position for a panel, leftmost first, and raise the skyline by it.

    The skyline has the first free line of each column.
    """
    tops = [max(skyline[x : x + width]) for x in range(COLUMNS - width + 1)]
    top = min(tops)
    x = tops.index(top)
    skyline[x : x + width] = [top + height] * width
    return schema.GridPos(x=x, y=top, w=width, h=height)
