"""Remembers the retained topics of each device, so that none is left behind after a restart.

A device that is renamed, disabled or removed while the exporter is not running is known from here only.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from volvo_exporter.mqtt.discovery import Topics
from volvo_exporter.polling.state_file import StateFile

SECTION = "mqtt"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedDevice:
    """The retained topics of a device."""

    topics: Topics
    entities: tuple[str, ...]
    """Ids of the entities, in the order in which they were announced."""

    def states(self) -> tuple[str, ...]:
        """Return the topics of the entities."""
        return tuple(self.topics.state(entity) for entity in self.entities)


class PublishedFile:
    """The retained topics in the state file."""

    def __init__(self, file: StateFile) -> None:
        self._file = file

    def read(self) -> tuple[Mapping[str, PublishedDevice], str, frozenset[str]]:
        """Return the devices by node, the topic of the status, and topics that may need to be cleared."""
        section = self._file.read(SECTION)
        status = section.get("status")
        devices = section.get("nodes")
        known = {
            node: device
            for node, values in (devices if isinstance(devices, dict) else {}).items()
            if (device := _decode(values))
        }
        clearing = section.get("clearing")
        topics = [topic for topic in clearing if isinstance(topic, str)] if isinstance(clearing, list) else ()
        return known, status if isinstance(status, str) else "", frozenset(topics)

    def write(
        self, devices: Mapping[str, PublishedDevice], status: str, clearing: Collection[str] = ()
    ) -> None:
        """Replace everything; a full disk loses only this."""
        nodes = {node: _encode(device) for node, device in devices.items()}
        stored = {"status": status, "nodes": nodes, "clearing": sorted(clearing)}
        self._file.update(SECTION, lambda _before: stored)


def _encode(device: PublishedDevice) -> Mapping[str, object]:
    return {"config": device.topics.config, "base": device.topics.base, "entities": list(device.entities)}


def _decode(values: Any) -> PublishedDevice | None:
    match values:
        case {"config": str() as config, "base": str() as base, "entities": list() as entities}:
            known = tuple(entity for entity in entities if isinstance(entity, str))
            return PublishedDevice(topics=Topics(config=config, base=base), entities=known)
    return None
