"""The status page: what the exporter knows, in words, from the same facts as the JSON pages."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from volvo_exporter.log import Line
from volvo_exporter.polling.outcomes import Outcome, Pause, PauseReason
from volvo_exporter.polling.status import STALE, AccountReport, LoginStatus, QuotaStatus, SlotStatus
from volvo_exporter.vehicles.garage import Garage
from volvo_exporter.web import drawing, sparklines
from volvo_exporter.web.cards import describe_car
from volvo_exporter.web.formatting import ago, duration, grouped, short_vin
from volvo_exporter.web.trace import Traces

FINE = (Outcome.OK, Outcome.EMPTY, Outcome.UNSUPPORTED, None)
"""Outcomes of a resource that are no error; None while it is waiting for the first answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A resource of a car in the plan."""

    car: str
    resource: str
    state: str
    last_success: str
    at: str
    """When that was, as ISO 8601; empty where there was none."""
    every: str
    next: str
    error: str
    bad: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaView:
    """The calls of today as a bar: shares of the limit, and the words beside it."""

    words: str
    used: float
    forecast: float
    how: str
    """Whether it lasts: ok, low or out."""


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
        """How many resources need a hand."""
        return len([row for row in self.rows if row.bad])


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginView:
    """An account that one can log in to."""

    name: str
    elsewhere: str
    """Where the browser ends up after the login; empty where it comes back to the exporter by itself."""


class Page:
    """Renders the pages."""

    def __init__(self) -> None:
        environment = Environment(
            loader=PackageLoader("volvo_exporter.web"),
            autoescape=select_autoescape(default=True),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.globals.update(drawing=drawing, sparklines=sparklines)
        self._template = environment.get_template("page.html")
        self._login = environment.get_template("login.html")
        self.icon = environment.get_template("icon.svg").render()

    def render_login(
        self,
        accounts: Sequence[LoginView],
        *,
        nonce: str,
        message: str = "",
        done: str = "",
        pending: str = "",
        url: str = "",
        refused: bool = False,
    ) -> str:
        """The page that starts and ends a login; `url` leads to Volvo ID again while one is `pending`."""
        return self._login.render(
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
        demo: str,
        nonce: str,
        now: float,
    ) -> str:
        """The page as HTML; `now` is Unix time, `nonce` what the security policy lets run.

        `demo` describes the demo; empty for real cars.
        """
        slots = defaultdict[str, list[SlotStatus]](list)
        for report in reports:
            for slot in report.slots:
                slots[slot.vin].append(slot)
        cards = (
            describe_car(
                garage[vin].vehicle,
                garage.attributes(vin),
                activity=garage[vin].state.activity,
                trace=traces.points(vin),
                slots=slots[vin],
                now=now,
            )
            for vin in garage.vins
        )
        names = {
            vin: f"{garage.attributes(vin)['model'] or 'Car'} {short_vin(garage.shown(vin))}"
            for vin in garage.vins
        }
        return self._template.render(
            cards=list(cards),
            accounts=[_account(report, names, now) for report in reports],
            missing=missing.replace("`", ""),
            lines=[(ago(now - line.at), line) for line in lines],
            version=version,
            links=links,
            demo=demo,
            nonce=nonce,
            as_of=_utc(now, "%Y-%m-%d %H:%M:%S UTC"),
        )


def _account(report: AccountReport, names: Mapping[str, str], now: float) -> AccountView:
    status = report.status
    return AccountView(
        name=status.account,
        login=_login(status.login, now),
        login_required=status.login.required,
        quota=_quota(status.quota, now),
        waiting=_waiting(status.waiting, now) if status.waiting else "",
        rows=tuple(_row(slot, names, now) for slot in report.slots),
    )


def _quota(quota: QuotaStatus, now: float) -> QuotaView:
    used, limit = quota.used, quota.limit
    calls = f"{grouped(used)} of {grouped(limit)} calls used, {grouped(quota.forecast)} expected"
    how = "out" if used >= limit else "low" if quota.forecast > limit else "ok"
    return QuotaView(
        how=how,
        words=f"{calls}; resets in {duration(quota.resets - now)}",
        used=min(used / limit, 1.0),
        forecast=min(max(quota.forecast, used) / limit, 1.0),
    )


def _waiting(waiting: Pause, now: float) -> str:
    """Return why nothing is sent; empty where that is a login, which the page shows anyway."""
    if waiting.why is PauseReason.LOGIN:
        return ""
    until = waiting.until
    reason = waiting.message or waiting.why.value
    return reason + ("" if until is None else f"; next retry in {duration(max(until - now, 0))}")


def _login(login: LoginStatus, now: float) -> str:
    if login.required:
        return "login required"
    if login.grant_expiry is None:
        return "active; expiry unknown until the next login with this exporter"
    return f"active; expires in about {duration(login.grant_expiry - now)}"


def _row(slot: SlotStatus, names: Mapping[str, str], now: float) -> Row:
    error, success = slot.last_error, slot.last_success
    return Row(
        car=names.get(slot.vin, ""),
        resource=f"{slot.resource} {slot.item}".strip(),
        state=slot.state,
        last_success="never" if success is None else ago(now - success),
        at="" if success is None else _utc(success, "%Y-%m-%dT%H:%M:%SZ"),
        every="" if slot.interval is None else duration(slot.interval),
        next="not planned" if slot.next_due is None else f"in {duration(max(0.0, slot.next_due - now))}",
        error=f"{error.message} ({ago(now - error.at)})" if error else "",
        bad=slot.outcome not in FINE or slot.state == STALE,
    )


def _utc(at: float, form: str) -> str:
    return datetime.fromtimestamp(at, UTC).strftime(form)
