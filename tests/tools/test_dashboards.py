import itertools
import json
import re
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import anyio
import httpx2
import promql_parser
import pytest
import trio.testing
import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder

from tests.support.installation import MONDAY, a_world, installed
from tests.support.services import free_port, program, until
from tools.dashboards.__main__ import DASHBOARDS
from tools.dashboards.events import at_end
from tools.dashboards.identifiers import assign_ids
from tools.dashboards.legibility import smallest_text
from tools.dashboards.mappings import map_states
from tools.dashboards.model import NO_VALUE, Dashboard, Kind, Panel, Query, Row, per_day
from tools.dashboards.panels import build
from tools.dashboards.sample_journal import journal_of
from tools.dashboards.units import DISTANCE, ELECTRIC, FUEL, TEMPERATURE, UNITS, in_unit
from volvo_exporter.catalogue import EXPORTER_FAMILIES, VEHICLE_FAMILIES, families, journal
from volvo_exporter.simulator import EX40, S90, XC60

pytestmark = pytest.mark.slow

REPOSITORY = Path(__file__).parents[2]
FILES = sorted((REPOSITORY / "grafana").glob("*.json"))
HISTOGRAM = ("_bucket", "_sum", "_count")


@pytest.fixture(scope="module")
def boards():
    return {file.name: json.loads(file.read_text("utf-8")) for file in FILES}


def panels_of(board):
    return [panel for panel in board["panels"] if panel["type"] != "row"]


def test_dashboards_have_different_uids(boards):
    uids = [board["uid"] for board in boards.values()]
    assert len(uids) == len(set(uids)) == 9


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
class TestDashboard:
    @pytest.fixture
    def board(self, boards, file):
        return boards[file.name]

    def test_panels_have_different_ids_and_titles(self, board):
        numbers = [panel["id"] for panel in board["panels"]]
        titles = [panel["title"] for panel in panels_of(board)]
        assert len(set(numbers)) == len(numbers)
        assert len(set(titles)) == len(titles)
        assert all(titles)

    def test_every_panel_has_a_description_and_a_text_for_missing_data(self, board):
        for panel in panels_of(board):
            assert panel["description"].endswith("."), panel["title"]
            assert panel["fieldConfig"]["defaults"]["noValue"], panel["title"]

    def test_every_value_has_a_unit_or_mappings(self, board):
        for panel in panels_of(board):
            defaults = panel["fieldConfig"]["defaults"]
            assert defaults.get("unit") or defaults["mappings"], panel["title"]

    def test_panels_do_not_overlap_or_exceed_the_grid(self, board):
        taken = set()
        for panel in board["panels"]:
            place = panel["gridPos"]
            columns = range(place["x"], place["x"] + place["w"])
            spots = {(x, y) for x in columns for y in range(place["y"], place["y"] + place["h"])}
            assert columns.stop <= 24
            assert not spots & taken, panel["title"]
            taken |= spots

    def test_the_data_source_is_a_variable(self, board):
        first = board["templating"]["list"][0]
        assert (first["name"], first["type"], first["query"]) == ("datasource", "datasource", "prometheus")
        for panel in panels_of(board):
            for part in (panel, *panel["targets"]):
                assert part["datasource"] == {"type": "prometheus", "uid": "${datasource}"}

    def test_links_to_other_dashboards_keep_car_and_time(self, board):
        (link,) = board["links"]
        assert (link["type"], link["includeVars"], link["keepTime"]) == ("dashboards", True, True)
        assert link["tags"] == board["tags"]

    def test_queries_use_only_exported_metrics(self, board):
        known = metrics_of_the_contract()
        for title, query in queries_of(board):
            assert metrics_of(expanded(query)) <= known, title

    def test_queries_select_cars_by_vin_only(self, board):
        attributes = {"model", "model_year", "fuel_type", "gearbox", "battery_capacity_kwh"}
        for title, query in queries_of(board):
            for selector in selectors_of(expanded(query)):
                assert not {m.name for m in selector.matchers.matchers} & attributes, title


def test_a_dashboard_of_several_cars_passes_no_car_to_one_of_a_single_car(boards):
    """Grafana keeps variables of the same name, and the sum of the states of three cars is no state."""
    for board in boards.values():
        for variable in board["templating"]["list"]:
            assert bool(variable.get("multi")) == (variable["name"] in {"vins", "account"})
        names = {variable["name"] for variable in board["templating"]["list"]}
        queries = [query for _, query in queries_of(board)]
        assert any("$vins" in query for query in queries) == ("vins" in names)
        assert any(re.search(r"\$vin\b", query) for query in queries) == ("vin" in names)


