"""Whatever an API sends: nothing raises, and no value appears that was not sent."""

import math
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.car_files import FILES, IDS, load
from tests.support.reading import ABSENT, NOW, RESOURCES, at, read_at, reasons, replaced, times
from volvo_exporter import catalogue
from volvo_exporter.catalogue.model import Boolean, Number, NumberWithUnit, ObjectList, Resource
from volvo_exporter.vehicles.reader import read, read_items, read_vins
from volvo_exporter.vehicles.reading import Answer, Reason

READ = 1_791_300_000.0
"""Soon after the newest answer in the files: 2026-10-06T15:20:00Z."""

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
    "mi": 1609.344,
    "km/h": 1 / 3.6,
    "%": 0.01,
    "percentage": 0.01,
    "minutes": 60,
    "months": 2592000,
    "days": 86400,
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


def paths_of(resource, field):
    """Where the value of a field may lie."""
    keys = (field.key, *field.aliases)
    paths = [(*resource.root, key) for key in keys] if field.path is None else [field.path]
    return [(*path, "isSupported") if isinstance(field.kind, Boolean) else path for path in paths]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An answer in which one place was replaced, and how it is read before and after."""

    resource: Resource
    document: object
    place: tuple
    replacement: object
    before: Answer
    after: Answer

    def __str__(self) -> str:
        return f"{self.place} replaced by {self.replacement!r}"


def by_field(answer):
    """The value of each field, and the unit of a value that has one of its own."""
    return {reading.field.key: (reading.value, reading.unit) for reading in answer.readings}


@pytest.mark.slow
@pytest.mark.parametrize(("car", "name"), FILES, ids=IDS)
def test_an_invalid_value_affects_no_other_value(car, name):
    resource, document = RESOURCES[name], load(car, name)
    before = read(resource, document, now=READ, item="odometer")
    for place in places(document):
        for replacement in (*ABSENT, *NONSENSE):
            after = read(resource, replaced(document, place, replacement), now=READ, item="odometer")
            check(
                Case(
                    resource=resource,
                    document=document,
                    place=place,
                    replacement=replacement,
                    before=before,
                    after=after,
                )
            )


def check(case):
    """Check that no other place is affected, and that what was lost is named."""
    lost, concerned = set(), []
    for check_part in (check_fields, check_attributes):
        lost_here, concerned_here = check_part(case)
        lost |= lost_here
        concerned += concerned_here
    misread = [unmapped for unmapped in case.after.unmapped if unmapped.reason is not Reason.KEY]
    assert misread == [*case.after.unmapped] or case.replacement == {"x": 1}, str(case)
    if case.replacement in ABSENT and case.place[-1:] != ("unit",):
        assert case.after.unmapped == (), str(case)
        return
    named = {unmapped.field for unmapped in misread}
    # Another object or list of the same kind, in which the keys are only missing.
    kinds = {type(case.replacement), type(at(case.document, case.place))}
    hollow = kinds in ({dict}, {list})
    assert hollow or lost <= named or named == {""}, (str(case), lost, named)
    harmless = case.place != case.resource.root[: len(case.place)] and case.place[-1] != "timestamp"
    # Of a value inside another the inner one counts.
    closest = max(concerned, default=(0, True))[0]
    had_value = not concerned or (closest, True) in concerned
    if harmless and had_value and not lost and times(case.after) == times(case.before):
        assert misread == [], str(case)


def check_fields(case):
    """Return the fields that lost their value, and for each field that is concerned its depth and whether
    it had a value.
    """
    actual, expected = by_field(case.after), by_field(case.before)
    stamps, good_stamps = times(case.after), times(case.before)
    incomplete = any(key not in actual for key in case.resource.required)
    common_time = case.resource.timestamp is not None and concerns(case.place, case.resource.timestamp)
    lost, concerned = set(), []
    for field in case.resource.fields:
        key = field.key
        paths = [path for path in paths_of(case.resource, field) if concerns(case.place, path)]
        if not paths:
            assert actual.get(key) == (None if incomplete else expected.get(key)), str(case)
            assert common_time or incomplete or stamps.get(key) == good_stamps.get(key), str(case)
            continue
        concerned.append((len(paths[0]), key in expected))
        assert key not in expected or stamps.get(key) in (None, good_stamps.get(key)), str(case)
        if actual.get(key) == expected.get(key):
            continue
        if key in actual and not isinstance(field.kind, ObjectList):
            accept(case, field, actual[key], expected.get(key))
        else:
            assert key not in actual or set(actual[key][0]) < set(expected[key][0]), str(case)
            lost.add(key)
    return lost, concerned


def check_attributes(case):
    """Return the same as `check_fields` for the attributes."""
    lost, concerned = set(), []
    for attribute in case.resource.attributes:
        was, now = (answer.attributes.get(attribute.label) for answer in (case.before, case.after))
        if not concerns(case.place, attribute.path):
            assert now == was, str(case)
            continue
        concerned.append((len(attribute.path), was is not None))
        assert now in (None, was, str(case.replacement)), str(case)
        lost |= {attribute.label} if now is None and was is not None else set()
    return lost, concerned


def accept(case, field, actual, expected):
    """Check an accepted replacement: it is converted by its unit."""
    number, unit = actual
    if isinstance(field.kind, NumberWithUnit) and case.place[-1] == "unit":
        text = case.replacement if isinstance(case.replacement, str) else ""
        assert actual == (expected[0], "".join(filter(str.isprintable, text))), str(case)
        return
    wanted = converted(case, field)
    assert wanted is not None, (str(case), number)
    assert expected is None or unit == expected[1], str(case)
    assert number == pytest.approx(wanted), str(case)


def converted(case, field):
    """Return the one value that the field may take on, by reasoning of our own; None for none."""
    place, replacement = case.place, case.replacement
    if isinstance(field.kind, Boolean):
        return float(replacement) if isinstance(replacement, bool) else None
    if isinstance(replacement, bool) or not isinstance(replacement, int | float | str):
        return None
    if not isinstance(field.kind, Number | NumberWithUnit) or place[-1] in ("unit", "timestamp", "updatedAt"):
        return None
    factor = 1
    if isinstance(field.kind, Number):
        wrapper = at(case.document, place[:-1])
        factor = TO_BASE[wrapper["unit"] if place[-1] == "value" else field.kind.unit]
    try:
        return float(replacement) * factor
    except (ValueError, OverflowError):
        return None


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
def test_no_payload_raises_or_gives_an_invented_value(payload):
    for resource in catalogue.RESOURCES:
        readings = read(resource, payload, now=NOW)
        if not isinstance(payload, dict):
            assert (readings.readings, readings.attributes) == ((), {})
            assert len(readings.unmapped) == (payload not in ABSENT)
        numbers = (one.value for one in readings.readings if isinstance(one.value, float))
        assert all(math.isfinite(number) for number in numbers)
    assert read_vins(payload) is None or isinstance(payload, dict)
    assert all(isinstance(name, str) for name in read_items(payload))


@settings(max_examples=60, deadline=None)
@given(values=st.lists(JSON, min_size=23, max_size=23))
def test_no_value_raises(values):
    for resource in catalogue.RESOURCES:
        plain = [field.key for field in resource.fields if field.path is None]
        document = dict(zip(plain, values, strict=False))
        for step in reversed(resource.root):
            document = {step: document}
        readings = read(resource, document, now=NOW)
        known = {field.key for field in resource.fields} | {a.label for a in resource.attributes}
        misread = {unmapped.field for unmapped in readings.unmapped if unmapped.reason is not Reason.KEY}
        assert misread <= known


def test_a_deeply_nested_payload_does_not_raise():
    nested = []
    for _ in range(100_000):
        nested = [nested]
    assert reasons(read_at("odometer", {"data": {"odometer": nested}})) == [("odometer", Reason.SHAPE)]
    while nested:
        nested = nested[0]
