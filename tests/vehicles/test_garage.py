"""The vehicles of all accounts, and what is shown of them."""

import pytest

from tests.support.reading import RESOURCES, VIN, read_at, value
from volvo_exporter import catalogue
from volvo_exporter.catalogue import families
from volvo_exporter.vehicles.garage import Garage
from volvo_exporter.vehicles.privacy import Position, Privacy

OTHER = "YV1TESTCAR0000002"
MASKED = Privacy(masked=True)
TWIN = "YV1TESTCAR0100001"
"""Ends like VIN, but for one character more."""


def garage_of(*vins, **options):
    garage = Garage(**options)
    for vin in vins:
        garage.add(vin, account="default")
    return garage


def take(garage, vin, name, payload):
    return garage.take(vin, RESOURCES[name], read_at(name, payload))


def test_a_vehicle_that_is_added_again_keeps_its_values():
    garage = garage_of(VIN)
    take(garage, VIN, "doors", {"data": {"centralLock": value("LOCKED")}})
    garage.add(VIN, account="default")

    assert garage[VIN].vehicle.flag(families.LOCKED) is True
    assert garage.vins == (VIN,)


def test_a_removed_vehicle_is_gone():
    garage = garage_of(VIN, OTHER)

    assert garage.remove(VIN, account="default")
    assert not garage.remove(VIN, account="default")
    assert garage.vins == (OTHER,)
    assert VIN not in garage
    with pytest.raises(KeyError):
        garage[VIN]


def test_a_vehicle_of_two_accounts_is_removed_when_neither_has_it():
    garage = garage_of(VIN)
    garage.add(VIN, account="second")

    assert garage[VIN].accounts == {"default", "second"}
    assert not garage.remove(VIN, account="default")
    assert VIN in garage
    assert garage.remove(VIN, account="second")
    assert VIN not in garage


def test_every_attribute_of_a_vehicle_is_listed_and_empty_while_it_is_unknown():
    garage = garage_of(VIN, OTHER, names={VIN: "The red one"})
    take(garage, VIN, "details", {"data": {"descriptions": {"model": "EX30"}}})
    known = {"vin": VIN, "name": "The red one", "account": "default", "model": "EX30"}

    assert garage.attributes(VIN) == {**dict.fromkeys(catalogue.ATTRIBUTES, ""), **known}
    assert garage.attributes(OTHER)["model"] == ""


def test_a_known_attribute_is_kept():
    garage = garage_of(VIN)
    first = take(garage, VIN, "details", {"data": {"descriptions": {"model": "EX30"}}})
    second = take(garage, VIN, "details", {})

    assert garage.attributes(VIN)["model"] == "EX30"
    assert (first.attributes, second.attributes) == (True, False)


def test_a_masked_vehicle_is_shown_by_the_end_of_its_vin():
    garage = garage_of(VIN, OTHER, privacy=MASKED)

    assert garage.vins == (VIN, OTHER)
    assert (garage.shown(VIN), garage.attributes(OTHER)["vin"]) == ("…0001", "…0002")


def test_a_masked_vin_does_not_change_when_a_similar_one_is_added():
    garage = garage_of(VIN, privacy=MASKED)
    before = garage.shown(VIN)
    garage.add(TWIN, account="default")

    assert (before, garage.shown(VIN), garage.shown(TWIN)) == ("…0001", "…0001", "…100001")


def test_the_masked_vin_of_a_removed_vehicle_is_reserved():
    garage = garage_of(VIN, privacy=MASKED)
    before = garage.shown(VIN)
    garage.remove(VIN, account="default")
    garage.add(TWIN, account="default")
    twin = garage.shown(TWIN)
    garage.add(VIN, account="default")

    assert (before, twin, garage.shown(VIN)) == ("…0001", "…00001", "…0001")


def test_a_vin_in_another_attribute_is_masked():
    garage = garage_of(VIN, privacy=MASKED, names={VIN: f"My {VIN}"})
    take(garage, VIN, "details", {"data": {"descriptions": {"model": f"https://cars.test/{VIN}.png"}}})

    assert garage.attributes(VIN)["model"] == "https://cars.test/…0001.png"
    assert garage.attributes(VIN)["name"] == "My …0001"


def test_a_position_is_limited_before_it_is_known():
    garage = garage_of(VIN, privacy=Privacy(position=Position.ROUNDED))
    changes = [
        take(garage, VIN, "location", {"data": {"geometry": {"coordinates": [11.97, latitude]}}})
        for latitude in (57.7089, 57.7111)
    ]

    assert garage[VIN].vehicle.position == (57.71, 11.97)
    assert [bool(change) for change in changes] == [True, False]
