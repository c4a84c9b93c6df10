"""Dashboard of driving and efficiency."""

from dataclasses import replace

from tools.dashboards.energy import DAY, REQUIRES_RULES, count_ends, over_windows
from tools.dashboards.model import (
    CELSIUS,
    CONSUMPTION,
    COUNT,
    FUEL_CONSUMPTION,
    KM,
    LITRES,
    PERCENT,
    SPEED,
    Dashboard,
    Kind,
    Panel,
    Query,
    Row,
    grouped,
    one,
    pick,
    rule,
    series,
    value,
)
from tools.dashboards.vehicle import ACTIVITY_OVER_TIME, RANGE, TO_KM
from volvo_exporter.catalogue import families as f
from volvo_exporter.catalogue.model import Family

TRIPS = {"automatic": "Last trip", "manual": "Trip meter", "since_charge": "Since charging"}


def by_trip(family: Family, factor: str) -> tuple[Query, ...]:
    """Return an average of the car over each trip of the family."""
    trips = TRIPS if family is f.AVERAGE_ENERGY else ("automatic", "manual")
    return tuple(Query(expr=value(family, trip=trip) + factor, legend=TRIPS[trip]) for trip in trips)


DISTANCES = (
    one(
        "Odometer", "Distance driven since the car was built.", value(f.ODOMETER) + TO_KM, unit=KM, decimals=0
    ),
    Panel(
        title="Distance driven",
        description="Distance by odometer." + REQUIRES_RULES,
        queries=over_windows("distance_km"),
        unit=KM,
        decimals=0,
        width=8,
    ),
    one(
        "Trips",
        "Number of trips that ended in the selected time range, as seen by the exporter.",
        count_ends(f.ACTIVITY, "driving"),
        unit=COUNT,
        decimals=0,
        width=4,
    ),
    Panel(
        title="Trip meters",
        description="Distances of the car's trip meters.",
        queries=by_trip(f.TRIP_DISTANCE, TO_KM),
        unit=KM,
        decimals=1,
    ),
    one(
        "Distance per day",
        "Distance in the 24 hours before each bar." + REQUIRES_RULES,
        rule("volvo:distance_km:1d"),
        "Distance",
        kind=Kind.COLUMNS,
        unit=KM,
        every=DAY,
        width=14,
        height=8,
    ),
    one(
        "Time by activity",
        "Share of the selected time range in each activity.",
        grouped(f"avg_over_time({series(f.ACTIVITY, '[$__range]')})", "state"),
        "{{state}}",
        kind=Kind.BARS,
        unit=PERCENT,
        maximum=1,
        width=10,
        height=8,
    ),
    ACTIVITY_OVER_TIME,
)
ELECTRIC = (
    Panel(
        title="Electric consumption (car)",
        description="Averages that the car reports for its trips.",
        queries=by_trip(f.AVERAGE_ENERGY, " / 36"),
        unit=CONSUMPTION,
        decimals=1,
        width=8,
    ),
    Panel(
        title="Electric consumption (measured)",
        description="Energy used by distance, including standby. Requires 5 km." + REQUIRES_RULES,
        queries=over_windows("consumption_kwh_per_100km"),
        unit=CONSUMPTION,
        decimals=1,
        width=8,
    ),
    replace(RANGE, width=8, height=4),
    Panel(
        title="Electric consumption and temperature",
        description="The car's average of the last trip, and the air temperature.",
        queries=(
            Query(expr=value(f.AVERAGE_ENERGY, trip="automatic") + " / 36", legend="Last trip"),
            Query(expr=value(f.WEATHER_TEMPERATURE), legend="Outside", unit=CELSIUS),
        ),
        kind=Kind.GRAPH,
        unit=CONSUMPTION,
        width=12,
        height=8,
    ),
    one(
        "Range at 100 % over time",
        "Range of a full battery, as estimated by the car. It depends on temperature, speed and age."
        + REQUIRES_RULES,
        rule("volvo:full_range_km:estimate"),
        "Range at 100 %",
        kind=Kind.GRAPH,
        unit=KM,
        width=12,
        height=8,
    ),
)
FUEL = (
    Panel(
        title="Fuel consumption (car)",
        description="Averages that the car reports for its trips. Not for electric cars.",
        queries=by_trip(f.AVERAGE_FUEL, " * 100000"),
        unit=FUEL_CONSUMPTION,
        decimals=1,
        width=8,
    ),
    Panel(
        title="Fuel consumption (measured)",
        description="Falls of the fuel level by distance. Requires 5 km." + REQUIRES_RULES,
        queries=over_windows("consumption_liters_per_100km"),
        unit=FUEL_CONSUMPTION,
        decimals=1,
        width=8,
    ),
    Panel(
        title="Fuel used",
        description="Falls of the fuel level." + REQUIRES_RULES,
        queries=over_windows("fuel_used_liters"),
        unit=LITRES,
        decimals=1,
        width=8,
    ),
    one(
        "Fuel over time",
        "Fuel in the tank.",
        value(f.FUEL_AMOUNT),
        "Fuel",
        kind=Kind.GRAPH,
        unit=LITRES,
        width=24,
        height=7,
    ),
)
SPEEDS = (
    Panel(
        title="Average speed",
        description="Average speed of the trips, as reported by the car.",
        queries=by_trip(f.AVERAGE_SPEED, " * 3.6"),
        kind=Kind.GRAPH,
        unit=SPEED,
        width=12,
        height=8,
    ),
    Panel(
        title="Trip meters over time",
        description="Distances of the car's trip meters. The automatic one resets with each trip.",
        queries=by_trip(f.TRIP_DISTANCE, TO_KM),
        kind=Kind.GRAPH,
        unit=KM,
        width=12,
        height=8,
    ),
)
DRIVING = Dashboard(
    uid="volvo-driving",
    file="volvo-driving.json",
    title="Volvo: driving and efficiency",
    description="Distances, trips, speed, and consumption of electricity and fuel.",
    variables=(pick(),),
    since="now-7d",
    refresh="5m",
    rows=(
        Row(title="Distance", panels=DISTANCES),
        Row(title="Trips", panels=SPEEDS),
        Row(title="Electricity", panels=ELECTRIC),
        Row(title="Fuel", panels=FUEL),
    ),
)
