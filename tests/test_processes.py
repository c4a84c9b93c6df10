"""The exporter as its users run it: real processes, real sockets, real signals."""

import json
import os
import pty
import signal
import subprocess
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import anyio
import httpx2
import pytest
import yaml

from installation import write_token
from services import ROOT, free_port, program, running, serving, until
from volvo_exporter import simulator
from volvo_exporter.simulator import Options, World, approve


def a_configuration(folder: Path, cloud: str, **more: object) -> int:
    """Writes config.yaml; the port to look at is the answer."""
    port = free_port()
    settings = {
        "client_id": simulator.CLIENT_ID,
        "client_secret": simulator.CLIENT_SECRET,
        "api_key": simulator.API_KEY,
        "redirect_uri": simulator.REDIRECT_URI,
        "volvo_api_url": cloud,
        "volvo_id_url": cloud,
        "exporter_listen_port": port,
        **more,
    }
    (folder / "config.yaml").write_text(yaml.safe_dump(settings))
    return port


def get(port: int, path: str = "/metrics") -> httpx2.Response:
    return httpx2.get(f"http://127.0.0.1:{port}{path}")


def consent(url: str) -> str:
    """Where the browser ends up after somebody has allowed everything."""

    async def browse() -> str:
        async with httpx2.AsyncClient() as client:
            return await approve(client, url)

    return anyio.run(browse)


def read_line(process: subprocess.Popen, beginning: str) -> str:
    """The next line of the output that begins so."""
    for line in process.stdout:
        if line.strip().startswith(beginning):
            return line.strip()
    pytest.fail(f"no line begins with {beginning}")


def test_the_exporter_serves_and_ends_with_0_on_sigterm(tmp_path):
    world = World(clock=time.time)
    with serving(world) as cloud:
        port = a_configuration(tmp_path, cloud)
        write_token(world, tmp_path / "volvo_token.json")
        with running(str(ROOT / "exporter.py"), folder=tmp_path) as process:
            until(lambda: "volvo_odometer_meters{" in get(port).text)
            assert get(port, "/-/ready").status_code == 200
            process.send_signal(signal.SIGTERM)

            assert process.wait(timeout=10) == 0


def test_without_login_and_terminal_it_serves_and_says_so_and_takes_up_a_login(tmp_path):
    world = World(clock=time.time)
    with serving(world) as cloud:
        port = a_configuration(tmp_path, cloud)
        with running(str(ROOT / "exporter.py"), folder=tmp_path):
            until(lambda: 'volvo_exporter_login_required{account="default"} 1.0' in get(port).text)
            assert get(port, "/-/healthy").status_code == 200
            assert get(port, "/-/ready").status_code == 503
            write_token(world, tmp_path / "volvo_token.json")

            until(lambda: "volvo_odometer_meters{" in get(port).text)


def test_auth_finishes_with_the_pasted_address(tmp_path):
    with serving(World(clock=time.time)) as cloud:
        a_configuration(tmp_path, cloud)
        with running(str(ROOT / "auth.py"), folder=tmp_path, stdin=subprocess.PIPE) as process:
            redirect = consent(read_line(process, "http"))
            process.stdin.write("something else\n")
            process.stdin.write(f"{redirect}\n")
            process.stdin.flush()

            assert process.wait(timeout=10) == 0
        token = json.loads((tmp_path / "volvo_token.json").read_text())
        assert {"access_token", "refresh_token", "expires_at"} <= token.keys()
        assert (tmp_path / "volvo_token.json").stat().st_mode & 0o777 == 0o600


def test_auth_finishes_when_the_browser_comes_back_to_localhost(tmp_path):
    uri = f"http://localhost:{free_port()}/callback"
    with serving(World(clock=time.time, options=Options(redirect_uris=(uri,)))) as cloud:
        a_configuration(tmp_path, cloud, redirect_uri=uri)
        with running(str(ROOT / "auth.py"), folder=tmp_path, stdin=subprocess.PIPE) as process:
            redirect = consent(read_line(process, "http"))
            page = httpx2.get(redirect)

            assert "logged in" in page.text
            assert process.wait(timeout=10) == 0


