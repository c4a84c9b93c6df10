"""Connected Vehicle v2: the car's details and the values of its sensors.

Field names are those in the responses. Volvo's OpenAPI document is wrong about the statistics,
`unavailableReason` and the charge level in `/fuel`.
"""

from volvo_exporter.catalogue import families, paces
from volvo_exporter.catalogue.attributes import CAPACITY, DETAILS_ATTRIBUTES
from volvo_exporter.catalogue.model import (
    Api,
    Discovery,
    Document,
    Event,
    Family,
    Field,
    Flag,
    Kind,
    Number,
    ObjectList,
    Pace,
    Resource,
    Shape,
    States,
)
from volvo_exporter.catalogue.paces import CHECKED_AT_START, DAILY, DRIVE_EVENTS
from volvo_exporter.catalogue.parts import COMMANDS as COMMAND_NAMES
from volvo_exporter.catalogue.parts import DOORS, LAMPS, TYRES, WINDOWS
from volvo_exporter.catalogue.quantities import (
    DISTANCE,
    ENERGY,
    RATIO,
    VOLUME,
)
from volvo_exporter.catalogue.service import SERVICE
from volvo_exporter.catalogue.statistics import STATISTICS

DAY = 86400.0

OPENING = Flag(on=("OPEN", "AJAR"), off=("CLOSED",))
LOCK = Flag(on=("LOCKED",), off=("UNLOCKED",))
LAMP = Flag(on=("FAILURE",), off=("NO_WARNING",))
FLUID = Flag(on=("TOO_LOW",), off=("NO_WARNING",))
# Old cars report the texts "true" and "false".
ENGINE = Flag(on=("RUNNING", "true"), off=("STOPPED", "false"))
REACHABLE = Flag(on=("AVAILABLE",), off=("UNAVAILABLE",))

DOCUMENT = Document(
    api=Api.CONNECTED_VEHICLE,
    file="connected-vehicle-c3-specification.json",
    title="Connected Vehicle v2",
    introduction="Values of the car's sensors. Until 2026-08-20 the key of an absent value was omitted; "
    "since then it is present with null. Clients must treat both alike.",
)


def _resource(
    name: str,
    summary: str,
    scopes: tuple[str, ...],
    pace: Pace,
    *fields: Field,
    prompted_by: frozenset[Event],
    order: int = 9,
    follows: str = "",
    sole_source_pace: Pace | None = None,
) -> Resource:
    """Return a resource of one car whose path ends in its name and whose values are the members of `data`."""
    return Resource(
        name=name,
        summary=summary,
        api=Api.CONNECTED_VEHICLE,
        path=f"/vehicles/{{vin}}/{name}",
        scopes=scopes,
        pace=pace,
        shape=Shape.VALUE,
        fields=fields,
        prompted_by=prompted_by,
        order=order,
        follows=follows,
        sole_source_pace=sole_source_pace,
    )


def _fields(
    parts: tuple[tuple[str, str], ...], label: str, *, family: Family, kind: Kind, meaning: str, example: str
) -> tuple[Field, ...]:
    """Return a field for each part of a car, with the name of the part as a label."""
    return tuple(
        Field(key=key, family=family, kind=kind, meaning=meaning, example=example, labels=((label, part),))
        for key, part in parts
    )


VEHICLES = Resource(
    name="vehicles",
    summary="Cars that the owner shares with the application; empty if none was selected",
    api=Api.CONNECTED_VEHICLE,
    path="/vehicles",
    scopes=("conve:vehicle_relation",),
    pace=DAILY,
    shape=Shape.BARE,
    root=(),
    discovery=Discovery.ACCOUNT,
    indispensable=True,
    order=0,
    ignored=(("data", "vin"),),
)

DETAILS = Resource(
    name="details",
    summary="Model, model year, fuel type and equipment of the car",
    api=Api.CONNECTED_VEHICLE,
    path="/vehicles/{vin}",
    scopes=("conve:vehicle_relation",),
    pace=DAILY,
    shape=Shape.BARE,
    discovery=Discovery.FIRST,
    indispensable=True,
    order=0,
    fields=(
        Field(
            key="batteryCapacityKWH",
            family=families.BATTERY_CAPACITY,
            # Cars without a traction battery may report 0.0 since August 2026.
            kind=Number(quantity=ENERGY, unit="kWh", placeholders=frozenset({0.0})),
            meaning=CAPACITY,
            example=81.608,
        ),
    ),
    attributes=DETAILS_ATTRIBUTES,
    # The URLs of the images expire.
    ignored=(("data", "vin"), ("data", "images")),
)

