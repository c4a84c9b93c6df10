"""Sending to a planner that works, fails and comes back, in virtual time, and once over real HTTP."""

import json
import subprocess
import sys
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import pairwise
from threading import Thread
from urllib.parse import parse_qs

import anyio
import httpx2
import pytest
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route
from structlog.testing import capture_logs

from tests.support.installation import MONDAY, a_world, installed
from volvo_exporter.abrp.delivery import (
    MAX_WAIT_SECONDS,
    MIN_WAIT_SECONDS,
    TIMEOUT_SECONDS,
    Delivered,
    Failed,
    Target,
    send,
    wait,
)
from volvo_exporter.abrp.output import MIN_INTERVAL_SECONDS
from volvo_exporter.abrp.telemetry import MAX_AGE_SECONDS, Telemetry
from volvo_exporter.simulator import FLEET, create_app

HOUR = 3600.0
BEV = FLEET[0].vin
API_KEY, USER_TOKEN = "abrp-api-key", "abrp-user-token"
URL = "http://planner.test/1/tlm/send"
SECRETS = {"api_key": API_KEY, "user_token": USER_TOKEN, "url": URL}
MORNING = MONDAY + 5.9 * HOUR
"""The electric car drives from 6:00 to 6:24."""
TUESDAY_MORNING = MONDAY + 30.8 * HOUR
"""The plug-in hybrid drives from 6:50 to 7:15."""
TELEMETRY = Telemetry(utc=1_800_000_000, values={"soc": 63.4, "lat": 57.7})


class Planner:
    """The Telemetry API: takes telemetry while its status is 200."""

    def __init__(self, world):
        self.world = world
        self.status, self.body = 200, {"status": "ok"}
        self.requests = []
        self.taken = []

    async def take(self, request):
        form = {key: values[0] for key, values in parse_qs((await request.body()).decode()).items()}
        self.requests.append((self.world.now(), str(request.url), form))
        if self.status == 200 and self.body == {"status": "ok"}:
            self.taken.append((self.world.now(), json.loads(form["tlm"])))
        return JSONResponse(self.body, self.status)


class Network(httpx2.AsyncBaseTransport):
    """Volvo's cloud, and the planner at its own host."""

    def __init__(self, world, planner):
        self.cloud = httpx2.ASGITransport(app=create_app(world))
        app = Starlette(routes=[Route("/1/tlm/send", planner.take, methods=["POST"])])
        self.planner = httpx2.ASGITransport(app=app)

    async def handle_async_request(self, request):
        inner = self.planner if request.url.host == "planner.test" else self.cloud
        return await inner.handle_async_request(request)


@pytest.fixture
async def planner():
    return Planner(a_world(start=MORNING, cars=FLEET[:1]))


def running(folder, planner, **settings):
    world = planner.world
    entries = [{"vin": vin, **SECRETS} for vin in world.cars]
    return installed(folder, world, transport=Network(world, planner), abrp=entries, **settings)


async def test_fresh_values_of_a_drive_are_sent_once_and_not_too_often(tmp_path, planner):
    async with running(tmp_path, planner):
        await anyio.sleep(0.7 * HOUR)

    assert len([tlm for _, tlm in planner.taken if tlm["is_parked"] == 0]) > 10
    for at, tlm in planner.taken:
        assert 0 < tlm["soc"] <= 100
        assert at - MAX_AGE_SECONDS - TIMEOUT_SECONDS <= tlm["utc"] <= at
    for _, url, form in planner.requests:
        assert url == URL
        assert (form["api_key"], form["token"]) == (API_KEY, USER_TOKEN)
    times = [at for at, *_ in planner.requests]
    contents = [{key: value for key, value in tlm.items() if key != "utc"} for _, tlm in planner.taken]
    assert min(b - a for a, b in pairwise(times)) >= MIN_INTERVAL_SECONDS
    assert all(a != b for a, b in pairwise(contents))


@pytest.mark.parametrize(("position", "sent"), [("full", True), ("rounded", False), ("off", False)])
async def test_the_position_is_sent_only_where_privacy_allows_the_exact_one(tmp_path, position, sent):
    planner = Planner(a_world(start=TUESDAY_MORNING, cars=FLEET[1:2]))
    settings = {"privacy": {"position": position}, "weather_api_key": None}
    async with running(tmp_path, planner, **settings):
        await anyio.sleep(0.7 * HOUR)

    assert len(planner.taken) > 5
    assert any({"lat", "lon"} & tlm.keys() for _, tlm in planner.taken) is sent


