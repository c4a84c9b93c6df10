"""The targets of the journal in size and time, for a day of the simulated car that reports most."""

import time

import pytest

from benchmarks import journal_pages, journal_size
from benchmarks.fortnight import CARS, record
from benchmarks.journal import repeat
from volvo_exporter.journal.derivation import Parameters, derive
from volvo_exporter.journal.engine import connect
from volvo_exporter.journal.events import Charge, Drive
from volvo_exporter.journal.location import Location
from volvo_exporter.journal.reading_store import ReadingStore
from volvo_exporter.simulator import XC60, Era

pytestmark = pytest.mark.slow
STORED_DAYS, YEAR_DAYS = 60, 365


@pytest.fixture(scope="module")
def day():
    """The log of a plug-in hybrid in a day."""
    (car,) = (car for car in CARS if car.vin == XC60.vin)
    return record([car], days=1, era=Era.NULL)[car.vin]


@pytest.fixture(scope="module")
def file(day, tmp_path_factory):
    """A journal with two months of such days."""
    file = tmp_path_factory.mktemp("targets") / "journal.db"
    journal_pages.store(file, repeat(day, STORED_DAYS, 1))
    return file


def test_a_year_of_a_plug_in_hybrid_takes_less_than_six_megabytes(file):
    tables = journal_size.tables_of(file, days=STORED_DAYS)

    assert tables["event"] > 0
    assert 1 < sum(tables.values()) <= journal_size.MAX_MB_YEAR


async def test_each_page_takes_less_than_fifty_milliseconds(file):
    library = ReadingStore(connect(Location(file=file), read_only=True), correct=lambda _: None)
    # Of the processor: other tests run at the same time.
    times = await journal_pages.measure(library, journal_pages.addresses(library), clock=time.process_time)
    library.close()

    assert len(times) >= len(journal_pages.LISTS) + 2
    assert max(times.values()) <= journal_pages.MAX_PAGE_MS, times


def test_a_year_is_derived_in_less_than_five_seconds(day):
    year = repeat(day, YEAR_DAYS, 1)
    begun = time.process_time()
    derived = derive(year, Parameters())
    seconds = time.process_time() - begun

    assert sum(isinstance(event, Drive) for event in derived.events) > YEAR_DAYS
    assert sum(isinstance(event, Charge) for event in derived.events) > YEAR_DAYS / 2
    assert seconds < journal_pages.MAX_YEAR_SECONDS
