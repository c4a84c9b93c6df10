"""Formats moments for `<time>`: in UTC, which a script replaces by the time zone of the browser. Pure."""

from datetime import UTC, datetime


def iso(at: float) -> str:
    """Format Unix time as ISO 8601, to the second."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def minute(at: float) -> str:
    """Format Unix time to the minute: 2026-11-02 07:00 UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")


def clock(at: float) -> str:
    """Format Unix time as the time of the day: 07:00 UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%H:%M UTC")
