import time
from datetime import UTC, datetime, timedelta

import pytest

from volvo_exporter.simulator import EX30, XC60, Call, World, latest_time

DAY = 86400.0


def test_fast_world_simulates_a_day_in_a_minute_of_wall_time(wall):
    world = World(clock=wall, speed=1440.0)
    start, odometer = wall.now, world.state(EX30.vin).odometer.value
    wall.now += 60
    state = world.state(EX30.vin)
    assert state.odometer.value > odometer
    assert start < world.simulated_clock.wall(state.odometer.uploaded) <= wall.now
    changes = list(world.changes(EX30.vin, start, wall.now))
    assert changes
    assert all(start < at <= wall.now for at, _ in changes)
    assert world.simulated_clock.simulated(wall.now) == start + DAY


@pytest.mark.parametrize("weekday", range(7))
@pytest.mark.parametrize("hour", [0.0, 7.5, 23.99])
def test_simulation_can_start_on_any_weekday_at_any_hour(wall, weekday, hour):
    moment = latest_time(wall.now, weekday=weekday, hour=hour)
    local = datetime.fromtimestamp(moment, UTC) + timedelta(hours=1)
    assert local.weekday() == weekday
    assert local.hour + local.minute / 60 + local.second / 3600 == pytest.approx(hour, abs=0.001)
    assert wall.now - 7 * DAY < moment <= wall.now


def test_skipping_weeks_takes_less_than_a_second(wall):
    world = World(clock=wall)
    wall.now += 35 * DAY
    before = time.process_time()
    for vin in world.cars:
        world.state(vin)
    assert time.process_time() - before < 1.0


async def test_requests_are_logged_with_template_car_and_status(client, world, wall):
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


async def test_state_of_the_simulation_is_served(client, world):
    await client.get(f"/connected-vehicle/v2/vehicles/{XC60.vin}/doors")
    state = (await client.get("/_sim/state")).json()
    assert state["used_today"] == {"demo": 1}
    assert [car["vin"] for car in state["cars"]] == list(world.cars)
    assert [call["status"] for call in state["requests"]] == [200]
    assert (state["era"], state["speed"], state["consents"], state["faults"]) == ("null", 1.0, 1, [])


def test_worlds_with_the_same_seed_issue_the_same_tokens(wall):
    one, other, third = (World(clock=wall, seed=seed).authorize() for seed in (5, 5, 6))
    assert one == other
    assert one["access_token"] != third["access_token"]
