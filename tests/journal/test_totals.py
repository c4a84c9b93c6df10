from dataclasses import replace

import pytest

from volvo_exporter.journal.events import (
    Charge,
    ChargeEnergy,
    Derivation,
    Drive,
    Flag,
    Interval,
    Range,
    Refuel,
)
from volvo_exporter.journal.totals import NO_TOTALS, add, headline, publish

VIN = "YV1EXAMPLE0000001"
DERIVATION = Derivation(version=1, parameters="test")
AT = Interval(earliest=1000.0, latest=1060.0)
LATER = Interval(earliest=2800.0, latest=2860.0)
KWH = 3.6e6
DRIVE = Drive(
    vin=VIN,
    start=AT,
    end=LATER,
    flags=frozenset({Flag.OBSERVED}),
    distance_meters=12_000.0,
    energy_joules=Range(low=2 * KWH, estimate=2.2 * KWH, high=2.4 * KWH),
    derivation=DERIVATION,
)
CHARGE = Charge(
    vin=VIN,
    start=AT,
    end=LATER,
    flags=frozenset({Flag.OBSERVED}),
    type="ac",
    charge_start_ratio=0.4,
    charge_end_ratio=0.8,
    energy=ChargeEnergy(charge=Range(low=24 * KWH, estimate=25 * KWH, high=26 * KWH)),
    derivation=DERIVATION,
)
DRIVEN = ("volvo_driven_meters_total", ())
CHARGED = ("volvo_charged_energy_joules_total", (("type", "ac"),))


def test_drives_add_up():
    totals = add(NO_TOTALS, [DRIVE, replace(DRIVE, distance_meters=8_000.0)])

    assert totals.sums[DRIVEN] == 20_000.0
    assert totals.sums["volvo_drives_total", ()] == 2.0


def test_adding_one_by_one_gives_the_same_as_adding_all():
    events = [DRIVE, CHARGE, replace(DRIVE, distance_meters=8_000.0, energy_joules=None)]

    one_by_one = NO_TOTALS
    for event in events:
        one_by_one = add(one_by_one, [event])

    assert one_by_one == add(NO_TOTALS, events)


def test_an_unknown_figure_of_the_last_drive_is_absent_although_an_earlier_drive_had_it():
    later = replace(DRIVE, end=Interval(earliest=9000.0, latest=9060.0), energy_joules=None)

    latest = add(NO_TOTALS, [DRIVE, later]).latest

    assert ("volvo_last_drive_energy_joules", ()) not in latest
    assert latest["volvo_last_drive_end_timestamp_seconds", ()] == 9060.0


def test_an_earlier_drive_that_settles_late_is_not_the_last_drive():
    earlier = replace(DRIVE, end=Interval(earliest=100.0, latest=160.0), distance_meters=1.0)

    assert add(NO_TOTALS, [DRIVE, earlier]).latest["volvo_last_drive_distance_meters", ()] == 12_000.0


@pytest.mark.parametrize(
    ("energy", "estimate"),
    [
        (ChargeEnergy(), None),
        (ChargeEnergy(charge=Range(low=1.0, estimate=2.0, high=3.0)), 2.0),
        (
            ChargeEnergy(
                charge=Range(low=1.0, estimate=2.0, high=3.0), power=Range(low=2.0, estimate=2.5, high=3.0)
            ),
            2.5,
        ),
        (
            ChargeEnergy(
                power=Range(low=2.0, estimate=2.5, high=3.0), receipt=Range(low=3.0, estimate=3.0, high=3.0)
            ),
            3.0,
        ),
    ],
)
def test_a_receipt_counts_before_the_charging_power_and_that_before_the_state_of_charge(energy, estimate):
    figure = headline(energy)
    assert (figure.estimate if figure else None) == estimate


def test_a_charge_of_unknown_energy_counts_as_a_charge_and_not_as_zero_joules():
    totals = add(NO_TOTALS, [replace(CHARGE, energy=ChargeEnergy())])

    assert totals.sums["volvo_charges_total", (("type", "ac"),)] == 1.0
    assert CHARGED not in totals.sums


def test_the_receipt_of_a_refuelling_replaces_its_estimate():
    refuel = Refuel(
        vin=VIN,
        start=AT,
        end=AT,
        flags=frozenset(),
        liters=Range(low=38.0, estimate=40.0, high=42.0),
        receipt_liters=41.3,
        derivation=DERIVATION,
    )

    assert add(NO_TOTALS, [refuel]).sums["volvo_refueled_liters_total", ()] == 41.3


def test_a_counter_does_not_fall_when_a_correction_lowers_its_sum():
    before = publish({}, add(NO_TOTALS, [DRIVE]))
    corrected = add(NO_TOTALS, [replace(DRIVE, distance_meters=10_000.0)])

    assert publish(before, corrected)[DRIVEN] == 12_000.0
    more = add(corrected, [replace(DRIVE, distance_meters=5_000.0)])
    assert publish(before, more)[DRIVEN] == 15_000.0
