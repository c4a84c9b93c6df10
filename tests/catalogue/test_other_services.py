"""Rules and dashboards do not use timestamps of other services as those of the car."""

import json
import re

import pytest

from tests.support.services import ROOT
from volvo_exporter import catalogue

SELECTOR = re.compile(r"volvo_field_timestamp_seconds(\{[^}]*\})?")
EXPRESSIONS = [
    *(ROOT / "prometheus" / name for name in ("recording_rules.yml", "alert_rules.yml")),
    *sorted((ROOT / "grafana").glob("*.json")),
]
CAR_OR_ONE_RESOURCE = ('resource!="weather"', 'resource!~"weather"', 'resource="')


def test_the_weather_is_the_only_other_service():
    assert catalogue.OTHER_SERVICES == ("weather",)


@pytest.mark.parametrize("file", EXPRESSIONS, ids=lambda file: file.name)
def test_rules_and_dashboards_ignore_the_timestamp_of_the_weather(file):
    text = file.read_text()
    if file.suffix == ".json":
        text = "\n".join(expressions(json.loads(text)))
    selectors = [match[1] or "" for match in SELECTOR.finditer(text)]

    assert [it for it in selectors if not any(part in it for part in CAR_OR_ONE_RESOURCE)] == []


def expressions(node: object) -> list[str]:
    """Return the queries of a dashboard."""
    if isinstance(node, list):
        return [found for child in node for found in expressions(child)]
    if not isinstance(node, dict):
        return []
    own = [node["expr"]] if "expr" in node else []
    return own + [found for child in node.values() for found in expressions(child)]
