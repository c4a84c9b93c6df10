"""Main dashboard: one car. Other dashboards reuse some of its panels."""

from tools.dashboards.mappings import (
    BAD,
    BUSY,
    DIM,
    GOOD,
    LOCKED,
    LOW,
    OPEN,
    REACHABLE,
    RUNNING,
    WARN,
    map_states,
)
from tools.dashboards.model import (
    CELSIUS,
    DEGREES,
    FUEL_CONSUMPTION,
    KM,
    LITRES,
    PERCENT,
    PRESSURE,
    SECONDS,
    WATT,
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
from volvo_exporter.catalogue import families as f
from volvo_exporter.catalogue.thresholds import LOW_FUEL

CHARGE_LIMITS = ((None, BAD), (0.1, WARN), (0.2, GOOD))
FUEL_LIMITS = ((None, WARN), (LOW_FUEL, GOOD))
TO_KM = " / 1000"

CHARGE = one(
    "Charge",
    "State of charge of the traction battery.",
    value(f.BATTERY_CHARGE),
    kind=Kind.GAUGE,
    unit=PERCENT,
    maximum=1,
    limits=CHARGE_LIMITS,
    width=4,
    height=6,
)
RANGE = Panel(
    title="Range",
    description="Distance to empty by energy source, as estimated by the car.",
    queries=(
        Query(expr=value(f.DISTANCE_TO_EMPTY, source="battery") + TO_KM, legend="Battery"),
        Query(expr=value(f.DISTANCE_TO_EMPTY, source="tank") + TO_KM, legend="Tank"),
        Query(expr=value(f.ELECTRIC_RANGE) + TO_KM, legend="Battery (Energy API)"),
    ),
    unit=KM,
    decimals=0,
    width=5,
    height=6,
)
ACTIVITY_OVER_TIME = Panel(
    title="Activity and locks",
    description="Activity, lock, engine and connection over time.",
    queries=(
        Query(expr=state(f.ACTIVITY), legend="Activity", mappings=map_states(f.ACTIVITY)),
        Query(expr=value(f.LOCKED), legend="Lock", mappings=LOCKED),
        Query(expr=value(f.ENGINE_RUNNING), legend="Engine", mappings=RUNNING),
        Query(expr=value(f.AVAILABLE), legend="Connection", mappings=REACHABLE),
    ),
    kind=Kind.TIMELINE,
    mappings=map_states(f.ACTIVITY),
    width=24,
    height=6,
)
CHARGING_OVER_TIME = Panel(
    title="Charging and cable",
    description="Charging system and cable over time. A plugged-in EX30 reports a fault after charging.",
    queries=(
        Query(expr=state(f.CHARGING_STATUS), legend="Charging", mappings=map_states(f.CHARGING_STATUS)),
        Query(expr=state(f.CHARGER_CONNECTION), legend="Cable", mappings=map_states(f.CHARGER_CONNECTION)),
        Query(expr=state(f.CHARGER_POWER), legend="Power", mappings=map_states(f.CHARGER_POWER)),
        Query(expr=state(f.CHARGING_TYPE), legend="Current", mappings=map_states(f.CHARGING_TYPE)),
    ),
    kind=Kind.TIMELINE,
    mappings=map_states(f.CHARGING_STATUS),
    width=24,
    height=6,
)
TYRES = one(
    "Tyres",
    "Pressure warnings. The API has no pressures, and some cars report no warnings.",
    state(f.TYRE_PRESSURE, "tyre"),
    "{{tyre}}",
    mappings=map_states(f.TYRE_PRESSURE),
    width=8,
)
FLUIDS = Panel(
    title="Fluids",
    description="Fluid warnings of this car.",
    queries=(
        Query(expr=value(f.BRAKE_FLUID_LOW), legend="Brake fluid"),
        Query(expr=value(f.COOLANT_LOW), legend="Coolant"),
        Query(expr=value(f.WASHER_FLUID_LOW), legend="Washer fluid"),
        Query(expr=state(f.OIL_LEVEL), legend="Oil", mappings=map_states(f.OIL_LEVEL)),
    ),
    mappings=LOW,
    width=8,
)
LAMPS_FAILED = one(
    "Failed lamps",
    "Number of lamps that the car reports as failed.",
    f"sum({value(f.LAMP_FAILURE, 'lamp')})",
    unit="short",
    limits=((None, GOOD), (1, BAD)),
    width=4,
)
SERVICE = one(
    "Service",
    "Service reminder of the car.",
    state(f.SERVICE_STATUS),
    mappings=map_states(f.SERVICE_STATUS),
    width=4,
)
ALERTS = one(
    "Firing alerts",
    "Firing alerts of this car. Requires the rules of `prometheus/alert_rules.yml`.",
    'max by (alertname, severity, vin) (ALERTS{alertstate="firing",vin=~"$vin"})',
    "Firing",
    kind=Kind.TABLE,
    mappings=((1, "Firing", BAD),),
    no_value="No firing alerts",
    width=12,
    height=6,
)
MAP = Panel(
    title="Position on the map",
    description="Last known position. Requires the scope location:read.",
    queries=(
        Query(expr=value(f.LATITUDE, "vin"), legend="latitude"),
        Query(expr=value(f.LONGITUDE, "vin"), legend="longitude"),
        Query(expr=value(f.HEADING, "vin"), legend="heading", unit=DEGREES),
    ),
    kind=Kind.POINTS,
    unit=DEGREES,
    width=12,
    height=12,
)
WEATHER = Panel(
    title="Weather at the car",
    description="Weather at the car's position. Requires `weather_api_key`.",
    queries=(
        Query(expr=value(f.WEATHER_TEMPERATURE), legend="Temperature"),
        Query(expr=value(f.WEATHER_FEELS_LIKE), legend="Feels like"),
        Query(expr=value(f.WEATHER_TEMPERATURE_MIN), legend="Lowest nearby"),
        Query(expr=value(f.WEATHER_TEMPERATURE_MAX), legend="Highest nearby"),
        Query(expr=value(f.WEATHER_HUMIDITY), legend="Humidity", unit=PERCENT),
        Query(expr=value(f.WEATHER_PRESSURE) + " / 100", legend="Air pressure", unit=PRESSURE),
    ),
    unit=CELSIUS,
    no_value="No `weather_api_key`, or position unknown",
    width=12,
    height=12,
)

GLANCE = (
    CHARGE,
    one(
        "Fuel",
        f"Fuel in the tank. Low below {LOW_FUEL:.0f} litres.",
        value(f.FUEL_AMOUNT),
        kind=Kind.GAUGE,
        unit=LITRES,
        maximum=70,
        limits=FUEL_LIMITS,
        width=4,
        height=6,
    ),
    RANGE,
    Panel(
        title="Status",
        description="Current activity, charging state, lock and connection.",
        queries=(
            Query(expr=state(f.ACTIVITY), legend="Activity", mappings=map_states(f.ACTIVITY)),
            Query(expr=state(f.CHARGING_STATUS), legend="Charging", mappings=map_states(f.CHARGING_STATUS)),
            Query(expr=value(f.LOCKED), legend="Lock", mappings=LOCKED),
            Query(expr=value(f.AVAILABLE), legend="Connection", mappings=REACHABLE),
        ),
        mappings=map_states(f.ACTIVITY),
        width=6,
        height=6,
    ),
    Panel(
        title="Distances",
        description="Odometer and trip meters.",
        queries=(
            Query(expr=value(f.ODOMETER) + TO_KM, legend="Odometer"),
            Query(expr=value(f.TRIP_DISTANCE, trip="automatic") + TO_KM, legend="Last trip"),
            Query(expr=value(f.TRIP_DISTANCE, trip="manual") + TO_KM, legend="Trip meter"),
        ),
        unit=KM,
        decimals=0,
        width=5,
        height=6,
    ),
)
CLOSED = (
    one(
        "Doors and lids",
        "Whether each is open.",
        value(f.DOOR_OPEN, "door"),
        "{{door}}",
        mappings=OPEN,
        width=14,
    ),
    one(
        "Windows",
        "Whether each is open.",
        value(f.WINDOW_OPEN, "window"),
        "{{window}}",
        mappings=OPEN,
        width=10,
    ),
)
TRENDS = (
    Panel(
        title="Charge and fuel",
        description="State of charge, charging target and fuel.",
        queries=(
            Query(expr=value(f.BATTERY_CHARGE), legend="Charge"),
            Query(expr=value(f.CHARGING_TARGET), legend="Target"),
            Query(expr=value(f.FUEL_AMOUNT), legend="Fuel", unit=LITRES),
        ),
        kind=Kind.GRAPH,
        unit=PERCENT,
        width=12,
        height=8,
    ),
    Panel(
        title="Range over time",
        description="Distance to empty, as estimated by the car.",
        queries=RANGE.queries,
        kind=Kind.GRAPH,
        unit=KM,
        width=12,
        height=8,
    ),
    Panel(
        title="Charging power and temperature",
        description="Charging power, if the car reports it, and the outside temperature.",
        queries=(
            Query(expr=value(f.CHARGING_POWER), legend="Power"),
            Query(expr=value(f.WEATHER_TEMPERATURE), legend="Outside", unit=CELSIUS),
        ),
        kind=Kind.GRAPH,
        unit=WATT,
        width=12,
        height=8,
    ),
    Panel(
        title="Odometer and consumption",
        description="Odometer, and the car's average fuel consumption.",
        queries=(
            Query(expr=value(f.ODOMETER) + TO_KM, legend="Odometer"),
            Query(
                expr=value(f.AVERAGE_FUEL, trip="automatic") + " * 100000",
                legend="Fuel consumption",
                unit=FUEL_CONSUMPTION,
            ),
        ),
        kind=Kind.GRAPH,
        unit=KM,
        width=12,
        height=8,
    ),
)
FRESHNESS = one(
    "Data age",
    "Time since the car's last report to Volvo's cloud. A sleeping car may not report for days.",
    f"time() - {last_report()}",
    unit=SECONDS,
    limits=((None, GOOD), (86400, BUSY), (3 * 86400, DIM)),
    decimals=0,
    width=12,
    height=6,
)

VEHICLE = Dashboard(
    uid="volvo-vehicle",
    file="volvo-vehicle-dashboard.json",
    title="Volvo: vehicle",
    description="One car: charge, fuel, range, activity, doors, warnings and position.",
    variables=(pick(),),
    rows=(
        Row(title="Overview", panels=GLANCE),
        Row(title="Activity", panels=(ACTIVITY_OVER_TIME, CHARGING_OVER_TIME)),
        Row(title="Doors and windows", panels=CLOSED),
        Row(title="Warnings", panels=(TYRES, FLUIDS, LAMPS_FAILED, SERVICE, ALERTS, FRESHNESS)),
        Row(title="Trends", panels=TRENDS),
        Row(title="Position and weather", panels=(MAP, WEATHER)),
    ),
)
