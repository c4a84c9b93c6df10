"""Events as CSV for spreadsheets, and the track of a drive as GPX."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from volvo_exporter.web.journal.documents import Json, iso

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A text that begins like this is a formula for a spreadsheet."""
_GPX = "http://www.topografix.com/GPX/1/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackPoint:
    """Where the car was; degrees, and Unix seconds of the measurement."""

    at: float
    latitude: float
    longitude: float


def write_csv(documents: Sequence[Json]) -> str:
    """Return events as CSV (RFC 4180): a head line, and nested values as columns named `start_earliest`."""
    rows = [dict(_flatten(document)) for document in documents]
    # What is null in one event and an object in another has columns for the parts of the object only.
    objects = {name for document in documents for name in _objects(document)}
    columns = [name for name in dict.fromkeys(name for row in rows for name in row) if name not in objects]
    file = io.StringIO()
    writer = csv.DictWriter(file, columns, extrasaction="ignore", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


def write_gpx(name: str, points: Iterable[TrackPoint]) -> bytes:
    """Return a track as GPX 1.1."""
    ET.register_namespace("", _GPX)
    root = ET.Element(f"{{{_GPX}}}gpx", {"version": "1.1", "creator": "volvo-vehicle-exporter"})
    track = ET.SubElement(root, f"{{{_GPX}}}trk")
    ET.SubElement(track, f"{{{_GPX}}}name").text = name
    segment = ET.SubElement(track, f"{{{_GPX}}}trkseg")
    for point in points:
        position = {"lat": f"{point.latitude:.6f}", "lon": f"{point.longitude:.6f}"}
        element = ET.SubElement(segment, f"{{{_GPX}}}trkpt", position)
        ET.SubElement(element, f"{{{_GPX}}}time").text = iso(point.at)
    file = io.BytesIO()
    ET.ElementTree(root).write(file, encoding="utf-8", xml_declaration=True)
    return file.getvalue()


def _flatten(value: Mapping[str, object], prefix: str = "") -> Iterable[tuple[str, object]]:
    for key, item in value.items():
        name = f"{prefix}{key}"
        match item:
            case dict():
                yield from _flatten(item, f"{name}_")
            case list():
                texts = (entry if isinstance(entry, str) else str(len(item)) for entry in item)
                yield name, _plain(" ".join(dict.fromkeys(texts)))
            case str():
                yield name, _plain(item)
            case _:
                yield name, "" if item is None else item


def _objects(value: Mapping[str, object], prefix: str = "") -> Iterable[str]:
    """Return the column names of the values that are objects themselves."""
    for key, item in value.items():
        if isinstance(item, dict):
            yield f"{prefix}{key}"
            yield from _objects(item, f"{prefix}{key}_")


def _plain(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
