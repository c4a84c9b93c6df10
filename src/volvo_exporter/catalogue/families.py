"""Metric families that several fields or modules use; the family of one field may be in its entry.

Renaming a family is a breaking change: it needs a table in the changelog.
"""

from volvo_exporter.catalogue.model import Family

CHARGER_CONNECTION_STATES = ("CONNECTED", "DISCONNECTED", "FAULT")
CHARGING_STATES = ("IDLE", "CHARGING", "SCHEDULED", "DISCHARGING", "ERROR", "DONE")
CHARGING_TYPES = ("AC", "DC", "NONE")
CHARGER_POWER_STATES = (
    "NO_POWER_AVAILABLE",
    "POWER_AVAILABLE_BUT_NOT_ACTIVATED",
    "PROVIDING_POWER",
    "FAULT",
    "INITIALIZATION",
)
TYRE_STATES = ("NO_WARNING", "VERY_LOW_PRESSURE", "LOW_PRESSURE", "HIGH_PRESSURE")
OIL_STATES = ("NO_WARNING", "SERVICE_REQUIRED", "TOO_LOW", "TOO_HIGH")
SERVICE_STATES = (
    "NO_WARNING",
    "UNKNOWN_WARNING",
    *(
        f"{reason}_{due}_FOR_SERVICE"
        for reason in ("REGULAR_MAINTENANCE", "ENGINE_HOURS", "DISTANCE_DRIVEN")
        for due in ("ALMOST_TIME", "TIME", "OVERDUE")
    ),
)
SERVICE_TRIGGERS = ("CALENDAR_TIME", "DISTANCE", "ENGINE_HOURS")
UNAVAILABLE_REASONS = (
    "NO_INTERNET",
    "POWER_SAVING_MODE",
    "CAR_IN_USE",
    "OTA_INSTALLATION_IN_PROGRESS",
    "STOLEN_VEHICLE_TRACKING_IN_PROGRESS",
    "SERVICE_MODE_ACTIVE",
)


def _family(name: str, text: str, *labels: str, kind: str = "gauge") -> Family:
    return Family(name=f"volvo_{name}", help=text, labels=labels, kind=kind)


def _states(name: str, text: str, states: tuple[str, ...], *labels: str) -> Family:
    return Family(
        name=f"volvo_{name}",
        help=f"{text} The current state is 1, the others are 0.",
        labels=(*labels, "state"),
        states=tuple(state.lower() for state in states),
    )


# The vehicle

