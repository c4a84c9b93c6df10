"""The texts of messages."""

import pytest

from volvo_exporter.catalogue.alerts.table import ALERTS
from volvo_exporter.notify.alerting import Transition
from volvo_exporter.notify.messages import describe_alert, duration, fill, join

MONDAY = 1793577600.0
VIN = "YV1TESTCAR0000001"


def transition(name, *, labels=(), value=1.0, fires=True):
    return Transition(key=(name, "id-of-the-car", labels), fires=fires, value=value, at=MONDAY)


def test_a_message_contains_what_is_wrong_and_what_to_do():
    message = describe_alert(transition("VolvoDoorOpen", labels=(("door", "rear_left"),)), car="EX30")
    assert message.title == "Door rear left of EX30 is open while parked"
    assert message.text == (
        "It has been open or ajar for 10 minutes. "
        "Close the door. The interior light can drain the 12 V battery."
    )
    assert (message.kind, message.severity, message.name) == ("alert.firing", "warning", "VolvoDoorOpen")


def test_a_resolved_message_names_the_alert():
    message = describe_alert(transition("VolvoUnlocked", fires=False), car="EX30")
    assert message.title == "Resolved: EX30 is unlocked while parked"
    assert message.kind == "alert.resolved"


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert.name)
@pytest.mark.parametrize("fires", [True, False])
def test_no_message_contains_an_id_or_a_brace(alert, fires):
    labels = tuple((label, "some_value") for label in alert.labels if label not in ("vin", "car"))
    message = describe_alert(transition(alert.name, labels=labels, value=90061.0, fires=fires), car="EX30")
    text = f"{message.title} {message.text}"
    assert not [part for part in ("{", "}", "id-of-the-car") if part in text]
    assert message.title


@pytest.mark.parametrize(
    ("template", "value", "expected"),
    [
        ("{value:.0f} %", 12.6, "13 %"),
        ("{value:.1f} km", 0.512, "0.5 km"),
        ("{value:duration}", 90061.0, "1 d 1 h"),
        ("{value:percent}", 0.8123, "81 %"),
        ("{value}", 3.0, "3"),
        ("{state:spaced}", 0.0, "too low"),
    ],
)
def test_templates_are_filled_as_by_prometheus(template, value, expected):
    assert fill(template, {"state": "too_low"}, value) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (30.0, "less than a minute"),
        (300.0, "5 min"),
        (7200.0, "2 h"),
        (9000.0, "2 h 30 min"),
        (604800.0, "7 d"),
    ],
)
def test_a_duration_has_its_two_largest_units(seconds, expected):
    assert duration(seconds) == expected


def test_a_digest_has_the_titles():
    first = describe_alert(transition("VolvoUnlocked"), car="EX30")
    second = describe_alert(transition("VolvoWasherFluidLow"), car="EX30")
    digest = join([first, second])
    assert digest.title == "2 messages about your cars"
    assert digest.text == "EX30 is unlocked while parked.\nThe washer fluid of EX30 is low."


def test_the_same_begin_has_the_same_id_and_another_has_another():
    one, again = (describe_alert(transition("VolvoUnlocked"), car=car) for car in ("EX30", "EX30"))
    end = describe_alert(transition("VolvoUnlocked", fires=False), car="EX30")
    assert one.id == again.id != end.id
