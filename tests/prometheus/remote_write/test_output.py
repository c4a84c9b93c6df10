"""Remote write to a receiver that works, fails and comes back, in virtual time."""

import re
import subprocess
import sys
from contextlib import asynccontextmanager

import anyio
import cramjam
import httpx2
import pytest
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route
from structlog.testing import capture_logs

from tests.support.installation import MONDAY, clock_from
from volvo_exporter.prometheus.remote_write.encoding import build_encoder
from volvo_exporter.prometheus.remote_write.output import Receiver, RemoteWrite
from volvo_exporter.prometheus.remote_write.series import SeriesReader
from volvo_exporter.vehicles.updates import Updates

pytestmark = pytest.mark.anyio
INTERVAL = 60


class Site:
    """A receiver, and an exporter whose only series counts the samples."""

    def __init__(self):
        self.status = 204
        self.received = []
        self.sampled = 0

    def parts(self):
        self.sampled += 1
        return [f'sample{{number="{self.sampled}"}} 1.0\n'.encode()]

    async def take(self, request):
        body = bytes(cramjam.snappy.decompress_raw(await request.body()))
        if self.status == 204:
            self.received.append((request.headers, body))
        return Response(status_code=self.status)


@asynccontextmanager
async def remote_write(site, **headers):
    app = Starlette(routes=[Route("/api/v1/write", site.take, methods=["POST"])])
    output = RemoteWrite(
        Receiver(
            url="http://receiver.test/api/v1/write", auth=httpx2.BasicAuth("me", "pass"), headers=headers
        ),
        parts=site.parts,
        reader=SeriesReader({}),
        encode=build_encoder(),
        interval=INTERVAL,
        clock=clock_from(MONDAY),
        create_client=lambda: httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app)),
    )
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(output.run, Updates().subscribe(output.name))
        yield
        tasks.cancel_scope.cancel()


def newest(site):
    """Return the number of the sample in each request; a request also contains the end of the one before."""
    return [max(map(int, re.findall(rb"number\x12.(\d+)", body))) for _, body in site.received]


async def test_every_interval_each_series_is_sent_with_headers_and_credentials():
    site = Site()
    async with remote_write(site, **{"x-scope-orgid": "home"}):
        await anyio.sleep(3 * INTERVAL + 1)

    assert newest(site) == [1, 2, 3]
    headers = site.received[0][0]
    assert headers["content-encoding"] == "snappy"
    assert headers["x-prometheus-remote-write-version"] == "0.1.0"
    assert headers["x-scope-orgid"] == "home"
    assert headers["authorization"].startswith("Basic ")


async def test_samples_of_an_outage_arrive_in_order_when_the_receiver_is_back():
    site = Site()
    site.status = 503
    with capture_logs() as lines:
        async with remote_write(site):
            await anyio.sleep(10 * INTERVAL + 1)
            site.status = 204
            await anyio.sleep(5 * INTERVAL)

    assert newest(site) == list(range(1, 16))
    assert [line["event"] for line in lines] == [
        "remote write failed; check its url and credentials",
        "remote write works again",
    ]
    assert "receiver.test" in lines[0]["receiver"]


async def test_samples_of_more_than_an_hour_are_dropped():
    site = Site()
    site.status = 500
    async with remote_write(site):
        await anyio.sleep(100 * INTERVAL + 1)
        site.status = 204
        await anyio.sleep(5 * INTERVAL)

    assert len(newest(site)) <= 67
    assert newest(site)[-1] == 105
    assert newest(site) == sorted(newest(site))


async def test_a_request_that_the_receiver_rejects_is_not_sent_again():
    site = Site()
    site.status = 400
    async with remote_write(site):
        await anyio.sleep(2 * INTERVAL + 1)
        site.status = 204
        await anyio.sleep(INTERVAL)

    assert newest(site) == [3]


def test_without_a_receiver_no_library_of_remote_write_is_imported():
    script = "import sys, volvo_exporter.cli; print({'cramjam', 'google.protobuf'} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "set()"
