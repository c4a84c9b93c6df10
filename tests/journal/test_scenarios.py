"""Drives, charges, refuelling and standing periods of short logs, written by hand."""

from dataclasses import replace

import pytest

from tests.support.journal_rows import PHEV, engine, log_of, row
from volvo_exporter.journal.derivation import Parameters, derive
from volvo_exporter.journal.events import (
    Charge,
    Drive,
    Flag,
    Interval,
    PlugSession,
    Refuel,
    Standing,
    Unattributed,
)
from volvo_exporter.journal.knowledge import (
    CHARGE,
    CHARGING,
    FUEL,
    LOCKED,
    ODOMETER,
    PLUG,
    POWER,
    TRIP,
)
from volvo_exporter.journal.observations import Run

HOUR = 3600.0
DAY = 24 * HOUR


def events_of(log, kind, **parameters):
    derived = derive(log, Parameters(**parameters))
    return [event for event in (*derived.events, *derived.open) if isinstance(event, kind)]


def start_of_log():
    return [
        engine(runs=False, seen=10.0, measured=0.0),
        row(ODOMETER, 50_000.0, seen=10.0, measured=0.0),
        row(CHARGE, 0.8, seen=10.0, measured=0.0),
        row(CHARGING, "IDLE", seen=10.0, measured=0.0),
        row(PLUG, "DISCONNECTED", seen=10.0, measured=0.0),
    ]


def a_drive(start, end, *, odometer):
    return [
        engine(runs=True, seen=start + 60, before=start - 60, measured=start),
        row(ODOMETER, odometer, seen=end + 30, before=end - 60, measured=end),
        engine(runs=False, seen=end + 20, before=end - 40, measured=end),
    ]


def test_start_and_end_are_at_most_the_upload_lag_before_the_times_of_the_car():
    log = log_of(*start_of_log(), *a_drive(5000.0, 6200.0, odometer=62_000.0), until=DAY)

    (drive,) = events_of(log, Drive)

    assert drive.start == Interval(earliest=4880.0, latest=5000.0)
    assert drive.end == Interval(earliest=6080.0, latest=6200.0)
    assert drive.distance_meters == 12_000.0
    assert drive.flags == {Flag.OBSERVED}


def test_a_clock_that_is_ahead_does_not_narrow_the_start():
    rows = a_drive(5000.0, 6200.0, odometer=62_000.0)
    rows[0] = replace(rows[0], measured=9000.0)

    (drive,) = events_of(log_of(*start_of_log(), *rows, until=DAY), Drive)

    assert drive.start == Interval(earliest=4820.0, latest=5060.0)


def test_a_newer_time_of_stopped_reveals_a_drive_that_no_poll_saw():
    log = log_of(
        *start_of_log(),
        engine(runs=False, seen=9000.0, before=5000.0, measured=8000.0),
        row(ODOMETER, 58_000.0, seen=9000.0, before=5000.0, measured=8000.0),
        until=DAY,
    )

    (drive,) = events_of(log, Drive)

    assert drive.distance_meters == 8_000.0
    assert drive.flags == {Flag.RECONSTRUCTED}
    assert drive.start.earliest <= 5000.0
    assert drive.end.latest == 8000.0


def test_a_newer_time_of_stopped_alone_does_not_make_a_drive():
    log = log_of(*start_of_log(), engine(runs=False, seen=9000.0, before=5000.0, measured=8000.0), until=DAY)

    assert events_of(log, Drive) == []


def test_an_engine_that_runs_without_a_movement_does_not_make_a_drive():
    rows = a_drive(5000.0, 6200.0, odometer=50_000.0)

    assert events_of(log_of(*start_of_log(), *rows, until=DAY), Drive) == []


def test_a_trip_meter_proves_a_drive_of_less_than_a_kilometer():
    rows = a_drive(5000.0, 5300.0, odometer=50_000.0)
    trips = [row(TRIP, 1200.0, seen=10.0), row(TRIP, 1800.0, seen=5320.0, before=4900.0, measured=5300.0)]

    (drive,) = events_of(log_of(*start_of_log(), *rows, *trips, until=DAY), Drive)

    assert drive.distance_meters == 0.0


def test_a_hybrid_drives_while_its_engine_is_stopped():
    log = log_of(
        *start_of_log(),
        row(FUEL, 40.0, seen=10.0, measured=0.0),
        row(ODOMETER, 53_000.0, seen=5300.0, before=5000.0, measured=5250.0),
        row(ODOMETER, 57_000.0, seen=5600.0, before=5300.0, measured=5550.0),
        row(CHARGE, 0.7, seen=5700.0, before=5600.0, measured=5600.0),
        until=DAY,
        attributes=PHEV,
    )

    (drive,) = events_of(log, Drive)

    assert drive.distance_meters == 7_000.0
    assert drive.flags == {Flag.RECONSTRUCTED, Flag.ESTIMATED}
    assert drive.electric_meters is not None
    assert 0 < drive.electric_meters.low < drive.electric_meters.high <= 7_000.0


