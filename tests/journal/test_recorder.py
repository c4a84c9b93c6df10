"""Which changes become rows of the log."""

import pytest

from volvo_exporter.catalogue import RESOURCES, families
from volvo_exporter.journal.observations import Observed, State
from volvo_exporter.journal.recorder import Recorder
from volvo_exporter.vehicles.reading import Reading
from volvo_exporter.vehicles.updates import Update
from volvo_exporter.vehicles.vehicle import Change

VIN = "YV1TESTCAR0000001"
START, MINUTE = 1793577600.0, 60.0
NAMED = {resource.name: resource for resource in RESOURCES}


def a_reading(name, family, value, *, at, measured=None):
    resource = NAMED[name]
    field = next(field for field in resource.fields if field.family is family)
    return Reading(resource=resource, field=field, value=value, measured=measured, received=at)


def an_answer(name, at, *readings, lost=()):
    """An answer some seconds after the start; each reading is a family, a value and a time of the car."""
    now = START + at
    changed = [a_reading(name, family, value, at=now, measured=time) for family, value, time in readings]
    gone = [a_reading(name, family, 0.0, at=now) for family in lost]
    change = Change(changed=tuple(changed), lost=tuple(gone))
    return Update(vin=VIN, at=now, resource=NAMED[name], answered=True, max_age=900.0, change=change)


def rows_of(*answers):
    recorder = Recorder()
    return [row for answer in answers for row in recorder.take(answer).observations]


def values(rows, family):
    return [(row.seen - START, row.value) for row in rows if row.series == family.name]


def test_a_newer_time_of_the_same_value_is_a_row_if_it_reports_an_event():
    rows = rows_of(
        an_answer("engine-status", 0, (families.ENGINE_RUNNING, False, START - 10)),
        an_answer("engine-status", 300, (families.ENGINE_RUNNING, False, START + 200)),
        an_answer("fuel", 400, (families.FUEL_AMOUNT, 40.0, START - 10)),
        an_answer("fuel", 700, (families.FUEL_AMOUNT, 40.0, START + 200)),
    )

    assert values(rows, families.ENGINE_RUNNING) == [(0, False), (300, False)]
    assert values(rows, families.FUEL_AMOUNT) == [(400, 40.0)]


@pytest.mark.parametrize(
    ("status", "seen"), [("CHARGING", [0.0]), ("IDLE", [0.0, 60.0]), ("SCHEDULED", [0.0, 60.0])]
)
def test_newer_times_of_the_charging_status_are_not_recorded_while_the_car_charges(status, seen):
    both = (families.CHARGING_STATUS, status), (families.CHARGER_CONNECTION, "CONNECTED")
    rows = rows_of(
        an_answer("energy-state", 0, *((*one, START) for one in both)),
        an_answer("energy-state", 60, *((*one, START + 50) for one in both)),
    )

    assert [at for at, _ in values(rows, families.CHARGING_STATUS)] == seen
    assert [at for at, _ in values(rows, families.CHARGER_CONNECTION)] == seen


def test_a_fallback_is_recorded_only_while_no_other_resource_reports_the_value():
    charge = families.BATTERY_CHARGE
    rows = rows_of(
        an_answer("fuel", 0, (charge, 0.5, None)),
        an_answer("energy-state", 10, (charge, 0.5, None)),
        an_answer("fuel", 300, (charge, 0.51, None)),
        an_answer("energy-state", 310, lost=(charge,)),
        an_answer("fuel", 600, (charge, 0.52, None)),
    )

    assert [(row.resource, row.value) for row in rows] == [
        ("fuel", 0.5),
        ("energy-state", 0.5),
        ("energy-state", None),
        ("fuel", 0.52),
    ]


def a_range(at, meters):
    return an_answer("energy-state", at, (families.ELECTRIC_RANGE, meters, START + at))


def test_numbers_without_events_are_spaced_and_the_last_value_is_recorded():
    rows = rows_of(
        a_range(0, 300e3),
        a_range(60, 299e3),
        a_range(540, 291e3),
        a_range(600, 290e3),
        a_range(660, 289e3),
        an_answer("energy-state", 900),
        an_answer("energy-state", 1200),
        an_answer("energy-state", 9000),
    )

    assert values(rows, families.ELECTRIC_RANGE) == [(0, 300e3), (600, 290e3), (1200, 289e3)]
    assert rows[-1].measured == START + 660
    assert rows[-1].before == START + 600


def test_a_number_that_returns_to_the_recorded_value_adds_no_row():
    rows = rows_of(a_range(0, 300e3), a_range(60, 299e3), a_range(120, 300e3), an_answer("energy-state", 900))

    assert values(rows, families.ELECTRIC_RANGE) == [(0, 300e3)]


def test_a_number_that_becomes_unknown_is_recorded_at_once():
    rows = rows_of(
        a_range(0, 300e3),
        a_range(60, 299e3),
        an_answer("energy-state", 120, lost=(families.ELECTRIC_RANGE,)),
        an_answer("energy-state", 900),
    )

    assert values(rows, families.ELECTRIC_RANGE) == [(0, 300e3), (120, None)]


def test_each_change_of_what_events_are_derived_from_is_recorded():
    steps = [
        an_answer("energy-state", 60 * step, (families.BATTERY_CHARGE, step / 100, None)) for step in range(5)
    ]

    assert [value for _, value in values(rows_of(*steps), families.BATTERY_CHARGE)] == [
        0,
        0.01,
        0.02,
        0.03,
        0.04,
    ]


def test_times_of_the_car_are_recorded_as_they_are_stored():
    first = an_answer("engine-status", 0, (families.ENGINE_RUNNING, False, START + 0.123456789))
    (row,) = rows_of(first)
    again = Recorder(observations=[row]).take(first)

    assert row.measured == START + 0.123
    assert again.observations == ()


def test_a_value_that_was_known_before_a_restart_and_is_gone_is_unknown():
    row = Observed(
        vin=VIN,
        resource="engine-status",
        series=families.ENGINE_RUNNING.name,
        state=State.OK,
        value=False,
        measured=None,
        before=None,
        seen=START - 60,
    )
    recorded = Recorder(observations=[row]).take(an_answer("engine-status", 0))

    assert [(found.state, found.value) for found in recorded.observations] == [(State.NULL, None)]
