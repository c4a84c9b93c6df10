"""Catalogue of all resources, fields and metric families. Data only."""

from volvo_exporter.catalogue import (
    connected_vehicle,
    energy,
    extended_vehicle,
    families,
    location,
    weather,
)
from volvo_exporter.catalogue.model import Document, Family, Resource, Service

RESOURCES: tuple[Resource, ...] = (
    *connected_vehicle.RESOURCES,
    *energy.RESOURCES,
    *location.RESOURCES,
    *extended_vehicle.RESOURCES,
    *weather.RESOURCES,
)
"""All resources."""

DOCUMENTS: tuple[Document, ...] = (
    connected_vehicle.DOCUMENT,
    energy.DOCUMENT,
    extended_vehicle.DOCUMENT,
    location.DOCUMENT,
)
"""The OpenAPI documents in `open-api/`: one for each API of Volvo."""

OTHER_SERVICES = tuple(resource.name for resource in RESOURCES if resource.api.service is not Service.VOLVO)
"""Resources of other services; their timestamps are not those of the car."""

VEHICLE_FAMILIES: tuple[Family, ...] = (
    families.VEHICLE_INFO,
    *dict.fromkeys(field.family for resource in RESOURCES for field in resource.fields),
    families.ACTIVITY,
    families.FIELD_TIMESTAMP,
    families.RESOURCE_UP,
    families.RESOURCE_LAST_SUCCESS,
    families.RESOURCE_INTERVAL,
)
"""Families of a vehicle, in the order of the exposition."""

EXPORTER_FAMILIES = families.EXPORTER_FAMILIES
"""The families of the exporter itself."""

ATTRIBUTES: tuple[str, ...] = (
    "vin",
    "name",
    "account",
    *(attribute.label for resource in RESOURCES for attribute in resource.attributes),
)
"""All attributes that can be labels of a vehicle."""

DEFAULT_VEHICLE_LABELS: tuple[str, ...] = (
    "vin",
    "model",
    "model_year",
    "fuel_type",
    "gearbox",
    "battery_capacity_kwh",
)
"""Default of `vehicle_labels`: the attributes that are labels of every vehicle series."""


def scopes(resources: tuple[Resource, ...]) -> tuple[str, ...]:
    """Return the OAuth scopes that a login must request to read the resources; all are read-only."""
    return tuple(dict.fromkeys(("openid", *(scope for resource in resources for scope in resource.scopes))))