def test_nine_dashboards_have_about_sixty_panels(boards):
    assert 55 <= sum(len(panels_of(board)) for board in boards.values()) <= 62


NOT_SHOWN = {
    "volvo_command_supported",
    "volvo_energy_field_supported",
    "volvo_extended_vehicle_resource_value",
}
"""What a car supports, which does not change, and resources that no known car answers."""


def test_every_other_metric_is_on_a_dashboard(boards):
    shown = {
        name
        for board in boards.values()
        for _, query in queries_of(board)
        for name in metrics_of(expanded(query))
    }
    families_ = (*VEHICLE_FAMILIES, *journal.FAMILIES, *EXPORTER_FAMILIES)
    hidden = {family.name for family in families_ if not any(n.startswith(family.name) for n in shown)}
    assert hidden == NOT_SHOWN


def test_every_text_is_legible_on_a_narrow_screen():
    for board in DASHBOARDS:
        for row in board.rows:
            for panel in row.panels:
                assert smallest_text(panel) >= 10, panel.title


def units_in(text):
    return {unit.name for unit in UNITS if re.search(rf"\${unit.name}\b", text)}


def test_a_selected_unit_is_in_the_name_of_each_value_that_is_converted(boards):
    """A unit of Grafana has no variables."""
    for board in boards.values():
        for panel in panels_of(board):
            for target in panel["targets"]:
                used = units_in(target["expr"])
                named = set(re.findall(r"\$\{(\w+):text\}", target["legendFormat"]))
                assert used == named, panel["title"]


def test_every_unit_of_a_dashboard_is_a_variable_with_the_metric_unit_first(boards):
    choices = {
        variable["name"]: (variable["current"]["text"], [one["text"] for one in variable["options"]])
        for board in boards.values()
        for variable in board["templating"]["list"]
        if variable["type"] == "custom"
    }
    assert choices == {
        "distance": ("km", ["km", "mi"]),
        "electric": ("kWh/100 km", ["kWh/100 km", "mi/kWh"]),
        "fuel": ("l/100 km", ["l/100 km", "mpg (US)", "mpg (UK)"]),
        "temperature": ("°C", ["°C", "°F"]),
    }
    for board in boards.values():
        names = {variable["name"] for variable in board["templating"]["list"]}
        text = json.dumps([panel["targets"] for panel in panels_of(board)])
        assert units_in(text) == names & {u.name for u in UNITS}


def test_dashboards_about_the_battery_say_that_a_car_has_none(boards):
    for panel in panels_of(boards["volvo-battery.json"]):
        assert panel["fieldConfig"]["defaults"]["noValue"] != NO_VALUE, panel["title"]


def test_consumption_by_temperature_is_a_scatter_plot(boards):
    (panel,) = (
        one for one in panels_of(boards["volvo-battery.json"]) if one["title"] == "Consumption by temperature"
    )
    assert panel["type"] == "xychart"
    assert [target["legendFormat"].partition(" ")[0] for target in panel["targets"]] == [
        "Temperature",
        "Consumption",
    ]


def test_large_numbers_have_separated_thousands(boards):
    for board in boards.values():
        for panel in panels_of(board):
            units = json.dumps(panel["fieldConfig"])
            assert "suffix:km" not in units, panel["title"]


def columns_of(boards):
    return [
        panel
        for board in boards.values()
        for panel in panels_of(board)
        if panel["fieldConfig"]["defaults"].get("custom", {}).get("drawStyle") == "bars"
    ]


def test_columns_are_stacked_and_begin_at_zero_and_at_their_day_without_a_sum(boards):
    for panel in columns_of(boards):
        custom = panel["fieldConfig"]["defaults"]["custom"]
        assert (custom["stacking"]["mode"], custom["barAlignment"]) == ("normal", 1), panel["title"]
        assert panel["options"]["legend"]["calcs"] == []
        assert custom["axisSoftMin"] == 0


def test_a_column_is_about_the_day_that_begins_at_its_time(boards):
    for panel in columns_of(boards):
        assert panel["interval"] == "1d"
        assert all("offset -1d" in target["expr"] for target in panel["targets"]), panel["title"]
    assert per_day(families.ODOMETER).count("offset -1d") == 2


