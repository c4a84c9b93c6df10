"""The outcomes of a request, which decide how the schedule continues."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, unique
from types import MappingProxyType

from volvo_exporter.volvo.errors import (
    ClientRefused,
    CloudError,
    ForeignVehicle,
    Gone,
    KeyRefused,
    LoginRequired,
    QuotaExhausted,
    ScopeMissing,
    Throttled,
    TokenNotSaved,
    Unsupported,
)


@unique
class Outcome(Enum):
    """The outcome of a request for one resource of one car; `/api/v1/status` contains its value."""

    OK = "ok"
    EMPTY = "no values"
    """An answer without values: after a few of these, request it once a day."""
    TRANSIENT = "failing"
    """Back off and retry."""
    UNSUPPORTED = "unsupported"
    """The car does not have the resource: double the interval, up to a day."""
    FORBIDDEN = "scope missing"
    """The login does not include the scope: as above, and retry after a new login."""
    FOREIGN = "foreign vehicle"
    """The car is not in this account: as above."""
    GONE = "gone"
    """The API was removed: if repeated, request it once a day."""
    KEY_REFUSED = "key refused"
    """Retry at once, a few times."""


@unique
class PauseReason(Enum):
    """The reason why an account is paused; `/api/v1/status` contains its value."""

    LOGIN = "login required"
    CLIENT = "client id or secret refused"
    QUOTA = "quota exhausted"
    THROTTLED = "throttled"
    KEY = "API key refused"
    TOKEN = "no token"  # noqa: S105 - not a secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A pause of an account or a key; as the result of a request, it does not concern the resource."""

    why: PauseReason
    until: float | None = None
    """Unix time; None where it is unknown."""
    message: str = ""
    """The error and its fix."""


OUTCOMES: Mapping[type[CloudError], Outcome] = MappingProxyType(
    {
        KeyRefused: Outcome.KEY_REFUSED,
        ScopeMissing: Outcome.FORBIDDEN,
        ForeignVehicle: Outcome.FOREIGN,
        Unsupported: Outcome.UNSUPPORTED,
        Gone: Outcome.GONE,
    }
)
"""Errors that concern one resource and persist; all others are transient."""

PAUSES: Mapping[type[CloudError], PauseReason] = MappingProxyType(
    {
        LoginRequired: PauseReason.LOGIN,
        ClientRefused: PauseReason.CLIENT,
        TokenNotSaved: PauseReason.TOKEN,
        QuotaExhausted: PauseReason.QUOTA,
        Throttled: PauseReason.THROTTLED,
    }
)
"""Errors that concern the account or the key."""


def outcome_of(error: CloudError) -> Outcome | Pause:
    """Return the outcome of an error."""
    reason = PAUSES.get(type(error))
    if reason is None:
        return OUTCOMES.get(type(error), Outcome.TRANSIENT)
    match error:
        case QuotaExhausted(until=until) | Throttled(until=until):
            return Pause(why=reason, until=until)
        case _:
            return Pause(why=reason)


def outcome_for(error: CloudError, *, metered: bool) -> Outcome | Pause:
    """Return the outcome of an error; errors of key and limits are transient for unmetered services."""
    outcome = outcome_of(error)
    concerns_key = isinstance(outcome, Pause) or outcome is Outcome.KEY_REFUSED
    return Outcome.TRANSIENT if concerns_key and not metered else outcome
