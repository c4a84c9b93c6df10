"""Files to edit for a new field, endpoint, setting and alert, as CONTRIBUTING.md lists them.

Each test adds one to a copy of the repository, writes the generated files and runs the tests that compare
tables.
"""

import json
import os
import shutil
import subprocess
import sys

import pytest

from tests.support.services import ROOT

pytestmark = pytest.mark.slow

CATALOGUE = "src/volvo_exporter/catalogue/connected_vehicle.py"
FIELD = """Field(
            key="odometerSinceService",
            family=Family(name="volvo_distance_since_service_meters", help="Distance since a service."),
            kind=Number(quantity=DISTANCE, unit="km"),
            meaning="Distance driven since the last service.",
            example=4200,
        ),
        """
ENDPOINT = """_resource(
        "trailer",
        "Trailer",
        ("conve:trailer_status",),
        CHECKED_AT_START,
        Field(
            key="trailerLampWarning",
            family=Family(name="volvo_trailer_lamp_failure", help="1 while a trailer lamp has failed."),
            kind=LAMP,
            meaning="Whether a lamp of the trailer failed.",
            example="NO_WARNING",
        ),
        prompted_by=DRIVE_EVENTS,
    ),
    """
ALERT = """Alert(
            name="VolvoTankLidOpen",
            severity=Severity.INFO,
            labels=("vin", "car"),
            expression=promql('''
                max by (vin) (last_over_time(volvo_door_open{door="tank_lid"}[10m]))
                  * on (vin) group_left (car) volvo:vehicle:name == 1
            '''),
            duration=HOUR,
            condition="The tank lid is open.",
            summary="The tank lid of {car} is open",
            description="It has been open for an hour.",
            action="Close it.",
            tuning="Raise `for`.",
        ),
        """
TANK_LID = """
  - name: VolvoTankLidOpen {name}
    interval: 1m
    input_series:
      - series: 'volvo_vehicle_info{{vin="YV1TEST0000000001",model="EX40",fuel_type="ELECTRIC",name=""}}'
        values: '1x90'
      - series: 'volvo_door_open{{vin="YV1TEST0000000001",model="EX40",door="tank_lid"}}'
        values: '{value}x90'
    alert_rule_test:
      - eval_time: {begin}
        alertname: VolvoTankLidOpen
        exp_alerts: []
"""
FIRING = """      - eval_time: 80m
        alertname: VolvoTankLidOpen
        exp_alerts:
          - exp_labels:
              vin: YV1TEST0000000001
              car: EX40 …0001
              severity: info
            exp_annotations:
              summary: The tank lid of EX40 …0001 is open
              description: It has been open for an hour. Close it.
              runbook_url: https://github.com/xaxeu/volvo-vehicle-exporter/blob/main/docs/alerts.md#volvotanklidopen
"""
ALERT_TESTS = (
    TANK_LID.format(name="fires", value=1, begin="50m")
    + FIRING
    + TANK_LID.format(name="does not fire when it is closed", value=0, begin="80m")
    + TANK_LID.format(name="stays silent without data", value="_", begin="80m")
)
MEASURED = {"value": 4200, "unit": "km", "timestamp": "2026-10-06T07:52:17.650Z"}
WARNED = {"value": "FAILURE", "unit": None, "timestamp": "2026-10-06T07:52:17.650Z"}
TABLES = (
    "tests/catalogue",
    "tests/vehicles/test_cars.py",
    "tests/prometheus/test_reference.py",
    "tests/prometheus/test_metrics.py::test_the_whole_of_metrics_parses_without_a_duplicate",
    "tests/polling/test_documented_intervals.py",
    "tests/polling/test_pace.py",
    "tests/polling/test_plan.py",
    "tests/tools/test_openapi.py",
)
SIMULATOR = "tests/simulator/test_openapi_conformance.py"


