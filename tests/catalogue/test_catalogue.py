import re
from itertools import product

import pytest

from volvo_exporter import catalogue
from volvo_exporter.catalogue.model import Api, Flag, Number, ObjectList, States

BY_NAME = {resource.name: resource for resource in catalogue.RESOURCES}
FAMILIES = {family.name: family for family in (*catalogue.VEHICLE_FAMILIES, *catalogue.EXPORTER_FAMILIES)}
PATHS = {
    Api.CONNECTED_VEHICLE: {
        "vehicles": "/vehicles",
        "details": "/vehicles/{vin}",
        **{
            name: f"/vehicles/{{vin}}/{name}"
            for name in [
                "doors",
                "windows",
                "tyres",
                "warnings",
                "brakes",
                "engine",
                "engine-status",
                "diagnostics",
                "odometer",
                "fuel",
                "statistics",
                "command-accessibility",
                "commands",
            ]
        },
    },
    Api.ENERGY: {
        "energy-state": "/vehicles/{vin}/state",
        "energy-capabilities": "/vehicles/{vin}/capabilities",
    },
    Api.LOCATION: {"location": "/vehicles/{vin}/location"},
    Api.EXTENDED_VEHICLE: {
        "extended-vehicle": "/vehicles/{vin}/resources",
        "extended-vehicle-item": "/vehicles/{vin}/resources/{item}",
    },
    Api.WEATHER: {"weather": "/weather"},
}
SCOPES = {
    "vehicles": "conve:vehicle_relation",
    "details": "conve:vehicle_relation",
    "doors": "conve:doors_status conve:lock_status",
    "windows": "conve:windows_status",
    "tyres": "conve:tyre_status",
    "warnings": "conve:warnings",
    "brakes": "conve:brake_status",
    "engine": "conve:diagnostics_engine_status",
    "engine-status": "conve:engine_status",
    "diagnostics": "conve:diagnostics_workshop",
    "odometer": "conve:odometer_status",
    "fuel": "conve:fuel_status conve:battery_charge_level",
    "statistics": "conve:trip_statistics",
    "command-accessibility": "conve:command_accessibility",
    "commands": "conve:commands",
    "energy-state": "energy:state:read",
    "energy-capabilities": "energy:capability:read",
    "location": "location:read",
}
WRITING = {
    "conve:lock",
    "conve:unlock",
    "conve:engine_start_stop",
    "conve:honk_flash",
    "conve:climatization_start_stop",
}
LABELS = {
    "volvo_vehicle_info": "",
    "volvo_vehicle_battery_capacity_joules": "",
    "volvo_battery_charge_ratio": "",
    "volvo_electric_range_meters": "",
    "volvo_charger_connection_status": "state",
    "volvo_charging_status": "state",
    "volvo_charging_type": "state",
    "volvo_charger_power_status": "state",
    "volvo_charging_power_watts": "",
    "volvo_charging_current_limit_amperes": "",
    "volvo_charging_target_ratio": "",
    "volvo_charging_time_remaining_seconds": "",
    "volvo_fuel_amount_liters": "",
    "volvo_distance_to_empty_meters": "source",
    "volvo_odometer_meters": "",
    "volvo_trip_distance_meters": "trip",
    "volvo_average_speed_meters_per_second": "trip",
    "volvo_average_energy_consumption_joules_per_meter": "trip",
    "volvo_average_fuel_consumption_liters_per_meter": "trip",
    "volvo_engine_running": "",
    "volvo_door_open": "door",
    "volvo_locked": "",
    "volvo_window_open": "window",
    "volvo_tyre_pressure_status": "tyre state",
    "volvo_lamp_failure": "lamp",
    "volvo_brake_fluid_low": "",
    "volvo_coolant_low": "",
    "volvo_washer_fluid_low": "",
    "volvo_oil_level_status": "state",
    "volvo_service_status": "state",
    "volvo_service_trigger": "state",
    "volvo_service_distance_remaining_meters": "",
    "volvo_service_time_remaining_seconds": "",
    "volvo_service_engine_time_remaining_seconds": "",
    "volvo_available": "",
    "volvo_unavailable_reason": "state",
    "volvo_command_supported": "command",
    "volvo_location_latitude_degrees": "",
    "volvo_location_longitude_degrees": "",
    "volvo_location_heading_degrees": "",
    "volvo_location_altitude_meters": "",
    "volvo_weather_temperature_celsius": "",
    "volvo_weather_feels_like_celsius": "",
    "volvo_weather_temperature_min_celsius": "",
    "volvo_weather_temperature_max_celsius": "",
    "volvo_weather_pressure_pascals": "",
    "volvo_weather_humidity_ratio": "",
    "volvo_extended_vehicle_resource_value": "resource unit",
    "volvo_field_timestamp_seconds": "resource field",
    "volvo_resource_up": "resource",
    "volvo_resource_last_success_timestamp_seconds": "resource",
    "volvo_resource_poll_interval_seconds": "resource",
    "volvo_exporter_build_info": "version python_version",
    "volvo_http_requests_total": "method endpoint status_code",
    "volvo_http_request_duration_seconds": "method endpoint status_code",
    "volvo_exporter_quota_limit": "account",
    "volvo_exporter_quota_used": "account",
    "volvo_exporter_quota_remaining": "account",
    "volvo_exporter_quota_reset_timestamp_seconds": "account",
    "volvo_exporter_login_required": "account",
    "volvo_exporter_token_expiry_timestamp_seconds": "account",
    "volvo_exporter_grant_expiry_timestamp_seconds": "account",
    "volvo_exporter_token_refreshes_total": "account outcome",
    "volvo_exporter_unmapped_values_total": "resource field reason",
    "volvo_exporter_scheduler_lag_seconds": "",
}
CORNERS = [f"{end}_{side}" for end, side in product(("front", "rear"), ("left", "right"))]
KINDS = {
    ("volvo_door_open", "door"): {*CORNERS, "hood", "tailgate", "tank_lid"},
    ("volvo_window_open", "window"): {*CORNERS, "sunroof"},
    ("volvo_tyre_pressure_status", "tyre"): {*CORNERS},
    ("volvo_distance_to_empty_meters", "source"): {"battery", "tank"},
    ("volvo_trip_distance_meters", "trip"): {"manual", "automatic"},
    ("volvo_average_speed_meters_per_second", "trip"): {"manual", "automatic"},
    ("volvo_average_energy_consumption_joules_per_meter", "trip"): {"manual", "automatic", "since_charge"},
    ("volvo_average_fuel_consumption_liters_per_meter", "trip"): {"manual", "automatic"},
}
OPENINGS = "AJAR CLOSED OPEN"
LAMPS = """
    brakeLightCenter brakeLightLeft brakeLightRight fogLightFront fogLightRear
    positionLightFrontLeft positionLightFrontRight positionLightRearLeft positionLightRearRight
    highBeamLeft highBeamRight lowBeamLeft lowBeamRight daytimeRunningLightLeft daytimeRunningLightRight
    turnIndicationFrontLeft turnIndicationFrontRight turnIndicationRearLeft turnIndicationRearRight
    registrationPlateLight sideMarkLights hazardLights reverseLights
"""
SERVICES = " ".join(
    f"{why}_{due}_FOR_SERVICE"
    for why, due in product(
        ("REGULAR_MAINTENANCE", "ENGINE_HOURS", "DISTANCE_DRIVEN"), ("ALMOST_TIME", "TIME", "OVERDUE")
    )
)
VALUES = {
    "doors": {
        "centralLock": "LOCKED UNLOCKED",
        **dict.fromkeys(
            [
                "frontLeftDoor",
                "frontRightDoor",
                "rearLeftDoor",
                "rearRightDoor",
                "hood",
                "tailgate",
                "tankLid",
            ],
            OPENINGS,
        ),
    },
    "windows": dict.fromkeys(
        ["frontLeftWindow", "frontRightWindow", "rearLeftWindow", "rearRightWindow", "sunroof"], OPENINGS
    ),
    "tyres": dict.fromkeys(
        ["frontLeft", "frontRight", "rearLeft", "rearRight"],
        "NO_WARNING VERY_LOW_PRESSURE LOW_PRESSURE HIGH_PRESSURE",
    ),
    "warnings": dict.fromkeys([f"{lamp}Warning" for lamp in LAMPS.split()], "NO_WARNING FAILURE"),
    "brakes": {"brakeFluidLevelWarning": "NO_WARNING TOO_LOW"},
    "engine": {
        "oilLevelWarning": "NO_WARNING SERVICE_REQUIRED TOO_LOW TOO_HIGH",
        "engineCoolantLevelWarning": "NO_WARNING TOO_LOW",
    },
    "engine-status": {"engineStatus": "STOPPED RUNNING true false"},
    "diagnostics": {
        "serviceWarning": f"NO_WARNING UNKNOWN_WARNING {SERVICES}",
        "serviceTrigger": "CALENDAR_TIME DISTANCE ENGINE_HOURS",
        "washerFluidLevelWarning": "NO_WARNING TOO_LOW",
    },
    "command-accessibility": {
        "availabilityStatus": "AVAILABLE UNAVAILABLE",
        "unavailableReason": "NO_INTERNET POWER_SAVING_MODE CAR_IN_USE OTA_INSTALLATION_IN_PROGRESS "
        "STOLEN_VEHICLE_TRACKING_IN_PROGRESS SERVICE_MODE_ACTIVE",
    },
    "commands": {
        "command": "HONK_AND_FLASH HONK FLASH LOCK LOCK_REDUCED_GUARD UNLOCK ENGINE_START ENGINE_STOP "
        "CLIMATIZATION_START CLIMATIZATION_STOP SEND_NAVI_POI"
    },
    "energy-state": {
        "chargerConnectionStatus": "CONNECTED DISCONNECTED FAULT",
        "chargingStatus": "IDLE CHARGING SCHEDULED DISCHARGING ERROR DONE",
        "chargingType": "AC DC NONE",
        "chargerPowerStatus": "NO_POWER_AVAILABLE POWER_AVAILABLE_BUT_NOT_ACTIVATED PROVIDING_POWER FAULT "
        "INITIALIZATION",
    },
}


