"""Entities with a value that the car reports."""

from volvo_exporter.catalogue import families
from volvo_exporter.catalogue.entities.model import (
    AMPERES,
    CELSIUS,
    DAYS,
    DEGREES,
    ENUM,
    HECTOPASCALS,
    HOURS,
    INCREASING,
    KILOMETERS,
    KILOWATT_HOURS,
    KILOWATT_HOURS_PER_100_KM,
    LITERS,
    MINUTES,
    PERCENT,
    TIMESTAMP,
    WATTS,
    Entity,
    Platform,
    flag,
    number,
    states,
)
from volvo_exporter.catalogue.entities.parts import parts, trips
from volvo_exporter.catalogue.model import Activity

AVAILABILITY = Entity(
    id="availability",
    name="Car connection",
    device_class=ENUM,
    options=("available", "unavailable", *families.UNAVAILABLE_REASON.states),
    icon="mdi:car-connected",
    diagnostic=True,
)
ACTIVITY = Entity(
    id="activity",
    name="Activity",
    device_class=ENUM,
    options=tuple(activity.value for activity in Activity if activity is not Activity.UNKNOWN),
    icon="mdi:car",
)
LAST_REPORTED = Entity(
    id="last_reported", name="Last reported", device_class=TIMESTAMP, icon="mdi:clock-check", diagnostic=True
)
LOCATION = Entity(id="location", name="Location", platform=Platform.DEVICE_TRACKER, icon="mdi:car")

READINGS: tuple[Entity, ...] = (
    number(
        "odometer",
        "Odometer",
        families.ODOMETER,
        KILOMETERS,
        "distance",
        state_class=INCREASING,
        icon="mdi:counter",
    ),
    number("battery_charge_level", "Battery charge level", families.BATTERY_CHARGE, PERCENT, "battery"),
    number(
        "battery_capacity",
        "Battery capacity",
        families.BATTERY_CAPACITY,
        KILOWATT_HOURS,
        "energy_storage",
        state_class="",
        precision=1,
        diagnostic=True,
    ),
    number(
        "target_battery_charge_level",
        "Target battery charge level",
        families.CHARGING_TARGET,
        PERCENT,
        state_class="",
        icon="mdi:battery-medium",
    ),
    number("electric_range", "Electric range", families.ELECTRIC_RANGE, KILOMETERS, "distance"),
    *(
        number(
            f"distance_to_empty_{source}",
            f"Distance to empty {source}",
            families.DISTANCE_TO_EMPTY,
            KILOMETERS,
            "distance",
            labels=(("source", source),),
            icon=icon,
        )
        for source, icon in (("battery", "mdi:battery-outline"), ("tank", "mdi:gauge-empty"))
    ),
    number(
        "fuel_amount",
        "Fuel amount",
        families.FUEL_AMOUNT,
        LITERS,
        "volume_storage",
        precision=1,
        icon="mdi:fuel",
    ),
    states(
        "charger_connection_status",
        "Charging connection status",
        families.CHARGER_CONNECTION,
        icon="mdi:power-plug",
    ),
    states("charging_status", "Charging status", families.CHARGING_STATUS, icon="mdi:ev-station"),
    states("charging_type", "Charging type", families.CHARGING_TYPE, icon="mdi:current-ac"),
    states(
        "charging_power_status",
        "Charging power status",
        families.CHARGER_POWER,
        icon="mdi:power-plug-outline",
    ),
    number("charging_power", "Charging power", families.CHARGING_POWER, WATTS, "power"),
    number("charging_current_limit", "Charging limit", families.CHARGING_CURRENT_LIMIT, AMPERES, "current"),
    number(
        "estimated_charging_time",
        "Estimated charging time",
        families.CHARGING_TIME,
        MINUTES,
        "duration",
        icon="mdi:battery-clock",
    ),
    *trips(),
    number(
        "average_energy_consumption_charge",
        "Average energy consumption since charge",
        families.AVERAGE_ENERGY,
        KILOWATT_HOURS_PER_100_KM,
        labels=(("trip", "since_charge"),),
        precision=1,
        icon="mdi:car-electric",
    ),
    flag("engine_status", "Engine status", families.ENGINE_RUNNING, "running", icon="mdi:engine"),
    flag("lock", "Lock", families.LOCKED, "lock", inverted=True),
    *parts(),
    flag("brake_fluid_level_warning", "Brake fluid", families.BRAKE_FLUID_LOW),
    flag("coolant_level_warning", "Coolant level", families.COOLANT_LOW, icon="mdi:car-coolant-level"),
    flag("washer_fluid_level_warning", "Washer fluid", families.WASHER_FLUID_LOW, icon="mdi:wiper-wash"),
    flag(
        "oil_level_warning",
        "Oil level",
        families.OIL_LEVEL,
        problems=("service_required", "too_low", "too_high"),
        icon="mdi:oil-level",
    ),
    states("service_warning", "Service", families.SERVICE_STATUS, icon="mdi:wrench-clock"),
    states("service_trigger", "Service reason", families.SERVICE_TRIGGER, icon="mdi:wrench"),
    number(
        "distance_to_service",
        "Distance to service",
        families.SERVICE_DISTANCE,
        KILOMETERS,
        "distance",
        icon="mdi:wrench-check",
    ),
    number(
        "time_to_service",
        "Time to service",
        families.SERVICE_TIME,
        DAYS,
        "duration",
        icon="mdi:wrench-clock",
    ),
    number(
        "engine_time_to_service",
        "Time to engine service",
        families.SERVICE_ENGINE_TIME,
        HOURS,
        "duration",
        icon="mdi:wrench-cog",
    ),
    number("direction", "Direction", families.HEADING, DEGREES, icon="mdi:compass-outline"),
    number(
        "outdoor_temperature",
        "Outdoor temperature",
        families.WEATHER_TEMPERATURE,
        CELSIUS,
        "temperature",
        precision=1,
    ),
    number("outdoor_humidity", "Outdoor humidity", families.WEATHER_HUMIDITY, PERCENT, "humidity"),
    number(
        "outdoor_pressure",
        "Outdoor pressure",
        families.WEATHER_PRESSURE,
        HECTOPASCALS,
        "atmospheric_pressure",
    ),
)
"""Entities with the value of one reading."""
POSITION = (LOCATION.id, "direction")
"""Ids of the entities about the position."""
