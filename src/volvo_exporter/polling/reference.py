"""The tables of paces and events in Markdown, for `docs/polling.md`."""

from volvo_exporter.polling.pace import AT_ONCE, PACES

MINUTES = 5
"""The default `scrape_interval`."""


def render_paces() -> str:
    """How often each resource is asked, by activity."""
    head = "| minutes | driving | charging | plugged in | parked | asleep | looking closely |\n"
    rows = (
        f"| {name} | {' | '.join(f'{MINUTES * pace:g}' for pace in paces)} |\n"
        for name, paces in PACES.items()
    )
    return "".join((head, "|---|--:|--:|--:|--:|--:|--:|\n", *rows))


def render_events() -> str:
    """What is read at once when something happens."""
    rows = (f"| {event.value} | {', '.join(names)} |\n" for event, names in AT_ONCE.items())
    return "".join(("| what happened | read at once |\n", "|---|---|\n", *rows))