def test_a_hybrid_that_starts_electrically_makes_one_drive():
    log = log_of(
        *start_of_log(),
        row(FUEL, 40.0, seen=10.0, measured=0.0),
        row(ODOMETER, 53_000.0, seen=5300.0, before=5000.0, measured=5250.0),
        *a_drive(5500.0, 6200.0, odometer=62_000.0),
        until=DAY,
        attributes=PHEV,
    )

    (drive,) = events_of(log, Drive)

    assert drive.distance_meters == 12_000.0
    assert drive.start.earliest < 5000.0
    assert drive.start.latest == 5250.0


def test_a_short_stop_does_not_divide_a_drive():
    rows = [
        *a_drive(5000.0, 6000.0, odometer=58_000.0),
        *a_drive(6120.0, 7000.0, odometer=66_000.0),
    ]

    (drive,) = events_of(log_of(*start_of_log(), *rows, until=DAY), Drive)

    assert drive.distance_meters == 16_000.0
    assert Flag.MERGED in drive.flags
    assert drive.stops == (Interval(earliest=5880.0, latest=6120.0),)


def test_locking_the_car_divides_a_drive_at_a_short_stop():
    rows = [
        *a_drive(5000.0, 6000.0, odometer=58_000.0),
        row(LOCKED, value=True, seen=6070.0, before=6010.0, measured=6050.0),
        *a_drive(6120.0, 7000.0, odometer=66_000.0),
    ]

    drives = events_of(log_of(*start_of_log(), *rows, until=DAY), Drive)

    assert [drive.distance_meters for drive in drives] == [8_000.0, 8_000.0]


def test_a_distance_across_two_drives_is_shared_by_their_duration():
    first, second = a_drive(5000.0, 6000.0, odometer=0.0), a_drive(6700.0, 7200.0, odometer=0.0)
    rows = [
        *(found for found in (*first, *second) if found.series != ODOMETER),
        row(ODOMETER, 65_000.0, seen=7300.0, before=4900.0, measured=7250.0),
    ]

    drives = events_of(log_of(*start_of_log(), *rows, until=DAY), Drive)

    assert [drive.distance_meters for drive in drives] == [10_000.0, 5_000.0]
    assert all(Flag.ESTIMATED in drive.flags for drive in drives)


@pytest.mark.parametrize("value", [40_000.0, 900_000.0])
def test_an_odometer_that_falls_or_leaps_makes_no_drive(value):
    log = log_of(*start_of_log(), row(ODOMETER, value, seen=900.0, before=600.0), until=DAY)

    assert events_of(log, Drive) == []
    (rest,) = events_of(log, Unattributed)
    assert rest.distance_meters == value - 50_000.0


def test_a_plugged_in_car_does_not_drive():
    log = log_of(
        *start_of_log(),
        row(PLUG, "CONNECTED", seen=1000.0, before=900.0, measured=950.0),
        *a_drive(5000.0, 6200.0, odometer=62_000.0),
        row(PLUG, "DISCONNECTED", seen=9000.0, before=8900.0, measured=8950.0),
        until=DAY,
    )

    assert events_of(log, Drive) == []
    (rest,) = events_of(log, Unattributed)
    assert rest.distance_meters == 12_000.0


def a_charge(start, end, *, levels, done="DONE"):
    times = [start + (end - start) * number / len(levels) for number in range(1, len(levels) + 1)]
    return [
        row(CHARGING, "CHARGING", seen=start + 30, before=start - 30, measured=start),
        *(
            row(CHARGE, level, seen=at + 5, before=at - 50, measured=at)
            for level, at in zip(levels, times, strict=True)
        ),
        row(CHARGING, done, seen=end + 30, before=end - 30, measured=end),
    ]


def plugged_in(at):
    return row(PLUG, "CONNECTED", seen=at + 30, before=at - 30, measured=at)


def test_a_charge_lies_in_its_plug_session():
    log = log_of(
        *start_of_log(),
        plugged_in(4000.0),
        *a_charge(5000.0, 8600.0, levels=[0.82, 0.86, 0.9]),
        row(PLUG, "DISCONNECTED", seen=9060.0, before=9000.0, measured=9030.0),
        until=DAY,
    )

    (charge,) = events_of(log, Charge)
    (session,) = events_of(log, PlugSession)

    assert (charge.charge_start_ratio, charge.charge_end_ratio) == (0.8, 0.9)
    assert charge.start == Interval(earliest=4880.0, latest=5000.0)
    assert charge.plug_start == session.start
    assert session.charges == 1
    energy = charge.energy.charge
    assert energy.low / 3.6e6 == pytest.approx(9 * 0.63)
    assert energy.estimate / 3.6e6 == pytest.approx(10 * 0.64)
    assert energy.high / 3.6e6 == pytest.approx(11 * 0.65)


def test_pauses_of_surplus_charging_stay_one_charge():
    log = log_of(
        *start_of_log(),
        plugged_in(4000.0),
        *a_charge(5000.0, 6000.0, levels=[0.82], done="IDLE"),
        *a_charge(8000.0, 9000.0, levels=[0.84], done="IDLE"),
        *a_charge(12_000.0, 13_000.0, levels=[0.86]),
        until=DAY,
    )

    (charge,) = events_of(log, Charge)

    assert charge.charge_end_ratio == 0.86
    assert Flag.MERGED in charge.flags


