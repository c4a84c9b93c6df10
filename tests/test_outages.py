"""Outages of every kind: the content of `/metrics` meanwhile, and which alert fires when."""

import re
import subprocess

import anyio
import httpx2
import pytest
import yaml

from tests.support.installation import MONDAY, a_world, installed
from tests.support.outages import BEGINS, CAR, CAUSES, HOUR, MINUTE, STEP, Network, record
from tests.support.services import ROOT, program
from volvo_exporter.simulator import create_app

pytestmark = pytest.mark.slow

FIRST = {
    "API key refused": ("VolvoDataStale", "3 h 20 min"),
    "Daily quota used up": ("VolvoQuotaGone", "10 min"),
    "Token file not writable": ("VolvoDataStale", "3 h 50 min"),
    "Client secret refused": ("VolvoDataStale", "3 h 50 min"),
    "Login ended": ("VolvoLoginRequired", "40 min"),
    "No network": ("VolvoDataStale", "3 h 20 min"),
    "Volvo's cloud answers 5xx": ("VolvoDataStale", "3 h 20 min"),
    "Car no longer in the account": ("VolvoVehicleMissing", "50 min"),
}
"""The alert of each cause, and how long after its beginning it fires at the latest."""
EARLIER = 35 * MINUTE
"""How much sooner it may fire: a valid token, and so a login, lasts that long."""
FOLLOWS = {"VolvoDataStale", "VolvoApiFailing"}
"""What fires hours later whatever the cause is; Alertmanager suppresses it where the cause has an alert."""
RULES = [ROOT / "prometheus" / name for name in ("recording_rules.yml", "alert_rules.yml")]
FIRING = re.compile(r"time: (?P<time>\w+),\s*exp:.*\n\s*got: ?(?P<got>.*)")
TOKEN_LASTS = 0.5 * HOUR


def seconds(text: str) -> float:
    """The length of a time such as `3 h 20 min`, `3h20m` or `10m`."""
    hours, minutes = (re.search(rf"(\d+) ?{unit}", text) for unit in "hm")
    return HOUR * float(hours[1] if hours else 0) + MINUTE * float(minutes[1] if minutes else 0)


def alerts_over_time(folder, series: list[dict[str, str]], *, until: float) -> dict[float, set[str]]:
    """The alerts that fire at the end of each five minutes, by the time that promtool takes for it."""
    ends = range(int(STEP), int(until), int(STEP))
    # Nothing has this label: every check fails and so reports what it found.
    nothing = [{"labels": '{never="so"}', "value": 1}]
    expr = 'count by (alertname) (ALERTS{alertstate="firing"})'
    checks = [{"expr": expr, "eval_time": f"{end // 60}m", "exp_samples": nothing} for end in ends]
    suite = {
        "rule_files": [str(file) for file in RULES],
        "evaluation_interval": "5m",
        "group_eval_order": [
            group["name"] for file in RULES for group in yaml.safe_load(file.read_text())["groups"]
        ],
        "tests": [{"interval": "5m", "input_series": series, "promql_expr_test": checks}],
    }
    (folder / "outage.yml").write_text(yaml.safe_dump(suite))
    command = [program("promtool"), "test", "rules", str(folder / "outage.yml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    text = done.stdout + done.stderr
    found = {seconds(match["time"]): match["got"] for match in FIRING.finditer(text)}
    assert len(found) == len(ends), text
    return {end: set(re.findall(r'alertname="(\w+)"', got)) for end, got in found.items()}


@pytest.mark.services
@pytest.mark.parametrize("cause", CAUSES)
async def test_the_alert_of_an_outage_fires_in_time_and_no_alert_about_a_car_does(tmp_path, cause):
    recorded = await record(tmp_path, CAUSES[cause], hours=5)
    found = alerts_over_time(tmp_path, recorded.series(), until=BEGINS + 5 * HOUR)
    alert, after = FIRST[cause]
    due = BEGINS + recorded.left(CAR.vin) + seconds(after)

    assert set().union(*found.values()) <= FOLLOWS | {alert}
    assert [end for end, firing in found.items() if end <= due - EARLIER and firing] == []
    assert [end for end, firing in found.items() if end >= due and alert not in firing] == []


@pytest.mark.parametrize("cause", sorted(FIRST.keys() - {"Car no longer in the account"}))
async def test_in_an_outage_nothing_is_exported_as_if_it_were_current(tmp_path, cause):
    recorded = await record(tmp_path, CAUSES[cause], hours=1.5)
    before, late = -STEP, TOKEN_LASTS + 20 * MINUTE

    assert recorded.at(before, "volvo_activity_status", CAR.vin)
    assert set(recorded.at(before, "volvo_resource_up", CAR.vin).values()) == {1.0}
    assert recorded.at(late, "volvo_activity_status") == {}
    for resource in ("engine-status", "doors", "energy-state"):
        up = recorded.at(late, "volvo_resource_up", CAR.vin, f'resource="{resource}"')
        assert list(up.values()) == [0.0]
    assert recorded.at(late, "volvo_battery_charge_ratio") == recorded.at(
        before, "volvo_battery_charge_ratio"
    )
    assert recorded.ready[int(BEGINS // STEP) - 1]
    assert not any(recorded.ready[int((BEGINS + late) // STEP) :])


async def test_a_car_that_drove_at_the_start_of_an_outage_is_neither_driving_nor_parked_during_it(
    tmp_path,
):
    world = a_world(start=MONDAY + 4 * HOUR, cars=(CAR,))
    changes = world.changes(CAR.vin, world.now(), world.now() + 6 * HOUR)
    start = next(at for at, what in changes if what == "engine")
    network = Network(httpx2.ASGITransport(app=create_app(world)))
    async with installed(tmp_path, world, transport=network) as it:

        async def states() -> list[str]:
            found = await it.series("volvo_activity_status")
            return [re.search(r'state="(\w+)"', name)[1] for name, value in found.items() if value]

        await anyio.sleep(start - world.now() + 5 * MINUTE)
        assert await states() == ["driving"]
        network.down = True
        await anyio.sleep(9 * MINUTE)
        assert await states() == ["driving"]
        await anyio.sleep(3 * MINUTE)
        assert await states() == []
        ready = await it.scrape("/-/ready")
        assert ready.status_code == 503
        assert "data is stale: no request succeeded for 12 minutes" in ready.text
        assert ready.text.strip() in (await it.scrape("/")).text
        vehicle = (await it.scrape("/api/v1/vehicles")).json()["vehicles"][0]
        assert not vehicle["resources"]["engine-status"]["up"]

        await anyio.sleep(24 * HOUR)
        assert await states() == []
        assert set((await it.series("volvo_resource_up")).values()) <= {0.0, 1.0}
        assert await it.value("volvo_odometer_meters") is not None

        network.down = False
        await anyio.sleep(16 * MINUTE)
        assert len(await states()) == 1
        assert {name for name, up in (await it.series("volvo_resource_up")).items() if not up} == set()
        assert (await it.scrape("/-/ready")).status_code == 200


def test_the_table_of_causes_is_in_the_documentation():
    rows = re.findall(
        r"^\| ([^|]+) \| \[(\w+)\]\(#\w+\) \| ([\w ]+) \|[^|]*\|$",
        (ROOT / "docs" / "alerts.md").read_text(),
        flags=re.MULTILINE,
    )
    assert {cause: (alert, after) for cause, alert, after in rows if cause in FIRST} == FIRST
