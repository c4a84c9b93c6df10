"""Alerts from a car to Slack: real exporter, Prometheus and Alertmanager, and a fake webhook.

The tests use the repository's rules, routes and templates; only addresses and intervals differ.
"""

import json
import re
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx2
import pytest
import yaml

from tests.support.installation import LOGIN, MONDAY, write_token
from tests.support.services import ROOT, free_port, program, prometheus_options, running, serving, until
from volvo_exporter.simulator import FLEET, Options, World
from volvo_exporter.simulator.clock import SimulatedClock
from volvo_exporter.simulator.options import DAY
from volvo_exporter.simulator.plan import HOUR, begin_of, day_of
from volvo_exporter.simulator.profiles import Incident

pytestmark = pytest.mark.services

UNLIMITED_CALLS = 1_000_000
BULB_FAILURE = Incident(values={"brakeLightCenterWarning": "FAILURE"}, first=1, until=2)
CAR = next(car for car in FLEET if car.model == "XC60")
CAR = replace(CAR, incidents=(BULB_FAILURE,), habits=replace(CAR.habits, home_office=0.0))
"""A commuter's car whose bulb fails on Tuesday and is replaced on Wednesday."""
GREEN, RED = "#2e7d32", "#c62828"


class Slack:
    """A fake webhook of Slack, with the messages that it received."""

    def __init__(self) -> None:
        self.messages: list[dict[str, str]] = []
        messages = self.messages

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                messages.extend(body["attachments"])
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"ok")

            def log_message(self, *_: object) -> None:
                """Log nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/services/T0/B0/secret"

    @contextmanager
    def open(self) -> Iterator["Slack"]:
        thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            thread.join()
            self._server.server_close()


@contextmanager
def service(folder: Path, name: str, *arguments: str) -> Iterator[None]:
    """Run a program that writes its log into the folder."""
    with (
        (folder / f"{name}.log").open("w") as log,
        subprocess.Popen([program(name), *arguments], cwd=folder, stdout=log, stderr=log) as process,
    ):
        try:
            yield
        finally:
            process.terminate()


@contextmanager
def alertmanager(folder: Path, slack: Slack) -> Iterator[str]:
    """Run Alertmanager with the repository's configuration and short intervals; yields its address."""
    configuration = yaml.safe_load((ROOT / "alertmanager/alertmanager.yml").read_text())
    configuration["templates"] = [str(ROOT / "alertmanager" / name) for name in configuration["templates"]]
    configuration["route"] |= {"group_wait": "500ms", "group_interval": "1s"}
    (folder / "webhook").write_text(f"{slack.url}\n")
    configuration["receivers"][0]["slack_configs"][0]["api_url_file"] = str(folder / "webhook")
    (folder / "alertmanager.yml").write_text(yaml.safe_dump(configuration))
    address = f"127.0.0.1:{free_port()}"
    with service(
        folder,
        "prometheus-alertmanager",
        f"--config.file={folder}/alertmanager.yml",
        f"--storage.path={folder}/alertmanager",
        f"--web.listen-address={address}",
        "--cluster.listen-address=",
    ):
        until(lambda: httpx2.get(f"http://{address}/-/ready").is_success)
        yield address


