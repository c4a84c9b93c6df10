"""Assemble the exporter from the settings, without starting it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import urlsplit

import httpx2
from starlette.routing import Route
from starlette.types import ASGIApp

from volvo_exporter import __version__, catalogue
from volvo_exporter.account import Account, Shared, build_account
from volvo_exporter.catalogue.model import Service
from volvo_exporter.environment import Environment
from volvo_exporter.login.browser import BrowserLogins
from volvo_exporter.login.callback import Callback
from volvo_exporter.outputs import build_outputs
from volvo_exporter.polling.budget import Budget
from volvo_exporter.polling.ledger import Ledger
from volvo_exporter.polling.memory import Memory, recall
from volvo_exporter.polling.quota import Quota
from volvo_exporter.polling.state_file import StateFile
from volvo_exporter.prometheus.journal_metrics import JournalMetrics
from volvo_exporter.prometheus.metrics import VehicleMetrics
from volvo_exporter.prometheus.telemetry import Telemetry
from volvo_exporter.settings import Settings
from volvo_exporter.vehicles.garage import Garage
from volvo_exporter.vehicles.privacy import Position, Privacy
from volvo_exporter.vehicles.updates import Output, Subscription, Updates
from volvo_exporter.volvo.api import Source, WeatherApi
from volvo_exporter.volvo.errors import ConfigurationError
from volvo_exporter.volvo.transport import create_client
from volvo_exporter.web.access import Access, Passwords
from volvo_exporter.web.api_tokens import ApiTokens
from volvo_exporter.web.app import PageContext, create_app
from volvo_exporter.web.formatting import short_vin
from volvo_exporter.web.hosts import Hosts
from volvo_exporter.web.journal.recent import RecentEvents
from volvo_exporter.web.trace import Traces
from volvo_exporter.web.units import UNITS
from volvo_exporter.web.web_config import WebConfig, WebConfigFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Exporter:
    """All parts of the exporter."""

    settings: Settings
    accounts: tuple[Account, ...]
    garage: Garage
    metrics: VehicleMetrics
    telemetry: Telemetry
    updates: Updates
    outputs: tuple[tuple[Output, Subscription], ...]
    """Each output with the queue that it reads."""
    app: ASGIApp
    web_config: WebConfigFile | None
    callback: Callback
    client: httpx2.AsyncClient


def build(settings: Settings, environment: Environment) -> Exporter:
    """Assemble the exporter; raises ConfigurationError if a setting contradicts the catalogue."""
    accounts: list[Account] = []
    clock = environment.clock
    telemetry = Telemetry(version=__version__, accounts=lambda: [account.status() for account in accounts])
    client = create_client(
        observe=telemetry.count_request, monotonic=environment.monotonic, transport=environment.transport
    )
    state_file = StateFile(settings.state_file)
    garage = Garage(
        names=settings.vehicle_names, privacy=_privacy(settings), recall=partial(recall, state_file)
    )
    updates = Updates(on_drop=telemetry.count_dropped_update)
    metrics, traces = VehicleMetrics(garage, labels=_vehicle_labels(settings)), Traces(garage)
    shared = Shared(
        settings=settings,
        environment=environment,
        client=client,
        garage=garage,
        updates=updates,
        telemetry=telemetry,
        sources=_sources(settings, client, clock),
    )
    callback = Callback()
    web_config = WebConfigFile(settings.web_config_file) if settings.web_config_file else None
    budgets: dict[str, Budget] = {}
    for account in settings.complete_accounts:
        key = account.api_key.get_secret_value()
        if key not in budgets:
            quota = Quota(limit=settings.daily_quota, per_minute=settings.requests_per_minute)
            budgets[key] = Budget(quota, key=key, ledger=Ledger(state_file))
        accounts.append(build_account(shared, account, budgets[key]))
    logins = BrowserLogins(
        accounts=lambda: {account.settings.name: account.settings.redirect_uri for account in accounts},
        id_url=settings.volvo_id_url,
        begin=lambda name: _named(accounts, name).begin_login(settings, environment),
        finish=lambda name, attempt, code: _named(accounts, name).finish_login(attempt, code),
        clock=clock,
        token_urlsafe=environment.token_urlsafe,
    )
    context = PageContext(
        garage=garage,
        metrics=metrics,
        traces=traces,
        telemetry=telemetry,
        version=__version__,
        reports=lambda: [account.report() for account in accounts],
        missing=lambda: "; ".join(filter(None, (account.missing() for account in accounts))),
        callback=callback,
        logins=logins,
        clock=clock,
        token_urlsafe=environment.token_urlsafe,
        warnings=environment.warnings,
        demo=environment.demo,
        units=UNITS[settings.units],
    )
    outputs: tuple[Output, ...] = (metrics, traces, Memory(state_file, garage))
    journal = build_journal(settings, environment, garage) if settings.journal == "on" else None
    if journal:
        outputs += (journal.journal, journal.metrics)
        context = replace(
            context, journal=journal.metrics, journal_routes=journal.routes, recent=journal.recent.read
        )
    outputs += build_outputs(
        settings,
        environment,
        garage=garage,
        accounts=lambda: [account.status() for account in accounts],
        parts=lambda: [
            *metrics.parts(),
            *(journal.metrics.parts() if journal else ()),
            telemetry.encode("")[0],
        ],
        figures=journal.metrics.values if journal else lambda _vin: {},
        state_file=state_file,
    )
    return Exporter(
        settings=settings,
        accounts=tuple(accounts),
        garage=garage,
        metrics=metrics,
        telemetry=telemetry,
        updates=updates,
        outputs=tuple((output, updates.subscribe(output.name)) for output in outputs),
        app=protect(create_app(context), settings, environment, web_config),
        web_config=web_config,
        callback=callback,
        client=client,
    )


def protect(
    app: ASGIApp, settings: Settings, environment: Environment, web_config: WebConfigFile | None
) -> Access:
    """Return the pages with access control around them, so that error responses (500) have its headers."""
    return Access(
        app,
        config=web_config.config if web_config else WebConfig,
        passwords=Passwords(environment.token_urlsafe(32).encode()),
        tokens=_api_tokens(settings, environment, web_config),
        hosts=Hosts(_hosts(settings, environment.hostname)),
        admitted=environment.admitted,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalParts:
    """The journal, its metrics and its pages."""

    journal: Output
    metrics: JournalMetrics
    routes: tuple[Route, ...]
    recent: RecentEvents


def build_journal(settings: Settings, environment: Environment, garage: Garage) -> JournalParts:
    """Put the journal together; raises ConfigurationError where it cannot be stored."""
    # Imported only where the journal is on: SQLAlchemy takes about a second to import.
    from volvo_exporter.journal.acceleration import build_accelerated_deriver  # noqa: PLC0415
    from volvo_exporter.journal.deriving import build_deriver  # noqa: PLC0415
    from volvo_exporter.journal.location import check, locate  # noqa: PLC0415
    from volvo_exporter.journal.output import Journal  # noqa: PLC0415
    from volvo_exporter.web.journal.routes import JournalContext, JournalRoutes  # noqa: PLC0415

    location = locate(settings.journal_path, settings.database_url)
    check(location)
    capacities = settings.usable_battery_capacity
    deriver = (
        build_deriver(capacities)
        if environment.speed == 1
        else build_accelerated_deriver(capacities, speed=environment.speed, since=environment.speed_since)
    )
    metrics = JournalMetrics(garage, labels=_vehicle_labels(settings))
    journal = Journal(
        location=location,
        deriver=deriver,
        version=__version__,
        attributes=lambda vin: garage[vin].vehicle.attributes if vin in garage else {},
        on_values=metrics.take,
        clock=environment.clock,
        run_blocking=environment.run_blocking,
        fill=environment.fill_journal,
    )
    routes = JournalRoutes(
        JournalContext(
            library=journal,
            shown=garage.shown,
            names=partial(_title, garage),
            clock=environment.clock,
            token_urlsafe=environment.token_urlsafe,
            run_blocking=environment.run_blocking,
            units=UNITS[settings.units],
        )
    )
    recent = RecentEvents(journal, environment.run_blocking, environment.clock)
    return JournalParts(journal=journal, metrics=metrics, routes=tuple(routes.routes()), recent=recent)


def _title(garage: Garage, vin: str) -> str:
    """Return the owner's name of a car, or its model and the end of its VIN."""
    known = garage.attributes(vin) if vin in garage else {}
    return known.get("name") or f"{known.get('model') or 'Car'} {short_vin(garage.shown(vin))}"


