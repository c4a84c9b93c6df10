"""Metrics of the exporter itself: requests, logins, quota, unrecognized values.

Counters and histograms have their own registry; other values are collected at each scrape.
"""

import platform
from collections.abc import Callable, Iterable, Iterator

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder

from volvo_exporter.catalogue import families
from volvo_exporter.catalogue.model import Family
from volvo_exporter.polling.status import AccountStatus
from volvo_exporter.vehicles.reading import Unmapped

# Volvo usually answers in 0.1 to 2 s; the client has a timeout of 30 s.
DURATION_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Telemetry:
    """The exporter's own metrics.

    Args:
        version: The exporter's version.
        accounts: Returns the status of every account; called at each scrape.
    """

    def __init__(self, *, version: str, accounts: Callable[[], Iterable[AccountStatus]] = tuple) -> None:
        self._registry = CollectorRegistry()
        self._accounts = accounts
        self._requests = self._counter(families.HTTP_REQUESTS)
        self._durations = Histogram(
            families.HTTP_DURATION.name,
            families.HTTP_DURATION.help,
            families.HTTP_DURATION.labels,
            registry=self._registry,
            buckets=DURATION_BUCKETS,
        )
        self._refreshes = self._counter(families.TOKEN_REFRESHES)
        self._unmapped = self._counter(families.UNMAPPED_VALUES)
        self._dropped = self._counter(families.DROPPED_UPDATES)
        build = Gauge(
            families.BUILD_INFO.name,
            families.BUILD_INFO.help,
            families.BUILD_INFO.labels,
            registry=self._registry,
        )
        build.labels(version=version, python_version=platform.python_version()).set(1)

    def count_request(self, method: str, endpoint: str, status_code: str, seconds: float) -> None:
        """Count a request by path template; `seconds` is its duration."""
        self._requests.labels(method, endpoint, status_code).inc()
        self._durations.labels(method, endpoint, status_code).observe(seconds)

    def count_refresh(self, account: str, outcome: str) -> None:
        """Count a refresh of an access token."""
        self._refreshes.labels(account, outcome).inc()

    def count_unmapped(self, unmapped: Unmapped) -> None:
        """Count a value that was not recognized."""
        self._unmapped.labels(unmapped.resource, unmapped.field, unmapped.reason.value).inc()

    def count_dropped_update(self, output: str) -> None:
        """Count an update that was dropped because the output was too slow."""
        self._dropped.labels(output).inc()

    def encode(self, accept: str) -> tuple[bytes, str]:
        """Return the exposition in the format that the `Accept` header prefers, and its content type."""
        try:
            encoder, content_type = choose_encoder(accept)
        except TypeError:  # an invalid version
            encoder, content_type = choose_encoder("")
        return encoder(self), content_type

    def collect(self) -> Iterator[Metric]:
        """Return all metrics without the `_created` series."""
        for metric in self._registry.collect():
            metric.samples = [sample for sample in metric.samples if not sample.name.endswith("_created")]
            if metric.samples:
                yield metric
        yield from _account_families(list(self._accounts()))

    def _counter(self, family: Family) -> Counter:
        return Counter(family.name, family.help, family.labels, registry=self._registry)


ACCOUNT_FAMILIES: tuple[tuple[Family, Callable[[AccountStatus], float | None]], ...] = (
    (families.QUOTA_LIMIT, lambda status: status.quota.limit),
    (families.QUOTA_USED, lambda status: status.quota.used),
    (families.QUOTA_REMAINING, lambda status: status.quota.remaining),
    (families.QUOTA_RESET, lambda status: status.quota.resets),
    (families.QUOTA_FORECAST, lambda status: status.quota.forecast),
    (families.LOGIN_REQUIRED, lambda status: float(status.login.required)),
    (families.TOKEN_EXPIRY, lambda status: status.login.token_expiry),
    (families.GRANT_EXPIRY, lambda status: status.login.grant_expiry),
)


def _account_families(accounts: list[AccountStatus]) -> Iterator[Metric]:
    for family, value_of in ACCOUNT_FAMILIES:
        metric = GaugeMetricFamily(family.name, family.help, labels=family.labels)
        for status in accounts:
            value = value_of(status)
            if value is not None:
                metric.add_metric([status.account], value)
        if metric.samples:
            yield metric
    lag = max((status.lag for status in accounts), default=0.0)
    yield GaugeMetricFamily(families.SCHEDULER_LAG.name, families.SCHEDULER_LAG.help, value=lag)
