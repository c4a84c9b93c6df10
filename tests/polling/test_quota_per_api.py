"""The daily quota of each API or of all together: the exporter finds out which, remembers and uses it."""

import itertools
import json
from pathlib import Path

import anyio
import pytest
from structlog.testing import capture_logs

from tests.support.installation import MONDAY, Installation, a_world, installed, write_token
from volvo_exporter.catalogue.model import Api
from volvo_exporter.polling.state_file import fingerprint
from volvo_exporter.simulator import API_KEY, FLEET, Call, Fault, Options, World

pytestmark = pytest.mark.slow

EX30, XC60, S90 = (profile.vin for profile in FLEET)
HOUR, DAY = 3600.0, 86400.0
EVENING = MONDAY + 20 * HOUR
BETWEEN = 610.0
"""Seconds until calls are used up: not when calls of several APIs are under way."""
PER_API, SHARED = Options(quota_per_api=True), Options()


def use_up(world: World, api: Api = Api.CONNECTED_VEHICLE) -> None:
    """Use up the day's calls of an API, as another machine with the same key would."""
    left = world.options.daily_quota - world.limits.used("demo", api, now=world.now())
    world.limits.spend("demo", api, now=world.now(), calls=left)


def calls_of(it: Installation, *apis: Api, since: float = 0.0, status: int | None = None) -> list[Call]:
    prefixes = tuple(api.prefix for api in apis or Api)
    calls = [call for call in it.calls() if call.path.startswith(prefixes) and call.time > since]
    return [call for call in calls if status in (None, call.status)]


def stored(folder: Path) -> dict[str, object]:
    return json.loads((folder / "volvo_state.json").read_text())[fingerprint(API_KEY)]


def two_accounts(world: World, folder: Path) -> list[dict[str, object]]:
    accounts = [
        {"name": name, "token_file": str(folder / f"{name}.json"), "vin": [vin]}
        for name, vin in (("anna", EX30), ("bert", XC60))
    ]
    for account in accounts:
        write_token(world, folder / f"{account['name']}.json")
    return accounts


async def test_an_api_with_calls_left_is_still_polled_if_each_api_has_its_own_quota(tmp_path):
    world = a_world(start=EVENING, options=PER_API)
    async with installed(tmp_path, world) as it:
        await anyio.sleep(BETWEEN)
        use_up(world)
        await anyio.sleep(600)
        refused = calls_of(it, status=403)
        await anyio.sleep(HOUR)

        assert stored(tmp_path)["per_api"] is True
        assert calls_of(it, status=403) == refused
        assert {call.path.startswith(Api.CONNECTED_VEHICLE.prefix) for call in refused} == {True}
        assert len(calls_of(it, Api.ENERGY, since=refused[0].time)) > 5
        assert calls_of(it, Api.ENERGY, since=refused[0].time)[0].time >= refused[0].time + 30
        assert calls_of(it, Api.CONNECTED_VEHICLE, since=refused[-1].time) == []
        await anyio.sleep(3 * HOUR)

        assert calls_of(it, Api.CONNECTED_VEHICLE, since=MONDAY + DAY) != []
        assert await it.value("volvo_exporter_quota_remaining") > 9000


async def test_the_figures_are_those_of_the_api_with_the_fewest_calls_left(tmp_path):
    world = a_world(start=EVENING, options=PER_API)
    async with installed(tmp_path, world) as it:
        await anyio.sleep(BETWEEN)
        use_up(world)
        await anyio.sleep(1200)

        account = (await it.scrape("/api/v1/status")).json()["accounts"][0]
        assert (account["quota"]["used"], account["quota"]["remaining"]) == (10_000, 0)
        assert account["quota"]["resets"] == pytest.approx(MONDAY + DAY, abs=2)
        assert account["waiting"] is None
        assert await it.value("volvo_exporter_quota_used") == 10_000
        assert await it.value("volvo_exporter_quota_remaining") == 0


async def test_one_more_call_is_refused_if_all_apis_share_the_quota(tmp_path):
    world = a_world(start=EVENING, options=SHARED)
    with capture_logs() as logs:
        async with installed(tmp_path, world) as it:
            await anyio.sleep(BETWEEN)
            use_up(world)
            await anyio.sleep(HOUR)
            refused = calls_of(it, status=403)
            waiting = (await it.scrape("/api/v1/status")).json()["accounts"][0]["waiting"]
            await anyio.sleep(2 * HOUR)

            of_others = calls_of(it, Api.ENERGY, Api.LOCATION, since=refused[0].time)
            assert len(of_others) == 1
            assert of_others[0].time >= refused[0].time + 30
            assert calls_of(it, since=of_others[0].time) == []
            assert waiting["why"] == "quota exhausted"
            await anyio.sleep(HOUR)

            assert calls_of(it, since=MONDAY + DAY, status=200) != []
    assert [line["applies_to"] for line in logs if line["event"] == "daily quota checked"] == [
        "all APIs of the key"
    ]


