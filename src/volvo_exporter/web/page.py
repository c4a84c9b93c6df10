"""The status page and the login page, rendered from the same data as the JSON API."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from jinja2 import Template

from volvo_exporter.log import Line
from volvo_exporter.polling.outcomes import Outcome, Pause, PauseReason
from volvo_exporter.polling.status import STALE, AccountReport, LoginStatus, QuotaStatus, SlotStatus
from volvo_exporter.vehicles.garage import Garage
from volvo_exporter.web import drawing, names, plots, silhouettes
from volvo_exporter.web.cards import Card, describe_car
from volvo_exporter.web.formatting import Formatter, short_vin
from volvo_exporter.web.journal.recent import Recent
from volvo_exporter.web.language import LANGUAGES, mark
from volvo_exporter.web.rendering import template_environment
from volvo_exporter.web.trace import Traces
from volvo_exporter.web.units import METRIC, Units

GOOD_OUTCOMES = (Outcome.OK, Outcome.EMPTY, Outcome.UNSUPPORTED, None)
"""Outcomes that are not errors; None before the first answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of the schedule: a resource of a car."""

    car: str
    resource: str
    state: str
    last_success: str
    at: float | None
    """Time of the last success in Unix seconds; None if there was none."""
    interval: str
    next: str
    error: str
    bad: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaView:
    """The calls of today as a bar: shares of the limit, and the text."""

    text: str
    used: float
    forecast: float
    level: str
    """CSS class: ok, low (the forecast exceeds the limit) or out (no calls left)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountView:
    """An account on the page."""

    name: str
    login: str
    login_required: bool
    quota: QuotaView
    waiting: str
    rows: tuple[Row, ...]

    @property
    def failing(self) -> int:
        """Return the number of failing or stale resources."""
        return len([row for row in self.rows if row.bad])


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginView:
    """An account on the login page."""

    name: str
    elsewhere: str
    """Address of the redirect after the login; empty if it is this exporter."""


