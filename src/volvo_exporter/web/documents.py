"""The JSON pages: the same facts as `/metrics` and the page, described in docs/api.md."""

from collections.abc import Iterable, Mapping

from volvo_exporter.log import Line
from volvo_exporter.metrics.freshness import last_report
from volvo_exporter.metrics.store import Store
from volvo_exporter.web.cards import Values, warnings_of

Json = Mapping[str, object]


def vehicles_document(store: Store) -> Json:
    """What is known of every car."""
    return {"vehicles": [_vehicle(store, vin) for vin in store.vins]}


def status_document(accounts: Iterable[Json], *, version: str, lines: Iterable[Line], now: float) -> Json:
    """How the exporter does: logins, quotas, plans, and the last warnings of the log."""
    log = [{"at": line.at, "level": line.level, "message": line.text} for line in lines]
    return {"version": version, "now": now, "accounts": list(accounts), "log": log}


def _vehicle(store: Store, vin: str) -> Json:
    samples = store.samples(vin)
    values, activity = Values(samples), store.activity(vin)
    return {
        "attributes": dict(store.attributes(vin)),
        "activity": activity or None,
        "last_word": last_report(samples),
        "warnings": list(warnings_of(values, activity)),
        "readings": [
            {"metric": sample.family.name, "labels": dict(sample.labels), "value": sample.value}
            for sample in samples
        ],
        "last_day": {
            family.name: [[point.at, point.value] for point in points]
            for family, points in store.trace(vin).items()
        },
        "resources": {
            name: {"up": poll.up, "last_success": poll.last_success}
            for name, poll in store.polls(vin).items()
        },
    }
