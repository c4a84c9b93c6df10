from volvo_exporter.catalogue.capacities import CAPACITIES


def test_every_usable_capacity_is_below_the_gross_one_and_has_a_source():
    for entry in CAPACITIES:
        assert entry.low < entry.estimate < entry.high < entry.gross_kwh
        assert entry.source.startswith("https://")
