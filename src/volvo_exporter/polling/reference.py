"""The tables of paces and events in Markdown, for `docs/polling.md`."""

from volvo_exporter import catalogue
from volvo_exporter.catalogue.model import Event, Pace
from volvo_exporter.catalogue.paces import steady

MINUTES = 5
"""The default `scrape_interval`."""


def render_paces() -> str:
    """Return how often each resource is requested, by activity."""
    head = "| minutes | driving | charging | plugged in | parked | asleep | looking closely |\n"
    varied = (resource for resource in catalogue.RESOURCES if resource.pace != steady(resource.pace.parked))
    rows = (
        f"| {resource.name} | {' | '.join(map(_minutes, _columns(resource.pace)))} |\n" for resource in varied
    )
    return "".join((head, "|---|--:|--:|--:|--:|--:|--:|\n", *rows))


def render_events() -> str:
    """Return what is requested at once when something happens."""
    rows = (f"| {event.value} | {', '.join(_prompted_by(event))} |\n" for event in Event)
    return "".join(("| what happened | read at once |\n", "|---|---|\n", *rows))


def _columns(pace: Pace) -> tuple[float, ...]:
    return pace.driving, pace.charging, pace.plugged_in, pace.parked, pace.asleep, pace.watched


def _minutes(multiple: float) -> str:
    return f"{MINUTES * multiple:g}"


def _prompted_by(event: Event) -> list[str]:
    return [resource.name for resource in catalogue.RESOURCES if event in resource.prompted_by]
