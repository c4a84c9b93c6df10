"""Journals on disk with rows and events, for the tests of the storage."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from volvo_exporter.journal.derivation import Derived, Settled
from volvo_exporter.journal.deriving import Derive, Deriver, build_deriver
from volvo_exporter.journal.engine import connect
from volvo_exporter.journal.events import Derivation, Drive, Flag, Interval, Place, Range
from volvo_exporter.journal.location import Location
from volvo_exporter.journal.observations import (
    Corrected,
    Correction,
    Log,
    Observed,
    Process,
    Run,
    State,
    Transition,
)
from volvo_exporter.journal.parameters import Parameters
from volvo_exporter.journal.writer import Batch, Writer
from volvo_exporter.vehicles.reading import Value

VIN, OTHER = "YV1TESTCAR0000001", "YV1TESTCAR0000002"
START = 1793577600.0
ODOMETER = "volvo_odometer_meters"


def a_row(
    value: Value | None,
    *,
    seen: float,
    series: str = ODOMETER,
    vin: str = VIN,
    resource: str = "odometer",
    **more: Any,
) -> Observed:
    state = more.pop("state", State.NULL if value is None else State.OK)
    row = Observed(
        vin=vin,
        resource=resource,
        series=series,
        state=state,
        value=value,
        measured=None,
        before=None,
        seen=seen,
    )
    return replace(row, **more)


def some_rows(vin: str = VIN) -> tuple[Observed, ...]:
    """One row of each type of value and state."""
    return (
        a_row(12345000.0, seen=START + 0.123, measured=START - 3.25, vin=vin),
        a_row(12346000.0, seen=START + 60, before=START + 0.123, measured=START + 70, vin=vin),
        a_row(value=True, seen=START + 1, series="volvo_locked", resource="doors", vin=vin),
        a_row("CLOSED", seen=START + 1, series='volvo_door_open{door="hood"}', resource="doors", vin=vin),
        a_row(("A", "B"), seen=START + 2, series="volvo_warnings", resource="warnings", vin=vin),
        a_row((), seen=START + 62, series="volvo_warnings", resource="warnings", vin=vin),
        a_row(0.63, seen=START + 3, series="volvo_charge", resource="energy-state", vin=vin),
        a_row(None, seen=START + 63, series="volvo_charge", resource="energy-state", vin=vin),
        a_row(
            None, seen=START + 64, series="volvo_charge", resource="energy-state", vin=vin, state=State.ERROR
        ),
    )


def a_batch(vin: str = VIN, at: float = START + 120) -> Batch:
    """Rows of every table of the log but corrections."""
    return Batch(
        at=at,
        observations=some_rows(vin),
        runs=(Run(vin=vin, resource="odometer", first=START, last=START + 60.5),),
        attributes={vin: {"model": "EX30", "model_year": "2024", "colour": "not stored"}},
        processes=(Process(at=START + 119, transition=Transition.STOP, version="0"),),
    )


def a_note(vin: str = VIN, at: float = START + 10, text: str = "work") -> Corrected:
    return Corrected(
        vin=vin, made=START + 500, correction=Correction.NOTE, kind="drive", at=at, text=text, amount=1.5
    )


def a_drive(
    number: float, *, vin: str = VIN, version: int = 1, distance: float = 1000.0, note: str = ""
) -> Drive:
    """A drive that begins `number` minutes after the start."""
    begin = START + 60.0 * number
    return Drive(
        vin=vin,
        start=Interval(earliest=begin, latest=begin + 5),
        end=Interval(earliest=begin + 30, latest=begin + 40),
        flags=frozenset({Flag.OBSERVED, Flag.GAP}),
        distance_meters=distance,
        energy_joules=Range(low=1.0, estimate=2.0, high=3.5),
        start_place=Place(latitude=57.7, longitude=11.97),
        note=note,
        derivation=Derivation(version=version, parameters="p"),
    )


def one_drive_a_row(log: Log, _parameters: Parameters, since: Settled) -> Derived:
    """Derive a settled drive from each odometer row, and an open one after the last."""
    seen = [row.seen for row in log.observations if row.series == ODOMETER and row.seen > since.needed_from]
    notes = {correction.at: correction.text for correction in log.corrections}
    drives = tuple(a_drive((moment - START) / 60, vin=log.vin, note=notes.get(moment, "")) for moment in seen)
    last = a_drive((seen[-1] - START) / 60 + 1, vin=log.vin) if seen else None
    return Derived(
        events=drives,
        open=(last,) if last else (),
        settled=replace(since, needed_from=seen[-1]) if seen else since,
    )


def a_deriver(derive: Derive = one_drive_a_row, version: int = 1) -> Deriver:
    return Deriver(derive=derive, parameters=lambda _vin: Parameters(), version=version)


_TO_CLOSE: list[Callable[[], None]] = []


def an_engine(location: Location, *, read_only: bool = False) -> Engine:
    """An engine that ends with the test."""
    engine = connect(location, read_only=read_only)
    _TO_CLOSE.append(engine.dispose)
    return engine


def close_all() -> None:
    """Close the writers and engines of a test."""
    while _TO_CLOSE:
        _TO_CLOSE.pop()()


def a_writer(
    location: Location | Path, *, deriver: Deriver | None = None, now: float = START - 1, version: str = "1"
) -> Writer:
    """A writer that has opened its journal."""
    location = Location(file=location) if isinstance(location, Path) else location
    writer = Writer(location, deriver or build_deriver({}), version=version)
    _TO_CLOSE.append(writer.close)
    writer.open(now=now)
    return writer
