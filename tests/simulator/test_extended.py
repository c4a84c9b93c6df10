from dataclasses import replace

import pytest

from volvo_exporter.simulator import EX30, S90, World

ROOT = "/extended-vehicle/v1/vehicles"


@pytest.fixture
def world(wall):
    world = World(clock=wall)
    world.options = replace(world.options, extended_vehicle_available=True)
    return world


async def test_cars_are_listed_by_id(client, world):
    found = (await client.get(ROOT)).json()["vehicles"]
    assert [car["id"] for car in found] == list(world.cars)


async def test_every_listed_resource_has_a_value_as_text(client):
    for vin in (EX30.vin, S90.vin):
        listed = (await client.get(f"{ROOT}/{vin}/resources")).json()["resources"]
        assert listed
        for resource in listed:
            value = (await client.get(resource["href"])).json()["resourceValue"]
            assert set(value) == {"timestamp", "unit", "value"}
            assert float(value["value"]) >= 0


async def test_car_lists_only_its_own_resources(client):
    def names(answered):
        return {resource["name"] for resource in answered.json()["resources"]}

    electric = names(await client.get(f"{ROOT}/{EX30.vin}/resources"))
    diesel = names(await client.get(f"{ROOT}/{S90.vin}/resources"))
    assert electric - diesel == {"batteryChargeLevel"}
    assert diesel - electric == {"fuelAmount", "distanceToEmpty"}


async def test_value_equals_that_of_connected_vehicle(client):
    extended = (await client.get(f"{ROOT}/{EX30.vin}/resources/odometer")).json()["resourceValue"]
    connected = (await client.get(f"/connected-vehicle/v2/vehicles/{EX30.vin}/odometer")).json()
    assert float(extended["value"]) == connected["data"]["odometer"]["value"]


async def test_unknown_resource_is_answered_with_an_extended_vehicle_error(client):
    answered = await client.get(f"{ROOT}/{EX30.vin}/resources/mood")
    assert (answered.status_code, answered.json()["exveErrorId"]) == (404, "NOT_FOUND")
