"""When an alert begins and ends."""

import pytest

from volvo_exporter.catalogue.alerts.model import Reported
from volvo_exporter.catalogue.alerts.table import ALERTS
from volvo_exporter.notify.alerting import step
from volvo_exporter.notify.checks import ACCOUNT_CHECKS, CAR_CHECKS, LOST_CAR_CHECKS, Finding

LAMP = next(alert for alert in ALERTS if alert.name == "VolvoLampFailed")  # for: 15m
FLUID = next(alert for alert in ALERTS if alert.name == "VolvoBrakeFluidLow")  # for: 15m, kept for an hour
MINUTE = 60.0


def run(met, *, alert=LAMP, keep_for=0.0, grace=0.0, until=180):
    """Evaluate once a minute; return the minutes of begin and end."""
    states, found = {}, []
    for minute in range(until):
        findings = [Finding(alert=alert, car="a", labels=(), value=1.0)] if met(minute) else []
        states, transitions = step(
            states, findings, {alert.name: keep_for}, now=minute * MINUTE, started=0.0, grace=grace
        )
        found += [(minute, transition.fires) for transition in transitions]
    return found


def test_an_alert_begins_after_its_duration_and_ends_with_its_condition():
    assert run(lambda minute: 10 <= minute < 60) == [(25, True), (60, False)]


def test_a_condition_that_is_interrupted_begins_again():
    assert run(lambda minute: minute != 20 and minute < 60) == [
        (15, True),
        (20, False),
        (36, True),
        (60, False),
    ]
    assert run(lambda minute: minute not in (10, 20) and minute < 30) == []


def test_an_alert_that_is_kept_ends_later_and_only_once():
    found = run(lambda minute: minute < 30 or 60 <= minute < 70, alert=FLUID, keep_for=3600.0)
    assert found == [(15, True), (130, False)]


def test_no_alert_ends_while_values_are_unknown_after_a_start():
    found = run(lambda minute: minute < 16, grace=1800.0)
    assert found == [(15, True), (30, False)]


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert.name)
def test_every_alert_has_a_condition_or_a_reason(alert):
    checked = (
        isinstance(alert.expression, Reported)
        or alert.name in CAR_CHECKS
        or alert.name in LOST_CAR_CHECKS
        or alert.name in ACCOUNT_CHECKS
    )
    assert checked != bool(alert.prometheus_only)
