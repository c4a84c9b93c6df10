"""Energy v2: charge, range and charging. Fields lie at the root of the payload, each with its own status."""

from types import MappingProxyType

from volvo_exporter.catalogue import families
from volvo_exporter.catalogue.model import (
    Api,
    Discovery,
    Event,
    Field,
    Number,
    Resource,
    Shape,
    States,
    Truth,
)
from volvo_exporter.catalogue.paces import DAILY, ENERGY
from volvo_exporter.catalogue.quantities import CURRENT, DISTANCE, DURATION, POWER, RATIO

STATE = Resource(
    name="energy-state",
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
        ),
        Field(key="electricRange", family=families.ELECTRIC_RANGE, kind=Number(quantity=DISTANCE, unit="km")),
        Field(
            key="chargerConnectionStatus",
            family=families.CHARGER_CONNECTION,
            kind=States(
                states=families.CHARGER_CONNECTION_STATES,
                # Two spellings of Energy v1 that clients of v2 still meet.
                synonyms=MappingProxyType({"CONNECTED_AC": "CONNECTED", "CONNECTED_DC": "CONNECTED"}),
            ),
        ),
        Field(
            key="chargingStatus",
            family=families.CHARGING_STATUS,
            kind=States(states=families.CHARGING_STATES),
        ),
        Field(key="chargingType", family=families.CHARGING_TYPE, kind=States(states=families.CHARGING_TYPES)),
        Field(
            key="chargerPowerStatus",
            family=families.CHARGER_POWER,
            kind=States(states=families.CHARGER_POWER_STATES),
        ),
        Field(
            key="estimatedChargingTimeToTargetBatteryChargeLevel",
            family=families.CHARGING_TIME,
            kind=Number(quantity=DURATION, unit="minutes"),
        ),
        Field(
            key="targetBatteryChargeLevel",
            family=families.CHARGING_TARGET,
            kind=Number(quantity=RATIO, unit="percentage"),
        ),
        Field(
            key="chargingCurrentLimit",
            family=families.CHARGING_CURRENT_LIMIT,
            kind=Number(quantity=CURRENT, unit="ampere"),
        ),
        Field(key="chargingPower", family=families.CHARGING_POWER, kind=Number(quantity=POWER, unit="watts")),
    ),
)


def _capability(key: str) -> Field:
    """Describe what `/capabilities` says about a field of `/state`.

    It calls `chargingStatus` `chargingSystemStatus`; Volvo's documentation and older answers do not.
    """
    renamed = key == "chargingStatus"
    return Field(
        key="chargingSystemStatus" if renamed else key,
        aliases=(key,) if renamed else (),
        family=families.ENERGY_FIELD_SUPPORTED,
        kind=Truth(),
        labels=(("field", key),),
    )


CAPABILITIES = Resource(
    name="energy-capabilities",
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