VEHICLE_INFO = _family("vehicle_info", "What the vehicle is, as labels; always 1.")
BATTERY_CAPACITY = _family(
    "vehicle_battery_capacity_joules", "Capacity of the traction battery when new (not its charge)."
)
BATTERY_CHARGE = _family("battery_charge_ratio", "State of charge of the traction battery, 0 to 1.")
ELECTRIC_RANGE = _family(
    "electric_range_meters", "Range on the traction battery, as the Energy API estimates it."
)
CHARGER_CONNECTION = _states(
    "charger_connection_status", "Whether a charging cable is connected.", CHARGER_CONNECTION_STATES
)
CHARGING_STATUS = _states("charging_status", "What the charging system does.", CHARGING_STATES)
CHARGING_TYPE = _states("charging_type", "Kind of current that charges the battery.", CHARGING_TYPES)
CHARGER_POWER = _states(
    "charger_power_status",
    "Whether the charger provides power; fault is normal on an EX30 that is plugged in and done.",
    CHARGER_POWER_STATES,
)
CHARGING_POWER = _family("charging_power_watts", "Power that charges the battery; known only while charging.")
CHARGING_CURRENT_LIMIT = _family("charging_current_limit_amperes", "Charging current limit set in the car.")
CHARGING_TARGET = _family("charging_target_ratio", "State of charge at which charging stops, 0 to 1.")
CHARGING_TIME = _family("charging_time_remaining_seconds", "Time until the charging target is reached.")
FUEL_AMOUNT = _family("fuel_amount_liters", "Fuel in the tank.")
DISTANCE_TO_EMPTY = _family(
    "distance_to_empty_meters", "Distance to empty, as the car estimates it, by energy source.", "source"
)
ODOMETER = _family("odometer_meters", "Distance driven since the car was built.")
TRIP_DISTANCE = _family(
    "trip_distance_meters", "Distance on the trip meter; automatic resets by itself between trips.", "trip"
)
AVERAGE_SPEED = _family("average_speed_meters_per_second", "Average speed over the trip.", "trip")
AVERAGE_ENERGY = _family(
    "average_energy_consumption_joules_per_meter", "Average electric consumption over the trip.", "trip"
)
AVERAGE_FUEL = _family(
    "average_fuel_consumption_liters_per_meter", "Average fuel consumption over the trip.", "trip"
)
ENGINE_RUNNING = _family(
    "engine_running", "1 while the engine runs; on an electric car while it drives or is ready to."
)
DOOR_OPEN = _family("door_open", "1 while the door, hood or lid is open or ajar.", "door")
LOCKED = _family("locked", "1 while the central lock is locked.")
WINDOW_OPEN = _family("window_open", "1 while the window or sunroof is open or ajar.", "window")
TYRE_PRESSURE = _states(
    "tyre_pressure_status",
    "Pressure warning of the tyre; absent on cars that do not report tyres.",
    TYRE_STATES,
    "tyre",
)
LAMP_FAILURE = _family("lamp_failure", "1 while the car reports the lamp as failed.", "lamp")
BRAKE_FLUID_LOW = _family("brake_fluid_low", "1 while the brake fluid level is too low.")
COOLANT_LOW = _family("coolant_low", "1 while the engine coolant level is too low.")
WASHER_FLUID_LOW = _family("washer_fluid_low", "1 while the washer fluid level is too low.")
OIL_LEVEL = _states("oil_level_status", "Warning about the engine oil.", OIL_STATES)
SERVICE_STATUS = _states("service_status", "Service reminder of the car.", SERVICE_STATES)
SERVICE_TRIGGER = _states("service_trigger", "What makes the service due.", SERVICE_TRIGGERS)
SERVICE_DISTANCE = _family("service_distance_remaining_meters", "Distance until the next service.")
SERVICE_TIME = _family(
    "service_time_remaining_seconds", "Time until the next service; a month counts as 30 days."
)
SERVICE_ENGINE_TIME = _family("service_engine_time_remaining_seconds", "Engine time until the next service.")
AVAILABLE = _family("available", "1 while the car can be reached from Volvo's cloud.")
UNAVAILABLE_REASON = _states("unavailable_reason", "Why the car cannot be reached.", UNAVAILABLE_REASONS)
COMMAND_SUPPORTED = _family(
    "command_supported", "Remote command that the car supports; always 1. The exporter sends none.", "command"
)
ENERGY_FIELD_SUPPORTED = _family(
    "energy_field_supported",
    "1 where Volvo's capabilities say that the car tells this field; they can be wrong.",
    "field",
)
LATITUDE = _family("location_latitude_degrees", "Latitude of the car's last known position.")
LONGITUDE = _family("location_longitude_degrees", "Longitude of the car's last known position.")
HEADING = _family("location_heading_degrees", "Direction the car faces, clockwise from north.")
ALTITUDE = _family("location_altitude_meters", "Altitude of the position; most cars always say 0.")
WEATHER_TEMPERATURE = _family("weather_temperature_celsius", "Air temperature at the car's position.")
WEATHER_FEELS_LIKE = _family("weather_feels_like_celsius", "Temperature as felt at the car's position.")
WEATHER_TEMPERATURE_MIN = _family(
    "weather_temperature_min_celsius", "Lowest temperature around the car's position now."
)
WEATHER_TEMPERATURE_MAX = _family(
    "weather_temperature_max_celsius", "Highest temperature around the car's position now."
)
WEATHER_PRESSURE = _family("weather_pressure_pascals", "Air pressure at sea level at the car's position.")
WEATHER_HUMIDITY = _family("weather_humidity_ratio", "Relative humidity at the car's position, 0 to 1.")
EXTENDED_VALUE = _family(
    "extended_vehicle_resource_value",
    "Value of an Extended Vehicle resource, in the unit that the API names.",
    "resource",
    "unit",
)
FIELD_TIMESTAMP = _family(
    "field_timestamp_seconds",
    "When the car reported the value (weather: when it was measured), in Unix time.",
    "resource",
    "field",
)
ACTIVITY = _states(
    "activity_status",
    "What the car is doing, as the exporter concludes from the polls.",
    ("DRIVING", "CHARGING", "PLUGGED_IN", "PARKED", "ASLEEP"),
)
RESOURCE_UP = _family(
    "resource_up", "1 if the last request for the resource succeeded, within twice its interval.", "resource"
)
RESOURCE_LAST_SUCCESS = _family(
    "resource_last_success_timestamp_seconds",
    "When a request for the resource last succeeded, in Unix time.",
    "resource",
)
RESOURCE_INTERVAL = _family(
    "resource_poll_interval_seconds", "Interval at which the resource is asked.", "resource"
)

