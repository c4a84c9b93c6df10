"""What `/api/v1/status` and `volvo-exporter check` say of an account, as plain JSON values."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from volvo_exporter.catalogue import connected_vehicle
from volvo_exporter.catalogue.model import Api
from volvo_exporter.polling.activity import Condition
from volvo_exporter.polling.freshness import max_age
from volvo_exporter.polling.outcomes import Hold, Outcome
from volvo_exporter.polling.poller import Poller
from volvo_exporter.polling.quota import remaining, resets_at, roll
from volvo_exporter.polling.schedule import Entry

Json = dict[str, object]
SELECT_VEHICLE = "log in again and select the car on Volvo's consent page"
STALE = "stale"
"""State of a resource whose last request succeeded, but too long ago."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginFacts:
    """What is known of the login; times are Unix seconds, None is unknown."""

    required: bool
    token_expiry: float | None
    grant_expiry: float | None


def describe(poller: Poller, login: LoginFacts, *, show: Callable[[str], str], now: float) -> Json:
    """The login, the quota and the plan of one account; `show` tells what stands for a VIN."""
    quota = roll(poller.budget.quota, now)
    return {
        "account": poller.account,
        "waiting": waiting(poller, now),
        "login": {
            "required": login.required,
            "token_expires": login.token_expiry,
            "grant_expires": login.grant_expiry,
        },
        "quota": {
            "limit": quota.limit,
            "used": quota.used,
            "remaining": remaining(quota, now),
            "resets": resets_at(quota, now),
            "forecast": poller.budget.forecast(now),
            "stretch": {
                name: getattr(poller.budget.stretch, name)
                for name in ("live", "usual", "slow")
                if math.isfinite(getattr(poller.budget.stretch, name))
            },
            "requests_in_the_last_minute": len(quota.recent),
        },
        "vehicles": [
            {
                "vin": show(vin),
                "activity": condition.activity.value,
                "looking_closely_until": _closely(condition, now),
            }
            for vin, condition in poller.plan.conditions.items()
        ],
        "resources": [_entry(poller, entry, show, now) for entry in poller.plan.entries.values()],
    }


def last_success(poller: Poller) -> float | None:
    """Return when Volvo last reported something of a car (Unix time); None if it never did."""
    entries = (entry for entry in poller.plan.entries.values() if _of_car(entry))
    return max((entry.last_success for entry in entries if entry.last_success), default=None)


def is_ready(poller: Poller, now: float) -> bool:
    """Return whether Volvo has reported something of a car, not longer ago than is usual."""
    last = last_success(poller)
    if last is None:
        return False
    # Whatever is requested most often: that the service of last month is still current makes nothing ready.
    slots = (slot for slot, entry in poller.plan.entries.items() if _of_car(entry))
    return now <= last + min(max_age(poller.plan, slot, now) for slot in slots)


def _of_car(entry: Entry) -> bool:
    return bool(entry.slot.vin) and entry.slot.resource.api is not Api.WEATHER


def lacks_cars(poller: Poller) -> bool:
    """Whether the account has been asked for its cars and has none."""
    listed = any(
        entry.slot.resource is connected_vehicle.VEHICLES and entry.last_success
        for entry in poller.plan.entries.values()
    )
    return listed and not poller.plan.vins


def describe_vehicles(listed: Sequence[str], wanted: Sequence[str]) -> str:
    """Name the vehicles of an account, and those of `vin` that it lacks, by the last four characters."""
    found = f"{len(listed)} in the account ({_ends(listed)})" if listed else "no vehicle in the account"
    if missing := [vin for vin in wanted if vin not in listed]:
        return f"{found}, but not {_ends(missing)} of `vin`: check `vin`, or {SELECT_VEHICLE}"
    return found if listed else f"{found}: {SELECT_VEHICLE}"


def _ends(vins: Sequence[str]) -> str:
    return ", ".join(f"…{vin[-4:]}" for vin in vins)


def waiting(poller: Poller, now: float) -> Json | None:
    """Return why the whole account sends no requests, and until when; None while it does."""
    if poller.hold is not None:
        return {"why": poller.hold.why.value, "until": poller.hold.until, "message": poller.hold.message}
    if remaining(poller.budget.quota, now) == 0:
        return {"why": Hold.QUOTA.value, "until": resets_at(poller.budget.quota, now), "message": ""}
    if poller.key_refusal is not None:
        message = poller.key_refusal.message
        return {"why": Hold.KEY.value, "until": _next_retry(poller, now), "message": message}
    return None


def _next_retry(poller: Poller, now: float) -> float | None:
    """Return when the first request that was refused for its API key is sent again."""
    refused = (entry for entry in poller.plan.entries.values() if entry.outcome is Outcome.KEY_REFUSED)
    return min((poller.plan.due_at(entry.slot, now) for entry in refused), default=None)


def _closely(condition: Condition, now: float) -> float | None:
    return condition.closely_until if now < condition.closely_until else None


def _state(poller: Poller, entry: Entry) -> str:
    if entry.outcome is None:
        return "waiting"
    good = entry.outcome in (Outcome.OK, Outcome.EMPTY)
    return STALE if good and entry.slot.vin and poller.stale(entry.slot) else entry.outcome.value


def _entry(poller: Poller, entry: Entry, show: Callable[[str], str], now: float) -> Json:
    mishap = poller.mishaps.get(entry.slot)
    due, interval = poller.plan.due_at(entry.slot, now), poller.plan.interval(entry.slot, now)
    return {
        "vin": show(entry.slot.vin) if entry.slot.vin else None,
        "resource": entry.slot.resource.name,
        "item": entry.slot.item or None,
        "state": _state(poller, entry),
        "interval": None if math.isinf(interval) else interval,
        "next": None if math.isinf(due) else due,
        "resting": entry.rests_until is not None,
        "last_success": entry.last_success,
        "failures_in_a_row": 0 if entry.outcome is Outcome.OK else entry.failures,
        "last_error": mishap and {"at": mishap.at, "message": mishap.message},
    }
