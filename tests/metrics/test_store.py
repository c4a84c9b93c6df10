import itertools

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import generate_latest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

import payloads
from volvo_exporter import catalogue
from volvo_exporter.catalogue import families
from volvo_exporter.metrics.privacy import Position, Privacy
from volvo_exporter.metrics.readings import Readings, Sample, read
from volvo_exporter.metrics.store import Poll, Store, age
from volvo_exporter.metrics.telemetry import Telemetry

RESOURCES = {resource.name: resource for resource in catalogue.RESOURCES}
NOW = payloads.MEASURED + 60
VIN = payloads.VIN
OTHER = "YV1TESTCAR0000002"


def reading(*samples, **attributes):
    return Readings(samples=samples, attributes=attributes)


def sample(family, value, **labels):
    return Sample(family=family, value=value, labels=tuple(labels.items()))


def store_of(*vins, **options):
    store = Store(**options)
    for vin in vins:
        store.add(vin, account="default")
    return store


def full_store(*vins):
    store = store_of(*vins)
    for vin, resource in itertools.product(vins, catalogue.RESOURCES):
        item = "odometer" if "{item}" in resource.path else ""
        document = payloads.payload(resource, payloads.Era.NULLED)
        store.put(vin, resource.name, read(resource, document, now=NOW, item=item), item=item)
        store.note(vin, resource.name, up=True, now=NOW)
    for vin in vins:
        store.pace(
            vin, dict.fromkeys((resource.name for resource in catalogue.RESOURCES), 300.0), activity="parked"
        )
    return store


def lines(store, name):
    return [line for line in store.exposition().decode().splitlines() if line.startswith(f"{name}{{")]


def test_a_small_exposition_is_written_as_by_hand():
    store = store_of(VIN, labels=("vin", "model"), names={VIN: 'The "red" one'})
    store.put(VIN, "details", reading(model="EX30", colour="Red"))
    store.put(
        VIN, "doors", reading(sample(families.LOCKED, 1.0), sample(families.DOOR_OPEN, 0.0, door="hood"))
    )
    store.note(VIN, "doors", up=True, now=NOW)
    store.pace(VIN, {"doors": 300}, activity="unknown")
    car = f'vin="{VIN}",model="EX30"'
    assert (
        store.exposition().decode()
        == f"""\
# HELP volvo_vehicle_info What the vehicle is, as labels; always 1.
# TYPE volvo_vehicle_info gauge
volvo_vehicle_info{{vin="{VIN}",name="The \\"red\\" one",account="default",model="EX30",model_year="",\
fuel_type="",gearbox="",battery_capacity_kwh="",colour="Red",upholstery="",steering=""}} 1.0
# HELP volvo_locked 1 while the central lock is locked.
# TYPE volvo_locked gauge
volvo_locked{{{car}}} 1.0
# HELP volvo_door_open 1 while the door, hood or lid is open or ajar.
# TYPE volvo_door_open gauge
volvo_door_open{{{car},door="hood"}} 0.0
# HELP volvo_resource_up 1 if the last request for the resource succeeded, within twice its interval.
# TYPE volvo_resource_up gauge
volvo_resource_up{{{car},resource="doors"}} 1.0
# HELP volvo_resource_last_success_timestamp_seconds When a request for the resource last succeeded, \
in Unix time.
# TYPE volvo_resource_last_success_timestamp_seconds gauge
volvo_resource_last_success_timestamp_seconds{{{car},resource="doors"}} {NOW!r}
# HELP volvo_resource_poll_interval_seconds Interval at which the resource is asked.
# TYPE volvo_resource_poll_interval_seconds gauge
volvo_resource_poll_interval_seconds{{{car},resource="doors"}} 300
"""
    )


def test_nothing_is_told_of_a_vehicle_before_something_is_known():
    store = store_of(VIN)
    assert store.exposition() == b""
    assert store.vins == (VIN,)


def test_a_vehicle_that_is_added_again_keeps_what_is_known():
    store = store_of(VIN)
    store.put(VIN, "doors", reading(sample(families.LOCKED, 1.0)))
    store.add(VIN, account="default")
    assert store.value(VIN, families.LOCKED) == 1


