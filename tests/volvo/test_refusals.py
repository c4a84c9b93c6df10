import json
import math
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volvo_exporter.catalogue import RESOURCES, connected_vehicle, energy, location, weather
from volvo_exporter.volvo.errors import (
    CloudError,
    ForeignVehicle,
    Gone,
    KeyRefused,
    QuotaExhausted,
    ScopeMissing,
    Throttled,
    TokenRefused,
    Unreachable,
    Unsupported,
)
from volvo_exporter.volvo.refusals import classify, concerns_token

NOW = 1_800_000_000.0
DOORS = next(each for each in connected_vehicle.RESOURCES if each.name == "doors")


def nested(message, description=None, **beside):
    return {**beside, "error": {"message": message, "description": description}}


def flat(status, message):
    return {"statusCode": status, "message": message}


def refused(status, body, *, headers=(), resource=DOORS):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return classify(status=status, headers=dict(headers), body=content, resource=resource, now=NOW)


KEY = "Access denied due to {} VCC-API-KEY. Make sure to provide a valid key for an active application."
ENERGY = {"code": "AUTHORIZATION_ERROR", "message": "Not authorized to access this resource.", "details": []}
HTML = b"<!DOCTYPE html><html><body>Access denied</body></html>"
VOLUME = "Out of call volume quota. Quota will be replenished in 03:30:56."

CASES = [
    # 401: of the key, of the token
    (401, nested(KEY.format("invalid"), status=401), KeyRefused),
    (401, nested(KEY.format("missing header"), status=401), KeyRefused),
    (401, nested("Access denied due to missing header authorization"), TokenRefused),
    (401, nested("UNAUTHORIZED", "whatever"), TokenRefused),
    (401, nested("Unauthorized", "Full authentication is required", operationId="x"), TokenRefused),
    (401, nested("invalid token. The sub claim contains an array instead of a plain string."), TokenRefused),
    (401, ENERGY, TokenRefused),
    (401, b"", TokenRefused),
    (401, b"<html>Sign in to the hotel</html>", Unreachable),
    # the five kinds of 403, and a page that is none of them
    (403, flat(403, VOLUME), QuotaExhausted),
    (403, VOLUME.encode(), QuotaExhausted),
    (403, nested(KEY.format("invalid")), KeyRefused),
    (403, nested("FORBIDDEN", "Access is denied"), ScopeMissing),
    (403, nested("FORBIDDEN", "Access Denied"), ScopeMissing),
    (403, nested("FORBIDDEN"), ScopeMissing),
    (403, ENERGY, ScopeMissing),
    (403, {"error": {"code": "AUTHORIZATION_ERROR", "message": "No.", "details": []}}, ScopeMissing),
    (403, nested("FORBIDDEN", "No relationship to UUID"), ForeignVehicle),
    (403, nested("FORBIDDEN", "Client not allowed to access Location API"), Unreachable),
    (403, nested("FORBIDDEN", "something nobody has seen yet"), Unreachable),
    (403, b"", Unreachable),
    (403, b"<html>blocked by the firewall</html>", Unreachable),
    (403, HTML, Unreachable),
    # 404 of route, market and car
    (404, flat(404, "Resource not found"), Unsupported),
    (404, nested("NOT_FOUND", "Does not belong to allowed markets"), Unsupported),
    (404, nested("NOT_FOUND", "…"), Unsupported),
    (404, {"exveErrorId": "1", "exveErrorMsg": "Resource not supported for this vehicle"}, Unsupported),
    (404, b"", Unsupported),
    (404, HTML, Unreachable),
    (400, nested("BAD_REQUEST", "invalid VIN value. field: vin"), ForeignVehicle),
    (400, nested("BAD_REQUEST", "…"), Unreachable),
    *[(status, nested("…"), Unsupported) for status in (405, 406, 409, 415, 422)],
    (410, nested("GONE", "Version 1 is removed."), Gone),
    (410, HTML, Unreachable),
    (429, flat(429, "Rate limit is exceeded. Try again in 17 seconds."), Throttled),
    (429, b"", Throttled),
    (429, HTML, Throttled),
    (429, flat(429, VOLUME), QuotaExhausted),
    # out of order
    (500, nested("INTERNAL_SERVER_ERROR", "…"), Unreachable),
    (500, {"code": "INTERNAL_ERROR", "message": "An internal error occurred.", "details": []}, Unreachable),
    (502, HTML, Unreachable),
    (503, nested("SERVICE_UNAVAILABLE", "Not allowed, car is in use or asleep"), Unreachable),
    (504, b"\xff\xfe\x00", Unreachable),
    (302, b"", Unreachable),
    (418, {}, Unreachable),
]


@pytest.mark.parametrize(("status", "body", "error"), CASES, ids=[f"case{n}" for n in range(len(CASES))])
def test_a_refusal_is_classified_by_status_and_body(status, body, error):
    assert type(refused(status, body)) is error


def test_a_missing_scope_is_reported():
    told = str(refused(403, nested("FORBIDDEN", "Access Denied")))
    assert all(scope in told for scope in DOORS.scopes)
    assert "energy:state:read" in str(refused(403, ENERGY, resource=energy.STATE))


