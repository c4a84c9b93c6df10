from base64 import b64encode, urlsafe_b64encode
from dataclasses import replace
from hashlib import sha256
from urllib.parse import urlencode

import pytest

from volvo_exporter.simulator import (
    API_KEY,
    CLIENT_ID,
    CLIENT_SECRET,
    EX30,
    REDIRECT_URI,
    XC60,
    approve,
    query_of,
)

VERIFIER = "a-verifier-of-more-than-forty-three-characters-0123456789"
CHALLENGE = urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
BASIC = {"authorization": "Basic " + b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()}
TOKEN = "/as/token.oauth2"
DAY = 86400.0


def authorize_url(**changes):
    parameters = {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": REDIRECT_URI,
        "scope": "openid conve:vehicle_relation",
        "state": "the-state",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    } | changes
    present = {name: value for name, value in parameters.items() if value is not None}
    return f"/as/authorization.oauth2?{urlencode(present)}"


async def exchange(client, code, **changes):
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": REDIRECT_URI,
        "code_verifier": VERIFIER,
    } | changes
    return await client.post(TOKEN, data=form, headers=BASIC)


async def log_in(client, **choice):
    return query_of(await approve(client, authorize_url(), **choice))["code"]


async def renew(client, token):
    form = {"grant_type": "refresh_token", "refresh_token": token}
    return await client.post(TOKEN, data=form, headers=BASIC)


async def vehicles(client, access_token):
    headers = {"authorization": f"Bearer {access_token}", "vcc-api-key": API_KEY}
    answered = await client.get("/connected-vehicle/v2/vehicles", headers=headers)
    assert answered.status_code == 200
    return [car["vin"] for car in answered.json()["data"]]


async def test_consent_gives_a_token_for_the_api(anonymous, world):
    redirect = await approve(anonymous, authorize_url())
    assert redirect.startswith(REDIRECT_URI + "?")
    assert query_of(redirect)["state"] == "the-state"
    answered = await exchange(anonymous, query_of(redirect)["code"])
    token = answered.json()
    assert answered.status_code == 200
    assert set(token) == {"access_token", "refresh_token", "id_token", "token_type", "expires_in"}
    assert (token["token_type"], token["expires_in"]) == ("Bearer", 1799)
    assert await vehicles(anonymous, token["access_token"]) == list(world.cars)


async def test_consent_page_lists_cars_and_scopes(anonymous):
    page = (await anonymous.get(authorize_url())).text
    assert EX30.vin in page
    assert "conve:vehicle_relation" in page
    assert "http" not in page.replace(REDIRECT_URI, "")


async def test_only_the_selected_cars_are_shared(anonymous):
    code = await log_in(anonymous, vins=[XC60.vin])
    token = (await exchange(anonymous, code)).json()["access_token"]
    assert await vehicles(anonymous, token) == [XC60.vin]


async def test_consent_can_include_no_car(anonymous):
    code = await log_in(anonymous, vins=[])
    token = (await exchange(anonymous, code)).json()["access_token"]
    assert await vehicles(anonymous, token) == []


async def test_refused_consent_is_reported_to_the_application(anonymous):
    redirect = await approve(anonymous, authorize_url(), refuse=True)
    assert query_of(redirect) == {"error": "access_denied", "state": "the-state"}


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"scope": "conve:vehicle_relation"}, "invalid_scope"),
        ({"scope": "openid conve:unlock"}, "invalid_scope"),
        ({"scope": None}, "invalid_scope"),
        ({"response_type": "token"}, "unsupported_response_type"),
    ],
)
async def test_invalid_request_is_redirected_with_its_error(anonymous, change, error):
    redirect = await approve(anonymous, authorize_url(**change))
    assert redirect.startswith(REDIRECT_URI)
    assert (query_of(redirect)["error"], query_of(redirect)["state"]) == (error, "the-state")


@pytest.mark.parametrize(
    "change",
    [
        {"client_id": "another-client"},
        {"redirect_uri": REDIRECT_URI + "/"},
        {"redirect_uri": REDIRECT_URI.upper()},
        {"redirect_uri": "https://evil.example/callback"},
        {"redirect_uri": None},
    ],
)
async def test_untrusted_request_is_answered_with_a_page_and_no_redirect(anonymous, change):
    answered = await anonymous.get(authorize_url(**change))
    assert answered.status_code == 400
    assert answered.headers["content-type"].startswith("text/html")
    assert "location" not in answered.headers
    with pytest.raises(ValueError, match="400"):
        await approve(anonymous, authorize_url(**change))


async def test_code_works_once(anonymous):
    code = await log_in(anonymous)
    assert (await exchange(anonymous, code)).status_code == 200
    again = await exchange(anonymous, code)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize(("seconds", "status"), [(59.9, 200), (60.0, 400)])
async def test_code_expires_after_sixty_seconds(anonymous, wall, seconds, status):
    code = await log_in(anonymous)
    wall.now += seconds
    assert (await exchange(anonymous, code)).status_code == status


@pytest.mark.parametrize(
    "change",
    [{"code_verifier": VERIFIER + "x"}, {"code_verifier": ""}, {"redirect_uri": REDIRECT_URI + "/"}],
)
async def test_code_is_bound_to_its_request(anonymous, change):
    answered = await exchange(anonymous, await log_in(anonymous), **change)
    assert (answered.status_code, answered.json()["error"]) == (400, "invalid_grant")


