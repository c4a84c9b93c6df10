"""The vehicles' part of `/metrics`: what is rendered, when, and how parsers read it."""

import itertools

import anyio
import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import generate_latest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from tests.support.car_files import CARS, FILES, load
from tests.support.reading import MEASURED, RESOURCES, VIN, item, value
from volvo_exporter import catalogue
from volvo_exporter.catalogue.model import Activity
from volvo_exporter.prometheus.metrics import VehicleMetrics
from volvo_exporter.prometheus.telemetry import Telemetry
from volvo_exporter.vehicles.activity import ActivityState
from volvo_exporter.vehicles.garage import Garage
from volvo_exporter.vehicles.privacy import Position, Privacy
from volvo_exporter.vehicles.reader import read
from volvo_exporter.vehicles.samples import expand_all
from volvo_exporter.vehicles.updates import Update, Updates

NOW = MEASURED + 60
OTHER = "YV1TESTCAR0000002"
LOCKED = {"data": {"centralLock": value("LOCKED", timestamp=None)}}
EX30 = {"data": {"descriptions": {"model": "EX30"}}}


class Fleet:
    """Vehicles whose answers reach the metrics at once, as updates."""

    def __init__(self, *vins, labels=catalogue.DEFAULT_VEHICLE_LABELS, **options):
        self.garage = Garage(**options)
        self.metrics = VehicleMetrics(self.garage, labels=labels)
        for vin in vins:
            self.garage.add(vin, account="default")

    def answer(self, vin, name, payload, *, item=""):
        """Take an answer of a resource."""
        change = self.garage.take(
            vin, RESOURCES[name], read(RESOURCES[name], payload, now=NOW, item=item), item=item
        )
        self.publish(vin, change=change, resource=RESOURCES[name])

    def note(self, vin, name, *, up, now=NOW):
        """Note how a request went."""
        self.garage[vin].vehicle.note(RESOURCES[name], up=up, now=now)
        self.publish(vin, resource=RESOURCES[name])

    def drop(self, vin, name, *, item=""):
        """Remove a resource that the vehicle does not have."""
        change = self.garage[vin].vehicle.drop(RESOURCES[name], item)
        self.publish(vin, change=change, resource=RESOURCES[name])

    def remove(self, vin):
        self.garage.remove(vin, account="default")
        self.publish(vin, removed=True)

    def publish(self, vin, **changes):
        self.metrics.take(Update(vin=vin, at=NOW, **changes))

    @property
    def text(self):
        return self.metrics.exposition().decode()

    def lines(self, name):
        return [line for line in self.text.splitlines() if line.startswith(f"{name}{{")]


def real_fleet():
    """The cars of the payload files, each known as its name and with all of its answers."""
    fleet = Fleet(*CARS)
    for car, name in FILES:
        fleet.answer(car, name, load(car, name), item="odometer" if "item" in name else "")
        fleet.garage[car].intervals = {**fleet.garage[car].intervals, name: 300.0}
        fleet.garage[car].state = ActivityState(activity=Activity.PARKED)
        fleet.note(car, name, up=True)
    return fleet


def test_a_small_exposition_is_rendered_as_expected():
    fleet = Fleet(VIN, labels=("vin", "model"), names={VIN: 'The "red" one'})
    fleet.answer(VIN, "details", {"data": {"externalColour": "Red", **EX30["data"]}})
    hood = {"hood": value("CLOSED", timestamp=None)}
    fleet.answer(VIN, "doors", {"data": {**LOCKED["data"], **hood}})
    fleet.garage[VIN].intervals = {"doors": 300.0}
    fleet.note(VIN, "doors", up=True)
    car = f'vin="{VIN}",model="EX30"'
    assert (
        fleet.text
        == f"""\
# HELP volvo_vehicle_info Attributes of the vehicle as labels; always 1.
# TYPE volvo_vehicle_info gauge
volvo_vehicle_info{{vin="{VIN}",name="The \\"red\\" one",account="default",model="EX30",model_year="",\
fuel_type="",gearbox="",battery_capacity_kwh="",colour="Red",upholstery="",steering=""}} 1.0
# HELP volvo_locked 1 if the central lock is locked.
# TYPE volvo_locked gauge
volvo_locked{{{car}}} 1.0
# HELP volvo_door_open 1 if the door, hood or lid is open or ajar.
# TYPE volvo_door_open gauge
volvo_door_open{{{car},door="hood"}} 0.0
# HELP volvo_resource_up 1 if the last request for the resource succeeded and is not older than twice its \
interval.
# TYPE volvo_resource_up gauge
volvo_resource_up{{{car},resource="doors"}} 1.0
# HELP volvo_resource_last_success_timestamp_seconds Unix time of the last successful request for the \
resource.
# TYPE volvo_resource_last_success_timestamp_seconds gauge
volvo_resource_last_success_timestamp_seconds{{{car},resource="doors"}} {NOW!r}
# HELP volvo_resource_poll_interval_seconds Interval between requests for the resource.
# TYPE volvo_resource_poll_interval_seconds gauge
volvo_resource_poll_interval_seconds{{{car},resource="doors"}} 300.0
"""
    )


