"""What an attempt comes to: the words in which the client's answers and errors reach the schedule."""

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
    """What happened to one resource of one car; the value is the word for it in `/api/v1/status`."""

    OK = "ok"
    EMPTY = "no values"
    """An answer, but nothing in it: after a few of these, look again tomorrow."""
    TRANSIENT = "failing"
    """Back off and try again."""
    UNSUPPORTED = "unsupported"
    """This car does not have it: request it ever more rarely, down to once a day."""
    FORBIDDEN = "scope missing"
    """The login does not allow it: the same, and at once after a new login."""
    FOREIGN = "foreign vehicle"
    """The car is not of this account: the same."""
    GONE = "gone"
    """The API was removed: if that is repeated, request it once a day."""
    KEY_REFUSED = "key refused"
    """Ask again at once, a few times."""


@unique
class PauseReason(Enum):
    """Why a whole account waits; the value is the word for it in `/api/v1/status`."""

    LOGIN = "login required"
    CLIENT = "client id or secret refused"
    QUOTA = "quota exhausted"
    THROTTLED = "throttled"
    KEY = "API key refused"
    TOKEN = "no token"  # noqa: S105 - a word for people, not a secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Why an account or a key has to wait. As the result of an attempt it says nothing about the resource."""

    why: PauseReason
    until: float | None = None
    """Unix time; None where it is unknown."""
    message: str = ""
    """What is wrong and what to do."""


OUTCOMES: Mapping[type[CloudError], Outcome] = MappingProxyType(
    {
        KeyRefused: Outcome.KEY_REFUSED,
        ScopeMissing: Outcome.FORBIDDEN,
        ForeignVehicle: Outcome.FOREIGN,
        Unsupported: Outcome.UNSUPPORTED,
        Gone: Outcome.GONE,
    }
)
"""Errors that say something lasting about a resource; all others are taken for transient."""

PAUSES: Mapping[type[CloudError], PauseReason] = MappingProxyType(
    {
        LoginRequired: PauseReason.LOGIN,
        ClientRefused: PauseReason.CLIENT,
        TokenNotSaved: PauseReason.TOKEN,
        QuotaExhausted: PauseReason.QUOTA,
        Throttled: PauseReason.THROTTLED,
    }
)
"""Errors that say something about the account or the key."""


def outcome_of(error: CloudError) -> Outcome | Pause:
    """What the schedule makes of an error."""
    reason = PAUSES.get(type(error))
    if reason is None:
        return OUTCOMES.get(type(error), Outcome.TRANSIENT)
    match error:
        case QuotaExhausted(until=until) | Throttled(until=until):
            return Pause(why=reason, until=until)
        case _:
            return Pause(why=reason)


def outcome_for(error: CloudError, *, metered: bool) -> Outcome | Pause:
    """Return the consequence of an error; key and limits of a service that is not metered are not Volvo's."""
    outcome = outcome_of(error)
    concerns_key = isinstance(outcome, Pause) or outcome is Outcome.KEY_REFUSED
    return Outcome.TRANSIENT if concerns_key and not metered else outcome
