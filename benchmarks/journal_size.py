"""Measures how much the journal stores and writes of each of five simulated kinds of car.

Targets: 6 MB per year, 2 MB written per day. The daily backups are not counted.

python -m benchmarks.journal_size             a week; exits with 1 if a target is missed
python -m benchmarks.journal_size --days 2    a shorter time
"""

import argparse
import logging
import sqlite3
import sys
import tempfile
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import anyio
import structlog
import trio.testing

from benchmarks.fortnight import CARS, DAY
from tests.support.installation import MONDAY, a_world, installed
from volvo_exporter.simulator import Profile

MAX_MB_YEAR, MAX_MB_DAY = 6.0, 2.0
YEAR, MB = 365, 1e6
TABLES = ("observation", "event", "run")
"""The tables that grow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """What was stored of a car."""

    rows: float
    """Observations a day."""
    tables: Mapping[str, float]
    """MB a year, by table."""
    written: float
    """MB a day, without what the exporter writes where the journal is off."""

    @property
    def year(self) -> float:
        """MB a year."""
        return sum(self.tables.values())


def measure(car: Profile, days: int) -> Size:
    """Let the exporter record a car for some days."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    clock = trio.testing.MockClock(autojump_threshold=0)
    with tempfile.TemporaryDirectory() as folder:
        run = partial(_record, Path(folder), car, days, "on")
        written = anyio.run(run, backend="trio", backend_options={"clock": clock})
        with tempfile.TemporaryDirectory() as other:
            without = partial(_record, Path(other), car, days, "off")
            clock = trio.testing.MockClock(autojump_threshold=0)
            written -= anyio.run(without, backend="trio", backend_options={"clock": clock})
        file = Path(folder) / "volvo_journal.db"
        with closing(sqlite3.connect(file)) as connection:
            rows = connection.execute("SELECT count(*) FROM observation").fetchone()[0]
        return Size(rows=rows / days, tables=tables_of(file, days=days), written=written / days / MB)


def tables_of(file: Path, *, days: float) -> dict[str, float]:
    """Return the size of the tables that grow in MB a year, from the journal of some days."""
    sizes = "SELECT name, sum(pgsize) FROM dbstat WHERE name IN (?, ?, ?) GROUP BY name"
    with closing(sqlite3.connect(file)) as connection:
        return {name: size / days * YEAR / MB for name, size in connection.execute(sizes, TABLES)}


async def _record(folder: Path, car: Profile, days: int, journal: str) -> int:
    """Return how many bytes the process wrote."""
    # In the place of the folder of the backups, which are not counted.
    (folder / "backups").write_text("")
    world = a_world(start=MONDAY, cars=(car,))
    before = _written()
    async with installed(folder, world, journal=journal, weather_api_key=None):
        await anyio.sleep(days * DAY)
    return _written() - before


def _written() -> int:
    """Return the bytes that this process has written so far."""
    lines = dict(line.split(": ") for line in Path("/proc/self/io").read_text().splitlines())
    return int(lines["wchar"])


def main() -> int:
    """Print the figures; return 1 if one misses its target."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--days", type=int, default=7)
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    options = parser.parse_args()
    # A process each, since what a process has written is counted.
    with ProcessPoolExecutor(options.jobs, max_tasks_per_child=1, mp_context=get_context("spawn")) as pool:
        sizes = list(pool.map(measure, CARS, [options.days] * len(CARS)))
    print("| car | rows a day | MB a year | of these events | MB written a day |")
    print("|---|--:|--:|--:|--:|")
    for car, size in zip(CARS, sizes, strict=True):
        events = size.tables.get("event", 0.0)
        figures = f"{size.rows:.0f} | {size.year:.1f} | {events:.1f} | {size.written:.1f}"
        print(f"| {car.model} {car.model_year} | {figures} |")
    missed = [size for size in sizes if size.year > MAX_MB_YEAR or size.written > MAX_MB_DAY]
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
