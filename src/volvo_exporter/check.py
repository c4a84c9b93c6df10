"""Check the configuration, the login and each endpoint, for `volvo-exporter check`.

Requests every endpoint once for every car and reports the result and the plan of the running exporter.
Reports no secret, and only the last four characters of a VIN.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import cast

import anyio
import httpx2

from volvo_exporter.account import Account
from volvo_exporter.assembly import Exporter
from volvo_exporter.catalogue import connected_vehicle, extended_vehicle
from volvo_exporter.catalogue.model import Discovery, Resource, Service
from volvo_exporter.environment import Environment
from volvo_exporter.polling.outcomes import Outcome
from volvo_exporter.polling.pace import multiple
from volvo_exporter.polling.poller import MAX_KEY_REFUSALS
from volvo_exporter.polling.quota import WINDOW_SECONDS
from volvo_exporter.polling.status import STALE, describe_quota, name_vehicles
from volvo_exporter.settings import Settings
from volvo_exporter.supervisor import running
from volvo_exporter.vehicles.activity import NO_ACTIVITY, advance, observe
from volvo_exporter.vehicles.reader import read, read_items, read_vins
from volvo_exporter.vehicles.reading import Answer, Reason, Unmapped
from volvo_exporter.vehicles.samples import expand
from volvo_exporter.vehicles.vehicle import Vehicle
from volvo_exporter.volvo.api import ACCOUNT, Subject
from volvo_exporter.volvo.errors import CloudError, KeyRefused, Throttled, TokenNotSaved, Unsupported
from volvo_exporter.web.documents import SlotDocument, StatusDocument
from volvo_exporter.web.probe import CredentialsRequired, probe, reachable_host

Clock = Callable[[], float]
"""Unix time."""

MINUTE = 60.0
KEY_PAUSE_SECONDS = 1.0
"""Time between two requests with a refused key. Chosen: a wrong key is reported after five seconds."""
ERROR_STATES = {STALE, *(outcome.value for outcome in Outcome)} - {
    Outcome.OK.value,
    Outcome.EMPTY.value,
    Outcome.UNSUPPORTED.value,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The result of one check."""

    what: str
    ok: bool
    message: str


async def check(settings: Settings, environment: Environment) -> AsyncIterator[Finding]:
    """Yield the result of each check."""
    async with running(settings, environment) as exporter:
        yield Finding(what="configuration", ok=True, message=_summary(exporter))
        for account in exporter.accounts:
            async for finding in _check_account(exporter, account, environment.clock):
                yield finding
        async for finding in _show_plan(exporter, environment.clock()):
            yield finding


def _summary(exporter: Exporter) -> str:
    names = ", ".join(account.settings.name for account in exporter.accounts)
    has_weather = any(Service.OPENWEATHERMAP in account.sources for account in exporter.accounts)
    weather = "with weather" if has_weather else "without weather"
    return f"accounts: {names}; {weather}; scrape_interval {exporter.settings.scrape_interval:g} s"


async def _check_account(exporter: Exporter, account: Account, clock: Clock) -> AsyncIterator[Finding]:
    now = clock()
    try:
        account.grant.check_writable()
    except TokenNotSaved as error:
        yield Finding(what=f"{account.settings.name}: token file", ok=False, message=str(error))
    what = f"{account.settings.name}: login"
    try:
        await account.grant.access_token()
    except CloudError as error:
        yield Finding(what=what, ok=False, message=str(error))
        return
    yield Finding(what=what, ok=True, message=_login(account, now))
    if finding := _scopes(account):
        yield finding
    what = f"{account.settings.name}: vehicles"
    try:
        request = partial(_request, account, connected_vehicle.VEHICLES, ACCOUNT, clock=clock)
        listed = read_vins(await _retry_refused_key(request)) or ()
    except CloudError as error:
        yield Finding(what=what, ok=False, message=str(error))
        return
    good = bool(listed) and set(account.settings.vin) <= set(listed)
    yield Finding(what=what, ok=good, message=name_vehicles(listed, account.settings.vin))
    for vin in listed:
        if not account.settings.vin or vin in account.settings.vin:
            async for finding in _check_car(exporter, account, vin, clock):
                yield finding
    account.poller.budget.save(clock())


def _login(account: Account, now: float) -> str:
    ends = account.grant.grant_expires_at
    if ends is None:
        return "active; expiry unknown until the next login"
    return f"active; expires in about {(ends - now) / 86400:.0f} days"


def _scopes(account: Account) -> Finding | None:
    """Return a finding for scopes that the stored login does not include; None if it includes all."""
    token = account.grant.token
    granted = token.scope if token else ()
    missing = [scope for scope in account.scopes if scope not in granted]
    if not granted or not missing:
        return None
    message = f"missing {', '.join(missing)}; log in again to request them"
    return Finding(what=f"{account.settings.name}: scopes", ok=False, message=message)


async def _check_car(exporter: Exporter, account: Account, vin: str, clock: Clock) -> AsyncIterator[Finding]:
    now, vehicle = clock(), Vehicle(vin=vin)
    for resource in account.resources:
        if resource.discovery in (Discovery.ACCOUNT, Discovery.ITEM):
            continue
        what = f"…{vin[-4:]}: {resource.name}"
        subject = Subject(vin=vin, position=vehicle.position)
        try:
            payload = await _retry_throttled(
                partial(_fetch, account, resource, subject, clock=clock), clock=clock
            )
        except Unsupported as error:
            yield Finding(what=what, ok=True, message=_about(error, resource))
            continue
        except CloudError as error:
            yield Finding(what=what, ok=False, message=_about(error, resource))
            continue
        answer = read(resource, payload, now=now)
        vehicle.take(resource, "", answer)
        misread = [one for one in answer.unmapped if one.reason is not Reason.KEY]
        yield Finding(what=what, ok=not misread, message=_describe_answer(resource, payload, answer))
    yield Finding(what=f"…{vin[-4:]}: plan", ok=True, message=_pace(exporter, account, vehicle, now))


