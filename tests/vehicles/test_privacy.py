"""What is hidden, in one function and in the whole exporter."""

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import anyio
import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families as parse_text
from structlog.testing import capture_logs

from tests.support import car_files, reading
from tests.support.installation import MONDAY, a_world, installed
from volvo_exporter.catalogue import families
from volvo_exporter.environment import Environment
from volvo_exporter.simulator import FLEET, Fault, Options, create_app
from volvo_exporter.simulator.profiles import Place
from volvo_exporter.vehicles.privacy import Position, limit, mask
from volvo_exporter.web.app import PAGES

OPENMETRICS = "application/openmetrics-text;version=1.0.0"
HOME = Place(latitude=-33.868812, longitude=-70.648337)
TRACES = ("-33.86", "-33.87", "-70.64", "-70.65")
"""Pattern of a position near HOME, rounded or not."""
SOUTHERN = replace(FLEET[0], places=replace(FLEET[0].places, home=HOME))
TWIN = replace(FLEET[2], vin=f"{FLEET[2].vin[:-6]}4{SOUTHERN.vin[-5:]}")
"""A car whose VIN ends in the same five characters."""
MEASURED = 1_790_000_000.123456
NIGHT = MONDAY + 3 * 3600
"""All are at home."""


def located(longitude=-70.648337, latitude=-33.868812):
    payload = {
        "status": 200,
        "operationId": "00000000000000000000000000000000",
        "data": {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [longitude, latitude, 520.0]},
            "properties": {"timestamp": "2026-09-21T14:13:20.123456789Z", "heading": "220"},
        },
    }
    return reading.read_at("location", payload)


def shown(answer):
    return {one.field.key: (one.value, one.measured) for one in answer.readings}


@pytest.mark.parametrize(
    ("reported", "expected"),
    [
        (-33.868812, -33.87),
        (-70.648337, -70.65),
        (57.7089, 57.71),
        (79.996, 80.0),
        (12.0, 12.0),
    ],
)
@pytest.mark.parametrize("coordinate", ["latitude", "longitude"])
def test_a_coordinate_is_rounded_to_a_hundredth_of_a_degree(coordinate, reported, expected):
    answer = limit(located(**{coordinate: reported}), Position.ROUNDED)
    assert shown(answer)[coordinate] == (expected, MEASURED)


def test_a_rounded_zero_does_not_reveal_the_hemisphere():
    value, _ = shown(limit(located(latitude=-0.004), Position.ROUNDED))["latitude"]
    assert repr(value) == "0.0"


def test_a_rounded_position_has_neither_altitude_nor_heading_nor_their_times():
    assert shown(located()).keys() == {"longitude", "latitude", "altitude", "heading"}
    assert shown(limit(located(), Position.ROUNDED)) == {
        "longitude": (-70.65, MEASURED),
        "latitude": (-33.87, MEASURED),
    }


def test_a_position_that_is_off_leaves_no_reading_of_it():
    assert limit(located(), Position.OFF).readings == ()


def test_a_full_position_is_unchanged():
    assert limit(located(), Position.FULL) == located()


@pytest.mark.parametrize("position", [Position.ROUNDED, Position.OFF])
@pytest.mark.parametrize(("car", "name"), car_files.FILES, ids=car_files.IDS)
def test_readings_without_the_position_are_unchanged(car, name, position):
    if name != "location":
        answer = reading.read_at(name, car_files.load(car, name), item="odometer")
        assert limit(answer, position) == answer


@pytest.mark.parametrize(
    "item", ["gpsPosition", "Latitude", "vehicleLocation", "latDegrees", "geoCoordinates"]
)
def test_an_item_of_extended_vehicle_with_the_position_requires_full(item):
    payload = {"resourceValue": {"timestamp": 1790000000000, "unit": "degrees", "value": "57"}}
    answer = reading.read_at("extended-vehicle-item", payload, item=item)
    assert [one.field.family for one in answer.readings] == [families.EXTENDED_VALUE]
    for position in (Position.ROUNDED, Position.OFF):
        assert limit(answer, position).readings == ()
    assert limit(answer, Position.FULL) == answer


