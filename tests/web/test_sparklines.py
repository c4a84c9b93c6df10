import pytest

from volvo_exporter.catalogue import families
from volvo_exporter.web.sparklines import HEIGHT, WIDTH, draw
from volvo_exporter.web.trace import DAY, Point

NOW = 1_800_000_000.0


def sparklines(family, *points):
    """The sparklines of values by how many seconds ago they were."""
    trace = {family: [Point(at=NOW - ago, value=value) for ago, value in points]}
    return [
        (
            one.name,
            one.words.replace("\u00a0", " "),
            one.line,
            one.begins.replace("\u00a0", " "),
        )
        for one in draw(trace, now=NOW)
    ]


def test_charge_is_drawn_in_steps_between_empty_and_full():
    ((name, words, line, begins),) = sparklines(families.BATTERY_CHARGE, (3600, 0.5), (1800, 1.0), (0, 0.75))

    assert (name, begins) == ("Charge", "1 h ago")
    assert words == "between 50 % and 100 %, now 75 %"
    assert line == f"M0.0 {HEIGHT / 2}H120.0L120.0 0.0H{WIDTH}.0L{WIDTH}.0 {HEIGHT / 4}H{WIDTH}.0"


def test_distance_is_told_and_fills_the_plot():
    ((name, words, line, _),) = sparklines(families.ODOMETER, (7200, 1_000_000.0), (3600, 1_042_000.0))

    assert (name, words) == ("Odometer", "42 km driven")
    assert line == f"M0.0 {HEIGHT}.0H120.0L120.0 0.0H{WIDTH}.0"


def test_fuel_is_drawn_against_the_scale_of_its_gauge():
    ((name, words, line, _),) = sparklines(families.FUEL_AMOUNT, (7200, 35.0), (3600, 35.0))

    assert (name, words) == ("Fuel", "now 35.0 l")
    assert line.startswith(f"M0.0 {HEIGHT / 2}H")


def test_where_a_value_is_unknown_there_is_no_line():
    ((_, _, line, _),) = sparklines(families.BATTERY_CHARGE, (3600, 0.5), (2700, None), (900, 0.5))

    assert line == f"M0.0 {HEIGHT / 2}H60.0M180.0 {HEIGHT / 2}H{WIDTH}.0"


def test_what_is_older_than_a_day_only_says_how_the_day_began():
    ((_, words, line, begins),) = sparklines(
        families.BATTERY_CHARGE, (3 * DAY, 0.1), (2 * DAY, 0.5), (DAY / 2, 1.0)
    )

    assert (words, begins) == ("between 50 % and 100 %, now 100 %", "24 h ago")
    assert line == f"M0.0 {HEIGHT / 2}H120.0L120.0 0.0H{WIDTH}.0"


@pytest.mark.parametrize(
    "points", [(), ((60, 0.5),), ((60, None), (30, None)), ((0, 0.5), (0, 0.6))], ids=repr
)
def test_too_little_makes_no_plot(points):
    assert sparklines(families.BATTERY_CHARGE, *points) == []
