import json
import re
from pathlib import Path

import pytest

DOCUMENTS = sorted((Path(__file__).parents[2] / "open-api").glob("*.json"))
PARTS = ("parameters", "schemas", "responses")


def objects_in(value):
    """Every object of a document, itself included."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from objects_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from objects_in(inner)


def test_each_api_has_a_document():
    titles = [json.loads(file.read_text("utf-8"))["info"]["title"] for file in DOCUMENTS]
    assert titles == ["Connected Vehicle v2", "Energy v2", "Extended Vehicle v1", "Location v1"]


@pytest.mark.parametrize("file", DOCUMENTS, ids=lambda file: file.stem)
class TestDocument:
    @pytest.fixture
    def document(self, file):
        return json.loads(file.read_text("utf-8"))

    def test_an_openapi_document_begins_with_how_it_is_generated(self, document):
        assert next(iter(document)) == "x-generated"
        assert "python -m tools.openapi" in document["x-generated"]

    def test_shared_parts_are_referenced_and_every_referenced_part_exists(self, document):
        named = {f"#/components/{kind}/{name}" for kind in PARTS for name in document["components"][kind]}
        assert {it["$ref"] for it in objects_in(document) if "$ref" in it} == named

    def test_an_openapi_document_describes_responses_and_not_metrics(self, document):
        said = [it["description"] for it in objects_in(document) if isinstance(it.get("description"), str)]
        assert not [words for words in said if re.search(r"^1 (while|where)\b|\bis 1\b|\b0 to 1\b", words)]

    def test_every_operation_requires_the_login_and_the_key(self, document):
        schemes = document["components"]["securitySchemes"]
        scopes = schemes["volvoId"]["flows"]["authorizationCode"]["scopes"]
        for path in document["paths"].values():
            (needed,) = path["get"]["security"]
            assert set(needed) == set(schemes)
            assert "openid" in needed["volvoId"]
            assert set(needed["volvoId"]) <= set(scopes)
