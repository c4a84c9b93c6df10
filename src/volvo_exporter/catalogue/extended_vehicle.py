"""Extended Vehicle v1: a list of named resources, each one value with a unit.

Volvo shut it down on 2025-12-31 and returns 410; the resources are disabled by default.
"""

from volvo_exporter.catalogue import families
from volvo_exporter.catalogue.model import Api, Discovery, Document, Field, NumberWithUnit, Resource, Shape
from volvo_exporter.catalogue.paces import DAILY, steady

SCOPES = (
    "exve:diagnostics_engine_status",
    "exve:diagnostics_workshop",
    "exve:doors_status",
    "exve:engine_status",
    "exve:lock_status",
    "exve:odometer_status",
    "exve:windows_status",
    "vehicle:attributes",
)

DOCUMENT = Document(
    api=Api.EXTENDED_VEHICLE,
    file="extended-vehicle-c3-specification.json",
    title="Extended Vehicle v1",
    introduction="Volvo shut this API down on 2025-12-31; it returns 410. This describes its last state.",
)

ITEMS = Resource(
    name="extended-vehicle",
    summary="Names of the values that the car reports",
    api=Api.EXTENDED_VEHICLE,
    path="/vehicles/{vin}/resources",
    scopes=SCOPES,
    pace=DAILY,
    shape=Shape.BARE,
    root=(),
    ignored=(("resources",),),
    enabled=False,
)
ITEM = Resource(
    name="extended-vehicle-item",
    summary="One value by name",
    api=Api.EXTENDED_VEHICLE,
    path="/vehicles/{vin}/resources/{item}",
    scopes=SCOPES,
    pace=steady(12),
    discovery=Discovery.ITEM,
    shape=Shape.VALUE,
    root=(),
    fields=(
        Field(
            key="resourceValue",
            family=families.EXTENDED_VALUE,
            kind=NumberWithUnit(),
            meaning="A number as text, with its unit.",
            example="23456",
        ),
    ),
    enabled=False,
)

RESOURCES: tuple[Resource, ...] = (ITEMS, ITEM)
