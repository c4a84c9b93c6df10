"""Extended Vehicle v1: a list of named resources, each one value with a unit.

Volvo shut it down on 2025-12-31 and answers 410; it is complete, and off unless switched on.
"""

from volvo_exporter.catalogue import families
from volvo_exporter.catalogue.model import Api, Discovery, Field, Reported, Resource, Shape
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

ITEMS = Resource(
    name="extended-vehicle",
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
    api=Api.EXTENDED_VEHICLE,
    path="/vehicles/{vin}/resources/{item}",
    scopes=SCOPES,
    pace=steady(12),
    discovery=Discovery.ITEM,
    shape=Shape.VALUE,
    root=(),
    fields=(Field(key="resourceValue", family=families.EXTENDED_VALUE, kind=Reported()),),
    enabled=False,
)

RESOURCES: tuple[Resource, ...] = (ITEMS, ITEM)
