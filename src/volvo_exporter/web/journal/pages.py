"""The pages of the journal: `/drives`, `/charges`, `/refuels` and one page for each event."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from itertools import groupby
from types import MappingProxyType
from urllib.parse import urlencode

from volvo_exporter.catalogue import families
from volvo_exporter.journal.events import Charge, Drive, Event, Place
from volvo_exporter.journal.library import Entry, Found, Kind
from volvo_exporter.journal.observations import Observed
from volvo_exporter.web.formatting import Formatter, map_link
from volvo_exporter.web.journal import curves, months, rows
from volvo_exporter.web.language import mark
from volvo_exporter.web.rendering import PARENT, ROOT, template_environment
from volvo_exporter.web.units import METRIC, Units

PAGE_SIZE = 200
"""Events on one page; a busy month of one car has about 150."""
MONTHS = 24
"""Months to choose from; chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A kind of event that has pages."""

    kind: Kind
    path: str
    title: str
    one: str
    """The name of one event."""
    none: str
    """Text of an empty list."""
    earlier: str
    """Text of the link to the next page."""
    merge: str = ""
    """Text of the button that merges an event with the next one; empty where that is not possible."""
    receipt: str = ""
    """The unit of a receipt; empty where there is none."""
    columns: tuple[str, ...] = ()


SECTIONS = (
    Section(
        kind=Kind.DRIVE,
        path="drives",
        title=mark("Drives"),
        one=mark("Drive"),
        none=mark("No drives in the journal for this selection."),
        earlier=mark("Earlier drives"),
        merge=mark("Merge with the next drive"),
        columns=(mark("Distance"), mark("Charge"), mark("Energy"), mark("Fuel")),
    ),
    Section(
        kind=Kind.CHARGE,
        path="charges",
        title=mark("Charges"),
        one=mark("Charging session"),
        none=mark("No charges in the journal for this selection."),
        earlier=mark("Earlier charges"),
        merge=mark("Merge with the next charge"),
        receipt="kWh",
        columns=(mark("Type"), mark("Charge"), mark("Energy")),
    ),
    Section(
        kind=Kind.REFUEL,
        path="refuels",
        title=mark("Refuellings"),
        one=mark("Refuelling"),
        none=mark("No refuellings in the journal for this selection."),
        earlier=mark("Earlier refuellings"),
        receipt="l",
        columns=(mark("Fuel"), mark("Level"), mark("Receipt")),
    ),
)
CURVE_TEXTS: Mapping[str, tuple[str, Callable[[float, Formatter], str]]] = MappingProxyType(
    {
        families.BATTERY_CHARGE.name: (mark("State of charge"), lambda value, f: f.percent(value)),
        families.CHARGING_POWER.name: (mark("Charging power"), lambda value, f: f.power(value)),
        families.FUEL_AMOUNT.name: (mark("Fuel"), lambda value, f: f.volume(value)),
    }
)
"""Title of each curve, and the format of its values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What a visitor chose."""

    vehicle: str = ""
    """As it is shown; empty for all."""
    month: str = ""
    """As 2026-11; empty for all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveView:
    """A curve with its axis labels."""

    title: str
    path: str
    high: str
    low: str
    text: str
    """What it shows, for people who cannot see it."""


class Pages:
    """Renders the pages.

    Args:
        names: Returns the name of a vehicle, by VIN.
        zone: The time zone of the months; None is that of the machine.
        units: The units of the figures.
    """

    def __init__(self, names: Callable[[str], str], zone: tzinfo | None, units: Units = METRIC) -> None:
        self._names = names
        self._zone = zone
        self._units = units

    def render_list(
        self,
        section: Section,
        found: Found,
        selection: Selection,
        *,
        vehicles: Sequence[tuple[str, str]],
        now: float,
        nonce: str,
        language: str,
    ) -> str:
        """Return the page with a list; `vehicles` are the choices, as shown and by name."""
        f = Formatter(language=language, units=self._units)
        by_month = groupby(found.entries, lambda entry: months.month_of(entry.event.start.latest, self._zone))
        groups = [
            (months.title(month, f), rows.sums_of(members, f), [self._row(entry, f) for entry in members])
            for month, grouped in by_month
            for members in [list(grouped)]
        ]
        chosen = {name: value for name, value in _choices(selection) if value}
        return (
            template_environment(f)
            .get_template("journal_list.html")
            .render(
                section=section,
                sections=SECTIONS,
                groups=groups,
                selection=selection,
                vehicles=vehicles,
                months=[
                    (month, months.title(month, f))
                    for month in months.latest(months.month_of(now, self._zone), MONTHS)
                ],
                csv=_address(f"{ROOT}{section.path}.csv", chosen),
                further=_address(f"{ROOT}{section.path}", {**chosen, "cursor": found.cursor})
                if found.cursor
                else "",
                nonce=nonce,
            )
        )

    def render_event(
        self,
        section: Section,
        entry: Entry,
        observations: Sequence[Observed],
        *,
        refusal: str,
        message: str,
        nonce: str,
        language: str,
    ) -> str:
        """Return the page of one event; `refusal` is why this visitor may not correct it."""
        f = Formatter(language=language, units=self._units)
        event = entry.event
        track = curves.track(observations) if isinstance(event, Drive) else None
        return (
            template_environment(f)
            .get_template("journal_event.html")
            .render(
                root=PARENT,
                section=section,
                sections=SECTIONS,
                row=self._row(entry, f),
                end=rows.moment(event.end, f),
                details=_details(event, f),
                curves=_curve_views(event, observations, f),
                track=track,
                size=curves.TRACK_SIZE,
                width=curves.CURVE_WIDTH,
                height=curves.CURVE_HEIGHT,
                places=[
                    (f.gettext(name), map_link(place.latitude, place.longitude))
                    for name, place in _places(event)
                    if place
                ],
                refusal=refusal,
                message=message,
                nonce=nonce,
            )
        )

    def _row(self, entry: Entry, f: Formatter) -> rows.Row:
        return rows.row_of(entry, vehicle=self._names(entry.event.vin), f=f)


def _choices(selection: Selection) -> tuple[tuple[str, str], ...]:
    return (("vehicle", selection.vehicle), ("month", selection.month))


def _address(path: str, parameters: Mapping[str, str]) -> str:
    return f"{path}?{urlencode(parameters)}" if parameters else path


def _details(event: Event, f: Formatter) -> tuple[rows.Figure, ...]:
    match event:
        case Drive():
            return rows.drive_details(event, f)
        case Charge():
            return rows.charge_details(event, f)
        case _:
            return ()


def _places(event: Event) -> tuple[tuple[str, Place | None], ...]:
    match event:
        case Drive():
            return ((mark("Start"), event.start_place), (mark("End"), event.end_place))
        case _:
            return ((mark("Position"), getattr(event, "place", None)),)


def _curve_views(event: Event, observations: Sequence[Observed], f: Formatter) -> list[CurveView]:
    since, until = event.start.earliest, event.end.latest
    drawn = (curves.curve(name, observations, since=since, until=until) for name in curves.SERIES)
    return [_curve_view(curve, f) for curve in drawn if curve]


def _curve_view(curve: curves.Curve, f: Formatter) -> CurveView:
    title, value_text = CURVE_TEXTS[curve.series]
    name = f.gettext(title)
    first, last = (value_text(value, f) for value in (curve.first, curve.last))
    return CurveView(
        title=name,
        path=curve.path,
        high=value_text(curve.high, f),
        low=value_text(curve.low, f),
        text=f.gettext("%(name)s from %(first)s to %(last)s", name=name, first=first, last=last),
    )
