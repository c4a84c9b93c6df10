"""What a response to a remote write means."""

import pytest

from volvo_exporter.prometheus.remote_write.delivery import (
    Delivered,
    Postponed,
    Rejected,
    read_response,
    wait,
)


@pytest.mark.parametrize("status", [200, 204])
def test_a_success_is_delivered(status):
    assert read_response(status, {}, failures=0) == Delivered()


@pytest.mark.parametrize("status", [400, 404, 413, 422])
def test_a_request_that_the_receiver_cannot_take_is_not_sent_again(status):
    assert read_response(status, {}, failures=0) == Rejected(reason=f"HTTP status {status}")


@pytest.mark.parametrize("status", [401, 403, 429, 500, 502, 503])
def test_other_failures_are_sent_again(status):
    assert read_response(status, {}, failures=0) == Postponed(reason=f"HTTP status {status}", seconds=5)


def test_the_wait_doubles_up_to_five_minutes():
    assert [wait(failures) for failures in range(8)] == [5, 10, 20, 40, 80, 160, 300, 300]
    assert wait(10**6) == 300


@pytest.mark.parametrize(
    ("demanded", "seconds"), [("60", 60), ("1", 5), ("86400", 300), ("soon", 5), ("9" * 400, 300)]
)
def test_the_receiver_may_demand_a_longer_wait_within_the_bounds(demanded, seconds):
    assert read_response(429, {"retry-after": demanded}, failures=0).seconds == seconds
