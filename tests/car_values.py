"""What the cars of `car_files` report, by car, resource and field, in base units; written by hand."""

import pytest

DAY = 86_400
DOORS = ("frontLeftDoor", "frontRightDoor", "rearLeftDoor", "rearRightDoor", "hood", "tailgate", "tankLid")
WINDOWS = ("frontLeftWindow", "frontRightWindow", "rearLeftWindow", "rearRightWindow")
CLOSED = dict.fromkeys(DOORS, False)
CLOSED_WINDOWS = dict.fromkeys(WINDOWS, False)
LAMPS = """
    brakeLightCenter brakeLightLeft brakeLightRight fogLightRear
    positionLightFrontLeft positionLightFrontRight positionLightRearLeft positionLightRearRight
    highBeamLeft highBeamRight lowBeamLeft lowBeamRight daytimeRunningLightLeft daytimeRunningLightRight
    turnIndicationFrontLeft turnIndicationFrontRight turnIndicationRearLeft turnIndicationRearRight
    registrationPlateLight
"""
GOOD_LAMPS = {f"{lamp}Warning": False for lamp in LAMPS.split()}
"""Lamps that every car has."""
ENERGY = """
    batteryChargeLevel electricRange chargerConnectionStatus chargingSystemStatus chargingType
    chargerPowerStatus estimatedChargingTimeToTargetBatteryChargeLevel targetBatteryChargeLevel
    chargingCurrentLimit chargingPower
"""
ALL_CAPABILITIES = dict.fromkeys(ENERGY.split(), True)
CLASSIC_COMMANDS = (
    "HONK_AND_FLASH",
    "HONK",
    "FLASH",
    "LOCK",
    "UNLOCK",
    "ENGINE_START",
    "ENGINE_STOP",
    "CLIMATIZATION_START",
    "CLIMATIZATION_STOP",
)
COMMANDS = (
    "HONK_AND_FLASH",
    "HONK",
    "FLASH",
    "LOCK",
    "LOCK_REDUCED_GUARD",
    "UNLOCK",
    "CLIMATIZATION_START",
    "CLIMATIZATION_STOP",
)

