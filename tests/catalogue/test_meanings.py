"""Texts of the catalogue: summaries, meanings and examples."""

import re

import pytest

from volvo_exporter import catalogue
from volvo_exporter.catalogue.model import (
    ABSENT,
    Api,
    Boolean,
    Flag,
    Number,
    NumberWithUnit,
    ObjectList,
    Service,
    States,
)

FIELDS = [
    pytest.param(field, id=f"{resource.name}-{field.key}")
    for resource in catalogue.RESOURCES
    for field in resource.fields
]
ATTRIBUTES = [attribute for resource in catalogue.RESOURCES for attribute in resource.attributes]
METRIC_PHRASES = r"^1 (if|while|where)\b|\bis 1\b|\b0 to 1\b"
"""Phrases about the exported value, which differs from the value in the response."""


@pytest.mark.parametrize("resource", catalogue.RESOURCES, ids=lambda resource: resource.name)
def test_a_resource_has_a_summary_without_a_full_stop(resource):
    assert re.fullmatch(r"[A-Z].*[^.]", resource.summary)


@pytest.mark.parametrize("entry", [*FIELDS, *(pytest.param(it, id=it.label) for it in ATTRIBUTES)])
def test_a_meaning_is_a_sentence_about_the_value_in_the_response(entry):
    assert re.fullmatch(r"[A-Z].*\.", entry.meaning)
    assert not re.search(METRIC_PHRASES, entry.meaning)


@pytest.mark.parametrize("field", FIELDS)
def test_an_example_of_a_field_is_valid(field):
    match field.kind:
        case Number(quantity=quantity, unit=unit) as kind:
            conversion = quantity.units[unit.lower()]
            low = quantity.low if kind.low is None else kind.low
            assert low <= float(field.example) * conversion.factor + conversion.offset <= quantity.high
            assert field.example not in kind.placeholders
        case Flag(on=on, off=off):
            assert field.example in {*on, *off}
        case States(states=states):
            assert field.example in {*states, *ABSENT}
        case Boolean():
            assert isinstance(field.example, bool)
        case ObjectList(values=values):
            assert field.example in values
        case NumberWithUnit():
            assert float(field.example) > 0


@pytest.mark.parametrize("attribute", ATTRIBUTES, ids=lambda attribute: attribute.label)
def test_an_example_of_an_attribute_is_valid(attribute):
    assert attribute.example not in attribute.placeholders
    assert not attribute.values or attribute.example in attribute.values
    assert isinstance(attribute.example, int | float) == attribute.numeric


@pytest.mark.parametrize("field", FIELDS)
def test_documented_units_and_values_are_known(field):
    match field.kind:
        case Number(quantity=quantity, unit=unit, other_units=others):
            assert {each.lower() for each in (unit, *others)} <= quantity.units.keys()
            assert unit not in others
        case States(unknown_values=unknown):
            assert {*unknown} <= ABSENT


def test_each_api_of_volvo_has_one_document():
    assert [document.api for document in catalogue.DOCUMENTS] == [
        Api.CONNECTED_VEHICLE,
        Api.ENERGY,
        Api.EXTENDED_VEHICLE,
        Api.LOCATION,
    ]
    assert {document.api for document in catalogue.DOCUMENTS} == {
        api for api in Api if api.service is Service.VOLVO
    }