COMMANDS = Resource(
    name="commands",
    summary="Remote commands that the car supports",
    api=Api.CONNECTED_VEHICLE,
    path="/vehicles/{vin}/commands",
    scopes=("conve:commands",),
    pace=DAILY,
    shape=Shape.BARE,
    root=(),
    fields=(
        Field(
            key="command",
            family=families.COMMAND_SUPPORTED,
            kind=ObjectList(key="command", label="command", values=COMMAND_NAMES),
            meaning="A remote command that the car supports.",
            example="LOCK",
            path=("data",),
        ),
    ),
    ignored=(("data", "href"),),
)

RESOURCES: tuple[Resource, ...] = (
    VEHICLES,
    DETAILS,
    _resource(
        "doors",
        "Doors, hood, tailgate, tank lid and central lock",
        ("conve:doors_status", "conve:lock_status"),
        Pace(driving=1, charging=1, plugged_in=1, parked=1, asleep=4, watched=0.2),
        Field(
            key="centralLock",
            family=families.LOCKED,
            kind=LOCK,
            meaning="State of the central lock.",
            example="LOCKED",
        ),
        *_fields(
            DOORS,
            "door",
            family=families.DOOR_OPEN,
            kind=OPENING,
            meaning="State of a door, the hood, the tailgate or the lid of tank or charging port.",
            example="CLOSED",
        ),
        prompted_by=DRIVE_EVENTS | {Event.CABLE_CHANGED, Event.WOKE_UP},
        order=3,
        follows="engine-status",
    ),
    _resource(
        "windows",
        "Windows and sunroof",
        ("conve:windows_status",),
        Pace(driving=2, charging=4, plugged_in=4, parked=4, asleep=12, watched=1),
        *_fields(
            WINDOWS,
            "window",
            family=families.WINDOW_OPEN,
            kind=OPENING,
            meaning="State of a window; UNSPECIFIED for the sunroof of a car that has none.",
            example="CLOSED",
        ),
        prompted_by=DRIVE_EVENTS | {Event.DOOR_CHANGED, Event.WOKE_UP},
        order=7,
    ),
    _resource(
        "engine-status",
        "Whether the engine is running; on electric cars, whether the car is ready to drive",
        ("conve:engine_status",),
        Pace(driving=0.2, charging=0.6, plugged_in=0.6, parked=0.6, asleep=2, watched=0.2),
        Field(
            key="engineStatus",
            family=families.ENGINE_RUNNING,
            kind=ENGINE,
            meaning="Whether the engine is running; on an electric car, whether it drives or is ready to. "
            "Older cars report the texts true and false.",
            example="STOPPED",
        ),
        prompted_by=frozenset({Event.DOOR_CHANGED, Event.WOKE_UP}),
        order=1,
    ),
    _resource(
        "odometer",
        "Distance driven since the car was built",
        ("conve:odometer_status",),
        Pace(driving=0.2, charging=24, plugged_in=24, parked=24, asleep=48, watched=1),
        Field(
            key="odometer",
            family=families.ODOMETER,
            kind=Number(quantity=DISTANCE, unit="km"),
            meaning="Distance driven since the car was built.",
            example=23456,
        ),
        prompted_by=DRIVE_EVENTS | {Event.WOKE_UP},
        order=4,
    ),
    _resource(
        "fuel",
        "Fuel in the tank and, on some cars, charge of the battery",
        ("conve:fuel_status", "conve:battery_charge_level"),
        Pace(driving=0.2, charging=24, plugged_in=24, parked=24, asleep=48, watched=1),
        Field(
            key="fuelAmount",
            family=families.FUEL_AMOUNT,
            kind=Number(quantity=VOLUME, unit="l"),
            meaning="Fuel in the tank.",
            example=41.5,
        ),
        Field(
            key="batteryChargeLevel",
            family=families.BATTERY_CHARGE,
            # The only source on plug-in hybrids from before Google; an EX30 once reported 0.0 permanently.
            kind=Number(quantity=RATIO, unit="%", max_zero_age_seconds=DAY),
            meaning="State of charge of the traction battery, 0 to 100.",
            example=78,
            fallback=True,
        ),
        prompted_by=frozenset({Event.DRIVE_ENDED}),
        order=5,
        sole_source_pace=paces.ENERGY,
    ),
    _resource(
        "statistics",
        "Trip meters, averages and distance to empty",
        ("conve:trip_statistics",),
        Pace(driving=0.2, charging=12, plugged_in=24, parked=24, asleep=48, watched=1),
        *STATISTICS,
        prompted_by=frozenset({Event.DRIVE_ENDED, Event.CHARGE_ENDED}),
        order=8,
        sole_source_pace=paces.ENERGY,
    ),
    _resource(
        "command-accessibility",
        "Whether the car is reachable, and the reason if not",
        ("conve:command_accessibility",),
        Pace(driving=6, charging=12, plugged_in=12, parked=12, asleep=12, watched=6),
        Field(
            key="availabilityStatus",
            family=families.AVAILABLE,
            kind=REACHABLE,
            meaning="Whether Volvo's cloud can reach the car.",
            example="AVAILABLE",
        ),
        Field(
            key="unavailableReason",
            family=families.UNAVAILABLE_REASON,
            kind=States(states=families.UNAVAILABLE_REASONS),
            meaning="Reason why the car is unreachable.",
            example="UNSPECIFIED",
            path=("data", "availabilityStatus", "unavailableReason"),
        ),
        prompted_by=DRIVE_EVENTS,
    ),
    _resource(
        "tyres",
        "Tyre pressure warnings, without pressure values",
        ("conve:tyre_status",),
        CHECKED_AT_START,
        *_fields(
            TYRES,
            "tyre",
            family=families.TYRE_PRESSURE,
            kind=States(states=families.TYRE_STATES),
            meaning="Warning about the pressure; always UNSPECIFIED on cars that do not report tyres.",
            example="NO_WARNING",
        ),
        prompted_by=DRIVE_EVENTS,
    ),
    _resource(
        "warnings",
        "Failed lamps",
        ("conve:warnings",),
        CHECKED_AT_START,
        *_fields(
            LAMPS,
            "lamp",
            family=families.LAMP_FAILURE,
            kind=LAMP,
            meaning="Whether the lamp failed; UNSPECIFIED for a lamp that the car does not monitor.",
            example="NO_WARNING",
        ),
        prompted_by=DRIVE_EVENTS,
    ),
    _resource(
        "brakes",
        "Brake fluid",
        ("conve:brake_status",),
        CHECKED_AT_START,
        Field(
            key="brakeFluidLevelWarning",
            family=families.BRAKE_FLUID_LOW,
            kind=FLUID,
            meaning="Level of the brake fluid.",
            example="NO_WARNING",
        ),
        prompted_by=DRIVE_EVENTS,
    ),
    _resource(
        "engine",
        "Oil and coolant",
        ("conve:diagnostics_engine_status",),
        CHECKED_AT_START,
        Field(
            key="oilLevelWarning",
            family=families.OIL_LEVEL,
            kind=States(states=families.OIL_STATES),
            meaning="Warning about the engine oil. Electric cars answer too.",
            example="NO_WARNING",
        ),
        Field(
            key="engineCoolantLevelWarning",
            family=families.COOLANT_LOW,
            kind=FLUID,
            meaning="Level of the coolant.",
            example="NO_WARNING",
        ),
        prompted_by=DRIVE_EVENTS,
    ),
    _resource(
        "diagnostics",
        "Service reminder and washer fluid",
        ("conve:diagnostics_workshop",),
        CHECKED_AT_START,
        *SERVICE,
        Field(
            key="washerFluidLevelWarning",
            family=families.WASHER_FLUID_LOW,
            kind=FLUID,
            meaning="Level of the washer fluid.",
            example="NO_WARNING",
        ),
        prompted_by=DRIVE_EVENTS,
    ),
    COMMANDS,
)
