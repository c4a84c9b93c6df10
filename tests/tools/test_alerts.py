"""The table of alerts, and what `tools/alerts` writes from it."""

import re
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from tools.alerts.document import render_table, with_count
from tools.alerts.rules import format_duration, render_rules
from tools.alerts.templates import names, to_prometheus
from volvo_exporter.catalogue.alerts.table import ALERTS, GROUPS

REPOSITORY = Path(__file__).parents[2]
GENERATED = ("prometheus/alert_rules.yml", "docs/alerts.md", "README.md")
LABELS = {
    check["alertname"]: set(alert["exp_labels"]) - {"severity"}
    for suite in sorted((REPOSITORY / "prometheus" / "tests").glob("alerts_*.yml"))
    for test in yaml.safe_load(suite.read_text("utf-8"))["tests"]
    for check in test.get("alert_rule_test", ())
    for alert in check["exp_alerts"]
}
"""The labels that promtool has seen on each alert."""


@pytest.fixture
def copy(tmp_path):
    for name in ("tools", "prometheus", "docs"):
        shutil.copytree(REPOSITORY / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(REPOSITORY / "README.md", tmp_path)
    return tmp_path


def run(folder, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "tools.alerts", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_generated_files_are_up_to_date():
    done = run(REPOSITORY, "--check")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_edited_parts_are_reported_and_generated_again(copy):
    edits = {
        "prometheus/alert_rules.yml": ("for: 15m", "for: 16m"),
        "docs/alerts.md": ("### VolvoUnlocked\n", "### VolvoOpen\n"),
    }
    for name, (old, new) in edits.items():
        text = (copy / name).read_text("utf-8")
        assert old in text
        (copy / name).write_text(text.replace(old, new), "utf-8")
    (copy / "README.md").write_text("Seven dashboards and 3 alerts.\n", "utf-8")
    checked = run(copy, "--check")
    assert checked.returncode == 1
    assert checked.stdout.splitlines() == [
        f"{name} is out of date: run python -m tools.alerts" for name in GENERATED
    ]

    assert run(copy).returncode == 0
    for name in edits:
        assert (copy / name).read_bytes() == (REPOSITORY / name).read_bytes()
    assert (copy / "README.md").read_text("utf-8") == f"Seven dashboards and {len(ALERTS)} alerts.\n"


def test_a_missing_marker_is_an_error_that_names_it(copy):
    document = copy / "docs" / "alerts.md"
    document.write_text(document.read_text("utf-8").replace("<!-- end of alerts -->\n", ""), "utf-8")
    done = run(copy)
    assert done.returncode == 1
    assert "restore the lines <!-- generated: alerts --> and <!-- end of alerts -->" in done.stderr


def test_the_readme_has_the_number_of_alerts():
    text = (REPOSITORY / "README.md").read_text("utf-8")
    assert with_count(text, len(ALERTS)) == text


def test_every_alert_is_evaluated_once():
    assert len({alert.name for alert in ALERTS}) == len(ALERTS)
    groups = yaml.safe_load(render_rules(GROUPS))["groups"]
    assert [rule["alert"] for group in groups for rule in group["rules"]] == [it.name for it in ALERTS]


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert.name)
class TestAlert:
    def test_the_labels_are_those_of_the_tested_message(self, alert):
        assert set(alert.labels) == LABELS[alert.name]

    def test_the_message_uses_only_its_labels(self, alert):
        assert names(alert.summary) | names(alert.description) <= set(alert.labels)

    def test_texts_are_sentences_and_the_title_is_not(self, alert):
        assert not alert.summary.endswith(".")
        texts = (alert.condition, alert.details, alert.description, alert.action, alert.tuning)
        assert [text for text in texts if text and not re.fullmatch(r"[A-Z{`\"].*[.)]", text)] == []

    def test_the_minutes_in_the_message_are_those_of_the_rule(self, alert):
        written = re.findall(r"for (\d+) minutes", alert.description)
        assert {timedelta(minutes=int(number)) for number in written} <= {alert.duration}

    def test_an_expression_keeps_its_lines(self, alert):
        group = replace(GROUPS[0], alerts=(alert,))
        (rule,) = yaml.safe_load(render_rules((group,)))["groups"][0]["rules"]
        assert rule["expr"] == f"{alert.promql}\n"


@pytest.mark.parametrize(
    ("template", "rendered"),
    [
        ("{car} is open", "{{ $labels.car }} is open"),
        ("{door:spaced}", '{{ $labels.door | reReplaceAll "_" " " }}'),
        ("{value:.0f} %", '{{ $value | printf "%.0f" }} %'),
        ("for {value:duration}", "for {{ $value | humanizeDuration }}"),
        ("{value:percent}", "{{ $value | humanizePercentage }}"),
        ("{value}", "{{ $value }}"),
    ],
)
def test_a_template_becomes_one_of_prometheus(template, rendered):
    assert to_prometheus(template) == rendered


def test_an_unknown_format_is_an_error_that_lists_the_formats():
    with pytest.raises(ValueError, match="unknown format 'upper'; use one of spaced, duration, percent"):
        to_prometheus("{car:upper}")


@pytest.mark.parametrize(("minutes", "text"), [(15, "15m"), (60, "1h"), (90, "90m"), (2880, "2d")])
def test_a_duration_is_written_in_its_largest_unit(minutes, text):
    assert format_duration(timedelta(minutes=minutes)) == text


@pytest.mark.parametrize("duration", [timedelta(0), timedelta(seconds=90), timedelta(minutes=-1)])
def test_a_duration_that_is_not_a_number_of_minutes_is_an_error(duration):
    with pytest.raises(ValueError, match="not a positive number of minutes"):
        format_duration(duration)


def test_the_table_has_a_line_for_each_alert():
    assert render_table(GROUPS).count("\n| [") == len(ALERTS)
