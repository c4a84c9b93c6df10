import json
import re

import pytest

from services import ROOT
from volvo_exporter import catalogue
from volvo_exporter.catalogue import families
from volvo_exporter.metrics.freshness import last_report
from volvo_exporter.metrics.readings import Sample, stamp

SELECTOR = re.compile(r"volvo_field_timestamp_seconds(\{[^}]*\})?")
EXPRESSIONS = [
    *(ROOT / "prometheus" / name for name in ("recording_rules.yml", "alert_rules.yml")),
    *sorted((ROOT / "grafana").glob("*.json")),
]
CAR_OR_ONE_RESOURCE = ('resource!="weather"', 'resource!~"weather"', 'resource="')


def measured(resource: str, at: float) -> Sample:
    return Sample(family=families.FIELD_TIMESTAMP, labels=stamp(resource, "field"), value=at)


def test_the_last_report_is_the_newest_time_of_any_value_of_the_car():
    assert last_report([measured("doors", 5.0), measured("fuel", 9.0), measured("odometer", 7.0)]) == 9.0


def test_the_weather_service_does_not_report_for_the_car():
    assert last_report([measured("doors", 5.0), measured("weather", 9.0)]) == 5.0
    assert last_report([measured("weather", 9.0)]) is None


def test_without_a_time_the_last_report_is_unknown():
    assert last_report([]) is None
    assert last_report([Sample(family=families.ODOMETER, value=9.0)]) is None


def test_the_weather_is_the_only_other_service():
    assert catalogue.OTHER_SERVICES == ("weather",)


@pytest.mark.parametrize("file", EXPRESSIONS, ids=lambda file: file.name)
def test_rules_and_dashboards_leave_out_the_time_of_the_weather(file):
    text = file.read_text()
    if file.suffix == ".json":
        text = "\n".join(expressions(json.loads(text)))
    selectors = [match[1] or "" for match in SELECTOR.finditer(text)]

    assert [it for it in selectors if not any(part in it for part in CAR_OR_ONE_RESOURCE)] == []


def expressions(node: object) -> list[str]:
    """The queries in a dashboard."""
    if isinstance(node, list):
        return [found for child in node for found in expressions(child)]
    if not isinstance(node, dict):
        return []
    own = [node["expr"]] if "expr" in node else []
    return own + [found for child in node.values() for found in expressions(child)]
