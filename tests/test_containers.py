"""Checks of the image, the compose file and the service unit that require no container engine."""

import re
import shlex
import shutil
import subprocess
import sys
import threading
from fnmatch import fnmatch
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx2
import pytest
import yaml

from tests.support.services import ROOT, free_port, running, until
from volvo_exporter.cli import commands

pytestmark = pytest.mark.slow

DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
HARDENING = {
    "read_only": True,
    "cap_drop": ["ALL"],
    "security_opt": ["no-new-privileges:true"],
}
ONE_SHOTS = ("history", "history-import")
UNIT = ROOT / "deploy/volvo-exporter.service"


def optional_program(name: str) -> str:
    """Return the path of a program that CI does not install; skip the test if it is missing."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def run(*command: str, folder: Path = ROOT) -> str:
    """Return the output of a command; fail the test if the command fails."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def default(text: str) -> str:
    """Return the text with the defaults of its variables: `${NAME:-default}`."""
    return re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text)


def compose_files() -> set[str]:
    """Return every path of the repository that the compose file mounts."""
    volumes = [volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])]
    secrets = [default(secret["file"]) for secret in COMPOSE["secrets"].values()]
    return {path for path in volumes + secrets if path.startswith(".")}


@pytest.mark.parametrize("name", SERVICES)
def test_service_is_pinned_confined_and_bound_to_loopback(name):
    service = SERVICES[name]

    assert HARDENING.items() <= service.items()
    assert service["restart"] == ("no" if name in ONE_SHOTS else "unless-stopped")
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))
    assert "build" in service or re.fullmatch(r"[\w./-]+:v?\d+\.\d+\.\d+", service["image"])
    assert "build" in service or name in ONE_SHOTS or service["healthcheck"]["test"]


@pytest.mark.parametrize("path", sorted(compose_files()))
def test_files_that_compose_mounts_exist(path):
    assert (ROOT / path).exists()


def test_volumes_and_secrets_that_services_use_are_declared():
    volumes = {volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}
    secrets = {secret for service in SERVICES.values() for secret in service.get("secrets", [])}

    assert {volume for volume in volumes if not volume.startswith(".")} == set(COMPOSE["volumes"])
    assert secrets == set(COMPOSE["secrets"])


def test_no_secret_is_written_into_a_configuration():
    files = ["docker-compose.yml", "alertmanager/alertmanager.yml", "prometheus/prometheus.yml"]
    text = "\n".join((ROOT / file).read_text() for file in files)

    assert "hooks.slack.com" not in text
    assert not re.search(r"(?im)^\W*\w*(password|secret|token|api_key|api_url|user_key): +\S", text)
    assert (ROOT / "deploy/empty-secret").read_text() == ""


def test_services_use_each_others_addresses():
    prometheus = (ROOT / "prometheus/prometheus.yml").read_text()
    slack = yaml.safe_load((ROOT / "alertmanager/alertmanager.yml").read_text())["receivers"][0]
    dashboards = SERVICES["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    datasource = (ROOT / "grafana/provisioning/datasources/prometheus.yml").read_text()

    assert {"volvo-exporter", "alertmanager"} <= SERVICES.keys()
    assert "volvo-exporter:9100" in prometheus
    assert "alertmanager:9093" in prometheus
    assert slack["slack_configs"][0]["api_url_file"] == "/run/secrets/slack_webhook"
    assert "http://prometheus:9090" in datasource
    assert (ROOT / "grafana" / Path(dashboards).name).exists()


def test_demo_replaces_the_exporter():
    demo = SERVICES["demo"]

    assert demo["networks"]["default"]["aliases"] == ["volvo-exporter"]
    assert demo["profiles"] == ["demo"]
    assert set(demo["depends_on"]) == {"history-import", "prometheus", "alertmanager", "grafana"}
    assert SERVICES["history"]["image"] == demo["image"]
    assert SERVICES["history-import"]["image"] == SERVICES["prometheus"]["image"]
    assert not demo.get("volumes")


def test_commands_of_the_containers_exist():
    commands_run = [SERVICES["demo"]["command"], without_output(SERVICES["history"]["command"])]
    commands_run += [
        shlex.split(line.strip('[]"').replace('",', "").replace('"', "")) for line in exec_forms()
    ]

    for name, *arguments in commands_run:
        # Only parses the arguments; an invalid option or value is an error.
        commands.commands[name].make_context(name, list(arguments))


def without_output(command: list[str]) -> list[str]:
    """Return the command without the option whose file would be opened by parsing."""
    return [argument for argument in command if not argument.startswith("--output=")]


def exec_forms() -> list[str]:
    """Return the commands of the image, without the program's name."""
    health = re.search(r'CMD \["volvo-exporter", (.*)\]$', DOCKERFILE, re.MULTILINE)
    start = re.search(r"^CMD \[(.*)\]$", DOCKERFILE, re.MULTILINE)
    return [health[1], start[1]]


def test_image_is_pinned_and_runs_as_an_unprivileged_user():
    stages = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)

    assert stages == ["${BASE}", "${BASE}"]
    assert re.search(r"^ARG BASE=python:\d+\.\d+-slim-\w+$", DOCKERFILE, re.MULTILINE)
    assert re.search(r"^USER [1-9]\d*:[1-9]\d*$", DOCKERFILE, re.MULTILINE)
    assert re.search(r"^WORKDIR /app$", DOCKERFILE.rpartition("FROM")[2], re.MULTILINE)


