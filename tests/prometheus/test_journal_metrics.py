from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.parser import text_string_to_metric_families

from volvo_exporter.prometheus.journal_metrics import JournalMetrics
from volvo_exporter.vehicles.garage import Garage
from volvo_exporter.vehicles.updates import Update

VIN = "YV1EXAMPLE0000001"
VALUES = {
    ("volvo_driven_meters_total", ()): 12_000.0,
    ("volvo_charges_total", (("type", "ac"),)): 2.0,
    ("volvo_charges_total", (("type", "dc"),)): 1.0,
    ("volvo_last_drive_distance_meters", ()): 12_000.0,
}


def a_garage():
    garage = Garage()
    garage.add(VIN, account="default")
    return garage


def test_sums_and_latest_events_are_rendered_with_the_attributes_of_the_vehicle():
    metrics = JournalMetrics(a_garage(), labels=("vin", "model"))
    metrics.take(VIN, VALUES)

    text = b"".join(metrics.parts()).decode()
    assert f'volvo_driven_meters_total{{vin="{VIN}",model=""}} 12000.0\n' in text
    assert f'volvo_charges_total{{vin="{VIN}",model="",type="dc"}} 1.0\n' in text


def test_both_formats_parse_with_the_same_samples():
    metrics = JournalMetrics(a_garage())
    metrics.take(VIN, VALUES)

    plain = text_string_to_metric_families(b"".join(metrics.parts()).decode())
    text = b"".join(metrics.parts(openmetrics=True)).decode() + "# EOF\n"
    open_families = list(openmetrics.text_string_to_metric_families(text))

    assert {family.name: family.type for family in open_families}["volvo_driven_meters"] == "counter"
    samples = {(s.name, tuple(s.labels.items()), s.value) for f in plain for s in f.samples}
    assert samples == {(s.name, tuple(s.labels.items()), s.value) for f in open_families for s in f.samples}
    assert len(samples) == len(VALUES)


def test_a_vehicle_without_events_has_no_series():
    assert JournalMetrics(a_garage()).parts() == []


def test_a_vehicle_that_is_gone_has_no_series():
    garage = a_garage()
    metrics = JournalMetrics(garage)
    metrics.take(VIN, VALUES)

    garage.remove(VIN, account="default")
    metrics.take_update(Update(vin=VIN, at=0.0, removed=True))

    assert metrics.parts() == []


def test_events_of_a_vehicle_that_is_not_listed_yet_appear_with_it():
    garage = Garage()
    metrics = JournalMetrics(garage)
    metrics.take(VIN, VALUES)
    assert metrics.parts() == []

    garage.add(VIN, account="default")
    metrics.take_update(Update(vin=VIN, at=0.0))

    assert metrics.parts() != []
