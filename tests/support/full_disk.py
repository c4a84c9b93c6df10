"""A journal on a disk that fills up: run in a mount namespace, with the folder of a small tmpfs."""

import contextlib
import json
import os
import sys
from dataclasses import replace
from pathlib import Path

from tests.support.journal_store import ODOMETER, START, VIN, a_batch, a_deriver, a_row
from volvo_exporter.journal import rows
from volvo_exporter.journal.engine import connected
from volvo_exporter.journal.failures import JournalUnavailable
from volvo_exporter.journal.location import Location
from volvo_exporter.journal.owner import owner_of
from volvo_exporter.journal.writer import Batch, Writer

ROWS = 200
"""Of each batch."""


def fill_up(folder: Path) -> Path:
    """Write a file until the disk is full."""
    ballast = folder / "ballast"
    with ballast.open("ab", buffering=0) as output:
        for size in (65536, 512):
            with contextlib.suppress(OSError):
                while True:
                    output.write(bytes(size))
    return ballast


def a_part(number: int) -> Batch:
    """Return rows that differ from those of every other part."""
    begin = START + 1000.0 * (number + 1)
    observations = tuple(
        a_row(1000.0 * (number * ROWS + row), seen=begin + row, series=ODOMETER) for row in range(ROWS)
    )
    return replace(a_batch(at=begin + ROWS), observations=observations, processes=())


def try_to(function: object, *arguments: object, **more: object) -> str:
    """Call a function of the journal; return the reason where it fails."""
    try:
        function(*arguments, **more)  # type: ignore[operator]
    except JournalUnavailable as error:
        return str(error)
    return ""


def run(folder: Path) -> dict[str, object]:
    """Start on a full disk, fill it up while running, and write on when there is space."""
    file = folder / "journal.db"
    location = Location(file=file)
    ballast = fill_up(folder)
    writer = Writer(location, a_deriver(), version="1", owner=owner_of(location))
    at_start = try_to(writer.open, now=START)
    ballast.unlink()
    opened = try_to(writer.open, now=START)
    written = [try_to(writer.write, a_part(number)) for number in range(2)]
    ballast = fill_up(folder)
    # The log of SQLite has some room left in its last page.
    failed, number = "", 1
    while not failed:
        number += 1
        failed = try_to(writer.write, a_part(number))
    again = [try_to(writer.write, a_part(number)) for _ in range(3)]
    with connected(location, read_only=True) as engine, engine.connect() as connection:
        kept = {row.seen for row in rows.read_log(connection, VIN).observations}
    ballast.unlink()
    recovered = try_to(writer.write, a_part(number))
    with connected(location, read_only=True) as engine, engine.connect() as connection:
        seen = [row.seen for row in rows.read_log(connection, VIN).observations]
    writer.close()
    settled = {row.seen for before in range(number) for row in a_part(before).observations}
    return {
        "at_start": at_start,
        "opened": opened,
        "written": written,
        "failed": failed,
        "again": again,
        "lost": len(settled - kept),
        "recovered": recovered,
        "rows": len(seen),
        "expected": (number + 1) * ROWS,
    }


if __name__ == "__main__":
    os.umask(0o077)
    sys.stdout.write(json.dumps(run(Path(sys.argv[1]))))
