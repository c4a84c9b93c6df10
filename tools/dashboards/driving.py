"""The dashboard of driving and efficiency."""

from dataclasses import replace

from tools.dashboards.energy import BY_RULES, DAY, ended, over_windows
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
from tools.dashboards.vehicle import ACTIVITY_OVER_TIME, KM_OF, RANGE
from volvo_exporter.catalogue import families as f

TRIPS = {"automatic": "Last trip", "manual": "Trip meter", "since_charge": "Since the charge"}


def by_trip(family: f.Family, factor: str) -> tuple[Query, ...]:
    """An average of the car over each trip that the family knows."""
    trips = TRIPS if family is f.AVERAGE_ENERGY else ("automatic", "manual")
    return tuple(Query(expr=value(family, trip=trip) + factor, legend=TRIPS[trip]) for trip in trips)


DISTANCES = (
    one(
        "Odometer", "Distance driven since the car was built.", value(f.ODOMETER) + KM_OF, unit=KM, decimals=0
    ),
    Panel(
        title="Driven",
        text="Distance driven." + BY_RULES,
        queries=over_windows("distance_km"),
        unit=KM,
        decimals=0,
        width=8,
    ),
    one(
        "Drives",
        "How many drives ended in the chosen time. Only what the exporter saw counts.",
        ended(f.ACTIVITY, "driving"),
        unit=COUNT,
        decimals=0,
        width=4,
    ),
    Panel(
        title="Trip meters",
        text="Distances on the trip meters of the car.",
        queries=by_trip(f.TRIP_DISTANCE, KM_OF),
        unit=KM,
        decimals=1,
    ),
    one(
        "Driven a day",
        "Distance in the 24 hours before each bar." + BY_RULES,
        rule("volvo:distance_km:1d"),
        "Driven",
        kind=Kind.COLUMNS,
        unit=KM,
        every=DAY,
        width=14,
        height=8,
    ),
    one(
        "Time by activity",
        "Share of the chosen time in each activity.",
        grouped(f"avg_over_time({series(f.ACTIVITY, '[$__range]')})", "state"),
        "{{state}}",
        kind=Kind.BARS,
        unit=PERCENT,
        high=1,
        width=10,
        height=8,
    ),
    ACTIVITY_OVER_TIME,
)
ELECTRIC = (
    Panel(
        title="Electric consumption, by the car",
        text="The car's own averages over its trips.",
        queries=by_trip(f.AVERAGE_ENERGY, " / 36"),
        unit=CONSUMPTION,
        decimals=1,
        width=8,
    ),
    Panel(
        title="Electric consumption, measured",
        text="Energy that left the battery by distance, standing included; absent below 5 km." + BY_RULES,
        queries=over_windows("consumption_kwh_per_100km"),
        unit=CONSUMPTION,
        decimals=1,
        width=8,
    ),
    replace(RANGE, width=8, height=4),
    Panel(
        title="Electric consumption and temperature",
        text="The car's own average over a trip beside the air temperature: cold costs range.",
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
        "Range of a full battery over time",
        "Range at 100 % as the car estimates it; it follows temperature, speed and age." + BY_RULES,
        rule("volvo:full_range_km:estimate"),
        "Full range",
        kind=Kind.GRAPH,
        unit=KM,
        width=12,
        height=8,
    ),
)
FUEL = (
    Panel(
        title="Fuel consumption, by the car",
        text="The car's own averages over its trips. An electric car has none.",
        queries=by_trip(f.AVERAGE_FUEL, " * 100000"),
        unit=FUEL_CONSUMPTION,
        decimals=1,
        width=8,
    ),
    Panel(
        title="Fuel consumption, measured",
        text="Falls of the fuel by distance; absent below 5 km." + BY_RULES,
        queries=over_windows("consumption_liters_per_100km"),
        unit=FUEL_CONSUMPTION,
        decimals=1,
        width=8,
    ),
    Panel(
        title="Fuel used",
        text="Fuel that left the tank." + BY_RULES,
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
        text="Average speed over the trips, as the car tells it.",
        queries=by_trip(f.AVERAGE_SPEED, " * 3.6"),
        kind=Kind.GRAPH,
        unit=SPEED,
        width=12,
        height=8,
    ),
    Panel(
        title="Trip meters over time",
        text="The trip meters: the automatic one starts anew with each trip.",
        queries=by_trip(f.TRIP_DISTANCE, KM_OF),
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
    text="Distances, trips, speed and what they cost in electricity and fuel.",
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
