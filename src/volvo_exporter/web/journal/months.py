"""Months in a time zone, for filters and sums. Pure; a zone of None is that of the machine."""

import re
from datetime import datetime, tzinfo

from volvo_exporter.web.formatting import Formatter
from volvo_exporter.web.language import mark

NAMES = (
    mark("January"),
    mark("February"),
    mark("March"),
    mark("April"),
    mark("May"),
    mark("June"),
    mark("July"),
    mark("August"),
    mark("September"),
    mark("October"),
    mark("November"),
    mark("December"),
)


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


def title(month: str, f: Formatter) -> str:
    """Return a month as people read it: November 2026."""
    year, number = month.split("-")
    return f"{f.gettext(NAMES[int(number) - 1])} {year}"


def latest(month: str, count: int) -> list[str]:
    """Return a month and those before it, the latest first."""
    number = int(month[:4]) * 12 + int(month[5:]) - 1
    return [f"{past // 12:04}-{past % 12 + 1:02}" for past in range(number, number - count, -1)]
