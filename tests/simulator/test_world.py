import time
from datetime import UTC, datetime, timedelta

import pytest

from volvo_exporter.simulator import EX30, XC60, Call, World, life_at

DAY = 86400.0


def test_a_fast_world_lives_a_day_in_a_minute_and_says_so_in_wall_time(wall):
    world = World(clock=wall, speed=1440.0)
    start, odometer = wall.now, world.state(EX30.vin).odometer.value
    wall.now += 60
    state = world.state(EX30.vin)
    assert state.odometer.value > odometer
    assert start < world.life.wall(state.odometer.uploaded) <= wall.now
    changes = list(world.changes(EX30.vin, start, wall.now))
    assert changes
    assert all(start < at <= wall.now for at, _ in changes)
    assert world.life.life(wall.now) == start + DAY


@pytest.mark.parametrize("weekday", range(7))
@pytest.mark.parametrize("hour", [0.0, 7.5, 23.99])
def test_life_can_begin_on_any_weekday_at_any_hour(wall, weekday, hour):
    life = life_at(wall.now, weekday=weekday, hour=hour)
    local = datetime.fromtimestamp(life, UTC) + timedelta(hours=1)
    assert local.weekday() == weekday
    assert local.hour + local.minute / 60 + local.second / 3600 == pytest.approx(hour, abs=0.001)
    assert wall.now - 7 * DAY < life <= wall.now


def test_weeks_ahead_take_no_time(wall):
    world = World(clock=wall)
    wall.now += 35 * DAY
    before = time.process_time()
    for vin in world.cars:
        world.state(vin)
    assert time.process_time() - before < 1.0


async def test_requests_are_written_down_with_template_car_and_status(client, world, wall):
    await client.get(f"/connected-vehicle/v2/vehicles/{XC60.vin}/doors")
    await client.get("/connected-vehicle/v2/vehicles/x/nothing")
    await client.post("/as/token.oauth2", data={"grant_type": "refresh_token"})
    assert list(world.log) == [
        Call(
            time=wall.now,
            method="GET",
            path="/connected-vehicle/v2/vehicles/{vin}/doors",
            vin=XC60.vin,
            status=200,
        ),
        Call(
            time=wall.now,
            method="GET",
            path="/connected-vehicle/v2/vehicles/x/nothing",
            vin=None,
            status=404,
        ),
        Call(time=wall.now, method="POST", path="/as/token.oauth2", vin=None, status=401),
    ]


async def test_the_state_of_the_simulation_can_be_looked_at(client, world):
    await client.get(f"/connected-vehicle/v2/vehicles/{XC60.vin}/doors")
    state = (await client.get("/_sim/state")).json()
    assert state["used_today"] == {"demo": 1}
    assert [car["vin"] for car in state["cars"]] == list(world.cars)
    assert [call["status"] for call in state["requests"]] == [200]
    assert (state["era"], state["speed"], state["consents"], state["faults"]) == ("null", 1.0, 1, [])


def test_two_worlds_of_one_seed_issue_the_same_tokens(wall):
    one, other, third = (World(clock=wall, seed=seed).authorize() for seed in (5, 5, 6))
    assert one == other
    assert one["access_token"] != third["access_token"]
