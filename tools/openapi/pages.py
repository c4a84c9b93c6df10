"""HTML pages of the OpenAPI documents."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tools.openapi.fields import Row, Schema, example_of, resolved, row_of, rows_of

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Fields with an example in JSON."""

    title: str
    rows: tuple[Row, ...]
    example: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """The body of a response in one media type."""

    media: str
    whole: Row
    """The body as a whole."""
    table: Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A response with its status."""

    status: str
    shared: bool
    """True if several operations have the response; it is described once, below them."""
    description: str
    headers: tuple[Row, ...]
    bodies: tuple[Body, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """An operation of the API."""

    id: str
    method: str
    path: str
    summary: str
    description: str
    parameters: tuple[tuple[str, Row], ...]
    """Each with its location: path, query or header."""
    scopes: tuple[str, ...]
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A named schema."""

    name: str
    whole: Row
    table: Table


def dumped(value: Any) -> str:
    """Return JSON with indentation."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def table(title: str, schema: Schema, document: Schema) -> Table:
    """Return the fields of a schema with an example; a schema without fields has no example."""
    rows = tuple(rows_of(schema))
    return Table(title=title, rows=rows, example=dumped(example_of(schema, document)) if rows else "")


def answer(status: str, response: Schema, document: Schema, *, title: str) -> Answer:
    """Return a response, of one operation or shared by several."""
    it = resolved(response, document)
    return Answer(
        status=status,
        shared="$ref" in response,
        description=it["description"],
        headers=tuple(
            row_of(
                [name],
                {**header["schema"], "description": header.get("description", "")},
                depth=0,
                required=header.get("required", False),
            )
            for name, header in it.get("headers", {}).items()
        ),
        bodies=tuple(
            Body(
                media=media,
                whole=row_of([media], content["schema"], depth=0, required=False),
                table=table(f"{title} {status}", content["schema"], document),
            )
            for media, content in it.get("content", {}).items()
        ),
    )


def parameter(reference: Schema, document: Schema) -> tuple[str, Row]:
    """Return the location of a parameter and its row; its own description precedes that of its schema."""
    it = resolved(reference, document)
    description = it.get("description") or it["schema"].get("description", "")
    row = row_of(
        [it["name"]],
        {**it["schema"], "description": description},
        depth=0,
        required=it.get("required", False),
    )
    return it["in"], row


def operations(document: Schema) -> Iterator[Operation]:
    """Return all operations, in the order of the document."""
    for path, methods in document["paths"].items():
        for method in METHODS:
            if method not in methods:
                continue
            it = methods[method]
            yield Operation(
                id=it["operationId"],
                method=method.upper(),
                path=path,
                summary=it["summary"],
                description=it.get("description", ""),
                parameters=tuple(parameter(each, document) for each in it.get("parameters", ())),
                scopes=tuple(
                    scope for need in it.get("security", ()) for scopes in need.values() for scope in scopes
                ),
                answers=tuple(
                    answer(status, response, document, title=it["summary"])
                    for status, response in it["responses"].items()
                ),
            )


def shapes(document: Schema) -> Iterator[Shape]:
    """Return the named schemas."""
    for name, schema in document["components"].get("schemas", {}).items():
        whole = row_of([name], schema, depth=0, required=False)
        yield Shape(name=name, whole=whole, table=table(name, schema, document))


def page_of(file: str) -> str:
    """Return the file name of the page of a document."""
    return str(Path(file).with_suffix(".html"))


def render(document: Schema, *, file: str, titles: Mapping[str, str]) -> str:
    """Return the page of a document as HTML; `titles` are the titles of all documents by file name."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    parts = document["components"]
    return environment.get_template("page.html").render(
        document=document,
        file=file,
        pages={page_of(name): title for name, title in titles.items()},
        current=page_of(file),
        operations=tuple(operations(document)),
        shared=tuple(
            answer(status, response, document, title="Status")
            for status, response in parts.get("responses", {}).items()
        ),
        shapes=tuple(shapes(document)),
        security=parts.get("securitySchemes", {}),
    )
