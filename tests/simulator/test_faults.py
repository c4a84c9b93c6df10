import json

import httpx2
import pytest
import trio

from volvo_exporter.simulator import API_KEY, EX30, KINDS, S90, XC60, Fault, World, create_app
from volvo_exporter.simulator.faults import TOKEN_KINDS

DOORS = f"/connected-vehicle/v2/vehicles/{EX30.vin}/doors"
STATE = f"/energy/v2/vehicles/{EX30.vin}/state"
STATUSES = {
    "internal_error": 500,
    "energy_internal_error": 500,
    "bad_gateway": 502,
    "asleep": 503,
    "unavailable": 503,
    "gateway_timeout": 504,
    "route_not_found": 404,
    "market_not_found": 404,
    "car_not_found": 404,
    "scope_missing": 403,
    "energy_not_authorized": 403,
    "foreign_vehicle": 403,
    "energy_outage": 403,
    "quota": 403,
    "quota_without_retry_after": 403,
    "invalid_key": 401,
    "missing_key": 401,
    "invalid_token": 401,
    "array_sub": 401,
    "throttled": 429,
    "throttled_without_retry_after": 429,
    "gone": 410,
    "capabilities_collapse": 200,
    "garbage": 200,
    "truncated": 200,
    "empty": 200,
    "token_error": 500,
    "invalid_grant": 400,
    "invalid_client": 401,
    "latency": 200,
}
NOT_JSON = {"bad_gateway", "unavailable", "gateway_timeout", "garbage", "truncated", "empty"}
COUNTDOWNS = {"quota": True, "quota_without_retry_after": False, "throttled": True}


def test_every_kind_is_tested():
    assert set(STATUSES) == set(KINDS)


@pytest.mark.parametrize("kind", sorted(set(STATUSES) - {"latency"}))
async def test_fault_applies_to_the_given_number_of_requests(client, world, kind):
    path = "/as/token.oauth2" if kind in TOKEN_KINDS else DOORS
    healthy = (await client.get(DOORS)).text
    world.faults.add(Fault(kind=kind, times=2))
    for _ in range(2):
        answered = await client.request("POST" if kind in TOKEN_KINDS else "GET", path)
        assert answered.status_code == STATUSES[kind]
        assert answered.text != healthy
        if kind in NOT_JSON:
            with pytest.raises(ValueError, match=r".*"):
                json.loads(answered.content)
        else:
            assert isinstance(answered.json(), dict)
            assert "{" not in "".join(answered.headers.values())
    assert (await client.get(DOORS)).text == healthy


@pytest.mark.parametrize(("kind", "header"), COUNTDOWNS.items())
async def test_error_has_its_retry_time(client, world, kind, header):
    world.faults.add(Fault(kind=kind, seconds=17))
    answered = await client.get(DOORS)
    assert ("retry-after" in answered.headers) is header
    assert ("17" if kind == "throttled" else "18:00:00") in answered.text


@pytest.mark.parametrize(
    ("where", "affected"),
    [
        (None, {"doors", "energy-state"}),
        ("doors", {"doors"}),
        ("energy-state", {"energy-state"}),
        ("/energy/v2/*", {"energy-state"}),
        (f"*/{EX30.vin}/*", {"doors", "energy-state"}),
        ("windows", set()),
        ("token", {"token"}),
    ],
)
async def test_fault_applies_to_the_matching_requests(client, world, where, affected):
    world.faults.add(Fault(kind="internal_error", where=where))
    answers = {
        "doors": await client.get(DOORS),
        "energy-state": await client.get(STATE),
        "token": await client.post("/as/token.oauth2"),
    }
    assert {name for name, answered in answers.items() if answered.status_code == 500} == affected


async def test_fault_can_apply_to_one_car(client, world):
    world.faults.add(Fault(kind="unavailable", vin=XC60.vin))
    statuses = [
        (await client.get(f"/connected-vehicle/v2/vehicles/{vin}/doors")).status_code
        for vin in (EX30.vin, XC60.vin, S90.vin)
    ]
    assert statuses == [200, 503, 200]


async def test_fault_ends_at_its_time(client, world, wall):
    world.faults.add(Fault(kind="unavailable", until=wall.now + 60))
    assert (await client.get(DOORS)).status_code == 503
    wall.now += 60
    assert (await client.get(DOORS)).status_code == 200
    assert world.faults.active(wall.now) == ()


async def test_request_with_a_fault_uses_no_quota(client, world):
    world.faults.add(Fault(kind="internal_error"))
    await client.get(DOORS)
    assert world.limits.used("demo", now=world.now()) == 0


async def test_latency_delays_the_real_answer():
    world = World(clock=lambda: 1795413600.0 + trio.current_time())
    token = world.authorize()["access_token"]
    headers = {"authorization": f"Bearer {token}", "vcc-api-key": API_KEY}
    world.faults.add(Fault(kind="latency", seconds=12))
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=create_app(world)), base_url="http://cloud"
    ) as client:
        before = trio.current_time()
        answered = await client.get(DOORS, headers=headers)
    assert answered.status_code == 200
    assert trio.current_time() - before == pytest.approx(12, abs=0.01)


def test_unknown_kind_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match="known faults: internal_error"):
        Fault(kind="gremlins")


async def test_faults_are_switched_over_http(client, world, wall):
    answered = await client.post("/_sim/faults", json={"kind": "unavailable", "where": "doors", "for": 60})
    assert answered.status_code == 200
    assert world.faults.active(wall.now) == (Fault(kind="unavailable", where="doors", until=wall.now + 60),)
    assert (await client.get(DOORS)).status_code == 503
    assert (await client.request("DELETE", "/_sim/faults")).status_code == 200
    assert (await client.get(DOORS)).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b'{"kind": "gremlins"}',
        b'{"sort": "quota"}',
        b"{}",
        b"not json",
        b"[1]",
        b'{"kind": ["quota"]}',
        b'{"kind": "quota", "times": "3"}',
    ],
)
async def test_invalid_fault_is_refused(client, world, body):
    answered = await client.post("/_sim/faults", content=body)
    assert answered.status_code == 400
    assert world.faults.active(world.now()) == ()
