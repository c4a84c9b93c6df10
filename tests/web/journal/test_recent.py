from datetime import UTC

import pytest

from tests.support.journal import Shelf, run_inline
from volvo_exporter.journal.events import Charge, Derivation, Drive, Flag, Interval
from volvo_exporter.journal.failures import JournalUnavailable
from volvo_exporter.journal.library import Entry, Kind
from volvo_exporter.web.journal import recent
from volvo_exporter.web.journal.recent import RecentEvents

pytestmark = pytest.mark.anyio
DAY = 86400.0
NOVEMBER = 1_793_491_200.0
VIN, OTHER = "YV1EXAMPLE0000001", "YV1EXAMPLE0000002"


def moments(start, vin):
    return {
        "vin": vin,
        "start": Interval(earliest=start, latest=start + 30),
        "end": Interval(earliest=start + 600, latest=start + 630),
        "flags": frozenset({Flag.OBSERVED}),
        "derivation": Derivation(version=1, parameters="test"),
    }


def a_drive(start, vin=VIN):
    return Entry(id=f"d{start}", settled=True, event=Drive(**moments(start, vin), distance_meters=1000.0))


def a_charge(start, vin=VIN):
    return Entry(id=f"c{start}", settled=True, event=Charge(**moments(start, vin)))


async def read(library):
    return await RecentEvents(library, run_inline, lambda: NOVEMBER + 10 * DAY, UTC).read()


async def test_events_of_this_month_belong_to_their_car():
    drives = [a_drive(NOVEMBER + 2 * DAY), a_drive(NOVEMBER + DAY, OTHER), a_drive(NOVEMBER - DAY)]
    found = await read(Shelf(entries={Kind.DRIVE: drives, Kind.CHARGE: [a_charge(NOVEMBER + DAY)]}))

    assert found[VIN].month == "2026-11"
    assert found[VIN].drive == drives[0]
    assert found[VIN].drives == (drives[0].event,)
    assert len(found[VIN].charges) == 1
    assert (found[OTHER].drives, found[OTHER].charge) == ((drives[1].event,), None)


async def test_the_last_charge_may_be_of_an_earlier_month():
    charge = a_charge(NOVEMBER - 20 * DAY)
    found = await read(Shelf(entries={Kind.CHARGE: [charge]}))

    assert (found[VIN].charge, found[VIN].charges) == (charge, ())


async def test_a_drive_over_midnight_belongs_to_the_month_of_its_start():
    found = await read(Shelf(entries={Kind.DRIVE: [a_drive(NOVEMBER - 300)]}))

    assert found[VIN].drives == ()
    assert found[VIN].drive is not None


async def test_more_events_than_one_answer_has_are_read_to_the_end():
    count = recent.MAX_EVENTS + 5
    drives = [a_drive(NOVEMBER + number * 700.0) for number in reversed(range(count))]
    found = await read(Shelf(entries={Kind.DRIVE: drives}))

    assert len(found[VIN].drives) == count


async def test_a_journal_that_cannot_be_read_has_no_events():
    class Broken(Shelf):
        def find(self, query):
            message = f"no connection for {query.kind}"
            raise JournalUnavailable(message)

    assert await read(Broken()) == {}