def test_an_unknown_vehicle_has_no_series():
    fleet = Fleet(VIN)
    fleet.publish(VIN)
    assert fleet.text == ""


def test_a_vehicle_whose_first_request_fails_is_described_as_soon_as_something_is_known():
    fleet = Fleet(VIN)
    fleet.note(VIN, "details", up=False)
    assert fleet.lines("volvo_vehicle_info") == []
    fleet.answer(VIN, "doors", LOCKED)
    assert len(fleet.lines("volvo_vehicle_info")) == len(fleet.lines("volvo_locked")) == 1


def test_a_lost_value_is_removed():
    fleet = Fleet(VIN)
    fleet.answer(VIN, "doors", {"data": {"centralLock": value("LOCKED"), "hood": value("CLOSED")}})
    fleet.answer(VIN, "doors", {"data": {"centralLock": None, "hood": value("OPEN")}})
    assert "volvo_locked" not in fleet.text
    assert 'field="centralLock"' not in fleet.text
    assert fleet.lines("volvo_door_open")[0].endswith('door="hood"} 1.0')


def test_the_same_answer_leaves_the_text_as_it_is():
    fleet = real_fleet()
    before = fleet.text
    for car, name in FILES:
        fleet.answer(car, name, load(car, name), item="odometer" if "item" in name else "")
    assert fleet.text == before


def test_updates_one_by_one_give_the_same_text_as_rendering_everything():
    fleet = Fleet(*CARS)
    outcomes = itertools.cycle((True, False, True))
    for car, name in FILES:
        part = "odometer" if "item" in name else ""
        fleet.note(car, name, up=next(outcomes))
        fleet.answer(car, name, load(car, name), item=part)
        check_rendered(fleet)
    for car, name in FILES:
        fleet.answer(car, name, {}, item="odometer" if "item" in name else "")
        check_rendered(fleet)
    for car, name in FILES:
        fleet.drop(car, name, item="odometer" if "item" in name else "")
        check_rendered(fleet)


def check_rendered(fleet):
    """Check that the text is that of everything rendered now; the order of the vehicles may differ."""
    fresh = VehicleMetrics(fleet.garage)
    fresh.render_all()
    assert sorted(fleet.text.splitlines()) == sorted(fresh.exposition().decode().splitlines())


@pytest.mark.parametrize("order", [("fuel", "energy-state"), ("energy-state", "fuel")], ids="-".join)
def test_the_energy_api_is_the_preferred_source_of_the_charge(order):
    said = {
        "fuel": {"data": {"batteryChargeLevel": value(11.0, "%", timestamp=None)}},
        "energy-state": {"batteryChargeLevel": item(57, "percentage")},
    }
    fleet = Fleet(VIN)
    for name in (*order, *order):
        fleet.answer(VIN, name, said[name])
    charge = "volvo_battery_charge_ratio"
    assert [line.rpartition(" ")[2] for line in fleet.lines(charge)] == ["0.57"]
    fleet.answer(VIN, "energy-state", {})
    assert [line.rpartition(" ")[2] for line in fleet.lines(charge)] == ["0.11"]
    fleet.answer(VIN, "energy-state", said["energy-state"])
    fleet.drop(VIN, "energy-state")
    assert [line.rpartition(" ")[2] for line in fleet.lines(charge)] == ["0.11"]


def test_both_sources_of_a_value_have_their_own_timestamp():
    fleet = Fleet(VIN, labels=("vin",))
    fleet.answer(VIN, "fuel", {"data": {"batteryChargeLevel": value(11.0, "%")}})
    fleet.answer(VIN, "energy-state", {"batteryChargeLevel": item(57, "percentage")})
    series = "volvo_field_timestamp_seconds"
    assert fleet.lines(series) == [
        f'{series}{{vin="{VIN}",resource="{name}",field="batteryChargeLevel"}} {MEASURED}'
        for name in ("fuel", "energy-state")
    ]


def test_a_dropped_resource_removes_its_series():
    fleet = Fleet(VIN)
    fleet.answer(VIN, "doors", LOCKED)
    fleet.answer(VIN, "odometer", {"data": {"odometer": value(5, "km")}})
    fleet.note(VIN, "doors", up=True)
    fleet.drop(VIN, "doors")
    assert fleet.lines("volvo_locked") == fleet.lines("volvo_resource_up") == []
    assert len(fleet.lines("volvo_odometer_meters")) == 1
    fleet.drop(VIN, "odometer")
    fleet.drop(VIN, "windows")
    assert fleet.text == ""