@pytest.mark.parametrize(
    ("headers", "form", "status"),
    [
        (BASIC, {}, 200),
        ({}, {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}, 200),
        ({}, {"client_id": CLIENT_ID, "client_secret": "wrong"}, 401),
        ({}, {"client_id": CLIENT_ID}, 401),
        ({"authorization": "Basic " + b64encode(b"demo-client:wrong").decode()}, {}, 401),
        ({"authorization": "Basic ???"}, {}, 401),
        ({"authorization": "Bearer x"}, {}, 401),
        ({}, {}, 401),
    ],
)
async def test_client_authenticates_by_header_or_form(anonymous, world, headers, form, status):
    form = form | {"grant_type": "refresh_token", "refresh_token": world.authorize()["refresh_token"]}
    answered = await anonymous.post(TOKEN, data=form, headers=headers)
    assert answered.status_code == status
    assert status == 200 or answered.json()["error"] == "invalid_client"


async def test_refresh_rotates_the_refresh_token(anonymous, world):
    first = world.authorize()
    second = (await renew(anonymous, first["refresh_token"])).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert second["access_token"] != first["access_token"]
    assert (await renew(anonymous, second["refresh_token"])).status_code == 200


async def test_reuse_of_a_refresh_token_does_not_end_the_grant(anonymous, world):
    first = world.authorize()["refresh_token"]
    second = (await renew(anonymous, first)).json()["refresh_token"]
    reused = await renew(anonymous, first)
    assert reused.status_code == 400
    assert reused.json() == {
        "error_description": "unknown, invalid, or expired refresh token",
        "error": "invalid_grant",
    }
    assert (await renew(anonymous, second)).status_code == 200


async def test_reuse_of_a_refresh_token_ends_the_grant_if_so_configured(anonymous, world):
    world.options = replace(world.options, reuse_revokes_family=True)
    first = world.authorize()["refresh_token"]
    second = (await renew(anonymous, first)).json()["refresh_token"]
    await renew(anonymous, first)
    assert (await renew(anonymous, second)).status_code == 400


async def test_without_rotation_the_refresh_token_stays_valid(anonymous, world):
    world.options = replace(world.options, rotate=False)
    first = world.authorize()["refresh_token"]
    assert (await renew(anonymous, first)).json()["refresh_token"] == first
    assert (await renew(anonymous, first)).status_code == 200


async def test_response_without_refresh_token_leaves_the_old_one_valid(anonymous, world):
    world.options = replace(world.options, omit_refresh_token=True)
    first = world.authorize()["refresh_token"]
    assert "refresh_token" not in (await renew(anonymous, first)).json()
    assert (await renew(anonymous, first)).status_code == 200


async def test_unused_refresh_token_expires_after_seven_days(anonymous, world, wall):
    token = world.authorize()["refresh_token"]
    wall.now += 7 * DAY - 1
    token = (await renew(anonymous, token)).json()["refresh_token"]
    wall.now += 7 * DAY
    assert (await renew(anonymous, token)).status_code == 400


async def test_use_extends_a_refresh_token_that_is_not_rotated(anonymous, world, wall):
    world.options = replace(world.options, rotate=False)
    token = world.authorize()["refresh_token"]
    for _ in range(3):
        wall.now += 6 * DAY
        assert (await renew(anonymous, token)).status_code == 200


async def test_grant_ends_after_half_a_year_despite_refreshes(anonymous, world, wall):
    token = world.authorize()["refresh_token"]
    for _ in range(29):
        wall.now += 6 * DAY
        token = (await renew(anonymous, token)).json()["refresh_token"]
    wall.now += 6 * DAY
    assert (await renew(anonymous, token)).status_code == 400


async def test_access_token_is_valid_for_its_lifetime(client, world, wall):
    wall.now += world.options.expires_in - 1
    assert (await client.get("/connected-vehicle/v2/vehicles")).status_code == 200
    wall.now += 1
    assert (await client.get("/connected-vehicle/v2/vehicles")).status_code == 401


async def test_revoking_ends_the_grant_and_its_access_tokens(client, world):
    token = world.authorize()
    client.headers["authorization"] = f"Bearer {token['access_token']}"
    done = await client.post("/as/revoke_token.oauth2", data={"token": token["refresh_token"]}, headers=BASIC)
    assert done.status_code == 200
    assert (await client.get("/connected-vehicle/v2/vehicles")).status_code == 401
    assert (await renew(client, token["refresh_token"])).status_code == 400


@pytest.mark.parametrize(
    ("form", "error"),
    [({"grant_type": "password"}, "unsupported_grant_type"), ({"code": "x"}, "invalid_request")],
)
async def test_other_grants_are_refused(anonymous, form, error):
    answered = await anonymous.post(TOKEN, data=form, headers=BASIC)
    assert (answered.status_code, answered.json()["error"]) == (400, error)


async def test_token_endpoint_requires_a_form(anonymous):
    answered = await anonymous.post(TOKEN, json={"grant_type": "refresh_token"}, headers=BASIC)
    assert (answered.status_code, answered.json()["error"]) == (400, "invalid_request")


async def test_discovery_lists_the_endpoints_of_this_origin(anonymous):
    found = (await anonymous.get("/.well-known/openid-configuration")).json()
    assert found["issuer"] == "http://cloud"
    assert found["token_endpoint"] == "http://cloud" + TOKEN
