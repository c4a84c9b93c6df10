"""Events as rows of a page: figures with their units and their uncertainty. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from volvo_exporter.catalogue.quantities import JOULES_PER_KWH
from volvo_exporter.journal.events import Charge, Drive, Flag, Interval, Range, Refuel
from volvo_exporter.journal.library import Entry
from volvo_exporter.journal.totals import duration, headline
from volvo_exporter.web import moments
from volvo_exporter.web.formatting import NO_BREAK, NO_VALUE, Formatter
from volvo_exporter.web.language import mark

FLAG_TEXTS: Mapping[Flag, tuple[str, str]] = MappingProxyType(
    {
        Flag.OBSERVED: (mark("observed"), mark("Polled while it happened.")),
        Flag.RECONSTRUCTED: (
            mark("reconstructed"),
            mark("Not polled while it happened; later values prove it."),
        ),
        Flag.GAP: (mark("gap"), mark("The exporter received nothing during a part of it.")),
        Flag.ESTIMATED: (mark("estimated"), mark("Some of its figures are computed, not measured.")),
        Flag.MERGED: (mark("merged"), mark("Contains a short stop or a pause.")),
        Flag.USER: (mark("corrected"), mark("Corrected by a user.")),
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
    """The same in UTC, for browsers without scripts."""
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


def row_of(entry: Entry, *, vehicle: str, f: Formatter) -> Row:
    """Return the row of a drive, charge or refuelling."""
    event = entry.event
    match event:
        case Drive():
            figures = drive_figures(event, f)
        case Charge():
            figures = charge_figures(event, f)
        case Refuel():
            figures = refuel_figures(event, f)
        case _:
            figures = ()
    return Row(
        id=entry.id,
        vehicle=vehicle,
        start=moment(event.start, f),
        duration=f.hours(duration(event.start, event.end)),
        figures=figures,
        flags=tuple(_flag(flag, f) for flag in Flag if flag in event.flags),
        settled=entry.settled,
        note=getattr(event, "note", ""),
        tags=getattr(event, "tags", ()),
    )


def drive_figures(drive: Drive, f: Formatter) -> tuple[Figure, ...]:
    """Return the figures of a drive."""
    return (
        Figure(name=f.gettext("Distance"), text=f.trip(drive.distance_meters)),
        Figure(name=f.gettext("Charge"), text=_levels(drive.charge_start_ratio, drive.charge_end_ratio, f)),
        _energy(f.gettext("Energy"), drive.energy_joules, f),
        _fuel(f.gettext("Fuel"), drive.fuel_liters, f),
    )


def charge_figures(charge: Charge, f: Formatter) -> tuple[Figure, ...]:
    """Return the figures of a charge."""
    return (
        Figure(name=f.gettext("Type"), text=charge.type.upper() if charge.type != "unknown" else NO_VALUE),
        Figure(name=f.gettext("Charge"), text=_levels(charge.charge_start_ratio, charge.charge_end_ratio, f)),
        _energy(f.gettext("Energy"), headline(charge.energy), f),
    )


def charge_details(charge: Charge, f: Formatter) -> tuple[Figure, ...]:
    """Return the three energies of a charge, and what else is known of it."""
    power = charge.max_power_watts
    return (
        _energy(f.gettext("Energy from the state of charge"), charge.energy.charge, f),
        _energy(f.gettext("Energy from the charging power"), charge.energy.power, f),
        _energy(f.gettext("Energy on the receipt"), charge.energy.receipt, f),
        Figure(
            name=f.gettext("Highest power"),
            text=NO_VALUE if power is None else f.power(power),
        ),
        Figure(name=f.gettext("Odometer"), text=f.distance(charge.odometer_meters)),
    )


def drive_details(drive: Drive, f: Formatter) -> tuple[Figure, ...]:
    """Return what is known of a drive beside its row."""
    consumption = drive.car_consumption_joules_per_meter
    figures = [
        Figure(name=f.gettext("Odometer at the start"), text=f.distance(drive.odometer_start_meters)),
        Figure(name=f.gettext("Odometer at the end"), text=f.distance(drive.odometer_end_meters)),
    ]
    if consumption is not None:
        name = f.gettext("Consumption as the car reports it")
        figures.append(Figure(name=name, text=f.consumption(consumption)))
    if drive.electric_meters:
        figures.append(_distance(f.gettext("Electric distance"), drive.electric_meters, f))
    return tuple(figures)


def refuel_figures(refuel: Refuel, f: Formatter) -> tuple[Figure, ...]:
    """Return the figures of a refuelling."""
    levels = (refuel.level_start_liters, refuel.level_end_liters)
    billed = refuel.receipt_liters
    return (
        _fuel(f.gettext("Fuel"), refuel.liters, f),
        Figure(name=f.gettext("Level"), text=" → ".join(f.volume(level) for level in levels)),
        Figure(name=f.gettext("Receipt"), text=NO_VALUE if billed is None else f.volume(billed)),
    )


def moment(interval: Interval, f: Formatter) -> Moment:
    """Return the middle of an interval, with half its width where that can be seen."""
    width = interval.latest - interval.earliest
    middle = interval.earliest + width / 2
    margin = "" if width < CERTAIN_SECONDS else f"±{NO_BREAK}{f.hours(width / 2)}"
    return Moment(iso=moments.iso(middle), text=moments.minute(middle), margin=margin)


def sums_of(entries: Iterable[Entry], f: Formatter) -> tuple[Figure, ...]:
    """Return what the events add up to."""
    events = [entry.event for entry in entries]
    drives = [event for event in events if isinstance(event, Drive)]
    charges = [event for event in events if isinstance(event, Charge)]
    figures = [Figure(name=f.gettext("Events"), text=f.number(len(events)))]
    if drives:
        distance = sum(drive.distance_meters for drive in drives)
        figures.append(Figure(name=f.gettext("Distance"), text=f.trip(distance)))
    if energy := _sum([drive.energy_joules for drive in drives]):
        figures.append(_energy(f.gettext("Energy"), energy, f))
    if fuel := _sum([drive.fuel_liters for drive in drives]):
        figures.append(_fuel(f.gettext("Fuel"), fuel, f))
    if energy := _sum([headline(charge.energy) for charge in charges]):
        figures.append(_energy(f.gettext("Energy"), energy, f))
    return tuple(figures)


def _flag(flag: Flag, f: Formatter) -> tuple[str, str]:
    name, meaning = FLAG_TEXTS[flag]
    return f.gettext(name), f.gettext(meaning)


def _sum(ranges: Iterable[Range | None]) -> Range | None:
    """Add up what is known; errors of single events are not assumed to be independent: bounds add up."""
    known = [figure for figure in ranges if figure]
    if not known:
        return None
    return Range(
        low=sum(figure.low for figure in known),
        estimate=sum(figure.estimate for figure in known),
        high=sum(figure.high for figure in known),
    )


def _energy(name: str, joules: Range | None, f: Formatter) -> Figure:
    return _ranged(name, joules, JOULES_PER_KWH, "kWh", f)


def _fuel(name: str, liters: Range | None, f: Formatter) -> Figure:
    return _ranged(name, liters, f.units.liters, f.units.volume, f)


def _distance(name: str, meters: Range | None, f: Formatter) -> Figure:
    return _ranged(name, meters, f.units.meters, f.units.distance, f)


def _ranged(name: str, figure: Range | None, unit: float, symbol: str, f: Formatter) -> Figure:
    if figure is None:
        return Figure(name=name, text=NO_VALUE)
    low, estimate, high = (f.number(value / unit, 1) for value in (figure.low, figure.estimate, figure.high))
    bounds = f.gettext("%(low)s to %(high)s", low=low, high=f"{high}{NO_BREAK}{symbol}")
    return Figure(name=name, text=f"{estimate}{NO_BREAK}{symbol}", bounds="" if low == high else bounds)


def _levels(start: float | None, end: float | None, f: Formatter) -> str:
    if start is None and end is None:
        return NO_VALUE
    return " → ".join("?" if ratio is None else f.percent(ratio) for ratio in (start, end))
