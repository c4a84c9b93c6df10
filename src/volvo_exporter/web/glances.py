"""Lines about the last drive, the last charge and this month of a car. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from volvo_exporter.journal.events import Charge, Drive, Refuel
from volvo_exporter.journal.totals import duration, headline
from volvo_exporter.web.formatting import Formatter
from volvo_exporter.web.journal.recent import Recent


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """A line of the card that leads to the page with more."""

    name: str
    text: str
    note: str = ""
    """The age of the event."""
    link: str
    """Relative to the status page."""


def glance(recent: Recent, *, now: float, f: Formatter) -> Iterator[Glance]:
    """Yield the lines; none about what the journal does not have. `now` is Unix time."""
    for entry in filter(None, (recent.drive, recent.charge)):
        note = f.ago(now - entry.event.end.latest)
        match entry.event:
            case Drive() as drive:
                link = f"drives/{entry.id}"
                yield Glance(name=f.gettext("Last drive"), text=_drive(drive, f), note=note, link=link)
            case Charge() as charge:
                link = f"charges/{entry.id}"
                yield Glance(name=f.gettext("Last charge"), text=_charge(charge, f), note=note, link=link)
            case _:
                pass
    if text := ", ".join(_month(recent, f)):
        page = "drives" if recent.drives else "charges" if recent.charges else "refuels"
        yield Glance(name=f.gettext("This month"), text=text, link=f"{page}?month={recent.month}")


def _drive(drive: Drive, f: Formatter) -> str:
    energy = f.energy(drive.energy_joules.estimate) if drive.energy_joules else ""
    fuel = f.volume(drive.fuel_liters.estimate) if drive.fuel_liters else ""
    known = (f.trip(drive.distance_meters), f.hours(duration(drive.start, drive.end)), energy, fuel)
    return ", ".join(filter(None, known))


def _charge(charge: Charge, f: Formatter) -> str:
    energy, end = headline(charge.energy), charge.charge_end_ratio
    known = (
        f.energy(energy.estimate) if energy else "",
        f.gettext("to %(level)s", level=f.percent(end)) if end is not None else "",
        f.hours(duration(charge.start, charge.end)),
    )
    return ", ".join(filter(None, known))


def _month(recent: Recent, f: Formatter) -> Iterator[str]:
    if recent.drives:
        distance = f.trip(sum(drive.distance_meters for drive in recent.drives))
        yield f.ngettext(
            "%(distance)s in %(count)s drive",
            "%(distance)s in %(count)s drives",
            len(recent.drives),
            distance=distance,
        )
    energies = [headline(charge.energy) for charge in recent.charges]
    if known := [energy.estimate for energy in energies if energy]:
        yield f.gettext("%(energy)s charged", energy=f.energy(sum(known)))
    if recent.refuels:
        yield f.gettext("%(fuel)s refuelled", fuel=f.volume(sum(map(_liters, recent.refuels))))


def _liters(refuel: Refuel) -> float:
    return refuel.liters.estimate if refuel.receipt_liters is None else refuel.receipt_liters
