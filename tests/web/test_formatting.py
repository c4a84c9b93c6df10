import pytest

from volvo_exporter.web import formatting
from volvo_exporter.web.formatting import ENGLISH, Formatter
from volvo_exporter.web.units import UNITS


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
    assert ENGLISH.hours(seconds).replace(formatting.NO_BREAK, " ") == text


def test_values_have_non_breaking_spaces():
    assert ENGLISH.distance(12_289_000.0) == "12\u202f289\u00a0km"
    assert ENGLISH.distance(-0.2) == "0\u00a0km"
    assert ENGLISH.percent(0.575) == "57\u00a0%"
    assert ENGLISH.volume(47.25) == "47.2\u00a0l"
    assert ENGLISH.temperature(-0.4) == "0\u00a0°C"
    assert formatting.grouped(10_000) == "10\u202f000"


def test_none_is_unknown():
    assert {ENGLISH.distance(None), ENGLISH.percent(None), ENGLISH.volume(None)} == {"unknown"}


def test_an_age_is_formatted():
    assert (ENGLISH.ago(10), ENGLISH.ago(120)) == ("just now", "2 minutes ago")


def test_a_vin_is_shortened_unless_it_is_masked():
    assert formatting.short_vin("YV1TESTCAR0001234") == "…1234"
    assert formatting.short_vin("…01234") == "…01234"


def plain(text):
    return text.replace(formatting.NO_BREAK, " ").replace(formatting.NARROW, " ")


@pytest.mark.parametrize(
    ("units", "texts"),
    [
        ("metric", ["1 609 km", "80.5 km", "37.9 l", "5 °C", "18.6 kWh/100 km"]),
        ("imperial", ["1 000 mi", "50 mi", "37.9 l", "5 °C", "30.0 kWh/100 mi"]),
        ("us", ["1 000 mi", "50 mi", "10.0 gal", "41 °F", "30.0 kWh/100 mi"]),
    ],
)
def test_values_are_shown_in_the_units_of_the_setting(units, texts):
    f = Formatter(units=UNITS[units])

    assert [
        plain(text)
        for text in (
            f.distance(1_609_344.0),
            f.trip(80_467.2),
            f.volume(37.85411784),
            f.temperature(5.0),
            f.consumption(30 * 3.6e6 / 160_934.4),
        )
    ] == texts


def test_numbers_have_the_separators_of_the_language():
    assert [plain(Formatter(language=language).power(10_656.0)) for language in ("en", "sv", "de")] == [
        "10.7 kW",
        "10,7 kW",
        "10,7 kW",
    ]
    assert plain(Formatter(language="de").distance(12_289_000.0)) == "12 289 km"


def test_plural_forms_follow_the_count():
    german = Formatter(language="de")

    assert [german.duration(hours * 3600) for hours in (1, 2)] == ["1 Stunde", "2 Stunden"]
    assert [Formatter(language="sv").ago(days * 86400) for days in (1, 2)] == [
        "för 1 dag sedan",
        "för 2 dagar sedan",
    ]
    assert {Formatter(language="de").percent(None), Formatter(language="sv").percent(None)} == {
        "unbekannt",
        "okänt",
    }


def test_a_number_that_rounds_to_zero_has_no_sign():
    assert (ENGLISH.number(-0.04, 1), ENGLISH.number(-0.4)) == ("0.0", "0")
