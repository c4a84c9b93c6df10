from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from volvo_exporter import catalogue
from volvo_exporter.catalogue.model import Api
from volvo_exporter.simulator import API_KEY, EX30, S90

DOORS = f"/connected-vehicle/v2/vehicles/{EX30.vin}/doors"
VOLVO = [resource for resource in catalogue.RESOURCES if resource.api is not Api.WEATHER]


def path_of(resource, vin=EX30.vin):
    return resource.endpoint.format(vin=vin, item="odometer")


def wrong_key(client, _world):
    client.headers["vcc-api-key"] = "unknown"


def no_key(client, _world):
    del client.headers["vcc-api-key"]


def no_token(client, _world):
    del client.headers["authorization"]


def wrong_token(client, _world):
    client.headers["authorization"] = "Bearer unknown"


def minute_full(_client, world):
    world.options = replace(world.options, requests_per_minute=0)


def quota_spent(_client, world):
    world.limits.spend("demo", now=world.now(), calls=world.options.daily_quota)


NO_SUCH_ROUTE = DOORS.replace("doors", "gates")
LOWER_CASE = DOORS.replace(EX30.vin, EX30.vin.lower())
# Each row is refused for its own reason, although the reasons of all rows below apply, too.
REASONS = [
    (no_key, 401, "missing header VCC-API-KEY"),
    (wrong_key, 401, "invalid VCC-API-KEY"),
    (no_token, 401, "missing header authorization"),
    (wrong_token, 401, "UNAUTHORIZED"),
    (minute_full, 429, "Rate limit is exceeded"),
    (quota_spent, 403, "Out of call volume quota"),
]
ORDER = [
    (REASONS[first:], path, method)
    for first in range(len(REASONS))
    for path, method in ((NO_SUCH_ROUTE, "GET"), (LOWER_CASE, "POST"))
]


@pytest.mark.parametrize(("reasons", "path", "method"), ORDER)
async def test_first_error_in_the_gateways_order_is_reported(client, world, reasons, path, method):
    # A missing key or token cannot be invalid at the same time.
    skipped = {no_key: wrong_key, no_token: wrong_token}.get(reasons[0][0])
    for apply, _, _ in reasons:
        if apply is not skipped:
            apply(client, world)
    answered = await client.request(method, path)
    assert answered.status_code == reasons[0][1]
    assert reasons[0][2] in answered.text


@pytest.mark.parametrize(
    ("request_line", "scope", "answer"),
    [
        ("POST /energy/v1/vehicles", (), "410 GONE"),
        ("POST /extended-vehicle/v1/vehicles", (), "410 GONE"),
        (f"POST {NO_SUCH_ROUTE}", (), "404 Resource not found"),
        (f"POST {LOWER_CASE}", (), "405 METHOD_NOT_ALLOWED"),
        (f"GET {LOWER_CASE}", (), "403 No relationship to UUID"),
        (f"GET {DOORS}", (), "403 Access Denied"),
        (f"GET {DOORS}", ("conve:doors_status",), "403 Access Denied"),
        (f"GET {DOORS}", ("conve:doors_status", "conve:lock_status"), "200 centralLock"),
    ],
)
async def test_route_is_checked_before_car_and_scope(client, world, request_line, scope, answer):
    token = world.authorize(scope=("openid", *scope))["access_token"]
    answered = await client.request(*request_line.split(), headers={"authorization": f"Bearer {token}"})
    status, _, text = answer.partition(" ")
    assert answered.status_code == int(status)
    assert text in answered.text


@pytest.mark.parametrize("resource", VOLVO, ids=lambda resource: resource.name)
async def test_resource_requires_each_of_its_scopes(client, world, resource):
    world.options = replace(world.options, extended_vehicle_available=True)
    path = path_of(resource)

    async def status(scope):
        token = world.authorize(scope=("openid", *scope))["access_token"]
        return (await client.get(path, headers={"authorization": f"Bearer {token}"})).status_code

    assert await status(resource.scopes) == 200
    for missing in resource.scopes:
        assert await status(set(resource.scopes) - {missing}) == 403


