import platform

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from volvo_exporter import catalogue
from volvo_exporter.polling.status import AccountStatus, LoginStatus, QuotaStatus
from volvo_exporter.polling.stretch import Stretch
from volvo_exporter.prometheus.telemetry import Telemetry
from volvo_exporter.vehicles.reading import Reason, Unmapped


def facts(account="default", *, lag=0.5, **login):
    known = {"required": False, "token_expiry": 1790000299.0, "grant_expiry": 1805000000.0}
    return AccountStatus(
        account=account,
        login=LoginStatus(**{**known, **login}),
        quota=QuotaStatus(
            limit=10_000,
            used=120,
            remaining=9880,
            resets=1790035200.0,
            forecast=2500,
            stretch=Stretch(),
            requests_in_the_last_minute=3,
        ),
        waiting=None,
        last_success=None,
        lacks_vehicles=False,
        lag=lag,
    )


def exported(telemetry):
    """Every value by name and labels, these in the order of their names."""
    text = telemetry.encode("text/plain")[0].decode()
    return {
        (sample.name, *(sample.labels[label] for label in sorted(sample.labels))): sample.value
        for metric in parse_text(text)
        for sample in metric.samples
    }


def test_the_version_is_exported():
    assert (
        exported(Telemetry(version="1.2.3"))["volvo_exporter_build_info", platform.python_version(), "1.2.3"]
        == 1
    )


def test_requests_are_counted_and_timed():
    telemetry = Telemetry(version="1")
    endpoint = "/connected-vehicle/v2/vehicles/{vin}/doors"
    for seconds in (0.2, 0.7):
        telemetry.count_request("GET", endpoint, "200", seconds)
    telemetry.count_request("GET", endpoint, "error", 30)
    values = exported(telemetry)
    assert values["volvo_http_requests_total", endpoint, "GET", "200"] == 2
    assert values["volvo_http_requests_total", endpoint, "GET", "error"] == 1
    name = "volvo_http_request_duration_seconds"
    assert values[f"{name}_count", endpoint, "GET", "200"] == 2
    assert values[f"{name}_sum", endpoint, "GET", "200"] == pytest.approx(0.9)
    bounds = ("0.1", "0.25", "0.5", "1.0", "+Inf")
    counts = [values[f"{name}_bucket", endpoint, bound, "GET", "200"] for bound in bounds]
    assert counts == [0, 1, 1, 2, 2]


def test_token_refreshes_and_unmapped_values_are_counted():
    telemetry = Telemetry(version="1")
    telemetry.count_refresh("default", "ok")
    telemetry.count_refresh("default", "ok")
    telemetry.count_refresh("default", "failed")
    for value in ("FLY", "SWIM"):
        telemetry.count_unmapped(
            Unmapped(resource="commands", field="command", reason=Reason.VALUE, value=value)
        )
    values = exported(telemetry)
    assert values["volvo_exporter_token_refreshes_total", "default", "ok"] == 2
    assert values["volvo_exporter_token_refreshes_total", "default", "failed"] == 1
    assert values["volvo_exporter_unmapped_values_total", "command", "unknown_word", "commands"] == 2


def test_lost_updates_are_counted_by_output():
    telemetry = Telemetry(version="1")
    for output in ("page", "page", "prometheus"):
        telemetry.count_dropped_update(output)
    values = exported(telemetry)
    assert values["volvo_exporter_dropped_updates_total", "page"] == 2
    assert values["volvo_exporter_dropped_updates_total", "prometheus"] == 1


def test_accounts_are_read_at_each_scrape():
    known = [facts()]
    telemetry = Telemetry(version="1", accounts=lambda: known)
    values = exported(telemetry)
    assert {key[0]: value for key, value in values.items() if key[-1] == "default"} == {
        "volvo_exporter_quota_limit": 10_000,
        "volvo_exporter_quota_used": 120,
        "volvo_exporter_quota_remaining": 9880,
        "volvo_exporter_quota_reset_timestamp_seconds": 1790035200,
        "volvo_exporter_quota_forecast": 2500,
        "volvo_exporter_login_required": 0,
        "volvo_exporter_token_expiry_timestamp_seconds": 1790000299,
        "volvo_exporter_grant_expiry_timestamp_seconds": 1805000000,
    }
    known[:] = [facts(required=True, token_expiry=None, grant_expiry=None)]
    values = exported(telemetry)
    assert values["volvo_exporter_login_required", "default"] == 1
    assert not [key for key in values if "expiry" in key[0]]


def test_the_lag_is_that_of_the_most_overdue_account():
    telemetry = Telemetry(version="1", accounts=lambda: [facts("a", lag=2.0), facts("b", lag=7.0)])
    assert exported(telemetry)["volvo_exporter_scheduler_lag_seconds",] == 7
    assert exported(Telemetry(version="1"))["volvo_exporter_scheduler_lag_seconds",] == 0


@pytest.mark.parametrize("accept", ["text/plain", "application/openmetrics-text;version=1.0.0"])
def test_there_is_no_created_series(accept):
    telemetry = Telemetry(version="1", accounts=lambda: [facts()])
    telemetry.count_request("GET", "/vehicles", "200", 0.1)
    assert b"_created" not in telemetry.encode(accept)[0]


def test_every_family_of_the_exporter_has_its_name_and_labels():
    telemetry = Telemetry(version="1", accounts=lambda: [facts()])
    telemetry.count_request("GET", "/vehicles", "200", 0.1)
    telemetry.count_refresh("default", "ok")
    telemetry.count_unmapped(Unmapped(resource="doors", field="hood", reason=Reason.VALUE, value="X"))
    telemetry.count_dropped_update("page")
    metrics = list(
        parse_openmetrics(telemetry.encode("application/openmetrics-text;version=1.0.0")[0].decode())
    )
    found = {metric.name + "_total" * (metric.type == "counter"): metric for metric in metrics}
    assert found.keys() == {family.name for family in catalogue.EXPORTER_FAMILIES}
    for family in catalogue.EXPORTER_FAMILIES:
        metric = found[family.name]
        assert (metric.type, metric.documentation) == (family.kind, family.help)
        assert metric.samples[0].labels.keys() - {"le"} == set(family.labels)