# The exporter

BUILD_INFO = _family("exporter_build_info", "Version of the exporter; always 1.", "version", "python_version")
HTTP_REQUESTS = _family(
    "http_requests_total",
    "Requests sent to the APIs and to Volvo ID; status_code is error where there was no answer.",
    "method",
    "endpoint",
    "status_code",
    kind="counter",
)
HTTP_DURATION = _family(
    "http_request_duration_seconds",
    "Time until the answer, or until giving up.",
    "method",
    "endpoint",
    "status_code",
    kind="histogram",
)
QUOTA_LIMIT = _family("exporter_quota_limit", "Calls a day that the API key has.", "account")
QUOTA_USED = _family("exporter_quota_used", "Calls sent with the API key since 00:00 UTC.", "account")
QUOTA_REMAINING = _family("exporter_quota_remaining", "Calls that the API key has left.", "account")
QUOTA_RESET = _family(
    "exporter_quota_reset_timestamp_seconds", "When the quota is replenished, in Unix time.", "account"
)
QUOTA_FORECAST = _family(
    "exporter_quota_forecast",
    "Calls that will have been sent when the quota is replenished, as planned.",
    "account",
)
LOGIN_REQUIRED = _family("exporter_login_required", "1 while somebody has to log in at Volvo ID.", "account")
TOKEN_EXPIRY = _family(
    "exporter_token_expiry_timestamp_seconds", "When the access token expires, in Unix time.", "account"
)
GRANT_EXPIRY = _family(
    "exporter_grant_expiry_timestamp_seconds",
    "When the login ends and somebody has to log in again, in Unix time (estimated: 180 days).",
    "account",
)
TOKEN_REFRESHES = _family(
    "exporter_token_refreshes_total",
    "Renewals of the access token, by outcome.",
    "account",
    "outcome",
    kind="counter",
)
UNMAPPED_VALUES = _family(
    "exporter_unmapped_values_total",
    "Values that the exporter did not understand and left out.",
    "resource",
    "field",
    "reason",
    kind="counter",
)
DROPPED_UPDATES = _family(
    "exporter_dropped_updates_total",
    "Updates that an output was too slow to take.",
    "output",
    kind="counter",
)
SCHEDULER_LAG = _family(
    "exporter_scheduler_lag_seconds", "How late the poller is with the request that waits longest."
)

EXPORTER_FAMILIES = (
    BUILD_INFO,
    HTTP_REQUESTS,
    HTTP_DURATION,
    QUOTA_LIMIT,
    QUOTA_USED,
    QUOTA_REMAINING,
    QUOTA_RESET,
    QUOTA_FORECAST,
    LOGIN_REQUIRED,
    TOKEN_EXPIRY,
    GRANT_EXPIRY,
    TOKEN_REFRESHES,
    UNMAPPED_VALUES,
    DROPPED_UPDATES,
    SCHEDULER_LAG,
)