def test_columns_of_labels_are_texts(boards):
    """A model year would be 2 K."""
    for board in boards.values():
        for panel in panels_of(board):
            if panel["type"] != "table":
                continue
            overrides = {
                override["matcher"]["options"]: {one["id"]: one["value"] for one in override["properties"]}
                for override in panel["fieldConfig"]["overrides"]
            }
            for name in ("Car", "VIN", "Alert", "Type", "Resource"):
                if name in overrides:
                    assert overrides[name]["unit"] == "string", panel["title"]


def test_a_missing_value_is_grey(boards):
    for board in boards.values():
        for panel in panels_of(board):
            first = panel["fieldConfig"]["defaults"]["thresholds"]["steps"][0]
            assert (first["value"], first["color"]) == (None, "#808080"), panel["title"]


def test_usual_states_have_no_colour_of_a_warning():
    colours = {text: colour for _, text, colour in map_states(families.CHARGER_POWER)}
    assert colours["Fault"] == "#808080"
    reasons = {text: colour for _, text, colour in map_states(families.UNAVAILABLE_REASON)}
    assert reasons["Car in use"] == "blue"


def test_an_open_lid_with_a_cable_does_not_count(boards):
    (panel,) = (
        one
        for one in panels_of(boards["volvo-vehicle-dashboard.json"])
        if one["title"] == "Open, low or failed"
    )
    assert 'unless (volvo_door_open{vin=~"$vin",door="tank_lid"}' in panel["targets"][0]["expr"]


def test_expected_404s_do_not_count_as_failures(boards):
    (panel,) = (one for one in panels_of(boards["volvo-exporter.json"]) if one["title"] == "Failed requests")
    assert 'status_code!~"2..|404"' in panel["targets"][0]["expr"]


def test_dashboards_of_one_car_mark_drives_charges_and_alerts(boards):
    for board in boards.values():
        single = any(variable["name"] == "vin" for variable in board["templating"]["list"])
        names = [one["name"] for one in board["annotations"].get("list", ()) if not one.get("builtIn")]
        assert names == (["Drives", "Charges", "Alerts"] if single else []), board["title"]


def test_a_row_of_a_drive_leads_to_its_time(boards):
    (panel,) = (one for one in panels_of(boards["volvo-drives.json"]) if one["title"] == "Drives")
    links = json.dumps(panel["fieldConfig"]["overrides"])
    assert "from=${__data.fields.Start.numeric}&to=${__data.fields.End.numeric}" in links


def test_an_event_is_a_change_of_its_end():
    query = at_end("x", journal.LAST_DRIVE_END, step="5m")
    end = 'volvo_last_drive_end_timestamp_seconds{vin=~"$vin"}'
    assert query == f"x unless max({end}) == max by () (last_over_time({end}[7d] offset 5m))"


def a_panel(title):
    return Panel(
        title=title, description="A number.", queries=(Query(expr="up", legend=title),), kind=Kind.STAT
    )


def panels_by_id(*titles):
    row = Row(title="Speed", panels=tuple(map(a_panel, titles)))
    board = Dashboard(uid="a", file="a.json", title="A", description="B.", rows=(row,), variables=())
    encoded = json.loads(json.dumps(build(board), cls=JSONEncoder))
    return {panel["id"]: panel for panel in encoded["panels"]}


def test_a_new_panel_changes_only_the_positions_of_others():
    before = panels_by_id("Speed", "Charge", "Fuel")
    after = panels_by_id("Speed", "Range", "Charge", "Fuel")
    (added,) = after.keys() - before.keys()

    assert after[added]["title"] == "Range"
    assert before.keys() < after.keys()
    for number, panel in before.items():
        assert {**panel, "gridPos": None} == {**after[number], "gridPos": None}


def test_a_panel_id_is_a_positive_number_of_31_bits(boards):
    ids = [panel["id"] for board in boards.values() for panel in board["panels"]]
    assert min(ids) > 0
    assert max(ids) < 2**31


def test_two_panels_with_the_same_id_are_an_error_that_names_both():
    with pytest.raises(ValueError, match="'plumless' and 'buckeroo' have the same id"):
        assign_ids("volvo-vehicle", ["Speed", "plumless", "buckeroo"])


