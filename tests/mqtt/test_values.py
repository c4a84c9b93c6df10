"""Payloads of entities, and the entities themselves."""

import pytest

from volvo_exporter.catalogue.entities import ACCOUNT, BY_ID, VEHICLE
from volvo_exporter.catalogue.entities.model import Platform
from volvo_exporter.mqtt.values import timestamp, unknown


def test_no_two_entities_share_an_id():
    assert len(BY_ID) == len(VEHICLE) + len(ACCOUNT)


def test_no_two_entities_of_a_device_share_a_name():
    for device in (VEHICLE, ACCOUNT):
        assert len({entity.name for entity in device}) == len(device)


@pytest.mark.parametrize("entity", BY_ID.values(), ids=lambda entity: entity.id)
def test_an_entity_is_valid_for_home_assistant(entity):
    """https://www.home-assistant.io/integrations/sensor and developers.home-assistant.io."""
    if entity.device_class == "enum":
        assert entity.options
        assert entity.unit is None
        assert entity.state_class == ""
    else:
        assert not entity.options
    if entity.device_class in ("timestamp", "enum"):
        assert entity.unit is None
    if entity.state_class:
        assert entity.unit is not None
    if entity.device_class == "energy":
        assert entity.state_class == "total_increasing"
    if entity.platform is Platform.BINARY_SENSOR:
        assert entity.unit is None


@pytest.mark.parametrize("entity", BY_ID.values(), ids=lambda entity: entity.id)
def test_unknown_is_not_a_value(entity):
    assert unknown(entity) in ("None", '{"latitude": null, "longitude": null}')


def test_a_time_is_in_utc():
    assert timestamp(1793577600.9) == "2026-11-02T00:00:00+00:00"