async def test_car_that_was_not_selected_is_forbidden(client, world):
    token = world.authorize(vins=[S90.vin])["access_token"]
    answered = await client.get(DOORS, headers={"authorization": f"Bearer {token}"})
    assert answered.json() == {"error": {"message": "FORBIDDEN", "description": "No relationship to UUID"}}


async def test_client_must_accept_json(client):
    assert (await client.get(DOORS, headers={"accept": "text/html"})).status_code == 406
    assert (await client.get(DOORS, headers={"accept": "application/json"})).status_code == 200


async def test_operation_id_is_echoed(client):
    answered = await client.get(
        DOORS, headers={"vcc-api-operationId": "11111111-2222-4333-8444-555555555555"}
    )
    assert answered.headers["vcc-api-operationid"] == "11111111-2222-4333-8444-555555555555"


async def test_request_101_in_a_minute_is_throttled(client, wall):
    statuses = []
    for _ in range(100):
        statuses.append((await client.get(DOORS)).status_code)
        wall.now += 0.5
    assert Counter(statuses) == {200: 100}
    refused = await client.get(DOORS)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "10")
    assert refused.json() == {
        "statusCode": 429,
        "message": "Rate limit is exceeded. Try again in 10 seconds.",
    }
    wall.now += 9.9
    assert (await client.get(DOORS)).status_code == 429
    wall.now += 0.2
    assert (await client.get(DOORS)).status_code == 200


async def test_quota_resets_at_midnight_utc(client, world, wall):
    wall.now = datetime(2026, 11, 23, 20, 29, 4, tzinfo=UTC).timestamp()
    client.headers["authorization"] = f"Bearer {world.authorize()['access_token']}"
    world.limits.spend("demo", now=wall.now, calls=9_999)
    assert (await client.get(DOORS)).status_code == 200
    refused = await client.get(DOORS)
    assert refused.status_code == 403
    assert refused.json() == {
        "statusCode": 403,
        "message": "Out of call volume quota. Quota will be replenished in 03:30:56.",
    }
    assert refused.headers["retry-after"] == str(3 * 3600 + 30 * 60 + 56)
    wall.now = datetime(2026, 11, 24, tzinfo=UTC).timestamp() - 0.5
    client.headers["authorization"] = f"Bearer {world.authorize()['access_token']}"
    assert (await client.get(DOORS)).status_code == 403
    wall.now += 0.5
    assert (await client.get(DOORS)).status_code == 200


async def test_retry_after_can_be_omitted(client, world):
    world.options = replace(world.options, daily_quota=0, retry_after=False)
    assert "retry-after" not in (await client.get(DOORS)).headers


async def test_each_application_has_a_quota_that_its_keys_share(client, world):
    keys = {API_KEY: "one", "secondary": "one", "other": "two"}
    world.options = replace(world.options, daily_quota=1, api_keys=keys)
    statuses = [
        (await client.get(DOORS, headers={"vcc-api-key": key})).status_code
        for key in (API_KEY, "secondary", "other")
    ]
    assert statuses == [200, 403, 200]


@pytest.mark.parametrize(("quota_per_api", "status"), [(True, 200), (False, 403)])
async def test_option_gives_each_api_its_own_quota(client, world, quota_per_api, status):
    world.options = replace(world.options, daily_quota=1, quota_per_api=quota_per_api)
    paths = (DOORS, DOORS, f"/energy/v2/vehicles/{EX30.vin}/state")
    statuses = [(await client.get(path)).status_code for path in paths]
    assert statuses == [200, 403, status]


async def test_refused_calls_do_not_count(client, world):
    used = world.limits.used("demo", now=world.now())
    await client.get(DOORS, headers={"vcc-api-key": "unknown"})
    await client.get(DOORS, headers={"authorization": "Bearer unknown"})
    assert world.limits.used("demo", now=world.now()) == used
    await client.get(LOWER_CASE)
    assert world.limits.used("demo", now=world.now()) == used + 1


async def test_flaky_key_is_refused_at_random(client, world):
    world.options = replace(world.options, flaky_key=0.5)
    statuses = Counter([(await client.get(DOORS)).status_code for _ in range(80)])
    assert set(statuses) == {200, 401}
    assert 25 <= statuses[401] <= 55
