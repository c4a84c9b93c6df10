"""Ask when a car last reported anything: the one place that knows which timestamps are the car's. Pure."""

from collections.abc import Iterable

from volvo_exporter import catalogue
from volvo_exporter.catalogue import families
from volvo_exporter.metrics.readings import Sample


def last_report(samples: Iterable[Sample]) -> float | None:
    """Return when the car last reported a value, in Unix time; None if unknown."""
    times = (
        sample.value
        for sample in samples
        if sample.family is families.FIELD_TIMESTAMP
        and dict(sample.labels)["resource"] not in catalogue.OTHER_SERVICES
    )
    return max(times, default=None)
