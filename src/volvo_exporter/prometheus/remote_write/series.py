"""Series of an exposition: their labels and values, and the end of those that are no longer there."""

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence

from prometheus_client.parser import text_string_to_metric_families

Labels = tuple[tuple[str, str], ...]
"""Names and values of labels, `__name__` included, sorted by name as remote write requires."""

STALE: float = struct.unpack("<d", (0x7FF0000000000002).to_bytes(8, "little"))[0]
"""Ends a series: the NaN of Prometheus (https://prometheus.io/docs/specs/prw/remote_write_spec/#stale-markers)."""


class SeriesReader:
    """Reads the series of an exposition, part by part.

    A part that did not change since the last call is not read again: rendered lines are the same object
    until a value changes, so that 1,000 vehicles cost a look-up for each part.

    Args:
        labels: Labels of every series, e.g. `job`; a label of the series itself has precedence.
    """

    def __init__(self, labels: Mapping[str, str]) -> None:
        self._labels = dict(labels)
        self._known: dict[bytes, dict[Labels, float]] = {}
        self._sent: set[Labels] = set()

    def read(self, parts: Iterable[bytes]) -> dict[Labels, float]:
        """Return all series with their values; one that has disappeared since the last call is STALE."""
        self._known = {part: self._known.get(part) or self._parse(part) for part in parts}
        found = {labels: value for series in self._known.values() for labels, value in series.items()}
        ended = self._sent - found.keys()
        self._sent = set(found)
        return found | dict.fromkeys(ended, STALE)

    def _parse(self, part: bytes) -> dict[Labels, float]:
        families = text_string_to_metric_families(part.decode())
        return {
            self._labelled(sample.name, sample.labels): sample.value
            for family in families
            for sample in family.samples
        }

    def _labelled(self, name: str, labels: Mapping[str, str]) -> Labels:
        """Return all labels of a series; an empty label is none, and remote write forbids it."""
        every = {**self._labels, **labels, "__name__": name}
        return tuple(sorted((label, value) for label, value in every.items() if value))


def batches(series: Mapping[Labels, float], size: int) -> Iterator[Sequence[tuple[Labels, float]]]:
    """Yield the series in batches of at most `size`."""
    items = list(series.items())
    for start in range(0, len(items), size):
        yield items[start : start + size]
