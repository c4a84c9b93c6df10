from dataclasses import replace

import pytest

from benchmarks import policies, polling, polling_tables
from volvo_exporter.simulator import EX30, S90, Car

pytestmark = pytest.mark.slow


@pytest.fixture
def ages():
    def measure(polls, *sources, at=100.0, end=1000.0):
        sets = tuple(frozenset(names) for names in sources)
        change = policies.Change(happened=at - 30.0, at=at, kind="charge", sources=sets, moving=False)
        return policies.ages([change], polls, end)

    return measure


def test_change_is_reported_by_the_next_request(ages):
    assert ages({"doors": [0.0, 130.0, 190.0]}, {"doors"}) == [30.0]


def test_a_poll_at_the_moment_of_the_change_reports_it(ages):
    assert ages({"doors": [100.0, 160.0]}, {"doors"}) == [0.0]


def test_of_two_resources_with_the_same_value_the_earlier_counts(ages):
    polls = {"energy-state": [90.0, 400.0], "statistics": [150.0]}
    assert ages(polls, {"energy-state", "statistics"}) == [50.0]


def test_of_two_resources_with_a_part_each_the_later_counts(ages):
    assert ages({"tyres": [500.0], "brakes": [200.0]}, {"tyres"}, {"brakes"}) == [400.0]


def test_change_that_no_request_reports_has_no_age(ages):
    assert ages({"doors": [130.0]}, {"fuel"}) == [None]


def test_change_that_is_not_requested_again_ages_until_the_end_of_the_run(ages):
    assert ages({"doors": [50.0]}, {"doors"}) == [900.0]


def test_percentile_is_a_measured_value():
    values = [float(number) for number in range(1, 21)]
    assert (policies.percentile(values, 0.5), policies.percentile(values, 0.95)) == (10.0, 19.0)


def test_timetable_of_home_assistant_omits_what_a_car_does_not_have():
    def calls(profile):
        history = policies.History(profile=profile, begin=0.0, end=policies.DAY, changes=(), activities=())
        return {name: len(times) for name, times in policies.home_assistant(history).items()}

    assert sum(calls(EX30).values()) == 2 * 1440 + 2 * 720 + 2 * 96 + 7 * 24
    assert calls(S90).keys() - calls(EX30).keys() == {"fuel"}
    assert calls(EX30).keys() - calls(S90).keys() == {"energy-state"}


def test_simulated_day_gives_every_figure():
    run = polling.run([replace(EX30, incidents=())], 1)
    run = replace(run, calls=tuple(call for call in run.calls if call.resource != "location"))
    results = {**polling.measure(run), "fleet": polling.measure_fleet(run)}
    results["aims"] = polling.aims(results)
    text = "\n".join(polling_tables.sections(results))

    assert run.compared > 30
    car = Car(run.histories[0].profile, seed=1, simulated_start=run.histories[0].begin)
    begin, end = run.histories[0].begin, run.histories[0].end
    uploaded = [event for event in car.events(begin - 3600, end) if begin < event.uploaded <= end]
    kinds = [event.what for event in uploaded]
    measured = results["ages"][policies.EXPORTER]
    assert {kind: figures["changes"] for kind, figures in measured.items()} == {
        kind: len(kinds) if kind == "all" else kinds.count(kind) for kind in (*policies.KINDS, "all")
    }
    from_event = results["ages_from_event"][policies.EXPORTER]
    lags = [event.uploaded - event.happened for event in uploaded if event.what == "odometer"]
    assert from_event["odometer"]["changes"] == measured["odometer"]["changes"] == len(lags)
    assert from_event["odometer"]["mean"] == pytest.approx(
        measured["odometer"]["mean"] + sum(lags) / len(lags)
    )
    assert measured["location"]["never"] == kinds.count("location") > 0
    assert measured["odometer"]["never"] == results["refused"] == 0
    assert results["calls"]["mixed"]["original"] > 9 * 288
    for text_part in (*policies.POLICIES, *set(kinds), "mixed", "never", "403 or 429", "energy-state"):
        assert text_part in text