async def test_a_parked_car_sends_nothing(tmp_path):
    planner = Planner(a_world(start=MONDAY + 2 * HOUR, cars=FLEET[:2]))
    async with running(tmp_path, planner):
        await anyio.sleep(HOUR)

    assert planner.requests == []


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (500, {}, "HTTP status 500"),
        (401, {}, "HTTP status 401"),
        (200, {"status": "error"}, "data refused"),
        (200, [], "response without a status"),
    ],
)
async def test_a_failure_is_logged_once_without_secrets_and_so_is_its_end(
    tmp_path, planner, status, body, reason
):
    planner.status, planner.body = status, body
    with capture_logs() as lines:
        async with running(tmp_path, planner):
            await anyio.sleep(0.3 * HOUR)
            failed = len(planner.requests)
            planner.status, planner.body = 200, {"status": "ok"}
            await anyio.sleep(0.3 * HOUR)

    own = [line for line in lines if line["event"].startswith("abrp")]
    assert [(line["event"], line.get("reason")) for line in own] == [
        ("abrp failed; check api_key and user_token", reason),
        ("abrp works again", None),
    ]
    assert 1 <= failed <= 5
    assert planner.taken
    for secret in (API_KEY, USER_TOKEN, BEV):
        assert secret not in repr(own)


async def test_values_of_an_outage_are_not_sent_later(tmp_path, planner):
    planner.status = 503
    async with running(tmp_path, planner):
        await anyio.sleep(0.3 * HOUR)
        planner.status = 200
        back = planner.world.now()
        await anyio.sleep(0.3 * HOUR)

    assert planner.taken
    assert all(tlm["utc"] >= back - MAX_AGE_SECONDS for _, tlm in planner.taken)


async def test_a_planner_that_does_not_answer_delays_no_poll(tmp_path, planner):
    class Silent(Planner):
        async def take(self, request):
            self.requests.append(request)
            await anyio.sleep_forever()

    silent = Silent(planner.world)
    async with running(tmp_path, silent) as it:
        await anyio.sleep(0.4 * HOUR)
        assert silent.requests
        assert await it.value("volvo_resource_up", 'resource="energy-state"') == 1
        assert await it.value("volvo_exporter_dropped_updates_total", 'output="abrp"') is None


def test_the_wait_after_failures_grows_to_a_bound():
    waits = [wait(failures) for failures in range(20)]

    assert waits[0] == MIN_WAIT_SECONDS
    assert waits == sorted(waits)
    assert waits[-1] == MAX_WAIT_SECONDS


@contextmanager
def real_planner(status):
    """Serve the Telemetry API on this machine; yield its URL and the requests."""
    received = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            received.append((self.path, self.headers["content-type"], parse_qs(body)))
            answer = json.dumps({"status": "ok"}).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_arguments):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/1/tlm/send", received
        server.shutdown()
        thread.join()


def deliver(url):
    target = Target(vin=BEV, url=url, api_key=SecretStr(API_KEY), user_token=SecretStr(USER_TOKEN))

    async def run():
        async with httpx2.AsyncClient(trust_env=False) as client:
            return await send(client, target, TELEMETRY, failures=0)

    return anyio.run(run)


def test_a_request_over_real_http_is_a_form_without_anything_in_its_url():
    with real_planner(200) as (url, received):
        assert deliver(url) == Delivered()

    ((path, content_type, form),) = received
    assert path == "/1/tlm/send"
    assert content_type == "application/x-www-form-urlencoded"
    assert (form["api_key"], form["token"]) == ([API_KEY], [USER_TOKEN])
    assert json.loads(form["tlm"][0]) == {"utc": 1_800_000_000, "soc": 63.4, "lat": 57.7}


def test_failures_over_real_http_are_outcomes():
    with real_planner(429) as (url, _):
        assert deliver(url) == Failed(reason="HTTP status 429", seconds=MIN_WAIT_SECONDS)
    assert deliver(url) == Failed(reason="ConnectError", seconds=MIN_WAIT_SECONDS)


def test_without_the_setting_nothing_of_it_is_imported():
    script = "import sys, volvo_exporter.cli; print([m for m in sys.modules if 'exporter.abrp' in m])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