def test_docker_context_has_what_the_image_copies_and_no_secret():
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    allowed = [line.removeprefix("!") for line in lines if line.startswith("!")]
    copied = [
        path
        for line in re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE, re.MULTILINE)
        for path in line.split()[:-1]
    ]

    assert "*" in lines
    assert sorted(copied) == sorted(allowed)
    for secret in ("config.yaml", "volvo_token.json", "volvo_state.json", "secrets", ".git"):
        assert not any(fnmatch(secret, pattern) for pattern in allowed)


def test_image_installs_the_locked_requirements_and_the_package(tmp_path):
    # The steps of the Dockerfile, in a folder with the files that it copies; only pip may use its cache.
    for path in ("requirements-image.txt", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / path, tmp_path)
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    script = DOCKERFILE.partition("AS build")[2].partition("FROM")[0].replace("\\\n", "")
    steps = re.findall(r"^RUN (.*)$", script, re.MULTILINE)
    replacements = {
        "/opt/venv": f"{tmp_path}/venv",
        "python3 ": f"{shlex.quote(sys.executable)} ",
        " --no-cache-dir": "",
    }
    for there, replacement in replacements.items():
        steps = [step.replace(there, replacement) for step in steps]
    for step in steps:
        run("sh", "-ec", step, folder=tmp_path)

    binaries = tmp_path / "venv/bin"
    assert "health" in run(str(binaries / "volvo-exporter"), "--help")
    assert not (binaries / "pip").exists()
    show = (
        "from volvo_exporter.web.page import Page; "
        "Page().render_login([], nonce='', language='sv'); print(Page.__module__)"
    )
    assert "volvo_exporter.web.page" in run(str(binaries / "python"), "-c", show)
    # The driver of database_url with its own libpq, which the base image lacks.
    driver = "from psycopg import pq; print(pq.__impl__)"
    assert run(str(binaries / "python"), "-c", driver) == "binary\n"


def test_a_documented_container_runs_as_the_owner_of_the_mounted_folder():
    text = (ROOT / "docs/docker.md").read_text().replace("\\\n", "")
    mounting = [line for line in text.splitlines() if "docker run" in line and "/app" in line]

    assert mounting
    assert all('--user "$(id -u):$(id -g)"' in line for line in mounting)
    assert """printf 'EXPORTER_UID=%s\\nEXPORTER_GID=%s\\n' "$(id -u)" "$(id -g)" >> .env""" in text


def test_demo_section_of_the_readme_names_the_dashboards_and_another_port():
    section = (ROOT / "README.md").read_text().partition("## Try it without a car")[2].partition("\n## ")[0]

    assert "docker compose --project-name volvo-demo up --build demo" in section
    assert "make demo PORT=" in section


def test_compose_accepts_its_file():
    if shutil.which("docker-compose"):
        command = ["docker-compose"]
    elif subprocess.run(
        [optional_program("docker"), "compose", "version"], capture_output=True, check=False
    ).returncode:
        pytest.skip("docker has no compose")
    else:
        command = ["docker", "compose"]

    services = run(*command, "--profile", "demo", "config", "--services").split()

    assert set(services) == set(SERVICES)


def test_systemd_accepts_the_unit_as_confined(tmp_path):
    analyze = optional_program("systemd-analyze")
    unit = tmp_path / UNIT.name
    # systemd checks that the program exists.
    unit.write_text(re.sub(r"ExecStart=\S+", f"ExecStart={sys.executable}", UNIT.read_text()))

    run(analyze, "verify", "--man=no", str(unit))
    run(analyze, "security", "--offline=true", "--threshold=20", str(unit))


def test_command_of_the_unit_exists():
    arguments = re.search(r"^ExecStart=\S+/volvo-exporter (.*)$", UNIT.read_text(), re.MULTILINE)[1].split()

    commands.commands[arguments[0]].make_context(arguments[0], arguments[1:])


def health(folder: Path, **environment: str) -> tuple[int, str]:
    """Return exit code and output of the image's health check in a folder."""
    with running("-m", "volvo_exporter", "health", folder=folder, **environment) as process:
        output, _ = process.communicate(timeout=20)
    return process.returncode, output


def test_health_check_requires_only_the_port(tmp_path):
    port = free_port()
    (tmp_path / "config.yaml").write_text(f"exporter_listen_port: {port}\n")
    with running("-m", "volvo_exporter", "demo", "--port", str(port), folder=tmp_path):
        until(lambda: httpx2.get(f"http://127.0.0.1:{port}/-/healthy").is_success)

        assert health(tmp_path) == (0, "healthy\n")
        assert health(tmp_path, VOLVO_EXPORTER_LISTEN_PORT=str(free_port()))[0] == 1


def test_health_check_names_the_port_without_an_answer(tmp_path):
    port = free_port()
    code, output = health(tmp_path, VOLVO_EXPORTER_LISTEN_PORT=str(port))

    assert code == 1
    assert f"no response on port {port}" in output
    assert "Traceback" not in output


def test_health_check_recognizes_another_program_at_the_port(tmp_path):
    server = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    code, output = health(tmp_path, VOLVO_EXPORTER_LISTEN_PORT=str(server.server_port))
    server.shutdown()
    server.server_close()

    assert code == 1
    assert f"port {server.server_port} is used by another program" in output
    assert "<" not in output


@pytest.mark.parametrize("text", ["exporter_listen_port: soon", "- a list", "{not: closed"])
def test_health_check_names_an_invalid_port_setting(tmp_path, text):
    (tmp_path / "config.yaml").write_text(text)
    code, output = health(tmp_path)

    assert code == 2
    assert "exporter_listen_port" in output
    assert "Traceback" not in output