def test_a_value_that_vanishes_vanishes_from_the_text():
    store = store_of(VIN)
    store.put(
        VIN, "doors", reading(sample(families.LOCKED, 1.0), sample(families.DOOR_OPEN, 0.0, door="hood"))
    )
    store.put(VIN, "doors", reading(sample(families.DOOR_OPEN, 1.0, door="hood")))
    assert b"volvo_locked" not in store.exposition()
    assert lines(store, "volvo_door_open")[0].endswith('door="hood"} 1.0')
    assert store.value(VIN, families.LOCKED) is None


def test_the_same_readings_leave_the_text_as_it_is():
    store = full_store(VIN)
    before = store.exposition()
    document = payloads.payload(RESOURCES["doors"], payloads.Era.NULLED)
    store.put(VIN, "doors", read(RESOURCES["doors"], document, now=NOW))
    assert store.exposition() == before


@pytest.mark.parametrize("order", [("fuel", "energy-state"), ("energy-state", "fuel")], ids="-".join)
def test_the_energy_api_knows_the_charge_better_whatever_comes_first(order):
    value = {"value": 11.0, "unit": "%", "timestamp": None}
    said = {
        "fuel": {"data": {"batteryChargeLevel": value}},
        "energy-state": {"batteryChargeLevel": {"status": "OK", "value": 57, "unit": "percentage"}},
    }
    store = store_of(VIN)
    for name in (*order, *order):
        store.put(VIN, name, read(RESOURCES[name], said[name], now=NOW))
    assert store.value(VIN, families.BATTERY_CHARGE) == 0.57
    assert len(lines(store, "volvo_battery_charge_ratio")) == 1
    store.put(VIN, "energy-state", reading())
    assert store.value(VIN, families.BATTERY_CHARGE) == 0.11
    store.put(VIN, "energy-state", read(RESOURCES["energy-state"], said["energy-state"], now=NOW))
    store.drop(VIN, "energy-state")
    assert lines(store, "volvo_battery_charge_ratio")[0].endswith(" 0.11")


def test_a_dropped_resource_takes_its_series_along():
    store = store_of(VIN)
    store.put(VIN, "doors", reading(sample(families.LOCKED, 1.0)))
    store.put(VIN, "odometer", reading(sample(families.ODOMETER, 5.0)))
    store.note(VIN, "doors", up=True, now=NOW)
    store.drop(VIN, "doors")
    assert lines(store, "volvo_locked") == lines(store, "volvo_resource_up") == []
    assert len(lines(store, "volvo_odometer_meters")) == 1
    store.drop(VIN, "odometer")
    store.drop(VIN, "windows")
    assert store.exposition() == b""


def test_items_of_a_resource_are_kept_and_dropped_one_by_one():
    store = store_of(VIN)
    for item in ("odometer", "speed"):
        told = sample(families.EXTENDED_VALUE, 1.0, resource=item, unit="km")
        store.put(VIN, "extended-vehicle-item", reading(told), item=item)
    store.drop(VIN, "extended-vehicle-item", item="speed")
    assert [*map(str, lines(store, "volvo_extended_vehicle_resource_value"))] == [
        line for line in store.exposition().decode().splitlines() if 'resource="odometer"' in line
    ]


def test_a_forgotten_vehicle_is_gone():
    store = full_store(VIN, OTHER)
    store.forget(VIN, account="default")
    store.forget(VIN, account="default")
    assert VIN.encode() not in store.exposition()
    assert OTHER.encode() in store.exposition()
    assert store.vins == (OTHER,)


def test_a_failed_poll_leaves_the_values_and_the_time_of_the_last_success():
    store = store_of(VIN)
    store.note(VIN, "doors", up=False, now=NOW)
    assert store.polls(VIN) == {"doors": Poll(up=False, last_success=None)}
    assert lines(store, "volvo_resource_last_success_timestamp_seconds") == []
    store.put(VIN, "doors", reading(sample(families.LOCKED, 1.0)))
    store.note(VIN, "doors", up=True, now=NOW)
    store.note(VIN, "doors", up=False, now=NOW + 300)
    assert store.polls(VIN) == {"doors": Poll(up=False, last_success=NOW)}
    assert lines(store, "volvo_resource_up")[0].endswith(" 0.0")
    assert len(lines(store, "volvo_locked")) == 1


def test_attributes_reach_every_series_of_the_vehicle_and_of_no_other():
    store = store_of(VIN, OTHER)
    for vin in (VIN, OTHER):
        store.put(vin, "doors", reading(sample(families.LOCKED, 1.0)))
    store.put(VIN, "details", reading(model="EX30"))
    mine, others = lines(store, "volvo_locked")
    assert 'model="EX30"' in mine
    assert 'model=""' in others
    assert store.attributes(VIN)["model"] == "EX30"
    assert store.attributes(VIN).keys() == set(catalogue.ATTRIBUTES)


