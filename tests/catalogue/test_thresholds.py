"""Thresholds are the same on the page, in the alerts and on the dashboards."""

import json
import re

import yaml

from tests.support.reading import RESOURCES, read_at, value
from tests.support.services import ROOT
from volvo_exporter.catalogue.model import Activity
from volvo_exporter.catalogue.thresholds import LOW_FUEL
from volvo_exporter.vehicles.vehicle import Vehicle
from volvo_exporter.web.cards import describe_car

ATTRIBUTES = dict.fromkeys(("name", "model", "model_year", "vin", "colour", "battery_capacity_kwh"), "")
LITRES = re.compile(r"(\d+(?:\.\d+)?) litres")


def test_the_alert_uses_the_threshold_and_names_it():
    groups = yaml.safe_load((ROOT / "prometheus" / "alert_rules.yml").read_text())["groups"]
    (alert,) = [rule for group in groups for rule in group["rules"] if rule.get("alert") == "VolvoFuelLow"]
    document = (ROOT / "docs" / "alerts.md").read_text()
    (section,) = re.findall(r"^### VolvoFuelLow\n(.*?)(?=^##)", document, flags=re.MULTILINE | re.DOTALL)
    (row,) = re.findall(r"^\| \[VolvoFuelLow\].*$", document, flags=re.MULTILINE)

    assert re.findall(r"volvo:fuel_liters:max < (\S+)", alert["expr"]) == [f"{LOW_FUEL:g}"]
    for text in (alert["annotations"]["description"], section, row):
        assert LITRES.findall(text) == [f"{LOW_FUEL:g}"]


def test_the_dial_of_the_dashboard_changes_colour_at_the_threshold():
    board = json.loads((ROOT / "grafana" / "volvo-vehicle-dashboard.json").read_text())
    (dial,) = [panel for panel in board["panels"] if panel["title"] == "Charge and fuel"]
    overrides = {it["matcher"]["options"]: it["properties"] for it in dial["fieldConfig"]["overrides"]}
    (limits,) = [it["value"] for it in overrides["Fuel"] if it["id"] == "thresholds"]

    assert limits["steps"][-1]["value"] == LOW_FUEL
    assert f"{LOW_FUEL:g} litres" in dial["description"]


def test_the_gauge_of_the_page_uses_the_threshold():
    vehicle = Vehicle(vin="YV1TESTCAR0000001")
    vehicle.take(RESOURCES["fuel"], "", read_at("fuel", {"data": {"fuelAmount": value(40.0, "l")}}))
    card = describe_car(
        vehicle,
        {**ATTRIBUTES, "fuel_type": "DIESEL"},
        activity=Activity.PARKED,
        trace={},
        slots=(),
        now=0.0,
    )

    assert [(gauge.name, gauge.low) for gauge in card.gauges] == [("Fuel", LOW_FUEL)]
