"""Months in a time zone, for filters and sums. Pure; a zone of None is that of the machine."""

import re
from datetime import datetime, tzinfo


def month_of(at: float, zone: tzinfo | None) -> str:
    """Return the month of a moment, as 2026-11."""
    return f"{datetime.fromtimestamp(at, zone):%Y-%m}"


def bounds(month: str, zone: tzinfo | None) -> tuple[float, float]:
    """Return the first moment of a month and of the next one, in Unix seconds; raises ValueError."""
    if re.fullmatch(r"[12][0-9]{3}-(0[1-9]|1[0-2])", month) is None:
        message = f"{month!r} is not a month; use e.g. 2026-11"
        raise ValueError(message)
    year, number = int(month[:4]), int(month[5:])
    following = (year + 1, 1) if number == 12 else (year, number + 1)  # noqa: PLR2004 - December
    begins, ends = (datetime(*first, 1, tzinfo=zone).timestamp() for first in ((year, number), following))
    return begins, ends


def title(month: str) -> str:
    """Return a month as people read it: November 2026."""
    return f"{datetime.strptime(month, '%Y-%m'):%B %Y}"  # noqa: DTZ007 - only its name is used


def latest(month: str, count: int) -> list[str]:
    """Return a month and those before it, the latest first."""
    number = int(month[:4]) * 12 + int(month[5:]) - 1
    return [f"{past // 12:04}-{past % 12 + 1:02}" for past in range(number, number - count, -1)]
