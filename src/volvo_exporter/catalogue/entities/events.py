"""Entities with a figure of the journal: sums, the last drive and the last charge."""

from volvo_exporter.catalogue import journal
from volvo_exporter.catalogue.entities.model import (
    INCREASING,
    KILOMETERS,
    KILOWATT_HOURS,
    LITERS,
    MINUTES,
    PERCENT,
    TIMESTAMP,
    Entity,
    Unit,
)
from volvo_exporter.catalogue.model import Family


def _event(
    id_: str,
    name: str,
    family: Family,
    unit: Unit | None = None,
    device_class: str = "",
    *,
    precision: int | None = 1,
    state_class: str = "",
    icon: str = "",
) -> Entity:
    return Entity(
        id=id_,
        name=name,
        series=(family.name, ()),
        unit=unit,
        device_class=device_class,
        state_class=state_class,
        precision=precision if unit else None,
        icon=icon,
    )


JOURNAL: tuple[Entity, ...] = (
    _event("last_drive_end", "Last drive end", journal.LAST_DRIVE_END, device_class=TIMESTAMP),
    _event("last_drive_distance", "Last drive distance", journal.LAST_DRIVE_DISTANCE, KILOMETERS, "distance"),
    _event(
        "last_drive_duration",
        "Last drive duration",
        journal.LAST_DRIVE_DURATION,
        MINUTES,
        "duration",
        precision=0,
    ),
    # Energy Storage allows a value that falls; the device class energy does not, without a total.
    _event(
        "last_drive_energy", "Last drive energy", journal.LAST_DRIVE_ENERGY, KILOWATT_HOURS, "energy_storage"
    ),
    _event("last_drive_fuel", "Last drive fuel", journal.LAST_DRIVE_FUEL, LITERS, "volume_storage"),
    _event("last_charge_end", "Last charge end", journal.LAST_CHARGE_END, device_class=TIMESTAMP),
    _event(
        "last_charge_duration",
        "Last charge duration",
        journal.LAST_CHARGE_DURATION,
        MINUTES,
        "duration",
        precision=0,
    ),
    _event(
        "last_charge_energy",
        "Last charge energy",
        journal.LAST_CHARGE_ENERGY,
        KILOWATT_HOURS,
        "energy_storage",
    ),
    _event(
        "last_charge_begin_level",
        "Last charge begin level",
        journal.LAST_CHARGE_BEGIN,
        PERCENT,
        precision=0,
        icon="mdi:battery-arrow-up",
    ),
    _event(
        "last_charge_end_level",
        "Last charge end level",
        journal.LAST_CHARGE_RATIO,
        PERCENT,
        precision=0,
        icon="mdi:battery-arrow-up",
    ),
    _event(
        "charged_energy",
        "Charged energy",
        journal.CHARGED_ENERGY,
        KILOWATT_HOURS,
        "energy",
        state_class=INCREASING,
        icon="mdi:ev-station",
    ),
    _event(
        "charges",
        "Charges",
        journal.CHARGES,
        Unit(symbol="charges"),
        precision=0,
        state_class=INCREASING,
        icon="mdi:counter",
    ),
    _event(
        "driven_distance",
        "Driven distance",
        journal.DRIVEN,
        KILOMETERS,
        "distance",
        state_class=INCREASING,
        precision=0,
    ),
    _event(
        "drives",
        "Drives",
        journal.DRIVES,
        Unit(symbol="drives"),
        precision=0,
        state_class=INCREASING,
        icon="mdi:counter",
    ),
    _event("refueled_volume", "Refueled volume", journal.REFUELED, LITERS, "volume", state_class=INCREASING),
)
"""Entities with a figure of the journal; the types of charges are added up."""
