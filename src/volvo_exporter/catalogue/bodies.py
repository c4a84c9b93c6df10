"""Body types of Volvo's models, which no API reports. Data only, from Volvo's names of its model lines."""

from collections.abc import Mapping
from enum import StrEnum, unique
from types import MappingProxyType


@unique
class Body(StrEnum):
    """A body type."""

    SUV = "suv"
    COMPACT_SUV = "compact_suv"
    ESTATE = "estate"
    SALOON = "saloon"


MODELS: Mapping[Body, str] = MappingProxyType(
    {
        Body.SUV: "XC60 XC70 XC90 EX60 EX90 EM90",
        Body.COMPACT_SUV: "XC40 C40 EX30 EX40 EC40",
        Body.ESTATE: "V40 V50 V60 V70 V90",
        Body.SALOON: "S40 S60 S80 S90 ES90",
    }
)
"""Models of each body type; a suffix (V60 Cross Country) does not matter."""
_BODIES = {model: body for body, models in MODELS.items() for model in models.split()}


def body_of(model: str) -> Body:
    """Return the body type of a model; an SUV, as most Volvos are, if the model is unknown."""
    return next((_BODIES[name] for name in model.upper().split() if name in _BODIES), Body.SUV)