def test_items_of_a_resource_are_kept_and_dropped_one_by_one():
    fleet = Fleet(VIN)
    for name in ("odometer", "speed"):
        fleet.answer(VIN, "extended-vehicle-item", {"resourceValue": value("1", "km")}, item=name)
    series = "volvo_extended_vehicle_resource_value"
    assert len(fleet.lines(series)) == 2
    fleet.drop(VIN, "extended-vehicle-item", item="speed")
    (line,) = fleet.lines(series)
    assert line.endswith('resource="odometer",unit="km"} 1.0')


def test_a_removed_vehicle_is_gone():
    fleet = Fleet(VIN, OTHER)
    for vin in (VIN, OTHER):
        fleet.answer(vin, "doors", LOCKED)
    fleet.remove(VIN)
    fleet.remove(VIN)
    assert VIN not in fleet.text
    assert OTHER in fleet.text


def test_a_vehicle_that_returns_has_no_old_values():
    fleet = Fleet(VIN)
    fleet.answer(VIN, "doors", LOCKED)
    fleet.remove(VIN)
    fleet.garage.add(VIN, account="default")
    fleet.answer(VIN, "odometer", {"data": {"odometer": value(5, "km")}})
    assert fleet.lines("volvo_locked") == []
    assert len(fleet.lines("volvo_odometer_meters")) == 1


def test_a_failed_poll_leaves_the_values_and_the_time_of_the_last_success():
    fleet = Fleet(VIN)
    fleet.note(VIN, "doors", up=False)
    assert fleet.lines("volvo_resource_last_success_timestamp_seconds") == []
    fleet.answer(VIN, "doors", LOCKED)
    fleet.note(VIN, "doors", up=True)
    fleet.note(VIN, "doors", up=False, now=NOW + 300)
    assert fleet.lines("volvo_resource_up")[0].endswith(" 0.0")
    assert fleet.lines("volvo_resource_last_success_timestamp_seconds")[0].endswith(f" {NOW}")
    assert len(fleet.lines("volvo_locked")) == 1


def test_attributes_reach_every_series_of_the_vehicle_and_of_no_other():
    fleet = Fleet(VIN, OTHER)
    for vin in (VIN, OTHER):
        fleet.answer(vin, "doors", LOCKED)
    fleet.answer(VIN, "details", EX30)
    mine, others = fleet.lines("volvo_locked")
    assert 'model="EX30"' in mine
    assert 'model=""' in others


def test_vehicle_labels_narrow_the_series_but_not_the_info():
    fleet = Fleet(VIN, labels=("vin",))
    fleet.answer(VIN, "details", {"data": {"batteryCapacityKWH": 50.0, **EX30["data"]}})
    assert fleet.lines("volvo_vehicle_battery_capacity_joules") == [
        f'volvo_vehicle_battery_capacity_joules{{vin="{VIN}"}} 180000000.0'
    ]
    assert 'model="EX30"' in fleet.lines("volvo_vehicle_info")[0]


TWIN = "YV1TESTCAR0100001"
"""Ends like VIN, but for one character more."""


def test_a_masked_vehicle_has_the_end_of_its_vin_as_label():
    fleet = Fleet(VIN, OTHER, privacy=Privacy(masked=True))
    for vin in (VIN, OTHER):
        fleet.answer(vin, "doors", LOCKED)
        fleet.answer(vin, "details", EX30)
    assert [line.partition(",")[0] for line in fleet.lines("volvo_locked")] == [
        'volvo_locked{vin="…0001"',
        'volvo_locked{vin="…0002"',
    ]
    assert "YV1TEST" not in fleet.text


def test_a_masked_vehicle_keeps_its_series_when_another_ends_alike():
    fleet = Fleet(VIN, privacy=Privacy(masked=True))
    fleet.answer(VIN, "doors", LOCKED)
    fleet.garage.add(TWIN, account="default")
    fleet.answer(TWIN, "doors", {"data": {"centralLock": value("UNLOCKED")}})
    assert [line.partition(",")[0] for line in fleet.lines("volvo_locked")] == [
        'volvo_locked{vin="…0001"',
        'volvo_locked{vin="…100001"',
    ]


def test_a_vin_in_another_label_is_masked():
    fleet = Fleet(VIN, privacy=Privacy(masked=True), names={VIN: f"My {VIN}"})
    fleet.answer(VIN, "details", {"data": {"descriptions": {"model": f"https://cars.test/{VIN}.png"}}})
    (info,) = fleet.lines("volvo_vehicle_info")
    assert 'name="My …0001"' in info
    assert 'model="https://cars.test/…0001.png"' in info
    assert VIN not in fleet.text


