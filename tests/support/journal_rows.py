"""Rows of the log, written by hand: answers of a resource at given moments."""

from collections.abc import Mapping

from volvo_exporter.catalogue import families
from volvo_exporter.journal.knowledge import (
    CHARGE,
    CHARGING,
    ENGINE,
    FUEL,
    IN_USE,
    LATITUDE,
    LOCKED,
    LONGITUDE,
    ODOMETER,
    PLUG,
    POWER,
)
from volvo_exporter.journal.observations import Log, Observed, Process, State, Transition
from volvo_exporter.vehicles.reading import Value

VIN = "YV1TEST"
RESOURCES = {
    ENGINE: "engine-status",
    ODOMETER: "odometer",
    LOCKED: "doors",
    LATITUDE: "location",
    LONGITUDE: "location",
    IN_USE: "command-accessibility",
    PLUG: "energy-state",
    CHARGING: "energy-state",
    CHARGE: "energy-state",
    POWER: "energy-state",
    FUEL: "fuel",
    families.TRIP_DISTANCE.name: "statistics",
}
PHEV = {"model": "XC60", "model_year": "2022", "battery_capacity_kwh": "18.819"}
BEV = {"model": "EX30", "model_year": "2024", "battery_capacity_kwh": "69"}


def row(
    series: str,
    value: Value | None,
    *,
    seen: float,
    before: float | None = None,
    measured: float | None = None,
) -> Observed:
    """A value that changed after `before` and not after `seen`; None is an unknown value."""
    return Observed(
        vin=VIN,
        resource=RESOURCES.get(series.partition("{")[0], "statistics"),
        series=series,
        state=State.NULL if value is None else State.OK,
        value=value,
        measured=measured,
        before=before,
        seen=seen,
    )


def log_of(*rows: Observed, until: float, attributes: Mapping[str, str] = BEV) -> Log:
    """A log that reaches until a moment."""
    return Log(
        vin=VIN,
        observations=tuple(sorted(rows, key=lambda row: row.seen)),
        processes=(Process(at=until, transition=Transition.STOP, version="test"),),
        attributes=attributes,
    )


def engine(
    *, runs: bool, seen: float, before: float | None = None, measured: float | None = None
) -> Observed:
    return row(ENGINE, runs, seen=seen, before=before, measured=measured)
