"""The notifier's alerts are those of Prometheus' rules, minute by minute."""

import json
import re
import subprocess
from pathlib import Path

import anyio
import httpx2
import pytest
import trio.testing
import yaml

from tests.support.installation import MONDAY, a_world, installed
from tests.support.misreports import Misreport, MisreportTransport
from tests.support.services import ROOT, program
from volvo_exporter.catalogue.alerts.table import ALERTS
from volvo_exporter.notify.alerting import step
from volvo_exporter.notify.checks import check_all
from volvo_exporter.notify.output import KEEP_FOR
from volvo_exporter.notify.scene import Scene
from volvo_exporter.simulator import FLEET, Fault, create_app

pytestmark = [pytest.mark.slow, pytest.mark.services]
MINUTE, HOUR = 60, 3600
HOURS = 30
TOLERANCE = 1
"""Minutes."""
EX30, XC60, S90 = (car.vin for car in FLEET)
REPORTS = (
    Misreport(begin=1, end=3, path="/doors", key="centralLock", value="UNLOCKED", vin=EX30),
    Misreport(begin=1, end=2, path="/doors", key="rearLeftDoor", value="AJAR", vin=XC60),
    Misreport(begin=2, end=3, path="/doors", key="hood", value="OPEN", vin=XC60),
    Misreport(begin=2, end=3, path="/doors", key="tailgate", value="OPEN", vin=S90),
    Misreport(begin=3, end=5, path="/windows", key="sunroof", value="OPEN", vin=S90),
    Misreport(begin=3, end=4, path="/windows", key="frontLeftWindow", value="AJAR", vin=EX30),
    Misreport(begin=8, end=20, path="/warnings", key="brakeLightLeftWarning", value="FAILURE", vin=XC60),
    Misreport(begin=8, end=20, path="/tyres", key="frontLeft", value="VERY_LOW_PRESSURE", vin=XC60),
    Misreport(begin=8, end=20, path="/tyres", key="rearLeft", value="LOW_PRESSURE", vin=S90),
    Misreport(begin=6, end=18, path="/brakes", key="brakeFluidLevelWarning", value="TOO_LOW", vin=S90),
    Misreport(begin=6, end=18, path="/engine", key="oilLevelWarning", value="TOO_LOW", vin=S90),
    Misreport(begin=6, end=18, path="/engine", key="engineCoolantLevelWarning", value="TOO_LOW", vin=S90),
    Misreport(begin=0, end=16, path="/diagnostics", key="washerFluidLevelWarning", value="TOO_LOW"),
    Misreport(
        begin=0, end=HOURS, path="/diagnostics", key="serviceWarning",
        value="REGULAR_MAINTENANCE_OVERDUE_FOR_SERVICE", vin=EX30,
    ),
    Misreport(begin=10, end=14, path="/fuel", key="fuelAmount", value=5.0, vin=S90),
    Misreport(begin=10, end=14, path="/state", key="chargingStatus", value="ERROR", vin=XC60),
    Misreport(begin=18.3, end=18.6, path="/state", key="chargingStatus", value="IDLE", vin=XC60),
    Misreport(begin=0, end=HOURS, path=EX30, key="fuelType", value="ELECTRIC", vin=EX30),
    Misreport(begin=19.8, end=20.8, path="/state", key="batteryChargeLevel", value=15, vin=EX30),
    Misreport(
        begin=19.8, end=20.8, path="/state", key="chargerConnectionStatus", value="DISCONNECTED", vin=EX30
    ),
    Misreport(begin=19.8, end=20.8, path="/state", key="chargingStatus", value="IDLE", vin=EX30),
)  # fmt: skip


async def observe(folder):
    """Return the series of each minute for promtool, and the alerts of the notifier by minute."""
    world = a_world(start=MONDAY, cars=FLEET)
    cloud = httpx2.ASGITransport(app=create_app(world))
    transport = MisreportTransport(cloud, REPORTS, lambda: (world.now() - MONDAY) / HOUR)
    scene, states, scrapes, firing = Scene(), {}, [], []
    async with installed(folder, world, transport=transport) as it:
        for minute in range(HOURS * 60):
            await anyio.sleep(MONDAY + minute * MINUTE - world.now())
            if minute == 15 * 60:
                world.faults.add(Fault(kind="unavailable", where="location", until=world.now() + 5 * HOUR))
            if minute == 21 * 60:
                world.faults.add(Fault(kind="unavailable", until=world.now() + 4 * HOUR))
            if minute == 26 * 60:
                world.faults.add(Fault(kind="quota", until=world.now() + HOUR))
            if minute == 28 * 60:
                world.identity.grants[-1].revoked = True
            accounts = [account.status() for account in it.exporter.accounts]
            garage = it.exporter.garage
            scene.note(garage, accounts, dict.fromkeys(garage.vins, "Car"), now=world.now())
            states, _ = step(states, check_all(scene), KEEP_FOR, now=world.now(), started=MONDAY, grace=0.0)
            ids = {car.id: vin for vin, car in scene.cars.items()}
            firing.append(
                {
                    (name, ids.get(car, ""), frozenset(labels))
                    for (name, car, labels), state in states.items()
                    if state.fires
                }
            )
            scrapes.append(await it.series("volvo_"))
    return scrapes, firing