def test_a_move_within_the_rounded_position_changes_nothing():
    fleet = Fleet(VIN, privacy=Privacy(position=Position.ROUNDED))
    texts = set()
    for latitude in (57.7089, 57.7111):
        fleet.answer(VIN, "location", {"data": {"geometry": {"coordinates": [11.97, latitude]}}})
        texts.add(fleet.text)
    assert fleet.lines("volvo_location_latitude_degrees")[0].endswith(" 57.71")
    assert len(texts) == 1


def parsed(metrics):
    return {
        (one.name, frozenset(one.labels.items())): one.value for metric in metrics for one in metric.samples
    }


@pytest.mark.parametrize(
    ("accept", "parse", "end"),
    [
        ("text/plain", parse_text, ""),
        ("application/openmetrics-text;version=1.0.0", parse_openmetrics, "# EOF\n"),
    ],
    ids=["text", "openmetrics"],
)
def test_the_whole_of_metrics_parses_without_a_duplicate(accept, parse, end):
    telemetry = Telemetry(version="1")
    telemetry.count_request("GET", "/connected-vehicle/v2/vehicles", "200", 0.3)
    own, _ = telemetry.encode(accept)
    text = real_fleet().text + own.decode()
    assert text.endswith(end)
    assert text.count("# EOF") == bool(end)
    metrics = list(parse(text))
    names = [metric.name for metric in metrics]
    assert len(set(names)) == len(names)
    samples = [(one.name, frozenset(one.labels.items())) for metric in metrics for one in metric.samples]
    assert len(set(samples)) == len(samples)
    assert {family.name for family in catalogue.VEHICLE_FAMILIES} <= set(names)
    types = [line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")]
    assert len(set(types)) == len(types)


def test_the_text_equals_that_of_prometheus_client():
    fleet = real_fleet()
    metrics = {}
    for car in CARS:
        known = fleet.garage.attributes(car)
        labels = {label: known[label] for label in catalogue.DEFAULT_VEHICLE_LABELS}
        for sample in expand_all(fleet.garage[car].vehicle):
            name = sample.family.name
            metric = metrics.setdefault(name, GaugeMetricFamily(name, sample.family.help))
            metric.add_sample(name, labels | dict(sample.labels), sample.value)

    class Collected:
        def collect(self):
            return metrics.values()

    reference = CollectorRegistry()
    reference.register(Collected())
    expected = parsed(parse_text(generate_latest(reference).decode()))
    meta = ("volvo_vehicle_info", "volvo_resource", "volvo_activity_status")
    rendered = parsed(parse_text(fleet.text))
    assert {key: value for key, value in rendered.items() if not key[0].startswith(meta)} == expected
    assert len(expected) > 600


def test_odd_labels_survive_the_parsers():
    odd = 'a "quoted" \\ one\nin two lines, {braces} = ünïcode'
    fleet = Fleet(VIN, names={VIN: odd})
    fleet.answer(VIN, "details", {})
    (metric,) = parse_text(fleet.text)
    assert metric.samples[0].labels["name"] == odd
    (metric,) = parse_openmetrics(fleet.text + "# EOF\n")
    assert metric.samples[0].labels["name"] == odd


def test_the_activity_is_a_state_set_and_absent_while_unknown():
    fleet = Fleet(VIN)
    fleet.publish(VIN)
    assert fleet.lines("volvo_activity_status") == []
    fleet.garage[VIN].state = ActivityState(activity=Activity.CHARGING)
    fleet.publish(VIN)
    states = {line.partition('state="')[2] for line in fleet.lines("volvo_activity_status")}
    assert 'charging"} 1.0' in states
    assert 'parked"} 0.0' in states
    assert len(states) == 5


@pytest.mark.parametrize("capacity", [1, 10_000], ids=["updates were lost", "no update was lost"])
async def test_updates_are_rendered_even_if_some_were_lost(capacity):
    fleet, updates = Fleet(VIN, OTHER), Updates()
    subscription = updates.subscribe("prometheus", capacity=capacity)
    for vin in (VIN, OTHER):
        change = fleet.garage.take(vin, RESOURCES["doors"], read(RESOURCES["doors"], LOCKED, now=NOW))
        updates.publish(Update(vin=vin, at=NOW, resource=RESOURCES["doors"], change=change))
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(fleet.metrics.run, subscription)
        await anyio.sleep(1)
        tasks.cancel_scope.cancel()

    assert len(fleet.lines("volvo_locked")) == 2
    check_rendered(fleet)
