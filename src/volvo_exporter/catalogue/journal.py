"""Metric families of the journal: sums of drives, charges and refuellings, and the latest of each."""

from volvo_exporter.catalogue.model import Family

CHARGE_TYPES = ("ac", "dc", "unknown")


def _counter(name: str, text: str, *labels: str) -> Family:
    return Family(name=f"volvo_{name}", help=text, labels=labels, kind="counter")


def _gauge(name: str, text: str, *labels: str) -> Family:
    return Family(name=f"volvo_{name}", help=text, labels=labels)


DRIVES = _counter("drives_total", "Settled drives in the journal.")
DRIVEN = _counter("driven_meters_total", "Distance of the settled drives.")
CHARGES = _counter("charges_total", "Settled charges in the journal.", "type")
CHARGED_ENERGY = _counter(
    "charged_energy_joules_total",
    "Energy of the settled charges: from the receipt, else the charging power, else the state of charge.",
    "type",
)
REFUELS = _counter("refuels_total", "Settled refuellings in the journal.")
REFUELED = _counter("refueled_liters_total", "Fuel of the settled refuellings.")
LAST_DRIVE_END = _gauge(
    "last_drive_end_timestamp_seconds", "Latest possible end of the last settled drive, in Unix time."
)
LAST_DRIVE_DISTANCE = _gauge("last_drive_distance_meters", "Distance of the last settled drive.")
LAST_DRIVE_DURATION = _gauge(
    "last_drive_duration_seconds", "Duration of the last settled drive, between the middles of its bounds."
)
LAST_DRIVE_ENERGY = _gauge(
    "last_drive_energy_joules", "Energy that the last settled drive took from the battery, estimated."
)
LAST_DRIVE_FUEL = _gauge("last_drive_fuel_liters", "Fuel that the last settled drive used, estimated.")
LAST_CHARGE_END = _gauge(
    "last_charge_end_timestamp_seconds",
    "Latest possible end of the last settled charge, in Unix time.",
    "type",
)
LAST_CHARGE_DURATION = _gauge(
    "last_charge_duration_seconds",
    "Duration of the last settled charge, between the middles of its bounds.",
    "type",
)
LAST_CHARGE_ENERGY = _gauge(
    "last_charge_energy_joules", "Energy of the last settled charge, estimated as in the total.", "type"
)
LAST_CHARGE_BEGIN = _gauge(
    "last_charge_begin_ratio", "State of charge at the start of the last settled charge, 0 to 1.", "type"
)
LAST_CHARGE_RATIO = _gauge(
    "last_charge_end_ratio", "State of charge at the end of the last settled charge, 0 to 1.", "type"
)

FAMILIES = (
    DRIVES,
    DRIVEN,
    CHARGES,
    CHARGED_ENERGY,
    REFUELS,
    REFUELED,
    LAST_DRIVE_END,
    LAST_DRIVE_DISTANCE,
    LAST_DRIVE_DURATION,
    LAST_DRIVE_ENERGY,
    LAST_DRIVE_FUEL,
    LAST_CHARGE_END,
    LAST_CHARGE_DURATION,
    LAST_CHARGE_ENERGY,
    LAST_CHARGE_BEGIN,
    LAST_CHARGE_RATIO,
)
"""In the order of the exposition."""
