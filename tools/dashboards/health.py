"""Dashboard of health: what is wrong, and when it was."""

from dataclasses import replace

from tools.dashboards.mappings import BAD, BUSY, DIM, GOOD, LAMP, LOW, REACHABLE, WARN, map_states
from tools.dashboards.model import (
    COUNT,
    KM,
    SECONDS,
    THOUSANDS,
    Dashboard,
    Kind,
    Panel,
    Query,
    Row,
    held,
    last_report,
    limits,
    one,
    pick,
    state,
    value,
)
from tools.dashboards.overview import ALERTS, EXCEPTIONS, TO_KM
from volvo_exporter.catalogue import families as f

MONTH = 30 * 86400

PANELS = (
    replace(EXCEPTIONS, width=12, height=6),
    replace(ALERTS, width=12, height=6),
    Panel(
        title="Next service",
        description="Time and distance until the next service, and engine hours if counted. "
        "A month is 30 days.",
        queries=(
            Query(
                expr=held(f.SERVICE_TIME), legend="Time", limits=limits((0, BAD), (0, WARN), (MONTH, GOOD))
            ),
            Query(
                expr=held(f.SERVICE_DISTANCE) + TO_KM,
                legend="Distance",
                unit=KM,
                limits=limits((0, BAD), (0, WARN), (1000, GOOD)),
            ),
            Query(expr=held(f.SERVICE_ENGINE_TIME), legend="Engine hours"),
        ),
        unit=SECONDS,
        decimals=0,
        width=10,
    ),
    one(
        "Odometer (km)",
        "Distance driven since the car was built.",
        held(f.ODOMETER) + TO_KM,
        unit=THOUSANDS,
        decimals=0,
        width=4,
    ),
    one(
        "Last report",
        "Time since the car's last report to Volvo's cloud. A sleeping car may not report for days.",
        f"time() - {last_report()}",
        unit=SECONDS,
        limits=limits((0, GOOD), (86400, BUSY), (3 * 86400, DIM)),
        decimals=0,
        width=4,
    ),
    Panel(
        title="Connection",
        description="Whether Volvo's cloud reaches the car, and the reason if not. A car that drives or "
        "sleeps is out of reach.",
        queries=(
            Query(expr=held(f.AVAILABLE), legend="Car", mappings=REACHABLE),
            Query(
                expr=f"({state(f.UNAVAILABLE_REASON)}) > 0",
                legend="Reason",
                mappings=map_states(f.UNAVAILABLE_REASON),
            ),
        ),
        unit=COUNT,
        width=6,
    ),
    Panel(
        title="Warnings over time",
        description="Fluids, oil, service reminder and failed lamps of this car.",
        queries=(
            Query(expr=value(f.BRAKE_FLUID_LOW), legend="Brake fluid", mappings=LOW),
            Query(expr=value(f.COOLANT_LOW), legend="Coolant", mappings=LOW),
            Query(expr=value(f.WASHER_FLUID_LOW), legend="Washer fluid", mappings=LOW),
            Query(expr=state(f.OIL_LEVEL), legend="Oil", mappings=map_states(f.OIL_LEVEL)),
            Query(expr=state(f.SERVICE_STATUS), legend="Service", mappings=map_states(f.SERVICE_STATUS)),
            Query(expr=f"max({value(f.LAMP_FAILURE, 'lamp')})", legend="Lamps", mappings=LAMP),
        ),
        kind=Kind.TIMELINE,
        mappings=LOW,
        width=12,
        height=9,
    ),
    one(
        "Tyres over time",
        "Pressure warnings of each tyre. The API has no pressures, and some cars report no warnings.",
        state(f.TYRE_PRESSURE, "tyre"),
        "{{tyre}}",
        kind=Kind.TIMELINE,
        mappings=map_states(f.TYRE_PRESSURE),
        no_value="Not reported by this car",
        width=12,
        height=9,
    ),
)
HEALTH = Dashboard(
    uid="volvo-health",
    file="volvo-health.json",
    title="Volvo: health",
    description="What is open, low or failed, the next service, and warnings over time.",
    variables=(pick(),),
    since="now-30d",
    refresh="5m",
    rows=(Row(title="", panels=PANELS),),
)
