"""Alerts as data: severity, alert, and the group of alerts that are evaluated together.

Texts are plain Markdown. `summary` and `description` are templates with the alert's labels and its value in
braces, e.g. `{car} has {value:.0f} %`. Formats: `spaced` writes `rear_left` as `rear left`, `duration` a
number of seconds in days and hours, `percent` a ratio; also `.0f`, `.1f` …
"""

import re
import textwrap
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, unique

from volvo_exporter.catalogue.model import Family, Labels

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@unique
class Severity(Enum):
    """How soon a user should act: at once, today, or at any time."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """A condition on a value that the car reports itself."""

    family: Family
    value: float = 1
    only: str = ""
    """Regular expression for the last label; empty for every value."""
    without: str = ""
    """Value of the last label that does not count."""
    at_rest: bool = False
    """Whether it counts only while the car does not drive."""

    def matches(self, labels: Labels) -> bool:
        """Return whether the last of these labels counts."""
        value = labels[-1][1] if labels else ""
        return value != (self.without or None) and (not self.only or bool(re.fullmatch(self.only, value)))

    def promql(self) -> str:
        """Return the condition in PromQL; values are held for ten minutes."""
        matcher = self._matcher()
        selector = f"{self.family.name}{{{matcher}}}" if matcher else self.family.name
        labels = ", ".join(("vin", *self.family.labels))
        held = f"max by ({labels}) (last_over_time({selector}[10m]))"
        named = f"* on (vin) group_left (car) volvo:vehicle:name == {self.value:g}"
        # One condition a line, as in the expressions that are written by hand.
        lines = [f"{held} {named}"] if not self.family.labels and self.at_rest else [held, f"  {named}"]
        return "\n".join((*lines, *(("  and on (vin) volvo:at_rest:max == 1",) if self.at_rest else ())))

    def _matcher(self) -> str:
        if self.without:
            return f'{self.family.labels[-1]}!="{self.without}"'
        if not self.only:
            return ""
        operator = "=" if self.only.isidentifier() else "=~"
        return f'{self.family.labels[-1]}{operator}"{self.only}"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """An alert: when it fires, the message, and the documentation."""

    name: str
    severity: Severity
    labels: tuple[str, ...]
    """Labels of the message besides `severity`; each combination of their values is an alert of its own."""
    expression: str | Reported
    """PromQL, or the condition that it is made from; the alert fires for each series of the result."""
    duration: timedelta
    """Time for which the expression must have a result (`for`)."""
    keep_firing_for: timedelta = timedelta(0)
    """Time for which the alert continues without a result."""
    condition: str
    """When it fires, in one sentence, for the documentation."""
    details: str = ""
    """Limits and exceptions of the condition, for the documentation."""
    summary: str
    """Template of the message's title: what is wrong."""
    description: str
    """Template of the message's first sentences: what is known about it."""
    action: str
    """What to do: the end of the message, and a paragraph of the documentation."""
    tuning: str
    """How to adapt or silence the alert, for the documentation."""
    prometheus_only: str = ""
    """Why the exporter itself cannot notify of it; empty where it can."""

    @property
    def promql(self) -> str:
        """The expression in PromQL."""
        return self.expression.promql() if isinstance(self.expression, Reported) else self.expression


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertGroup:
    """Alerts of one subject, evaluated in this order."""

    name: str
    """Name of the rule group."""
    title: str
    """Heading in the documentation."""
    alerts: tuple[Alert, ...]


def promql(text: str) -> str:
    """Return an expression without the indentation that it has in the source."""
    return textwrap.dedent(text).strip()
