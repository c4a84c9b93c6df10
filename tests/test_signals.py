"""Signals at the moments at which they hurt: in the first second, and in the middle of a renewal."""

import json
import os
import signal
import subprocess
import sys
import threading
import time

import anyio
import pytest
import yaml

from tests.support.installation import LOGIN, a_parked_world, write_token
from tests.support.services import ROOT, free_port, running, serving_app, until
from volvo_exporter.simulator import create_app

pytestmark = pytest.mark.slow

TERM, INT, HUP = signal.SIGTERM, signal.SIGINT, signal.SIGHUP


def write_configuration(folder, cloud):
    settings = {
        **LOGIN,
        "volvo_api_url": cloud,
        "volvo_id_url": cloud,
        "exporter_listen_port": free_port(),
    }
    (folder / "config.yaml").write_text(yaml.safe_dump(settings))


@pytest.mark.parametrize("moment", ["anyio._core", "click", "uvicorn"])
@pytest.mark.parametrize("number", [TERM, INT, HUP])
def test_a_signal_during_the_imports_ends_the_exporter_with_0(number, moment, tmp_path):
    write_configuration(tmp_path, "http://127.0.0.1:1")
    command = [sys.executable, "-X", "importtime", ROOT / "exporter.py"]
    with subprocess.Popen(
        command, cwd=tmp_path, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        next(line for line in process.stderr if f" {moment}" in line)
        process.send_signal(number)
        _, output = process.communicate(timeout=20)

    assert process.returncode == 0
    assert "Traceback" not in output


class SlowRenewals:
    """The simulator, whose token endpoint spends the refresh token and answers after some seconds."""

    def __init__(self, world, *, seconds):
        self.app = create_app(world)
        self.seconds = seconds
        self.spent = threading.Event()

    async def __call__(self, scope, receive, send):
        async def answer(message):
            if scope["path"] == "/as/token.oauth2" and message["type"] == "http.response.start":
                self.spent.set()
                await anyio.sleep(self.seconds)
            await send(message)

        await self.app(scope, receive, answer)


def write_expired_token(world, file):
    write_token(world, file)
    file.write_text(json.dumps({**json.loads(file.read_text()), "expires_at": 0}))


def refresh_token(world):
    return world.identity.grants[-1].refresh_token


@pytest.mark.parametrize("numbers", [(TERM,), (TERM, TERM), (INT, INT), (HUP,), (HUP, TERM, INT)])
def test_the_exporter_waits_for_a_renewal_under_way_and_ends_with_0(numbers, tmp_path):
    world = a_parked_world()
    app, file = SlowRenewals(world, seconds=2), tmp_path / "volvo_token.json"
    with serving_app(app) as cloud:
        write_configuration(tmp_path, cloud)
        write_expired_token(world, file)
        with running(str(ROOT / "exporter.py"), folder=tmp_path) as process:
            assert app.spent.wait(20)
            for number in numbers:
                process.send_signal(number)
                time.sleep(0.4)  # so that the first one has been handled, and the server has stopped
            output, _ = process.communicate(timeout=20)

    assert process.returncode == 0
    assert "Traceback" not in output
    assert json.loads(file.read_text())["refresh_token"] == refresh_token(world)


@pytest.mark.parametrize("number", [TERM, INT, HUP])
def test_check_waits_for_a_renewal_under_way(number, tmp_path):
    world = a_parked_world()
    app, file = SlowRenewals(world, seconds=1), tmp_path / "volvo_token.json"
    with serving_app(app) as cloud:
        write_configuration(tmp_path, cloud)
        write_expired_token(world, file)
        with running("-m", "volvo_exporter", "check", folder=tmp_path) as process:
            assert app.spent.wait(20)
            process.send_signal(number)
            output, _ = process.communicate(timeout=20)

    assert process.returncode == 1
    assert "Aborted!" in output
    assert json.loads(file.read_text())["refresh_token"] == refresh_token(world)


def test_check_ends_without_a_traceback_when_its_output_is_closed(tmp_path):
    write_configuration(tmp_path, "http://127.0.0.1:1")
    command = [sys.executable, "-m", "volvo_exporter", "check"]
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        command, cwd=tmp_path, stdout=writer, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(writer)

    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_under_nohup_a_closed_terminal_does_not_end_the_exporter(tmp_path):
    write_configuration(tmp_path, "http://127.0.0.1:1")
    with running("-c", NOHUP, str(ROOT / "exporter.py"), folder=tmp_path) as process:
        until(lambda: "serving" in process.stdout.readline())
        process.send_signal(HUP)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=1)
        process.send_signal(TERM)

        assert process.wait(timeout=10) == 0


NOHUP = """
import os, signal, sys
signal.signal(signal.SIGHUP, signal.SIG_IGN)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""
