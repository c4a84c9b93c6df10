"""Classify refused requests: status and body of a response become one class of the error tree.

Five kinds of 403 look alike and require five different fixes; clients often take a used-up quota for a lost
login (home-assistant/core#173571). `RULES` distinguishes them by their text.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import MappingProxyType

from volvo_exporter.catalogue.model import Api, Resource, Service
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

MAX_TEXT_BYTES = 64 * 1024
"""Bytes of a body that are searched; chosen, as real ones have a few hundred."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Status and text of a refused request, and the error for it."""

    statuses: tuple[int, ...]
    phrase: str
    """A regular expression for the text of the response, in lower case.

    Empty: any text, if the body is empty or JSON, i.e. not the page of a gateway.
    """
    error: type[CloudError]
    message: str
    """May name `{resource}`, its `{scopes}`, the `{status}`, the setting that holds the `{key}`, and the
    `{origin}` of the key."""
    api: Api | None = None
    """The only API that the rule applies to; None for all."""


_OUT_OF_ORDER = "{resource}: service unavailable (status {status}); will retry"
_SCOPE = "{resource}: missing scope {scopes}: add it to the application, then log in again"
_KEY = (
    "{key} refused: compare it with the key at {origin}; "
    "a key created today is refused at random for some hours, will retry"
)
_QUOTA = "daily API quota used up; polling resumes when it resets"
_UNSUPPORTED = "{resource}: not available for this car or market (status {status}); retried within a day"

RULES: tuple[Rule, ...] = (
    # home-assistant/core#173571
    Rule((401, 403, 429), r"call volume quota", QuotaExhausted, _QUOTA),
    Rule((429,), r"^", Throttled, "too many requests in a minute; will retry"),
    # Dielee/volvo2mqtt#167; OpenWeatherMap sends "Invalid API key".
    Rule((401, 403), r"api[- ]key|subscription key", KeyRefused, _KEY),
    # evcc-io/evcc#16726
    Rule(
        (403,),
        r"no relationship",
        ForeignVehicle,
        "{resource}: no access to this vehicle: check `vin`, or log in again and select the car",
    ),
    # home-assistant/core#169713: permanent for cars of regions without this API; a missing scope looks alike
    Rule(
        (403,),
        r"",
        Unsupported,
        "{resource}: not available for this car or its region (status 403), or missing scope {scopes}; "
        "retried within a day",
        api=Api.LOCATION,
    ),
    # home-assistant/core#169582; before the missing scope, so that no later rule takes it for one
    Rule((403,), r"client not allowed", Unreachable, _OUT_OF_ORDER),
    Rule(
        (400,),
        r"invalid vin",
        ForeignVehicle,
        "{resource}: invalid VIN: check `vin`; a VIN has 17 characters, letters in upper case",
    ),
    Rule((403,), r"access (is )?denied|authorization_error|not authorized|^forbidden$", ScopeMissing, _SCOPE),
    Rule((401,), r"", TokenRefused, "{resource}: access token refused; will renew it and retry"),
    Rule((404, 405, 406, 409, 415, 422), r"", Unsupported, _UNSUPPORTED),
    Rule((410,), r"", Gone, "{resource}: Volvo reports this API as removed (status 410); retried daily"),
)
"""The first matching rule applies; without a match, the response is treated as an outage."""

KEYS: Mapping[Service, tuple[str, str]] = MappingProxyType(
    {
        Service.VOLVO: ("api_key", "https://developer.volvocars.com/account/"),
        Service.OPENWEATHERMAP: ("weather_api_key", "https://home.openweathermap.org/api_keys"),
    }
)
"""The setting that holds the key of a service, and the page that shows it."""

_OUTAGE = Rule((), r"", Unreachable, _OUT_OF_ORDER)


def classify(
    *, status: int, headers: Mapping[str, str], body: bytes, resource: Resource, now: float
) -> CloudError:
    """Return the error for a response other than 2xx; accepts any status and any bytes.

    `now` is in Unix seconds; so is `until` of the errors that have it, as announced (`Quota` bounds it).
    """
    refusal = _RefusalText.of(body)
    rule = _rule(status, refusal, resource.api)
    key, origin = KEYS[resource.api.service]
    message = rule.message.format(
        resource=resource.name,
        scopes=" and ".join(resource.scopes) or "unknown",
        key=key,
        origin=origin,
        status=status,
    )
    if rule.error is QuotaExhausted or rule.error is Throttled:
        waits = (_retry_after(headers, now), _wait_in_text(refusal.text))
        named = [wait for wait in waits if wait is not None]
        # A wait of 0 ("Retry-After: 0", a date in the past) is ignored if the text contains another one.
        until = now + next(filter(None, named), 0.0) if named else None
        return (
            QuotaExhausted(message, until=until)
            if rule.error is QuotaExhausted
            else Throttled(message, until=until)
        )
    return rule.error(message)


def concerns_token(*, status: int, body: bytes) -> bool:
    """Return whether the access token was refused, so that a new one may be accepted."""
    return _rule(status, _RefusalText.of(body), None).error is TokenRefused


def _rule(status: int, refusal: "_RefusalText", api: Api | None) -> Rule:
    rules = (rule for rule in RULES if status in rule.statuses and rule.api in (None, api))
    return next((rule for rule in rules if refusal.fits(rule.phrase)), _OUTAGE)


@dataclass(frozen=True, slots=True)
class _RefusalText:
    """The text of a response in lower case, and whether it comes from the API itself."""

    text: str
    genuine: bool

    @classmethod
    def of(cls, body: bytes) -> "_RefusalText":
        try:
            payload = json.loads(body[:MAX_TEXT_BYTES])
        except (ValueError, RecursionError):
            payload = None
        if not isinstance(payload, dict):
            text = body[:MAX_TEXT_BYTES].decode(errors="replace").strip().lower()
            # A page comes from a firewall or proxy: its "access denied" is not about a scope.
            return cls("" if text.startswith("<") else text, genuine=not text)
        return cls(" ".join(dict.fromkeys(_words(payload))).lower(), genuine=True)

    def fits(self, phrase: str) -> bool:
        return re.search(phrase, self.text) is not None if phrase else self.genuine


def _words(payload: Mapping[object, object]) -> Iterator[str]:
    """Yield the texts of a response, in the fields of all gateways and services."""
    error = payload.get("error")
    for place in (error, payload):
        for key in ("message", "description", "code", "exveErrorMsg"):
            if isinstance(place, dict) and isinstance(text := place.get(key), str):
                yield text
    if isinstance(error, str):
        yield error


def _retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Return the seconds of the header `Retry-After`, a number or a date; None if missing or invalid."""
    text = next((value for key, value in headers.items() if key.lower() == "retry-after"), "").strip()
    if re.fullmatch(r"[0-9]{1,9}", text):
        return float(text)
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
    return max(0.0, _aware(date).timestamp() - now)


def _aware(date: datetime) -> datetime:
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def _wait_in_text(text: str) -> float | None:
    """Return the seconds in the text: "in 17 seconds", "in 03:30:56", "in 2.03:30:56", "in 2.12 days"."""
    if match := re.search(r"in ([0-9]{1,9}) seconds?\b", text):
        return float(match[1])
    if match := re.search(r"in (?:([0-9]{1,4})\.)?([0-9]{1,3}):([0-9]{2}):([0-9]{2})", text):
        days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
        return ((days * 24.0 + hours) * 60 + minutes) * 60 + seconds
    if match := re.search(r"in ([0-9]{1,4}(?:\.[0-9]{1,9})?) days?\b", text):
        return float(match[1]) * 86400
    return None
