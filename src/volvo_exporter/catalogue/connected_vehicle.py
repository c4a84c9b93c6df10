"""Connected Vehicle v2: the car's details and what its sensors say.

Field names are those of the wire, not of Volvo's OpenAPI document, which is wrong about the statistics,
about `unavailableReason` and about the charge level in `/fuel`.
"""

from volvo_exporter.catalogue import families, paces
from volvo_exporter.catalogue.model import (
    Api,
    Attribute,
    Discovery,
    Event,
    Field,
    Flag,
    Members,
    Number,
    Pace,
    Quantity,
    Resource,
    Shape,
    States,
)
from volvo_exporter.catalogue.paces import AROUND_A_DRIVE, CHECKED, DAILY
from volvo_exporter.catalogue.parts import COMMANDS, DOORS, LAMPS, TYRES, WINDOWS
from volvo_exporter.catalogue.quantities import (
    DISTANCE,
    DURATION,
    ENERGY,
    ENERGY_PER_DISTANCE,
    RATIO,
    SPEED,
    VOLUME,
    VOLUME_PER_DISTANCE,
)

DAY = 86400.0

OPENING = Flag(on=("OPEN", "AJAR"), off=("CLOSED",))
LOCK = Flag(on=("LOCKED",), off=("UNLOCKED",))
LAMP = Flag(on=("FAILURE",), off=("NO_WARNING",))
FLUID = Flag(on=("TOO_LOW",), off=("NO_WARNING",))
# Old cars say "true" and "false".
ENGINE = Flag(on=("RUNNING", "true"), off=("STOPPED", "false"))
REACHABLE = Flag(on=("AVAILABLE",), off=("UNAVAILABLE",))

MANUAL = (("trip", "manual"),)
AUTOMATIC = (("trip", "automatic"),)
SINCE_CHARGE = (("trip", "since_charge"),)


def _resource(
    name: str,
    scopes: tuple[str, ...],
    pace: Pace,
    *fields: Field,
    prompted_by: frozenset[Event],
    order: int = 9,
    follows: str = "",
    sole_source_pace: Pace | None = None,
) -> Resource:
    """Return a resource of one car whose path ends in its name, with its values side by side in `data`."""
    return Resource(
        name=name,
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


def _number(quantity: Quantity, unit: str) -> Number:
    return Number(quantity=quantity, unit=unit)


VEHICLES = Resource(
    name="vehicles",
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
            # Cars without a traction battery may say 0.0 since August 2026.
            kind=Number(quantity=ENERGY, unit="kWh", placeholders=frozenset({0.0})),
        ),
    ),
    attributes=(
        Attribute(label="model", path=("data", "descriptions", "model")),
        Attribute(label="model_year", path=("data", "modelYear"), numeric=True),
        Attribute(
            label="fuel_type",
            path=("data", "fuelType"),
            # An EX30 says NONE.
            words=("DIESEL", "PETROL", "PETROL/ELECTRIC", "DIESEL/ELECTRIC", "ELECTRIC", "NONE"),
        ),
        Attribute(label="gearbox", path=("data", "gearbox"), words=("AUTOMATIC", "MANUAL")),
        Attribute(
            label="battery_capacity_kwh",
            path=("data", "batteryCapacityKWH"),
            placeholders=frozenset({"", "null", "0"}),
            numeric=True,
        ),
        Attribute(label="colour", path=("data", "externalColour")),
        Attribute(label="upholstery", path=("data", "descriptions", "upholstery")),
        Attribute(label="steering", path=("data", "descriptions", "steering"), words=("LEFT", "RIGHT")),
    ),
    # The URLs of the images expire.
    ignored=(("data", "vin"), ("data", "images")),
)

