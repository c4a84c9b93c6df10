"""Which alerts follow from another one, so that one cause is one message. Pure.

The same as `inhibit_rules` in `alertmanager/alertmanager.yml`.
"""

from collections.abc import Collection
from dataclasses import dataclass

from volvo_exporter.catalogue.alerts.model import Severity
from volvo_exporter.catalogue.alerts.table import ALERTS
from volvo_exporter.notify.alerting import Key

_OUTAGE = frozenset({"VolvoDataStale", "VolvoApiFailing", "VolvoVehicleMissing"})
_NOT_CRITICAL = frozenset(
    alert.name for alert in ALERTS if "vin" in alert.labels and alert.severity is not Severity.CRITICAL
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """While the cause fires, its consequences are not sent."""

    cause: str
    consequences: frozenset[str]
    same_car: bool = True
    same_label: str = ""
    """A label that must be equal, too."""


RULES = (
    Rule(cause="VolvoLoginRequired", consequences=_NOT_CRITICAL, same_car=False),
    Rule(cause="VolvoQuotaGone", consequences=_OUTAGE, same_car=False),
    Rule(cause="VolvoVehicleMissing", consequences=_OUTAGE - {"VolvoVehicleMissing"}),
    Rule(cause="VolvoDataStale", consequences=frozenset({"VolvoApiFailing"})),
    Rule(
        cause="VolvoTyrePressureVeryLow",
        consequences=frozenset({"VolvoTyrePressure"}),
        same_label="tyre",
    ),
)


def follows(key: Key, firing: Collection[Key]) -> bool:
    """Return whether an alert follows from one of those that fire."""
    return any(_explains(rule, cause, key) for cause in firing for rule in RULES)


def _explains(rule: Rule, cause: Key, key: Key) -> bool:
    name, car, labels = key
    return (
        cause[0] == rule.cause
        and name in rule.consequences
        and (not rule.same_car or cause[1] == car)
        and (not rule.same_label or dict(cause[2]).get(rule.same_label) == dict(labels).get(rule.same_label))
    )
