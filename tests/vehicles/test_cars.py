"""What each kind of car reports."""

import calendar
import time

import pytest

from tests.support.car_files import (
    CARS,
    FILES,
    IDS,
    expected_attributes,
    expected_readings,
    load,
    with_nulls,
    without_nulls,
)
from tests.support.reading import RESOURCES, at, read_at
from volvo_exporter.catalogue.model import Shape
from volvo_exporter.vehicles.reader import read_items, read_vins

READ = 1_791_300_000.0
"""Soon after the newest answer: 2026-10-06T15:20:00Z."""


def answer_of(car, name):
    return read_at(name, load(car, name), now=READ, item="odometer" if "item" in name else "")


@pytest.mark.parametrize(("car", "name"), FILES, ids=IDS)
def test_a_car_is_read_as_expected(car, name):
    answer = answer_of(car, name)
    assert {reading.field.key: reading.value for reading in answer.readings} == expected_readings(car, name)
    assert dict(answer.attributes) == expected_attributes(car, name)
    assert answer.unmapped == ()


@pytest.mark.parametrize(("car", "name"), FILES, ids=IDS)
def test_values_have_the_type_of_their_kind(car, name):
    for reading in answer_of(car, name).readings:
        expected = expected_readings(car, name)[reading.field.key]
        is_number = not isinstance(expected, bool | str | tuple)
        assert type(reading.value) is (float if is_number else type(expected))


@pytest.mark.parametrize(("car", "name"), FILES, ids=IDS)
def test_a_value_has_its_own_timestamp(car, name):
    resource, payload = RESOURCES[name], load(car, name)
    for reading in answer_of(car, name).readings:
        if name == "location":
            text = payload["data"]["properties"]["timestamp"]
        elif name == "weather":
            text = payload["dt"]
        elif resource.shape is Shape.BARE or reading.field.key == "unavailableReason":
            text = None
        elif "averageEnergyConsumption" in reading.field.key:
            text = None  # the time of the request, not of the measurement
        else:
            value = at(payload, (*resource.root, reading.field.key))
            text = value["updatedAt" if resource.shape is Shape.ITEM else "timestamp"]
        assert reading.measured == seconds(text), reading.field.key
        assert reading.received == READ


def seconds(text):
    """Unix time of a timestamp, to the microsecond."""
    if not isinstance(text, str):
        return text if text is None or text < READ else text / 1000
    whole, _, fraction = text.removesuffix("Z").partition(".")
    whole_seconds = calendar.timegm(time.strptime(whole, "%Y-%m-%dT%H:%M:%S"))
    return pytest.approx(whole_seconds + float(f"0.{fraction[:6] or 0}"), abs=1e-6)


def test_every_field_of_the_catalogue_has_a_value_in_the_files_of_some_car():
    fields = {(resource.name, field.key) for resource in RESOURCES.values() for field in resource.fields}
    reported = {(name, reading.field.key) for car, name in FILES for reading in answer_of(car, name).readings}
    assert fields - reported == set()


def test_every_resource_and_attribute_of_the_catalogue_is_in_the_files_of_some_car():
    attributes = {attribute.label for resource in RESOURCES.values() for attribute in resource.attributes}
    assert attributes == {label for car in CARS for label in answer_of(car, "details").attributes}
    assert {name for _, name in FILES} == set(RESOURCES)


@pytest.mark.parametrize(("car", "name"), FILES, ids=IDS)
def test_a_car_is_read_the_same_in_both_wire_eras(car, name):
    answer = answer_of(car, name)
    for other in CARS:
        if (other, name) in FILES:
            nulled = with_nulls(load(car, name), load(other, name))
            assert read_at(name, nulled, now=READ, item="odometer" if "item" in name else "") == answer
    omitted = without_nulls(load(car, name))
    assert read_at(name, omitted, now=READ, item="odometer" if "item" in name else "") == answer


def test_the_lists_of_vehicles_and_of_items_are_read():
    assert read_vins(load("ex30_2024", "vehicles")) == ("YV1TESTEX30240001",)
    assert read_vins(load("s90_2018", "vehicles")) == ("YV1TESTS902018001", "YV1TESTXC60200001")
    assert read_items(load("s90_2018", "extended-vehicle")) == ("odometer", "engine.status")
