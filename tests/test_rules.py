"""Recording rules and alerts: promtool runs their tests, and all names exist."""

import re
import subprocess
from pathlib import Path

import promql_parser
import pytest
import yaml

from tests.support.services import ROOT, program
from volvo_exporter.catalogue import families

pytestmark = pytest.mark.slow

FOLDER = ROOT / "prometheus"
SUITES = sorted((FOLDER / "tests").glob("*.yml"))
RUNBOOK = "https://github.com/xaxeu/volvo-vehicle-exporter/blob/main/docs/alerts.md#"
PROMETHEUS_METRICS = {"up", "ALERTS"}


def rules(name: str) -> list[dict]:
    groups = yaml.safe_load((FOLDER / name).read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


RECORDINGS = {rule["record"]: rule for rule in rules("recording_rules.yml")}
ALERTS = {rule["alert"]: rule for rule in rules("alert_rules.yml")}
TESTS = [test for suite in SUITES for test in yaml.safe_load(suite.read_text())["tests"]]


def promtool(*arguments: str | Path) -> None:
    done = subprocess.run(
        [program("promtool"), *arguments], capture_output=True, text=True, check=False, cwd=FOLDER
    )
    assert done.returncode == 0, done.stdout + done.stderr


def metrics(expression: str) -> set[str]:
    """Return the metrics that an expression reads."""
    names = set()

    def note(node: object) -> None:
        if isinstance(node, promql_parser.VectorSelector):
            names.add(node.name)

    promql_parser.walk(promql_parser.parse(expression), note)
    return names


def expected(alert: str, test: dict) -> list[list]:
    """Return the expected alerts of a test at each time."""
    checks = test.get("alert_rule_test", ())
    return [check["exp_alerts"] for check in checks if check["alertname"] == alert]


@pytest.mark.services
def test_prometheus_configuration_is_valid():
    promtool("check", "config", "prometheus.yml")


@pytest.mark.services
@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.stem)
def test_rules_pass_their_tests(suite):
    promtool("test", "rules", suite)


@pytest.mark.parametrize("name", [*RECORDINGS, *ALERTS])
def test_rule_reads_only_existing_metrics(name):
    rule = RECORDINGS.get(name) or ALERTS[name]
    exported = {value.name for value in vars(families).values() if isinstance(value, families.Family)}
    read = metrics(rule["expr"])
    assert read
    assert read <= exported | set(RECORDINGS) | PROMETHEUS_METRICS


def test_recording_rule_is_named_by_level_metric_and_operation():
    assert [name for name in RECORDINGS if not re.fullmatch(r"volvo:[a-z0-9_]+:[a-z0-9_]+", name)] == []


def test_recording_rule_is_documented():
    text = (ROOT / "docs" / "alerts.md").read_text()
    assert [name for name in RECORDINGS if re.sub(r":(1d|7d|30d)$", "", name) not in text] == []


@pytest.mark.parametrize("alert", ALERTS)
def test_alert_has_duration_severity_texts_and_runbook(alert):
    rule = ALERTS[alert]
    notes = rule["annotations"]
    headings = re.findall(r"^### (\w+)$", (ROOT / "docs" / "alerts.md").read_text(), flags=re.MULTILINE)
    assert re.fullmatch(r"\d+[mhd]", rule["for"])
    assert rule["labels"]["severity"] in {"critical", "warning", "info"}
    assert notes["summary"]
    assert notes["description"]
    assert notes["runbook_url"] == RUNBOOK + alert.lower()
    assert headings.count(alert) == 1


@pytest.mark.parametrize("alert", sorted(ALERTS.keys() - {"VolvoVehicleMissing"}))
def test_alert_does_not_use_absent_data(alert):
    assert not re.search(r"\b(absent\w*|unless|vector)\b", ALERTS[alert]["expr"])


@pytest.mark.parametrize("alert", ALERTS)
def test_alert_has_tests_that_it_fires_and_stays_silent(alert):
    cases = {test["name"].removeprefix(f"{alert} "): expected(alert, test) for test in TESTS}
    silent = [checks for name, checks in cases.items() if name.startswith("does not fire") and checks]
    assert cases["fires"][0] == []
    assert cases["fires"][-1]
    assert silent
    assert not any(found for checks in silent for found in checks)
    assert cases["stays silent without data"] == [[]]


def test_every_severity_and_alert_is_in_the_table():
    text = (ROOT / "docs" / "alerts.md").read_text()
    rows = re.findall(r"^\| \[(\w+)\]\(#(\w+)\) \| (\w+) \| (\w+) \|", text, flags=re.MULTILINE)
    assert rows == [
        (alert, alert.lower(), rule["labels"]["severity"], rule["for"]) for alert, rule in ALERTS.items()
    ]
