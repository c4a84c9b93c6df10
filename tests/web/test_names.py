from volvo_exporter.catalogue import families
from volvo_exporter.polling.outcomes import Outcome
from volvo_exporter.polling.status import STALE
from volvo_exporter.web.drawing import KINDS, PARTS
from volvo_exporter.web.formatting import ENGLISH, Formatter, titled
from volvo_exporter.web.names import KINDS as KIND_NAMES
from volvo_exporter.web.names import PARTS as PART_NAMES
from volvo_exporter.web.names import RESOURCES, STATES, name_part, name_state
from volvo_exporter.web.page import SLOT_STATES
from volvo_exporter.web.summary import WARNING_RESOURCES

FLUIDS = {"brake_fluid", "coolant", "washer_fluid"}


def test_every_part_of_the_drawing_has_a_name_that_is_its_label_in_english():
    assert PART_NAMES.keys() == {part.name for part in PARTS} | FLUIDS
    assert {name: titled(name) for name in PART_NAMES} == dict(PART_NAMES)
    assert KIND_NAMES.keys() == set(KINDS)


def test_every_state_that_the_page_shows_has_a_name():
    services = {
        state.partition(due)[0]
        for state in families.SERVICE_STATES
        for due in ("_ALMOST_TIME", "_TIME_FOR", "_OVERDUE")
        if due in state and "_ALMOST" not in state.partition(due)[0]
    }
    shown = {
        *families.TYRE_STATES,
        *families.OIL_STATES,
        *services,
        *families.UNAVAILABLE_REASONS,
        *families.CHARGER_CONNECTION_STATES,
        "UNKNOWN_WARNING",
        *(set(families.CHARGING_STATES) - {"IDLE", "CHARGING"}),
    }
    assert {state.upper() for state in STATES} == shown
    assert {state: state.replace("_", " ") for state in STATES} == dict(STATES)


def test_every_resource_with_warnings_and_every_state_of_the_schedule_has_a_name():
    assert set(RESOURCES) == set(WARNING_RESOURCES)
    assert set(SLOT_STATES) == {"waiting", STALE, *(outcome.value for outcome in Outcome)}


def test_an_unknown_name_is_shown_as_the_api_has_it():
    assert (name_part("rear_wing", ENGLISH), name_state("ON_FIRE", ENGLISH)) == ("Rear wing", "on fire")
    assert name_state("LOW_PRESSURE", Formatter(language="de")) == "niedriger Druck"