RESOURCES: tuple[Resource, ...] = (
    VEHICLES,
    DETAILS,
    _resource(
        "doors",
        ("conve:doors_status", "conve:lock_status"),
        Pace(driving=1, charging=1, plugged_in=1, parked=1, asleep=4, watched=0.2),
        Field(key="centralLock", family=families.LOCKED, kind=LOCK),
        *(
            Field(key=key, family=families.DOOR_OPEN, kind=OPENING, labels=(("door", door),))
            for key, door in DOORS
        ),
        prompted_by=AROUND_A_DRIVE | {Event.CABLE_CHANGED, Event.WOKE_UP},
        order=3,
        follows="engine-status",
    ),
    _resource(
        "windows",
        ("conve:windows_status",),
        Pace(driving=2, charging=4, plugged_in=4, parked=4, asleep=12, watched=1),
        *(
            Field(key=key, family=families.WINDOW_OPEN, kind=OPENING, labels=(("window", window),))
            for key, window in WINDOWS
        ),
        prompted_by=AROUND_A_DRIVE | {Event.DOOR_CHANGED, Event.WOKE_UP},
        order=7,
    ),
    _resource(
        "engine-status",
        ("conve:engine_status",),
        Pace(driving=0.2, charging=0.6, plugged_in=0.6, parked=0.6, asleep=2, watched=0.2),
        Field(key="engineStatus", family=families.ENGINE_RUNNING, kind=ENGINE),
        prompted_by=frozenset({Event.DOOR_CHANGED, Event.WOKE_UP}),
        order=1,
    ),
    _resource(
        "odometer",
        ("conve:odometer_status",),
        Pace(driving=0.2, charging=24, plugged_in=24, parked=24, asleep=48, watched=1),
        Field(key="odometer", family=families.ODOMETER, kind=_number(DISTANCE, "km")),
        prompted_by=AROUND_A_DRIVE | {Event.WOKE_UP},
        order=4,
    ),
    _resource(
        "fuel",
        ("conve:fuel_status", "conve:battery_charge_level"),
        Pace(driving=0.2, charging=24, plugged_in=24, parked=24, asleep=48, watched=1),
        Field(key="fuelAmount", family=families.FUEL_AMOUNT, kind=_number(VOLUME, "l")),
        Field(
            key="batteryChargeLevel",
            family=families.BATTERY_CHARGE,
            # The only source on plug-in hybrids from before Google; an EX30 once said 0.0 for good.
            kind=Number(quantity=RATIO, unit="%", zero_trusted_for=DAY),
            fallback=True,
        ),
        prompted_by=frozenset({Event.DRIVE_ENDED}),
        order=5,
        sole_source_pace=paces.ENERGY,
    ),
    _resource(
        "statistics",
        ("conve:trip_statistics",),
        Pace(driving=0.2, charging=12, plugged_in=24, parked=24, asleep=48, watched=1),
        Field(
            key="distanceToEmptyBattery",
            family=families.DISTANCE_TO_EMPTY,
            kind=_number(DISTANCE, "km"),
            labels=(("source", "battery"),),
        ),
        Field(
            key="distanceToEmptyTank",
            family=families.DISTANCE_TO_EMPTY,
            kind=_number(DISTANCE, "km"),
            labels=(("source", "tank"),),
        ),
        Field(
            key="tripMeterManual", family=families.TRIP_DISTANCE, kind=_number(DISTANCE, "km"), labels=MANUAL
        ),
        Field(
            key="tripMeterAutomatic",
            family=families.TRIP_DISTANCE,
            kind=_number(DISTANCE, "km"),
            labels=AUTOMATIC,
        ),
        Field(key="averageSpeed", family=families.AVERAGE_SPEED, kind=_number(SPEED, "km/h"), labels=MANUAL),
        Field(
            key="averageSpeedAutomatic",
            family=families.AVERAGE_SPEED,
            kind=_number(SPEED, "km/h"),
            labels=AUTOMATIC,
        ),
        # The energy averages are stamped with the time of the request (home-assistant/core#150213).
        *(
            Field(
                key=f"averageEnergyConsumption{suffix}",
                family=families.AVERAGE_ENERGY,
                kind=_number(ENERGY_PER_DISTANCE, "kWh/100km"),
                labels=trip,
                stamped=False,
            )
            for suffix, trip in (("", MANUAL), ("Automatic", AUTOMATIC), ("SinceCharge", SINCE_CHARGE))
        ),
        Field(
            key="averageFuelConsumption",
            family=families.AVERAGE_FUEL,
            kind=_number(VOLUME_PER_DISTANCE, "l/100km"),
            labels=MANUAL,
        ),
        Field(
            key="averageFuelConsumptionAutomatic",
            family=families.AVERAGE_FUEL,
            kind=_number(VOLUME_PER_DISTANCE, "l/100km"),
            labels=AUTOMATIC,
        ),
        prompted_by=frozenset({Event.DRIVE_ENDED, Event.CHARGE_ENDED}),
        order=8,
        sole_source_pace=paces.ENERGY,
    ),
    _resource(
        "command-accessibility",
        ("conve:command_accessibility",),
        Pace(driving=6, charging=12, plugged_in=12, parked=12, asleep=12, watched=6),
        Field(key="availabilityStatus", family=families.AVAILABLE, kind=REACHABLE),
        Field(
            key="unavailableReason",
            family=families.UNAVAILABLE_REASON,
            kind=States(states=families.UNAVAILABLE_REASONS),
            path=("data", "availabilityStatus", "unavailableReason"),
        ),
        prompted_by=AROUND_A_DRIVE,
    ),
    _resource(
        "tyres",
        ("conve:tyre_status",),
        CHECKED,
        *(
            Field(
                key=key,
                family=families.TYRE_PRESSURE,
                kind=States(states=families.TYRE_STATES),
                labels=(("tyre", tyre),),
            )
            for key, tyre in TYRES
        ),
        prompted_by=AROUND_A_DRIVE,
    ),
    _resource(
        "warnings",
        ("conve:warnings",),
        CHECKED,
        *(
            Field(key=key, family=families.LAMP_FAILURE, kind=LAMP, labels=(("lamp", lamp),))
            for key, lamp in LAMPS
        ),
        prompted_by=AROUND_A_DRIVE,
    ),
    _resource(
        "brakes",
        ("conve:brake_status",),
        CHECKED,
        Field(key="brakeFluidLevelWarning", family=families.BRAKE_FLUID_LOW, kind=FLUID),
        prompted_by=AROUND_A_DRIVE,
    ),
    _resource(
        "engine",
        ("conve:diagnostics_engine_status",),
        CHECKED,
        Field(key="oilLevelWarning", family=families.OIL_LEVEL, kind=States(states=families.OIL_STATES)),
        Field(key="engineCoolantLevelWarning", family=families.COOLANT_LOW, kind=FLUID),
        prompted_by=AROUND_A_DRIVE,
    ),
    _resource(
        "diagnostics",
        ("conve:diagnostics_workshop",),
        CHECKED,
        Field(
            key="serviceWarning", family=families.SERVICE_STATUS, kind=States(states=families.SERVICE_STATES)
        ),
        Field(
            key="serviceTrigger",
            family=families.SERVICE_TRIGGER,
            kind=States(states=families.SERVICE_TRIGGERS),
        ),
        # What remains until the service falls below zero when it is overdue; no car was seen to say so yet.
        Field(
            key="distanceToService",
            family=families.SERVICE_DISTANCE,
            kind=Number(quantity=DISTANCE, unit="km", low=-1e9),
        ),
        Field(
            key="timeToService",
            family=families.SERVICE_TIME,
            # Switches from months to days when the service is near.
            kind=Number(quantity=DURATION, unit="months", low=-1e9),
        ),
        Field(
            key="engineHoursToService",
            family=families.SERVICE_ENGINE_TIME,
            kind=Number(quantity=DURATION, unit="h", low=-1e9),
        ),
        Field(key="washerFluidLevelWarning", family=families.WASHER_FLUID_LOW, kind=FLUID),
        prompted_by=AROUND_A_DRIVE,
    ),
    Resource(
        name="commands",
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
                kind=Members(key="command", label="command", words=COMMANDS),
                path=("data",),
            ),
        ),
        ignored=(("data", "href"),),
    ),
)
