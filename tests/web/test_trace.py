from hypothesis import given
from hypothesis import strategies as st

from tests.support.reported import NOW, VIN, a_vehicle, reported
from volvo_exporter.catalogue import families
from volvo_exporter.vehicles.garage import Garage
from volvo_exporter.vehicles.reading import Answer
from volvo_exporter.vehicles.updates import Update
from volvo_exporter.web.trace import DAY, MIN_SPACING_SECONDS, Trace, Traces

NOTHING = a_vehicle()


def charge(value):
    return NOTHING if value is None else a_vehicle(reported(families.BATTERY_CHARGE, value))


def recorded(*values, every=MIN_SPACING_SECONDS):
    trace = Trace()
    for number, value in enumerate(values):
        trace.take(charge(value), now=number * every)
    return [(point.at, point.value) for point in trace.points().get(families.BATTERY_CHARGE, ())]


def test_values_are_recorded_with_their_time():
    assert recorded(0.5, 0.6, 0.5) == [(0, 0.5), (60, 0.6), (120, 0.5)]


def test_of_an_unchanged_value_the_first_and_the_last_point_are_kept():
    assert recorded(0.5, 0.5, 0.5, 0.5, 0.6) == [(0, 0.5), (180, 0.5), (240, 0.6)]


def test_a_lost_value_is_recorded_as_unknown():
    assert recorded(None, 0.5, None, None, 0.4) == [(60, 0.5), (120, None), (180, None), (240, 0.4)]
    assert recorded(None, None) == []


def test_the_last_point_before_the_day_is_kept():
    assert recorded(0.1, 0.2, 0.3, 0.4, 0.5, every=DAY / 2) == [(DAY, 0.3), (1.5 * DAY, 0.4), (2 * DAY, 0.5)]


def test_values_are_due_after_a_minute_or_when_the_clock_was_set_back():
    trace = Trace()
    assert trace.is_due(1000.0)
    trace.take(NOTHING, now=1000.0)
    assert not trace.is_due(1000.0 + MIN_SPACING_SECONDS - 1)
    assert trace.is_due(1000.0 + MIN_SPACING_SECONDS)
    assert trace.is_due(999.0)


def test_of_values_within_a_minute_the_last_one_is_kept():
    trace = Trace()
    for now, value in ((0.0, 0.2), (1.0, 0.4), (300.0, 0.6), (301.0, 0.8)):
        trace.take(charge(value), now=now)
    points = trace.points()[families.BATTERY_CHARGE]
    assert [(point.at, point.value) for point in points] == [(0.0, 0.4), (300.0, 0.8)]


def test_other_families_are_not_recorded():
    trace = Trace()
    trace.take(a_vehicle(reported(families.LATITUDE, 57.7)), now=0.0)
    assert trace.points() == {}


@given(st.lists(st.tuples(st.floats(0, 3 * DAY), st.sampled_from([None, 0.1, 0.2])), max_size=60))
def test_points_are_in_order_and_cover_one_day(moments):
    trace = Trace()
    for now, value in moments:
        trace.take(charge(value), now=now)
    points = trace.points().get(families.BATTERY_CHARGE, ())
    times = [point.at for point in points]
    assert times == sorted(set(times))
    assert all(time > times[-1] - DAY for time in times[1:])


def test_an_update_is_recorded_and_a_removed_vehicle_is_forgotten():
    garage = Garage()
    traces = Traces(garage)
    garage.add(VIN, account="default")
    reading = reported(families.BATTERY_CHARGE, 0.5)
    garage.take(VIN, reading.resource, Answer(readings=(reading,)))
    traces.take(Update(vin=VIN, at=NOW, resource=reading.resource))
    traces.take(Update(vin=VIN, at=NOW + MIN_SPACING_SECONDS))  # only time has passed
    recorded = traces.points(VIN)
    garage.remove(VIN, account="default")
    traces.take(Update(vin=VIN, at=NOW + 2 * MIN_SPACING_SECONDS, removed=True))

    assert [(point.at, point.value) for point in recorded[families.BATTERY_CHARGE]] == [(NOW, 0.5)]
    assert traces.points(VIN) == {}
