"""Fields without a reader in the simulator."""

import json
from dataclasses import replace

import pytest

from volvo_exporter import catalogue
from volvo_exporter.catalogue import energy
from volvo_exporter.simulator import EX40, World
from volvo_exporter.simulator.wire import render

BY_NAME = {resource.name: resource for resource in catalogue.RESOURCES}
ODOMETER, FUEL = BY_NAME["odometer"], BY_NAME["fuel"]


def answer(wall, resource):
    return json.loads(render(resource, World(clock=wall, cars=(EX40,)).view(EX40.vin)).body)


@pytest.mark.parametrize("name", ["odometer", "an-endpoint-without-a-reader"])
def test_field_without_a_reader_has_its_example_and_the_documented_unit(wall, name):
    field = replace(ODOMETER.fields[0], key="odometerSinceService", example=4200)
    value = answer(wall, replace(ODOMETER, name=name, fields=(field,)))["data"]["odometerSinceService"]
    assert (value["value"], value["unit"]) == (4200, "km")


def test_field_with_a_reader_is_not_replaced_by_its_example(wall):
    field = replace(ODOMETER.fields[0], example=1)
    assert answer(wall, replace(ODOMETER, fields=(field,)))["data"]["odometer"]["value"] != 1


def test_field_that_the_car_does_not_report_is_not_replaced_by_its_example(wall):
    assert not answer(wall, FUEL)["data"].get("fuelAmount")


def test_energy_field_without_a_reader_has_its_example(wall):
    field = replace(energy.STATE.fields[0], key="batteryHealth", example=97)
    profile = replace(EX40, energy_fields=EX40.energy_fields | {"batteryHealth"})
    view = World(clock=wall, cars=(profile,)).view(EX40.vin)
    value = json.loads(render(replace(energy.STATE, fields=(field,)), view).body)["batteryHealth"]
    assert (value["status"], value["value"], value["unit"]) == ("OK", 97, "percentage")
