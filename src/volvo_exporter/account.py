"""Assemble one account: login, sources, plan and poller."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import httpx2

from volvo_exporter import catalogue
from volvo_exporter.catalogue.model import Api, Resource, Service
from volvo_exporter.environment import Environment
from volvo_exporter.login.attempt import Attempt, start
from volvo_exporter.polling.budget import Budget
from volvo_exporter.polling.plan import Plan
from volvo_exporter.polling.poller import Poller
from volvo_exporter.polling.status import (
    AccountReport,
    AccountStatus,
    LoginStatus,
    describe,
    is_ready,
    name_vehicles,
    report,
)
from volvo_exporter.prometheus.telemetry import Telemetry
from volvo_exporter.settings import AccountSettings, Settings
from volvo_exporter.vehicles.garage import Garage
from volvo_exporter.vehicles.updates import Updates
from volvo_exporter.volvo.api import Source, VolvoApi
from volvo_exporter.volvo.authentication import BearerAuth
from volvo_exporter.volvo.errors import LOG_IN, ConfigurationError
from volvo_exporter.volvo.grant import Grant
from volvo_exporter.volvo.identity import VolvoId
from volvo_exporter.volvo.tokens import TokenFile
from volvo_exporter.web.formatting import duration


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """The parts that all accounts share."""

    settings: Settings
    environment: Environment
    client: httpx2.AsyncClient
    garage: Garage
    updates: Updates
    telemetry: Telemetry
    sources: Mapping[Service, Source]
    """The services that need no login at Volvo ID."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The parts of one account."""

    settings: AccountSettings
    resources: tuple[Resource, ...]
    identity: VolvoId
    grant: Grant
    sources: Mapping[Service, Source]
    poller: Poller
    clock: Callable[[], float]

    @property
    def scopes(self) -> tuple[str, ...]:
        """The OAuth scopes that a login requests."""
        return catalogue.scopes(self.resources)

    def begin_login(self, settings: Settings, environment: Environment) -> Attempt:
        """Begin a login at Volvo ID; raises TokenNotSaved if its token cannot be stored."""
        self.grant.check_writable()
        return start(
            id_url=settings.volvo_id_url,
            client_id=self.settings.client_id,
            redirect_uri=self.settings.redirect_uri,
            scope=self.scopes,
            token_urlsafe=environment.token_urlsafe,
        )

    async def finish_login(self, attempt: Attempt, code: str) -> None:
        """Exchange the code of a login and use the token; raises LoginRefused or CloudError."""
        self.grant.check_writable()  # before the code is used
        token = await self.identity.exchange(code, attempt.verifier)
        await self.grant.adopt(replace(token, scope=attempt.scope))

    def status(self) -> AccountStatus:
        """Return the status of the account, at a cost that does not depend on its vehicles."""
        return describe(self.poller, self._login_status(), now=self.clock())

    def report(self) -> AccountReport:
        """Return everything about the account."""
        return report(self.poller, self._login_status(), now=self.clock())

    def missing(self) -> str:
        """Return why the account is not ready, and the fix; empty if it is ready."""
        name, now, status = self.settings.name, self.clock(), self.status()
        if status.login.required:
            return f"{name}: {self.grant.file_problem or f'login required: {LOG_IN}'}"
        if is_ready(self.poller, now):
            return ""
        if trouble := self.poller.key_refusal or self.poller.pause:
            return f"{name}: {trouble.message}"
        if status.lacks_vehicles:
            return f"{name}: {name_vehicles(self.poller.listed, self.settings.vin)}"
        if status.last_success is None:
            return f"{name}: waiting for the first data from a car"
        reason = f" ({status.waiting.why.value})" if status.waiting else ""
        age = duration(now - status.last_success)
        return (
            f"{name}: data is stale: no request succeeded for {age}{reason}; see the log and /api/v1/status"
        )

    def _login_status(self) -> LoginStatus:
        token = self.grant.token
        return LoginStatus(
            required=self.grant.login_required,
            token_expiry=token.expires_at if token else None,
            grant_expiry=self.grant.grant_expires_at,
        )


def build_account(shared: Shared, account: AccountSettings, budget: Budget) -> Account:
    """Assemble an account; raises ConfigurationError."""
    settings, clock = shared.settings, shared.environment.clock
    identity = VolvoId(
        shared.client,
        url=settings.volvo_id_url,
        client_id=account.client_id,
        client_secret=account.client_secret.get_secret_value(),
        redirect_uri=account.redirect_uri,
        clock=clock,
    )
    grant = Grant(
        file=TokenFile(account.token_path),
        identity=identity,
        clock=clock,
        observe=lambda outcome: shared.telemetry.count_refresh(account.name, outcome),
    )
    cloud = VolvoApi(
        shared.client,
        url=settings.volvo_api_url,
        api_key=account.api_key.get_secret_value(),
        auth=BearerAuth(grant, resending=lambda request: budget.spend(request.extensions["api"], clock())),
        clock=clock,
    )
    sources = {Service.VOLVO: cloud, **shared.sources}
    resources = enabled_resources(settings, account, sources)
    plan = Plan(resources=resources, scrape_interval=settings.scrape_interval, garage=shared.garage)
    budget.plans.append(plan)
    poller = Poller(
        account=account.name,
        plan=plan,
        vins=account.vin,
        grant=grant,
        sources=sources,
        budget=budget,
        garage=shared.garage,
        updates=shared.updates,
        on_unmapped=shared.telemetry.count_unmapped,
        clock=clock,
        chance=shared.environment.chance,
    )
    return Account(
        settings=account,
        resources=resources,
        identity=identity,
        grant=grant,
        sources=sources,
        poller=poller,
        clock=clock,
    )


def enabled_resources(
    settings: Settings, account: AccountSettings, sources: Mapping[Service, Source]
) -> tuple[Resource, ...]:
    """Return the resources of an account: those that are enabled and within the configured scopes."""
    names = {resource.name for resource in catalogue.RESOURCES if not resource.indispensable}
    if unknown := sorted(set(settings.disabled_resources) - names):
        known = ", ".join(sorted(names))
        message = f"disabled_resources: cannot disable {', '.join(unknown)}; choose from {known}"
        raise ConfigurationError(message)

    def wanted(resource: Resource) -> bool:
        allowed = not account.scope or resource.indispensable or set(resource.scopes) <= set(account.scope)
        on = resource.enabled or (resource.api is Api.EXTENDED_VEHICLE and settings.extended_vehicle)
        on = on and resource.api.service in sources
        on = on and not (resource.private and settings.privacy.position == "off")
        return on and allowed and resource.name not in settings.disabled_resources

    return tuple(resource for resource in catalogue.RESOURCES if wanted(resource))
