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
from volvo_exporter.journal.library import Entry
from volvo_exporter.web.formatting import ENGLISH, Formatter
from volvo_exporter.web.glances import glance
from volvo_exporter.web.journal.recent import Recent
from volvo_exporter.web.units import UNITS

NOW = 1_793_577_600.0
VIN = "YV1EXAMPLE0000001"
DERIVATION = Derivation(version=1, parameters="test")
MOMENTS = {
    "vin": VIN,
    "start": Interval(earliest=NOW - 9000, latest=NOW - 9000),
    "end": Interval(earliest=NOW - 7200, latest=NOW - 7200),
    "flags": frozenset({Flag.OBSERVED}),
    "derivation": DERIVATION,
}


def exactly(value):
    return Range(low=value, estimate=value, high=value)


DRIVE = Drive(**MOMENTS, distance_meters=12_500.0, energy_joules=exactly(9.0e6))
CHARGE = Charge(**MOMENTS, charge_end_ratio=0.8, energy=ChargeEnergy(charge=exactly(36.0e6)))
REFUEL = Refuel(**MOMENTS, liters=exactly(40.0), receipt_liters=41.2)
RECENT = Recent(
    month="2026-11",
    drive=Entry(id="d1", settled=True, event=DRIVE),
    charge=Entry(id="c1", settled=False, event=CHARGE),
    drives=(DRIVE, DRIVE),
    charges=(CHARGE,),
    refuels=(REFUEL,),
)


def lines(recent, f=ENGLISH):
    return {
        line.name: (line.text.replace("\u00a0", " "), line.note, line.link)
        for line in glance(recent, now=NOW, f=f)
    }


def test_the_last_events_and_the_month_lead_to_their_pages():
    assert lines(RECENT) == {
        "Last drive": ("12.5 km, 30 min, 2.5 kWh", "2 hours ago", "drives/d1"),
        "Last charge": ("10.0 kWh, to 80 %, 30 min", "2 hours ago", "charges/c1"),
        "This month": ("25 km in 2 drives, 10.0 kWh charged, 41.2 l refuelled", "", "drives?month=2026-11"),
    }


def test_an_empty_journal_has_no_lines():
    assert lines(Recent(month="2026-11")) == {}


def test_unknown_energies_are_omitted_and_not_zero():
    unknown = Charge(**MOMENTS)
    recent = Recent(month="2026-11", charge=Entry(id="c1", settled=True, event=unknown), charges=(unknown,))

    assert lines(recent) == {"Last charge": ("30 min", "2 hours ago", "charges/c1")}


def test_lines_are_in_the_language_and_units_of_the_reader():
    swedish = lines(RECENT, Formatter(language="sv", units=UNITS["imperial"]))

    assert swedish["Senaste körning"][:2] == ("7,8 mi, 30 min, 2,5 kWh", "för 2 timmar sedan")
