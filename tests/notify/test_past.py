"""The values of the last days, sampled once a minute."""

from volvo_exporter.notify.past import HOUR, MINUTE, Past


def past(values):
    """Return a past with a value for each minute; None is no sample."""
    found = Past()
    for minute, value in enumerate(values):
        found.note([(("x", ()), float(value))] if value is not None else [], now=minute * MINUTE)
    return found


def test_a_value_is_held_for_ten_minutes():
    assert past([1] + [None] * 9).last("x") == 1
    assert past([1] + [None] * 10).last("x") is None


def test_only_the_last_moment_is_present():
    assert past([1, 2]).present("x") == 2
    assert past([1, None]).present("x") is None


def test_highest_and_lowest_are_those_of_the_window():
    values = past([5, 1, 2, 3])
    assert (values.highest("x", within=3 * MINUTE), values.lowest("x", within=3 * MINUTE)) == (3, 1)
    assert (values.highest("x", within=HOUR), values.lowest("x", within=HOUR)) == (5, 1)


def test_a_window_may_end_in_the_past():
    values = past([5, 1, 2, 3])
    assert values.last("x", ago=2 * MINUTE) == 1
    assert values.last("x", within=MINUTE, ago=10 * MINUTE) is None


def test_a_value_that_was_unknown_in_between_is_not_in_a_window_there():
    values = past([1, None, None, None, 1])
    assert values.last("x", within=MINUTE, ago=MINUTE) is None
    assert values.last("x", within=MINUTE, ago=4 * MINUTE) == 1


def test_a_moment_may_be_noted_in_parts():
    found = Past()
    for minute in range(3):
        found.note([(("x", ()), 1.0)], now=minute * MINUTE)
        found.note([(("y", ()), 1.0)], now=minute * MINUTE)
    assert found.last("y", within=MINUTE, ago=2 * MINUTE) == 1
    assert found.lowest("y", within=HOUR) == 1


def test_an_unknown_series_has_no_value():
    assert Past().last("x") is None
    assert Past().highest("x", within=HOUR) is None
    assert Past().labels("x") == ()
