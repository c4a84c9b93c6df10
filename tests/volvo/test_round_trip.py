"""The whole room against the simulator, which shares none of its code."""

import secrets
from dataclasses import replace

import httpx2
import pytest

from volvo_exporter.catalogue import RESOURCES, scopes
from volvo_exporter.catalogue.model import Api
from volvo_exporter.login.attempt import read_callback, start
from volvo_exporter.simulator import (
    API_KEY,
    CLIENT_ID,
    CLIENT_SECRET,
    REDIRECT_URI,
    WEATHER_KEY,
    Fault,
    World,
    approve,
    create_app,
)
from volvo_exporter.volvo.api import Subject, VolvoApi, WeatherApi
from volvo_exporter.volvo.authentication import BearerAuth
from volvo_exporter.volvo.errors import (
    ForeignVehicle,
    Gone,
    KeyRefused,
    LoginRefused,
    LoginRequired,
    Malformed,
    QuotaExhausted,
    ScopeMissing,
    Throttled,
    TokenRefused,
    Unreachable,
    Unsupported,
)
from volvo_exporter.volvo.grant import Grant
from volvo_exporter.volvo.identity import VolvoId
from volvo_exporter.volvo.tokens import TokenFile
from volvo_exporter.volvo.transport import create_client

BY_NAME = {resource.name: resource for resource in RESOURCES}
DOORS = BY_NAME["doors"]
URL = "http://simulator"


class Home:
    """An exporter's account and the world it lives in."""

    def __init__(self, folder):
        self.now = 1_800_000_000.0
        self.world = World(clock=self.clock)
        transport = httpx2.ASGITransport(app=create_app(self.world))
        self.browser = httpx2.AsyncClient(transport=transport)
        self.counted = []
        client = create_client(
            transport=transport,
            observe=lambda *counted: self.counted.append(counted[1:3]),
            monotonic=self.clock,
        )
        self.identity = VolvoId(
            client,
            url=URL,
            client_id=CLIENT_ID,
            client_secret=CLIENT_SECRET,
            redirect_uri=REDIRECT_URI,
            clock=self.clock,
        )
        self.outcomes = []
        self.grant = Grant(
            file=TokenFile(folder / "token.json"),
            identity=self.identity,
            clock=self.clock,
            observe=self.outcomes.append,
        )
        self.api = VolvoApi(client, url=URL, api_key=API_KEY, auth=BearerAuth(self.grant), clock=self.clock)
        self.weather = WeatherApi(client, url=URL, api_key=WEATHER_KEY, clock=self.clock)
        self.vin = next(iter(self.world.cars))

    def clock(self):
        return self.now

    async def log_in(self, **choices):
        login = start(
            id_url=URL,
            client_id=CLIENT_ID,
            redirect_uri=REDIRECT_URI,
            scope=scopes(tuple(each for each in RESOURCES if each.enabled)),
            token_urlsafe=secrets.token_urlsafe,
        )
        address = await approve(self.browser, login.url, **choices)
        granted = await self.identity.exchange(read_callback(login, address), login.verifier)
        await self.grant.adopt(replace(granted, scope=login.scope))
        return login, address


@pytest.fixture
def home(tmp_path):
    return Home(tmp_path)


async def test_after_a_login_every_resource_can_be_read(home):
    await home.log_in()
    read = 0
    for vin in home.world.cars:
        for resource in RESOURCES:
            if resource.enabled and resource.api is not Api.WEATHER:
                try:
                    assert await home.api.fetch(resource, Subject(vin=vin))
                    read += 1
                except Unsupported:
                    assert resource.name not in ("tyres", "warnings", "brakes", "engine", "diagnostics")
    assert read > 40
    assert "main" in await home.weather.fetch(BY_NAME["weather"], Subject(position=(57.7, 11.9)))


async def test_a_code_works_for_one_login(home):
    login, address = await home.log_in()
    with pytest.raises(LoginRefused, match="already used"):
        await home.identity.exchange(read_callback(login, address), login.verifier)


async def test_a_refused_login_is_reported(home):
    with pytest.raises(LoginRefused, match="cancelled"):
        await home.log_in(refuse=True)


@pytest.mark.parametrize("token_seconds", [299, 1799])
async def test_a_day_of_renewals_requires_no_second_login(home, token_seconds):
    home.world.options = replace(home.world.options, expires_in=token_seconds, reuse_revokes_family=True)
    await home.log_in()
    for _ in range(24 * 4):
        home.now += 15 * 60
        await home.api.fetch(DOORS, Subject(vin=home.vin))
    assert set(home.outcomes) == {"success"}
    assert home.grant.generation == 1


async def test_tokens_that_were_revoked_are_renewed(home):
    await home.log_in()
    home.world.identity.expire()
    await home.api.fetch(DOORS, Subject(vin=home.vin))
    assert home.outcomes == ["success"]


async def test_a_revoked_grant_requires_a_login_and_works_after_it(home):
    await home.log_in()
    home.world.identity.grants[-1].revoked = True
    home.world.identity.expire()
    with pytest.raises(LoginRequired):
        await home.api.fetch(DOORS, Subject(vin=home.vin))
    assert home.grant.login_required
    await home.log_in()
    await home.api.fetch(DOORS, Subject(vin=home.vin))


FAULTS = {
    "internal_error": Unreachable,
    "energy_internal_error": Unreachable,
    "bad_gateway": Unreachable,
    "asleep": Unreachable,
    "unavailable": Unreachable,
    "gateway_timeout": Unreachable,
    "route_not_found": Unsupported,
    "market_not_found": Unsupported,
    "car_not_found": Unsupported,
    "scope_missing": ScopeMissing,
    "energy_not_authorized": ScopeMissing,
    "foreign_vehicle": ForeignVehicle,
    "energy_outage": Unreachable,
    "quota": QuotaExhausted,
    "quota_without_retry_after": QuotaExhausted,
    "invalid_key": KeyRefused,
    "missing_key": KeyRefused,
    "invalid_token": TokenRefused,
    "array_sub": TokenRefused,
    "throttled": Throttled,
    "throttled_without_retry_after": Throttled,
    "gone": Gone,
    "garbage": Malformed,
    "truncated": Malformed,
    "empty": Malformed,
}


@pytest.mark.parametrize("kind", FAULTS)
async def test_every_fault_is_classified(home, kind):
    await home.log_in()
    home.world.faults.add(Fault(kind=kind, where="energy-state"))
    with pytest.raises(Exception) as caught:  # noqa: PT011 - the exact class is the point
        await home.api.fetch(BY_NAME["energy-state"], Subject(vin=home.vin))
    assert type(caught.value) is FAULTS[kind]
    if isinstance(caught.value, QuotaExhausted | Throttled):
        assert caught.value.until > home.now
    assert home.vin not in str(caught.value)


async def test_a_slow_service_is_unreachable(home):
    await home.log_in()
    home.world.faults.add(Fault(kind="latency", where="doors", seconds=300.0))
    with pytest.raises(Unreachable):
        await home.api.fetch(DOORS, Subject(vin=home.vin))
