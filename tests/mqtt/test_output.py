"""What is published about simulated cars, in virtual time, with a broker in memory."""

import json
import subprocess
import sys
from contextlib import asynccontextmanager

import anyio
import pytest

from tests.support.installation import MONDAY, a_world, installed
from tests.support.journal import run_inline
from volvo_exporter.catalogue import families, journal
from volvo_exporter.catalogue.entities.events import JOURNAL
from volvo_exporter.mqtt.output import Mqtt, Naming, slug
from volvo_exporter.mqtt.published import PublishedFile
from volvo_exporter.polling.state_file import StateFile
from volvo_exporter.simulator import FLEET, Fault
from volvo_exporter.vehicles.updates import Update

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
HOUR = 3600.0
EX30, XC60, S90 = FLEET
FIGURES = {
    (journal.CHARGED_ENERGY.name, (("type", "ac"),)): 36e6,
    (journal.CHARGED_ENERGY.name, (("type", "dc"),)): 7.2e6,
    (journal.LAST_DRIVE_END.name, ()): MONDAY,
    (journal.LAST_DRIVE_DISTANCE.name, ()): 12_345.0,
}


class Memory:
    """A broker whose retained messages are in memory; it counts what was sent."""

    def __init__(self):
        self.retained, self.sent, self.running = {}, 0, False

    def start(self):
        self.running = True

    def publish(self, topic, payload):
        if self.retained.get(topic) != payload:
            self.sent += 1
            self.retained[topic] = payload
        if payload == "":
            self.retained.pop(topic, None)

    def clear(self, topic):
        self.publish(topic, "")

    def is_idle(self):
        return True

    def stop(self):
        self.running = False

    def device(self, part):
        """Return the states of a device."""
        begin = f"volvo/{part}/"
        return {
            topic.removeprefix(begin): value
            for topic, value in self.retained.items()
            if topic.startswith(begin)
        }

    def configs(self):
        return {t: json.loads(payload) for t, payload in self.retained.items() if t.endswith("/config")}


@asynccontextmanager
async def published(
    folder, broker=None, *, figures=None, disabled=frozenset(), vin_in_topics=False, **settings
):
    """Publish the fleet; the EX30 is called Blue, the others have no name."""
    broker, world = broker or Memory(), a_world(start=MONDAY + 9 * HOUR - anyio.current_time(), cars=FLEET)
    async with (
        installed(folder, world, vehicle_names={EX30.vin: "Blue"}, **settings) as it,
        anyio.create_task_group() as tasks,
    ):
        output = Mqtt(
            broker=broker,
            naming=Naming(prefix="volvo", discovery="homeassistant", vin_in_topics=vin_in_topics),
            garage=it.exporter.garage,
            accounts=lambda: [account.status() for account in it.exporter.accounts],
            figures=lambda _vin: figures or {},
            published=PublishedFile(StateFile(folder / "state.json")),
            disabled=disabled,
            rounded=settings.get("privacy") == {"position": "rounded"},
            version="1.2.3",
            clock=world.now,
            run_blocking=run_inline,
        )
        tasks.start_soon(output.run, it.exporter.updates.subscribe("mqtt"))
        await anyio.sleep(0.5 * HOUR)
        yield broker, it
        tasks.cancel_scope.cancel()


async def test_values_have_the_units_of_home_assistant(tmp_path):
    async with published(tmp_path, figures=FIGURES) as (broker, it):
        blue, vehicle = broker.device("blue"), it.exporter.garage[EX30.vin].vehicle
        states = {
            "battery_charge_level": vehicle.number(families.BATTERY_CHARGE) * 100,
            "odometer": vehicle.number(families.ODOMETER) / 1000,
            "electric_range": vehicle.number(families.ELECTRIC_RANGE) / 1000,
        }
        assert {id_: float(blue[id_]) for id_ in states} == pytest.approx(states)
        assert (blue["lock"], blue["door_front_left"], blue["engine_status"]) == ("OFF", "OFF", "OFF")
        assert blue["activity"] == "parked"
        assert blue["charged_energy"] == "12"
        assert blue["last_drive_distance"] == "12.345"
        assert blue["last_drive_end"] == "2026-11-02T00:00:00+00:00"
        assert json.loads(blue["location"]).keys() == {"latitude", "longitude"}


async def test_no_vin_is_published_unless_it_is_enabled(tmp_path):
    for folder in ("hash", "vin"):
        (tmp_path / folder).mkdir()
    async with published(tmp_path / "hash") as (broker, _):
        assert not [vin for vin in (car.vin for car in FLEET) if vin in json.dumps(broker.retained)]
    async with published(tmp_path / "vin", vin_in_topics=True) as (broker, _):
        assert broker.device(EX30.vin)["activity"] == "parked"
        serials = {config["device"].get("serial_number") for config in broker.configs().values()}
        assert serials == {None, *(car.vin for car in FLEET)}


async def test_a_value_that_becomes_unknown_is_unknown_and_not_zero(tmp_path):
    async with published(tmp_path) as (broker, it):
        assert float(broker.device("blue")["battery_charge_level"]) > 0
        vehicle = it.exporter.garage[EX30.vin].vehicle
        for resource in {reading.resource for reading in vehicle.readings}:
            vehicle.drop(resource, "")
        await anyio.sleep(31)
        blue = broker.device("blue")
        assert {blue["battery_charge_level"], blue["lock"], blue["odometer"]} == {"None"}
        assert json.loads(blue["location"]) == {"latitude": None, "longitude": None}


