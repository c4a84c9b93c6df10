import math
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volvo_exporter.journal.codec import CLASSES, decode, decode_event, encode, encode_event
from volvo_exporter.journal.events import (
    Charge,
    ChargeEnergy,
    Derivation,
    Drive,
    Flag,
    Interval,
    Place,
    PlugSession,
    Range,
    Refuel,
    Standing,
    Unattributed,
)
from volvo_exporter.journal.library import Kind

FLOATS = st.floats(allow_nan=False, allow_infinity=False)
BY_TYPE = {
    str: st.text(max_size=5),
    float: FLOATS,
    Interval: st.builds(Interval, earliest=FLOATS, latest=FLOATS),
    Range: st.builds(Range, low=FLOATS, estimate=FLOATS, high=FLOATS),
    Place: st.builds(Place, latitude=FLOATS, longitude=FLOATS),
}
RANGES = st.none() | BY_TYPE[Range]
for type_, strategy in BY_TYPE.items():
    st.register_type_strategy(type_, strategy)
st.register_type_strategy(ChargeEnergy, st.builds(ChargeEnergy, charge=RANGES, power=RANGES, receipt=RANGES))
EVENTS = st.one_of(*map(st.from_type, (Drive, Charge, PlugSession, Refuel, Standing, Unattributed)))


@given(EVENTS)
def test_event_survives_its_text(event):
    kind = next(kind for kind, cls in CLASSES.items() if type(event) is cls)
    text = encode_event(event)

    again = decode_event(kind, text, vin=event.vin, derivation=event.derivation)
    assert again == event
    assert encode_event(again) == text


def test_event_is_short_and_the_same_whatever_the_order_of_its_flags():
    parts = {
        "vin": "YV1TESTCAR0000001",
        "start": Interval(earliest=1.0, latest=2.0),
        "end": Interval(earliest=3.0, latest=4.5),
        "distance_meters": 1000.0,
        "derivation": Derivation(version=1, parameters="p"),
    }
    texts = {
        encode_event(Drive(flags=frozenset(flags), **parts))
        for flags in ([Flag.OBSERVED, Flag.GAP], [Flag.GAP, Flag.OBSERVED])
    }

    assert texts == {
        '{"distance_meters":1000.0,"end":[3.0,4.5],"flags":["gap","observed"],"start":[1.0,2.0]}'
    }


@pytest.mark.parametrize("text", ["[]", "nonsense", '{"unknown":1}', "{}"])
def test_other_text_is_refused(text):
    with pytest.raises(ValueError, match=r".+"):
        decode_event(Kind.DRIVE, text, vin="V", derivation=Derivation(version=1, parameters="p"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    moment: float = 0.0
    rows: tuple[tuple[float | bool | str | tuple[float | None, ...] | None, ...], ...] = ()
    pair: tuple[float, float] = (0.0, 0.0)


@pytest.mark.parametrize(
    "sample",
    [
        Sample(),
        Sample(moment=1.5, pair=(0.1, math.inf)),
        Sample(rows=((1.0, True, "word", None, (2.0, None)), ())),
    ],
)
def test_boundary_survives_its_text_with_the_types_of_its_values(sample):
    again = decode(Sample, encode(sample))

    assert again == sample
    assert repr(again) == repr(sample)
