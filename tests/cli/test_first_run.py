"""`serve` without a configuration: when it shows the set-up page, and how it ends."""

import os
import pty
import re
import signal
import socket
from contextlib import contextmanager

import httpx2
import pytest
from click.testing import CliRunner

from tests.support.installation import LOGIN, a_parked_world
from tests.support.services import ROOT, free_port, running, serving, until
from volvo_exporter.cli import commands
from volvo_exporter.simulator import Options

EXPORTER = str(ROOT / "exporter.py")
NOT_FOUND = "config.yaml: not found; copy config.example.yaml to this path and fill it in"
pytestmark = pytest.mark.slow


@contextmanager
def a_terminal():
    """Yield a descriptor for the standard input of a process, as a terminal gives it."""
    leader, follower = pty.openpty()
    try:
        yield follower
    finally:
        os.close(leader)
        os.close(follower)


def at(port: int, path: str = "/") -> httpx2.Response:
    return httpx2.get(f"http://localhost:{port}{path}")


def shows_setup(port: int) -> bool:
    return "Set up the Volvo Vehicle Exporter" in at(port).text


def invalid(folder, *options: str, **environment: str) -> str:
    """Return the output of `serve` without a terminal, which ends with exit code 2 before it serves."""
    command = ["serve", "--config", str(folder / "config.yaml"), *options]
    done = CliRunner().invoke(commands, command, env=environment)
    assert done.exit_code == 2
    return done.output


@pytest.mark.parametrize(
    ("options", "environment"),
    [
        ((), {}),
        ((), {"VOLVO_EXPORTER_LISTEN_ADDR": "0.0.0.0"}),  # noqa: S104 - as in the image
        ((), {"VOLVO_SETUP": "off"}),
        (("--setup",), {"VOLVO_CLIENT_ID": "a-client"}),
    ],
)
def test_without_a_terminal_or_with_a_part_of_the_settings_it_ends_with_2(options, environment, tmp_path):
    output = invalid(tmp_path, *options, **environment)

    assert NOT_FOUND in output
    assert "client_secret: is missing; copy it from" in output


def test_no_setup_ends_with_2_at_a_terminal_too(tmp_path):
    with a_terminal() as stdin, running(EXPORTER, "--no-setup", folder=tmp_path, stdin=stdin) as process:
        output, _ = process.communicate(timeout=20)

    assert process.returncode == 2
    assert NOT_FOUND in output


def test_at_a_terminal_it_shows_the_page_and_ends_with_0_on_a_signal(tmp_path):
    port = free_port()
    environment = {"VOLVO_EXPORTER_LISTEN_PORT": str(port)}
    with a_terminal() as stdin, running(EXPORTER, folder=tmp_path, stdin=stdin, **environment) as process:
        until(lambda: shows_setup(port))
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=20)

    assert process.returncode == 0
    assert f"address=http://localhost:{port}/" in output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "named"), [("client_id: x", "api_key: is missing"), ("scrape_interval: 1", "scrape_interval")]
)
def test_a_partly_valid_file_ends_with_2_and_stays_as_it_is(content, named, tmp_path):
    (tmp_path / "config.yaml").write_text(content)

    assert named in invalid(tmp_path, "--setup")
    assert (tmp_path / "config.yaml").read_text() == content


def test_an_invalid_setting_of_the_environment_ends_with_2(tmp_path):
    output = invalid(tmp_path, "--setup", VOLVO_EXPORTER_LISTEN_PORT="many")

    assert "exporter_listen_port: must be a whole number" in output


def test_a_missing_folder_ends_with_2(tmp_path):
    with running(EXPORTER, "--setup", "--config", "missing/config.yaml", folder=tmp_path) as process:
        output, _ = process.communicate(timeout=20)

    assert process.returncode == 2
    assert "missing/config.yaml: its folder does not exist; create it, or correct --config" in output


def test_a_port_in_use_ends_with_2(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with running(EXPORTER, "--setup", folder=tmp_path, VOLVO_EXPORTER_LISTEN_PORT=port) as process:
            output, _ = process.communicate(timeout=20)

    assert process.returncode == 2
    assert f"cannot listen on 127.0.0.1 port {port}" in output


def test_another_machine_sets_up_with_the_code_and_may_then_log_in(tmp_path):
    port, log = free_port(), tmp_path / "log"
    folder = tmp_path / "exporter"
    folder.mkdir()
    elsewhere = {"x-forwarded-for": "192.168.1.5"}
    values = {**LOGIN, "redirect_uri": f"http://localhost:{port}/callback"}
    cloud = serving(a_parked_world(options=Options(redirect_uris=(values["redirect_uri"],))))
    with cloud as url, log.open("w") as output:
        environment = {
            "VOLVO_SETUP": "on",
            "VOLVO_EXPORTER_LISTEN_PORT": str(port),
            "VOLVO_VOLVO_API_URL": url,
            "VOLVO_VOLVO_ID_URL": url,
        }
        with (
            running(EXPORTER, folder=folder, output=output.fileno(), **environment),
            httpx2.Client(base_url=f"http://localhost:{port}", headers=elsewhere) as browser,
        ):
            until(lambda: at(port, "/-/healthy"))
            token = re.search(r'name="token" value="([^"]+)"', browser.get("/").text)[1]
            code = re.search(r"code=(\S+)", log.read_text())[1]
            browser.post("/", data={"token": token, "code": code})
            saved = browser.post("/", data={"token": token, **values})
            assert (saved.status_code, saved.headers["location"]) == (303, "login")
            page = browser.get("/login", follow_redirects=True)
            started = browser.post("/login", data={"account": "default"})
            other = httpx2.post(
                f"http://localhost:{port}/login", data={"account": "default"}, headers=elsewhere
            )

    assert "Log in at Volvo ID" in page.text
    assert (started.status_code, other.status_code) == (303, 403)
    assert started.headers["location"].startswith(url)
    assert values["client_secret"] not in log.read_text()
    assert token not in log.read_text()