@pytest.mark.parametrize(
    ("others", "taken", "expected"),
    [
        ((), (), "…0001"),
        (("YV1TESTCAR0000002",), ("…0002",), "…0001"),
        (("YV1TESTCAR0070001",), (), "…00001"),
        (("YV1TESTCAR0700001",), (), "…000001"),
        (("YV1TESTCAR0070001", "YV1TESTCAR7000001"), (), "…0000001"),
        ((), ("…0001",), "…00001"),
        (("YV2TESTCAR0000001",), (), "…R0000001 (1)"),
        (("YV2TESTCAR0000001",), ("…R0000001 (1)",), "…R0000001 (2)"),
    ],
)
def test_a_vin_is_masked_to_its_shortest_unique_end(others, taken, expected):
    assert mask("YV1TESTCAR0000001", others=others, used=taken) == expected


ALIKE = st.text("AB1", min_size=11, max_size=17)
"""VINs of so few characters that many end alike."""


@settings(deadline=None)
@given(
    vins=st.lists(st.one_of(ALIKE, st.text("ABCDEFGH0123456789", min_size=17, max_size=17)), unique=True),
    data=st.data(),
)
def test_masked_vins_are_unique_and_never_complete(vins, data):
    known: set[str] = set()
    names: dict[str, str] = {}
    for vin in vins:
        known.add(vin)
        for seen in data.draw(st.lists(st.sampled_from(sorted(known)), max_size=2)):
            if seen not in names:
                names[seen] = mask(seen, others=known - {seen}, used=names.values())
    for vin in known - names.keys():
        names[vin] = mask(vin, others=known - {vin}, used=names.values())
    assert len(set(names.values())) == len(known)
    assert all(len(name.partition(" ")[0]) <= 9 for name in names.values())


@pytest.mark.parametrize("order", [1, -1], ids=["as listed", "reversed"])
def test_masked_vins_do_not_depend_on_the_order(order):
    vins = ("YV1TESTCAR0010001", "YV1TESTCAR0020001", "YV1TESTCAR0020002")[::order]
    names: dict[str, str] = {}
    for vin in vins:
        names[vin] = mask(vin, others=set(vins) - {vin}, used=names.values())
    assert sorted(names.values()) == ["…0002", "…10001", "…20001"]


class Overheard(httpx2.AsyncBaseTransport):
    """Records the requests to OpenWeatherMap."""

    def __init__(self, inner: httpx2.AsyncBaseTransport) -> None:
        self.inner = inner
        self.places: list[tuple[str, str]] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        query = parse_qs(request.url.query.decode())
        if "appid" in query:
            self.places.append((query["lat"][0], query["lon"][0]))
        return await self.inner.handle_async_request(request)


def setting(position, vin="full"):
    """The settings; without the key of the weather where there is no place to ask it of."""
    none = {"weather_api_key": None} if position == "off" else {}
    return {"privacy": {"position": position, "vin": vin}, **none}


async def everything(it):
    """Return the text of every page, with both formats of `/metrics`."""
    paths = [path for path, _ in PAGES] + ["/"]
    assert {"/", "/metrics", "/api/v1/vehicles", "/api/v1/status"} <= set(paths)
    pages = [await it.scrape(path) for path in paths]
    pages.append(await it.scrape("/metrics", accept=OPENMETRICS))
    return {f"{page.request.url.path} {page.headers['content-type']}": page.text for page in pages}


