"""Dashboard of health: what is wrong, and when it was."""

from dataclasses import replace

from tools.dashboards.mappings import BAD, BUSY, DIM, GOOD, LAMP, LOW, REACHABLE, WARN, map_states
from tools.dashboards.model import (
    COUNT,
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
    pick,
    state,
    value,
)
from tools.dashboards.overview import ALERTS, EXCEPTIONS
from tools.dashboards.units import DISTANCE, in_unit, with_unit
from volvo_exporter.catalogue import families as f

MONTH = 30

PANELS = (
    replace(EXCEPTIONS, width=12, height=6),
    replace(ALERTS, width=12, height=6),
    Panel(
        title="Next service",
        description="Time and distance until the next service, engine hours if counted, and what makes it "
        "due. A month is 30 days.",
        queries=(
            Query(
                expr=f"{held(f.SERVICE_TIME)} / 86400",
                legend="Time",
                unit="suffix:days",
                limits=limits((0, BAD), (0, WARN), (MONTH, GOOD)),
            ),
            Query(
                expr=in_unit(DISTANCE, held(f.SERVICE_DISTANCE)),
                legend=with_unit("Distance", DISTANCE),
                unit=THOUSANDS,
                limits=limits((0, BAD), (0, WARN), (1000, GOOD)),
            ),
            Query(expr=f"{held(f.SERVICE_ENGINE_TIME)} / 3600", legend="Engine hours"),
            Query(
                expr=f"({state(f.SERVICE_TRIGGER)}) > 0",
                legend="Due by",
                mappings=map_states(f.SERVICE_TRIGGER),
            ),
        ),
        unit=THOUSANDS,
        decimals=0,
        width=12,
    ),
    Panel(
        title="Odometer and connection",
        description="Distance driven since the car was built, time since its last report, and whether "
        "Volvo's cloud reaches it, with the reason if not. A car that drives or sleeps is out of reach; "
        "a sleeping car may not report for days.",
        queries=(
            Query(
                expr=in_unit(DISTANCE, held(f.ODOMETER)),
                legend=with_unit("Odometer", DISTANCE),
                unit=THOUSANDS,
            ),
            Query(
                expr=f"time() - {last_report()}",
                legend="Reported ago",
                unit=SECONDS,
                limits=limits((0, GOOD), (86400, BUSY), (3 * 86400, DIM)),
            ),
            Query(expr=held(f.AVAILABLE), legend="Car", mappings=REACHABLE),
            Query(
                expr=f"({state(f.UNAVAILABLE_REASON)}) > 0",
                legend="Reason",
                mappings=map_states(f.UNAVAILABLE_REASON),
            ),
        ),
        unit=COUNT,
        decimals=0,
        width=12,
    ),
    Panel(
        title="Warnings over time",
        description="Fluids, oil, service reminder, failed lamps and tyres of this car. The API has no tyre "
        "pressures, and some cars report no warnings.",
        queries=(
            Query(expr=value(f.BRAKE_FLUID_LOW), legend="Brake fluid", mappings=LOW),
            Query(expr=value(f.COOLANT_LOW), legend="Coolant", mappings=LOW),
            Query(expr=value(f.WASHER_FLUID_LOW), legend="Washer fluid", mappings=LOW),
            Query(expr=state(f.OIL_LEVEL), legend="Oil", mappings=map_states(f.OIL_LEVEL)),
            Query(expr=state(f.SERVICE_STATUS), legend="Service", mappings=map_states(f.SERVICE_STATUS)),
            Query(expr=f"max({value(f.LAMP_FAILURE, 'lamp')})", legend="Lamps", mappings=LAMP),
            Query(
                expr=state(f.TYRE_PRESSURE, "tyre"),
                legend="Tyre {{tyre}}",
                mappings=map_states(f.TYRE_PRESSURE),
            ),
        ),
        kind=Kind.TIMELINE,
        mappings=LOW,
        width=24,
        height=12,
    ),
)
HEALTH = Dashboard(
    uid="volvo-health",
    file="volvo-health.json",
    title="Volvo: health",
    description="What is open, low or failed, the next service, and warnings over time.",
    variables=(pick(), DISTANCE),
    since="now-30d",
    refresh="5m",
    rows=(Row(title="", panels=PANELS),),
)