def test_compose_mounts_the_provisioned_files():
    folder = REPOSITORY / "grafana" / "provisioning"
    (source,) = yaml.safe_load((folder / "datasources" / "prometheus.yml").read_text())["datasources"]
    (provider,) = yaml.safe_load((folder / "dashboards" / "volvo.yml").read_text())["providers"]
    stack = yaml.safe_load((REPOSITORY / "docker-compose.yml").read_text())["services"]
    mounts = dict(mount.split(":")[:2] for mount in stack["grafana"]["volumes"] if mount.startswith("./"))
    assert mounts["./grafana/provisioning"] == "/etc/grafana/provisioning"
    assert mounts["./grafana"] == provider["options"]["path"]
    assert source["url"].startswith("http://prometheus:")
    assert "prometheus" in stack


def queries_of(board):
    """Yield the queries of panels and variables, with the panel's title or the variable's name."""
    for panel in panels_of(board):
        for target in panel["targets"]:
            yield panel["title"], target["expr"]
    for variable in board["templating"]["list"][1:]:
        if variable["type"] in ("textbox", "custom"):
            continue
        query = variable["query"]["query"]
        inner = re.fullmatch(r"query_result\((.*)\)|label_values\((.*), \w+\)", query)
        yield variable["name"], inner[1] or inner[2]


def expanded(query, *, vin=".*", span="1d", option=0):
    values = {
        "$vins": vin,
        "$vin": vin,
        "$account": ".*",
        "$fuel_price": "170",
        "$price": "30",
        **{f"${unit.name}": unit.options[option % len(unit.options)][1] for unit in UNITS},
        "$__range": span,
        "$__rate_interval": "20m",
        "$__interval": "5m",
    }
    for name, value in values.items():
        query = query.replace(name, value)
    assert not re.search(r"\$[a-z_]", query)
    return query


def selectors_of(query):
    found = []

    def look(node):
        if isinstance(node, promql_parser.VectorSelector):
            found.append(node)

    promql_parser.walk(promql_parser.parse(query), look)
    return found


def metrics_of(query):
    return {selector.name for selector in selectors_of(query)}


def metrics_of_the_contract():
    names = {family.name for family in (*VEHICLE_FAMILIES, *journal.FAMILIES)}
    for family in EXPORTER_FAMILIES:
        names |= {family.name + end for end in (HISTOGRAM if family.kind == "histogram" else ("",))}
    return names | {"up", "ALERTS"}


def test_the_regex_of_the_car_variable_matches_series_of_prometheus(boards):
    """Grafana sorts the labels of a series by name."""
    found = 'x{battery_capacity_kwh="69",car="EX30 2024 YV1",fuel_type="NONE",model="EX30",vin="YV1"} 1 17000'
    bare = 'x{car="  YV1",instance="x:9100",vin="YV1"} 1 17000'
    for board in boards.values():
        for variable in board["templating"]["list"]:
            if variable["name"] in ("vin", "vins"):
                pattern = re.compile(variable["regex"].strip("/").replace("(?<", "(?P<"))
                assert pattern.search(found).groupdict() == {"text": "EX30 2024 YV1", "value": "YV1"}
                assert pattern.search(bare).groupdict() == {"text": "YV1", "value": "YV1"}


# The queries are sent to a real Prometheus with the data of a simulated day.

DAYS = 1
STEP = 300
START = MONDAY
END = START + DAYS * 86400
CARS = (EX40, XC60, S90)
TARGET = 'job="volvo",instance="volvo-exporter:9100"'
QUERIES_WITHOUT_DATA = {
    ("Distance", "Distance (${distance:text}), before"),
    ("Exporter", "Updates left out"),
    ("Trip meters of the car", "Since charge (${electric:text})"),
    *((title, f"{title}, before") for title in ("Drives", "Cost")),
    *(("Energy and fuel", f"{name}, before") for name in ("Charged (kWh)", "Refuelled (L)")),
}
"""Queries about events that do not happen on this day, and values that its cars do not report."""


def scraped(exposition, moment):
    """Yield the lines of an exposition with the labels of the target and the time."""
    for line in exposition.splitlines():
        if not line.startswith("#"):
            series, _, number = line.rpartition(" ")
            name, _, labels = series.partition("{")
            inside = f"{TARGET},{labels}" if labels else f"{TARGET}}}"
            yield f"{name}{{{inside} {number} {moment:.0f}\n"
    yield f"up{{{TARGET}}} 1 {moment:.0f}\n"


def record(folder, text):
    """Poll simulated cars for a day and write each exposition to the file."""

    async def live():
        async with installed(folder, a_world(start=START, cars=CARS)) as it:
            with text.open("w") as written:
                for moment in range(int(START) + STEP, int(END) + 1, STEP):
                    await anyio.sleep(moment - it.world.now())
                    written.writelines(scraped((await it.scrape()).text, moment))
                written.write("# EOF\n")

    clock = trio.testing.MockClock(autojump_threshold=0)
    anyio.run(live, backend="trio", backend_options={"clock": clock})


