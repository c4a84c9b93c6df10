"""Settings of MQTT that contradict others, and what they disable."""

import pytest

from volvo_exporter.catalogue.entities.events import JOURNAL
from volvo_exporter.mqtt.building import build_mqtt
from volvo_exporter.polling.state_file import StateFile
from volvo_exporter.settings import Mqtt
from volvo_exporter.vehicles.garage import Garage
from volvo_exporter.volvo.errors import ConfigurationError


def build(folder, *, url="mqtt://127.0.0.1:1", position="full", masked=False, has_journal=True, **settings):
    return build_mqtt(
        Mqtt(url=url, **settings),
        garage=Garage(),
        accounts=list,
        figures=lambda _vin: {},
        state_file=StateFile(folder / "state.json"),
        position=position,
        masked=masked,
        has_journal=has_journal,
        clock=lambda: 0.0,
        run_blocking=lambda function: function(),
    )


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"disabled_entities": ["lok"]}, "mqtt.disabled_entities: unknown lok; use ids such as direction"),
        (
            {"vin_in_topics": True, "masked": True},
            "mqtt.vin_in_topics: must be false with privacy.vin: masked",
        ),
        ({"url": "mqtts://x", "ca_file": "/nonexistent"}, "mqtt.ca_file: cannot be read"),
    ],
    ids=str,
)
def test_a_wrong_setting_is_named_with_its_fix(tmp_path, settings, message):
    with pytest.raises(ConfigurationError, match=message):
        build(tmp_path, **settings)


def test_entities_without_a_source_are_disabled(tmp_path):
    output = build(tmp_path, position="off", has_journal=False)
    assert {"location", "direction", *(entity.id for entity in JOURNAL)} <= output.disabled
    assert build(tmp_path).disabled == frozenset()
