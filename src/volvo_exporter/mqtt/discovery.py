"""Renders the messages with which Home Assistant discovers devices and their entities. Pure.

Source: https://www.home-assistant.io/integrations/mqtt/#device-discovery-payload (device-based discovery).
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from volvo_exporter.catalogue.entities.model import Entity, Platform

ORIGIN = "volvo-vehicle-exporter"
SUPPORT_URL = "https://github.com/xaxeu/volvo-vehicle-exporter"


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A device of Home Assistant."""

    node: str
    """Identifies the device in topics and unique ids; does not change."""
    name: str
    manufacturer: str
    model: str = ""
    serial_number: str = ""
    sw_version: str = ""
    via_node: str = ""
    """The node of the device through which this one is reached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Topics:
    """The topics of a device."""

    config: str
    base: str
    """Prefix of the entities' topics."""

    def state(self, entity_id: str) -> str:
        """Return the topic of an entity."""
        return f"{self.base}/{entity_id}"


def identifier(node: str) -> str:
    """Return the identifier of a device; it begins the unique ids of its entities."""
    return f"volvo_{node}"


def render_config(
    device: Device,
    topics: Topics,
    entities: Iterable[Entity],
    *,
    removed: Iterable[Entity] = (),
    status_topic: str,
    version: str,
) -> str:
    """Return the discovery message of a device as JSON.

    Args:
        device: The device.
        topics: Its topics.
        entities: The entities that it has.
        removed: Entities that it had: Home Assistant removes a component that has a platform only.
        status_topic: The topic that is `online` while the exporter is connected.
        version: Of the exporter.
    """
    components = {entity.id: _component(device, topics, entity) for entity in entities}
    gone = {entity.id: {"platform": entity.platform.value} for entity in removed}
    config = {
        "device": _device(device),
        "origin": {"name": ORIGIN, "sw_version": version, "support_url": SUPPORT_URL},
        "availability": [{"topic": status_topic}],
        "components": {**components, **gone},
    }
    return json.dumps(config, ensure_ascii=False)


def _device(device: Device) -> Mapping[str, object]:
    described = {
        "identifiers": [identifier(device.node)],
        "name": device.name,
        "manufacturer": device.manufacturer,
        "model": device.model,
        "serial_number": device.serial_number,
        "sw_version": device.sw_version,
        "via_device": identifier(device.via_node) if device.via_node else "",
    }
    return {key: value for key, value in described.items() if value}


def _component(device: Device, topics: Topics, entity: Entity) -> Mapping[str, object]:
    is_tracker = entity.platform is Platform.DEVICE_TRACKER
    described: Mapping[str, object] = {
        "platform": entity.platform.value,
        "unique_id": f"{identifier(device.node)}_{entity.id}",
        "name": entity.name,
        "json_attributes_topic" if is_tracker else "state_topic": topics.state(entity.id),
        "source_type": "gps" if is_tracker else "",
        "device_class": entity.device_class,
        "state_class": entity.state_class,
        "unit_of_measurement": entity.unit.symbol if entity.unit else "",
        "options": list(entity.options),
        "icon": entity.icon,
        "entity_category": "diagnostic" if entity.diagnostic else "",
        "suggested_display_precision": entity.precision,
    }
    return {key: value for key, value in described.items() if value not in ("", [], None)}
