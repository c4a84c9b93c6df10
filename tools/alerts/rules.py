"""The table as alerting rules of Prometheus."""

import textwrap
from collections.abc import Iterator
from datetime import timedelta

from tools.alerts.templates import to_prometheus
from volvo_exporter.catalogue.alerts.model import Alert, AlertGroup

RUNBOOK = "https://github.com/xaxeu/volvo-vehicle-exporter/blob/main/docs/alerts.md#"
LINE_WIDTH = 100
UNITS = (("d", 86400), ("h", 3600), ("m", 60))
HEAD = """\
# Alerting rules. Generated from src/volvo_exporter/catalogue/alerts/ by `make docs`.
# docs/alerts.md explains each alert: what it means, what to do and how to change it.
#
# - Unknown values are absent, and an absent value never fires an alert: no `unless`, no `absent`,
#   no `or vector(0)`. The exception is VolvoVehicleMissing, which is about an absent car.
# - Values are held for ten minutes (`last_over_time(…[10m])`), so a missed scrape does not end an alert.
# - `max by (vin)` works with any `vehicle_labels`; `car` is the car's name in messages.
# - Severities: critical = act at once, warning = act today, info = act at any time.
# - `keep_firing_for` (Prometheus 2.42) keeps critical alerts about a car for an hour without data.
#   Alertmanager would otherwise report them as resolved while the exporter is down.

groups:
"""


def render_rules(groups: tuple[AlertGroup, ...]) -> str:
    """Return the file of alerting rules."""
    return HEAD + "\n".join(
        f"  - name: {group.name}\n    rules:\n" + "\n".join(map(_rule, group.alerts)) for group in groups
    )


def format_duration(duration: timedelta) -> str:
    """Return a duration in Prometheus' notation, e.g. `15m`, in the largest unit that divides it.

    Raises ValueError for a duration that is not a positive number of minutes.
    """
    seconds = duration.total_seconds()
    for unit, size in UNITS:
        if seconds > 0 and seconds % size == 0:
            return f"{seconds / size:.0f}{unit}"
    message = f"{duration} is not a positive number of minutes"
    raise ValueError(message)


def _rule(alert: Alert) -> str:
    lines = [f"- alert: {alert.name}", "  expr: |", *_indent(alert.promql.splitlines())]
    lines.append(f"  for: {format_duration(alert.duration)}")
    if alert.keep_firing_for:
        lines.append(f"  keep_firing_for: {format_duration(alert.keep_firing_for)}")
    lines += ["  labels:", f"    severity: {alert.severity.value}", "  annotations:"]
    lines += ["    summary: >-", *_indent(_wrap(to_prometheus(alert.summary)), 6)]
    description = (*_wrap(to_prometheus(alert.description)), *_wrap(alert.action))
    lines += ["    description: >-", *_indent(description, 6)]
    lines.append(f"    runbook_url: {RUNBOOK}{alert.name.lower()}")
    return "".join(f"      {line}\n" for line in lines)


def _indent(lines: list[str] | tuple[str, ...], spaces: int = 4) -> Iterator[str]:
    return (" " * spaces + line for line in lines)


def _wrap(text: str) -> list[str]:
    return textwrap.wrap(text, LINE_WIDTH, break_long_words=False, break_on_hyphens=False)
