"""A scrape of 1 and of 1,000 cars, 150 series each, against prometheus-client over the same samples."""

import gc
import time
from collections.abc import Callable, Iterator
from functools import partial

from prometheus_client import generate_latest
from prometheus_client.core import GaugeMetricFamily

from volvo_exporter import catalogue
from volvo_exporter.catalogue import RESOURCES
from volvo_exporter.catalogue.model import States
from volvo_exporter.metrics.readings import Readings, Sample
from volvo_exporter.metrics.store import Store

SERIES = 150
ATTRIBUTES = {
    "model": "XC60",
    "model_year": "2022",
    "fuel_type": "PETROL/ELECTRIC",
    "gearbox": "AUTOMATIC",
    "battery_capacity_kwh": "18.819",
}


def some_samples(number: int) -> list[Sample]:
    """The first 150 series that a car can have; the values differ from car to car."""
    samples: list[Sample] = []
    for resource in RESOURCES:
        for field in resource.fields:
            states = field.kind.states if isinstance(field.kind, States) else ("",)
            for state in states:
                labels = (*field.labels, ("state", state.lower())) if state else field.labels
                value = number + len(samples) / 7
                samples.append(Sample(family=field.family, labels=labels, value=value))
    distinct = {(sample.family.name, sample.labels): sample for sample in samples}
    return list(distinct.values())[: SERIES - 1]  # volvo_vehicle_info is the last of them


class Library:
    """The same samples as prometheus-client renders them."""

    def __init__(self, cars: int) -> None:
        self._names = catalogue.DEFAULT_VEHICLE_LABELS
        self._families: dict[str, GaugeMetricFamily] = {}
        for number in range(cars):
            for sample in some_samples(number):
                names = [*self._names, *(name for name, _ in sample.labels)]
                name = sample.family.name
                if name not in self._families:
                    self._families[name] = GaugeMetricFamily(name, sample.family.help, labels=names)
                values = [vin_of(number), *ATTRIBUTES.values(), *(value for _, value in sample.labels)]
                self._families[name].add_metric(values, sample.value)

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """What generate_latest asks for."""
        yield from self._families.values()


def vin_of(number: int) -> str:
    """A VIN of our own."""
    return f"YV1BENCH000{number:06}"


def a_store(cars: int) -> Store:
    """The product's store with the same samples."""
    store = Store()
    for number in range(cars):
        store.add(vin_of(number), account="bench")
        readings = Readings(samples=tuple(some_samples(number)), attributes=ATTRIBUTES)
        store.put(vin_of(number), "details", readings)
    return store


def best(function: Callable[[], bytes], repeat: int) -> tuple[float, int]:
    """The shortest of several runs in seconds, and the bytes."""
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
        ours, size = best(a_store(cars).exposition, repeat * 2)
        theirs, _ = best(partial(generate_latest, Library(cars)), repeat)
        print(f"scrape of {cars} cars with {SERIES} series each ({size / 1e6:.2f} MB)")
        print(f"  exporter              {ours * 1000:10.4f} ms")
        print(f"  generate_latest       {theirs * 1000:10.4f} ms")
        print(f"  ratio                 {ours / theirs:10.4f}  ({theirs / ours:.0f} times as fast)")


if __name__ == "__main__":
    main()
