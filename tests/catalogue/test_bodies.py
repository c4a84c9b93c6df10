import pytest

from volvo_exporter.catalogue.bodies import Body, body_of
from volvo_exporter.catalogue.capacities import CAPACITIES
from volvo_exporter.simulator import FLEET


@pytest.mark.parametrize(
    ("model", "body"),
    [
        ("XC90", Body.SUV),
        ("EX30", Body.COMPACT_SUV),
        ("xc40 Recharge", Body.COMPACT_SUV),
        ("V60 Cross Country", Body.ESTATE),
        ("S90", Body.SALOON),
        ("", Body.SUV),
        ("Amazon", Body.SUV),
    ],
)
def test_the_model_decides_the_body_type(model, body):
    assert body_of(model) is body


def test_models_of_the_capacities_and_of_the_simulator_have_a_body_type():
    known = {model for entry in CAPACITIES for model in entry.models} | {car.model for car in FLEET}

    assert {body_of(model) for model in known} == set(Body)
    assert {body_of(model) for model in known if model.startswith("V")} == {Body.ESTATE}
    assert {body_of(model) for model in known if model.startswith("S")} == {Body.SALOON}
