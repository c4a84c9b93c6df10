from volvo_exporter.catalogue.model import Family
from volvo_exporter.prometheus.exposition import parts, render_header, render_labels, render_samples
from volvo_exporter.vehicles.samples import Sample

DOOR = Family(name="volvo_door_open", help="1 while it is open.", labels=("door",))
LOCKED = Family(name="volvo_locked", help="A \\ and a\nbreak.")


def test_labels_are_escaped():
    assert render_labels((("a", 'say "hi"'), ("b", "back\\slash"), ("c", "two\nlines"), ("d", ""))) == (
        r'a="say \"hi\"",b="back\\slash",c="two\nlines",d=""'
    )


def test_samples_carry_the_attributes_and_their_own_labels():
    samples = [
        Sample(family=DOOR, value=1.0, labels=(("door", "hood"),)),
        Sample(family=DOOR, value=0.25, labels=(("door", "tailgate"),)),
    ]
    assert render_samples('vin="X",model="EX30"', samples) == (
        b'volvo_door_open{vin="X",model="EX30",door="hood"} 1.0\n'
        b'volvo_door_open{vin="X",model="EX30",door="tailgate"} 0.25\n'
    )
    assert render_samples('vin="X"', [Sample(family=LOCKED, value=1e300)]) == (
        b'volvo_locked{vin="X"} 1e+300\n'
    )


def test_a_header_has_help_and_type():
    assert render_header(DOOR) == (
        b"# HELP volvo_door_open 1 while it is open.\n# TYPE volvo_door_open gauge\n"
    )
    assert render_header(LOCKED).startswith(b"# HELP volvo_locked A \\\\ and a\\nbreak.\n")


def test_a_family_of_several_vehicles_has_one_header_and_an_empty_one_none():
    headers = {"a": b"# a\n", "b": b"# b\n", "c": b"# c\n"}
    lines = {"c": {"X": b"c1\n"}, "a": {"X": b"a1\n", "Y": b"a2\n"}, "b": {}}
    assert b"".join(parts(headers, lines)) == b"# a\na1\na2\n# c\nc1\n"
