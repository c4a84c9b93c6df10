"""The main dashboard: one car at a glance. Its rows are parts of other dashboards, too."""

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
from tools.dashboards.words import (
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
    words_of,
)
from volvo_exporter.catalogue import families as f
from volvo_exporter.catalogue.thresholds import LOW_FUEL

CHARGE_LIMITS = ((None, BAD), (0.1, WARN), (0.2, GOOD))
FUEL_LIMITS = ((None, WARN), (LOW_FUEL, GOOD))
KM_OF = " / 1000"

CHARGE = one(
    "Charge",
    "State of charge of the traction battery. A diesel has none.",
    value(f.BATTERY_CHARGE),
    kind=Kind.GAUGE,
    unit=PERCENT,
    high=1,
    limits=CHARGE_LIMITS,
    width=4,
    height=6,
)
RANGE = Panel(
    title="Range",
    text="Distance to empty as the car estimates it, for each source of energy that this car has.",
    queries=(
        Query(expr=value(f.DISTANCE_TO_EMPTY, source="battery") + KM_OF, legend="Battery"),
        Query(expr=value(f.DISTANCE_TO_EMPTY, source="tank") + KM_OF, legend="Tank"),
        Query(expr=value(f.ELECTRIC_RANGE) + KM_OF, legend="Battery, by the Energy API"),
    ),
    unit=KM,
    decimals=0,
    width=5,
    height=6,
)
ACTIVITY_OVER_TIME = Panel(
    title="Activity and locks",
    text="What the car did, when it was locked and when its engine ran.",
    queries=(
        Query(expr=state(f.ACTIVITY), legend="Activity", words=words_of(f.ACTIVITY)),
        Query(expr=value(f.LOCKED), legend="Lock", words=LOCKED),
        Query(expr=value(f.ENGINE_RUNNING), legend="Engine", words=RUNNING),
        Query(expr=value(f.AVAILABLE), legend="Cloud", words=REACHABLE),
    ),
    kind=Kind.TIMELINE,
    words=words_of(f.ACTIVITY),
    width=24,
    height=6,
)
CHARGING_OVER_TIME = Panel(
    title="Charging and cable",
    text="What the charging system and cable did. Fault is normal on an EX30 that is plugged in and done.",
    queries=(
        Query(expr=state(f.CHARGING_STATUS), legend="Charging", words=words_of(f.CHARGING_STATUS)),
        Query(expr=state(f.CHARGER_CONNECTION), legend="Cable", words=words_of(f.CHARGER_CONNECTION)),
        Query(expr=state(f.CHARGER_POWER), legend="Power", words=words_of(f.CHARGER_POWER)),
        Query(expr=state(f.CHARGING_TYPE), legend="Current", words=words_of(f.CHARGING_TYPE)),
    ),
    kind=Kind.TIMELINE,
    words=words_of(f.CHARGING_STATUS),
    width=24,
    height=6,
)
TYRES = one(
    "Tyres",
    "Pressure warnings. The API tells no pressures, and some cars no warnings either.",
    state(f.TYRE_PRESSURE, "tyre"),
    "{{tyre}}",
    words=words_of(f.TYRE_PRESSURE),
    width=8,
)
FLUIDS = Panel(
    title="Fluids",
    text="Warnings about fluids, as far as this car has them.",
    queries=(
        Query(expr=value(f.BRAKE_FLUID_LOW), legend="Brake fluid"),
        Query(expr=value(f.COOLANT_LOW), legend="Coolant"),
        Query(expr=value(f.WASHER_FLUID_LOW), legend="Washer fluid"),
        Query(expr=state(f.OIL_LEVEL), legend="Oil", words=words_of(f.OIL_LEVEL)),
    ),
    words=LOW,
    width=8,
)
LAMPS_FAILED = one(
    "Failed lamps",
    "How many lamps the car reports as failed.",
    f"sum({value(f.LAMP_FAILURE, 'lamp')})",
    unit="short",
    limits=((None, GOOD), (1, BAD)),
    width=4,
)
SERVICE = one(
    "Service",
    "Service reminder of the car.",
    state(f.SERVICE_STATUS),
    words=words_of(f.SERVICE_STATUS),
    width=4,
)
ALERTS = one(
    "Alerts of this car",
    "Alerts that fire now, from `prometheus/alert_rules.yml`.",
    'max by (alertname, severity, vin) (ALERTS{alertstate="firing",vin=~"$vin"})',
    "Firing",
    kind=Kind.TABLE,
    words=((1, "Fires", BAD),),
    absent="No alert fires",
    width=12,
    height=6,
)
MAP = Panel(
    title="Where it is",
    text="The last known position. Needs the scope location:read.",
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
    text="Weather at the car's position. Needs a key for the weather service.",
    queries=(
        Query(expr=value(f.WEATHER_TEMPERATURE), legend="Temperature"),
        Query(expr=value(f.WEATHER_FEELS_LIKE), legend="Feels like"),
        Query(expr=value(f.WEATHER_TEMPERATURE_MIN), legend="Lowest around"),
        Query(expr=value(f.WEATHER_TEMPERATURE_MAX), legend="Highest around"),
        Query(expr=value(f.WEATHER_HUMIDITY), legend="Humidity", unit=PERCENT),
        Query(expr=value(f.WEATHER_PRESSURE) + " / 100", legend="Air pressure", unit=PRESSURE),
    ),
    unit=CELSIUS,
    absent="No weather: no key set, or no position known",
    width=12,
    height=12,
)

