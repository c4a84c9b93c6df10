"""Metric families of the vehicles and of the exporter; a family of one field may also be in its entry.

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

VEHICLE_INFO = _family("vehicle_info", "Attributes of the vehicle as labels; always 1.")
BATTERY_CAPACITY = _family(
    "vehicle_battery_capacity_joules", "Gross capacity of the traction battery when new."
)
BATTERY_CHARGE = _family("battery_charge_ratio", "State of charge of the traction battery, 0 to 1.")
ELECTRIC_RANGE = _family(
    "electric_range_meters", "Range on the traction battery according to the Energy API."
)
CHARGER_CONNECTION = _states(
    "charger_connection_status", "Whether a charging cable is connected.", CHARGER_CONNECTION_STATES
)
CHARGING_STATUS = _states("charging_status", "State of the charging system.", CHARGING_STATES)
CHARGING_TYPE = _states("charging_type", "Type of charging current.", CHARGING_TYPES)
CHARGER_POWER = _states(
    "charger_power_status",
    "Whether the charger provides power; fault is normal on an EX30 that has finished charging.",
    CHARGER_POWER_STATES,
)
CHARGING_POWER = _family("charging_power_watts", "Charging power; known only while charging.")
CHARGING_CURRENT_LIMIT = _family("charging_current_limit_amperes", "Charging current limit set in the car.")
CHARGING_TARGET = _family("charging_target_ratio", "State of charge at which charging stops, 0 to 1.")
CHARGING_TIME = _family("charging_time_remaining_seconds", "Time until the charging target is reached.")
FUEL_AMOUNT = _family("fuel_amount_liters", "Fuel in the tank.")
DISTANCE_TO_EMPTY = _family(
    "distance_to_empty_meters", "Distance to empty estimated by the car, by energy source.", "source"
)
ODOMETER = _family("odometer_meters", "Distance driven since the car was built.")
TRIP_DISTANCE = _family(
    "trip_distance_meters",
    "Distance on the trip meter; the car resets the automatic one between trips.",
    "trip",
)
AVERAGE_SPEED = _family("average_speed_meters_per_second", "Average speed over the trip.", "trip")
AVERAGE_ENERGY = _family(
    "average_energy_consumption_joules_per_meter", "Average electric consumption over the trip.", "trip"
)
AVERAGE_FUEL = _family(
    "average_fuel_consumption_liters_per_meter", "Average fuel consumption over the trip.", "trip"
)
ENGINE_RUNNING = _family(
    "engine_running", "1 if the engine is running; on an electric car, if it drives or is ready to drive."
)
DOOR_OPEN = _family("door_open", "1 if the door, hood or lid is open or ajar.", "door")
LOCKED = _family("locked", "1 if the central lock is locked.")
WINDOW_OPEN = _family("window_open", "1 if the window or sunroof is open or ajar.", "window")
TYRE_PRESSURE = _states(
    "tyre_pressure_status",
    "Pressure warning of the tyre; absent on cars that do not report tyres.",
    TYRE_STATES,
    "tyre",
)
LAMP_FAILURE = _family("lamp_failure", "1 if the car reports the lamp as failed.", "lamp")
BRAKE_FLUID_LOW = _family("brake_fluid_low", "1 if the brake fluid level is too low.")
COOLANT_LOW = _family("coolant_low", "1 if the engine coolant level is too low.")
WASHER_FLUID_LOW = _family("washer_fluid_low", "1 if the washer fluid level is too low.")
OIL_LEVEL = _states("oil_level_status", "Warning about the engine oil.", OIL_STATES)
SERVICE_STATUS = _states("service_status", "Service reminder of the car.", SERVICE_STATES)
SERVICE_TRIGGER = _states("service_trigger", "Reason why the service is due.", SERVICE_TRIGGERS)
SERVICE_DISTANCE = _family("service_distance_remaining_meters", "Distance until the next service.")
SERVICE_TIME = _family(
    "service_time_remaining_seconds", "Time until the next service; a month counts as 30 days."
)
SERVICE_ENGINE_TIME = _family("service_engine_time_remaining_seconds", "Engine time until the next service.")
AVAILABLE = _family("available", "1 if Volvo's cloud can reach the car.")
UNAVAILABLE_REASON = _states("unavailable_reason", "Reason why the car is unreachable.", UNAVAILABLE_REASONS)
COMMAND_SUPPORTED = _family(
    "command_supported",
    "Remote command that the car supports; always 1. The exporter never sends commands.",
    "command",
)
ENERGY_FIELD_SUPPORTED = _family(
    "energy_field_supported",
    "1 if the car supports the field according to Volvo; not always correct.",
    "field",
)
LATITUDE = _family("location_latitude_degrees", "Latitude of the car's last known position.")
LONGITUDE = _family("location_longitude_degrees", "Longitude of the car's last known position.")
HEADING = _family("location_heading_degrees", "Heading of the car, clockwise from north.")
ALTITUDE = _family("location_altitude_meters", "Altitude of the position; most cars always report 0.")
WEATHER_TEMPERATURE = _family("weather_temperature_celsius", "Air temperature at the car's position.")
WEATHER_FEELS_LIKE = _family("weather_feels_like_celsius", "Perceived temperature at the car's position.")
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
    "Value of an Extended Vehicle resource, in the unit that the API reports.",
    "resource",
    "unit",
)
FIELD_TIMESTAMP = _family(
    "field_timestamp_seconds",
    "Unix time at which the car reported the value (weather: at which it was measured).",
    "resource",
    "field",
)
ACTIVITY = _states(
    "activity_status",
    "Activity of the car, derived from the polled values.",
    ("DRIVING", "CHARGING", "PLUGGED_IN", "PARKED", "ASLEEP"),
)
RESOURCE_UP = _family(
    "resource_up",
    "1 if the last request for the resource succeeded and is not older than twice its interval.",
    "resource",
)
RESOURCE_LAST_SUCCESS = _family(
    "resource_last_success_timestamp_seconds",
    "Unix time of the last successful request for the resource.",
    "resource",
)
RESOURCE_INTERVAL = _family(
    "resource_poll_interval_seconds", "Interval between requests for the resource.", "resource"
)

# The exporter

BUILD_INFO = _family("exporter_build_info", "Version of the exporter; always 1.", "version", "python_version")
HTTP_REQUESTS = _family(
    "http_requests_total",
    "Requests sent to the APIs and to Volvo ID; status_code is error if there was no response.",
    "method",
    "endpoint",
    "status_code",
    kind="counter",
)
HTTP_DURATION = _family(
    "http_request_duration_seconds",
    "Time until the response or the timeout.",
    "method",
    "endpoint",
    "status_code",
    kind="histogram",
)
QUOTA_LIMIT = _family("exporter_quota_limit", "Daily call quota of the API key.", "account")
QUOTA_USED = _family("exporter_quota_used", "Calls sent with the API key since 00:00 UTC.", "account")
QUOTA_REMAINING = _family("exporter_quota_remaining", "Calls left until the quota resets.", "account")
QUOTA_RESET = _family(
    "exporter_quota_reset_timestamp_seconds", "Unix time at which the quota resets.", "account"
)
QUOTA_FORECAST = _family(
    "exporter_quota_forecast",
    "Calls expected to be used by the quota reset.",
    "account",
)
LOGIN_REQUIRED = _family("exporter_login_required", "1 if a login at Volvo ID is required.", "account")
TOKEN_EXPIRY = _family(
    "exporter_token_expiry_timestamp_seconds", "Unix time at which the access token expires.", "account"
)
GRANT_EXPIRY = _family(
    "exporter_grant_expiry_timestamp_seconds",
    "Unix time at which the login expires (estimated: 180 days after the login).",
    "account",
)
TOKEN_REFRESHES = _family(
    "exporter_token_refreshes_total",
    "Access token refreshes by outcome.",
    "account",
    "outcome",
    kind="counter",
)
UNMAPPED_VALUES = _family(
    "exporter_unmapped_values_total",
    "Values that were not recognized and therefore not exported.",
    "resource",
    "field",
    "reason",
    kind="counter",
)
DROPPED_UPDATES = _family(
    "exporter_dropped_updates_total",
    "Updates dropped because an output was too slow.",
    "output",
    kind="counter",
)
SCHEDULER_LAG = _family("exporter_scheduler_lag_seconds", "Delay of the most overdue request, in seconds.")

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
