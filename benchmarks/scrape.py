"""A scrape of 1 and of 1,000 cars, 150 series each, against prometheus-client over the same samples."""

import gc
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import assert_never

from prometheus_client import generate_latest
from prometheus_client.core import GaugeMetricFamily

from volvo_exporter import catalogue
from volvo_exporter.catalogue import RESOURCES
from volvo_exporter.catalogue.connected_vehicle import DETAILS
from volvo_exporter.catalogue.model import (
    Boolean,
    Field,
    Flag,
    Number,
    NumberWithUnit,
    ObjectList,
    Resource,
    States,
)
from volvo_exporter.prometheus.metrics import VehicleMetrics
from volvo_exporter.vehicles.garage import Garage
from volvo_exporter.vehicles.reading import Answer, Reading, Value
from volvo_exporter.vehicles.samples import Sample, expand, expand_all

SERIES = 150
ATTRIBUTES = {
    "model": "XC60",
    "model_year": "2022",
    "fuel_type": "PETROL/ELECTRIC",
    "gearbox": "AUTOMATIC",
    "battery_capacity_kwh": "18.819",
}


def make_readings(number: int) -> dict[Resource, list[Reading]]:
    """Return readings of the first 149 series that a car can have; numbers differ from car to car."""
    readings: dict[Resource, list[Reading]] = {}
    left = SERIES - 1  # volvo_vehicle_info is the last of them
    seen = set()
    for resource in RESOURCES:
        for field in resource.fields:
            value = example_value(field, number + left / 7)
            reading = Reading(resource=resource, field=field, value=value, measured=None, received=0.0)
            count = len(list(expand(reading)))
            if count <= left and field.series not in seen and not isinstance(field.kind, NumberWithUnit):
                readings.setdefault(resource, []).append(reading)
                seen.add(field.series)
                left -= count
    assert left == 0, f"{left} series are missing"
    return readings


def example_value(field: Field, number: float) -> Value:
    """Return a value that the field can have."""
    match field.kind:
        case Number() | NumberWithUnit():
            return number
        case Flag() | Boolean():
            return True
        case States(states=states):
            return states[0]
        case ObjectList(values=values):
            return values
        case _:
            assert_never(field.kind)


class Library:
    """A collector of prometheus-client with the same samples."""

    def __init__(self, garage: Garage, cars: int) -> None:
        self._names = catalogue.DEFAULT_VEHICLE_LABELS
        self._families: dict[str, GaugeMetricFamily] = {}
        for number in range(cars):
            for sample in samples_of(garage, number):
                names = [*self._names, *(name for name, _ in sample.labels)]
                name = sample.family.name
                if name not in self._families:
                    self._families[name] = GaugeMetricFamily(name, sample.family.help, labels=names)
                values = [vin_of(number), *ATTRIBUTES.values(), *(value for _, value in sample.labels)]
                self._families[name].add_metric(values, sample.value)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the families, as generate_latest expects."""
        yield from self._families.values()


def vin_of(number: int) -> str:
    """Return a made-up VIN."""
    return f"YV1BENCH000{number:06}"


def make_garage(cars: int) -> Garage:
    """Return a garage with `cars` cars."""
    garage = Garage()
    for number in range(cars):
        vin = vin_of(number)
        garage.add(vin, account="bench")
        garage.take(vin, DETAILS, Answer(attributes=ATTRIBUTES))
        for resource, readings in make_readings(number).items():
            attributes = ATTRIBUTES if resource is DETAILS else {}
            garage.take(vin, resource, Answer(readings=tuple(readings), attributes=attributes))
    return garage


def samples_of(garage: Garage, number: int) -> Iterator[Sample]:
    """Return the samples of a car."""
    return expand_all(garage[vin_of(number)].vehicle)


def fastest(function: Callable[[], bytes], repeat: int) -> tuple[float, int]:
    """Return the seconds of the fastest run, and the number of bytes."""
    times, size = [], 0
    for _ in range(repeat):
        began = time.perf_counter()
        size = len(function())
        times.append(time.perf_counter() - began)
    return min(times), size


def main() -> None:
    """Print the figures."""
    gc.disable()
    for cars, repeat in ((1, 2000), (1000, 5)):
        garage = make_garage(cars)
        metrics = VehicleMetrics(garage)
        metrics.render_all()
        ours, size = fastest(metrics.exposition, repeat * 2)
        theirs, _ = fastest(partial(generate_latest, Library(garage, cars)), repeat)
        print(f"scrape of {cars} cars with {SERIES} series each ({size / 1e6:.2f} MB)")
        print(f"  exporter              {ours * 1000:10.4f} ms")
        print(f"  generate_latest       {theirs * 1000:10.4f} ms")
        print(f"  ratio                 {ours / theirs:10.4f}  ({theirs / ours:.0f} times as fast)")


if __name__ == "__main__":
    main()
