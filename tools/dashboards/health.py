"""Dashboard of health and maintenance."""

from dataclasses import replace

from tools.dashboards.mappings import (
    BAD,
    GOOD,
    LAMP,
    LOW,
    REACHABLE,
    SUPPORTED,
    WARN,
    map_states,
)
from tools.dashboards.model import (
    KM,
    SECONDS,
    Dashboard,
    Kind,
    Panel,
    Query,
    Row,
    last_report,
    one,
    pick,
    state,
    value,
)
from tools.dashboards.vehicle import ALERTS, FLUIDS, FRESHNESS, LAMPS_FAILED, SERVICE, TO_KM, TYRES
from volvo_exporter.catalogue import families as f

MONTH = 30 * 86400

DUE = (
    Panel(
        title="Time to service",
        description="Time until the next service, and engine hours if counted. A month is 30 days.",
        queries=(
            Query(expr=value(f.SERVICE_TIME), legend="Time"),
            Query(expr=value(f.SERVICE_ENGINE_TIME), legend="Engine hours"),
        ),
        unit=SECONDS,
        limits=((None, BAD), (0, WARN), (MONTH, GOOD)),
        decimals=0,
        width=8,
    ),
    one(
        "Distance to service",
        "Distance until the next service.",
        value(f.SERVICE_DISTANCE) + TO_KM,
        unit=KM,
        limits=((None, BAD), (0, WARN), (1000, GOOD)),
        decimals=0,
        width=4,
    ),
    SERVICE,
    one(
        "Service trigger",
        "Why the service is due. Not every car reports it.",
        state(f.SERVICE_TRIGGER),
        mappings=map_states(f.SERVICE_TRIGGER),
        width=4,
    ),
    one(
        "Odometer",
        "Distance driven since the car was built.",
        value(f.ODOMETER) + TO_KM,
        unit=KM,
        decimals=0,
        width=4,
    ),
)
WARNINGS = (
    TYRES,
    FLUIDS,
    LAMPS_FAILED,
    one(
        "Connection",
        "Whether Volvo's cloud reaches the car.",
        value(f.AVAILABLE),
        mappings=REACHABLE,
        width=4,
    ),
    one(
        "Lamps",
        "Lamps that the car monitors.",
        value(f.LAMP_FAILURE, "lamp"),
        "{{lamp}}",
        mappings=LAMP,
        width=12,
        height=8,
    ),
    replace(ALERTS, height=8),
)
HISTORY = (
    Panel(
        title="Warnings over time",
        description="Fluid and oil warnings of this car.",
        queries=FLUIDS.queries,
        kind=Kind.TIMELINE,
        mappings=LOW,
        width=12,
        height=7,
    ),
    one(
        "Tyres over time",
        "Pressure warnings of each tyre.",
        state(f.TYRE_PRESSURE, "tyre"),
        "{{tyre}}",
        kind=Kind.TIMELINE,
        mappings=map_states(f.TYRE_PRESSURE),
        width=12,
        height=7,
    ),
    one(
        "Service reminder over time",
        "Service reminder of the car.",
        state(f.SERVICE_STATUS),
        "Service",
        kind=Kind.TIMELINE,
        mappings=map_states(f.SERVICE_STATUS),
        width=12,
        height=5,
    ),
    one(
        "Reason when unreachable",
        "Why Volvo's cloud could not reach the car; empty while it could.",
        state(f.UNAVAILABLE_REASON),
        "Reason",
        kind=Kind.TIMELINE,
        mappings=map_states(f.UNAVAILABLE_REASON),
        no_value="Always reachable, or no reason reported",
        width=12,
        height=5,
    ),
    Panel(
        title="Service over time",
        description="Distance and time until the next service.",
        queries=(
            Query(expr=value(f.SERVICE_DISTANCE) + TO_KM, legend="Distance"),
            Query(expr=value(f.SERVICE_TIME), legend="Time", unit=SECONDS),
        ),
        kind=Kind.GRAPH,
        unit=KM,
        width=24,
        height=7,
    ),
)
DATA = (
    replace(FRESHNESS, height=10),
    one(
        "Data age by resource",
        "Time since the car's last report for each resource.",
        f"time() - {last_report('resource')}",
        "{{resource}}",
        kind=Kind.BARS,
        unit=SECONDS,
        decimals=0,
        width=12,
        height=10,
    ),
    one(
        "Remote commands",
        "Commands that the car supports. The exporter never sends one.",
        value(f.COMMAND_SUPPORTED, "command"),
        "{{command}}",
        mappings=SUPPORTED,
        width=12,
        height=8,
    ),
    one(
        "Energy fields",
        "Energy fields that the car supports according to Volvo, which can be wrong.",
        value(f.ENERGY_FIELD_SUPPORTED, "field"),
        "{{field}}",
        mappings=SUPPORTED,
        width=12,
        height=8,
    ),
)
HEALTH = Dashboard(
    uid="volvo-health",
    file="volvo-health.json",
    title="Volvo: health and maintenance",
    description="Service, warnings, tyres, fluids, lamps, and age of the data.",
    variables=(pick(),),
    since="now-30d",
    refresh="5m",
    rows=(
        Row(title="Service", panels=DUE),
        Row(title="Warnings", panels=WARNINGS),
        Row(title="Over time", panels=HISTORY),
        Row(title="Data", panels=DATA),
    ),
)