def test_a_refused_consent_is_explained_and_the_login_goes_on(tmp_path):
    with serving(World(clock=time.time)) as cloud:
        a_configuration(tmp_path, cloud)
        with running(str(ROOT / "auth.py"), folder=tmp_path, stdin=subprocess.PIPE) as process:
            url = read_line(process, "http")
            state = urlsplit(url).query.partition("state=")[2].partition("&")[0]
            process.stdin.write(f"{simulator.REDIRECT_URI}?error=access_denied&state={state}\n")
            process.stdin.flush()

            assert "cancelled" in read_line(process, "That did not work")
            assert process.poll() is None


@contextmanager
def a_terminal():
    """A pseudo terminal: the end to type at, and the end to hand to a process."""
    typing, stdin = pty.openpty()
    try:
        yield typing, stdin
    finally:
        os.close(typing)
        os.close(stdin)


def test_on_a_terminal_the_exporter_asks_for_the_login_inline_and_goes_on_serving(tmp_path):
    with serving(World(clock=time.time)) as cloud, a_terminal() as (typing, stdin):
        port = a_configuration(tmp_path, cloud)
        with running(str(ROOT / "exporter.py"), folder=tmp_path, stdin=stdin) as process:
            redirect = consent(read_line(process, "http"))
            assert get(port, "/-/healthy").status_code == 200
            os.write(typing, f"{redirect}\n".encode())

            until(lambda: "volvo_odometer_meters{" in get(port).text)


def test_a_redirect_to_the_exporter_itself_finishes_the_inline_login(tmp_path):
    port = free_port()
    uri = f"http://localhost:{port}/callback"
    options = Options(redirect_uris=(uri,))
    with serving(World(clock=time.time, options=options)) as cloud, a_terminal() as (_, stdin):
        a_configuration(tmp_path, cloud, redirect_uri=uri, exporter_listen_port=port)
        with running(str(ROOT / "exporter.py"), folder=tmp_path, stdin=stdin) as process:
            redirect = consent(read_line(process, "http"))

            assert "Look at the terminal" in httpx2.get(redirect.replace("localhost", "127.0.0.1")).text
            until(lambda: "volvo_odometer_meters{" in get(port).text)


def test_a_redirect_that_nobody_awaits_says_where_to_paste_it(tmp_path):
    with serving(World(clock=time.time)) as cloud:
        port = a_configuration(tmp_path, cloud)
        with running(str(ROOT / "exporter.py"), folder=tmp_path):
            answer = until(lambda: get(port, "/callback?code=c&state=s"))

    assert answer.status_code == 404
    assert "paste" in answer.text


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"client_id": ""}, "client_id: is missing"),
        ({"scrape_interval": "soon"}, "scrape_interval:"),
        ({"scrap_interval": 300}, "did you mean scrape_interval?"),
        ({"vehicle_labels": ["colr"]}, "vehicle_labels: no colr"),
        ({"disabled_resources": ["postion"]}, "disabled_resources: cannot disable postion"),
    ],
)
@pytest.mark.parametrize("script", ["exporter.py", "auth.py"])
def test_a_wrong_setting_ends_with_2_and_names_itself(script, change, named, tmp_path):
    a_configuration(tmp_path, "http://127.0.0.1:1", **change)
    with running(str(ROOT / script), folder=tmp_path) as process:
        output, _ = process.communicate(timeout=20)

    assert process.returncode == 2
    assert named in output
    assert "Traceback" not in output
    assert simulator.CLIENT_SECRET not in output


def test_a_port_in_use_ends_with_2_and_names_the_setting(tmp_path):
    with serving(World(clock=time.time)) as cloud:
        a_configuration(tmp_path, cloud, exporter_listen_port=urlsplit(cloud).port)
        with running(str(ROOT / "exporter.py"), folder=tmp_path) as process:
            output, _ = process.communicate(timeout=20)

    assert process.returncode == 2
    assert "exporter_listen_port" in output


