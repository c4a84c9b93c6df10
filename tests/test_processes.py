"""The exporter as its users run it: real processes, real sockets, real signals."""

import json
import os
import pty
import signal
import socket
import ssl
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import anyio
import bcrypt
import httpx2
import pytest
import trustme
import yaml
from click.testing import CliRunner

from tests.support.installation import LOGIN, a_parked_world, write_token
from tests.support.services import ROOT, free_port, program, prometheus_options, running, serving, until
from volvo_exporter import simulator
from volvo_exporter.cli.simulation import demo
from volvo_exporter.simulator import Options, approve

pytestmark = pytest.mark.slow


def a_configuration(folder: Path, cloud: str, **more: object) -> int:
    """Writes config.yaml; the port to look at is the answer."""
    port = free_port()
    settings = {
        **LOGIN,
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
    """Return the last address of the browser after the consent to everything."""

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
    world = a_parked_world()
    with serving(world) as cloud:
        port = a_configuration(tmp_path, cloud)
        write_token(world, tmp_path / "volvo_token.json")
        with running(str(ROOT / "exporter.py"), folder=tmp_path) as process:
            until(lambda: "volvo_odometer_meters{" in get(port).text)
            assert get(port, "/-/ready").status_code == 200
            process.send_signal(signal.SIGTERM)

            assert process.wait(timeout=10) == 0


def test_without_login_and_terminal_it_serves_reports_it_and_uses_a_later_login(tmp_path):
    world = a_parked_world()
    with serving(world) as cloud:
        port = a_configuration(tmp_path, cloud)
        with running(str(ROOT / "exporter.py"), folder=tmp_path):
            until(lambda: 'volvo_exporter_login_required{account="default"} 1.0' in get(port).text)
            assert get(port, "/-/healthy").status_code == 200
            assert get(port, "/-/ready").status_code == 503
            write_token(world, tmp_path / "volvo_token.json")

            until(lambda: "volvo_odometer_meters{" in get(port).text)


def test_auth_ends_with_the_pasted_address(tmp_path):
    with serving(a_parked_world()) as cloud:
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
    with serving(a_parked_world(options=Options(redirect_uris=(uri,)))) as cloud:
        a_configuration(tmp_path, cloud, redirect_uri=uri)
        with running(str(ROOT / "auth.py"), folder=tmp_path, stdin=subprocess.PIPE) as process:
            redirect = consent(read_line(process, "http"))
            page = httpx2.get(redirect)

            assert "logged in" in page.text
            assert process.wait(timeout=10) == 0


def test_a_refused_consent_is_explained_and_the_login_continues(tmp_path):
    with serving(a_parked_world()) as cloud:
        a_configuration(tmp_path, cloud)
        with running(str(ROOT / "auth.py"), folder=tmp_path, stdin=subprocess.PIPE) as process:
            url = read_line(process, "http")
            state = urlsplit(url).query.partition("state=")[2].partition("&")[0]
            process.stdin.write(f"{simulator.REDIRECT_URI}?error=access_denied&state={state}\n")
            process.stdin.flush()

            assert "cancelled" in read_line(process, "Login failed")
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


def test_on_a_terminal_the_exporter_asks_for_the_login_inline_and_continues_to_serve(tmp_path):
    with serving(a_parked_world()) as cloud, a_terminal() as (typing, stdin):
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
    with serving(a_parked_world(options=options)) as cloud, a_terminal() as (_, stdin):
        a_configuration(tmp_path, cloud, redirect_uri=uri, exporter_listen_port=port)
        with running(str(ROOT / "exporter.py"), folder=tmp_path, stdin=stdin) as process:
            redirect = consent(read_line(process, "http"))

            assert "Continue in the terminal" in httpx2.get(redirect.replace("localhost", "127.0.0.1")).text
            until(lambda: "volvo_odometer_meters{" in get(port).text)


def test_an_unexpected_redirect_shows_where_to_paste_the_address(tmp_path):
    with serving(a_parked_world()) as cloud:
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
        ({"vehicle_labels": ["colr"]}, "vehicle_labels: unknown colr"),
        ({"disabled_resources": ["postion"]}, "disabled_resources: cannot disable postion"),
        ({"token_file": "/"}, "token_file: must be the path of a file"),
        ({"api_key": "k3y\nk3y"}, "api_key: contains a line break"),
        ({"api_key": "\ufeffk3y-k3y"}, "api_key: character 1 of 8 is a byte order mark"),
        ({"volvo_api_url": "http://exa\x01mple"}, "volvo_api_url: contains a control character"),
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


@pytest.mark.parametrize("script", ["exporter.py", "auth.py"])
def test_yaml_that_is_nested_too_deeply_ends_with_2(script, tmp_path):
    (tmp_path / "config.yaml").write_text("a: " + "[" * 5000)
    with running(str(ROOT / script), folder=tmp_path) as process:
        output, _ = process.communicate(timeout=20)

    assert process.returncode == 2
    assert "config.yaml: is not valid YAML: nested too deeply" in output
    assert "Traceback" not in output


def test_a_wrong_log_level_ends_with_2_and_lists_the_levels(tmp_path):
    a_configuration(tmp_path, "http://127.0.0.1:1")
    with running(str(ROOT / "exporter.py"), folder=tmp_path, LOG_LEVEL="verbose") as process:
        output, _ = process.communicate(timeout=20)

    assert process.returncode == 2
    assert output == "Error: LOG_LEVEL: must be one of debug, info, warning, error\n"


def without_stdin(script: str) -> tuple[str, ...]:
    """Run a script in a process whose standard input is closed, as `<&-` does in a shell."""
    start = "import os, sys; os.close(0); os.execv(sys.executable, sys.argv[1:])"
    return "-c", start, sys.executable, str(ROOT / script)


def test_the_exporter_serves_with_a_closed_stdin(tmp_path):
    port = a_configuration(tmp_path, "http://127.0.0.1:1")
    with running(*without_stdin("exporter.py"), folder=tmp_path):
        until(lambda: get(port, "/-/healthy").status_code == 200)


def test_a_login_with_a_closed_stdin_and_no_redirect_to_wait_for_ends_with_a_message(tmp_path):
    a_configuration(tmp_path, "http://127.0.0.1:1", redirect_uri="https://volvo.example.com/callback")
    with running(*without_stdin("auth.py"), folder=tmp_path) as process:
        output, _ = process.communicate(timeout=20)

    assert process.returncode == 1
    assert "Error: end of input before the login was complete: run the command in a terminal" in output
    assert "Traceback" not in output


def test_a_port_in_use_ends_with_2_and_names_the_setting(tmp_path):
    with serving(a_parked_world()) as cloud:
        a_configuration(tmp_path, cloud, exporter_listen_port=urlsplit(cloud).port)
        with running(str(ROOT / "exporter.py"), folder=tmp_path) as process:
            output, _ = process.communicate(timeout=20)

    assert process.returncode == 2
    assert "exporter_listen_port" in output


def test_check_reports_what_works_and_what_fails_and_shows_no_secret(tmp_path):
    world = a_parked_world()
    with serving(world) as cloud:
        a_configuration(tmp_path, cloud)
        scopes = [scope for scope in world.options.scopes if scope != "conve:doors_status"]
        write_token(world, tmp_path / "volvo_token.json", scope=scopes)
        with running("-m", "volvo_exporter", "check", folder=tmp_path) as process:
            output, _ = process.communicate(timeout=30)

    assert process.returncode == 1
    errors = [line for line in output.splitlines() if line.startswith("ERROR")]
    assert len(errors) == 3
    assert all("doors" in line and "conve:doors_status" in line for line in errors)
    for secret in (simulator.CLIENT_SECRET, simulator.API_KEY, *world.cars):
        assert secret not in output


def test_check_shows_the_plan_of_the_running_exporter(tmp_path):
    world = a_parked_world(cars=simulator.FLEET[:1])
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


def test_check_without_a_login_shows_how_to_log_in(tmp_path):
    a_configuration(tmp_path, "http://127.0.0.1:1")
    with running("-m", "volvo_exporter", "check", folder=tmp_path) as process:
        output, _ = process.communicate(timeout=30)

    assert process.returncode == 1
    assert "volvo-exporter login" in output


def test_the_demo_shows_three_cars(tmp_path):
    port = free_port()
    with running("-m", "volvo_exporter", "demo", "--port", str(port), folder=tmp_path):
        text = until(lambda: (body := get(port).text).count("volvo_odometer_meters{") == 3 and body)
        page = get(port, "/").text

    for model in ("EX30", "XC60", "S90"):
        assert f'model="{model}"' in text
    assert "simulated cars, at 60 times real speed" in page


@pytest.mark.services
def test_prometheus_scrapes_it_without_a_complaint(tmp_path):
    prometheus, port = program("prometheus"), free_port()
    configuration = {
        "global": {"scrape_interval": "1s"},
        "scrape_configs": [{"job_name": "volvo", "static_configs": [{"targets": [f"127.0.0.1:{port}"]}]}],
    }
    options = prometheus_options(tmp_path, configuration)
    own = options[-1].rpartition(":")[2]
    with (
        running("-m", "volvo_exporter", "demo", "--port", str(port), folder=tmp_path),
        subprocess.Popen((prometheus, *options), stderr=subprocess.PIPE, text=True) as process,
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


def hash_of(password: str) -> str:
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode()


def a_web_configuration(folder: Path, ca: trustme.CA, **more: object) -> None:
    """Writes web.yml, and a certificate for localhost with its key."""
    certificate = ca.issue_cert("localhost", "127.0.0.1")
    certificate.private_key_pem.write_to_path(folder / "server.key")
    certificate.cert_chain_pems[0].write_to_path(folder / "server.crt")
    ca.cert_pem.write_to_path(folder / "ca.crt")
    section = {"cert_file": "server.crt", "key_file": "server.key", **more.pop("tls_server_config", {})}
    (folder / "web.yml").write_text(yaml.safe_dump({"tls_server_config": section, **more}))


def an_https_client(folder: Path, port: int, **options: object) -> httpx2.Client:
    context = ssl.create_default_context(cafile=folder / "ca.crt")
    return httpx2.Client(base_url=f"https://localhost:{port}", verify=context, **options)


def output_of(*command: str, folder: Path, **environment: str) -> tuple[int, str]:
    with running("-m", "volvo_exporter", *command, folder=folder, **environment) as process:
        output, _ = process.communicate(timeout=30)
    return process.returncode, output


def test_with_tls_and_a_password_clients_need_both_and_a_new_password_is_used(tmp_path):
    world, ca = a_parked_world(cars=simulator.FLEET[:1]), trustme.CA()
    old, new = hash_of("open sesame"), hash_of("swordfish")
    a_web_configuration(tmp_path, ca, basic_auth_users={"alice": old})
    with serving(world) as cloud:
        port = a_configuration(tmp_path, cloud, web_config_file="web.yml")
        write_token(world, tmp_path / "volvo_token.json")
        with (
            running(str(ROOT / "exporter.py"), folder=tmp_path) as process,
            an_https_client(tmp_path, port) as client,
        ):
            auth = ("alice", "open sesame")
            until(lambda: "volvo_odometer_meters{" in client.get("/metrics", auth=auth).text)
            assert client.get("/metrics").status_code == 401
            with pytest.raises(httpx2.TransportError):
                get(port)
            assert output_of("health", folder=tmp_path) == (0, "running, protected by basic auth\n")
            status, output = output_of("check", folder=tmp_path)
            assert status == 0
            assert "protected by basic auth" in output

            a_web_configuration(tmp_path, ca, basic_auth_users={"alice": new})
            assert client.get("/metrics", auth=auth).status_code == 401
            assert client.get("/metrics", auth=("alice", "swordfish")).status_code == 200
            process.send_signal(signal.SIGTERM)
            output, _ = process.communicate(timeout=10)

    assert process.returncode == 0
    assert f"https://localhost:{port}/" in output
    assert "web_config_file reloaded" in output
    for secret in (old[7:], new[7:], "sesame", "swordfish"):
        assert secret not in output


@pytest.mark.parametrize("version", ["TLS12", "TLS13"])
def test_health_reports_a_running_exporter_that_requires_a_client_certificate(version, tmp_path):
    ca = trustme.CA()
    demands = {"client_auth_type": "RequireAndVerifyClientCert", "client_ca_file": "ca.crt"}
    a_web_configuration(tmp_path, ca, tls_server_config={**demands, "max_version": version})
    port = a_configuration(tmp_path, "http://127.0.0.1:1", web_config_file="web.yml")
    with running(str(ROOT / "exporter.py"), folder=tmp_path):
        until(
            lambda: (
                output_of("health", folder=tmp_path) == (0, "running, protected by a client certificate\n")
            )
        )
        status, output = output_of("check", folder=tmp_path)
        assert "protected by a client certificate" in output
    status, output = output_of("health", folder=tmp_path)

    assert status == 1
    assert f"no response on port {port}" in output


@pytest.mark.parametrize("tls", [True, False], ids=["https", "http"])
def test_health_and_check_find_the_exporter_with_tls_and_without(tls, tmp_path):
    world = a_parked_world(cars=simulator.FLEET[:1])
    with serving(world) as cloud:
        port = a_configuration(tmp_path, cloud)
        a_web_configuration(tmp_path, trustme.CA())
        if not tls:
            (tmp_path / "web.yml").write_text("")
        write_token(world, tmp_path / "volvo_token.json")
        environment = {"VOLVO_WEB_CONFIG_FILE": "web.yml"}
        with running(str(ROOT / "exporter.py"), folder=tmp_path, **environment):
            until(lambda: output_of("health", folder=tmp_path, **environment) == (0, "healthy\n"))

            assert "expected by the reset" in output_of("check", folder=tmp_path, **environment)[1]
            status = httpx2.get(
                f"{'https' if tls else 'http'}://127.0.0.1:{port}/api/v1/status", verify=False
            )
            assert status.json()["log"] == []


@pytest.mark.parametrize("script", ["exporter.py", "auth.py"])
def test_a_wrong_web_configuration_ends_with_2_and_shows_no_hash(script, tmp_path):
    stored = hash_of("open sesame")[:-1]
    (tmp_path / "web.yml").write_text(yaml.safe_dump({"basic_auth_users": {"alice": stored}}))
    a_configuration(tmp_path, "http://127.0.0.1:1", web_config_file="web.yml")
    with running(str(ROOT / script), folder=tmp_path) as process:
        output, _ = process.communicate(timeout=20)

    assert process.returncode == 2
    assert "web_config_file: web.yml is invalid:" in output
    assert "not a bcrypt hash; create one with" in output
    assert "Traceback" not in output
    assert stored[7:] not in output


@pytest.mark.services
def test_prometheus_scrapes_it_over_tls_with_a_password(tmp_path):
    prometheus, ca = program("prometheus"), trustme.CA()
    a_web_configuration(tmp_path, ca, basic_auth_users={"prometheus": hash_of("open sesame")})
    (tmp_path / "password").write_text("open sesame")
    port = a_configuration(tmp_path, "http://127.0.0.1:1", web_config_file="web.yml")
    job = {
        "job_name": "volvo",
        "scheme": "https",
        "tls_config": {"ca_file": "ca.crt"},
        "basic_auth": {"username": "prometheus", "password_file": "password"},
        "static_configs": [{"targets": [f"localhost:{port}"]}],
    }
    configuration = {"global": {"scrape_interval": "1s"}, "scrape_configs": [job]}
    options = prometheus_options(tmp_path, configuration)
    own = options[-1].rpartition(":")[2]

    def up() -> bool:
        answer = httpx2.get(f"http://127.0.0.1:{own}/api/v1/query", params={"query": 'up{job="volvo"}'})
        found = answer.json()["data"]["result"] if answer.is_success else []
        return bool(found) and found[0]["value"][1] == "1"

    with (
        running(str(ROOT / "exporter.py"), folder=tmp_path),
        subprocess.Popen((prometheus, *options), stderr=subprocess.DEVNULL) as process,
    ):
        try:
            until(up)
        finally:
            process.terminate()


@pytest.mark.parametrize("address", ["127.0.0.2", "::1", "::"])
def test_health_asks_where_the_exporter_listens(address, tmp_path):
    a_configuration(tmp_path, "http://127.0.0.1:1", exporter_listen_addr=address)
    with running(str(ROOT / "exporter.py"), folder=tmp_path):
        until(lambda: output_of("health", folder=tmp_path) == (0, "healthy\n"))


@pytest.mark.parametrize("command", ["health", "check"])
def test_an_address_with_a_port_ends_with_2_and_names_the_setting(command, tmp_path):
    a_configuration(tmp_path, "http://127.0.0.1:1", exporter_listen_addr="0.0.0.0:9100")
    status, output = output_of(command, folder=tmp_path)

    assert (status, "Traceback" in output) == (2, False)
    assert "exporter_listen_addr" in output


def test_a_demo_whose_port_is_taken_names_its_option(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with running("-m", "volvo_exporter", "demo", "--port", port, folder=tmp_path) as process:
            output, _ = process.communicate(timeout=20)

    assert process.returncode == 2
    assert f"--port: cannot listen on 127.0.0.1 port {port}" in output
    assert "Traceback" not in output


@pytest.mark.parametrize("port", ["0", "65536", "http"])
def test_an_invalid_port_of_the_demo_is_an_error_of_the_option(port):
    result = CliRunner().invoke(demo, ["--port", port])

    assert result.exit_code == 2
    assert "Invalid value for '--port'" in result.output


@pytest.mark.parametrize("address", ["0.0.0.0", "::"])  # noqa: S104 - as in a container
def test_an_exporter_on_all_addresses_prints_an_address_that_can_be_opened(address, tmp_path):
    port = a_configuration(tmp_path, "http://127.0.0.1:1", exporter_listen_addr=address)
    with running(str(ROOT / "exporter.py"), folder=tmp_path) as process:
        until(lambda: output_of("health", folder=tmp_path) == (0, "healthy\n"))
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=10)
    with running(
        "-m", "volvo_exporter", "demo", "--address", address, "--port", str(port), folder=tmp_path
    ) as process:
        line = read_line(process, "Exporter:")

    assert f"http://localhost:{port}/" in output
    assert f"http://localhost:{port}/" in line
    assert f"//{address}" not in output
