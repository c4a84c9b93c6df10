"""Energy v2: charge, range and charging. Fields are at the root of the payload, each with its own status."""

from types import MappingProxyType

from volvo_exporter.catalogue import families
from volvo_exporter.catalogue.model import (
    Api,
    Boolean,
    Discovery,
    Document,
    Event,
    Field,
    Number,
    Resource,
    Shape,
    States,
)
from volvo_exporter.catalogue.paces import DAILY, ENERGY
from volvo_exporter.catalogue.quantities import CURRENT, DISTANCE, DURATION, POWER, RATIO

DOCUMENT = Document(
    api=Api.ENERGY,
    file="energy-api-specification.json",
    title="Energy v2",
    introduction="Charge, range and charging. Each field has its own status and timestamp.",
)

STATE = Resource(
    name="energy-state",
    summary="Charge, range and charging",
    api=Api.ENERGY,
    path="/vehicles/{vin}/state",
    scopes=("energy:state:read",),
    pace=ENERGY,
    shape=Shape.ITEM,
    root=(),
    order=2,
    prompted_by=frozenset({Event.DRIVE_ENDED, Event.CHARGE_ENDED, Event.CABLE_CHANGED, Event.WOKE_UP}),
    fields=(
        Field(
            key="batteryChargeLevel",
            family=families.BATTERY_CHARGE,
            kind=Number(quantity=RATIO, unit="percentage"),
            meaning="State of charge of the traction battery, 0 to 100.",
            example=78,
        ),
        Field(
            key="electricRange",
            family=families.ELECTRIC_RANGE,
            kind=Number(quantity=DISTANCE, unit="km", other_units=("mi", "miles")),
            meaning="Range on the traction battery, in kilometers or miles by market. "
            "Connected Vehicle's distance to empty may differ.",
            example=310,
        ),
        Field(
            key="chargerConnectionStatus",
            family=families.CHARGER_CONNECTION,
            kind=States(
                states=families.CHARGER_CONNECTION_STATES,
                # Values of Energy v1 that v2 still returns.
                synonyms=MappingProxyType({"CONNECTED_AC": "CONNECTED", "CONNECTED_DC": "CONNECTED"}),
            ),
            meaning="Whether a charging cable is connected.",
            example="CONNECTED",
        ),
        Field(
            key="chargingStatus",
            family=families.CHARGING_STATUS,
            kind=States(states=families.CHARGING_STATES),
            meaning="State of the charging system.",
            example="CHARGING",
        ),
        Field(
            key="chargingType",
            family=families.CHARGING_TYPE,
            kind=States(states=families.CHARGING_TYPES),
            meaning="Type of charging current.",
            example="AC",
        ),
        Field(
            key="chargerPowerStatus",
            family=families.CHARGER_POWER,
            kind=States(states=families.CHARGER_POWER_STATES),
            meaning="Whether the charger provides power. "
            "FAULT is normal on an EX30 that has finished charging.",
            example="PROVIDING_POWER",
        ),
        Field(
            key="estimatedChargingTimeToTargetBatteryChargeLevel",
            family=families.CHARGING_TIME,
            kind=Number(quantity=DURATION, unit="minutes"),
            meaning="Time until the charging target is reached; 0 or 1 while idle.",
            example=95,
        ),
        Field(
            key="targetBatteryChargeLevel",
            family=families.CHARGING_TARGET,
            kind=Number(quantity=RATIO, unit="percentage"),
            meaning="State of charge at which charging stops, 0 to 100. Its timestamp may be months old.",
            example=90,
        ),
        Field(
            key="chargingCurrentLimit",
            family=families.CHARGING_CURRENT_LIMIT,
            kind=Number(quantity=CURRENT, unit="ampere"),
            meaning="Current limit set in the car. Not reported by the EX30 and by plug-in hybrids.",
            example=16,
        ),
        Field(
            key="chargingPower",
            family=families.CHARGING_POWER,
            kind=Number(quantity=POWER, unit="watts"),
            meaning="Charging power; an error unless the car is charging. Not reported by plug-in hybrids.",
            example=10656,
        ),
    ),
)


def _capability(key: str) -> Field:
    """Return the field of `/capabilities` for a field of `/state`.

    `/capabilities` names `chargingStatus` `chargingSystemStatus`; documentation and older answers do not.
    """
    renamed = key == "chargingStatus"
    return Field(
        key="chargingSystemStatus" if renamed else key,
        aliases=(key,) if renamed else (),
        family=families.ENERGY_FIELD_SUPPORTED,
        kind=Boolean(),
        meaning="Whether the car supports this field according to Volvo.",
        example=True,
        labels=(("field", key),),
    )


CAPABILITIES = Resource(
    name="energy-capabilities",
    summary="Energy fields that the car supports according to Volvo; not always correct",
    api=Api.ENERGY,
    path="/vehicles/{vin}/capabilities",
    scopes=("energy:capability:read",),
    pace=DAILY,
    shape=Shape.BARE,
    root=("getEnergyState",),
    discovery=Discovery.FIRST,
    order=1,
    fields=tuple(_capability(field.key) for field in STATE.fields),
    ignored=(("getEnergyState", "isSupported"),),
)

RESOURCES: tuple[Resource, ...] = (STATE, CAPABILITIES)
