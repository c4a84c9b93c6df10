"""Entities of Home Assistant: their names, device classes, units and options.

Ids, names, device classes, units and options are those of Home Assistant's own `volvo` integration
(core 2026.11) wherever it has the entity, so that dashboards and automations fit both.
Imported only where `mqtt` is set.
"""

from collections.abc import Mapping
from types import MappingProxyType

from volvo_exporter.catalogue.entities.account import ACCOUNT
from volvo_exporter.catalogue.entities.events import JOURNAL
from volvo_exporter.catalogue.entities.model import Entity
from volvo_exporter.catalogue.entities.vehicle import (
    ACTIVITY,
    AVAILABILITY,
    LAST_REPORTED,
    LOCATION,
    READINGS,
)

VEHICLE: tuple[Entity, ...] = (*READINGS, AVAILABILITY, ACTIVITY, LAST_REPORTED, LOCATION, *JOURNAL)
"""All entities of a vehicle."""

BY_ID: Mapping[str, Entity] = MappingProxyType({entity.id: entity for entity in (*VEHICLE, *ACCOUNT)})
"""Every entity; no id is both of a vehicle and of an account."""

__all__ = ["ACCOUNT", "BY_ID", "VEHICLE"]
