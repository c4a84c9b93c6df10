"""The page over the whole exporter."""

import json
import re
from html.parser import HTMLParser

import anyio
import httpx2
import pytest

from tests.support.installation import a_world, installed, write_token
from volvo_exporter.demo import describe_demo
from volvo_exporter.simulator import (
    API_KEY,
    CLIENT_SECRET,
    FLEET,
    WEATHER_KEY,
    Fault,
    Options,
    create_app,
)
from volvo_exporter.web.app import PAGES


class Outline(HTMLParser):
    """What a page loads, and whether its elements are closed in order."""

    VOID = ("meta", "link", "br", "img", "input", "path", "rect", "circle")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.loaded: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.loaded += [value for name, value in attrs if name == "src" or (name == "href" and tag == "link")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in self.VOID:
            assert self.open.pop() == tag


async def test_the_page_shows_each_car_and_loads_nothing_from_elsewhere(tmp_path):
    async with installed(tmp_path, a_world()) as it:
        await anyio.sleep(10)
        answer = await it.scrape("/")
    outline = Outline(answer.text)

    assert (outline.open, outline.loaded) == (
        [],
        ["./icon.svg", "./icon-180.png", "./manifest.webmanifest"],
    )
    for model in ("EX30 2024", "XC60 2022", "S90 2018"):
        assert model in answer.text
    assert '<time class="ago" datetime="2026-11-02T07:00:00Z"' in answer.text
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert re.search(r"nonce-(\w+)", policy)[1] in answer.text
    for profile in FLEET:
        assert profile.vin not in answer.text


async def test_without_a_login_the_page_shows_what_to_do(tmp_path):
    async with installed(tmp_path, a_world(), logged_in=False) as it:
        await anyio.sleep(10)
        text = (await it.scrape("/")).text

    assert "login required" in text
    assert "No cars found yet" in text


async def test_an_account_without_a_car_explains_what_to_do(tmp_path):
    async with installed(tmp_path, a_world(options=Options(consented_vins=()))) as it:
        await anyio.sleep(10)
        text = (await it.scrape("/")).text
        ready = await it.scrape("/-/ready")

    assert "no vehicle in the account: log in again and select the car" in text
    assert (ready.status_code, "select the car on Volvo" in ready.text) == (503, True)


async def test_a_vin_that_the_account_does_not_have_is_named_with_those_it_has(tmp_path):
    async with installed(tmp_path, a_world(cars=FLEET[:2]), vin="YV1TESTCAR0004711") as it:
        await anyio.sleep(10)
        ready = await it.scrape("/-/ready")
        text = (await it.scrape("/")).text

    ends = f"…{FLEET[0].vin[-4:]}, …{FLEET[1].vin[-4:]}"
    assert ready.text.startswith(f"default: 2 in the account ({ends}); …4711 of `vin` not found: check `vin`")
    assert f"2 in the account ({ends}); …4711 of vin not found" in text


async def test_a_refused_client_secret_is_shown(tmp_path):
    world = a_world()
    async with installed(tmp_path, world, logged_in=False, client_secret="wrong-secret") as it:
        write_token(world, it.token_file)
        world.identity.expire()
        await anyio.sleep(10)
        ready = await it.scrape("/-/ready")

    assert ready.text.startswith("default: client_id or client_secret refused by Volvo ID: ")


STATUS = 1 + [path for path, _ in PAGES].index("/api/v1/status")


class Parrot(httpx2.AsyncBaseTransport):
    """A cloud that answers well at first, then repeats all that it was sent in its refusals."""

    def __init__(self, world) -> None:
        self.inner = httpx2.ASGITransport(app=create_app(world))
        self.status = 0

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if not self.status:
            return await self.inner.handle_async_request(request)
        said = f"Access Denied: {request.url} {dict(request.headers)} {await request.aread()}"
        body = {"error": {"message": said, "description": said}, "message": said, "error_description": said}
        return httpx2.Response(self.status, json=body)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500])
async def test_no_page_shows_a_secret_even_if_the_cloud_repeats_it(tmp_path, status):
    world = a_world(cars=FLEET[:1])
    parrot = Parrot(world)
    async with installed(tmp_path, world, transport=parrot) as it:
        await anyio.sleep(10)
        token = json.loads(it.token_file.read_text())
        parrot.status = status
        await anyio.sleep(3600)
        pages = [(await it.scrape(path)).text for path in ("/", *(path for path, _ in PAGES))]
        trouble = [entry["state"] for entry in json.loads(pages[STATUS])["accounts"][0]["resources"]]

    assert set(trouble) != {"ok"}
    secrets = (token["access_token"], token["refresh_token"], CLIENT_SECRET, API_KEY, WEATHER_KEY)
    assert [secret for secret in secrets for page in pages if secret in page] == []


async def test_the_last_error_of_a_resource_is_shown_after_it_recovered(tmp_path):
    world = a_world(cars=FLEET[:1])
    async with installed(tmp_path, world) as it:
        await anyio.sleep(10)
        world.faults.add(Fault(kind="internal_error", where="doors"))
        await anyio.sleep(600)
        failing = (await it.scrape("/")).text
        world.faults.clear()
        await anyio.sleep(900)
        healed = (await it.scrape("/")).text

    assert "1 failing" in failing
    assert "1 request for this car is failing; data may be stale" in failing
    assert "data may be stale" not in healed
    assert " failing</b>" not in healed
    assert "doors: " in healed


async def test_the_page_shows_no_warnings_only_after_they_were_read(tmp_path):
    async with installed(tmp_path, a_world(cars=FLEET[:1]), requests_per_minute=10) as it:
        await anyio.sleep(3)
        early = (await it.scrape("/")).text
        await anyio.sleep(600)
        late = (await it.scrape("/")).text

    assert "Waiting for windows, tyres, warnings, brakes, engine and diagnostics." in early
    assert "No warnings" not in early
    assert "Waiting for" not in late
    assert '<span class="fine">No warnings.</span> Not available: tyres.' in late


async def test_the_demo_describes_itself_on_the_page(tmp_path):
    async with installed(tmp_path, a_world(cars=FLEET[:1]), demo=describe_demo(60)) as it:
        demo = (await it.scrape("/")).text.replace("\u202f", " ")
    async with installed(tmp_path, a_world(cars=FLEET[:1])) as it:
        real = (await it.scrape("/")).text

    assert "Demo: simulated cars, at 60 times real speed (a simulated day takes 24 minutes)." in demo
    assert "quota of 10 000 000 calls is simulated; an API key from Volvo has 10 000" in demo
    assert "<dd>simulated: " in demo
    assert "Demo" not in real
    assert "simulated" not in real


def test_a_demo_at_real_speed_is_described():
    assert describe_demo(1).startswith("Demo: simulated cars, in real time. ")


async def test_values_of_a_car_are_escaped(tmp_path):
    async with installed(
        tmp_path, a_world(), vehicle_names={FLEET[0].vin: "<script>alert(1)</script>"}
    ) as it:
        await anyio.sleep(10)
        text = (await it.scrape("/")).text

    assert "<script>alert" not in text
    assert "&lt;script&gt;alert" in text