@pytest.mark.parametrize("api", Api)
def test_documented_requests_exist(api):
    found = {resource.name: resource.path for resource in catalogue.RESOURCES if resource.api is api}
    assert PATHS[api].items() <= found.items()


def test_each_api_has_its_prefix_and_only_volvos_are_metered():
    assert {api: (api.prefix, api.metered) for api in Api} == {
        Api.CONNECTED_VEHICLE: ("/connected-vehicle/v2", True),
        Api.ENERGY: ("/energy/v2", True),
        Api.LOCATION: ("/location/v1", True),
        Api.EXTENDED_VEHICLE: ("/extended-vehicle/v1", True),
        Api.WEATHER: ("/data/2.5", False),
    }


def test_names_are_unique():
    assert len(BY_NAME) == len(catalogue.RESOURCES)
    families = (*catalogue.VEHICLE_FAMILIES, *catalogue.EXPORTER_FAMILIES)
    assert len(FAMILIES) == len(families)
    assert len(set(catalogue.ATTRIBUTES)) == len(catalogue.ATTRIBUTES)


def test_series_are_unique_except_for_fallbacks():
    for resource in catalogue.RESOURCES:
        places = [(field.family.name, field.labels) for field in resource.fields]
        assert len(set(places)) == len(places), resource.name
    owners = {}
    for resource in catalogue.RESOURCES:
        for field in resource.fields:
            owners.setdefault((field.family.name, field.labels), []).append(field.fallback)
    assert all(fallbacks.count(False) == 1 for fallbacks in owners.values())


