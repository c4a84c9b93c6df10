import pytest

from volvo_exporter.web import formatting


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (5, "less than a minute"),
        (60, "1 minute"),
        (3599, "1 hour"),
        (86399, "1 day"),
        (7200, "2 hours"),
        (86400, "1 day"),
        (180 * 86400, "180 days"),
    ],
)
def test_a_duration_is_formatted_in_its_largest_unit(seconds, text):
    assert formatting.duration(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(5, "1 min"), (600, "10 min"), (3600, "1 h"), (5400, "1 h 30 min"), (36030, "10 h")]
)
def test_hours_are_formatted_to_the_minute(seconds, text):
    assert formatting.hours(seconds).replace(formatting.NO_BREAK, " ") == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(5, "1 min"), (2880, "48 min"), (3599, "1 h"), (3600, "1 h"), (86400, "24 h")]
)
def test_a_short_duration_has_few_characters(seconds, text):
    assert formatting.short(seconds).replace(formatting.NO_BREAK, " ") == text


def test_values_have_non_breaking_spaces():
    assert formatting.kilometres(12_289_000.0) == "12\u202f289\u00a0km"
    assert formatting.kilometres(-0.2) == "0\u00a0km"
    assert formatting.percent(0.575) == "57\u00a0%"
    assert formatting.amount(47.25) == "47.2\u00a0l"
    assert formatting.degrees(-0.4) == "0\u00a0°C"
    assert formatting.grouped(10_000) == "10\u202f000"


def test_none_is_unknown():
    assert {formatting.kilometres(None), formatting.percent(None), formatting.amount(None)} == {"unknown"}


def test_an_age_is_formatted():
    assert (formatting.ago(10), formatting.ago(120)) == ("just now", "2 minutes ago")


def test_a_vin_is_shortened_unless_it_is_masked():
    assert formatting.short_vin("YV1TESTCAR0001234") == "…1234"
    assert formatting.short_vin("…01234") == "…01234"