async def test_a_car_has_no_entity_for_what_it_does_not_report(tmp_path):
    async with published(tmp_path) as (broker, _):
        components = {
            config["device"]["name"]: set(config["components"]) for config in broker.configs().values()
        }
        assert "fuel_amount" not in components["Blue"]
        assert "battery_charge_level" not in components["Volvo S90"]
        assert {"fuel_amount", "battery_charge_level"} <= components["Volvo XC60"]


async def test_a_plug_in_hybrid_with_a_journal_has_at_least_80_entities(tmp_path):
    figures = {entity.series: 1.0 for entity in JOURNAL}
    async with published(tmp_path, figures=figures) as (broker, _):
        (config,) = (c for c in broker.configs().values() if c["device"]["name"] == "Volvo XC60")
        assert len(config["components"]) >= 80


async def test_a_disabled_entity_is_removed_with_its_topic(tmp_path):
    broker = Memory()
    async with published(tmp_path, broker):
        assert "lock" in broker.device("blue")
    async with published(tmp_path, broker, disabled=frozenset({"lock"})):
        assert "lock" not in broker.device("blue")
        configs = [c for c in broker.configs().values() if c["device"]["name"] == "Blue"]
        assert configs[0]["components"]["lock"] == {"platform": "binary_sensor"}


async def test_the_cars_of_an_account_that_was_not_listed_yet_stay(tmp_path):
    broker = Memory()
    async with published(tmp_path, broker):
        assert broker.device("blue")
    async with published(tmp_path, broker, logged_in=False):
        assert broker.device("blue")["lock"] == "OFF"


async def test_a_car_that_is_no_longer_in_the_account_is_removed(tmp_path):
    broker = Memory()
    async with published(tmp_path, broker):
        assert broker.device("blue")
    async with published(tmp_path, broker, vin=XC60.vin):
        assert broker.device("blue") == {}
        assert len(broker.configs()) == 2


async def test_topics_that_could_not_be_cleared_are_cleared_after_a_restart(tmp_path):
    broker, down = Memory(), Memory()
    async with published(tmp_path, broker):
        assert "lock" in broker.device("blue")
    down.is_idle = lambda: False
    async with published(tmp_path, down, disabled=frozenset({"lock"})):
        assert "lock" in broker.device("blue")
    async with published(tmp_path, broker, disabled=frozenset({"lock"})):
        assert "lock" not in broker.device("blue")


def test_each_prefix_has_devices_of_its_own():
    ours, theirs = (
        Naming(prefix=prefix, discovery="homeassistant", vin_in_topics=False) for prefix in ("volvo", "other")
    )
    assert ours.account_node("default") != theirs.account_node("default")


async def test_after_a_restart_values_stay_until_they_are_read_again(tmp_path):
    broker = Memory()
    async with published(tmp_path, broker):
        before = dict(broker.device("blue"))
    async with published(tmp_path, broker):
        assert "None" not in {broker.device("blue")[id_] for id_ in before if before[id_] != "None"}


async def test_a_position_follows_the_privacy_setting(tmp_path):
    for folder in ("rounded", "off"):
        (tmp_path / folder).mkdir()
    async with published(tmp_path / "rounded", privacy={"position": "rounded"}) as (broker, _):
        location = json.loads(broker.device("blue")["location"])
        assert location["gps_accuracy"] == 1100
        assert location["latitude"] == round(location["latitude"], 2)
    off = {"privacy": {"position": "off"}, "weather_api_key": None}
    async with published(tmp_path / "off", **off) as (broker, _):
        assert "location" not in broker.device("blue")


async def test_an_account_has_a_device_with_quota_and_login(tmp_path):
    async with published(tmp_path) as (broker, it):
        account = broker.device("account/default")
        assert account["login_required"] == "OFF"
        (status,) = (account.status() for account in it.exporter.accounts)
        assert 0 <= status.quota.used - int(account["quota_used"]) <= 10
        it.world.identity.grants[-1].revoked = True
        it.world.faults.add(Fault(kind="invalid_grant"))
        await anyio.sleep(HOUR)
        assert broker.device("account/default")["login_required"] == "ON"


async def test_an_update_without_a_change_sends_nothing(tmp_path):
    async with published(tmp_path) as (broker, it):
        await anyio.sleep(7)  # between two ticks
        sent = broker.sent
        it.exporter.updates.publish(Update(vin=EX30.vin, at=it.world.now()))
        await anyio.sleep(0.1)
        assert broker.sent == sent


@pytest.mark.parametrize(
    ("name", "expected"), [("Röd bil", "rod_bil"), ("EX30", "ex30"), ("+#/", ""), ("", "")]
)
def test_a_name_becomes_a_part_of_a_topic(name, expected):
    assert slug(name) == expected


def test_without_a_broker_nothing_of_mqtt_is_imported():
    script = (
        "import sys, volvo_exporter.cli;"
        "print({'paho', 'volvo_exporter.mqtt', 'volvo_exporter.catalogue.entities'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "set()"
