import pytest

from volvo_exporter.catalogue import families
from volvo_exporter.web.formatting import ENGLISH
from volvo_exporter.web.plots import HEIGHT, WIDTH, draw
from volvo_exporter.web.trace import DAY, Point

NOW = 1_800_000_000.0


def plots(family, *points, f=ENGLISH):
    """The plots of values by how many seconds ago they were."""
    trace = {family: [Point(at=NOW - ago, value=value) for ago, value in points]}
    return list(draw(trace, now=NOW, f=f))


def plain(text):
    return text.replace("\u00a0", " ")


def test_charge_is_drawn_in_steps_from_0_to_100_percent():
    (plot,) = plots(families.BATTERY_CHARGE, (3600, 0.5), (1800, 1.0), (0, 0.75))

    assert (plot.name, plain(plot.text)) == ("Charge", "between 50 % and 100 %, now 75 %")
    assert [plain(label) for label in (plot.low, plot.middle, plot.high)] == ["0 %", "50 %", "100 %"]
    assert plot.times == (NOW - 3600, NOW - 1800, NOW)
    assert plot.line == f"M0.0 {HEIGHT / 2}H120.0L120.0 0.0H{WIDTH}.0L{WIDTH}.0 {HEIGHT / 4}H{WIDTH}.0"


@pytest.mark.parametrize(
    ("driven", "labels"),
    [(0, ["0 km", "1 km", "2 km"]), (42, ["0 km", "50 km", "100 km"]), (300, ["0 km", "200 km", "400 km"])],
)
def test_the_axis_of_the_distance_has_round_numbers(driven, labels):
    (plot,) = plots(families.ODOMETER, (7200, 1_234_000.0), (3600, 1_234_000.0 + driven * 1000))

    assert [plain(label) for label in (plot.low, plot.middle, plot.high)] == labels
    assert plain(plot.text) == f"{driven} km driven"


def test_the_distance_is_drawn_from_the_start_of_the_day():
    (plot,) = plots(families.ODOMETER, (7200, 1_000_000.0), (3600, 1_100_000.0))

    assert plot.name == "Driven"
    assert plot.line == f"M0.0 {HEIGHT}.0H120.0L120.0 0.0H{WIDTH}.0"


def test_fuel_is_drawn_against_the_scale_of_its_gauge():
    (plot,) = plots(families.FUEL_AMOUNT, (7200, 35.0), (3600, 35.0))

    assert (plot.name, plain(plot.text), plain(plot.high)) == ("Fuel", "now 35.0 l", "70 l")
    assert plot.line.startswith(f"M0.0 {HEIGHT / 2}H")


def test_an_unknown_value_is_a_gap():
    (plot,) = plots(families.BATTERY_CHARGE, (3600, 0.5), (2700, None), (900, 0.5))

    assert plot.line == f"M0.0 {HEIGHT / 2}H60.0M180.0 {HEIGHT / 2}H{WIDTH}.0"


def test_an_older_value_is_the_start_of_the_day():
    (plot,) = plots(families.BATTERY_CHARGE, (3 * DAY, 0.1), (2 * DAY, 0.5), (DAY / 2, 1.0))

    assert plain(plot.text) == "between 50 % and 100 %, now 100 %"
    assert plot.times[0] == NOW - DAY
    assert plot.line == f"M0.0 {HEIGHT / 2}H120.0L120.0 0.0H{WIDTH}.0"


@pytest.mark.parametrize(
    "points", [(), ((60, 0.5),), ((60, None), (30, None)), ((0, 0.5), (0, 0.6))], ids=repr
)
def test_fewer_than_two_points_give_no_plot(points):
    assert plots(families.BATTERY_CHARGE, *points) == []
