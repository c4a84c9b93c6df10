"""The vehicles' part of `/metrics`, rendered when something changes and joined when Prometheus scrapes."""

from collections.abc import Collection, Iterable, Iterator

from volvo_exporter import catalogue
from volvo_exporter.catalogue import families
from volvo_exporter.prometheus.exposition import parts, render_header, render_labels, render_samples
from volvo_exporter.vehicles.garage import Garage, TrackedVehicle
from volvo_exporter.vehicles.samples import Sample, expand, state_set, timestamp
from volvo_exporter.vehicles.updates import Subscription, Update

POLL_FAMILIES = tuple(
    family.name
    for family in (
        families.ACTIVITY,
        families.RESOURCE_UP,
        families.RESOURCE_LAST_SUCCESS,
        families.RESOURCE_INTERVAL,
    )
)
"""Families that change with every request."""
VALUE_FAMILIES = frozenset(
    family.name
    for family in catalogue.VEHICLE_FAMILIES
    if family.name not in POLL_FAMILIES and family is not families.VEHICLE_INFO
)
ORDER = {resource.name: number for number, resource in enumerate(catalogue.RESOURCES)}


class VehicleMetrics:
    """Renders the vehicles for Prometheus.

    Args:
        garage: The vehicles.
        labels: The attributes that every series carries, in this order.
    """

    name = "prometheus"

    def __init__(self, garage: Garage, *, labels: tuple[str, ...] = catalogue.DEFAULT_VEHICLE_LABELS) -> None:
        self._garage = garage
        self._labels = labels
        self._headers = {family.name: render_header(family) for family in catalogue.VEHICLE_FAMILIES}
        self._lines: dict[str, dict[str, bytes]] = {name: {} for name in self._headers}
        self._attributes: dict[str, str] = {}
        """The rendered labels of each vehicle."""

    async def run(self, updates: Subscription) -> None:
        """Render each update until cancelled; render everything after lost updates."""
        dropped = 0
        async for update in updates:
            self.take(update)
            if updates.dropped != dropped:
                dropped = updates.dropped
                self.render_all()

    def take(self, update: Update) -> None:
        """Render the families that an update changed."""
        if update.vin not in self._garage:
            self._forget(update.vin)
            return
        is_described = update.vin in self._lines[families.VEHICLE_INFO.name]
        becomes_known = is_described != self._garage[update.vin].vehicle.is_known
        if update.change.attributes or becomes_known or update.vin not in self._attributes:
            self._render(update.vin)
            return
        readings = (*update.change.changed, *update.change.lost)
        names = {reading.field.family.name for reading in readings}
        if names:
            self._render_values(update.vin, {*names, families.FIELD_TIMESTAMP.name})
        self._render_polls(update.vin)

    def render_all(self) -> None:
        """Render every vehicle."""
        for vin in self._attributes.keys() - set(self._garage.vins):
            self._forget(vin)
        for vin in self._garage.vins:
            self._render(vin)

    def parts(self) -> list[bytes]:
        """Return the vehicles' part of `/metrics` as a list of pieces."""
        return parts(self._headers, self._lines)

    def exposition(self) -> bytes:
        """Return the vehicles' part of `/metrics`."""
        return b"".join(self.parts())

    def _forget(self, vin: str) -> None:
        self._attributes.pop(vin, None)
        for of_vehicles in self._lines.values():
            of_vehicles.pop(vin, None)

    def _render(self, vin: str) -> None:
        """Render every line of a vehicle."""
        known = self._garage.attributes(vin)
        self._attributes[vin] = render_labels(tuple((label, known[label]) for label in self._labels))
        self._render_values(vin, VALUE_FAMILIES)
        self._render_polls(vin)
        info = self._lines[families.VEHICLE_INFO.name]
        if self._garage[vin].vehicle.is_known:
            every = Sample(family=families.VEHICLE_INFO, value=1.0)
            info[vin] = render_samples(render_labels(tuple(known.items())), [every])
        else:
            info.pop(vin, None)

    def _render_values(self, vin: str, names: Collection[str]) -> None:
        self._replace(vin, names, self._samples(vin, names))

    def _samples(self, vin: str, names: Collection[str]) -> Iterator[Sample]:
        vehicle = self._garage[vin].vehicle
        for reading in vehicle.readings:
            if reading.field.family.name in names:
                yield from expand(reading)
        if families.FIELD_TIMESTAMP.name in names:
            for reading in vehicle.all_readings:
                yield from timestamp(reading)

    def _render_polls(self, vin: str) -> None:
        self._replace(vin, POLL_FAMILIES, _poll_samples(self._garage[vin]))

    def _replace(self, vin: str, names: Collection[str], samples: Iterable[Sample]) -> None:
        """Replace the rendered lines of these families."""
        grouped: dict[str, list[Sample]] = {}
        for sample in samples:
            grouped.setdefault(sample.family.name, []).append(sample)
        for name in names:
            if of_family := grouped.get(name):
                self._lines[name][vin] = render_samples(self._attributes[vin], of_family)
            else:
                self._lines[name].pop(vin, None)


def _poll_samples(tracked: TrackedVehicle) -> Iterator[Sample]:
    """Return the activity of a vehicle, and the results of the requests for each of its resources."""
    if tracked.state.activity.value in families.ACTIVITY.states:
        yield from state_set(families.ACTIVITY, tracked.state.activity.value)
    polls = tracked.vehicle.polls
    for resource in sorted(polls, key=ORDER.__getitem__):
        poll, labels = polls[resource], (("resource", resource),)
        yield Sample(family=families.RESOURCE_UP, labels=labels, value=float(poll.up))
        if interval := tracked.intervals.get(resource):
            yield Sample(family=families.RESOURCE_INTERVAL, labels=labels, value=interval)
        if poll.last_success is not None:
            yield Sample(family=families.RESOURCE_LAST_SUCCESS, labels=labels, value=poll.last_success)