def _named(accounts: list[Account], name: str) -> Account:
    return next(account for account in accounts if account.settings.name == name)


def _sources(
    settings: Settings, client: httpx2.AsyncClient, clock: Callable[[], float]
) -> Mapping[Service, Source]:
    """Return the services that need no login at Volvo ID."""
    if settings.weather_api_key is None:
        return {}
    key = settings.weather_api_key.get_secret_value()
    url = settings.weather_api_url
    return {Service.OPENWEATHERMAP: WeatherApi(client, url=url, api_key=key, clock=clock)}


def _api_tokens(
    settings: Settings, environment: Environment, web_config: WebConfigFile | None
) -> ApiTokens | None:
    """Return the API tokens; raises ConfigurationError where they would protect nothing."""
    if settings.api_tokens_file is None:
        return None
    if not (web_config and web_config.config().basic_auth_users):
        message = (
            "api_tokens_file: requires basic_auth_users in web_config_file (docs/security.md): "
            "without a password, every page is open to every client"
        )
        raise ConfigurationError(message)
    return ApiTokens(settings.api_tokens_file, monotonic=environment.monotonic)


def _privacy(settings: Settings) -> Privacy:
    return Privacy(position=Position(settings.privacy.position), masked=settings.privacy.vin == "masked")


def _hosts(settings: Settings, hostname: str) -> tuple[str, ...]:
    """Return the host names of the exporter, from the machine, the settings and the redirect URIs."""
    if any(set(name) & set("/:[]@") for name in settings.allowed_hosts):
        message = "allowed_hosts: must be host names without scheme and port, e.g. volvo.example.com"
        raise ConfigurationError(message)
    redirects = [urlsplit(account.redirect_uri).hostname or "" for account in settings.complete_accounts]
    return (hostname, settings.exporter_listen_addr, *redirects, *settings.allowed_hosts)


def _vehicle_labels(settings: Settings) -> tuple[str, ...]:
    labels = settings.vehicle_labels or catalogue.DEFAULT_VEHICLE_LABELS
    if unknown := sorted(set(labels) - set(catalogue.ATTRIBUTES)):
        message = (
            f"vehicle_labels: unknown {', '.join(unknown)}; choose from {', '.join(catalogue.ATTRIBUTES)}"
        )
        raise ConfigurationError(message)
    return labels
