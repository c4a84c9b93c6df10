"""Alerts as data: severity, alert, and the group of alerts that are evaluated together.

Texts are plain Markdown. `summary` and `description` are templates with the alert's labels and its value in
braces, e.g. `{car} has {value:.0f} %`; `tools.alerts.templates` lists the formats.
"""

import textwrap
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, unique

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@unique
class Severity(Enum):
    """How soon a user should act: at once, today, or at any time."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """An alert: when it fires, the message, and the documentation."""

    name: str
    severity: Severity
    labels: tuple[str, ...]
    """Labels of the message besides `severity`; each combination of their values is an alert of its own."""
    expression: str
    """PromQL; the alert fires for each series of the result."""
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
