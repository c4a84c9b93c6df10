"""The status page and the login page, rendered from the same data as the JSON API."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from volvo_exporter.catalogue.model import Key
from volvo_exporter.log import Line
from volvo_exporter.polling.outcomes import Outcome, Pause, PauseReason
from volvo_exporter.polling.status import STALE, AccountReport, LoginStatus, QuotaStatus, SlotStatus
from volvo_exporter.vehicles.garage import Garage
from volvo_exporter.web import drawing, sparklines
from volvo_exporter.web.cards import describe_car
from volvo_exporter.web.formatting import ago, duration, grouped, short_vin
from volvo_exporter.web.rendering import template_environment
from volvo_exporter.web.trace import Traces

GOOD_OUTCOMES = (Outcome.OK, Outcome.EMPTY, Outcome.UNSUPPORTED, None)
"""Outcomes that are not errors; None before the first answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row of the schedule: a resource of a car."""

    car: str
    resource: str
    state: str
    last_success: str
    at: str
    """Time of the last success as ISO 8601; empty if there was none."""
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


class Page:
    """Renders the pages."""

    def __init__(self) -> None:
        environment = template_environment()
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
        """Return the login page as HTML; `url` opens Volvo ID again for the login of `pending`."""
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
        latest: Callable[[str], Mapping[Key, float]] = lambda _vin: {},
    ) -> str:
        """Return the status page as HTML.

        `now` is Unix time, `nonce` allows the inline style and script in the security policy, `demo` is a
        description of the demo; empty for real cars. `latest` returns the journal's figures of a vehicle.
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
                latest=latest(vin),
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
    level = "out" if used >= limit else "low" if quota.forecast > limit else "ok"
    return QuotaView(
        level=level,
        text=f"{calls}; resets in {duration(quota.resets - now)}",
        used=min(used / limit, 1.0),
        forecast=min(max(quota.forecast, used) / limit, 1.0),
    )


def _waiting(waiting: Pause, now: float) -> str:
    """Return why polling is paused; empty if a login is required, as the page shows that elsewhere."""
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
        interval="" if slot.interval is None else duration(slot.interval),
        next="not planned" if slot.next_due is None else f"in {duration(max(0.0, slot.next_due - now))}",
        error=f"{error.message} ({ago(now - error.at)})" if error else "",
        bad=slot.outcome not in GOOD_OUTCOMES or slot.state == STALE,
    )


def _utc(at: float, form: str) -> str:
    return datetime.fromtimestamp(at, UTC).strftime(form)
