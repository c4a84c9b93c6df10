"""The exporter at a real mosquitto."""

import json
import re
import subprocess
import time
from contextlib import contextmanager

import httpx2
import paho.mqtt.client as paho
import pytest
import yaml
from paho.mqtt.enums import CallbackAPIVersion

from tests.support.installation import LOGIN, a_parked_world, write_token
from tests.support.services import ROOT, free_port, program, running, serving, until

pytestmark = [pytest.mark.slow, pytest.mark.services]


KILLS = 10
"""100 were tried once, with the same result."""


class Mosquitto:
    """A broker that can be killed and started again; it forgets everything meanwhile."""

    def __init__(self, folder):
        self.port = free_port()
        self.file = folder / "mosquitto.conf"
        self.file.write_text(f"listener {self.port} 127.0.0.1\nallow_anonymous true\npersistence false\n")
        self.process = None

    def start(self):
        self.process = subprocess.Popen(
            [program("mosquitto"), "-c", str(self.file)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def kill(self):
        self.process.kill()
        self.process.wait()

    def retained(self):
        """Return the retained messages by topic."""
        found = {}
        client = paho.Client(CallbackAPIVersion.VERSION2)
        client.on_message = lambda _client, _data, message: found.update(
            {message.topic: message.payload.decode()} if message.retain else {}
        )
        client.on_connect = lambda client, *_: client.subscribe("#")
        try:
            client.connect("127.0.0.1", self.port)
        except OSError:  # it is starting
            return {}
        end = time.monotonic() + 0.7
        while time.monotonic() < end:
            client.loop(0.05)
        client.disconnect()
        return found


@pytest.fixture
def mosquitto(tmp_path):
    broker = Mosquitto(tmp_path)
    broker.start()
    yield broker
    broker.kill()


@contextmanager
def exporter(folder, cloud, world, mosquitto, **more):
    """Run the exporter with three cars, of which the first has a name."""
    port = free_port()
    settings = {
        **LOGIN,
        "volvo_api_url": cloud,
        "volvo_id_url": cloud,
        "exporter_listen_port": port,
        "vehicle_names": {next(iter(world.cars)): "Röd bil"},
        "mqtt": {"url": f"mqtt://127.0.0.1:{mosquitto.port}", **more},
    }
    (folder / "config.yaml").write_text(yaml.safe_dump(settings))
    write_token(world, folder / "volvo_token.json")
    with running(str(ROOT / "exporter.py"), folder=folder) as process:
        until(lambda: httpx2.get(f"http://127.0.0.1:{port}/-/healthy").is_success)
        process.port = port
        yield process


def lag(port):
    """Return by how many seconds the most overdue request is late."""
    text = httpx2.get(f"http://127.0.0.1:{port}/metrics").text
    return float(re.search(r"^volvo_exporter_scheduler_lag_seconds (\S+)$", text, re.MULTILINE)[1])


def states(retained, part):
    """Return the states of a device by entity."""
    begin = f"volvo/{part}/"
    return {topic.removeprefix(begin): text for topic, text in retained.items() if topic.startswith(begin)}


def test_home_assistant_gets_a_device_for_each_car_and_account(tmp_path, mosquitto):
    world = a_parked_world()
    with serving(world) as cloud, exporter(tmp_path, cloud, world, mosquitto) as process:
        complete = until(
            lambda: (
                "door_front_left" in states(found := mosquitto.retained(), "rod_bil")
                and "fuel_amount" in json.dumps(found)
                and len([topic for topic in found if topic.endswith("/odometer")]) == 3
                and found
            )
        )
        configs = {topic: json.loads(text) for topic, text in complete.items() if topic.endswith("/config")}
        assert len(configs) == 4
        assert complete["volvo/status"] == "online"
        assert float(states(complete, "rod_bil")["battery_charge_level"]) > 0
        assert states(complete, "rod_bil")["door_front_left"] == "OFF"
        for vin in world.cars:
            assert vin not in json.dumps(complete)
        for config in configs.values():
            assert config["availability"] == [{"topic": "volvo/status"}]
            for component in config["components"].values():
                topic = component.get("state_topic") or component["json_attributes_topic"]
                assert topic in complete, topic
        process.terminate()
        process.wait(10)
        assert mosquitto.retained()["volvo/status"] == "offline"


def test_after_the_broker_was_killed_everything_is_complete_again(tmp_path, mosquitto):
    world = a_parked_world()
    with serving(world) as cloud, exporter(tmp_path, cloud, world, mosquitto) as process:
        before = until(lambda: len(found := mosquitto.retained()) > 150 and found)
        for _ in range(KILLS):
            mosquitto.kill()
            mosquitto.start()
            assert lag(process.port) < 1
        after = until(lambda: len(found := mosquitto.retained()) >= len(before) and found)
        assert before.keys() <= after.keys()
        assert after["volvo/status"] == "online"


def test_a_renamed_prefix_and_a_disabled_entity_leave_nothing_behind(tmp_path, mosquitto):
    world = a_parked_world()
    with serving(world) as cloud:
        with exporter(tmp_path, cloud, world, mosquitto):
            until(lambda: len(mosquitto.retained()) > 150)
            time.sleep(1)
        with exporter(
            tmp_path, cloud, world, mosquitto, topic_prefix="home/cars", disabled_entities=["lock"]
        ) as process:
            until(lambda: len([t for t in mosquitto.retained() if t.startswith("home/cars/")]) > 150)
            until(lambda: not [t for t in mosquitto.retained() if t.startswith("volvo/")])
            assert not [topic for topic in mosquitto.retained() if topic.endswith("/lock")]
            process.terminate()
            process.wait(10)
        with exporter(tmp_path, cloud, world, mosquitto, publish="off"):
            until(lambda: mosquitto.retained() == {})
