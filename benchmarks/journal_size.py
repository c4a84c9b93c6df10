"""Measures how much the journal stores and writes of simulated cars.

Targets: 6 MB per car and year, 2 MB written per car and day. The daily backups are not counted.

python -m benchmarks.journal_size             a fortnight of five kinds of car
python -m benchmarks.journal_size --days 4    a shorter time
"""

import argparse
import logging
import sqlite3
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import anyio
import structlog
import trio.testing

from benchmarks.fortnight import CARS, DAY
from tests.support.installation import MONDAY, a_world, installed
from volvo_exporter.simulator import Profile

MAX_MB_YEAR, MAX_MB_DAY = 6.0, 2.0
MB = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """What was stored of some cars; bytes."""

    rows: int
    file: int
    """Of the pages of the tables that grow."""
    written: int


def measure(cars: Sequence[Profile], days: int) -> Size:
    """Let the exporter record some cars for some days."""
    clock = trio.testing.MockClock(autojump_threshold=0)
    with tempfile.TemporaryDirectory() as folder:
        run = partial(_record, Path(folder), cars, days)
        written = anyio.run(run, backend="trio", backend_options={"clock": clock})
        with closing(sqlite3.connect(Path(folder) / "volvo_journal.db")) as connection:
            size = "SELECT sum(pgsize) FROM dbstat WHERE name IN ('observation', 'event', 'run')"
            return Size(
                rows=connection.execute("SELECT count(*) FROM observation").fetchone()[0],
                file=connection.execute(size).fetchone()[0],
                written=written,
            )


async def _record(folder: Path, cars: Sequence[Profile], days: int) -> int:
    """Return how many bytes the process wrote."""
    # In the place of the folder of the backups, which are not counted.
    (folder / "backups").write_text("")
    world = a_world(start=MONDAY, cars=tuple(cars))
    before = _written()
    async with installed(folder, world, journal="on", weather_api_key=None):
        await anyio.sleep(days * DAY)
    return _written() - before


def _written() -> int:
    """Return the bytes that this process has written so far."""
    lines = dict(line.split(": ") for line in Path("/proc/self/io").read_text().splitlines())
    return int(lines["wchar"])


def main() -> None:
    """Print the figures; exit with 1 where one misses its target."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--days", type=int, default=14)
    options = parser.parse_args()
    size = measure(CARS, options.days)
    car_days = len(CARS) * options.days
    year, day = size.file / car_days * 365 / MB, size.written / car_days / MB
    print(f"rows per car and day     {size.rows / car_days:8.0f}")
    print(f"MB per car and year      {year:8.2f}   target {MAX_MB_YEAR}")
    print(f"MB written per car, day  {day:8.2f}   target {MAX_MB_DAY}")
    sys.exit(0 if year <= MAX_MB_YEAR and day <= MAX_MB_DAY else 1)


if __name__ == "__main__":
    main()
