import math

import pytest

from volvo_exporter.journal.library import Kind
from volvo_exporter.web.journal.queries import BadQuery, read_query

VIN = "YV1EXAMPLE0000001"
MONDAY = 1793577600.0  # 2026-11-02 00:00 UTC


def query(**parameters):
    named = {name.rstrip("_"): value for name, value in parameters.items()}
    return read_query(Kind.DRIVE, named, vins=[VIN], shown=lambda vin: f"…{vin[-4:]}")


def test_without_parameters_every_event_of_every_vehicle_is_requested():
    assert (query().vins, query().since, query().until, query().limit) == ((), -math.inf, math.inf, 100)


@pytest.mark.parametrize("vehicle", [VIN, "…0001"])
def test_a_vehicle_is_named_by_its_vin_or_as_it_is_shown(vehicle):
    assert query(vehicle=vehicle).vins == (VIN,)


def test_dates_are_whole_days_in_utc():
    asked = query(from_="2026-11-02", to="2026-11-02")
    assert (asked.since, asked.until) == (MONDAY, MONDAY + 86400)


@pytest.mark.parametrize(
    "text", ["2026-11-02T01:00:00+01:00", "2026-11-02T01:00:00 01:00", "2026-11-02T00:00:00Z"]
)
def test_a_time_may_name_its_zone(text):
    assert query(from_=text).since == MONDAY


@pytest.mark.parametrize(
    ("parameters", "message", "status"),
    [
        ({"vehicle": "YV1OTHER000000002"}, "vehicle: no such vehicle", 404),
        ({"from_": "yesterday"}, "from: must be a date or a time in ISO 8601", 400),
        ({"to": "2026-13-01"}, "to: must be a date or a time in ISO 8601", 400),
        ({"to": "9999-12-31"}, "to: must be a date or a time in ISO 8601", 400),
        ({"from_": "2026-11-03", "to": "2026-11-01"}, "from is later than to", 400),
        ({"limit": "0"}, "limit: must be a number from 1 to 1000", 400),
        ({"limit": "\N{ARABIC-INDIC DIGIT ONE}"}, "limit: must be a number from 1 to 1000", 400),
        ({"form": "2026-11-01"}, "unknown parameter form; use vehicle, from, to", 400),
    ],
)
def test_a_wrong_parameter_is_named_with_its_fix(parameters, message, status):
    with pytest.raises(BadQuery, match=message) as raised:
        query(**parameters)
    assert raised.value.status_code == status