async def test_until_another_api_was_tested_the_key_counts_as_used_up(tmp_path):
    world = a_world(start=EVENING, options=PER_API)
    async with installed(tmp_path, world) as it:
        await anyio.sleep(BETWEEN)
        use_up(world)
        while not calls_of(it, status=403):  # noqa: ASYNC110 - nothing reports this moment
            await anyio.sleep(1)
        await anyio.sleep(20)

        assert calls_of(it, since=calls_of(it, status=403)[0].time + 1) == []
        assert (await it.scrape("/api/v1/status")).json()["accounts"][0]["waiting"][
            "why"
        ] == "quota exhausted"


async def test_a_quota_per_api_survives_a_restart(tmp_path):
    world = a_world(start=EVENING, options=PER_API)
    async with installed(tmp_path, world) as it:
        await anyio.sleep(BETWEEN)
        use_up(world, Api.ENERGY)
        await anyio.sleep(HOUR)
        refused = len(calls_of(it, status=403))
    assert (stored(tmp_path)["per_api"], stored(tmp_path)["checked_at"] > EVENING) == (True, True)
    assert API_KEY not in (tmp_path / "volvo_state.json").read_text()

    restarted = world.now()
    async with installed(tmp_path, world) as it:
        await anyio.sleep(10)
        assert len(calls_of(it, Api.CONNECTED_VEHICLE, Api.LOCATION, since=restarted - 1)) > 40
        await anyio.sleep(HOUR)

        assert len(calls_of(it, status=403)) == refused
        assert calls_of(it, Api.ENERGY, since=restarted) == []
        assert len(calls_of(it, Api.CONNECTED_VEHICLE, since=restarted + 10)) > 50
        await anyio.sleep(3 * HOUR)

        assert len(calls_of(it, Api.ENERGY, since=MONDAY + DAY, status=200)) > 5


async def test_a_shared_quota_survives_a_restart(tmp_path):
    world = a_world(start=EVENING, options=SHARED)
    async with installed(tmp_path, world) as it:
        await anyio.sleep(BETWEEN)
        use_up(world)
        await anyio.sleep(HOUR)
    assert (stored(tmp_path)["per_api"], stored(tmp_path)["checked_at"] > EVENING) == (False, True)

    restarted = world.now()
    async with installed(tmp_path, world) as it:
        await anyio.sleep(2 * HOUR)

        assert calls_of(it, since=restarted) == []


@pytest.mark.parametrize("options", [PER_API, SHARED])
async def test_two_accounts_of_a_key_test_the_quota_once(tmp_path, options):
    world = a_world(start=EVENING, options=options)
    async with installed(tmp_path, world, accounts=two_accounts(world, tmp_path)) as it:
        await anyio.sleep(BETWEEN)
        use_up(world)
        await anyio.sleep(2 * HOUR)

        refused = calls_of(it, status=403)
        of_energy = calls_of(it, Api.ENERGY, Api.LOCATION, since=refused[0].time)
        if options is SHARED:
            assert [call.status for call in of_energy] == [403]
        else:
            assert {call.status for call in of_energy} == {200}
            assert {call.vin for call in of_energy} == {EX30, XC60}


async def test_a_shared_quota_is_checked_at_most_once_a_day(tmp_path):
    world = a_world(start=EVENING, options=SHARED)
    async with installed(tmp_path, world) as it:
        for _ in range(5):
            await anyio.sleep(BETWEEN)
            use_up(world)
            await anyio.sleep(11 * HOUR)

        checks = [call.time for call in calls_of(it, Api.ENERGY, Api.LOCATION, status=403)]
        assert len(checks) == 3
        assert all(later - before >= DAY for before, later in itertools.pairwise(checks))


async def test_an_outage_during_the_test_of_another_api_is_inconclusive(tmp_path):
    world = a_world(start=EVENING, options=SHARED)
    async with installed(tmp_path, world):
        await anyio.sleep(BETWEEN)
        use_up(world)
        world.faults.add(Fault(kind="bad_gateway", where="energy-state"))
        world.faults.add(Fault(kind="bad_gateway", where="location"))
        await anyio.sleep(1200)
        assert stored(tmp_path)["checked_at"] == 0
        world.faults.clear()
        await anyio.sleep(1200)

        assert stored(tmp_path)["checked_at"] > 0
        assert stored(tmp_path)["per_api"] is False


async def test_no_api_exceeds_its_quota_and_each_uses_its_own(tmp_path):
    world = a_world(start=EVENING, options=Options(quota_per_api=True, daily_quota=500))
    async with installed(tmp_path, world, daily_quota=500) as it:
        await anyio.sleep(BETWEEN)
        use_up(world)
        await anyio.sleep(4 * HOUR - BETWEEN)
        learned = world.now()
        await anyio.sleep(DAY)

        today = {
            api: [call for call in calls_of(it, api, since=learned) if call.time < MONDAY + 2 * DAY]
            for api in (Api.CONNECTED_VEHICLE, Api.ENERGY, Api.LOCATION)
        }
        assert calls_of(it, since=learned, status=403) == []
        assert 400 <= len(today[Api.CONNECTED_VEHICLE]) <= 500
        assert max(call.time for call in today[Api.CONNECTED_VEHICLE]) > MONDAY + 2 * DAY - HOUR
        assert len(today[Api.ENERGY]) > 200
        assert sum(map(len, today.values())) > 600