@pytest.mark.parametrize("name", SCOPES)
def test_a_resource_needs_the_scopes_that_volvo_documents(name):
    assert BY_NAME[name].scopes == tuple(SCOPES[name].split())


def test_a_login_requests_the_read_only_scopes_and_no_others():
    enabled = tuple(resource for resource in catalogue.RESOURCES if resource.enabled)
    wanted = {"openid", *" ".join(SCOPES.values()).split()}
    asked = catalogue.scopes(enabled)
    assert (len(asked), set(asked)) == (len(wanted), wanted)


def test_no_resource_requests_a_scope_for_commands():
    assert not WRITING & set(catalogue.scopes(catalogue.RESOURCES))


def test_extended_vehicle_is_disabled():
    assert {resource.api for resource in catalogue.RESOURCES if not resource.enabled} == {
        Api.EXTENDED_VEHICLE
    }


def test_only_the_location_is_private():
    assert [resource.name for resource in catalogue.RESOURCES if resource.private] == ["location"]


def test_the_families_of_the_contract_exist():
    extra = {
        "volvo_energy_field_supported": "field",
        "volvo_activity_status": "state",
        "volvo_exporter_quota_forecast": "account",
        "volvo_exporter_dropped_updates_total": "output",
    }
    found = {name: " ".join(family.labels) for name, family in FAMILIES.items()}
    assert {**LABELS, **extra}.items() <= found.items()


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
def test_a_family_follows_the_naming_rules_of_prometheus(family):
    assert re.fullmatch(r"volvo_[a-z]+(_[a-z]+)*", family.name)
    assert (family.kind == "counter") == family.name.endswith("_total")
    assert not re.search(r"_(km|miles|kmh|kwh|percent|minutes|hours|months|mbar|hpa)(_|$)", family.name)
    assert family.help.endswith(".")
    assert not set('\\"\n|') & set(family.help)
    assert ("state" in family.labels) == bool(family.states)