def test_an_attribute_once_known_stays():
    store = store_of(VIN)
    store.put(VIN, "details", reading(model="EX30"))
    store.put(VIN, "details", reading())
    assert store.attributes(VIN)["model"] == "EX30"


def test_vehicle_labels_narrow_the_series_but_not_the_info():
    store = store_of(VIN, labels=("vin",))
    store.put(VIN, "details", reading(sample(families.BATTERY_CAPACITY, 1.0), model="EX30"))
    assert lines(store, "volvo_vehicle_battery_capacity_joules") == [
        f'volvo_vehicle_battery_capacity_joules{{vin="{VIN}"}} 1.0'
    ]
    assert 'model="EX30"' in lines(store, "volvo_vehicle_info")[0]


MASKED = Privacy(masked=True)
TWIN = "YV1TESTCAR0100001"
"""Ends like VIN, but for one character more."""


def test_a_masked_vehicle_is_known_inside_by_its_vin_and_outside_by_its_end():
    store = store_of(VIN, OTHER, privacy=MASKED)
    for vin in (VIN, OTHER):
        store.put(vin, "doors", reading(sample(families.LOCKED, 1.0), model="EX30"))
    assert store.vins == (VIN, OTHER)
    assert (store.shown(VIN), store.attributes(OTHER)["vin"]) == ("…0001", "…0002")
    assert [line.partition(",")[0] for line in lines(store, "volvo_locked")] == [
        'volvo_locked{vin="…0001"',
        'volvo_locked{vin="…0002"',
    ]
    assert b"YV1TEST" not in store.exposition()


def test_a_vehicle_once_shown_keeps_its_name_when_another_ends_alike():
    store = store_of(VIN, privacy=MASKED)
    store.put(VIN, "doors", reading(sample(families.LOCKED, 1.0)))
    store.add(TWIN, account="default")
    store.put(TWIN, "doors", reading(sample(families.LOCKED, 0.0)))
    assert (store.shown(VIN), store.shown(TWIN)) == ("…0001", "…100001")
    assert len(lines(store, "volvo_locked")) == 2


def test_the_name_of_a_forgotten_vehicle_waits_for_its_return():
    store = store_of(VIN, privacy=MASKED)
    assert store.shown(VIN) == "…0001"
    store.forget(VIN, account="default")
    store.add(TWIN, account="default")
    assert store.shown(TWIN) == "…00001"
    store.add(VIN, account="default")
    assert store.shown(VIN) == "…0001"


def test_a_masked_vin_does_not_get_out_through_another_attribute():
    store = store_of(VIN, privacy=MASKED, names={VIN: f"My {VIN}"})
    store.put(VIN, "details", reading(model=f"https://cars.test/{VIN}.png"))
    assert store.attributes(VIN)["model"] == "https://cars.test/…0001.png"
    assert 'name="My …0001"' in lines(store, "volvo_vehicle_info")[0]
    assert VIN.encode() not in store.exposition()


def test_a_car_that_moves_within_its_rounded_place_changes_nothing():
    store = store_of(VIN, privacy=Privacy(position=Position.ROUNDED))
    for latitude in (57.7089, 57.7111):
        store.put(VIN, "location", reading(sample(families.LATITUDE, latitude)))
        assert store.value(VIN, families.LATITUDE) == 57.71
    assert lines(store, "volvo_location_latitude_degrees")[0].endswith(" 57.71")


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
    text = (full_store(VIN, OTHER).exposition() + own).decode()
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


def test_the_text_says_what_prometheus_client_would_say():
    store = full_store(VIN)
    reference = CollectorRegistry()
    known = store.attributes(VIN)
    labels = {label: known[label] for label in catalogue.DEFAULT_VEHICLE_LABELS}
    metrics = {}
    for told in store.samples(VIN):
        metric = metrics.setdefault(told.family, GaugeMetricFamily(told.family.name, told.family.help))
        metric.add_sample(told.family.name, labels | dict(told.labels), told.value)

    class Collected:
        def collect(self):
            return metrics.values()

    reference.register(Collected())
    expected = parsed(parse_text(generate_latest(reference).decode()))
    meta = ("volvo_vehicle_info", "volvo_resource", "volvo_activity_status")
    told = parsed(parse_text(store.exposition().decode()))
    assert {key: value for key, value in told.items() if not key[0].startswith(meta)} == expected
    assert len(expected) > 150


