"""Events as rows of a page: figures with their units and their uncertainty. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from types import MappingProxyType

from volvo_exporter.catalogue.quantities import JOULES_PER_KWH
from volvo_exporter.journal.events import Charge, Drive, Flag, Interval, Range, Refuel
from volvo_exporter.journal.library import Entry
from volvo_exporter.journal.totals import duration, headline
from volvo_exporter.web import formatting
from volvo_exporter.web.journal.documents import iso

NO_VALUE = "\N{EN DASH}"
FLAG_TEXTS: Mapping[Flag, tuple[str, str]] = MappingProxyType(
    {
        Flag.OBSERVED: ("observed", "Polled while it happened."),
        Flag.RECONSTRUCTED: ("reconstructed", "Not polled while it happened; later values prove it."),
        Flag.GAP: ("gap", "The exporter received nothing during a part of it."),
        Flag.ESTIMATED: ("estimated", "Some of its figures are computed, not measured."),
        Flag.MERGED: ("merged", "Contains a short stop or a pause."),
        Flag.USER: ("corrected", "Corrected by a user."),
    }
)
"""Name and explanation of each flag."""
CERTAIN_SECONDS = 60.0
"""Bounds that are closer than this are not shown in a list: the times are shown to the minute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A moment within bounds."""

    iso: str
    """The middle of the bounds, for browsers."""
    text: str
    margin: str
    """`± 5 min`; empty where the moment is exact to the minute."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A named figure of an event."""

    name: str
    text: str
    bounds: str = ""
    """`2.0 to 2.4 kWh`; empty where the figure is measured or unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An event in a list."""

    id: str
    vehicle: str
    start: Moment
    duration: str
    figures: tuple[Figure, ...]
    flags: tuple[tuple[str, str], ...]
    settled: bool
    note: str
    tags: tuple[str, ...]


def row_of(entry: Entry, *, vehicle: str, zone: tzinfo | None) -> Row:
    """Return the row of a drive, charge or refuelling; times are shown in the zone."""
    event = entry.event
    match event:
        case Drive():
            figures = drive_figures(event)
        case Charge():
            figures = charge_figures(event)
        case Refuel():
            figures = refuel_figures(event)
        case _:
            figures = ()
    return Row(
        id=entry.id,
        vehicle=vehicle,
        start=moment(event.start, zone),
        duration=formatting.hours(duration(event.start, event.end)),
        figures=figures,
        flags=tuple(FLAG_TEXTS[flag] for flag in Flag if flag in event.flags),
        settled=entry.settled,
        note=getattr(event, "note", ""),
        tags=getattr(event, "tags", ()),
    )


def drive_figures(drive: Drive) -> tuple[Figure, ...]:
    """Return the figures of a drive."""
    return (
        Figure(name="Distance", text=_kilometres(drive.distance_meters)),
        Figure(name="Charge", text=_levels(drive.charge_start_ratio, drive.charge_end_ratio)),
        _energy("Energy", drive.energy_joules),
        _ranged("Fuel", drive.fuel_liters, 1.0, "l"),
    )


def charge_figures(charge: Charge) -> tuple[Figure, ...]:
    """Return the figures of a charge."""
    return (
        Figure(name="Type", text=charge.type.upper() if charge.type != "unknown" else NO_VALUE),
        Figure(name="Charge", text=_levels(charge.charge_start_ratio, charge.charge_end_ratio)),
        _energy("Energy", headline(charge.energy)),
    )


def charge_details(charge: Charge) -> tuple[Figure, ...]:
    """Return the three energies of a charge, and what else is known of it."""
    power = charge.max_power_watts
    return (
        _energy("Energy from the state of charge", charge.energy.charge),
        _energy("Energy from the charging power", charge.energy.power),
        _energy("Energy on the receipt", charge.energy.receipt),
        Figure(
            name="Highest power",
            text=NO_VALUE if power is None else f"{power / 1000:.1f}{formatting.NO_BREAK}kW",
        ),
        Figure(name="Odometer", text=formatting.kilometres(charge.odometer_meters)),
    )


