from volvo_exporter.journal.events import (
    Charge,
    ChargeEnergy,
    Derivation,
    Drive,
    Flag,
    Interval,
    Place,
    Range,
    Refuel,
)
from volvo_exporter.journal.library import Entry, Found, Kind
from volvo_exporter.web.journal.documents import list_document

VIN = "YV1EXAMPLE0000001"
DERIVATION = Derivation(version=1, parameters="test")
START = Interval(earliest=1793606400.0, latest=1793606430.5)
END = Interval(earliest=1793608200.0, latest=1793608200.0)


def shown(vin):
    return f"…{vin[-4:]}"


def document_of(kind, event):
    found = Found(entries=(Entry(id="a1", settled=True, event=event),), cursor="")
    return list_document(kind, found, shown)


def test_a_drive_has_its_bounds_in_iso_8601_and_null_where_nothing_is_known():
    drive = Drive(
        vin=VIN,
        start=START,
        end=END,
        flags=frozenset({Flag.GAP, Flag.OBSERVED}),
        distance_meters=12_000.0,
        odometer_start_meters=1_000_000.0,
        odometer_end_meters=1_012_000.0,
        derivation=DERIVATION,
    )

    document = document_of(Kind.DRIVE, drive)

    (entry,) = document["drives"]
    assert document["cursor"] is None
    assert entry["vehicle"] == "…0001"
    assert entry["start"] == {"earliest": "2026-11-02T08:00:00Z", "latest": "2026-11-02T08:00:30.500Z"}
    assert entry["end"] == {"earliest": "2026-11-02T08:30:00Z", "latest": "2026-11-02T08:30:00Z"}
    assert entry["flags"] == ["observed", "gap"]
    assert entry["distance_meters"] == 12_000.0
    assert (entry["odometer_start_meters"], entry["odometer_end_meters"]) == (1_000_000.0, 1_012_000.0)
    assert entry["energy_joules"] is None
    assert entry["fuel_liters"] is None
    assert entry["charge_start_ratio"] is None


def test_a_charge_keeps_its_three_energies_apart():
    charge = Charge(
        vin=VIN,
        start=START,
        end=END,
        flags=frozenset({Flag.OBSERVED}),
        type="dc",
        charge_start_ratio=0.2,
        charge_end_ratio=0.8,
        energy=ChargeEnergy(charge=Range(low=1e8, estimate=1.1e8, high=1.2e8)),
        place=Place(latitude=57.7, longitude=11.97),
        derivation=DERIVATION,
    )

    (entry,) = document_of(Kind.CHARGE, charge)["charges"]

    assert entry["type"] == "dc"
    assert entry["energy_joules"] == {
        "charge": {"low": 1e8, "estimate": 1.1e8, "high": 1.2e8},
        "power": None,
        "receipt": None,
    }
    assert entry["position"] == {"latitude": 57.7, "longitude": 11.97}


def test_a_refuelling_has_its_estimate_beside_its_receipt():
    refuel = Refuel(
        vin=VIN,
        start=START,
        end=END,
        flags=frozenset(),
        liters=Range(low=38.0, estimate=40.0, high=42.0),
        receipt_liters=41.3,
        derivation=DERIVATION,
    )

    (entry,) = document_of(Kind.REFUEL, refuel)["refuels"]

    assert (entry["fuel_liters_low"], entry["fuel_liters"], entry["fuel_liters_high"]) == (38.0, 40.0, 42.0)
    assert entry["receipt_liters"] == 41.3