def test_odd_labels_survive_the_parsers():
    odd = 'a "quoted" \\ one\nin two lines, {braces} = ünïcode'
    store = store_of(VIN, names={VIN: odd})
    store.put(VIN, "details", reading())
    (metric,) = parse_text(store.exposition().decode())
    assert metric.samples[0].labels["name"] == odd
    (metric,) = parse_openmetrics(store.exposition().decode() + "# EOF\n")
    assert metric.samples[0].labels["name"] == odd


def test_the_activity_is_a_state_set_and_absent_while_unknown():
    store = store_of(VIN)
    store.pace(VIN, {}, activity="unknown")
    assert lines(store, "volvo_activity_status") == []
    store.pace(VIN, {}, activity="charging")
    states = {line.partition('state="')[2] for line in lines(store, "volvo_activity_status")}
    assert 'charging"} 1.0' in states
    assert 'parked"} 0.0' in states
    assert len(states) == 5


def test_the_trace_ends_with_the_last_value_also_of_answers_that_come_together():
    store = Store()
    store.add(VIN, account="default")
    for seconds, charge in ((0.0, 0.2), (1.0, 0.4), (300.0, 0.6), (301.0, 0.8)):
        sample = Sample(family=families.BATTERY_CHARGE, value=charge)
        store.put(VIN, "energy-state", Readings(samples=(sample,)))
        store.note(VIN, "energy-state", up=True, now=seconds)

    points = store.trace(VIN)[families.BATTERY_CHARGE]
    assert [(point.at, point.value) for point in points] == [(0.0, 0.4), (300.0, 0.8)]


def test_a_success_that_is_too_long_ago_does_not_count_though_no_poll_has_failed():
    store = full_store(VIN)
    store.note(VIN, "doors", up=True, now=NOW, max_age=600)
    before = store.samples(VIN)
    store.age(VIN, {"doors": 600}, now=NOW + 600)
    assert store.polls(VIN)["doors"].up
    store.age(VIN, {"doors": 600}, now=NOW + 601)

    assert not store.polls(VIN)["doors"].up
    assert store.polls(VIN)["doors"].last_success == NOW
    assert store.stale(VIN, now=NOW + 601) == {"doors"}
    assert store.samples(VIN) == before
    store.note(VIN, "doors", up=True, now=NOW + 700, max_age=600)
    assert store.polls(VIN)["doors"].up
    assert store.stale(VIN, now=NOW + 700) == frozenset()


def test_values_of_a_stale_resource_are_not_among_the_current_ones():
    store = full_store(VIN)
    store.note(VIN, "doors", up=True, now=NOW, max_age=600)
    current = store.current_samples(VIN, now=NOW + 600)
    late = store.current_samples(VIN, now=NOW + 601)

    assert current == store.samples(VIN)
    assert families.LOCKED in {sample.family for sample in current}
    assert families.LOCKED not in {sample.family for sample in late}


@pytest.mark.parametrize(
    ("steps", "up"),
    [
        # Asked more often from now on: the next request still gets its time, and no more.
        ([(7000, 600), (7600, 600)], True),
        ([(7000, 600), (7601, 600)], False),
        # Asked more often for a moment only.
        ([(7000, 600), (7300, 14400), (14400, 14400)], True),
        ([(7000, 600), (7300, 14400), (14401, 14400)], False),
        # What is stale is not current again because it is asked less often.
        ([(14401, 14400), (14402, 90000)], False),
        # The clock was set back by a day.
        ([(-86400, 14400), (-86400 + 14401, 14400)], False),
    ],
)
def test_when_a_success_is_too_long_ago_follows_the_interval(steps, up):
    poll = Poll(up=True, last_success=NOW, max_age=14400, fresh_until=NOW + 14400)
    for seconds, max_age in steps:
        poll = age(poll, max_age, now=NOW + seconds)

    assert poll.up is up


def test_a_car_of_two_accounts_is_current_while_one_of_them_has_data():
    store = full_store(VIN)
    store.note(VIN, "doors", up=True, now=NOW, max_age=600)
    store.note(VIN, "doors", up=True, now=NOW + 500, max_age=600)
    store.age(VIN, {"doors": 600}, now=NOW + 700)

    assert store.polls(VIN)["doors"].up
