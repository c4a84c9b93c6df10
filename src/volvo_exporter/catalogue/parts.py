"""Parts of a car and remote commands: their JSON keys in Connected Vehicle v2 and their label values."""

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