@pytest.mark.parametrize("vin", ["full", "masked"])
@pytest.mark.parametrize("position", ["full", "rounded", "off"])
async def test_every_page_respects_the_privacy_settings(position, vin, tmp_path):
    cars = (SOUTHERN, *FLEET[1:])
    world = a_world(start=NIGHT, cars=cars, options=Options(extended_vehicle_available=True))
    world.faults.add(Fault(kind="internal_error", where="doors", vin=SOUTHERN.vin))
    names = {SOUTHERN.vin: f"My {SOUTHERN.vin}"}
    with capture_logs() as logs:
        async with installed(
            tmp_path, world, extended_vehicle=True, vehicle_names=names, **setting(position, vin)
        ) as it:
            await anyio.sleep(600)
            assert world.state(SOUTHERN.vin).location.value.place == HOME
            pages = await everything(it)

    with_vins = {page for page, text in pages.items() if any(car.vin in text for car in cars)}
    exact = {page for page, text in pages.items() if "-33.8688" in text or "-70.6483" in text}
    rough = {page for page, text in pages.items() if any(trace in text for trace in TRACES)}
    log = "".join(map(str, logs)).replace(names[SOUTHERN.vin], "")
    assert (len(with_vins) >= 4) if vin == "full" else (with_vins == set())
    assert (len(exact) >= 4) if position == "full" else (exact == set())
    assert (rough == set()) if position == "off" else (len(rough) >= 4)
    assert not [secret for secret in (*TRACES, *(car.vin for car in cars)) if secret in log]


async def test_the_weather_is_requested_for_the_rounded_position(tmp_path):
    world = a_world(start=NIGHT, cars=(SOUTHERN,))
    overheard = Overheard(httpx2.ASGITransport(app=create_app(world)))
    async with installed(tmp_path, world, transport=overheard, **setting("rounded")) as it:
        await anyio.sleep(10)

        assert await it.value("volvo_location_latitude_degrees") == -33.87
        assert await it.value("volvo_location_longitude_degrees") == -70.65
        assert await it.series("volvo_location_heading") == await it.series("volvo_location_altitude") == {}
        assert await it.value("volvo_weather_temperature_celsius") is not None
        assert overheard.places == [("-33.87", "-70.65")]


async def test_a_position_that_is_off_is_neither_requested_nor_in_the_scopes(tmp_path):
    asked: dict[str, int] = {}
    scopes: dict[str, set[str]] = {}
    for position in ("rounded", "off"):
        (folder := tmp_path / position).mkdir()
        world = a_world(start=NIGHT, cars=FLEET)
        async with installed(folder, world, **setting(position)) as it:
            await anyio.sleep(3600)
            asked[position] = len(it.calls("/location"))
            (account,) = it.exporter.accounts
            login = account.begin_login(it.exporter.settings, Environment.of_this_machine())
            query = parse_qs(urlsplit(login.url).query)
            scopes[position] = set(query["scope"][0].split())

    assert asked["off"] == 0 < asked["rounded"]
    assert scopes["rounded"] - scopes["off"] == {"location:read"}
    assert scopes["off"] < scopes["rounded"]


async def test_cars_with_the_same_vin_ending_have_separate_series(tmp_path):
    world = a_world(start=NIGHT, cars=(SOUTHERN, TWIN))
    async with installed(tmp_path, world, **setting("full", "masked")) as it:
        await anyio.sleep(10)
        text = (await it.scrape()).text
        status = (await it.scrape("/api/v1/status")).json()["accounts"][0]
        vehicles = (await it.scrape("/api/v1/vehicles")).json()["vehicles"]
        page = (await it.scrape("/")).text

    samples = [sample for metric in parse_text(text) for sample in metric.samples]
    series = [(sample.name, tuple(sorted(sample.labels.items()))) for sample in samples]
    assert len(series) == len(set(series))
    names = {f"…{SOUTHERN.vin[-6:]}", f"…{TWIN.vin[-6:]}"}
    assert {sample.labels["vin"] for sample in samples if "vin" in sample.labels} == names
    assert {vehicle["vin"] for vehicle in status["vehicles"]} == names
    assert {entry["vin"] for entry in status["resources"]} == {*names, None}
    assert {vehicle["attributes"]["vin"] for vehicle in vehicles} == names
    assert all(page.count(name) > 2 for name in names)
