"""Measures how long the pages and the JSON of the journal take with a year of the car that reports most.

Targets: 50 ms for a page, 5 s to derive the year from its log.

python -m benchmarks.journal_pages           exits with 1 if a target is missed
python -m benchmarks.journal_pages --days 7  a longer log, which is repeated until it is a year
"""

import argparse
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from itertools import groupby
from pathlib import Path

import anyio
import httpx2
from starlette.applications import Starlette

from benchmarks.fortnight import CARS, DAY, MONDAY, record
from benchmarks.journal import MAX_YEAR_SECONDS, repeat
from tests.support.journal import run_inline
from tests.support.journal_files import a_writer
from volvo_exporter.journal.engine import connect, connected
from volvo_exporter.journal.library import Kind, Query
from volvo_exporter.journal.location import Location
from volvo_exporter.journal.migration import upgrade
from volvo_exporter.journal.observations import Log
from volvo_exporter.journal.reading_store import ReadingStore
from volvo_exporter.journal.store import Appender, set_attributes
from volvo_exporter.simulator import Era
from volvo_exporter.web.journal.routes import JournalContext, JournalRoutes

MAX_PAGE_MS = 50.0
YEAR_DAYS = 365
END = MONDAY + YEAR_DAYS * DAY
REPETITIONS = 15
LISTS = (
    "/drives",
    "/drives?month=2027-03",
    "/charges",
    "/charges?month=2027-03",
    "/refuels",
    "/api/v1/drives",
    "/api/v1/charges",
    "/api/v1/drives?from=2027-03-01&to=2027-03-31",
)


def store(file: Path, log: Log) -> float:
    """Store a log and its events; return the seconds that reading the log and deriving the events takes."""
    with connected(Location(file=file)) as engine:
        upgrade(engine)
        appender = Appender()
        for _, rows in groupby(log.observations, key=lambda row: row.seen // DAY):
            with engine.begin() as connection:
                appender.observations(connection, rows)
        with engine.begin() as connection:
            appender.runs(connection, log.runs)
            set_attributes(connection, log.vin, log.attributes)
    writer = a_writer(file)
    begun = time.perf_counter()
    writer.rebuild(log.vin, now=END)
    seconds = time.perf_counter() - begun
    writer.close()
    return seconds


@asynccontextmanager
async def browsing(library: ReadingStore) -> AsyncIterator[httpx2.AsyncClient]:
    """Serve the pages of a journal to a browser on the same machine."""
    context = JournalContext(
        library=library,
        shown=lambda vin: vin,
        names=lambda vin: vin,
        clock=lambda: END,
        token_urlsafe=lambda size: "x" * size,
        run_blocking=run_inline,
    )
    app = Starlette(routes=JournalRoutes(context).routes())
    transport = httpx2.ASGITransport(app=app, client=("127.0.0.1", 50000))
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as browser:
        yield browser


def addresses(library: ReadingStore) -> tuple[str, ...]:
    """Return the lists, and the pages of the last drive and charge, and of those half a year before."""
    kinds = ((Kind.DRIVE, "drives"), (Kind.CHARGE, "charges"))
    return LISTS + tuple(
        f"/{path}/{entry.id}"
        for kind, path in kinds
        for until in (END, END - YEAR_DAYS * DAY / 2)
        for entry in library.find(Query(kind=kind, until=until, limit=1)).entries
    )


async def measure(
    library: ReadingStore, paths: Iterable[str], *, clock: Callable[[], float] = time.perf_counter
) -> dict[str, float]:
    """Return the milliseconds that each address takes: of the fastest answer, as other programs disturb."""
    found = {}
    async with browsing(library) as browser:
        for path in paths:
            times = []
            for _ in range(REPETITIONS):
                begun = clock()
                (await browser.get(path)).raise_for_status()
                times.append((clock() - begun) * 1000)
            found[path] = min(times)
    return found


def main() -> int:
    """Print the figures; return 1 if one misses its target."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--days", type=int, default=2)
    options = parser.parse_args()
    logs = record(CARS, days=options.days, era=Era.NULL)
    log = max(logs.values(), key=lambda log: len(log.observations))
    year = repeat(log, round(YEAR_DAYS / options.days), options.days)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "journal.db"
        seconds = store(file, year)
        engine = connect(Location(file=file), read_only=True)
        library = ReadingStore(engine, correct=lambda _: None)
        times = anyio.run(measure, library, addresses(library))
        library.close()
    print(f"{len(year.observations)} rows, derived in {seconds:.1f} s   target {MAX_YEAR_SECONDS:.0f}")
    for path, milliseconds in times.items():
        print(f"{path:48} {milliseconds:6.1f} ms   target {MAX_PAGE_MS:.0f}")
    return 1 if seconds > MAX_YEAR_SECONDS or max(times.values()) > MAX_PAGE_MS else 0


if __name__ == "__main__":
    sys.exit(main())