def prometheus(folder: Path, *, exporter: str, alerts: str):
    """Run Prometheus with the repository's configuration and rules, and short intervals."""
    configuration = yaml.safe_load((ROOT / "prometheus/prometheus.yml").read_text())
    configuration["global"] |= {"scrape_interval": "1s", "evaluation_interval": "1s"}
    configuration["alerting"]["alertmanagers"] = [{"static_configs": [{"targets": [alerts]}]}]
    jobs = [job for job in configuration["scrape_configs"] if job["job_name"] == "volvo"]
    configuration["scrape_configs"] = [{**job, "static_configs": [{"targets": [exporter]}]} for job in jobs]
    for name in configuration["rule_files"]:
        rules = (ROOT / "prometheus" / name).read_text()
        rules = re.sub(r"^( +)for: .*$", r"\1for: 0s", rules, flags=re.MULTILINE)
        (folder / name).write_text(rules.replace(":1m]", ":1s]"))
    return service(folder, "prometheus", *prometheus_options(folder, configuration))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A car with alerts to Slack."""

    world: World
    slack: Slack
    monday: float
    """Simulated time of the midnight before the start."""
    token_file: Path

    def go_to(self, day: int, *, engine: int) -> None:
        """Set the time to a minute after a start (0, 2, …) or stop (1, 3, …) of the engine on a day."""
        begin = self.monday + day * DAY
        changes = self.world.cars[CAR.vin].changes(begin, begin + DAY)
        moments = [at for at, what in changes if what == "engine"]
        self.world.simulated_clock = SimulatedClock(
            start=self.world.now(), simulated_start=moments[engine] + 60
        )

    def wait_for(self, title: str, *, resolved: bool) -> dict[str, str]:
        """Wait for the first message with this title, of a firing or resolved alert."""

        def matching() -> list[dict[str, str]]:
            found = [message for message in self.slack.messages if title in message["title"]]
            return [message for message in found if (message["color"] == GREEN) is resolved]

        return until(matching, timeout=60)[0]


@contextmanager
def running_scene(folder: Path) -> Iterator[Scene]:
    """Run everything, from early on Monday, with a parked car without warnings."""
    options = Options(daily_quota=UNLIMITED_CALLS, requests_per_minute=UNLIMITED_CALLS)
    begin = MONDAY + 4 * HOUR
    world = World(clock=time.time, cars=(CAR,), options=options, simulated_start=begin)
    port = free_port()
    settings = {
        **LOGIN,
        "exporter_listen_port": port,
        "scrape_interval": 10,
        "daily_quota": UNLIMITED_CALLS,
        "requests_per_minute": UNLIMITED_CALLS,
    }
    scene = Scene(
        world=world,
        slack=Slack(),
        monday=begin_of(day_of(begin)),
        token_file=folder / "volvo_token.json",
    )
    write_token(world, scene.token_file)
    with ExitStack() as stack:
        cloud = stack.enter_context(serving(world))
        settings |= {"volvo_api_url": cloud, "volvo_id_url": cloud}
        (folder / "config.yaml").write_text(yaml.safe_dump(settings))
        stack.enter_context(scene.slack.open())
        alerts = stack.enter_context(alertmanager(folder, scene.slack))
        stack.enter_context(running(str(ROOT / "exporter.py"), folder=folder))
        metrics = f"http://127.0.0.1:{port}/metrics"
        until(lambda: 'lamp="brake_light_center"' in httpx2.get(metrics).text)
        stack.enter_context(prometheus(folder, exporter=f"127.0.0.1:{port}", alerts=alerts))
        yield scene


def test_failed_and_replaced_bulb_is_reported_twice(tmp_path):
    with running_scene(tmp_path) as scene:
        scene.go_to(1, engine=0)
        fired = scene.wait_for("brake light center", resolved=False)
        scene.go_to(2, engine=1)
        resolved = scene.wait_for("brake light center", resolved=True)

    assert "XC60" in fired["title"]
    assert fired["title"].startswith("⚠️ ")
    assert fired["title_link"].endswith("docs/alerts.md#volvolampfailed")
    assert "bulb" in fired["text"]
    assert resolved["title"].startswith("✅ Resolved: ")
    assert CAR.vin not in json.dumps(scene.slack.messages)


def test_lost_and_restored_login_is_reported_twice(tmp_path):
    with running_scene(tmp_path) as scene:
        scene.world.identity.grants[-1].revoked = True
        fired = scene.wait_for("Volvo ID", resolved=False)
        write_token(scene.world, scene.token_file)
        resolved = scene.wait_for("Volvo ID", resolved=True)

    assert fired["color"] == RED
    assert fired["title"].startswith("🚨 ")
    assert resolved["title"].startswith("✅ Resolved: ")


def send(address: str, *alerts: dict[str, str], resolved: bool = False) -> None:
    """Send alerts with these labels, as Prometheus does."""
    end = {"endsAt": datetime.now(UTC).isoformat()} if resolved else {}
    body = [
        {
            **end,
            "labels": labels,
            "annotations": {
                "summary": f"Door {labels.get('door')} of {labels.get('car')} is open",
                "description": "Close it.",
            },
        }
        for labels in alerts
    ]
    httpx2.post(f"http://{address}/api/v2/alerts", json=body).raise_for_status()


def a_door(door: str, vin: str = "A") -> dict[str, str]:
    kind = {"alertname": "VolvoDoorOpen", "severity": "warning"}
    return {**kind, "vin": vin, "car": f"Car {vin}", "door": door}


def test_alerts_of_a_kind_are_one_message_per_car(tmp_path):
    with Slack().open() as slack, alertmanager(tmp_path, slack) as address:
        send(address, a_door("front_left"), a_door("front_right"), a_door("front_left", vin="B"))
        until(lambda: len(slack.messages) == 2)

    titles = [message["title"] for message in slack.messages]
    assert "⚠️ Car A: VolvoDoorOpen (2)" in titles
    assert "⚠️ Door front_left of Car B is open" in titles
    several = slack.messages[titles.index("⚠️ Car A: VolvoDoorOpen (2)")]
    assert several["text"].splitlines() == [
        "Door front_left of Car A is open",
        "Door front_right of Car A is open",
        "Close it.",
    ]


@pytest.mark.parametrize(
    ("source", "silenced", "active"),
    [
        (
            {"alertname": "VolvoExporterDown", "severity": "critical", "instance": "volvo-exporter:9100"},
            {"alertname": "VolvoLoginRequired", "severity": "critical", "account": "default"},
            {"alertname": "Watchdog", "severity": "info"},
        ),
        (
            {"alertname": "VolvoQuotaGone", "severity": "critical", "account": "default"},
            {"alertname": "VolvoDataStale", "severity": "warning", "vin": "A"},
            {"alertname": "VolvoDoorOpen", "severity": "warning", "vin": "A"},
        ),
        (
            {"alertname": "VolvoVehicleMissing", "severity": "warning", "vin": "A"},
            {"alertname": "VolvoDataStale", "severity": "warning", "vin": "A"},
            {"alertname": "VolvoDataStale", "severity": "warning", "vin": "B"},
        ),
        (
            {"alertname": "VolvoDataStale", "severity": "warning", "vin": "A"},
            {"alertname": "VolvoApiFailing", "severity": "warning", "vin": "A", "api": "energy"},
            {"alertname": "VolvoApiFailing", "severity": "warning", "vin": "B", "api": "energy"},
        ),
        (
            {"alertname": "VolvoExporterDown", "severity": "critical", "instance": "volvo-exporter:9100"},
            a_door("front_left"),
            {"alertname": "VolvoMovedWhileLocked", "severity": "critical", "vin": "A"},
        ),
        (
            {"alertname": "VolvoLoginRequired", "severity": "critical", "account": "default"},
            a_door("front_left"),
            {"alertname": "VolvoQuotaForecastHigh", "severity": "info", "account": "default"},
        ),
        (
            {
                "alertname": "VolvoTyrePressureVeryLow",
                "severity": "critical",
                "vin": "A",
                "tyre": "rear_left",
            },
            {"alertname": "VolvoTyrePressure", "severity": "warning", "vin": "A", "tyre": "rear_left"},
            {"alertname": "VolvoTyrePressure", "severity": "warning", "vin": "B", "tyre": "rear_left"},
        ),
        (
            {"alertname": "Own", "severity": "critical", "vin": "A"},
            {"alertname": "Own", "severity": "warning", "vin": "A"},
            {"alertname": "Own", "severity": "warning", "vin": "B"},
        ),
    ],
)
def test_cause_inhibits_its_consequences(tmp_path, source, silenced, active):
    with Slack().open() as slack, alertmanager(tmp_path, slack) as address:
        send(address, source, silenced, active)

        def states() -> list[str]:
            alerts = httpx2.get(f"http://{address}/api/v2/alerts").json()
            found = {
                json.dumps(alert["labels"], sort_keys=True): alert["status"]["state"] for alert in alerts
            }
            return [
                found.get(json.dumps(labels, sort_keys=True), "") for labels in (source, silenced, active)
            ]

        until(lambda: states() == ["active", "suppressed", "active"])


def test_resolved_alert_is_reported_with_its_title(tmp_path):
    with Slack().open() as slack, alertmanager(tmp_path, slack) as address:
        send(address, a_door("front_left"))
        until(lambda: len(slack.messages) == 1)
        send(address, a_door("front_left"), resolved=True)
        until(lambda: len(slack.messages) == 2)

    assert slack.messages[1]["title"] == "✅ Resolved: Door front_left of Car A is open"
    assert slack.messages[1]["color"] == GREEN


def test_alert_that_ends_because_the_exporter_is_down_is_not_reported_as_resolved(tmp_path):
    down = {"alertname": "VolvoExporterDown", "severity": "critical", "instance": "volvo-exporter:9100"}
    other = {"alertname": "Other", "severity": "warning"}
    with Slack().open() as slack, alertmanager(tmp_path, slack) as address:
        send(address, a_door("front_left"))
        until(lambda: len(slack.messages) == 1)
        send(address, down)
        until(lambda: len(slack.messages) == 2)
        send(address, a_door("front_left"), resolved=True)
        # When another alert has fired and resolved, the door's would have been sent, too.
        send(address, other)
        until(lambda: len(slack.messages) == 3)
        send(address, other, resolved=True)
        until(lambda: len(slack.messages) == 4)
        send(address, down, resolved=True)
        until(lambda: len(slack.messages) == 5)

    assert [message["color"] == GREEN for message in slack.messages] == [False, False, False, True, True]
    assert [message["title"] for message in slack.messages[3:] if "front_left" in message["title"]] == []


def test_alertmanager_keeps_its_notification_log_longer_than_any_repeat_interval(tmp_path):
    with Slack().open() as slack, alertmanager(tmp_path, slack):
        pass
    log = (tmp_path / "prometheus-alertmanager.log").read_text()

    assert "Completed loading of configuration file" in log
    assert "repeat_interval" not in log


def test_alertmanager_configuration_and_template_are_valid():
    command = [program("amtool"), "check-config", "alertmanager.yml"]
    checked = subprocess.run(command, cwd=ROOT / "alertmanager", capture_output=True, text=True, check=False)

    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "1 templates" in checked.stdout
