"""Names of parts and states for the pages, marked for translation. A test compares them."""

from collections.abc import Mapping
from types import MappingProxyType

from volvo_exporter.web.formatting import Formatter, titled
from volvo_exporter.web.language import mark

PARTS: Mapping[str, str] = MappingProxyType(
    {
        "front_left_door": mark("Front left door"),
        "front_right_door": mark("Front right door"),
        "rear_left_door": mark("Rear left door"),
        "rear_right_door": mark("Rear right door"),
        "hood": mark("Hood"),
        "tailgate": mark("Tailgate"),
        "tank_lid": mark("Tank lid"),
        "front_left_window": mark("Front left window"),
        "front_right_window": mark("Front right window"),
        "rear_left_window": mark("Rear left window"),
        "rear_right_window": mark("Rear right window"),
        "sunroof": mark("Sunroof"),
        "front_left_tyre": mark("Front left tyre"),
        "front_right_tyre": mark("Front right tyre"),
        "rear_left_tyre": mark("Rear left tyre"),
        "rear_right_tyre": mark("Rear right tyre"),
        "lock": mark("Lock"),
        "brake_light_center": mark("Brake light center"),
        "brake_light_left": mark("Brake light left"),
        "brake_light_right": mark("Brake light right"),
        "fog_light_front": mark("Fog light front"),
        "fog_light_rear": mark("Fog light rear"),
        "position_light_front_left": mark("Position light front left"),
        "position_light_front_right": mark("Position light front right"),
        "position_light_rear_left": mark("Position light rear left"),
        "position_light_rear_right": mark("Position light rear right"),
        "high_beam_left": mark("High beam left"),
        "high_beam_right": mark("High beam right"),
        "low_beam_left": mark("Low beam left"),
        "low_beam_right": mark("Low beam right"),
        "daytime_running_light_left": mark("Daytime running light left"),
        "daytime_running_light_right": mark("Daytime running light right"),
        "turn_indication_front_left": mark("Turn indication front left"),
        "turn_indication_front_right": mark("Turn indication front right"),
        "turn_indication_rear_left": mark("Turn indication rear left"),
        "turn_indication_rear_right": mark("Turn indication rear right"),
        "registration_plate_light": mark("Registration plate light"),
        "side_mark_lights": mark("Side mark lights"),
        "hazard_lights": mark("Hazard lights"),
        "reverse_lights": mark("Reverse lights"),
        "brake_fluid": mark("Brake fluid"),
        "coolant": mark("Coolant"),
        "washer_fluid": mark("Washer fluid"),
    }
)
"""By name in the drawing; the fluids, by the kind of their warning."""
KINDS: Mapping[str, str] = MappingProxyType(
    {"Tyres": mark("Tyres"), "Doors": mark("Doors"), "Windows": mark("Windows"), "Lamps": mark("Lamps")}
    | {"Lock": mark("Lock")}
)
STATES: Mapping[str, str] = MappingProxyType(
    {
        # tyres and oil
        "no_warning": mark("no warning"),
        "very_low_pressure": mark("very low pressure"),
        "low_pressure": mark("low pressure"),
        "high_pressure": mark("high pressure"),
        "service_required": mark("service required"),
        "too_low": mark("too low"),
        "too_high": mark("too high"),
        # service
        "unknown_warning": mark("unknown warning"),
        "regular_maintenance": mark("regular maintenance"),
        "engine_hours": mark("engine hours"),
        "distance_driven": mark("distance driven"),
        # an unreachable car
        "no_internet": mark("no internet"),
        "power_saving_mode": mark("power saving mode"),
        "car_in_use": mark("car in use"),
        "ota_installation_in_progress": mark("ota installation in progress"),
        "stolen_vehicle_tracking_in_progress": mark("stolen vehicle tracking in progress"),
        "service_mode_active": mark("service mode active"),
        # the cable and the charging system
        "connected": mark("connected"),
        "disconnected": mark("disconnected"),
        "fault": mark("fault"),
        "scheduled": mark("scheduled"),
        "discharging": mark("discharging"),
        "error": mark("error"),
        "done": mark("done"),
    }
)
"""By state in lower case."""
RESOURCES: Mapping[str, str] = MappingProxyType(
    {
        "doors": mark("doors"),
        "windows": mark("windows"),
        "tyres": mark("tyres"),
        "warnings": mark("warnings"),
        "brakes": mark("brakes"),
        "engine": mark("engine"),
        "diagnostics": mark("diagnostics"),
    }
)
"""Resources with warnings, by name."""


def name_part(name: str, f: Formatter) -> str:
    """Return the name of a part in the language of the reader; of an unknown part, its label value."""
    return f.gettext(PARTS[name]) if name in PARTS else titled(name)


def name_state(state: str, f: Formatter) -> str:
    """Return a state of the API in the language of the reader; an unknown one as the API has it."""
    state = state.lower()
    return f.gettext(STATES[state]) if state in STATES else state.replace("_", " ")


def name_resource(name: str, f: Formatter) -> str:
    """Return the name of a resource in the language of the reader."""
    return f.gettext(RESOURCES[name]) if name in RESOURCES else name
