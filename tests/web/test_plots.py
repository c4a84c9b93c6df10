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
            one.text.replace("\u00a0", " "),
            one.line,
            one.begins.replace("\u00a0", " "),
        )
        for one in draw(trace, now=NOW)
    ]


def test_charge_is_drawn_in_steps_from_0_to_100_percent():
    ((name, words, line, begins),) = sparklines(families.BATTERY_CHARGE, (3600, 0.5), (1800, 1.0), (0, 0.75))

    assert (name, begins) == ("Charge", "1 h ago")
    assert words == "between 50 % and 100 %, now 75 %"
    assert line == f"M0.0 {HEIGHT / 2}H120.0L120.0 0.0H{WIDTH}.0L{WIDTH}.0 {HEIGHT / 4}H{WIDTH}.0"


def test_distance_uses_the_full_height():
    ((name, words, line, _),) = sparklines(families.ODOMETER, (7200, 1_000_000.0), (3600, 1_042_000.0))

    assert (name, words) == ("Odometer", "42 km driven")
    assert line == f"M0.0 {HEIGHT}.0H120.0L120.0 0.0H{WIDTH}.0"


def test_fuel_is_drawn_against_the_scale_of_its_gauge():
    ((name, words, line, _),) = sparklines(families.FUEL_AMOUNT, (7200, 35.0), (3600, 35.0))

    assert (name, words) == ("Fuel", "now 35.0 l")
    assert line.startswith(f"M0.0 {HEIGHT / 2}H")


def test_an_unknown_value_is_a_gap():
    ((_, _, line, _),) = sparklines(families.BATTERY_CHARGE, (3600, 0.5), (2700, None), (900, 0.5))

    assert line == f"M0.0 {HEIGHT / 2}H60.0M180.0 {HEIGHT / 2}H{WIDTH}.0"


def test_an_older_value_is_the_start_of_the_day():
    ((_, words, line, begins),) = sparklines(
        families.BATTERY_CHARGE, (3 * DAY, 0.1), (2 * DAY, 0.5), (DAY / 2, 1.0)
    )

    assert (words, begins) == ("between 50 % and 100 %, now 100 %", "24 h ago")
    assert line == f"M0.0 {HEIGHT / 2}H120.0L120.0 0.0H{WIDTH}.0"


@pytest.mark.parametrize(
    "points", [(), ((60, 0.5),), ((60, None), (30, None)), ((0, 0.5), (0, 0.6))], ids=repr
)
def test_fewer_than_two_points_give_no_sparkline(points):
    assert sparklines(families.BATTERY_CHARGE, *points) == []
