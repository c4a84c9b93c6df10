import csv
import io
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx2
import pytest
from starlette.applications import Starlette

from tests.support.journal import Shelf, run_inline
from volvo_exporter.journal.events import (
    Charge,
    ChargeEnergy,
    Derivation,
    Drive,
    Flag,
    Interval,
    Range,
)
from volvo_exporter.journal.library import Entry, Kind
from volvo_exporter.journal.observations import Correction, Observed, State
from volvo_exporter.web.journal.routes import JournalContext, JournalRoutes

pytestmark = pytest.mark.anyio
VIN, OTHER = "YV1EXAMPLE0000001", "YV1EXAMPLE0000002"
MONDAY = 1793577600.0  # 2026-11-02 00:00 UTC
DERIVATION = Derivation(version=1, parameters="test")


def a_drive(number, vin=VIN, **more):
    start = MONDAY + number * 3600
    drive = Drive(
        vin=vin,
        start=Interval(earliest=start, latest=start + 30),
        end=Interval(earliest=start + 1500, latest=start + 1530),
        flags=frozenset({Flag.OBSERVED}),
        distance_meters=12_500.0,
        derivation=DERIVATION,
    )
    return Entry(id=f"drive{number}", settled=True, event=replace(drive, **more))


def a_charge():
    charge = Charge(
        vin=VIN,
        start=Interval(earliest=MONDAY, latest=MONDAY + 600),
        end=Interval(earliest=MONDAY + 7200, latest=MONDAY + 7200),
        flags=frozenset({Flag.RECONSTRUCTED}),
        type="ac",
        energy=ChargeEnergy(charge=Range(low=3.6e7, estimate=4.0e7, high=4.4e7)),
        derivation=DERIVATION,
    )
    return Entry(id="charge1", settled=False, event=charge)


def positions(drive):
    for number, (latitude, longitude) in enumerate([(57.70, 11.97), (57.71, 11.98), (57.72, 11.97)]):
        at = drive.event.start.latest + number * 60
        for name, value in (("latitude", latitude), ("longitude", longitude)):
            yield Observed(
                vin=VIN,
                resource="location",
                series=f"volvo_location_{name}_degrees",
                state=State.OK,
                value=value,
                measured=at,
                before=None,
                seen=at + 2,
            )


@asynccontextmanager
async def browsing(shelf, address="http://localhost:9100", client=("127.0.0.1", 50000)):
    context = JournalContext(
        library=shelf,
        shown=lambda vin: vin,
        names=lambda vin: f"EX30 …{vin[-4:]}",
        clock=lambda: MONDAY,
        token_urlsafe=lambda _: "nonce",
        run_blocking=run_inline,
    )
    app = Starlette(routes=JournalRoutes(context).routes())
    transport = httpx2.ASGITransport(app=app, client=client)
    async with httpx2.AsyncClient(transport=transport, base_url=address) as browser:
        yield browser


@pytest.fixture
def shelf():
    drives = [a_drive(3), a_drive(2, OTHER), a_drive(1)]
    return Shelf(entries={Kind.DRIVE: drives, Kind.CHARGE: [a_charge()]}, rows=list(positions(drives[0])))


async def test_json_lists_the_drives_of_a_vehicle_in_pages(shelf):
    async with browsing(shelf) as browser:
        first = (await browser.get("/api/v1/drives", params={"vehicle": VIN, "limit": "1"})).json()
        second = (
            await browser.get(
                "/api/v1/drives", params={"vehicle": VIN, "limit": "1", "cursor": first["cursor"]}
            )
        ).json()

    assert [drive["id"] for drive in first["drives"]] == ["drive3"]
    assert [drive["id"] for drive in second["drives"]] == ["drive1"]
    assert second["cursor"] is None


async def test_json_lists_events_between_two_moments(shelf):
    parameters = {"from": "2026-11-02T02:30:00Z", "to": "2026-11-02T02:40:00Z"}
    async with browsing(shelf) as browser:
        document = (await browser.get("/api/v1/drives", params=parameters)).json()

    assert document["drives"] == []
    async with browsing(shelf) as browser:
        document = (
            await browser.get("/api/v1/drives", params={**parameters, "from": "2026-11-02T02:20:00Z"})
        ).json()
    assert [drive["vehicle"] for drive in document["drives"]] == [OTHER]


@pytest.mark.parametrize("path", ["/api/v1/drives", "/drives", "/drives.csv"])
@pytest.mark.parametrize("parameters", [{"cursor": "x"}, {"nonsense": "1"}])
async def test_a_wrong_parameter_gets_a_message_and_not_an_error_of_the_server(shelf, path, parameters):
    async with browsing(shelf) as browser:
        response = await browser.get(path, params=parameters)
    assert response.status_code == 400
    assert next(iter(parameters)) in response.text


