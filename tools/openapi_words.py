"""What the fields of Volvo's APIs mean, with a likely value of each; used by `openapi_schemas.py`.

The catalogue's own words are of the metrics, whose values and units differ from what the APIs answer.
"""

from collections.abc import Mapping
from typing import NamedTuple


class Word(NamedTuple):
    """What the fields of a family, or an attribute, mean."""

    meaning: str
    example: str | float | bool


FIELDS: Mapping[str, Word] = {
    "volvo_locked": Word("The central lock.", "LOCKED"),
    "volvo_door_open": Word("A door, the hood, the tailgate or the lid of tank or charging port.", "CLOSED"),
    "volvo_window_open": Word("A window. Cars without a sunroof say UNSPECIFIED of it.", "CLOSED"),
    "volvo_engine_running": Word(
        "Whether the engine runs; on an electric car, whether it drives or is ready to. "
        "Older cars say true and false, as text.",
        "STOPPED",
    ),
    "volvo_odometer_meters": Word("Distance driven since the car was built.", 23456),
    "volvo_fuel_amount_liters": Word("Fuel in the tank.", 41.5),
    "volvo_battery_charge_ratio": Word("State of charge of the traction battery, 0 to 100.", 78),
    "volvo_distance_to_empty_meters": Word("How far the car believes it gets on what is left.", 310),
    "volvo_trip_distance_meters": Word(
        "A trip meter. The automatic one resets by itself between trips, the manual one by hand.", 128.4
    ),
    "volvo_average_speed_meters_per_second": Word("Average speed since the trip meter was reset.", 47),
    "volvo_average_energy_consumption_joules_per_meter": Word(
        "Average electric consumption since the trip meter was reset, or since the last charge. "
        "Its timestamp is the time of the request.",
        18.7,
    ),
    "volvo_average_fuel_consumption_liters_per_meter": Word(
        "Average fuel consumption since the trip meter was reset.", 6.2
    ),
    "volvo_available": Word("Whether Volvo's cloud reaches the car.", "AVAILABLE"),
    "volvo_unavailable_reason": Word("Why the car cannot be reached.", "UNSPECIFIED"),
    "volvo_tyre_pressure_status": Word(
        "Warning about the pressure. Cars that do not report tyres always say UNSPECIFIED.", "NO_WARNING"
    ),
    "volvo_lamp_failure": Word(
        "Whether the lamp failed. Lamps that the car does not watch are UNSPECIFIED.", "NO_WARNING"
    ),
    "volvo_brake_fluid_low": Word("Level of the brake fluid.", "NO_WARNING"),
    "volvo_oil_level_status": Word("Engine oil. Electric cars answer too.", "NO_WARNING"),
    "volvo_coolant_low": Word("Level of the coolant.", "NO_WARNING"),
    "volvo_service_status": Word(
        "Service reminder: whether service is due soon, due or overdue, and by what.", "NO_WARNING"
    ),
    "volvo_service_trigger": Word("What makes the service due; usually absent.", "CALENDAR_TIME"),
    "volvo_service_distance_remaining_meters": Word("Distance until the next service.", 11200),
    "volvo_service_time_remaining_seconds": Word(
        "Time until the next service; in days instead of months when it is near.", 8
    ),
    "volvo_service_engine_time_remaining_seconds": Word(
        "Engine hours until the next service; on electric cars too.", 809
    ),
    "volvo_washer_fluid_low": Word("Level of the washer fluid.", "NO_WARNING"),
    "volvo_command_supported": Word("A command that this car would take.", "LOCK"),
    "volvo_electric_range_meters": Word(
        "Range on the traction battery, in kilometers or miles by market. "
        "Connected Vehicle's distance to empty may differ.",
        310,
    ),
    "volvo_charger_connection_status": Word("Whether a charging cable is plugged in.", "CONNECTED"),
    "volvo_charging_status": Word("What the charging system does.", "CHARGING"),
    "volvo_charging_type": Word("Kind of current that charges the battery.", "AC"),
    "volvo_charger_power_status": Word(
        "Whether the charger gives power. FAULT is normal on an EX30 that is plugged in and done.",
        "PROVIDING_POWER",
    ),
    "volvo_charging_time_remaining_seconds": Word("Time until the target is reached; 0 or 1 while idle.", 95),
    "volvo_charging_target_ratio": Word(
        "State of charge at which charging stops, 0 to 100. Its time may lie months back.", 90
    ),
    "volvo_charging_current_limit_amperes": Word(
        "Current limit set in the car. Neither EX30 nor plug-in hybrids tell it.", 16
    ),
    "volvo_charging_power_watts": Word(
        "Power that charges the battery. An error unless the car charges; plug-in hybrids do not tell it.",
        10656,
    ),
    "volvo_energy_field_supported": Word(meaning="Whether the car is said to tell this field.", example=True),
}
"""By the name of the metric family."""

ATTRIBUTES: Mapping[str, Word] = {
    "model": Word("Name of the model.", "EX40"),
    "model_year": Word("Model year.", 2024),
    "fuel_type": Word("What drives the car. An EX30 says NONE.", "ELECTRIC"),
    "gearbox": Word("Gearbox.", "AUTOMATIC"),
    "battery_capacity_kwh": Word(
        "Capacity of the traction battery in kWh, gross and when new. Absent, null or 0 without one.", 81.608
    ),
    "colour": Word("Colour of the paint.", "Crystal White"),
    "upholstery": Word('Upholstery; some cars say "null", as text.', "Charcoal"),
    "steering": Word("Side of the steering wheel.", "LEFT"),
}
"""By the label of the attribute."""
