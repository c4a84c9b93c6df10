"""Dashboard of drives."""

from tools.dashboards.events import STEP, mean_of_drives, of_drives
from tools.dashboards.mappings import FUEL_COLOUR, LOCK, RUNNING, map_states
from tools.dashboards.model import (
    CONSUMPTION,
    COUNT,
    DAY,
    FUEL_CONSUMPTION,
    KM,
    KWH,
    LITRES,
    LOCAL_TIME,
    MS,
    SECONDS,
    SPEED,
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
from tools.dashboards.overview import TO_KM, TO_KWH
from volvo_exporter.catalogue import families as f
from volvo_exporter.catalogue import journal as j

BEGIN = f"({value(j.LAST_DRIVE_END)} - {value(j.LAST_DRIVE_DURATION)})"
DISTANCE = value(j.LAST_DRIVE_DISTANCE)
PERIOD = "${vin:queryparam}&from=${__data.fields.Start.numeric}&to=${__data.fields.End.numeric}"
ELECTRIC = f"{value(j.LAST_DRIVE_ENERGY)} / ({DISTANCE} >= 1000) / 36"
FUEL = f"{value(j.LAST_DRIVE_FUEL)} / ({DISTANCE} >= 1000) * 1e5"

TOTALS = Panel(
    title="In the selected time range",
    description="Distance by odometer, number of drives in the journal, and their average distance.",
    queries=(
        Query(expr=over_range(f.ODOMETER) + TO_KM, legend="Distance", unit=KM),
        Query(expr=over_range(j.DRIVES), legend="Drives"),
        Query(
            expr=f"{over_range(j.DRIVEN)} / ({over_range(j.DRIVES)} > 0){TO_KM}",
            legend="Average drive",
            unit=KM,
        ),
    ),
    unit=COUNT,
    decimals=0,
    width=12,
)
AVERAGES = Panel(
    title="Consumption in the selected time range",
    description="Estimated energy and fuel of the drives in the journal by their distance.",
    queries=(
        Query(expr=f"{mean_of_drives(j.LAST_DRIVE_ENERGY)} / 36", legend="Electric", unit=CONSUMPTION),
        Query(expr=f"{mean_of_drives(j.LAST_DRIVE_FUEL)} * 1e5", legend="Fuel", unit=FUEL_CONSUMPTION),
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
            link=("Open this time", f"/d/volvo-vehicle?{PERIOD}"),
        ),
        Query(expr=of_drives(value(j.LAST_DRIVE_END) + MS), legend="End", unit=LOCAL_TIME),
        Query(expr=of_drives(value(j.LAST_DRIVE_DURATION)), legend="Duration", unit=SECONDS),
        Query(
            expr=of_drives(DISTANCE + TO_KM),
            legend="Distance",
            unit=KM,
            link=("Open the route", f"/d/volvo-places?{PERIOD}"),
        ),
        Query(
            expr=of_drives(f"{DISTANCE} / {value(j.LAST_DRIVE_DURATION)} * 3.6"),
            legend="Average speed",
            unit=SPEED,
        ),
        Query(expr=of_drives(value(j.LAST_DRIVE_ENERGY) + TO_KWH), legend="Energy", unit=KWH),
        Query(expr=of_drives(ELECTRIC), legend="Electric consumption", unit=CONSUMPTION),
        Query(expr=of_drives(value(j.LAST_DRIVE_FUEL)), legend="Fuel", unit=LITRES),
        Query(expr=of_drives(FUEL), legend="Fuel consumption", unit=FUEL_CONSUMPTION),
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
    variables=(pick(),),
    since="now-7d",
    refresh="5m",
    rows=(
        Row(
            title="",
            panels=(
                TOTALS,
                AVERAGES,
                LIST,
                one(
                    "Distance per day",
                    "Distance of each day, by odometer. The last bar is today.",
                    per_day(f.ODOMETER) + TO_KM,
                    "Distance",
                    colour="blue",
                    kind=Kind.COLUMNS,
                    unit=KM,
                    decimals=0,
                    every=DAY,
                    width=12,
                    height=8,
                ),
                Panel(
                    title="Consumption of each drive",
                    description="Estimated consumption of drives of 1 km and more.",
                    queries=(
                        Query(expr=of_drives(ELECTRIC), legend="Electric", colour="green"),
                        Query(expr=of_drives(FUEL), legend="Fuel", unit=FUEL_CONSUMPTION, colour=FUEL_COLOUR),
                    ),
                    kind=Kind.DOTS,
                    unit=CONSUMPTION,
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
