import httpx2
import pytest

from tests.support.rotation import NOW
from volvo_exporter.catalogue import RESOURCES, connected_vehicle, extended_vehicle, weather
from volvo_exporter.catalogue.model import Api
from volvo_exporter.volvo.api import ACCOUNT, Subject, VolvoApi, WeatherApi
from volvo_exporter.volvo.errors import (
    CloudError,
    KeyRefused,
    Malformed,
    QuotaExhausted,
    Unreachable,
    Unsupported,
)
from volvo_exporter.volvo.transport import create_client

DOORS = next(each for each in connected_vehicle.RESOURCES if each.name == "doors")
VOLVO = [resource for resource in RESOURCES if resource.api is not Api.WEATHER]


class Bearer(httpx2.Auth):
    def auth_flow(self, request):
        request.headers["authorization"] = "Bearer hush"
        yield request


class Cloud:
    def __init__(self, answer):
        self.answer = answer
        self.requests = []
        self.counted = []
        client = create_client(
            transport=httpx2.MockTransport(self),
            observe=lambda *counted: self.counted.append(counted[:3]),
            monotonic=lambda: 0.0,
        )
        self.volvo = VolvoApi(
            client, url="https://api.example/", api_key="key-hush", auth=Bearer(), clock=lambda: NOW
        )
        self.weather = WeatherApi(
            client, url="https://weather.example", api_key="appid-hush", clock=lambda: NOW
        )

    def __call__(self, request):
        self.requests.append(request)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


async def test_a_request_has_the_headers_that_volvo_requires():
    cloud = Cloud(httpx2.Response(200, json={"data": {"hood": None}}))
    assert await cloud.volvo.fetch(DOORS, Subject(vin="YV1ABC")) == {"data": {"hood": None}}
    (request,) = cloud.requests
    assert str(request.url) == "https://api.example/connected-vehicle/v2/vehicles/YV1ABC/doors"
    assert request.headers["vcc-api-key"] == "key-hush"
    assert request.headers["accept"] == "application/json"
    assert request.headers["authorization"] == "Bearer hush"
    assert cloud.counted == [("GET", "/connected-vehicle/v2/vehicles/{vin}/doors", "200")]


@pytest.mark.parametrize("resource", VOLVO, ids=lambda resource: resource.name)
async def test_every_resource_is_counted_under_its_template(resource):
    cloud = Cloud(httpx2.Response(200, json={}))
    await cloud.volvo.fetch(resource, Subject(vin="YV1", item="odometer"))
    assert cloud.counted == [("GET", resource.endpoint, "200")]
    assert "{" not in cloud.requests[0].url.path


async def test_the_list_of_vehicles_is_requested_without_a_vin():
    cloud = Cloud(httpx2.Response(200, json={"data": []}))
    await cloud.volvo.fetch(connected_vehicle.VEHICLES, ACCOUNT)
    assert cloud.requests[0].url.path == "/connected-vehicle/v2/vehicles"


async def test_an_item_of_extended_vehicle_is_requested_by_name():
    cloud = Cloud(httpx2.Response(200, json={}))
    await cloud.volvo.fetch(extended_vehicle.ITEM, Subject(vin="YV1", item="odd name/?"))
    assert cloud.requests[0].url.raw_path == (b"/extended-vehicle/v1/vehicles/YV1/resources/odd%20name%2F%3F")


async def test_a_vin_cannot_change_the_path_of_a_request():
    cloud = Cloud(httpx2.Response(200, json={}))
    await cloud.volvo.fetch(DOORS, Subject(vin="a/b?c#d"))
    assert cloud.requests[0].url.raw_path == b"/connected-vehicle/v2/vehicles/a%2Fb%3Fc%23d/doors"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"<html></html>",
        b'{"data": {"hood"',
        b"\xff\xfe\xfd",
        b"[" * 100_000,
        b"9" * 5000,
        b"x" * 2**21,
    ],
    ids=["empty", "torn", "html", "truncated", "garbage", "deep", "long number", "huge"],
)
async def test_a_success_without_json_is_malformed(body):
    cloud = Cloud(httpx2.Response(200, content=body))
    with pytest.raises(Malformed):
        await cloud.volvo.fetch(DOORS, Subject(vin="YV1"))


@pytest.mark.parametrize("body", [b"null", b"[]", b'"x"', b"5", b"\xef\xbb\xbf{}"])
async def test_any_json_is_returned_unchanged(body):
    cloud = Cloud(httpx2.Response(200, content=body))
    await cloud.volvo.fetch(DOORS, Subject(vin="YV1"))


async def test_a_failed_request_is_not_repeated():
    for answer in (httpx2.Response(500), httpx2.Response(429), httpx2.ConnectTimeout("late")):
        cloud = Cloud(answer)
        with pytest.raises(CloudError):
            await cloud.volvo.fetch(DOORS, Subject(vin="YV1"))
        assert len(cloud.requests) == 1


async def test_a_redirect_is_not_followed():
    cloud = Cloud(httpx2.Response(302, headers={"location": "https://elsewhere.example"}))
    with pytest.raises(Unreachable):
        await cloud.volvo.fetch(DOORS, Subject(vin="YV1"))
    assert len(cloud.requests) == 1


async def test_a_refusal_is_classified():
    text = "Out of call volume quota. Quota will be replenished in 00:01:00."
    cloud = Cloud(httpx2.Response(403, json={"statusCode": 403, "message": text}))
    with pytest.raises(QuotaExhausted) as caught:
        await cloud.volvo.fetch(DOORS, Subject(vin="YV1"))
    assert caught.value.until == NOW + 60


async def test_the_weather_is_requested_for_a_rounded_position():
    cloud = Cloud(httpx2.Response(200, json={"main": {}}))
    assert await cloud.weather.fetch(weather.WEATHER, Subject(position=(57.68877, 11.968302))) == {"main": {}}
    (request,) = cloud.requests
    assert request.url.path == "/data/2.5/weather"
    assert dict(request.url.params) == {
        "lat": "57.69",
        "lon": "11.97",
        "units": "metric",
        "appid": "appid-hush",
    }
    assert cloud.counted == [("GET", "/data/2.5/weather", "200")]


async def test_the_weather_is_not_requested_while_the_position_is_unknown():
    cloud = Cloud(httpx2.Response(200, json={"main": {}}))
    with pytest.raises(Unsupported):
        await cloud.weather.fetch(weather.WEATHER, Subject(vin="YV1"))
    assert cloud.requests == []


async def test_the_weather_service_gets_neither_token_nor_key_of_volvo():
    cloud = Cloud(httpx2.Response(200, json={}))
    await cloud.weather.fetch(weather.WEATHER, Subject(position=(0.0, 0.0)))
    assert "authorization" not in cloud.requests[0].headers
    assert "vcc-api-key" not in cloud.requests[0].headers


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (httpx2.Response(401, json={"cod": 401, "message": "Invalid API key appid-hush"}), KeyRefused),
        (httpx2.Response(200, content=b"57.69 appid-hush"), Malformed),
        (httpx2.ConnectError("https://weather.example/?appid=appid-hush&lat=57.69"), Unreachable),
    ],
)
async def test_no_error_contains_a_key_or_position(answer, error):
    cloud = Cloud(answer)
    with pytest.raises(error) as caught:
        await cloud.weather.fetch(weather.WEATHER, Subject(position=(57.68877, 11.968302)))
    text = repr(caught.value) + repr(caught.value.__cause__)
    assert "hush" not in text
    assert "57" not in text
