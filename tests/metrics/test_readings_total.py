"""Whatever an API sends: nothing raises, and no value appears that nobody sent."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import payloads
from reading import ABSENT, NOW, at, read_at, reasons, replaced, times
from volvo_exporter import catalogue
from volvo_exporter.catalogue import families
from volvo_exporter.catalogue.model import Members, Number, Reported, Shape, Truth
from volvo_exporter.metrics.readings import Reason, read, read_items, read_vins

NONSENSE = [
    "hello",
    "-",
    "12",
    7,
    1.5,
    True,
    ["x"],
    {"x": 1},
    10**400,
    1e308,
    -1e308,
    "1e999",
    math.nan,
    math.inf,
    "A_NEW_WORD",
    "furlongs",
    "\ud800",
]
TO_BASE = {
    "km": 1000,
    "km/h": 1 / 3.6,
    "%": 0.01,
    "percentage": 0.01,
    "minutes": 60,
    "months": 2592000,
    "h": 3600,
    "ampere": 1,
    "watts": 1,
    "l": 1,
    "kWh": 3.6e6,
    "kWh/100km": 36,
    "l/100km": 1e-5,
    "degrees": 1,
    "m": 1,
    "celsius": 1,
    "hPa": 100,
}
BOTH_ERAS = [(resource, era) for resource in catalogue.RESOURCES for era in payloads.Era]
IDS = [f"{resource.name}-{era.name.lower()}" for resource, era in BOTH_ERAS]


def path_of(resource, field):
    path = (*resource.root, field.key) if field.path is None else field.path
    return (*path, "isSupported") if isinstance(field.kind, Truth) else path


def places(node, path=()):
    """The path of everything in a document, the document itself included."""
    yield path
    steps = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for step, child in steps:
        yield from places(child, (*path, step))


def concerns(place, path):
    """Whether what lies at the place is part of the path, or below its end."""
    shorter = min(len(place), len(path))
    return place[:shorter] == path[:shorter]


def converted(field, place, replacement):
    """The one value that the field may take on when its value is replaced, by reasoning of our own."""
    if isinstance(field.kind, Truth):
        return float(replacement) if isinstance(replacement, bool) else None
    if isinstance(replacement, bool) or not isinstance(replacement, int | float | str):
        return None
    if not isinstance(field.kind, Number | Reported) or place[-1] in ("unit", "timestamp", "updatedAt"):
        return None
    try:
        return float(replacement) * (TO_BASE[field.kind.unit] if isinstance(field.kind, Number) else 1)
    except (ValueError, OverflowError):
        return None


def by_field(resource, readings):
    """The samples of each field; those of a state set or a list together."""
    found = {field.key: {} for field in resource.fields}
    for sample in readings.samples:
        if sample.family is families.FIELD_TIMESTAMP:
            continue
        for field in resource.fields:
            if field.family is sample.family and set(field.labels) <= set(sample.labels):
                found[field.key][sample.labels] = sample.value
    return found


@pytest.mark.parametrize(("resource", "era"), BOTH_ERAS, ids=IDS)
def test_a_car_that_tells_everything_is_understood(resource, era):
    readings = read(resource, payloads.payload(resource, era), now=NOW, item="odometer")
    assert readings.unmapped == ()
    assert all(by_field(resource, readings).values())
    assert set(readings.attributes) == {attribute.label for attribute in resource.attributes}
    stamped = {f.key for f in resource.fields if f.stamped and (f.path is None or resource.timestamp)}
    expected = stamped if resource.shape is not Shape.BARE or resource.timestamp else set()
    assert times(readings) == dict.fromkeys(expected, payloads.MEASURED)


@pytest.mark.parametrize(("resource", "era"), BOTH_ERAS, ids=IDS)
def test_whatever_stands_in_a_place_costs_that_place_alone(resource, era):
    document = payloads.payload(resource, era)
    good = read(resource, document, now=NOW, item="odometer")
    for place in places(document):
        for replacement in (*ABSENT, *NONSENSE):
            readings = read(resource, replaced(document, place, replacement), now=NOW, item="odometer")
            check(resource, document, place, replacement=replacement, good=good, readings=readings)


def check(resource, document, place, *, replacement, good, readings):
    told, expected = by_field(resource, readings), by_field(resource, good)
    stamps, good_stamps = times(readings), times(good)
    misread = [unmapped for unmapped in readings.unmapped if unmapped.reason is not Reason.KEY]
    assert misread == [*readings.unmapped] or replacement == {"x": 1}, (place, replacement)
    named = {unmapped.field for unmapped in misread}
    absent = replacement in ABSENT
    # Another object or list of the same kind, in which the keys are only missing.
    hollow = isinstance(replacement, dict | list) and type(replacement) is type(at(document, place))
    lost = set()
    incomplete = any(not told[key] for key in resource.required)
    for field in resource.fields:
        stamped_here = resource.timestamp is not None and concerns(place, resource.timestamp)
        if not concerns(place, path_of(resource, field)):
            assert told[field.key] == ({} if incomplete else expected[field.key]), (place, replacement)
            if not stamped_here and not incomplete:
                assert stamps.get(field.key) == good_stamps.get(field.key), (place, replacement)
            continue
        assert stamps.get(field.key) in (None, good_stamps.get(field.key)), (place, replacement)
        if told[field.key] == expected[field.key]:
            continue
        if told[field.key] and not isinstance(field.kind, Members):
            accept(field, place, replacement, told[field.key], expected[field.key])
            continue
        assert told[field.key].items() <= expected[field.key].items(), (place, replacement)
        lost.add(field.key)
    for attribute in resource.attributes:
        was, now = good.attributes[attribute.label], readings.attributes.get(attribute.label)
        if concerns(place, attribute.path):
            assert now in (None, was, str(replacement)), (place, replacement)
            lost |= {attribute.label} if now is None else set()
        else:
            assert now == was, (place, replacement)
    if absent and place[-1:] != ("unit",):
        assert readings.unmapped == (), (place, replacement)
    else:
        assert hollow or lost <= named or named == {""}, (place, replacement, lost, named)
        harmless = place != resource.root[: len(place)] and place[-1] != "timestamp"
        if harmless and not lost and stamps == good_stamps:
            assert misread == [], (place, replacement)


def accept(field, place, replacement, told, expected):
    """A replacement that is believed: converted as its unit says, under the labels of before."""
    (labels, number), *others = told.items()
    assert not others
    if isinstance(field.kind, Reported) and place[-1] == "unit":
        assert dict(labels)["unit"] == (
            "".join(filter(str.isprintable, str(replacement))) if isinstance(replacement, str) else ""
        )
        assert number in expected.values()
        return
    wanted = converted(field, place, replacement)
    assert wanted is not None, (place, replacement, number)
    assert labels in expected
    assert number == pytest.approx(wanted), (place, replacement)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda children: (
        st.lists(children, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "data",
                    "value",
                    "unit",
                    "timestamp",
                    "status",
                    "updatedAt",
                    "vin",
                    "geometry",
                    "coordinates",
                ]
            )
            | st.text(max_size=5),
            children,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None)
@given(payload=JSON)
def test_no_payload_at_all_raises_or_invents_a_value(payload):
    for resource in catalogue.RESOURCES:
        readings = read(resource, payload, now=NOW)
        if not isinstance(payload, dict):
            assert (readings.samples, readings.attributes) == ((), {})
            assert len(readings.unmapped) == (payload not in ABSENT)
        assert all(math.isfinite(sample.value) for sample in readings.samples)
    assert read_vins(payload) is None or isinstance(payload, dict)
    assert all(isinstance(name, str) for name in read_items(payload))


@settings(max_examples=60, deadline=None)
@given(values=st.lists(JSON, min_size=23, max_size=23))
def test_no_values_at_all_raise(values):
    for resource in catalogue.RESOURCES:
        document = {}
        for field, one in zip(resource.fields, values, strict=False):
            if field.path is None:
                payloads.put(document, (*resource.root, field.key), one)
        readings = read(resource, document, now=NOW)
        known = {field.key for field in resource.fields} | {a.label for a in resource.attributes}
        misread = {unmapped.field for unmapped in readings.unmapped if unmapped.reason is not Reason.KEY}
        assert misread <= known


def test_a_payload_nested_without_end_costs_nothing_but_itself():
    nested = []
    for _ in range(100_000):
        nested = [nested]
    assert reasons(read_at("odometer", {"data": {"odometer": nested}})) == [("odometer", Reason.SHAPE)]
    while nested:
        nested = nested[0]
