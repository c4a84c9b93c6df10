"""Which alerts follow from another one."""

import re

import pytest
import yaml

from tests.support.services import ROOT
from volvo_exporter.catalogue.alerts.table import ALERTS
from volvo_exporter.notify.inhibition import RULES, follows

LOGIN = ("VolvoLoginRequired", "", (("account", "default"),))
STALE = ("VolvoDataStale", "car", ())
FAILING = ("VolvoApiFailing", "car", (("api", "location"),))


@pytest.mark.parametrize(
    ("key", "firing", "expected"),
    [
        (STALE, [LOGIN], True),
        (FAILING, [STALE], True),
        (FAILING, [("VolvoDataStale", "another", ())], False),
        (STALE, [FAILING], False),
        (LOGIN, [STALE], False),
        (("VolvoBrakeFluidLow", "car", ()), [LOGIN], False),
        (STALE, [], False),
        (
            ("VolvoTyrePressure", "car", (("tyre", "front_left"), ("state", "low_pressure"))),
            [("VolvoTyrePressureVeryLow", "car", (("tyre", "front_left"), ("state", "very_low_pressure")))],
            True,
        ),
        (
            ("VolvoTyrePressure", "car", (("tyre", "front_left"), ("state", "low_pressure"))),
            [("VolvoTyrePressureVeryLow", "car", (("tyre", "rear_left"), ("state", "very_low_pressure")))],
            False,
        ),
    ],
)
def test_an_alert_follows_from_its_cause_only(key, firing, expected):
    assert follows(key, firing) == expected


def test_the_rules_are_those_of_alertmanager():
    """Rules about an exporter that is down, and those with equal names, have no counterpart."""
    rules = yaml.safe_load((ROOT / "alertmanager" / "alertmanager.yml").read_text())["inhibit_rules"]
    theirs = set()
    for rule in rules:
        sources, targets = (names(rule[f"{end}_matchers"]) for end in ("source", "target"))
        theirs |= {(source, target) for source in sources for target in targets}
    ours = {(rule.cause, name) for rule in RULES for name in rule.consequences}
    assert ours == {pair for pair in theirs if pair[0] != pair[1] and pair[0] != "VolvoExporterDown"}


def names(matchers):
    """Return the alerts that fulfil the matchers by name, `vin` and severity; none without a name."""
    found = {alert.name: alert for alert in ALERTS}
    for matcher in matchers:
        label, operator, value = re.fullmatch(r'(\w+) *(=~|!=|=) *"(.*)"', matcher).groups()
        match label, operator:
            case "alertname", "=" | "=~":
                found = {name: alert for name, alert in found.items() if re.fullmatch(value, name)}
            case "severity", "!=":
                found = {name: alert for name, alert in found.items() if alert.severity.value != value}
            case "vin" | "account", "!=":
                found = {name: alert for name, alert in found.items() if label in alert.labels}
            case _:
                return set()
    return set(found)
