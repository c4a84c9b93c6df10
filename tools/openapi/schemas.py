"""JSON schemas of the responses of the APIs, from the resources of the catalogue."""

from collections.abc import Callable, Mapping, Sequence
from typing import assert_never

from volvo_exporter.catalogue.connected_vehicle import COMMANDS, DETAILS, VEHICLES
from volvo_exporter.catalogue.energy import CAPABILITIES
from volvo_exporter.catalogue.extended_vehicle import ITEM, ITEMS
from volvo_exporter.catalogue.location import LOCATION
from volvo_exporter.catalogue.model import (
    Attribute,
    Boolean,
    Field,
    Flag,
    Number,
    NumberWithUnit,
    ObjectList,
    Resource,
    Shape,
    States,
)

Json = Mapping[str, "Json"] | Sequence["Json"] | str | float | int | bool | None
Schema = dict[str, "Json"]

JSON_TYPES: Mapping[type, str] = {int: "integer", float: "number", str: "string"}
"""JSON type of an attribute, by the type of its example."""
TEXT: Schema = {"type": "string"}
VIN: Schema = {
    "type": "string",
    "pattern": "^[A-Z0-9]{17}$",  # with I, O and Q: the demo car of Volvo's portal ends in DEMO
    "examples": ["YV1DEMEV0R2100001"],
    "description": "Vehicle identification number, in upper case.",
}
TIMESTAMP: Schema = {"$ref": "#/components/schemas/Timestamp"}
NO_VALUE: Schema = {"$ref": "#/components/schemas/NoValue"}


def example_schema(*examples: Json, kind: str = "string") -> Schema:
    """Return the schema of a type with examples."""
    return {"type": kind, "examples": list(examples)}


def object_of(properties: Mapping[str, Json], *, required: Sequence[str] = ()) -> Schema:
    """Return the schema of an object with these properties and no others."""
    needed: Schema = {"required": list(required)} if required else {}
    return {"type": "object", "properties": properties, **needed, "additionalProperties": False}


def or_null(schema: Schema) -> Schema:
    """Return the schema that also allows null."""
    return {"anyOf": [schema, {"type": "null"}]}


def shared() -> dict[str, Schema]:
    """Return the referenced schemas by name."""
    codes = example_schema(
        "PROPERTY_NOT_FOUND", "PROPERTY_NOT_SUPPORTED", "NOT_SUPPORTED", "ERROR_READING_PROPERTY"
    )
    code: Schema = {**codes, "description": "More codes may be added."}
    message: Schema = {"type": "string", "description": "Description of the code."}
    return {
        "Timestamp": {
            "type": "string",
            "format": "date-time",
            "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$",
            "examples": ["2026-10-01T07:30:15.438573Z"],
            "description": "Time at which the value was read from the car: "
            "UTC, with milli-, micro- or nanoseconds, or none.",
        },
        "NoValue": {
            **object_of(
                {"status": {"const": "ERROR"}, "code": code, "message": message},
                required=["status", "code", "message"],
            ),
            "description": "Reason why a field has no value: not supported by the car, or unknown.",
        },
    }


def value_of(field: Field) -> Schema:
    """Return the schema of the value of a field, with an example."""
    return {**bare_value_of(field), "examples": [field.example]}


def bare_value_of(field: Field) -> Schema:
    """Return the schema of the value of a field."""
    match field.kind:
        case Number():
            return {"type": "number"}
        case Flag(on=on, off=off):
            return {"enum": ["UNSPECIFIED", *off, *on]}
        case States(states=states, synonyms=synonyms, unknown_values=unknown):
            return {"enum": ["UNSPECIFIED", *unknown, *states, *synonyms]}
        case Boolean():
            return {"type": "boolean"}
        case ObjectList(values=values):
            return {"enum": list(values)}
        case NumberWithUnit():
            return {"type": "string"}
        case _:
            assert_never(field.kind)


def units_of(field: Field) -> list[Json]:
    """Return the documented units of a field; empty if it has none."""
    if not isinstance(field.kind, Number):
        return []
    return [field.kind.unit, *field.kind.other_units]


def value_object(field: Field, extra: Mapping[str, Json]) -> Schema:
    """Return the schema of a value object of Connected Vehicle."""
    units = units_of(field)
    unit: Schema = (
        {"enum": units}
        if units
        else {"type": "null", "description": "Always null; present since August 2026."}
    )
    properties: Schema = {"value": value_of(field), "unit": unit, "timestamp": TIMESTAMP, **extra}
    return object_of(properties, required=["value", "unit"] if units else ["value"])


def item(field: Field) -> Schema:
    """Return the schema of a value or error of Energy."""
    units = units_of(field)
    unit: Schema = {"unit": {"enum": units}} if units else {}
    good = object_of(
        {"status": {"const": "OK"}, "value": value_of(field), **unit, "updatedAt": TIMESTAMP},
        required=["status", "value", *unit, "updatedAt"],
    )
    return {"oneOf": [good, NO_VALUE], "description": field.meaning}


def data(schema: Schema) -> Schema:
    """Return the schema of the envelope of Connected Vehicle."""
    return object_of({"data": schema}, required=["data"])


def values(resource: Resource) -> Schema:
    """Return the schema of a resource with value objects; fields with a path are nested in another."""
    nested: dict[str, dict[str, Json]] = {}
    for field in resource.fields:
        if field.path is not None:
            nested.setdefault(str(field.path[-2]), {})[field.key] = {
                **or_null(value_of(field)),
                "description": field.meaning,
                "examples": [None],
            }
    properties: Schema = {
        field.key: {
            **or_null(value_object(field, nested.get(field.key, {}))),
            "description": field.meaning,
        }
        for field in resource.fields
        if field.path is None
    }
    return data(object_of(properties))