@dataclass(frozen=True, slots=True, kw_only=True)
class Prometheus:
    """A running Prometheus with the blocks of a folder."""

    process: subprocess.Popen
    url: str

    @classmethod
    def start(cls, folder):
        url = f"127.0.0.1:{free_port()}"
        (folder / "prometheus.yml").write_text("{}\n")
        options = {
            "config.file": folder / "prometheus.yml",
            "storage.tsdb.path": folder / "data",
            "storage.tsdb.retention.time": "100y",
            "web.listen-address": url,
            "log.level": "error",
        }
        command = [program("prometheus"), *(f"--{name}={setting}" for name, setting in options.items())]
        found = cls(process=subprocess.Popen(command, stderr=subprocess.DEVNULL), url=f"http://{url}")
        until(lambda: httpx2.get(f"{found.url}/-/ready").is_success)
        return found

    def stop(self):
        self.process.terminate()
        self.process.wait()

    def number(self, query):
        answer = httpx2.post(f"{self.url}/api/v1/query", data={"query": query}).json()
        return float(answer["data"]["result"][0]["value"][1])

    def query(self, query, **when):
        """Return the number of series in the result, and the duration of the query in seconds."""
        place = "query_range" if "step" in when else "query"
        begun = time.perf_counter()
        answer = httpx2.post(f"{self.url}/api/v1/{place}", data={"query": query, **when}).json()
        assert answer["status"] == "success", (query, answer)
        return len(answer["data"]["result"]), time.perf_counter() - begun


def promtool(*arguments):
    subprocess.run(
        [program("promtool"), "tsdb", "create-blocks-from", *arguments], check=True, capture_output=True
    )


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("prometheus")
    program("prometheus")
    record(folder, folder / "metrics.txt")
    with (folder / "metrics.txt").open() as lines, (folder / "journal.txt").open("w") as written:
        written.writelines(journal_of(lines))
    promtool("openmetrics", str(folder / "metrics.txt"), str(folder / "data"))
    promtool("openmetrics", str(folder / "journal.txt"), str(folder / "data"))
    running = Prometheus.start(folder)
    yield running
    running.stop()


@pytest.mark.services
@pytest.mark.parametrize(
    ("unit", "metric", "converted"),
    [
        (DISTANCE, 161_000, (161, 100.04)),
        (ELECTRIC, 720, (20, 3.1068)),
        (FUEL, 0.0001, (10, 23.5215, 28.2481)),
        (TEMPERATURE, -40, (-40, -40)),
        (TEMPERATURE, 20, (20, 68)),
    ],
)
def test_units_are_converted(prometheus, unit, metric, converted):
    for option, number in enumerate(converted):
        query = expanded(in_unit(unit, f"vector({metric})"), option=option)
        assert prometheus.number(query) == pytest.approx(number, rel=1e-4)


@pytest.mark.services
@pytest.mark.parametrize("unit", [ELECTRIC, FUEL], ids=lambda unit: unit.name)
def test_a_consumption_of_zero_has_no_distance_by_amount(prometheus, unit):
    assert prometheus.query(expanded(in_unit(unit, "vector(0)"), option=1))[0] == 0


@pytest.mark.services
def test_every_query_returns_data_for_a_car_within_a_second(boards, prometheus):
    day = {"start": START, "end": END, "step": STEP}
    empty, slow = set(), set()
    for board in boards.values():
        many = any(variable["name"] == "vins" for variable in board["templating"]["list"])
        vins = (".*",) if many else tuple(car.vin for car in CARS)
        for panel in panels_of(board):
            for target in panel["targets"]:
                place = (panel["title"], target["legendFormat"])
                # Some values are known only at another time of the day, e.g. while charging.
                times = (day,) if target["range"] else ({"time": END}, day)
                for time_, vin in itertools.product(times, vins):
                    series, seconds = prometheus.query(expanded(target["expr"], vin=vin), **time_)
                    if seconds > 1:
                        slow.add(place)
                    if series:
                        break
                else:
                    if panel["fieldConfig"]["defaults"]["noValue"] == NO_VALUE:
                        empty.add(place)
    assert slow == set()
    assert empty == QUERIES_WITHOUT_DATA