GLANCE = (
    CHARGE,
    one(
        "Fuel",
        f"Fuel in the tank; low below {LOW_FUEL:.0f} litres, the dial ends at 70. An electric car has none.",
        value(f.FUEL_AMOUNT),
        kind=Kind.GAUGE,
        unit=LITRES,
        high=70,
        limits=FUEL_LIMITS,
        width=4,
        height=6,
    ),
    RANGE,
    Panel(
        title="Now",
        text="What the car is doing; the charging system speaks only on cars that have one.",
        queries=(
            Query(expr=state(f.ACTIVITY), legend="Activity", words=words_of(f.ACTIVITY)),
            Query(expr=state(f.CHARGING_STATUS), legend="Charging", words=words_of(f.CHARGING_STATUS)),
            Query(expr=value(f.LOCKED), legend="Lock", words=LOCKED),
            Query(expr=value(f.AVAILABLE), legend="Cloud", words=REACHABLE),
        ),
        words=words_of(f.ACTIVITY),
        width=6,
        height=6,
    ),
    Panel(
        title="Driven",
        text="The odometer and the trip meters.",
        queries=(
            Query(expr=value(f.ODOMETER) + KM_OF, legend="Odometer"),
            Query(expr=value(f.TRIP_DISTANCE, trip="automatic") + KM_OF, legend="Last trip"),
            Query(expr=value(f.TRIP_DISTANCE, trip="manual") + KM_OF, legend="Trip meter"),
        ),
        unit=KM,
        decimals=0,
        width=5,
        height=6,
    ),
)
CLOSED = (
    one("Doors and lids", "Which are open.", value(f.DOOR_OPEN, "door"), "{{door}}", words=OPEN, width=14),
    one("Windows", "Which are open.", value(f.WINDOW_OPEN, "window"), "{{window}}", words=OPEN, width=10),
)
TRENDS = (
    Panel(
        title="Charge and fuel",
        text="State of charge with its target, and fuel on cars with a tank.",
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
        text="Distance to empty as the car estimated it.",
        queries=RANGE.queries,
        kind=Kind.GRAPH,
        unit=KM,
        width=12,
        height=8,
    ),
    Panel(
        title="Charging power and temperature",
        text="Power that charges the battery, where the car tells it, and the air temperature outside.",
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
        text="The odometer, and the car's own average fuel consumption where it has an engine.",
        queries=(
            Query(expr=value(f.ODOMETER) + KM_OF, legend="Odometer"),
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
    "Last word of the car",
    "Time since the car last told Volvo's cloud anything. A sleeping car says nothing for days.",
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
    text="One car at a glance: energy, range, what it does, what is open, what it warns of and where it is.",
    variables=(pick(),),
    rows=(
        Row(title="At a glance", panels=GLANCE),
        Row(title="What it did", panels=(ACTIVITY_OVER_TIME, CHARGING_OVER_TIME)),
        Row(title="Doors and windows", panels=CLOSED),
        Row(title="Warnings", panels=(TYRES, FLUIDS, LAMPS_FAILED, SERVICE, ALERTS, FRESHNESS)),
        Row(title="Trends", panels=TRENDS),
        Row(title="Place and weather", panels=(MAP, WEATHER)),
    ),
)
