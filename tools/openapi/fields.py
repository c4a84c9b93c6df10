"""Rows of a table and an example from a JSON schema."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

Json = Any
Schema = Mapping[str, Any]

KINDS: Mapping[str, str] = {
    "array": "list",
    "boolean": "true or false",
    "integer": "whole number",
    "null": "null",
    "number": "number",
    "object": "object",
    "string": "text",
}
"""Names of JSON types on the pages."""
LIMITS: Mapping[str, str] = {
    "format": "format {}",
    "pattern": "matches {}",
    "minimum": "at least {}",
    "maximum": "at most {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} items",
    "maxItems": "at most {} items",
}
"""Texts of the constraints of a schema."""
DEFAULT_EXAMPLES: Mapping[str, Json] = {
    "boolean": True,
    "integer": 0,
    "null": None,
    "number": 0,
    "string": "…",
}
"""Examples by JSON type, for schemas without an example."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A type of a value; `shape` is the name of a schema that is described elsewhere on the page."""

    text: str
    shape: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Fields of one object with the same schema; without a name, a heading of the rows below."""

    names: tuple[str, ...]
    depth: int
    kinds: tuple[Kind, ...] = ()
    required: bool = False
    values: tuple[Json, ...] = ()
    examples: tuple[Json, ...] = ()
    limits: tuple[str, ...] = ()
    meaning: str = ""


def name_of(reference: str) -> str:
    """Return the last part of a `$ref`."""
    return reference.rpartition("/")[2]


def resolved(schema: Schema, document: Schema) -> Schema:
    """Return the target of a `$ref` in the document; other schemas unchanged."""
    if "$ref" not in schema:
        return schema
    found: Schema = document
    for part in schema["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return found


def options_of(schema: Schema) -> tuple[Schema, ...]:
    """Return the alternatives of a schema; the schema itself if it has none."""
    return tuple(schema.get("anyOf") or schema.get("oneOf") or (schema,))


def type_of(schema: Schema) -> str:
    """Return the JSON type of a schema, also if it only lists values."""
    if "type" in schema:
        return str(schema["type"])
    values = values_of(schema)
    if values and all(isinstance(value, str) for value in values):
        return "string"
    return "object" if "properties" in schema else "value"


def kinds_of(schema: Schema) -> tuple[Kind, ...]:
    """Return the types of a schema."""
    found: dict[Kind, None] = {}
    for option in options_of(schema):
        if "$ref" in option:
            shape = name_of(option["$ref"])
            found[Kind(text=shape, shape=shape)] = None
        elif "items" in option:
            inner = kinds_of(option["items"])
            found |= {Kind(text=f"list of {kind.text}s", shape=kind.shape): None for kind in inner}
        else:
            kind = type_of(option)
            found[Kind(text=KINDS.get(kind, kind))] = None
    return tuple(found)


def values_of(schema: Schema) -> tuple[Json, ...]:
    """Return the values that a schema lists; empty if it lists none."""
    return (schema["const"],) if "const" in schema else tuple(schema.get("enum", ()))


def row_of(names: Sequence[str], schema: Schema, *, depth: int, required: bool) -> Row:
    """Return the row of fields with this schema."""
    options = [option for option in options_of(schema) if "$ref" not in option]
    texts = [schema.get("description"), *(o.get("description") for o in options if o is not schema)]
    return Row(
        names=tuple(names),
        depth=depth,
        kinds=kinds_of(schema),
        required=required,
        values=tuple(value for option in options for value in values_of(option)),
        # With a list of all values, an example is redundant.
        examples=tuple(
            example for option in options if not values_of(option) for example in option.get("examples", ())
        ),
        limits=tuple(
            text.format(option[name]) for option in options for name, text in LIMITS.items() if name in option
        ),
        meaning=" ".join(text for text in texts if text),
    )


def rows_of(schema: Schema, *, depth: int = 0) -> Iterator[Row]:
    """Return the rows of the fields in a schema; a `$ref` is not followed."""
    options = [option for option in options_of(schema) if "properties" in option or "items" in option]
    for option in options:
        if len(options) > 1:
            yield Row(names=(), depth=depth, meaning=str(option.get("title", "Or")))
        if "items" in option:
            yield from rows_of(option["items"], depth=depth)
            continue
        needed = option.get("required", ())
        fields = [(inner, name in needed, name) for name, inner in option["properties"].items()]
        for (inner, required), alike in groupby(fields, itemgetter(0, 1)):
            yield row_of([name for _, _, name in alike], inner, depth=depth, required=required)
            yield from rows_of(inner, depth=depth + 1)


def example_of(schema: Schema, document: Schema) -> Json:
    """Return a valid value of a schema: its first example, or else its first possible value."""
    schema = resolved(schema, document)
    if schema.get("examples"):
        return schema["examples"][0]
    values = values_of(schema)
    if values:
        return values[0]
    first = options_of(schema)[0]
    if first is not schema:
        return example_of(first, document)
    match type_of(schema):
        case "array":
            return [example_of(schema["items"], document)] if "items" in schema else []
        case "object":
            return {name: example_of(it, document) for name, it in schema.get("properties", {}).items()}
        case kind:
            return DEFAULT_EXAMPLES.get(kind)
