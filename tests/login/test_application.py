"""Checks of client id, redirect URI, client secret and API key before a login."""

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.support.installation import URL, a_world
from volvo_exporter.login.application import (
    KEY_ATTEMPTS,
    Outcome,
    check_authorization,
    check_key,
    check_secret,
)
from volvo_exporter.login.attempt import start
from volvo_exporter.simulator import (
    API_KEY,
    CLIENT_ID,
    CLIENT_SECRET,
    REDIRECT_URI,
    Fault,
    Options,
    create_app,
)
from volvo_exporter.volvo.identity import VolvoId
from volvo_exporter.volvo.transport import create_client

pytestmark = pytest.mark.anyio
SCOPE = ("openid", "conve:vehicle_relation")
ATTEMPT = start(
    id_url=URL,
    client_id=CLIENT_ID,
    redirect_uri=REDIRECT_URI,
    scope=SCOPE,
    token_urlsafe=lambda size: "x" * size,
)


def a_client(app) -> httpx2.AsyncClient:
    return create_client(
        observe=lambda *_: None, monotonic=lambda: 0.0, transport=httpx2.ASGITransport(app=app)
    )


def always(status: int, body: str = "", **headers: str) -> Starlette:
    """Return a cloud with one answer."""

    async def answer(_request: Request) -> Response:
        return Response(body, status, headers=headers)

    return Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "POST"])])


async def authorization(app, *, client_id=CLIENT_ID, redirect_uri=REDIRECT_URI) -> dict[str, Outcome]:
    attempt = start(
        id_url=URL,
        client_id=client_id,
        redirect_uri=redirect_uri,
        scope=SCOPE,
        token_urlsafe=lambda size: "x" * size,
    )
    async with a_client(app) as client:
        return {finding.setting: finding.outcome for finding in await check_authorization(client, attempt)}


async def secret(app, *, client_secret=CLIENT_SECRET) -> Outcome:
    async with a_client(app) as client:
        identity = VolvoId(
            client,
            url=URL,
            client_id=CLIENT_ID,
            client_secret=client_secret,
            redirect_uri=REDIRECT_URI,
            clock=lambda: 0.0,
        )
        (finding,) = await check_secret(identity)
    assert finding.setting == "client_secret"
    return finding.outcome


async def key(app, *, api_key=API_KEY) -> Outcome:
    async with a_client(app) as client:
        (finding,) = await check_key(client, url=URL, api_key=api_key, clock=lambda: 0.0)
    assert finding.setting == "api_key"
    return finding.outcome


async def test_the_values_of_an_application_are_accepted():
    app = create_app(a_world())
    accepted = dict.fromkeys(("client_id", "redirect_uri", "scope"), Outcome.ACCEPTED)

    assert await authorization(app) == accepted
    assert await secret(app) is Outcome.ACCEPTED
    assert await key(app) is Outcome.ACCEPTED


async def test_an_unknown_client_id_is_refused():
    assert await authorization(create_app(a_world()), client_id="other") == {"client_id": Outcome.REFUSED}


async def test_another_redirect_uri_is_refused():
    found = await authorization(create_app(a_world()), redirect_uri=f"{REDIRECT_URI}/")

    assert found == {"redirect_uri": Outcome.REFUSED}


async def test_a_missing_scope_is_refused():
    app = create_app(a_world(options=Options(scopes=("openid",))))

    assert await authorization(app) == {"scope": Outcome.REFUSED}


@pytest.mark.parametrize(
    ("app", "found"),
    [
        (always(400, "something else"), {"client_id": Outcome.REFUSED, "redirect_uri": Outcome.REFUSED}),
        (always(400, "Unknown or invalid client_id"), {"client_id": Outcome.REFUSED}),
        (always(400, '{"details": [{"code": "unauthorized_client"}]}'), {"client_id": Outcome.REFUSED}),
        (always(400, "Invalid redirect_uri"), {"redirect_uri": Outcome.REFUSED}),
        (
            always(302, location=f"{REDIRECT_URI}?error=invalid_request"),
            {"redirect_uri": Outcome.REFUSED},
        ),
        (always(302, location=f"{REDIRECT_URI}?error=unauthorized_client"), {"client_id": Outcome.REFUSED}),
        (always(403, "<html>blocked"), {"client_id": Outcome.UNKNOWN, "redirect_uri": Outcome.UNKNOWN}),
        (always(503), {"client_id": Outcome.UNKNOWN, "redirect_uri": Outcome.UNKNOWN}),
    ],
)
async def test_answers_of_volvo_id_name_the_setting_to_fix(app, found):
    assert await authorization(app) == found


async def test_a_login_page_elsewhere_accepts_the_application():
    found = await authorization(always(302, location="https://login.example/"))

    assert set(found.values()) == {Outcome.ACCEPTED}


async def test_a_wrong_secret_is_refused():
    assert await secret(create_app(a_world()), client_secret="wrong") is Outcome.REFUSED


@pytest.mark.parametrize("status", [403, 500])
async def test_an_outage_of_volvo_id_refuses_no_secret(status):
    assert await secret(always(status)) is Outcome.UNKNOWN


async def test_a_wrong_key_is_refused_after_some_attempts():
    world = a_world()

    assert await key(create_app(world), api_key="0" * 32) is Outcome.REFUSED
    assert len(world.log) == KEY_ATTEMPTS


async def test_a_new_key_that_is_refused_at_random_is_accepted():
    world = a_world()
    world.faults.add(Fault(kind="invalid_key", times=2))

    assert await key(create_app(world)) is Outcome.ACCEPTED
    assert len(world.log) == 3


@pytest.mark.parametrize("kind", ["quota", "throttled"])
async def test_a_used_up_quota_refuses_no_key(kind):
    world = a_world()
    world.faults.add(Fault(kind=kind))

    assert await key(create_app(world)) is Outcome.ACCEPTED


async def test_an_outage_of_the_api_refuses_no_key():
    assert await key(always(500)) is Outcome.UNKNOWN
    assert await key(always(200, "{}")) is Outcome.UNKNOWN


async def test_the_messages_contain_no_secret():
    async with a_client(create_app(a_world())) as client:
        identity = VolvoId(
            client,
            url=URL,
            client_id=CLIENT_ID,
            client_secret="wr0ng",
            redirect_uri=REDIRECT_URI,
            clock=lambda: 0.0,
        )
        found = [
            *await check_authorization(client, ATTEMPT),
            *await check_secret(identity),
            *await check_key(client, url=URL, api_key="wr0ng-key", clock=lambda: 0.0),
        ]

    assert not [finding for finding in found if "wr0ng" in finding.message]
