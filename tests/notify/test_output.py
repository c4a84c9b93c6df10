"""The notifier in a whole exporter, in virtual time."""

import json
import subprocess
import sys
from contextlib import asynccontextmanager

import anyio
import httpx2
import pytest
import trio.testing
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route
from structlog.testing import capture_logs

from tests.support.installation import MONDAY, a_world, installed
from tests.support.misreports import Misreport, MisreportTransport
from volvo_exporter.simulator import FLEET, create_app

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
HOUR, MINUTE = 3600.0, 60.0
CAR = FLEET[0]
OPEN = (Misreport(begin=0.5, end=2, path="/doors", key="rearLeftDoor", value="OPEN"),)


class House:
    """A cloud whose car leaves a door open from 0:30 to 2:00, and a webhook."""

    def __init__(self, reports=OPEN):
        self.world = a_world(start=MONDAY, cars=(CAR,))
        self.status, self.got = 200, []
        hook = Starlette(routes=[Route("/hook", self.take, methods=["POST"])])
        cloud = MisreportTransport(
            httpx2.ASGITransport(app=create_app(self.world)),
            reports,
            lambda: (self.world.now() - MONDAY) / HOUR,
        )
        self.transport = Switch(cloud, httpx2.ASGITransport(app=hook))

    async def take(self, request):
        if self.status == 200:
            self.got.append(json.loads(await request.body()))
        return Response(status_code=self.status)

    @property
    def kinds(self):
        return [(one["kind"], one["name"]) for one in self.got]

    @asynccontextmanager
    async def at_work(self, folder, **notifications):
        settings = {
            "webhooks": [{"url": "http://hook.test/hook", "secret": "a-secret"}],
            "notifications": notifications,
        }
        async with installed(folder, self.world, transport=self.transport, **settings) as it:
            yield it


class Switch(httpx2.AsyncBaseTransport):
    """The cloud, and a webhook on a host of its own."""

    def __init__(self, cloud, hook):
        self.cloud, self.hook = cloud, hook

    async def handle_async_request(self, request):
        inner = self.hook if request.url.host == "hook.test" else self.cloud
        return await inner.handle_async_request(request)


BEGIN, END = ("alert.firing", "VolvoDoorOpen"), ("alert.resolved", "VolvoDoorOpen")


async def test_an_alert_is_sent_once_and_resolved_once(tmp_path):
    house = House()
    async with house.at_work(tmp_path):
        await anyio.sleep(4 * HOUR)

    assert house.kinds == [BEGIN, END]
    assert house.got[0]["title"] == "Door rear left of EX30 is open while parked"


async def test_a_message_contains_neither_vin_nor_position_unless_they_are_enabled(tmp_path):
    plain, full = House(), House()
    for folder in ("plain", "full"):
        (tmp_path / folder).mkdir()
    async with plain.at_work(tmp_path / "plain"):
        await anyio.sleep(1.5 * HOUR)
    assert CAR.vin not in json.dumps(plain.got)
    assert "Position" not in json.dumps(plain.got)

    async with full.at_work(tmp_path / "full", vin=True, position=True):
        await anyio.sleep(1.5 * HOUR)
    assert CAR.vin in full.got[0]["title"]
    assert "Position: 5" in full.got[0]["text"]


async def test_a_lost_login_is_one_message(tmp_path):
    house = House(reports=())
    async with house.at_work(tmp_path):
        await anyio.sleep(1 * HOUR)
        house.world.identity.grants[-1].revoked = True
        await anyio.sleep(8 * HOUR)

    assert house.kinds == [("alert.firing", "VolvoLoginRequired")]


async def test_a_restart_repeats_no_message_and_ends_what_began_before(tmp_path):
    house = House()
    async with house.at_work(tmp_path):
        await anyio.sleep(1 * HOUR)
    assert house.kinds == [BEGIN]
    async with house.at_work(tmp_path):
        await anyio.sleep(0.5 * HOUR)
        assert house.kinds == [BEGIN]
        await anyio.sleep(1.5 * HOUR)
    assert house.kinds == [BEGIN, END]


async def test_a_message_that_could_not_be_sent_before_a_restart_is_sent_after_it(tmp_path):
    house = House()
    house.status = 500
    with capture_logs() as lines:
        async with house.at_work(tmp_path):
            await anyio.sleep(1 * HOUR)
    house.status = 200
    async with house.at_work(tmp_path):
        await anyio.sleep(0.2 * HOUR)

    assert house.kinds == [BEGIN]
    failed = [line for line in lines if line["event"] == "notification failed; will retry"]
    assert [(line["target"], line["reason"]) for line in failed] == [("webhook (1)", "HTTP status 500")]


def requests_of_three_hours(folder, status):
    """Return the requests to Volvo while the webhook answers with this status."""
    folder.mkdir()

    async def poll():
        house = House()
        house.status = status
        async with house.at_work(folder) as it:
            await anyio.sleep(3 * HOUR)
            # Requests of one moment are sent in any order.
            return sorted((call.time, call.path) for call in it.calls())

    clock = trio.testing.MockClock(autojump_threshold=0)
    return anyio.run(poll, backend="trio", backend_options={"clock": clock})


def test_a_dead_target_changes_no_request_to_volvo(tmp_path):
    working = requests_of_three_hours(tmp_path / "works", 200)

    assert requests_of_three_hours(tmp_path / "fails", 500) == working
    assert len(working) > 50


async def test_less_severe_alerts_are_not_sent(tmp_path):
    house = House()
    async with house.at_work(tmp_path, severity="critical"):
        await anyio.sleep(3 * HOUR)

    assert house.got == []


async def test_the_end_of_a_drive_is_sent_with_the_levels(tmp_path):
    house = House(reports=())
    async with house.at_work(tmp_path, events=["drive_ended"], severity="info"):
        await anyio.sleep(12 * HOUR)

    ends = [one for one in house.got if one["kind"] == "drive.ended"]
    assert ends
    assert ends[0]["title"] == "EX30 has parked"
    assert ends[0]["text"].startswith("Charge ")


def test_without_a_target_nothing_of_notifications_is_imported():
    script = (
        "import sys, volvo_exporter.cli;"
        "names = {'apprise', 'volvo_exporter.notify', 'volvo_exporter.catalogue.alerts'};"
        "print(names & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "set()"