@pytest.mark.parametrize(
    "body",
    [
        nested("FORBIDDEN", "Client not allowed to access Location API"),
        nested("FORBIDDEN", "Access Denied"),
        nested("FORBIDDEN"),
        ENERGY,
        flat(403, "not available in your region"),
        b"",
    ],
)
def test_a_refused_location_is_unsupported_and_requires_no_login(body):
    error = refused(403, body, resource=location.LOCATION)

    assert type(error) is Unsupported
    assert "location:read" in str(error)
    assert "log in" not in str(error)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (flat(403, VOLUME), QuotaExhausted),
        (nested(KEY.format("invalid")), KeyRefused),
        (nested("FORBIDDEN", "No relationship to UUID"), ForeignVehicle),
        (HTML, Unreachable),
    ],
)
def test_a_403_with_a_known_reason_means_the_same_for_location(body, error):
    assert type(refused(403, body, resource=location.LOCATION)) is error


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        ({"cod": 401, "message": "Invalid API key. Please see the FAQ."}, 401, KeyRefused),
        ({"cod": 429, "message": "Your account is temporary blocked."}, 429, Throttled),
        ({"cod": "404", "message": "city not found"}, 404, Unsupported),
        ({"cod": "500", "message": "Internal error"}, 500, Unreachable),
    ],
)
def test_the_weather_service_has_its_own_messages(body, status, error):
    assert type(refused(status, body, resource=weather.WEATHER)) is error


def test_a_refused_key_is_reported_with_its_setting():
    body = {"cod": 401, "message": "Invalid API key"}
    assert str(refused(401, body, resource=weather.WEATHER)).startswith("weather_api_key ")
    assert str(refused(401, nested(KEY.format("invalid")))).startswith("api_key ")


def until(status, text, *headers):
    return refused(status, flat(status, text), headers=headers).until


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (VOLUME, 3 * 3600 + 30 * 60 + 56),
        ("Out of call volume quota. Quota will be replenished in 2.03:30:56.", 2 * 86400 + 12656),
        ("Out of call volume quota. Quota will be replenished in 2.5 days.", 2.5 * 86400),
        ("Out of call volume quota. Quota will be replenished in 00:00:00.", 0),
    ],
)
def test_the_quota_resets_at_the_time_of_the_response(text, seconds):
    assert until(403, text) == NOW + seconds


def test_a_quota_without_a_time_has_none():
    assert until(403, "Out of call volume quota.") is None


def test_the_seconds_to_wait_are_read_from_the_text_of_the_gateway():
    assert until(429, "Rate limit is exceeded. Try again in 17 seconds.") == NOW + 17
    assert until(429, "Rate limit is exceeded.") is None


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        (" 5 ", 5),
        ("Fri, 15 Jan 2027 08:01:40 GMT", 100),
        ("Fri, 15 Jan 2027 08:01:40 -0000", 100),
    ],
)
def test_retry_after_takes_precedence_over_the_text(header, seconds):
    assert datetime.fromtimestamp(NOW, UTC).isoformat() == "2027-01-15T08:00:00+00:00"
    assert until(429, "Try again in 17 seconds.", ("Retry-After", header)) == NOW + seconds
    assert until(403, VOLUME, ("retry-after", header)) == NOW + seconds


@pytest.mark.parametrize("past", ["0", "Fri, 15 Jan 2027 07:00:00 GMT"])
def test_without_a_valid_time_in_retry_after_the_text_is_used(past):
    assert until(403, VOLUME, ("Retry-After", past)) == NOW + 3 * 3600 + 30 * 60 + 56
    assert until(429, "Rate limit is exceeded.", ("Retry-After", past)) == NOW


@pytest.mark.parametrize("odd", ["", "soon", "-5", "1.5", "١٢", "99999999999999999999", "Fri, 99 Jan 2027"])
def test_an_invalid_retry_after_falls_back_to_the_text(odd):
    assert until(429, "Try again in 17 seconds.", ("Retry-After", odd)) == NOW + 17


def test_only_a_401_about_the_token_causes_a_renewal():
    def concerns(status, body):
        return concerns_token(status=status, body=json.dumps(body).encode())

    assert concerns(401, nested("UNAUTHORIZED"))
    assert concerns(401, ENERGY)
    assert not concerns(401, nested(KEY.format("invalid")))
    assert not concerns(403, ENERGY)


WORDS = st.sampled_from(
    ["error", "message", "description", "code", "exveErrorMsg", "cod", "in 5 seconds", "call volume quota"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | WORDS,
    lambda inner: st.lists(inner) | st.dictionaries(WORDS | st.text(), inner),
)


@given(
    st.integers(-1, 1000) | st.sampled_from([400, 401, 403, 404, 410, 429, 503]),
    st.binary() | JSON.map(lambda value: json.dumps(value).encode()) | st.just(b"[" * 100_000),
    st.dictionaries(st.sampled_from(["Retry-After", "retry-after"]), st.text()),
    st.sampled_from(RESOURCES),
)
def test_every_response_is_classified(status, body, headers, resource):
    error = classify(status=status, headers=headers, body=body, resource=resource, now=NOW)
    assert isinstance(error, CloudError)
    assert "{" not in str(error)
    if isinstance(error, QuotaExhausted | Throttled) and error.until is not None:
        assert NOW <= error.until < math.inf


@given(st.sampled_from(CASES), st.sampled_from(RESOURCES))
def test_the_message_contains_no_text_of_the_answer(case, resource):
    status, body, _ = case
    secret = "YV1SECRETVIN"
    if isinstance(body, dict) and isinstance(body.get("error"), dict):
        body = {**body, "error": {**body["error"], "code": secret}}
    assert secret not in str(refused(status, body, resource=resource))
