"""Puts the parts of the exporter together, as the settings say; runs none of them."""

import secrets
import socket
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from random import Random, SystemRandom
from urllib.parse import urlsplit

import anyio
import httpx2
from starlette.types import ASGIApp

from volvo_exporter import __version__, catalogue
from volvo_exporter.catalogue import connected_vehicle, weather
from volvo_exporter.catalogue.model import Api, Resource
from volvo_exporter.log import Line
from volvo_exporter.metrics.privacy import Position, Privacy
from volvo_exporter.metrics.store import Store
from volvo_exporter.metrics.telemetry import AccountFacts, Telemetry
from volvo_exporter.polling.budget import Budget
from volvo_exporter.polling.ledger import Ledger
from volvo_exporter.polling.plan import Plan
from volvo_exporter.polling.poller import Poller
from volvo_exporter.polling.quota import Quota, remaining, resets_at, roll
from volvo_exporter.polling.status import (
    LoginFacts,
    describe,
    describe_vehicles,
    is_ready,
    lacks_cars,
    last_success,
    waiting,
)
from volvo_exporter.settings import Account, Settings
from volvo_exporter.volvo.api import VolvoApi, WeatherApi
from volvo_exporter.volvo.authentication import BearerAuth
from volvo_exporter.volvo.errors import ConfigurationError
from volvo_exporter.volvo.grant import Grant
from volvo_exporter.volvo.identity import VolvoId
from volvo_exporter.volvo.login import Login, start
from volvo_exporter.volvo.terminal import LineSource
from volvo_exporter.volvo.tokens import TokenFile
from volvo_exporter.volvo.transport import create_client
from volvo_exporter.web.access import Access, Passwords
from volvo_exporter.web.app import Views, create_app
from volvo_exporter.web.callback import Callback
from volvo_exporter.web.hosts import Hosts
from volvo_exporter.web.logins import Logins
from volvo_exporter.web.web_config import WebConfig, WebConfigFile
from volvo_exporter.web.words import duration

