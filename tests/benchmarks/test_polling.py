from dataclasses import replace

import pytest

from benchmarks import policies, polling, polling_tables
from volvo_exporter.simulator import EX30, S90, Car


@pytest.fixture
def ages():
    def measure(polls, *told_by, at=100.0, end=1000.0):
        sets = tuple(frozenset(names) for names in told_by)
        change = policies.Change(happened=at - 30.0, at=at, kind="charge", told_by=sets, moving=False)
        return policies.ages([change], polls, end)

    return measure


def test_a_change_stands_when_it_is_asked_for_next(ages):
    assert ages({"doors": [0.0, 130.0, 190.0]}, {"doors"}) == [30.0]


def test_a_poll_at_the_moment_of_the_change_tells_it(ages):
    assert ages({"doors": [100.0, 160.0]}, {"doors"}) == [0.0]


def test_of_two_resources_that_tell_the_same_the_earlier_counts(ages):
    polls = {"energy-state": [90.0, 400.0], "statistics": [150.0]}
    assert ages(polls, {"energy-state", "statistics"}) == [50.0]


def test_of_two_resources_that_tell_a_part_each_the_later_counts(ages):
    assert ages({"tyres": [500.0], "brakes": [200.0]}, {"tyres"}, {"brakes"}) == [400.0]


def test_what_nobody_asks_for_is_never_told(ages):
    assert ages({"doors": [130.0]}, {"fuel"}) == [None]


def test_what_was_not_asked_for_again_is_as_old_as_the_run(ages):
    assert ages({"doors": [50.0]}, {"doors"}) == [900.0]


def test_the_percentile_is_a_value_that_was_measured():
    values = [float(number) for number in range(1, 21)]
    assert (policies.percentile(values, 0.5), policies.percentile(values, 0.95)) == (10.0, 19.0)


def test_the_timetable_of_home_assistant_leaves_out_what_a_car_does_not_have():
    def calls(profile):
        life = policies.Life(profile=profile, begin=0.0, end=policies.DAY, changes=(), doing=())
        return {name: len(times) for name, times in policies.home_assistant(life).items()}

    assert sum(calls(EX30).values()) == 2 * 1440 + 2 * 720 + 2 * 96 + 7 * 24
    assert calls(S90).keys() - calls(EX30).keys() == {"fuel"}
    assert calls(EX30).keys() - calls(S90).keys() == {"energy-state"}


def test_a_simulated_day_gives_every_figure():
    run = polling.run([replace(EX30, incidents=())], 1)
    run = replace(run, calls=tuple(call for call in run.calls if call.resource != "location"))
    results = {**polling.measure(run), "fleet": polling.measure_fleet(run)}
    results["aims"] = polling.aims(results)
    text = "\n".join(polling_tables.sections(results))

    assert run.compared > 30
    truth = Car(run.lives[0].profile, seed=1, simulated_start=run.lives[0].begin)
    begin, end = run.lives[0].begin, run.lives[0].end
    uploaded = [event for event in truth.events(begin - 3600, end) if begin < event.uploaded <= end]
    happened = [event.what for event in uploaded]
    measured = results["ages"][policies.EXPORTER]
    assert {kind: figures["changes"] for kind, figures in measured.items()} == {
        kind: len(happened) if kind == "all" else happened.count(kind) for kind in (*policies.KINDS, "all")
    }
    from_event = results["ages_from_event"][policies.EXPORTER]
    lags = [event.uploaded - event.happened for event in uploaded if event.what == "odometer"]
    assert from_event["odometer"]["changes"] == measured["odometer"]["changes"] == len(lags)
    assert from_event["odometer"]["mean"] == pytest.approx(
        measured["odometer"]["mean"] + sum(lags) / len(lags)
    )
    assert measured["location"]["never"] == happened.count("location") > 0
    assert measured["odometer"]["never"] == results["refused"] == 0
    assert results["calls"]["mixed"]["original"] > 9 * 288
    for word in (*policies.POLICIES, *set(happened), "mixed", "never", "403 or 429", "energy-state"):
        assert word in text
