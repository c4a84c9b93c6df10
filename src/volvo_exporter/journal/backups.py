"""Consistent copies of the journal's file, while it is in use: one a day, the last ones are kept."""

import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from volvo_exporter.journal.engine import BUSY_SECONDS, create_private, failures

MAX_BACKUPS = 7
"""Daily backups."""
_NAME = "{stem}-{day}{suffix}"


def daily(file: Path, *, now: float) -> Path:
    """Return the path of the backup of a day (UTC), in the folder `backups` beside the journal."""
    day = datetime.fromtimestamp(now, UTC).strftime("%Y%m%d")
    return file.parent / "backups" / _NAME.format(stem=file.stem, day=day, suffix=file.suffix)


def back_up(file: Path, target: Path) -> None:
    """Copy the journal to another file, completely or not at all; raises JournalUnavailable."""
    part = target.with_name(f"{target.name}.part")
    with failures():
        part.unlink(missing_ok=True)
        create_private(part)
        try:
            with closing(sqlite3.connect(file.absolute().as_uri() + "?mode=ro", uri=True)) as connection:
                connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
                connection.execute("VACUUM INTO ?", (str(part),))
            _sync(part)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)


def prune(file: Path) -> None:
    """Remove the daily backups of a journal beyond the last seven."""
    pattern = _NAME.format(stem=file.stem, day="????????", suffix=file.suffix)
    with failures():
        for old in sorted((file.parent / "backups").glob(pattern))[:-MAX_BACKUPS]:
            old.unlink()


def _sync(file: Path) -> None:
    descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