INDISPENSABLE = (connected_vehicle.VEHICLES, connected_vehicle.DETAILS)
"""Without these there are no cars to ask for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terminal:
    """Somebody who can be asked to log in."""

    say: Callable[[str], None]
    read_line: LineSource


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What the exporter takes from the machine it runs on."""

    clock: Callable[[], float]
    """Unix time."""
    monotonic: Callable[[], float]
    chance: Random
    token_urlsafe: Callable[[int], str]
    transport: httpx2.AsyncBaseTransport | None = None
    """In place of the network, where given."""
    terminal: Terminal | None = None
    warnings: Callable[[], Sequence[Line]] = tuple
    """The last warnings of the log."""
    demo: str = ""
    """Description of the demo for the top of the page; empty for real cars."""
    stopped: Callable[[], Awaitable[None]] = anyio.sleep_forever
    """Returns when the process has to end."""
    hostname: str = ""

    @classmethod
    def of_this_machine(
        cls,
        *,
        terminal: Terminal | None = None,
        warnings: Callable[[], Sequence[Line]] = tuple,
        stopped: Callable[[], Awaitable[None]] = anyio.sleep_forever,
    ) -> "Surroundings":
        """The real clock, the real network, real randomness."""
        return cls(
            clock=time.time,
            monotonic=time.monotonic,
            chance=SystemRandom(),
            token_urlsafe=secrets.token_urlsafe,
            terminal=terminal,
            warnings=warnings,
            stopped=stopped,
            hostname=socket.gethostname(),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """An account at work."""

    login: Account
    resources: tuple[Resource, ...]
    identity: VolvoId
    grant: Grant
    cloud: VolvoApi
    poller: Poller

    @property
    def scopes(self) -> tuple[str, ...]:
        """What a login has to ask for."""
        return catalogue.scopes(self.resources)

    def begin_login(self, settings: Settings, surroundings: Surroundings) -> Login:
        """A new login at Volvo ID; raises TokenNotSaved where its token could not be stored."""
        self.grant.check_writable()
        return start(
            id_url=settings.volvo_id_url,
            client_id=self.login.client_id,
            redirect_uri=self.login.redirect_uri,
            scope=self.scopes,
            token_urlsafe=surroundings.token_urlsafe,
        )

    async def finish_login(self, login: Login, code: str) -> None:
        """Exchange the code of a login, and use what it gives; raises LoginRefused or CloudError."""
        self.grant.check_writable()  # before the code is spent
        token = await self.identity.exchange(code, login.verifier)
        await self.grant.adopt(replace(token, scope=login.scope))

    def facts(self) -> LoginFacts:
        """What is known of the login."""
        token = self.grant.token
        return LoginFacts(
            required=self.grant.login_required,
            token_expiry=token.expires_at if token else None,
            grant_expiry=self.grant.grant_expires_at,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Exporter:
    """All parts, put together."""

    settings: Settings
    members: tuple[Member, ...]
    store: Store
    telemetry: Telemetry
    weather: WeatherApi | None
    app: ASGIApp
    web_config: WebConfigFile | None
    callback: Callback
    client: httpx2.AsyncClient


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shared:
    """What the accounts have in common."""

    settings: Settings
    surroundings: Surroundings
    client: httpx2.AsyncClient
    store: Store
    telemetry: Telemetry
    weather: WeatherApi | None


def build(settings: Settings, surroundings: Surroundings) -> Exporter:
    """Put the parts together; raises ConfigurationError where a setting does not fit the catalogue."""
    members: list[Member] = []
    clock = surroundings.clock
    telemetry = Telemetry(
        version=__version__, accounts=lambda: [_account_facts(member, clock()) for member in members]
    )
    client = create_client(
        observe=telemetry.count_request, monotonic=surroundings.monotonic, transport=surroundings.transport
    )
    shared = _Shared(
        settings=settings,
        surroundings=surroundings,
        client=client,
        store=Store(
            labels=_vehicle_labels(settings), names=settings.vehicle_names, privacy=_privacy(settings)
        ),
        telemetry=telemetry,
        weather=_weather(settings, client, clock),
    )
    callback = Callback()
    web_config = WebConfigFile(settings.web_config_file) if settings.web_config_file else None
    budgets: dict[str, Budget] = {}
    for login in settings.logins:
        key = login.api_key.get_secret_value()
        if key not in budgets:
            quota = Quota(limit=settings.daily_quota, per_minute=settings.requests_per_minute)
            budgets[key] = Budget(quota, key=key, ledger=Ledger(settings.state_file))
        budget = budgets[key]
        members.append(_member(shared, login, budget))
    logins = Logins(
        accounts=lambda: {member.login.name: member.login.redirect_uri for member in members},
        id_url=settings.volvo_id_url,
        begin=lambda account: _named(members, account).begin_login(settings, surroundings),
        finish=lambda account, login, code: _named(members, account).finish_login(login, code),
        clock=clock,
        token_urlsafe=surroundings.token_urlsafe,
    )
    views = Views(
        store=shared.store,
        telemetry=telemetry,
        version=__version__,
        status=lambda: [
            describe(member.poller, member.facts(), show=shared.store.shown, now=clock())
            for member in members
        ],
        missing=lambda: "; ".join(filter(None, (_missing(member, clock()) for member in members))),
        callback=callback,
        logins=logins,
        clock=clock,
        token_urlsafe=surroundings.token_urlsafe,
        warnings=surroundings.warnings,
        demo=surroundings.demo,
    )
    return Exporter(
        settings=settings,
        members=tuple(members),
        store=shared.store,
        telemetry=telemetry,
        weather=shared.weather,
        # Around the whole, so that an answer to a failure (500) has its headers, too.
        app=Access(
            create_app(views),
            config=web_config.config if web_config else WebConfig,
            passwords=Passwords(surroundings.token_urlsafe(32).encode()),
            hosts=Hosts(_hosts(settings, surroundings.hostname)),
        ),
        web_config=web_config,
        callback=callback,
        client=client,
    )


def enabled_resources(settings: Settings, login: Account) -> tuple[Resource, ...]:
    """What is asked for an account: what is switched on and within the scopes that the owner set."""
    names = {resource.name for resource in catalogue.RESOURCES if resource not in INDISPENSABLE}
    if unknown := sorted(set(settings.disabled_resources) - names):
        known = ", ".join(sorted(names))
        message = f"disabled_resources: cannot disable {', '.join(unknown)}, but any of {known}"
        raise ConfigurationError(message)

    def wanted(resource: Resource) -> bool:
        allowed = not login.scope or resource in INDISPENSABLE or set(resource.scopes) <= set(login.scope)
        on = resource.enabled or (resource.api is Api.EXTENDED_VEHICLE and settings.extended_vehicle)
        on = on and (resource is not weather.WEATHER or settings.weather_api_key is not None)
        on = on and not (resource.private and settings.privacy.position == "off")
        return on and allowed and resource.name not in settings.disabled_resources

    return tuple(resource for resource in catalogue.RESOURCES if wanted(resource))


def _member(shared: _Shared, login: Account, budget: Budget) -> Member:
    settings, clock = shared.settings, shared.surroundings.clock
    resources = enabled_resources(settings, login)
    identity = VolvoId(
        shared.client,
        url=settings.volvo_id_url,
        client_id=login.client_id,
        client_secret=login.client_secret.get_secret_value(),
        redirect_uri=login.redirect_uri,
        clock=clock,
    )
    grant = Grant(
        file=TokenFile(login.token_path),
        identity=identity,
        clock=clock,
        observe=lambda outcome: shared.telemetry.count_refresh(login.name, outcome),
    )
    cloud = VolvoApi(
        shared.client,
        url=settings.volvo_api_url,
        api_key=login.api_key.get_secret_value(),
        auth=BearerAuth(grant, resending=lambda: budget.spend(clock())),
        clock=clock,
    )
    plan = Plan(resources=resources, scrape_interval=settings.scrape_interval)
    budget.plans.append(plan)
    poller = Poller(
        account=login.name,
        plan=plan,
        vins=login.vin,
        grant=grant,
        cloud=cloud,
        weather=shared.weather,
        budget=budget,
        store=shared.store,
        telemetry=shared.telemetry,
        clock=clock,
        chance=shared.surroundings.chance,
    )
    return Member(
        login=login, resources=resources, identity=identity, grant=grant, cloud=cloud, poller=poller
    )


def _named(members: list[Member], account: str) -> Member:
    return next(member for member in members if member.login.name == account)


def _weather(settings: Settings, client: httpx2.AsyncClient, clock: Callable[[], float]) -> WeatherApi | None:
    if settings.weather_api_key is None:
        return None
    key = settings.weather_api_key.get_secret_value()
    return WeatherApi(client, url=settings.weather_api_url, api_key=key, clock=clock)


def _privacy(settings: Settings) -> Privacy:
    return Privacy(position=Position(settings.privacy.position), masked=settings.privacy.vin == "masked")


def _hosts(settings: Settings, hostname: str) -> tuple[str, ...]:
    """Return the names of the exporter by machine and settings; a login returns to one of them."""
    if any(set(name) & set("/:[]@") for name in settings.allowed_hosts):
        message = "allowed_hosts: must be host names without scheme and port, e.g. volvo.example.com"
        raise ConfigurationError(message)
    redirects = [urlsplit(login.redirect_uri).hostname or "" for login in settings.logins]
    return (hostname, settings.exporter_listen_addr, *redirects, *settings.allowed_hosts)


def _vehicle_labels(settings: Settings) -> tuple[str, ...]:
    labels = settings.vehicle_labels or catalogue.DEFAULT_VEHICLE_LABELS
    if unknown := sorted(set(labels) - set(catalogue.ATTRIBUTES)):
        message = f"vehicle_labels: no {', '.join(unknown)}; possible are {', '.join(catalogue.ATTRIBUTES)}"
        raise ConfigurationError(message)
    return labels


def _account_facts(member: Member, now: float) -> AccountFacts:
    quota = roll(member.poller.budget.quota, now)
    login = member.facts()
    return AccountFacts(
        account=member.poller.account,
        login_required=login.required,
        token_expiry=login.token_expiry,
        grant_expiry=login.grant_expiry,
        quota_limit=quota.limit,
        quota_used=quota.used,
        quota_remaining=remaining(quota, now),
        quota_reset=resets_at(quota, now),
        quota_forecast=member.poller.budget.forecast(now),
        lag=member.poller.lag(),
    )


def _missing(member: Member, now: float) -> str:
    """What keeps an account from being ready, and the mend."""
    name = member.poller.account
    if member.grant.login_required:
        what = "somebody has to log in, on the page /login or with `volvo-exporter login`"
        return f"{name}: {member.grant.file_problem or what}"
    if is_ready(member.poller, now):
        return ""
    if trouble := member.poller.key_refusal or member.poller.hold:
        return f"{name}: {trouble.message}"
    if lacks_cars(member.poller):
        return f"{name}: {describe_vehicles(member.poller.listed, member.login.vin)}"
    last = last_success(member.poller)
    if last is None:
        return f"{name}: waiting for the first data of a car"
    pause = waiting(member.poller, now)
    reason = f" ({pause['why']})" if pause else ""
    age = duration(now - last)
    return f"{name}: data is stale: no request succeeded for {age}{reason}; see the log and /api/v1/status"
