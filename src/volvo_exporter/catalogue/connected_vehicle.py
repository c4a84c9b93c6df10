"""Connected Vehicle v2: the car's details and what its sensors say.

Field names are those of the wire, not of Volvo's OpenAPI document, which is wrong about the statistics,
about `unavailableReason` and about the charge level in `/fuel`.
"""

from volvo_exporter.catalogue import families
from volvo_exporter.catalogue.model import (
    Api,
    Attribute,
    Field,
    Flag,
    Members,
    Number,
    Quantity,
    Resource,
    Shape,
    States,
)
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

DOORS = (
    ("frontLeftDoor", "front_left"),
    ("frontRightDoor", "front_right"),
    ("rearLeftDoor", "rear_left"),
    ("rearRightDoor", "rear_right"),
    ("hood", "hood"),
    ("tailgate", "tailgate"),
    ("tankLid", "tank_lid"),
)
WINDOWS = (
    ("frontLeftWindow", "front_left"),
    ("frontRightWindow", "front_right"),
    ("rearLeftWindow", "rear_left"),
    ("rearRightWindow", "rear_right"),
    ("sunroof", "sunroof"),
)
TYRES = (
    ("frontLeft", "front_left"),
    ("frontRight", "front_right"),
    ("rearLeft", "rear_left"),
    ("rearRight", "rear_right"),
)
LAMPS = (
    ("brakeLightCenterWarning", "brake_light_center"),
    ("brakeLightLeftWarning", "brake_light_left"),
    ("brakeLightRightWarning", "brake_light_right"),
    ("fogLightFrontWarning", "fog_light_front"),
    ("fogLightRearWarning", "fog_light_rear"),
    ("positionLightFrontLeftWarning", "position_light_front_left"),
    ("positionLightFrontRightWarning", "position_light_front_right"),
    ("positionLightRearLeftWarning", "position_light_rear_left"),
    ("positionLightRearRightWarning", "position_light_rear_right"),
    ("highBeamLeftWarning", "high_beam_left"),
    ("highBeamRightWarning", "high_beam_right"),
    ("lowBeamLeftWarning", "low_beam_left"),
    ("lowBeamRightWarning", "low_beam_right"),
    ("daytimeRunningLightLeftWarning", "daytime_running_light_left"),
    ("daytimeRunningLightRightWarning", "daytime_running_light_right"),
    ("turnIndicationFrontLeftWarning", "turn_indication_front_left"),
    ("turnIndicationFrontRightWarning", "turn_indication_front_right"),
    ("turnIndicationRearLeftWarning", "turn_indication_rear_left"),
    ("turnIndicationRearRightWarning", "turn_indication_rear_right"),
    ("registrationPlateLightWarning", "registration_plate_light"),
    ("sideMarkLightsWarning", "side_mark_lights"),
    ("hazardLightsWarning", "hazard_lights"),
    ("reverseLightsWarning", "reverse_lights"),
)
COMMANDS = (
    "HONK_AND_FLASH",
    "HONK",
    "FLASH",
    "LOCK",
    "LOCK_REDUCED_GUARD",
    "UNLOCK",
    "ENGINE_START",
    "ENGINE_STOP",
    "CLIMATIZATION_START",
    "CLIMATIZATION_STOP",
    "SEND_NAVI_POI",
)

MANUAL = (("trip", "manual"),)
AUTOMATIC = (("trip", "automatic"),)
SINCE_CHARGE = (("trip", "since_charge"),)


def _resource(name: str, scopes: tuple[str, ...], *fields: Field) -> Resource:
    """A resource of one car whose path ends in its name, with its values side by side under `data`."""
    return Resource(
        name=name,
        api=Api.CONNECTED_VEHICLE,
        path=f"/vehicles/{{vin}}/{name}",
        scopes=scopes,
        shape=Shape.VALUE,
        fields=fields,
    )


def _number(quantity: Quantity, unit: str) -> Number:
    return Number(quantity=quantity, unit=unit)


VEHICLES = Resource(
    name="vehicles",
    api=Api.CONNECTED_VEHICLE,
    path="/vehicles",
    scopes=("conve:vehicle_relation",),
    shape=Shape.BARE,
    root=(),
    ignored=(("data", "vin"),),
)

DETAILS = Resource(
    name="details",
    api=Api.CONNECTED_VEHICLE,
    path="/vehicles/{vin}",
    scopes=("conve:vehicle_relation",),
    shape=Shape.BARE,
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
        Field(key="centralLock", family=families.LOCKED, kind=LOCK),
        *(
            Field(key=key, family=families.DOOR_OPEN, kind=OPENING, labels=(("door", door),))
            for key, door in DOORS
        ),
    ),
    _resource(
        "windows",
        ("conve:windows_status",),
        *(
            Field(key=key, family=families.WINDOW_OPEN, kind=OPENING, labels=(("window", window),))
            for key, window in WINDOWS
        ),
    ),
    _resource(
        "engine-status",
        ("conve:engine_status",),
        Field(key="engineStatus", family=families.ENGINE_RUNNING, kind=ENGINE),
    ),
    _resource(
        "odometer",
        ("conve:odometer_status",),
        Field(key="odometer", family=families.ODOMETER, kind=_number(DISTANCE, "km")),
    ),
    _resource(
        "fuel",
        ("conve:fuel_status", "conve:battery_charge_level"),
        Field(key="fuelAmount", family=families.FUEL_AMOUNT, kind=_number(VOLUME, "l")),
        Field(
            key="batteryChargeLevel",
            family=families.BATTERY_CHARGE,
            # The only source on plug-in hybrids from before Google; an EX30 once said 0.0 for good.
            kind=Number(quantity=RATIO, unit="%", zero_trusted_for=DAY),
            fallback=True,
        ),
    ),
    _resource(
        "statistics",
        ("conve:trip_statistics",),
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
    ),
    _resource(
        "command-accessibility",
        ("conve:command_accessibility",),
        Field(key="availabilityStatus", family=families.AVAILABLE, kind=REACHABLE),
        Field(
            key="unavailableReason",
            family=families.UNAVAILABLE_REASON,
            kind=States(states=families.UNAVAILABLE_REASONS),
            path=("data", "availabilityStatus", "unavailableReason"),
        ),
    ),
    _resource(
        "tyres",
        ("conve:tyre_status",),
        *(
            Field(
                key=key,
                family=families.TYRE_PRESSURE,
                kind=States(states=families.TYRE_STATES),
                labels=(("tyre", tyre),),
            )
            for key, tyre in TYRES
        ),
    ),
    _resource(
        "warnings",
        ("conve:warnings",),
        *(
            Field(key=key, family=families.LAMP_FAILURE, kind=LAMP, labels=(("lamp", lamp),))
            for key, lamp in LAMPS
        ),
    ),
    _resource(
        "brakes",
        ("conve:brake_status",),
        Field(key="brakeFluidLevelWarning", family=families.BRAKE_FLUID_LOW, kind=FLUID),
    ),
    _resource(
        "engine",
        ("conve:diagnostics_engine_status",),
        Field(key="oilLevelWarning", family=families.OIL_LEVEL, kind=States(states=families.OIL_STATES)),
        Field(key="engineCoolantLevelWarning", family=families.COOLANT_LOW, kind=FLUID),
    ),
    _resource(
        "diagnostics",
        ("conve:diagnostics_workshop",),
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
    ),
    Resource(
        name="commands",
        api=Api.CONNECTED_VEHICLE,
        path="/vehicles/{vin}/commands",
        scopes=("conve:commands",),
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
