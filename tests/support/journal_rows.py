"""Rows of the log, written by hand: answers of a resource at given moments."""

from collections.abc import Mapping
from dataclasses import replace

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
from volvo_exporter.journal.observations import Log, Observed, Process, Run, State, Transition
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


def commuting(days: int, *, start: float = 0.0) -> Log:
    """A log of an electric car that drives to work and back, and is charged in the evening."""
    rows: list[Observed] = []
    odometer, charge = 1_000_000.0, 0.8
    for day in range(days):
        morning = start + (24 * day + 7) * 3600.0
        for begin in (morning, morning + 10 * 3600.0):
            end = begin + 1800.0
            rows += (
                row(LOCKED, value=False, seen=begin - 60, before=begin - 120),
                row(ENGINE, value=True, seen=begin + 30, before=begin - 30),
                row(ENGINE, value=False, seen=end + 30, before=end - 30),
                row(LOCKED, value=True, seen=end + 60, before=end),
            )
            odometer, charge = odometer + 20_000.0 + day, charge - 0.06
            rows += (
                row(ODOMETER, odometer, seen=end + 60, before=end - 240),
                row(CHARGE, round(charge, 2), seen=end + 60, before=end - 240),
            )
        plugged = morning + 11 * 3600.0
        rows += (
            row(PLUG, "CONNECTED", seen=plugged, before=plugged - 60),
            row(CHARGING, "CHARGING", seen=plugged + 60, before=plugged),
        )
        for step in range(1, 13):
            charge += 0.01
            at = plugged + step * 600.0
            rows.append(row(CHARGE, round(charge, 2), seen=at, before=at - 300))
        rows += (
            row(CHARGING, "DONE", seen=plugged + 7300, before=plugged + 7200),
            row(PLUG, "DISCONNECTED", seen=plugged + 9000, before=plugged + 8900),
        )
    end = start + days * 24 * 3600.0
    polled = (row(ODOMETER, 1_000_000.0, seen=start + 60), row(CHARGE, 0.8, seen=start + 60), *rows)
    runs = tuple(
        Run(vin=VIN, resource=name, first=start, last=end) for name in sorted(set(RESOURCES.values()))
    )
    return replace(log_of(*polled, until=end), runs=runs)
