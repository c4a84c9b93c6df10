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
from volvo_exporter.web.formatting import map_link
from volvo_exporter.web.journal import curves, months, rows
from volvo_exporter.web.rendering import PARENT, ROOT, template_environment

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
    receipt: str = ""
    """The unit of a receipt; empty where there is none."""
    columns: tuple[str, ...] = ()


SECTIONS = (
    Section(
        kind=Kind.DRIVE,
        path="drives",
        title="Drives",
        one="Drive",
        columns=("Distance", "Charge", "Energy", "Fuel"),
    ),
    Section(
        kind=Kind.CHARGE,
        path="charges",
        title="Charges",
        one="Charge",
        receipt="kWh",
        columns=("Type", "Charge", "Energy"),
    ),
    Section(
        kind=Kind.REFUEL,
        path="refuels",
        title="Refuellings",
        one="Refuelling",
        receipt="l",
        columns=("Fuel", "Level", "Receipt"),
    ),
)
CURVE_TEXTS: Mapping[str, tuple[str, float, str]] = MappingProxyType(
    {
        families.BATTERY_CHARGE.name: ("State of charge", 0.01, "%"),
        families.CHARGING_POWER.name: ("Charging power", 1000.0, "kW"),
        families.FUEL_AMOUNT.name: ("Fuel", 1.0, "l"),
    }
)
"""Title, size of the unit and its symbol of each curve."""


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
        zone: The time zone of the times and the months; None is that of the machine.
    """

    def __init__(self, names: Callable[[str], str], zone: tzinfo | None) -> None:
        environment = template_environment()
        self._list = environment.get_template("journal_list.html")
        self._event = environment.get_template("journal_event.html")
        self._names = names
        self._zone = zone

    def render_list(
        self,
        section: Section,
        found: Found,
        selection: Selection,
        *,
        vehicles: Sequence[tuple[str, str]],
        now: float,
        nonce: str,
    ) -> str:
        """Return the page with a list; `vehicles` are the choices, as shown and by name."""
        by_month = groupby(found.entries, lambda entry: months.month_of(entry.event.start.latest, self._zone))
        groups = [
            (months.title(month), rows.sums_of(members), [self._row(entry) for entry in members])
            for month, grouped in by_month
            for members in [list(grouped)]
        ]
        chosen = {name: value for name, value in _choices(selection) if value}
        return self._list.render(
            section=section,
            sections=SECTIONS,
            groups=groups,
            selection=selection,
            vehicles=vehicles,
            months=[
                (month, months.title(month))
                for month in months.latest(months.month_of(now, self._zone), MONTHS)
            ],
            csv=_address(f"{ROOT}{section.path}.csv", chosen),
            further=_address(f"{ROOT}{section.path}", {**chosen, "cursor": found.cursor})
            if found.cursor
            else "",
            nonce=nonce,
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
    ) -> str:
        """Return the page of one event; `refusal` is why this visitor may not correct it."""
        event = entry.event
        track = curves.track(observations) if isinstance(event, Drive) else None
        return self._event.render(
            root=PARENT,
            section=section,
            sections=SECTIONS,
            row=self._row(entry),
            end=rows.moment(event.end, self._zone),
            details=_details(event),
            curves=_curve_views(event, observations),
            track=track,
            size=curves.TRACK_SIZE,
            width=curves.CURVE_WIDTH,
            height=curves.CURVE_HEIGHT,
            places=[
                (name, map_link(place.latitude, place.longitude)) for name, place in _places(event) if place
            ],
            middle=rows.moment(event.end, self._zone).iso,
            refusal=refusal,
            message=message,
            nonce=nonce,
        )

    def _row(self, entry: Entry) -> rows.Row:
        return rows.row_of(entry, vehicle=self._names(entry.event.vin), zone=self._zone)


def _choices(selection: Selection) -> tuple[tuple[str, str], ...]:
    return (("vehicle", selection.vehicle), ("month", selection.month))


def _address(path: str, parameters: Mapping[str, str]) -> str:
    return f"{path}?{urlencode(parameters)}" if parameters else path


def _details(event: Event) -> tuple[rows.Figure, ...]:
    match event:
        case Drive():
            return rows.drive_details(event)
        case Charge():
            return rows.charge_details(event)
        case _:
            return ()


def _places(event: Event) -> tuple[tuple[str, Place | None], ...]:
    match event:
        case Drive():
            return (("Start", event.start_place), ("End", event.end_place))
        case _:
            return (("Position", getattr(event, "place", None)),)


def _curve_views(event: Event, observations: Sequence[Observed]) -> list[CurveView]:
    since, until = event.start.earliest, event.end.latest
    drawn = (curves.curve(name, observations, since=since, until=until) for name in curves.SERIES)
    return [_curve_view(curve) for curve in drawn if curve]


def _curve_view(curve: curves.Curve) -> CurveView:
    title, unit, symbol = CURVE_TEXTS[curve.series]

    def text(value: float) -> str:
        return f"{value / unit:.{0 if symbol == '%' else 1}f} {symbol}"

    return CurveView(
        title=title,
        path=curve.path,
        high=text(curve.high),
        low=text(curve.low),
        text=f"{title} from {text(curve.first)} to {text(curve.last)}",
    )