SLOT_STATES: Mapping[str, str] = MappingProxyType(
    {
        "waiting": mark("waiting"),
        "ok": mark("ok"),
        "no values": mark("no values"),
        "failing": mark("failing"),
        "stale": mark("stale"),
        "unsupported": mark("unsupported"),
        "scope missing": mark("scope missing"),
        "foreign vehicle": mark("foreign vehicle"),
        "gone": mark("gone"),
        "key refused": mark("key refused"),
    }
)
"""States of the schedule, as `/api/v1/status` has them; a test compares them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attention:
    """A line of what needs attention, above all cars."""

    title: str
    warnings: tuple[str, ...]
    anchor: str
    """Id of the card."""


class Page:
    """Renders the pages.

    Args:
        units: The units of the values.
    """

    def __init__(self, units: Units = METRIC) -> None:
        self._units = units

    def render_login(
        self,
        accounts: Sequence[LoginView],
        *,
        nonce: str,
        language: str,
        message: str = "",
        done: str = "",
        pending: str = "",
        url: str = "",
        refused: bool = False,
    ) -> str:
        """Return the login page as HTML; `url` opens Volvo ID again for the login of `pending`."""
        return self._template("login.html", self._formatter(language)).render(
            accounts=accounts,
            nonce=nonce,
            message=message,
            done=done,
            pending=pending,
            url=url,
            refused=refused,
        )

    def render(
        self,
        garage: Garage,
        traces: Traces,
        reports: Sequence[AccountReport],
        *,
        missing: str,
        lines: Sequence[Line],
        version: str,
        links: Sequence[tuple[str, str]],
        programs: Sequence[tuple[str, str]],
        demo: str,
        nonce: str,
        language: str,
        now: float,
        recent: Mapping[str, Recent],
    ) -> str:
        """Return the status page as HTML.

        `now` is Unix time, `nonce` allows the inline style and script in the security policy, `demo` is a
        description of the demo; empty for real cars. `recent` are the latest events in the journal, by VIN.
        """
        f = self._formatter(language)
        slots = defaultdict[str, list[SlotStatus]](list)
        for report in reports:
            for slot in report.slots:
                slots[slot.vin].append(slot)
        cards = [
            describe_car(
                garage[vin].vehicle,
                garage.attributes(vin),
                activity=garage[vin].state.activity,
                trace=traces.points(vin),
                slots=slots[vin],
                now=now,
                recent=recent.get(vin),
                f=f,
            )
            for vin in garage.vins
        ]
        titles = {
            vin: f"{garage.attributes(vin)['model'] or f.gettext('Car')} {short_vin(garage.shown(vin))}"
            for vin in garage.vins
        }
        return self._template("page.html", f).render(
            cards=cards,
            attention=_attention(cards),
            accounts=[_account(report, titles, now, f) for report in reports],
            missing=missing.replace("`", ""),
            lines=[(f.ago(now - line.at), line) for line in lines],
            version=version,
            links=links,
            programs=programs,
            demo=demo,
            nonce=nonce,
            now=now,
        )

    def icon(self) -> str:
        """Return the icon as SVG."""
        return self._template("icon.svg", self._formatter(LANGUAGES[0])).render()

    def _formatter(self, language: str) -> Formatter:
        return Formatter(language=language, units=self._units)

    def _template(self, name: str, f: Formatter) -> Template:
        """Return a template in the language of the reader, compiled on first use."""
        environment = template_environment(f)
        environment.globals.update(
            drawing=drawing,
            plots=plots,
            silhouettes=silhouettes,
            part_kinds=names.KINDS,
            part_names=names.PARTS,
        )
        return environment.get_template(name)


def _attention(cards: Sequence[Card]) -> list[Attention]:
    """Return the warnings of all cars; of a single car, its card has them at its top."""
    return [
        Attention(title=card.title, warnings=card.warnings, anchor=f"car-{number}")
        for number, card in enumerate(cards, 1)
        if card.warnings and len(cards) > 1
    ]


def _account(report: AccountReport, titles: Mapping[str, str], now: float, f: Formatter) -> AccountView:
    status = report.status
    return AccountView(
        name=status.account,
        login=_login(status.login, now, f),
        login_required=status.login.required,
        quota=_quota(status.quota, now, f),
        waiting=_waiting(status.waiting, now, f) if status.waiting else "",
        rows=tuple(_row(slot, titles, now, f) for slot in report.slots),
    )


def _quota(quota: QuotaStatus, now: float, f: Formatter) -> QuotaView:
    used, limit = quota.used, quota.limit
    text = f.gettext(
        "%(used)s of %(limit)s calls used, %(forecast)s expected; resets in %(time)s",
        used=f.number(used),
        limit=f.number(limit),
        forecast=f.number(quota.forecast),
        time=f.duration(quota.resets - now),
    )
    level = "out" if used >= limit else "low" if quota.forecast > limit else "ok"
    return QuotaView(
        level=level,
        text=text,
        used=min(used / limit, 1.0),
        forecast=min(max(quota.forecast, used) / limit, 1.0),
    )


def _waiting(waiting: Pause, now: float, f: Formatter) -> str:
    """Return why polling is paused; empty if a login is required, as the page shows that elsewhere."""
    if waiting.why is PauseReason.LOGIN:
        return ""
    until = waiting.until
    reason = waiting.message or waiting.why.value
    if until is None:
        return reason
    return f.gettext(
        "%(reason)s; next retry in %(time)s", reason=reason, time=f.duration(max(until - now, 0))
    )


def _login(login: LoginStatus, now: float, f: Formatter) -> str:
    if login.required:
        return f.gettext("login required")
    if login.grant_expiry is None:
        return f.gettext("active; expiry unknown until the next login with this exporter")
    return f.gettext("active; expires in about %(time)s", time=f.duration(login.grant_expiry - now))


def _row(slot: SlotStatus, titles: Mapping[str, str], now: float, f: Formatter) -> Row:
    error, success, due = slot.last_error, slot.last_success, slot.next_due
    return Row(
        car=titles.get(slot.vin, ""),
        resource=f"{slot.resource} {slot.item}".strip(),
        state=f.gettext(SLOT_STATES[slot.state]) if slot.state in SLOT_STATES else slot.state,
        last_success=f.gettext("never") if success is None else f.ago(now - success),
        at=success,
        interval="" if slot.interval is None else f.duration(slot.interval),
        next=f.gettext("not planned")
        if due is None
        else f.gettext("in %(time)s", time=f.duration(max(0.0, due - now))),
        error=f"{error.message} ({f.ago(now - error.at)})" if error else "",
        bad=slot.outcome not in GOOD_OUTCOMES or slot.state == STALE,
    )