async def _retry_throttled(fetch: Callable[[], Awaitable[object]], *, clock: Clock) -> object:
    """Fetch; retry once if another machine has used up the calls of the minute."""
    try:
        return await fetch()
    except Throttled as error:
        wait = MINUTE if error.until is None else error.until - clock()
        await anyio.sleep(min(max(wait, 1.0), MINUTE))
        return await fetch()


async def _request(account: Account, resource: Resource, subject: Subject, *, clock: Clock) -> object:
    """Fetch from Volvo and count the call in the quota that is shared with a running exporter."""
    budget, now = account.poller.budget, clock()
    # Wait for the limit per minute; a used-up daily quota is reported instead.
    if (wait := budget.open_at(now)[resource.api] - now) <= WINDOW_SECONDS:
        await anyio.sleep(wait)
    budget.spend(resource.api, clock())
    return await account.sources[resource.api.service].fetch(resource, subject)


async def _retry_refused_key(fetch: Callable[[], Awaitable[object]]) -> object:
    """Fetch; retry while the API key is refused, since a new key is refused about every other time."""
    for _ in range(MAX_KEY_REFUSALS - 1):
        try:
            return await fetch()
        except KeyRefused:
            await anyio.sleep(KEY_PAUSE_SECONDS)
    return await fetch()


async def _fetch(account: Account, resource: Resource, subject: Subject, *, clock: Clock) -> object:
    if resource.api.metered:
        return await _retry_refused_key(partial(_request, account, resource, subject, clock=clock))
    return await account.sources[resource.api.service].fetch(resource, subject)


def _about(error: CloudError, resource: Resource) -> str:
    return str(error).removeprefix(f"{resource.name}: ")


def _describe_answer(resource: Resource, payload: object, answer: Answer) -> str:
    if resource is extended_vehicle.ITEMS:
        return f"{len(read_items(payload))} items"
    series = [sample for reading in answer.readings for sample in expand(reading)]
    known = len(series) + len(answer.attributes)
    values = f"{known} series or labels" if known else "no values for this car"
    ignored = [f"{_name(unmapped)} ({unmapped.reason.value})" for unmapped in answer.unmapped]
    return f"{values}; ignored: {', '.join(ignored)}" if ignored else values


def _name(unmapped: Unmapped) -> str:
    """Return the field with an unknown value, or the unknown key."""
    return unmapped.value if unmapped.reason is Reason.KEY else unmapped.field


def _pace(exporter: Exporter, account: Account, vehicle: Vehicle, now: float) -> str:
    """Describe the polling intervals of a car in its present state."""
    state, _ = advance(NO_ACTIVITY, observe(vehicle, now), now, received=True)
    seconds = exporter.settings.scrape_interval
    paces = [
        (seconds * multiple(resource, state, now), resource.name)
        for resource in account.resources
        if resource.enabled and resource.api.metered and resource.discovery is not Discovery.ACCOUNT
    ]
    every = ", ".join(f"{name} {interval / 60:g}" for interval, name in sorted(paces)[:4])
    calls = sum(86400 / interval for interval, _ in paces)
    return (
        f"{state.activity.value}; intervals in minutes: {every}, …; "
        f"at most {calls:.0f} calls a day in this state"
    )


async def _show_plan(exporter: Exporter, now: float) -> AsyncIterator[Finding]:
    """Yield the quota, and the plan of the exporter that runs on this machine."""
    for account in exporter.accounts:
        quota = describe_quota(account.poller.budget, now)
        message = f"{quota.used} of {quota.limit} calls used today"
        yield Finding(what=f"{account.settings.name}: quota", ok=quota.remaining > 0, message=message)
    status = await _running_status(exporter)
    if isinstance(status, CredentialsRequired):
        message = f"running, protected by {status.credentials}; its status page shows the plan"
        yield Finding(what="exporter", ok=True, message=message)
        return
    if status is None:
        yield Finding(what="exporter", ok=True, message="not running on this machine with these settings")
        return
    for document in status["accounts"]:
        calls = document["quota"]
        message = f"{calls['used']} calls used, {calls['forecast']} expected by the reset"
        yield Finding(what=f"{document['account']}: running", ok=not document["waiting"], message=message)
        for entry in document["resources"]:
            yield Finding(what=_slot(entry), ok=entry["state"] not in ERROR_STATES, message=_next(entry, now))


async def _running_status(exporter: Exporter) -> StatusDocument | CredentialsRequired | None:
    settings = exporter.settings
    host = reachable_host(settings.exporter_listen_addr)
    try:
        answer = await probe(
            host, settings.exporter_listen_port, "/api/v1/status", tls=settings.web_config_file is not None
        )
        if isinstance(answer, CredentialsRequired):
            return answer
        status = json.loads(answer.text)
    except (httpx2.HTTPError, ValueError):
        return None
    return cast("StatusDocument", status) if isinstance(status, dict) and "accounts" in status else None


def _slot(entry: SlotDocument) -> str:
    return f"plan: {f'…{vin[-4:]} ' if (vin := entry['vin']) else ''}{entry['resource']}"


def _next(entry: SlotDocument, now: float) -> str:
    every = f"every {entry['interval'] / 60:g} min" if entry["interval"] else "waiting for the quota"
    due = f"next in {max(0.0, entry['next'] - now) / 60:.0f} min" if entry["next"] else "not requested again"
    return f"{entry['state']}, {every}, {due}"
