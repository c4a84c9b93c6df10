import pytest

from tests.support.reported import a_vehicle, reported
from volvo_exporter.catalogue import families
from volvo_exporter.catalogue.model import Activity
from volvo_exporter.web.formatting import ENGLISH, Formatter
from volvo_exporter.web.sentences import describe

LEVELS = (
    reported(families.BATTERY_CHARGE, 0.86),
    reported(families.DISTANCE_TO_EMPTY, 325_000.0, source="battery"),
)


def sentence(*readings, activity=Activity.PARKED, place="", f=ENGLISH):
    text = describe(a_vehicle(*readings), activity, f, place=place)
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def test_a_parked_car_is_described_with_its_place_if_it_is_known():
    locked = reported(families.LOCKED, value=True)

    assert sentence(locked, *LEVELS, place="home") == "Parked at home, locked, 86 %, 325 km"
    assert sentence(locked, *LEVELS) == "Parked, locked, 86 %, 325 km"


@pytest.mark.parametrize(
    ("activity", "text"),
    [
        (Activity.DRIVING, "Driving, 86 %, 325 km"),
        (Activity.CHARGING, "Charging, not locked, 86 %, 325 km"),
        (Activity.UNKNOWN, "Activity unknown, 86 %, 325 km"),
    ],
)
def test_an_unlocked_car_is_named_only_if_it_stands_still(activity, text):
    assert sentence(reported(families.LOCKED, value=False), *LEVELS, activity=activity) == text


def test_a_driving_car_is_at_no_place():
    assert sentence(*LEVELS, activity=Activity.DRIVING, place="home") == "Driving, 86 %, 325 km"


def test_a_hybrid_has_both_levels():
    tank = (
        reported(families.FUEL_AMOUNT, 42.6),
        reported(families.DISTANCE_TO_EMPTY, 539_000.0, source="tank"),
    )

    assert sentence(*LEVELS, *tank) == "Parked, 86 %, 325 km, 42.6 l, 539 km"


def test_unknown_values_are_omitted():
    assert sentence() == "Parked"


def test_the_sentence_is_in_the_language_of_the_reader():
    locked = reported(families.LOCKED, value=True)

    assert sentence(locked, *LEVELS, f=Formatter(language="sv")) == "Parkerad, låst, 86 %, 325 km"
    assert sentence(locked, f=Formatter(language="de"), place="Oma") == "Geparkt bei Oma, verriegelt"
