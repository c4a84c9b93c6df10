import sys

from tools.dashboards.check import Server, check, draw, expand
from tools.dashboards.model import Dashboard, Panel, Query, Row
from tools.dashboards.sample_journal import journal_of


class Answers:
    """A Prometheus that finds this number of series for every query, or refuses all queries."""

    def __init__(self, series):
        self.series = series

    def ask(self, expr, **_):
        if self.series is None:
            message = f"parse error in {expr}"
            raise ValueError(message)
        return self.series


def problems(series, **panel):
    shown = Panel(title="Speed", description="A number.", queries=(Query(expr="up"),), **panel)
    board = Dashboard(
        uid="a",
        file="a.json",
        title="A",
        description="B.",
        rows=(Row(title="", panels=(shown,)),),
        variables=(),
    )
    return list(check(board, "YV1", Answers(series)))


def test_an_empty_panel_in_the_first_screen_is_reported():
    assert problems(0) == ["Speed: empty"]
    assert problems(1) == []


def test_an_empty_panel_with_a_reason_is_accepted():
    assert problems(0, no_value="No drive recorded") == []


def test_text_that_does_not_fit_is_reported():
    assert problems(1, no_value="No traction battery, or not reported by this car", width=3) == [
        "Speed: text of 4 px"
    ]


def test_a_failed_query_is_reported():
    assert problems(None, no_value="No drive recorded") == ["Speed: parse error in up"]


def test_variables_have_values_and_references_stay():
    query = 'label_replace(x{vin=~"$vins"}[$__range], "car", "$1", "vin", "(.*)")'
    assert expand(query, "YV1", span="1d", step="5m") == (
        'label_replace(x{vin=~".*"}[1d], "car", "$1", "vin", "(.*)")'
    )


VIEWER = """
import sys
options = dict(argument[2:].split("=", 1) for argument in sys.argv[1:])
print(options["suffix"])
if options["theme"] == "light" and options["var"] == "vin=YV1DEMDS2J2300003":
    print("  small text in Speed")
sys.exit(options["width"] == "1280" and options["theme"] == "dark")
"""


def test_the_problems_of_a_viewer_are_reported(tmp_path):
    (tmp_path / "viewer.py").write_text(VIEWER)
    server = Server(url="http://localhost:1", end=1e9)
    found = list(draw(f"{sys.executable} {tmp_path / 'viewer.py'}", tmp_path, server))
    assert found == [
        "BEV-dark-1280: the viewer failed with exit code 1",
        "PHEV-dark-1280: the viewer failed with exit code 1",
        "diesel-dark-1280: the viewer failed with exit code 1",
        "diesel-light-1600: small text in Speed",
        "diesel-light-1280: small text in Speed",
    ]


def history(name, *values, more=""):
    return [f'volvo_{name}{{vin="YV1"{more}}} {value} {place * 300}' for place, value in enumerate(values)]


def test_a_drive_ends_when_the_odometer_rests():
    lines = history("odometer_meters", 0, 0, 5000, 10000, 10000, 10000, 10000)
    found = [line for line in journal_of(lines) if line.startswith("volvo_last_drive_")]
    assert found[:3] == [
        'volvo_last_drive_end_timestamp_seconds{vin="YV1"} 900 1500\n',
        'volvo_last_drive_distance_meters{vin="YV1"} 10000.0 1500\n',
        'volvo_last_drive_duration_seconds{vin="YV1"} 600 1500\n',
    ]
