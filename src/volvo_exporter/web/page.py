"""The status page: what the exporter knows, in words, from the same facts as the JSON pages."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from volvo_exporter.log import Line
from volvo_exporter.metrics.store import Store
from volvo_exporter.web import drawing, plots
from volvo_exporter.web.cards import describe_car
from volvo_exporter.web.words import ago, duration, grouped, short_vin

Json = Mapping[str, Any]

FINE = ("ok", "no values", "unsupported", "waiting")
"""States of a resource that need nobody's hand."""


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
        environment.globals.update(drawing=drawing, plots=plots)
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
        store: Store,
        accounts: Sequence[Json],
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
        attributes = {vin: store.attributes(vin) for vin in store.vins}
        entries = [entry for account in accounts for entry in account["resources"]]
        cards = (
            describe_car(
                attributes[vin],
                store.samples(vin),
                activity=store.activity(vin),
                trace=store.trace(vin),
                entries=[entry for entry in entries if entry["vin"] == attributes[vin]["vin"]],
                failing=len([poll for poll in store.polls(vin).values() if not poll.up]),
                now=now,
            )
            for vin in store.vins
        )
        names = {
            car["vin"]: f"{car['model'] or 'Car'} {short_vin(car['vin'])}" for car in attributes.values()
        }
        return self._template.render(
            cards=list(cards),
            accounts=[_account(account, names, now) for account in accounts],
            missing=missing.replace("`", ""),
            lines=[(ago(now - line.at), line) for line in lines],
            version=version,
            links=links,
            demo=demo,
            nonce=nonce,
            as_of=_utc(now, "%Y-%m-%d %H:%M:%S UTC"),
        )


def _account(account: Json, names: Mapping[str, str], now: float) -> AccountView:
    login, waiting = account["login"], account["waiting"]
    return AccountView(
        name=str(account["account"]),
        login=_login(login, now),
        login_required=login["required"],
        quota=_quota(account["quota"], now),
        waiting=_waiting(waiting, now) if waiting else "",
        rows=tuple(_rows(account["resources"], names, now)),
    )


def _quota(quota: Json, now: float) -> QuotaView:
    used, limit = quota["used"], quota["limit"]
    calls = f"{grouped(used)} of {grouped(limit)} calls used, {grouped(quota['forecast'])} expected"
    how = "out" if used >= limit else "low" if quota["forecast"] > limit else "ok"
    return QuotaView(
        how=how,
        words=f"{calls}; replenished in {duration(quota['resets'] - now)}",
        used=min(used / limit, 1.0),
        forecast=min(max(quota["forecast"], used) / limit, 1.0),
    )


def _waiting(waiting: Json, now: float) -> str:
    """What everything waits for; nothing where that is a login, of which the page tells anyway."""
    if waiting["why"] == "login required":
        return ""
    until = waiting["until"]
    reason = str(waiting["message"] or waiting["why"])
    return reason + ("" if until is None else f"; next try in {duration(max(until - now, 0))}")


def _login(login: Json, now: float) -> str:
    if login["required"]:
        return "somebody has to log in"
    if login["grant_expires"] is None:
        return "works; when it ends is known only after a login with this exporter"
    return f"works; ends in about {duration(login['grant_expires'] - now)}"


def _rows(resources: Iterable[Json], names: Mapping[str, str], now: float) -> Iterable[Row]:
    for entry in resources:
        error = entry["last_error"]
        item = f" {entry['item']}" if entry["item"] else ""
        yield Row(
            car=names.get(entry["vin"] or "", ""),
            resource=f"{entry['resource']}{item}",
            state=entry["state"],
            last_success="never" if entry["last_success"] is None else ago(now - entry["last_success"]),
            at="" if entry["last_success"] is None else _utc(entry["last_success"], "%Y-%m-%dT%H:%M:%SZ"),
            every="" if entry["interval"] is None else duration(entry["interval"]),
            next="not planned" if entry["next"] is None else f"in {duration(max(0.0, entry['next'] - now))}",
            error=f"{error['message']} ({ago(now - error['at'])})" if error else "",
            bad=entry["state"] not in FINE,
        )


def _utc(at: float, form: str) -> str:
    return datetime.fromtimestamp(at, UTC).strftime(form)
