"""Dashboard of drives."""

from tools.dashboards.events import STEP, mean_of_drives, of_drives
from tools.dashboards.mappings import FUEL_COLOUR, LOCK, RUNNING, map_states
from tools.dashboards.model import (
    COUNT,
    DAY,
    KWH,
    LITRES,
    LOCAL_TIME,
    MS,
    SECONDS,
    THOUSANDS,
    Dashboard,
    Kind,
    Panel,
    Query,
    Row,
    held,
    one,
    over_range,
    per_day,
    pick,
    state,
    value,
)
from tools.dashboards.overview import TO_KWH
from tools.dashboards.units import DISTANCE, ELECTRIC, FUEL, in_speed, in_unit, with_unit
from volvo_exporter.catalogue import families as f
from volvo_exporter.catalogue import journal as j

BEGIN = f"({value(j.LAST_DRIVE_END)} - {value(j.LAST_DRIVE_DURATION)})"
LENGTH = value(j.LAST_DRIVE_DISTANCE)
PERIOD = "${vin:queryparam}&from=${__data.fields.Start.numeric}&to=${__data.fields.End.numeric}"
OF_ELECTRICITY = in_unit(ELECTRIC, f"{value(j.LAST_DRIVE_ENERGY)} / ({LENGTH} >= 1000)")
OF_FUEL = in_unit(FUEL, f"{value(j.LAST_DRIVE_FUEL)} / ({LENGTH} >= 1000)")

TOTALS = Panel(
    title="In the selected time range",
    description="Distance by odometer, number of drives in the journal, their average distance, and their "
    "estimated consumption.",
    queries=(
        Query(
            expr=in_unit(DISTANCE, over_range(f.ODOMETER)),
            legend=with_unit("Distance", DISTANCE),
            unit=THOUSANDS,
        ),
        Query(expr=over_range(j.DRIVES), legend="Drives", unit=THOUSANDS),
        Query(
            expr=in_unit(DISTANCE, f"{over_range(j.DRIVEN)} / ({over_range(j.DRIVES)} > 0)"),
            legend=with_unit("Average drive", DISTANCE),
        ),
        Query(
            expr=in_unit(ELECTRIC, mean_of_drives(j.LAST_DRIVE_ENERGY)),
            legend=with_unit("Electric", ELECTRIC),
            decimals=1,
        ),
        Query(
            expr=in_unit(FUEL, mean_of_drives(j.LAST_DRIVE_FUEL)),
            legend=with_unit("Fuel", FUEL),
            decimals=1,
        ),
    ),
    unit=COUNT,
    decimals=0,
    width=12,
)
TRIPS = Panel(
    title="Trip meters of the car",
    description="Distance, speed and consumption of the automatic trip meter, which the car resets after a "
    "stop of some hours, and electric consumption since the last charge.",
    queries=(
        Query(
            expr=in_unit(DISTANCE, held(f.TRIP_DISTANCE, trip="automatic")),
            legend=with_unit("Distance", DISTANCE),
        ),
        Query(
            expr=in_speed(held(f.AVERAGE_SPEED, trip="automatic")),
            legend=with_unit("Speed", DISTANCE, "/h"),
        ),
        Query(
            expr=in_unit(ELECTRIC, held(f.AVERAGE_ENERGY, trip="automatic")),
            legend=with_unit("Electric", ELECTRIC),
        ),
        Query(
            expr=in_unit(ELECTRIC, held(f.AVERAGE_ENERGY, trip="since_charge")),
            legend=with_unit("Since charge", ELECTRIC),
        ),
        Query(
            expr=in_unit(FUEL, held(f.AVERAGE_FUEL, trip="automatic")),
            legend=with_unit("Fuel", FUEL),
        ),
    ),
    unit=COUNT,
    decimals=1,
    width=12,
)
LIST = Panel(
    title="Drives",
    description="Drives in the journal. Start opens the overview at the time of the drive, "
    "distance its route.",
    queries=(
        Query(
            expr=of_drives(BEGIN + MS),
            legend="Start",
            unit=LOCAL_TIME,
            pixels=190,
            link=("Open this time", f"/d/volvo-vehicle?{PERIOD}"),
        ),
        Query(expr=of_drives(value(j.LAST_DRIVE_END) + MS), legend="End", unit=LOCAL_TIME, hidden=True),
        Query(expr=of_drives(value(j.LAST_DRIVE_DURATION)), legend="Duration", unit=SECONDS),
        Query(
            expr=of_drives(in_unit(DISTANCE, LENGTH)),
            legend=with_unit("Distance", DISTANCE),
            link=("Open the route", f"/d/volvo-places?{PERIOD}"),
        ),
        Query(
            expr=of_drives(in_speed(f"{LENGTH} / {value(j.LAST_DRIVE_DURATION)}")),
            legend=with_unit("Speed", DISTANCE, "/h"),
            decimals=0,
        ),
        Query(expr=of_drives(value(j.LAST_DRIVE_ENERGY) + TO_KWH), legend="Energy", unit=KWH),
        Query(expr=of_drives(OF_ELECTRICITY), legend=with_unit("Electric", ELECTRIC), pixels=180),
        Query(expr=of_drives(value(j.LAST_DRIVE_FUEL)), legend="Fuel", unit=LITRES),
        Query(expr=of_drives(OF_FUEL), legend=with_unit("Fuel", FUEL)),
    ),
    kind=Kind.EVENTS,
    unit=COUNT,
    decimals=1,
    every=STEP,
    no_value="No drive in the selected time range",
    width=24,
    height=11,
)
DRIVES = Dashboard(
    uid="volvo-drives",
    file="volvo-drives.json",
    title="Volvo: drives",
    description="Drives of one car, with their distance, energy and fuel.",
    variables=(pick(), DISTANCE, ELECTRIC, FUEL),
    since="now-7d",
    refresh="5m",
    rows=(
        Row(
            title="",
            panels=(
                TOTALS,
                TRIPS,
                LIST,
                one(
                    "Distance per day",
                    "Distance of each day, by odometer. The last bar is today.",
                    in_unit(DISTANCE, per_day(f.ODOMETER)),
                    with_unit("Distance", DISTANCE),
                    colour="blue",
                    kind=Kind.COLUMNS,
                    unit=THOUSANDS,
                    decimals=0,
                    every=DAY,
                    width=12,
                    height=8,
                ),
                Panel(
                    title="Consumption of each drive",
                    description="Estimated consumption of drives of 1 km and more.",
                    queries=(
                        Query(
                            expr=of_drives(OF_ELECTRICITY),
                            legend=with_unit("Electric", ELECTRIC),
                            colour="green",
                        ),
                        Query(expr=of_drives(OF_FUEL), legend=with_unit("Fuel", FUEL), colour=FUEL_COLOUR),
                    ),
                    kind=Kind.DOTS,
                    unit=COUNT,
                    decimals=1,
                    every=STEP,
                    width=12,
                    height=8,
                ),
                Panel(
                    title="Activity and lock",
                    description="Activity, lock and engine over time.",
                    queries=(
                        Query(expr=state(f.ACTIVITY), legend="Activity", mappings=map_states(f.ACTIVITY)),
                        Query(
                            expr=f"{held(f.LOCKED)} + 2 * {held(f.ACTIVITY, state='driving')}",
                            legend="Lock",
                            mappings=LOCK,
                        ),
                        Query(expr=held(f.ENGINE_RUNNING), legend="Engine", mappings=RUNNING),
                    ),
                    kind=Kind.TIMELINE,
                    mappings=map_states(f.ACTIVITY),
                    width=24,
                    height=6,
                ),
            ),
        ),
    ),
)
