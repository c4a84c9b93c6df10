"""From an OpenAPI document, which says all that there is to say, to a page to read; used by `openapi.py`."""

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
    """Fields, and what they look like in JSON."""

    title: str
    rows: tuple[Row, ...]
    example: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What an answer contains in one of its media types."""

    media: str
    whole: Row
    """The body as a whole."""
    table: Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What comes back with a status."""

    status: str
    shared: bool
    """Whether other operations give the same one; it is then described once, below them."""
    description: str
    headers: tuple[Row, ...]
    bodies: tuple[Body, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What can be asked."""

    id: str
    method: str
    path: str
    summary: str
    description: str
    parameters: tuple[tuple[str, Row], ...]
    """Each with the place where it is written."""
    scopes: tuple[str, ...]
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A schema that has a name."""

    name: str
    whole: Row
    table: Table


def dumped(value: Any) -> str:
    """JSON to read."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def table(title: str, schema: Schema, document: Schema) -> Table:
    """The fields of a schema; one without fields has no example either, its row says it all."""
    rows = tuple(rows_of(schema))
    return Table(title=title, rows=rows, example=dumped(example_of(schema, document)) if rows else "")


def answer(status: str, response: Schema, document: Schema, *, whose: str) -> Answer:
    """What comes back with a status, to a question or to several."""
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
                table=table(f"{whose} {status}", content["schema"], document),
            )
            for media, content in it.get("content", {}).items()
        ),
    )


def parameter(reference: Schema, document: Schema) -> tuple[str, Row]:
    """Where a parameter is written, and what it is; its own description goes before that of its values."""
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
    """All that can be asked, in the document's order."""
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
                    answer(status, response, document, whose=it["summary"])
                    for status, response in it["responses"].items()
                ),
            )


def shapes(document: Schema) -> Iterator[Shape]:
    """The schemas with a name."""
    for name, schema in document["components"].get("schemas", {}).items():
        whole = row_of([name], schema, depth=0, required=False)
        yield Shape(name=name, whole=whole, table=table(name, schema, document))


def page_of(file: str) -> str:
    """The name of the page beside a document."""
    return str(Path(file).with_suffix(".html"))


def render(document: Schema, *, file: str, titles: Mapping[str, str]) -> str:
    """The page of the document in a file, with links to those of the others by file name and title."""
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
        here=page_of(file),
        operations=tuple(operations(document)),
        shared=tuple(
            answer(status, response, document, whose="Status")
            for status, response in parts.get("responses", {}).items()
        ),
        shapes=tuple(shapes(document)),
        security=parts.get("securitySchemes", {}),
    )