def details(resource: Resource) -> Schema:
    """Return the schema of the details: attributes, nested according to their paths."""
    address = example_schema("https://cas.volvocars.com/picture.png")
    picture: Schema = {
        **or_null(address),
        "description": "URL of a picture, valid for a limited time; may be empty.",
    }
    image = object_of({"exteriorImageUrl": picture, "internalImageUrl": picture})
    inner: Schema = {"vin": VIN, "images": or_null(image)}
    descriptions: Schema = {}
    for attribute in resource.attributes:
        target = descriptions if "descriptions" in attribute.path else inner
        target[str(attribute.path[-1])] = attribute_of(attribute)
    inner["descriptions"] = object_of(descriptions)
    return data(object_of(inner, required=["vin"]))


def attribute_of(attribute: Attribute) -> Schema:
    """Return the schema of an attribute."""
    kind: Schema = (
        {"enum": list(attribute.values)}
        if attribute.values
        else {"type": JSON_TYPES[type(attribute.example)]}
    )
    return {**or_null({**kind, "examples": [attribute.example]}), "description": attribute.meaning}


def location(resource: Resource) -> Schema:
    """Return the schema of the location: a GeoJSON feature in an envelope."""
    *numbers, direction = resource.fields
    coordinates: Schema = {
        "type": "array",
        "items": {"type": "number"},
        "minItems": 2,
        "maxItems": 3,
        "examples": [[field.example for field in numbers]],
        "description": " ".join(field.meaning for field in numbers),
    }
    heading: Schema = {
        "type": "string",
        "pattern": r"^\d{0,3}$",
        "examples": [direction.example],
        "description": direction.meaning,
    }
    feature = object_of(
        {
            "type": {"const": "Feature"},
            "geometry": object_of(
                {"type": {"const": "Point"}, "coordinates": coordinates}, required=["type", "coordinates"]
            ),
            "properties": object_of({"timestamp": or_null(TIMESTAMP), "heading": or_null(heading)}),
        },
        required=["type", "geometry", "properties"],
    )
    status: Schema = {"type": "integer", "examples": [200], "description": "Same as the HTTP status."}
    number = example_schema("0b5f6c1e9a7d4d3c8e21f4a6b7c8d9e0")
    return object_of({"status": status, "operationId": number, "data": feature}, required=["data"])


def listed(properties: Schema, *, under: str) -> Schema:
    """Return the schema of a list of objects under a key."""
    return object_of(
        {under: {"type": "array", "items": object_of(properties, required=list(properties))}},
        required=[under],
    )


def capabilities(resource: Resource) -> Schema:
    """Return the schema of the capabilities: a boolean for each field."""
    boolean: Schema = {"type": "boolean", "examples": [True]}
    supported = object_of({"isSupported": boolean}, required=["isSupported"])
    fields: Schema = {field.key: {**supported, "description": field.meaning} for field in resource.fields}
    return object_of({"getEnergyState": object_of({"isSupported": boolean, **fields})})


def state(resource: Resource) -> Schema:
    """Return the schema of the state of Energy: all fields at the root."""
    keys = [field.key for field in resource.fields]
    return object_of({field.key: item(field) for field in resource.fields}, required=keys)


def names(_resource: Resource) -> Schema:
    """Return the schema of the list of resources of Extended Vehicle."""
    odometer: Schema = {
        "name": example_schema("odometer"),
        "version": example_schema("1.0"),
        "href": example_schema("/v1/vehicles/YV1DEMEV0R2100001/resources/odometer"),
    }
    return listed(odometer, under="resources")


def extended_value(resource: Resource) -> Schema:
    """Return the schema of a resource of Extended Vehicle."""
    (field,) = resource.fields
    value = object_of(
        {"timestamp": TIMESTAMP, "unit": example_schema("km"), "value": value_of(field)}, required=["value"]
    )
    return object_of(
        {field.key: {**value, "description": field.meaning}},
        required=[field.key],
    )


def commands(resource: Resource) -> Schema:
    """Return the schema of the list of commands."""
    (field,) = resource.fields
    command: Schema = {**value_of(field), "description": field.meaning}
    lock = example_schema("/v2/vehicles/YV1DEMEV0R2100001/commands/lock")
    return listed({field.key: command, "href": lock}, under="data")


def vehicles(_resource: Resource) -> Schema:
    """Return the schema of the list of vehicles."""
    return listed({"vin": VIN}, under="data")


FORMS: Mapping[Resource, Callable[[Resource], Schema]] = {
    VEHICLES: vehicles,
    DETAILS: details,
    COMMANDS: commands,
    LOCATION: location,
    CAPABILITIES: capabilities,
    ITEMS: names,
    ITEM: extended_value,
}
"""Functions for responses with their own form, by resource."""


def body(resource: Resource) -> Schema:
    """Return the schema of a successful answer; raises ValueError for a BARE one that is not in FORMS."""
    if resource in FORMS:
        return FORMS[resource](resource)
    match resource.shape:
        case Shape.VALUE:
            return values(resource)
        case Shape.ITEM:
            return state(resource)
        case Shape.BARE:
            message = f"{resource.name}: add its form to FORMS in tools/openapi/schemas.py"
            raise ValueError(message)
        case _:
            assert_never(resource.shape)
