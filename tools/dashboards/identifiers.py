"""Ids of panels that stay the same when other panels are added, moved or removed."""

import zlib
from collections.abc import Iterable

MAX_ID = 2**31 - 1
"""Grafana stores panel ids as 32-bit signed integers; 0 means that it has to choose one."""


def assign_ids(uid: str, titles: Iterable[str]) -> dict[str, int]:
    """Return the id of each panel of the dashboard by title, from 1 to MAX_ID.

    Raises ValueError if two panels have the same id, or the same title.
    """
    titles_by_id: dict[int, str] = {}
    for title in titles:
        number = zlib.crc32(f"{uid} {title}".encode()) % MAX_ID + 1
        if number in titles_by_id:
            message = f"{uid}: the panels {titles_by_id[number]!r} and {title!r} have the same id; rename one"
            raise ValueError(message)
        titles_by_id[number] = title
    return {title: number for number, title in titles_by_id.items()}