def drive_details(drive: Drive) -> tuple[Figure, ...]:
    """Return what is known of a drive beside its row."""
    consumption = drive.car_consumption_joules_per_meter
    figures = [
        Figure(name="Odometer at the start", text=formatting.kilometres(drive.odometer_start_meters)),
        Figure(name="Odometer at the end", text=formatting.kilometres(drive.odometer_end_meters)),
    ]
    if consumption is not None:
        per_100_km = consumption * 100_000 / JOULES_PER_KWH
        text = f"{per_100_km:.1f}{formatting.NO_BREAK}kWh/100{formatting.NO_BREAK}km"
        figures.append(Figure(name="Consumption as the car reports it", text=text))
    if drive.electric_meters:
        figures.append(_ranged("Electric distance", drive.electric_meters, 1000.0, "km"))
    return tuple(figures)


def refuel_figures(refuel: Refuel) -> tuple[Figure, ...]:
    """Return the figures of a refuelling."""
    levels = (refuel.level_start_liters, refuel.level_end_liters)
    billed = refuel.receipt_liters
    return (
        _ranged("Fuel", refuel.liters, 1.0, "l"),
        Figure(name="Level", text=" → ".join(formatting.amount(level) for level in levels)),
        Figure(name="Receipt", text=NO_VALUE if billed is None else formatting.amount(billed)),
    )


def moment(interval: Interval, zone: tzinfo | None) -> Moment:
    """Return the middle of an interval, with half its width where that can be seen."""
    width = interval.latest - interval.earliest
    middle = interval.earliest + width / 2
    margin = "" if width < CERTAIN_SECONDS else f"±{formatting.NO_BREAK}{formatting.hours(width / 2)}"
    text = f"{datetime.fromtimestamp(middle, zone):%Y-%m-%d %H:%M}"
    return Moment(iso=iso(middle), text=text, margin=margin)


def sums_of(entries: Iterable[Entry]) -> tuple[Figure, ...]:
    """Return what the events add up to."""
    events = [entry.event for entry in entries]
    drives = [event for event in events if isinstance(event, Drive)]
    charges = [event for event in events if isinstance(event, Charge)]
    figures = [Figure(name="Events", text=str(len(events)))]
    if drives:
        figures.append(Figure(name="Distance", text=_kilometres(sum(it.distance_meters for it in drives))))
        figures += _sum("Energy", [it.energy_joules for it in drives], JOULES_PER_KWH, "kWh")
        figures += _sum("Fuel", [it.fuel_liters for it in drives], 1.0, "l")
    figures += _sum("Energy", [headline(it.energy) for it in charges], JOULES_PER_KWH, "kWh")
    return tuple(figures)


def _sum(name: str, ranges: Iterable[Range | None], unit: float, symbol: str) -> list[Figure]:
    """Add up what is known; errors of single events are taken to be independent of nothing: bounds add up."""
    known = [figure for figure in ranges if figure]
    if not known:
        return []
    total = Range(
        low=sum(figure.low for figure in known),
        estimate=sum(figure.estimate for figure in known),
        high=sum(figure.high for figure in known),
    )
    return [_ranged(name, total, unit, symbol)]


def _energy(name: str, joules: Range | None) -> Figure:
    return _ranged(name, joules, JOULES_PER_KWH, "kWh")


def _ranged(name: str, figure: Range | None, unit: float, symbol: str) -> Figure:
    if figure is None:
        return Figure(name=name, text=NO_VALUE)
    low, estimate, high = (value / unit for value in (figure.low, figure.estimate, figure.high))
    space = formatting.NO_BREAK
    bounds = "" if f"{low:.1f}" == f"{high:.1f}" else f"{low:.1f} to {high:.1f}{space}{symbol}"
    return Figure(name=name, text=f"{estimate:.1f}{space}{symbol}", bounds=bounds)


def _levels(start: float | None, end: float | None) -> str:
    if start is None and end is None:
        return NO_VALUE
    return f"{_percent(start)} → {_percent(end)}"


def _percent(ratio: float | None) -> str:
    return "?" if ratio is None else formatting.percent(ratio)


def _kilometres(meters: float) -> str:
    """Format a distance: to 100 m below 100 km."""
    kilometres = meters / 1000
    digits = 0 if kilometres >= 100 or kilometres == int(kilometres) else 1  # noqa: PLR2004 - three digits
    number = f"{kilometres:,.{digits}f}".replace(",", formatting.NARROW)
    return f"{number}{formatting.NO_BREAK}km"
