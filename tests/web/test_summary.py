import pytest

from volvo_exporter.polling.outcomes import Outcome
from volvo_exporter.polling.status import SlotStatus
from volvo_exporter.web.formatting import ENGLISH
from volvo_exporter.web.summary import WARNING_RESOURCES, summarize

NOW = 1_800_000_000.0


def slot(resource, state, *, last_success=None):
    return SlotStatus(
        vin="YV1TESTCAR0001234",
        resource=resource,
        item="",
        outcome=None if state == "waiting" else Outcome(state),
        interval=300.0,
        next_due=NOW + 300,
        is_postponed=False,
        last_success=last_success,
        failures=0,
        last_error=None,
    )


def summary(*, warned=False, failing=0, **states):
    """The summary of a car whose other resources were read; a state is the outcome of the last request."""
    slots = [
        slot(
            name,
            states.get(name, "ok").removeprefix("never "),
            last_success=None if states.get(name, "ok") not in ("ok", "failing") else NOW,
        )
        for name in (*WARNING_RESOURCES, "odometer")
    ]
    made = summarize(slots, warned=warned, failing=failing, f=ENGLISH)
    return made.no_warnings, " ".join(made.notes)


def test_every_resource_with_warnings_is_summarized():
    assert WARNING_RESOURCES == ("doors", "windows", "tyres", "warnings", "brakes", "engine", "diagnostics")


def test_no_warnings_is_shown_only_after_every_warning_was_read():
    assert summary() == (True, "")
    assert summary(diagnostics="waiting", warnings="waiting") == (
        False,
        "Waiting for warnings and diagnostics.",
    )
    assert summary(odometer="waiting") == (True, "")
    assert summary(warned=True) == (False, "")


def test_a_resource_that_never_answered_is_named():
    assert summary(failing=1, tyres="never failing") == (
        False,
        "No warnings in the data received. No data received yet: tyres.",
    )
    assert summary(failing=1, warned=True, tyres="never failing") == (False, "No data received yet: tyres.")


def test_stale_data_without_a_warning_is_not_no_warnings():
    assert summary(failing=1, doors="failing") == (False, "No warnings in the data received.")


@pytest.mark.parametrize("state", ["no values", "unsupported", "gone"])
def test_an_unsupported_resource_is_named(state):
    assert summary(tyres=state) == (True, "Not available: tyres.")


def test_a_car_without_any_warning_resource_is_not_no_warnings():
    fine, notes = summary(**dict.fromkeys(WARNING_RESOURCES, "unsupported"))

    assert (fine, notes) == (False, f"Not available: {', '.join(WARNING_RESOURCES)}.")


def test_a_resource_read_by_one_of_two_accounts_counts_as_read():
    slots = [
        slot(name, state, last_success=last_success)
        for name in WARNING_RESOURCES
        for state, last_success in (("ok", NOW), ("waiting", None))
    ]

    assert summarize(slots, warned=False, failing=0, f=ENGLISH).no_warnings