def test_a_long_pause_separates_two_charges_of_a_session():
    log = log_of(
        *start_of_log(),
        plugged_in(4000.0),
        *a_charge(5000.0, 6000.0, levels=[0.82], done="IDLE"),
        *a_charge(6000.0 + 4 * HOUR, 8000.0 + 4 * HOUR, levels=[0.86]),
        until=DAY,
    )

    charges = events_of(log, Charge)

    assert [charge.charge_end_ratio for charge in charges] == [0.82, 0.86]
    assert charges[0].plug_start == charges[1].plug_start


def test_a_risen_state_of_charge_without_a_status_is_a_charge():
    log = log_of(*start_of_log(), row(CHARGE, 0.9, seen=9000.0, before=5000.0, measured=8000.0), until=DAY)

    (charge,) = events_of(log, Charge)

    assert charge.flags == {Flag.RECONSTRUCTED}
    assert charge.start.earliest <= 5000.0
    assert charge.end.latest == 8000.0


def test_energy_from_power_has_bounds_for_what_was_not_received():
    log = log_of(
        *start_of_log(),
        plugged_in(4000.0),
        row(POWER, 10_000.0, seen=5030.0, before=4970.0, measured=5000.0),
        *a_charge(5000.0, 8600.0, levels=[0.9]),
        until=DAY,
    )

    (charge,) = events_of(log, Charge)

    assert charge.max_power_watts == 10_000.0
    assert charge.energy.power.estimate == pytest.approx(10_000.0 * 3600, rel=0.03)
    assert charge.energy.power.low < 10_000.0 * 3600 < charge.energy.power.high


def test_a_risen_level_of_the_tank_is_refuelling():
    log = log_of(
        engine(runs=False, seen=10.0, measured=0.0),
        row(ODOMETER, 50_000.0, seen=10.0, measured=0.0),
        row(FUEL, 10.0, seen=10.0, measured=0.0),
        *a_drive(5000.0, 5600.0, odometer=55_000.0),
        row(FUEL, 45.0, seen=6100.0, before=5700.0, measured=6000.0),
        *a_drive(6200.0, 6800.0, odometer=60_000.0),
        until=DAY,
        attributes={},
    )

    (refuel,) = events_of(log, Refuel)

    assert refuel.liters.low <= 35.0 <= refuel.liters.high
    assert refuel.start.earliest >= 5480.0
    assert refuel.end.latest <= 6200.0
    assert [drive.energy_joules for drive in events_of(log, Drive)] == [None, None]


def test_a_level_that_rises_a_little_does_not_make_a_refuelling():
    log = log_of(
        row(FUEL, 40.0, seen=10.0), row(FUEL, 42.0, seen=900.0, before=600.0), until=DAY, attributes={}
    )

    assert events_of(log, Refuel) == []


def test_a_parked_car_loses_energy():
    log = log_of(
        *start_of_log(),
        *a_drive(5000.0, 6200.0, odometer=62_000.0),
        row(CHARGE, 0.78, seen=60_000.0, before=59_000.0, measured=59_500.0),
        *a_drive(60_000.0, 61_000.0, odometer=70_000.0),
        until=2 * DAY,
    )

    standing = events_of(log, Standing)[0]

    assert standing.start == Interval(earliest=6080.0, latest=6200.0)
    assert standing.loss_joules.estimate / 3.6e6 == pytest.approx(2 * 0.64)


def test_a_drive_during_which_the_answers_began_anew_has_a_gap():
    log = log_of(*start_of_log(), *a_drive(5000.0, 6200.0, odometer=62_000.0), until=DAY)
    runs = tuple(
        Run(vin=log.vin, resource="engine-status", first=first, last=last)
        for first, last in ((10.0, 5200.0), (5900.0, 7000.0))
    )

    (drive,) = events_of(replace(log, runs=runs), Drive)

    assert Flag.GAP in drive.flags


def test_an_unknown_battery_has_wide_bounds_and_an_unknown_capacity_none():
    charge = [plugged_in(4000.0), *a_charge(5000.0, 8600.0, levels=[0.9])]
    rows = [*start_of_log(), *charge]
    strange = {"model": "ZZ9", "model_year": "2030", "battery_capacity_kwh": "50"}

    (guessed,) = events_of(log_of(*rows, until=DAY, attributes=strange), Charge)
    (unknown,) = events_of(log_of(*rows, until=DAY, attributes={}), Charge)
    (chosen,) = events_of(
        log_of(*rows, until=DAY, attributes=strange), Charge, usable_battery_capacity_joules=40 * 3.6e6
    )

    assert Flag.ESTIMATED in guessed.flags
    assert guessed.energy.charge.high > 1.3 * guessed.energy.charge.low
    assert unknown.energy.charge is None
    assert Flag.ESTIMATED not in chosen.flags
    assert chosen.energy.charge.estimate / 3.6e6 == pytest.approx(4.0)