async def test_the_page_lists_drives_by_month_with_their_sums(shelf):
    async with browsing(shelf) as browser:
        page = (await browser.get("/drives", params={"month": "2026-11", "vehicle": VIN})).text

    assert "November 2026" in page
    assert "25\N{NO-BREAK SPACE}km" in page.replace("\u202f", "")
    assert 'href="./drives/drive3"' in page
    assert "drive2" not in page


async def test_an_invalid_month_gets_a_message(shelf):
    async with browsing(shelf) as browser:
        response = await browser.get("/drives", params={"month": "2026-13"})
    assert (response.status_code, "use e.g. 2026-11" in response.text) == (400, True)


async def test_an_unknown_energy_is_a_dash_and_not_a_zero(shelf):
    async with browsing(shelf) as browser:
        page = (await browser.get("/drives")).text
    assert "0.0\N{NO-BREAK SPACE}kWh" not in page
    assert "\N{EN DASH}" in page


async def test_the_page_of_a_charge_shows_the_bounds_and_that_it_may_change(shelf):
    async with browsing(shelf) as browser:
        page = (await browser.get("/charges/charge1")).text

    assert "10.0 to 12.2\N{NO-BREAK SPACE}kWh" in page
    assert "±" in page
    assert "not settled" in page


async def test_csv_has_a_row_for_each_event(shelf):
    async with browsing(shelf) as browser:
        response = await browser.get("/drives.csv")

    rows = list(csv.DictReader(io.StringIO(response.text, newline="")))
    assert [row["id"] for row in rows] == ["drive3", "drive2", "drive1"]
    assert "attachment" in response.headers["content-disposition"]


async def test_the_track_of_a_drive_is_drawn_and_offered_as_gpx(shelf):
    async with browsing(shelf) as browser:
        page = (await browser.get("/drives/drive3")).text
        gpx = await browser.get("/drives/drive3.gpx")

    assert "Track with 3 positions" in page
    assert 'href="../drives/drive3.gpx"' in page
    assert gpx.text.count("<trkpt") == 3


async def test_a_drive_without_positions_has_no_track(shelf):
    shelf.rows.clear()
    async with browsing(shelf) as browser:
        assert "Track" not in (await browser.get("/drives/drive3")).text
        assert (await browser.get("/drives/drive3.gpx")).status_code == 404


async def test_an_event_that_does_not_exist_is_not_found(shelf):
    async with browsing(shelf) as browser:
        assert (await browser.get("/drives/other")).status_code == 404
        assert (await browser.post("/drives/other", data={"correction": "note"})).status_code == 404


async def test_a_note_is_stored_as_a_correction_of_the_event(shelf):
    async with browsing(shelf) as browser:
        response = await browser.post("/drives/drive3", data={"correction": "note", "text": " To  work "})

    assert (response.status_code, response.headers["location"]) == (303, "../drives/drive3")
    (made,) = shelf.corrected
    assert (made.correction, made.kind, made.text, made.vin) == (Correction.NOTE, "drive", "To work", VIN)
    drive = shelf.entries[Kind.DRIVE][0].event
    assert drive.start.latest < made.at < drive.end.earliest


async def test_a_receipt_is_stored_in_joules(shelf):
    async with browsing(shelf) as browser:
        await browser.post("/charges/charge1", data={"correction": "receipt", "amount": "11,5"})
    assert shelf.corrected[0].amount == pytest.approx(11.5 * 3.6e6)


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"correction": "split", "at": "2026-11-02T09:00"}, "must lie between start and end"),
        ({"correction": "split", "at": "soon"}, "at: must be a time"),
        ({"correction": "receipt", "amount": "1"}, "receipt cannot be corrected on a drive"),
        ({"correction": "tag", "text": ""}, "text: must name a tag"),
        ({"correction": "note", "text": "x" * 501}, "at most 500 characters"),
        ({}, "use the forms of the page"),
    ],
)
async def test_a_wrong_correction_gets_a_message_and_stores_nothing(shelf, form, message):
    async with browsing(shelf) as browser:
        response = await browser.post("/drives/drive3", data=form)
    assert response.status_code == 400
    assert message in response.text
    assert shelf.corrected == []


async def test_a_client_on_another_machine_may_read_and_not_correct(shelf):
    async with browsing(shelf, "http://pi.example:9100", ("192.0.2.7", 50000)) as browser:
        page = await browser.get("/drives/drive3")
        response = await browser.post("/drives/drive3", data={"correction": "note", "text": "x"})

    assert "<form" not in page.text
    assert response.status_code == 403
    assert shelf.corrected == []


async def test_a_note_is_shown_as_text_and_not_as_markup(shelf):
    shelf.entries[Kind.DRIVE] = [a_drive(1, note="<script>alert(1)</script>")]
    async with browsing(shelf) as browser:
        page = (await browser.get("/drives")).text
    assert "<script>alert" not in page