class Copy:
    """A copy of the repository and the files that were edited in it."""

    def __init__(self, folder):
        self.folder = folder
        self.edited = set()

    def insert(self, path, before, text):
        """Insert a text before another, which must exist."""
        content = self._edit(path).read_text("utf-8")
        assert before in content
        self._edit(path).write_text(content.replace(before, text + before, 1), "utf-8")

    def append(self, path, text):
        """Append a text to a file."""
        with self._edit(path).open("a", encoding="utf-8") as file:
            file.write(text)

    def report(self, path, change):
        """Change a payload file with a function, or create it."""
        file = self._edit(path)
        content = json.loads(file.read_text("utf-8")) if file.exists() else {}
        file.write_text(json.dumps(change(content)), "utf-8")

    def _edit(self, path):
        self.edited.add(path)
        return self.folder / path

    def run(self, *arguments):
        """Run Python with the copied package; return its output, or fail the test if it fails."""
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(self.folder / "src")},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def test(self, *arguments):
        """Write the generated files, then run tests of the copy."""
        (self.folder / "docs" / "metrics.md").write_text(self.run("-m", "volvo_exporter", "metrics"), "utf-8")
        configuration = self.run("-m", "volvo_exporter.configuration")
        (self.folder / "docs" / "configuration.md").write_text(configuration, "utf-8")
        self.run("-m", "tools.polling_tables")
        self.run("-m", "tools.openapi")
        self.run("-m", "tools.alerts")
        self.run("-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *arguments)

    def text(self, path):
        return (self.folder / path).read_text("utf-8")


@pytest.fixture
def copy(tmp_path):
    ignored = shutil.ignore_patterns(".*", "__pycache__", "__snapshots__", "pictures")
    return Copy(shutil.copytree(ROOT, tmp_path / "copy", ignore=ignored))


def test_field_requires_a_catalogue_entry_and_a_payload(copy):
    def report(content):
        content["answer"]["data"]["odometerSinceService"] = MEASURED
        content["readings"]["odometerSinceService"] = 4_200_000.0
        return content

    copy.insert(CATALOGUE, 'Field(\n            key="odometer"', FIELD)
    copy.report("tests/cars/ex30_2024/odometer.json", report)
    assert len(copy.edited) == 2

    copy.test(*TABLES)
    copy.test(SIMULATOR, "-k", "odometer")
    assert "`volvo_distance_since_service_meters`" in copy.text("docs/metrics.md")
    assert '"odometerSinceService"' in copy.text("open-api/connected-vehicle-c3-specification.json")


def test_endpoint_requires_a_catalogue_entry_a_payload_and_its_scope(copy):
    copy.insert(CATALOGUE, '_resource(\n        "brakes"', ENDPOINT)
    copy.report(
        "tests/cars/ex30_2024/trailer.json",
        lambda _: {
            "answer": {"data": {"trailerLampWarning": WARNED}},
            "readings": {"trailerLampWarning": True},
        },
    )
    copy.insert(
        "tests/catalogue/test_catalogue.py",
        '    "brakes": "conve:brake_status"',
        '    "trailer": "conve:trailer_status",\n',
    )
    assert len(copy.edited) == 3

    copy.test(*TABLES)
    copy.test(SIMULATOR, "-k", "trailer")
    assert "`conve:trailer_status`" in copy.text("docs/metrics.md")
    assert '"GetTrailer"' in copy.text("open-api/connected-vehicle-c3-specification.json")


def test_setting_requires_its_declaration_and_test_values(copy):
    copy.insert(
        "src/volvo_exporter/settings/exporter.py",
        "    volvo_api_url: Line",
        '    trips_kept: int = Field(default=30, ge=1, description="Trips that are kept.")\n',
    )
    copy.insert("tests/test_settings.py", '    "volvo_api_url": (', '    "trips_kept": (7, "7", 7),\n')
    assert len(copy.edited) == 2

    copy.test("tests/test_settings.py")
    assert "`trips_kept`" in copy.text("docs/configuration.md")


def test_alert_requires_its_entry_and_its_tests(copy):
    copy.insert(
        "src/volvo_exporter/catalogue/alerts/parked.py", 'Alert(\n            name="VolvoDoorOpen"', ALERT
    )
    copy.append("prometheus/tests/alerts_parked.yml", ALERT_TESTS)
    assert len(copy.edited) == 2

    copy.test("tests/tools/test_alerts.py")
    copy.test("tests/test_rules.py", "-k", "not rules_pass_their_tests or alerts_parked")
    assert "- alert: VolvoTankLidOpen" in copy.text("prometheus/alert_rules.yml")
    assert copy.text("docs/alerts.md").count("VolvoTankLidOpen") == 2
