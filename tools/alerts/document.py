"""The generated parts of `docs/alerts.md`, and the number of alerts in the README."""

import re
from collections.abc import Iterator

from tools.alerts.rules import format_duration
from volvo_exporter.catalogue.alerts.model import Alert, AlertGroup

COUNT = re.compile(r"\b\d+(?= alerts\b)")


def render_table(groups: tuple[AlertGroup, ...]) -> str:
    """Return the table of all alerts."""
    rows = (_row(alert) for group in groups for alert in group.alerts)
    return "".join(("| alert | severity | after | when | labels |\n", "|---|---|---|---|---|\n", *rows))


def render_sections(groups: tuple[AlertGroup, ...]) -> str:
    """Return a section for each group, with a section for each of its alerts."""
    return "\n".join(part for group in groups for part in _sections(group))


def count(groups: tuple[AlertGroup, ...]) -> int:
    """Return the number of alerts."""
    return sum(len(group.alerts) for group in groups)


def with_count(text: str, number: int) -> str:
    """Replace each number of alerts in a text."""
    return COUNT.sub(str(number), text)


def _row(alert: Alert) -> str:
    name = f"[{alert.name}](#{alert.name.lower()})"
    labels = ", ".join(f"`{label}`" for label in alert.labels)
    when = alert.condition.rstrip(".")
    return f"| {name} | {alert.severity.value} | {format_duration(alert.duration)} | {when} | {labels} |\n"


def _sections(group: AlertGroup) -> Iterator[str]:
    yield f"## {group.title}\n"
    for alert in group.alerts:
        yield f"### {alert.name}\n"
        yield " ".join(filter(None, (alert.condition, alert.details))) + "\n"
        yield f"**Do:** {alert.action}\n"
        yield f"**Change:** {alert.tuning}\n"