def test_check_says_what_is_right_and_wrong_and_shows_no_secret(tmp_path):
    world = World(clock=time.time)
    with serving(world) as cloud:
        a_configuration(tmp_path, cloud)
        scopes = [scope for scope in world.options.scopes if scope != "conve:doors_status"]
        write_token(world, tmp_path / "volvo_token.json", scope=scopes)
        with running("-m", "volvo_exporter", "check", folder=tmp_path) as process:
            output, _ = process.communicate(timeout=30)

    assert process.returncode == 1
    wrong = [line for line in output.splitlines() if line.startswith("WRONG")]
    assert len(wrong) == 3
    assert all("doors" in line and "conve:doors_status" in line for line in wrong)
    for secret in (simulator.CLIENT_SECRET, simulator.API_KEY, *world.cars):
        assert secret not in output


def test_check_shows_the_plan_of_the_running_exporter(tmp_path):
    world = World(clock=time.time, cars=simulator.FLEET[:1])
    with serving(world) as cloud:
        port = a_configuration(tmp_path, cloud)
        write_token(world, tmp_path / "volvo_token.json")
        with running(str(ROOT / "exporter.py"), folder=tmp_path):
            until(lambda: "volvo_odometer_meters{" in get(port).text)
            with running("-m", "volvo_exporter", "check", folder=tmp_path) as process:
                output, _ = process.communicate(timeout=30)

    assert process.returncode == 0
    assert "expected by the reset" in output
    assert "odometer: ok, every 120 min" in output


def test_check_without_a_login_says_how_to_get_one(tmp_path):
    a_configuration(tmp_path, "http://127.0.0.1:1")
    with running("-m", "volvo_exporter", "check", folder=tmp_path) as process:
        output, _ = process.communicate(timeout=30)

    assert process.returncode == 1
    assert "volvo-exporter login" in output


def test_the_demo_shows_three_cars(tmp_path):
    port = free_port()
    with running("-m", "volvo_exporter", "demo", "--port", str(port), folder=tmp_path):
        text = until(lambda: (body := get(port).text).count("volvo_odometer_meters{") == 3 and body)

    for model in ("EX30", "XC60", "S90"):
        assert f'model="{model}"' in text


@pytest.mark.services
def test_prometheus_scrapes_it_without_a_complaint(tmp_path):
    prometheus, port, own = program("prometheus"), free_port(), free_port()
    configuration = {
        "global": {"scrape_interval": "1s"},
        "scrape_configs": [{"job_name": "volvo", "static_configs": [{"targets": [f"127.0.0.1:{port}"]}]}],
    }
    (tmp_path / "prometheus.yml").write_text(yaml.safe_dump(configuration))
    command = (
        prometheus,
        f"--config.file={tmp_path}/prometheus.yml",
        f"--storage.tsdb.path={tmp_path}/data",
        f"--web.listen-address=127.0.0.1:{own}",
    )
    with (
        running("-m", "volvo_exporter", "demo", "--port", str(port), folder=tmp_path),
        subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process,
    ):
        warnings = []
        reader = threading.Thread(
            target=lambda: warnings.extend(line for line in process.stderr if "level=info" not in line)
        )
        reader.start()

        def ask(query: str) -> list:
            answer = httpx2.get(f"http://127.0.0.1:{own}/api/v1/query", params={"query": query})
            # Before it is ready, Prometheus answers in plain text.
            return answer.json()["data"]["result"] if answer.is_success else []

        try:
            until(lambda: len(ask("volvo_odometer_meters")) == 3)
            target = httpx2.get(f"http://127.0.0.1:{own}/api/v1/targets").json()["data"]["activeTargets"][0]
            assert (target["health"], target["lastError"]) == ("up", "")
            assert ask("sum(volvo_charging_status) by (vin)")
            complaints = [line for line in warnings if "level=" in line]
        finally:
            process.terminate()
            reader.join()
    assert complaints == []