EX30 = {
    "details": {"batteryCapacityKWH": 248.4e6},
    "doors": {"centralLock": True, **CLOSED, "tankLid": True},
    "windows": CLOSED_WINDOWS,
    "engine-status": {"engineStatus": False},
    "odometer": {"odometer": 18_342_000.0},
    "fuel": {},
    "statistics": {
        "averageEnergyConsumptionAutomatic": pytest.approx(590.4),
        "averageSpeedAutomatic": pytest.approx(38 / 3.6),
        "tripMeterManual": 2_211_500.0,
        "tripMeterAutomatic": 24_300.0,
        "distanceToEmptyBattery": 341_000.0,
    },
    "command-accessibility": {"availabilityStatus": True},
    "tyres": {},
    "warnings": {**GOOD_LAMPS, "sideMarkLightsWarning": False},
    "brakes": {"brakeFluidLevelWarning": False},
    "engine": {"oilLevelWarning": "NO_WARNING", "engineCoolantLevelWarning": False},
    "diagnostics": {
        "serviceWarning": "NO_WARNING",
        "engineHoursToService": 655 * 3600.0,
        "distanceToService": 11_600_000.0,
        "timeToService": 13 * 30.0 * DAY,
        "washerFluidLevelWarning": True,
    },
    "commands": {"command": COMMANDS},
    "energy-state": {
        "batteryChargeLevel": 0.9,
        "electricRange": 352_000.0,
        "chargerConnectionStatus": "CONNECTED",
        "chargingStatus": "DONE",
        "chargingType": "NONE",
        "chargerPowerStatus": "FAULT",
        "estimatedChargingTimeToTargetBatteryChargeLevel": 0.0,
        "targetBatteryChargeLevel": 0.9,
    },
    "energy-capabilities": {**ALL_CAPABILITIES, "chargingCurrentLimit": False},
    "location": {"longitude": 12.104733, "latitude": 57.660518, "altitude": 0.0, "heading": 47.0},
}
EX40 = {
    "details": {"batteryCapacityKWH": 293_788_800.0},
    "doors": {"centralLock": False, **CLOSED, "tankLid": True, "tailgate": True},
    "windows": {**CLOSED_WINDOWS, "rearLeftWindow": True, "sunroof": False},
    "engine-status": {"engineStatus": False},
    "odometer": {"odometer": 9_127_000.0},
    "fuel": {"batteryChargeLevel": 0.46},
    "statistics": {
        "averageEnergyConsumption": pytest.approx(712.8),
        "averageEnergyConsumptionSinceCharge": 774.0,
        "averageSpeed": pytest.approx(44 / 3.6),
        "averageSpeedAutomatic": pytest.approx(51 / 3.6),
        "tripMeterManual": 880_250.0,
        "tripMeterAutomatic": 63_000.0,
        "distanceToEmptyBattery": 187_000.0,
    },
    "command-accessibility": {"availabilityStatus": True},
    "tyres": {},
    "warnings": {**GOOD_LAMPS, "fogLightFrontWarning": False, "sideMarkLightsWarning": False},
    "brakes": {"brakeFluidLevelWarning": False},
    "engine": {"engineCoolantLevelWarning": False},
    "diagnostics": {
        "serviceWarning": "NO_WARNING",
        "engineHoursToService": 809 * 3600.0,
        "distanceToService": 20_870_000.0,
        "timeToService": 17 * 30.0 * DAY,
        "washerFluidLevelWarning": False,
    },
    "commands": {"command": (*COMMANDS, "SEND_NAVI_POI")},
    "energy-state": {
        "batteryChargeLevel": 0.47,
        "electricRange": pytest.approx(118 * 1609.344),
        "chargerConnectionStatus": "CONNECTED",
        "chargingStatus": "CHARGING",
        "chargingType": "AC",
        "chargerPowerStatus": "PROVIDING_POWER",
        "estimatedChargingTimeToTargetBatteryChargeLevel": 165 * 60.0,
        "targetBatteryChargeLevel": 0.8,
        "chargingCurrentLimit": 16.0,
        "chargingPower": 10_870.0,
    },
    "energy-capabilities": ALL_CAPABILITIES,
    "location": {"longitude": -1.257911, "latitude": 51.752064, "altitude": 62.0, "heading": 301.0},
    "weather": {
        "temp": 11.35,
        "feels_like": 10.8,
        "temp_min": 10.2,
        "temp_max": 12.6,
        "pressure": 100_900.0,
        "humidity": 0.84,
    },
}
XC60 = {
    "details": {"batteryCapacityKWH": 67_748_400.0},
    "doors": {"centralLock": True, **CLOSED},
    "windows": {**CLOSED_WINDOWS, "frontLeftWindow": True, "sunroof": True},
    "engine-status": {"engineStatus": True},
    "odometer": {"odometer": 41_873_000.0},
    "fuel": {"batteryChargeLevel": 0.38, "fuelAmount": 43.75},
    "statistics": {
        "averageFuelConsumption": pytest.approx(4.1e-5),
        "averageFuelConsumptionAutomatic": 0.0,
        "averageEnergyConsumption": pytest.approx(453.6),
        "averageSpeed": pytest.approx(39 / 3.6),
        "averageSpeedAutomatic": pytest.approx(33 / 3.6),
        "tripMeterManual": 3_120_750.0,
        "tripMeterAutomatic": 11_500.0,
        "distanceToEmptyTank": 560_000.0,
        "distanceToEmptyBattery": 19_000.0,
    },
    "command-accessibility": {"availabilityStatus": False, "unavailableReason": "CAR_IN_USE"},
    "tyres": {"frontLeft": "NO_WARNING", "frontRight": "NO_WARNING", "rearRight": "HIGH_PRESSURE"},
    "warnings": {
        **GOOD_LAMPS,
        "fogLightFrontWarning": False,
        "sideMarkLightsWarning": False,
        "brakeLightCenterWarning": True,
    },
    "brakes": {"brakeFluidLevelWarning": False},
    "engine": {"oilLevelWarning": "TOO_HIGH", "engineCoolantLevelWarning": False},
    "diagnostics": {
        "serviceWarning": "DISTANCE_DRIVEN_ALMOST_TIME_FOR_SERVICE",
        "engineHoursToService": 212 * 3600.0,
        "distanceToService": 900_000.0,
        "timeToService": 4 * 30.0 * DAY,
        "washerFluidLevelWarning": False,
    },
    "commands": {"command": COMMANDS},
    "energy-state": {
        "batteryChargeLevel": 0.375,
        "electricRange": 18_000.0,
        "chargerConnectionStatus": "DISCONNECTED",
        "chargingStatus": "IDLE",
        "chargingType": "NONE",
        "chargerPowerStatus": "NO_POWER_AVAILABLE",
        "estimatedChargingTimeToTargetBatteryChargeLevel": 60.0,
        "targetBatteryChargeLevel": 1.0,
    },
    "energy-capabilities": {**ALL_CAPABILITIES, "chargingCurrentLimit": False},
    "location": {"longitude": 18.031266, "latitude": 59.352207, "altitude": 0.0, "heading": 183.0},
}
CLASSIC_XC60 = {
    "details": {"batteryCapacityKWH": 42_595_200.0},
    "doors": {"centralLock": True, **CLOSED, "hood": True},
    "windows": CLOSED_WINDOWS,
    "engine-status": {"engineStatus": False},
    "odometer": {"odometer": 76_210_000.0},
    "fuel": {"batteryChargeLevel": 0.64, "fuelAmount": 22.5},
    "statistics": {
        "averageFuelConsumption": pytest.approx(5.7e-5),
        "averageSpeed": pytest.approx(46 / 3.6),
        "averageSpeedAutomatic": pytest.approx(28 / 3.6),
        "tripMeterManual": 640_000.0,
        "tripMeterAutomatic": 8_250.0,
        "distanceToEmptyTank": 310_000.0,
        "distanceToEmptyBattery": 27_000.0,
    },
    "command-accessibility": {"availabilityStatus": False, "unavailableReason": "POWER_SAVING_MODE"},
    "tyres": {
        "frontLeft": "NO_WARNING",
        "frontRight": "LOW_PRESSURE",
        "rearLeft": "NO_WARNING",
        "rearRight": "NO_WARNING",
    },
    "warnings": {
        **GOOD_LAMPS,
        "fogLightFrontWarning": False,
        "hazardLightsWarning": False,
        "reverseLightsWarning": True,
    },
    "brakes": {"brakeFluidLevelWarning": True},
    "engine": {"oilLevelWarning": "SERVICE_REQUIRED", "engineCoolantLevelWarning": True},
    "diagnostics": {
        "serviceWarning": "REGULAR_MAINTENANCE_OVERDUE_FOR_SERVICE",
        "engineHoursToService": 90 * 3600.0,
        "distanceToService": 2_400_000.0,
        "timeToService": 0.0,
        "washerFluidLevelWarning": False,
    },
    "commands": {"command": CLASSIC_COMMANDS},
    "energy-state": {
        "chargerConnectionStatus": "CONNECTED",
        "chargingStatus": "SCHEDULED",
        "targetBatteryChargeLevel": 1.0,
    },
    "energy-capabilities": {
        **dict.fromkeys(ALL_CAPABILITIES, False),
        "chargerConnectionStatus": True,
        "chargingSystemStatus": True,
        "targetBatteryChargeLevel": True,
    },
    "location": {"longitude": 174.776236, "latitude": -41.286461, "altitude": 0.0},
}
S90 = {
    "details": {},
    "doors": {"centralLock": False, **CLOSED, "frontLeftDoor": True},
    "windows": {**CLOSED_WINDOWS, "sunroof": False},
    "engine-status": {"engineStatus": False},
    "odometer": {"odometer": 128_906_000.0},
    "fuel": {"fuelAmount": 31.4},
    "statistics": {
        "averageFuelConsumption": pytest.approx(6.2e-5),
        "averageSpeed": 20.0,
        "averageSpeedAutomatic": pytest.approx(55 / 3.6),
        "tripMeterManual": 9_999_000.0,
        "tripMeterAutomatic": 137_500.0,
        "distanceToEmptyTank": 480_000.0,
    },
    "command-accessibility": {"availabilityStatus": True},
    "tyres": {
        "frontLeft": "NO_WARNING",
        "frontRight": "NO_WARNING",
        "rearLeft": "VERY_LOW_PRESSURE",
        "rearRight": "NO_WARNING",
    },
    "warnings": {
        **GOOD_LAMPS,
        "fogLightFrontWarning": False,
        "fogLightRearWarning": True,
        "hazardLightsWarning": True,
        "reverseLightsWarning": False,
    },
    "brakes": {"brakeFluidLevelWarning": False},
    "engine": {"oilLevelWarning": "TOO_LOW", "engineCoolantLevelWarning": False},
    "diagnostics": {
        "serviceWarning": "ENGINE_HOURS_TIME_FOR_SERVICE",
        "serviceTrigger": "CALENDAR_TIME",
        "engineHoursToService": 6 * 3600.0,
        "distanceToService": 140_000.0,
        "timeToService": 17.0 * DAY,
        "washerFluidLevelWarning": False,
    },
    "commands": {"command": CLASSIC_COMMANDS},
    "energy-state": {},
    "energy-capabilities": dict.fromkeys(ALL_CAPABILITIES, False),
    "location": {"longitude": -70.648337, "latitude": -33.868812, "altitude": 520.0, "heading": 0.0},
    "extended-vehicle-item": {"resourceValue": 127_544.0},
}
EXPECTED = {
    "ex30_2024": EX30,
    "ex40_2025": EX40,
    "xc60_2022": XC60,
    "xc60_2020": CLASSIC_XC60,
    "s90_2018": S90,
}
ATTRIBUTES = {
    "ex30_2024": {
        "model": "EX30",
        "model_year": "2024",
        "fuel_type": "NONE",
        "gearbox": "AUTOMATIC",
        "battery_capacity_kwh": "69",
        "steering": "LEFT",
    },
    "ex40_2025": {
        "model": "EX40",
        "model_year": "2025",
        "fuel_type": "ELECTRIC",
        "gearbox": "AUTOMATIC",
        "battery_capacity_kwh": "81.608",
        "colour": "Vapour Grey",
        "upholstery": "Wool blend",
        "steering": "LEFT",
    },
    "xc60_2022": {
        "model": "XC60",
        "model_year": "2022",
        "fuel_type": "PETROL/ELECTRIC",
        "gearbox": "AUTOMATIC",
        "battery_capacity_kwh": "18.819",
        "colour": "Denim Blue",
        "upholstery": "Leather, charcoal",
        "steering": "LEFT",
    },
    "xc60_2020": {
        "model": "XC60",
        "model_year": "2020",
        "fuel_type": "PETROL/ELECTRIC",
        "gearbox": "AUTOMATIC",
        "battery_capacity_kwh": "11.832",
        "colour": "Bright Silver",
        "upholstery": "CHARCOAL/TEST",
        "steering": "RIGHT",
    },
    "s90_2018": {
        "model": "S90",
        "model_year": "2018",
        "fuel_type": "DIESEL",
        "gearbox": "AUTOMATIC",
        "colour": "Electric Silver",
        "steering": "LEFT",
    },
}