def rule_files(folder):
    """Write the rules that alerts need; the others read weeks, for dashboards."""
    groups = yaml.safe_load((ROOT / "prometheus" / "recording_rules.yml").read_text())["groups"]
    wanted = [group for group in groups if group["name"] in ("volvo-now", "volvo-day")]
    (folder / "recording.yml").write_text(yaml.safe_dump({"groups": wanted}, sort_keys=False))
    alerts = ROOT / "prometheus" / "alert_rules.yml"
    names = [
        group["name"]
        for file in (folder / "recording.yml", alerts)
        for group in yaml.safe_load(file.read_text())["groups"]
    ]
    return [str(folder / "recording.yml"), str(alerts)], names


def values_of(name, scrapes):
    start = MONDAY if "_timestamp_seconds" in name else 0.0
    return " ".join(f"{scrape[name] - start!r}" if name in scrape else "_" for scrape in scrapes)


def alerts_of_prometheus(folder, scrapes):
    """Return the alerts that fire in each minute, as promtool finds them."""
    files, groups = rule_files(folder)
    read = {name for file in files for name in re.findall(r"\bvolvo_\w+", Path(file).read_text())}
    names = {name for scrape in scrapes for name in scrape if name.partition("{")[0] in read}
    # Nothing has this label: every check fails and so reports what it found.
    nothing = [{"labels": '{never="so"}', "value": 1}]
    checks = [
        {"expr": 'ALERTS{alertstate="firing"}', "eval_time": f"{minute}m", "exp_samples": nothing}
        for minute in range(len(scrapes))
    ]
    suite = {
        "rule_files": files,
        "evaluation_interval": "1m",
        "group_eval_order": groups,
        "tests": [
            {
                "interval": "1m",
                "input_series": [
                    {"series": name, "values": values_of(name, scrapes)} for name in sorted(names)
                ],
                "promql_expr_test": checks,
            }
        ],
    }
    # JSON is YAML, and written a hundred times as fast.
    (folder / "suite.yml").write_text(json.dumps(suite))
    done = subprocess.run(
        [program("promtool"), "test", "rules", "suite.yml"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    output = done.stdout + done.stderr
    (folder / "out.txt").write_text(output)
    found = [set() for _ in scrapes]
    for time, got in re.findall(r"time: (\w+),\s*exp:.*\n\s*got: ?(.*)", output):
        found[minutes(time)] = {
            key_of(dict(re.findall(r'(\w+)="([^"]*)"', labels))) for labels in re.findall(r"\{(.*?)\}", got)
        }
    return found


def minutes(time):
    """Return the minutes of a time such as `1d5m`."""
    number = {unit: int(digits) for digits, unit in re.findall(r"(\d+)([dhms])", time)}
    return (number.get("d", 0) * 24 + number.get("h", 0)) * 60 + number.get("m", 0)


def key_of(labels):
    other = {"alertname", "alertstate", "severity", "vin", "car", "__name__"}
    return (
        labels["alertname"],
        labels.get("vin", ""),
        frozenset(item for item in labels.items() if item[0] not in other),
    )


def spans(minutes_, key):
    """Return begin and end of each time in which an alert fires."""
    found, begun = [], None
    for minute, keys in enumerate(minutes_):
        if key in keys and begun is None:
            begun = minute
        if key not in keys and begun is not None:
            found.append((begun, minute))
            begun = None
    return found + ([(begun, len(minutes_))] if begun is not None else [])


def test_the_alerts_are_those_of_prometheus(tmp_path):
    clock = trio.testing.MockClock(autojump_threshold=0)
    scrapes, ours = anyio.run(observe, tmp_path, backend="trio", backend_options={"clock": clock})
    theirs = alerts_of_prometheus(tmp_path, scrapes)

    own = {alert.name for alert in ALERTS if not alert.prometheus_only}
    keys = {key for keys in (*ours, *theirs) for key in keys if key[0] in own}
    different = {
        key: (spans(ours, key), spans(theirs, key))
        for key in keys
        if len(spans(ours, key)) != len(spans(theirs, key))
        or any(
            abs(a - b) > TOLERANCE
            for one, other in zip(spans(ours, key), spans(theirs, key), strict=True)
            for a, b in zip(one, other, strict=True)
        )
    }
    assert different == {}
    assert len({name for name, _, _ in keys}) >= 23
