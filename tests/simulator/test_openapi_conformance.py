import json
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from volvo_exporter.simulator import API_KEY, CLASSIC_PHEV, EX40, FLEET, Era, Options, World, create_app

pytestmark = pytest.mark.slow

DOCUMENTS = sorted((Path(__file__).parents[2] / "open-api").glob("*.json"))
HOURS = st.floats(min_value=0, max_value=24 * 14)
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


def paths():
    return [
        pytest.param(document, path, id=f"{document.stem.partition('-')[0]}{path}")
        for document in DOCUMENTS
        for path in json.loads(document.read_text())["paths"]
    ]


def operation_of(document, path, app):
    schema = schemathesis.openapi.from_dict(json.loads(document.read_text()))
    schema.app = app
    return schema[path]["GET"]


@pytest.mark.parametrize("era", Era)
@pytest.mark.parametrize(("document", "path"), paths())
def test_every_answer_conforms_to_the_openapi_document(document, path, era, wall):
    world = World(
        clock=wall,
        era=era,
        cars=(*FLEET, CLASSIC_PHEV, EX40),
        options=Options(extended_vehicle_available=True, requests_per_minute=100_000),
    )
    operation = operation_of(document, path, create_app(world))
    start = wall.now
    answered = set()

    @settings(
        max_examples=8,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(
        case=operation.as_strategy(),
        vin=st.sampled_from(list(world.cars)),
        hours=HOURS,
        item=st.sampled_from(["odometer", "fuelAmount"]),
    )
    def conforms(case, vin, hours, item):
        wall.now = start + hours * 3600
        token = world.authorize()["access_token"]
        for name, value in (("vin", vin), ("item", item)):
            if name in (case.path_parameters or {}):
                case.path_parameters[name] = value
        response = case.call(headers={"authorization": f"Bearer {token}", "vcc-api-key": API_KEY})
        answered.add(response.status_code)
        case.validate_response(response, checks=CHECKS)

    conforms()
    assert 200 in answered
