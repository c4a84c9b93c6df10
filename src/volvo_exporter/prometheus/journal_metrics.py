"""The journal's part of `/metrics`: rendered when an event has settled, joined when Prometheus scrapes."""

from collections.abc import Mapping
from dataclasses import replace

from volvo_exporter import catalogue
from volvo_exporter.catalogue import journal
from volvo_exporter.catalogue.model import Family, Key
from volvo_exporter.prometheus.exposition import parts, render_header, render_labels, render_samples
from volvo_exporter.vehicles.garage import Garage
from volvo_exporter.vehicles.samples import Sample
from volvo_exporter.vehicles.updates import Subscription, Update

_FAMILIES = {family.name: family for family in journal.FAMILIES}


class JournalMetrics:
    """Renders sums and latest events for Prometheus.

    Args:
        garage: The vehicles, for their attributes.
        labels: The attributes that every series carries, in this order.
    """

    name = "journal_metrics"

    def __init__(self, garage: Garage, *, labels: tuple[str, ...] = catalogue.DEFAULT_VEHICLE_LABELS) -> None:
        self._garage = garage
        self._labels = labels
        self._headers = {name: render_header(family) for name, family in _FAMILIES.items()}
        self._open_headers = {name: open_header(family) for name, family in _FAMILIES.items()}
        self._values: dict[str, Mapping[Key, float]] = {}
        self._lines: dict[str, dict[str, bytes]] = {name: {} for name in self._headers}
        self._attributes: dict[str, str] = {}

    async def run(self, updates: Subscription) -> None:
        """Render a vehicle when its attributes change, until cancelled."""
        async for update in updates:
            self.take_update(update)

    def take_update(self, update: Update) -> None:
        """Render a vehicle whose attributes changed; remove one that is gone."""
        known = self._attributes.get(update.vin)
        if update.vin not in self._garage:
            for of_vehicles in self._lines.values():
                of_vehicles.pop(update.vin, None)
            self._attributes.pop(update.vin, None)
        elif update.vin in self._values and (update.change.attributes or known is None):
            self._render(update.vin)

    def take(self, vin: str, values: Mapping[Key, float]) -> None:
        """Replace the values of a vehicle, by family and labels."""
        self._values[vin] = values
        self._render(vin)

    def values(self, vin: str) -> Mapping[Key, float]:
        """Return the sums and latest figures of a vehicle; empty where it has no events."""
        return self._values.get(vin, {})

    def parts(self, *, openmetrics: bool = False) -> list[bytes]:
        """Return the journal's part of `/metrics`, in the pieces of which it is made."""
        return parts(self._open_headers if openmetrics else self._headers, self._lines)

    def _render(self, vin: str) -> None:
        """Render a vehicle; one that no account has any more keeps its events, but has no series."""
        if vin not in self._garage:
            return
        known = self._garage.attributes(vin)
        self._attributes[vin] = render_labels(tuple((label, known[label]) for label in self._labels))
        for name, family in _FAMILIES.items():
            samples = [
                Sample(family=family, labels=labels, value=value)
                for (owner, labels), value in sorted(self._values[vin].items())
                if owner == name
            ]
            if samples:
                self._lines[name][vin] = render_samples(self._attributes[vin], samples)
            else:
                self._lines[name].pop(vin, None)


def open_header(family: Family) -> bytes:
    """Return HELP and TYPE for OpenMetrics, where a counter is named without `_total`."""
    return render_header(replace(family, name=family.name.removesuffix("_total")))
