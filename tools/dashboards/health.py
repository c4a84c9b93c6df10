"""The dashboard of health and maintenance."""

from dataclasses import replace

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
from tools.dashboards.vehicle import ALERTS, FLUIDS, FRESHNESS, KM_OF, LAMPS_FAILED, SERVICE, TYRES
from tools.dashboards.words import (
    BAD,
    GOOD,
    LAMP,
    LOW,
    REACHABLE,
    SUPPORTED,
    WARN,
    words_of,
)
from volvo_exporter.catalogue import families as f

MONTH = 30 * 86400

DUE = (
    Panel(
        title="Service due in",
        text="Time until the next service, and engine time where the car counts it; a month is 30 days.",
        queries=(
            Query(expr=value(f.SERVICE_TIME), legend="Time"),
            Query(expr=value(f.SERVICE_ENGINE_TIME), legend="Engine time"),
        ),
        unit=SECONDS,
        limits=((None, BAD), (0, WARN), (MONTH, GOOD)),
        decimals=0,
        width=8,
    ),
    one(
        "Service due after",
        "Distance until the next service.",
        value(f.SERVICE_DISTANCE) + KM_OF,
        unit=KM,
        limits=((None, BAD), (0, WARN), (1000, GOOD)),
        decimals=0,
        width=4,
    ),
    SERVICE,
    one(
        "Service because of",
        "What makes the service due; not every car tells it.",
        state(f.SERVICE_TRIGGER),
        words=words_of(f.SERVICE_TRIGGER),
        width=4,
    ),
    one(
        "Odometer",
        "Distance driven since the car was built.",
        value(f.ODOMETER) + KM_OF,
        unit=KM,
        decimals=0,
        width=4,
    ),
)
WARNINGS = (
    TYRES,
    FLUIDS,
    LAMPS_FAILED,
    one("Cloud", "Whether Volvo's cloud reaches the car.", value(f.AVAILABLE), words=REACHABLE, width=4),
    one(
        "Lamps",
        "Every lamp that the car watches.",
        value(f.LAMP_FAILURE, "lamp"),
        "{{lamp}}",
        words=LAMP,
        width=12,
        height=8,
    ),
    replace(ALERTS, height=8),
)
HISTORY = (
    Panel(
        title="Warnings over time",
        text="Fluids and oil, as far as this car has them.",
        queries=FLUIDS.queries,
        kind=Kind.TIMELINE,
        words=LOW,
        width=12,
        height=7,
    ),
    one(
        "Tyres over time",
        "Pressure warnings of each tyre.",
        state(f.TYRE_PRESSURE, "tyre"),
        "{{tyre}}",
        kind=Kind.TIMELINE,
        words=words_of(f.TYRE_PRESSURE),
        width=12,
        height=7,
    ),
    one(
        "Service reminder over time",
        "The service reminder of the car.",
        state(f.SERVICE_STATUS),
        "Service",
        kind=Kind.TIMELINE,
        words=words_of(f.SERVICE_STATUS),
        width=12,
        height=5,
    ),
    one(
        "Out of reach, why",
        "Why the cloud did not reach the car; empty while it did.",
        state(f.UNAVAILABLE_REASON),
        "Reason",
        kind=Kind.TIMELINE,
        words=words_of(f.UNAVAILABLE_REASON),
        absent="Always within reach, or not told",
        width=12,
        height=5,
    ),
    Panel(
        title="Service over time",
        text="Distance and time until the next service.",
        queries=(
            Query(expr=value(f.SERVICE_DISTANCE) + KM_OF, legend="Distance"),
            Query(expr=value(f.SERVICE_TIME), legend="Time", unit=SECONDS),
        ),
        kind=Kind.GRAPH,
        unit=KM,
        width=24,
        height=7,
    ),
)
TOLD = (
    replace(FRESHNESS, height=10),
    one(
        "Age by resource",
        "Time since the car last told something of each resource.",
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
        "Commands that the car supports. The exporter sends none.",
        value(f.COMMAND_SUPPORTED, "command"),
        "{{command}}",
        words=SUPPORTED,
        width=12,
        height=8,
    ),
    one(
        "Energy fields by Volvo's word",
        "What Volvo's capabilities say that the car tells about energy; they can be wrong.",
        value(f.ENERGY_FIELD_SUPPORTED, "field"),
        "{{field}}",
        words=SUPPORTED,
        width=12,
        height=8,
    ),
)
HEALTH = Dashboard(
    uid="volvo-health",
    file="volvo-health.json",
    title="Volvo: health and maintenance",
    text="Service, warnings, tyres, fluids and lamps, and how old what the car told is.",
    variables=(pick(),),
    since="now-30d",
    refresh="5m",
    rows=(
        Row(title="Service", panels=DUE),
        Row(title="Warnings", panels=WARNINGS),
        Row(title="Over time", panels=HISTORY),
        Row(title="What the car tells", panels=TOLD),
    ),
)