@pytest.mark.parametrize("resource", catalogue.RESOURCES, ids=BY_NAME)
def test_a_measured_value_has_its_base_unit_in_its_name(resource):
    for field in resource.fields:
        if isinstance(field.kind, Number):
            assert field.family.name.endswith(f"_{field.kind.quantity.base}")
            assert field.kind.unit.lower() in field.kind.quantity.units


@pytest.mark.parametrize("resource", catalogue.RESOURCES, ids=BY_NAME)
def test_a_field_has_the_labels_of_its_family(resource):
    for field in resource.fields:
        names = tuple(name for name, _ in field.labels)
        match field.kind:
            case States(states=states):
                assert field.family.labels == (*names, "state")
                assert field.family.states == tuple(state.lower() for state in states)
            case ObjectList(label=label):
                assert field.family.labels == (*names, label)
            case Number() | Flag():
                assert field.family.labels == names


@pytest.mark.parametrize(("family", "label"), KINDS)
def test_a_position_or_kind_is_a_label(family, label):
    fields = [field for resource in catalogue.RESOURCES for field in resource.fields]
    values = {dict(field.labels)[label] for field in fields if field.family.name == family}
    assert values == KINDS[family, label]


def test_every_lamp_is_a_label_in_snake_case():
    lamps = {dict(field.labels)["lamp"] for field in BY_NAME["warnings"].fields}
    assert lamps == {re.sub("([A-Z])", r"_\1", lamp).lower() for lamp in LAMPS.split()}
    assert len(lamps) == 23


def test_documented_values_are_known():
    """A further field needs no line here: `vehicles/test_cars.py` requires a car that reports it."""
    values = {}
    for resource in catalogue.RESOURCES:
        for field in resource.fields:
            match field.kind:
                case States(states=known) | ObjectList(values=known):
                    values[resource.name, field.key] = set(known)
                case Flag(on=on, off=off):
                    values[resource.name, field.key] = {*on, *off}
    documented = {
        (name, key): set(known.split()) for name, of_keys in VALUES.items() for key, known in of_keys.items()
    }
    assert {place: values.get(place) for place in documented} == documented


def test_capabilities_have_the_fields_of_the_state():
    capabilities = {field.key: field.labels for field in BY_NAME["energy-capabilities"].fields}
    state = [field.key for field in BY_NAME["energy-state"].fields]
    assert capabilities["chargingSystemStatus"] == (("field", "chargingStatus"),)
    assert [dict(labels)["field"] for labels in capabilities.values()] == state


def test_the_labels_of_a_vehicle_are_attributes():
    assert {*catalogue.DEFAULT_VEHICLE_LABELS} < {*catalogue.ATTRIBUTES}
    assert {"name", "colour", "upholstery", "steering", "account"} < {*catalogue.ATTRIBUTES}
    own = {label for family in catalogue.VEHICLE_FAMILIES for label in family.labels}
    assert not own & {*catalogue.ATTRIBUTES}
