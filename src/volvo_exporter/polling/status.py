"""Describes an account: login, quota, vehicles and each resource. Every output derives from these values."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from volvo_exporter.catalogue import connected_vehicle
from volvo_exporter.catalogue.model import Activity
from volvo_exporter.polling.budget import Budget
from volvo_exporter.polling.outcomes import Outcome, Pause, PauseReason
from volvo_exporter.polling.poller import LastError, Poller
from volvo_exporter.polling.quota import remaining, resets_at, roll, scarcest, used
from volvo_exporter.polling.schedule import Entry
from volvo_exporter.polling.stretch import Stretch

STALE = "stale"
"""State of a resource whose last request succeeded, but too long ago."""
SELECT_VEHICLE = "log in again and select the car on Volvo's consent page"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginStatus:
    """The login of an account; times are Unix seconds, None is unknown."""

    required: bool
    token_expiry: float | None
    grant_expiry: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaStatus:
    """The calls of the account's API key."""

    limit: int
    used: int
    remaining: int
    resets: float
    """Unix time."""
    forecast: int
    """Calls that will have been used at the reset, as planned."""
    stretch: Stretch
    requests_in_the_last_minute: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleStatus:
    """The activity of a vehicle."""

    vin: str
    activity: Activity
    watched_until: float | None
    """Until when it is polled more often, in Unix seconds; None if it is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotStatus:
    """One resource in the plan; times are Unix seconds."""

    vin: str
    """Empty for the list of vehicles."""
    resource: str
    item: str
    outcome: Outcome | None
    """None before the first answer."""
    interval: float | None
    """Seconds; None where nothing is sent before the quota resets."""
    next_due: float | None
    is_postponed: bool
    last_success: float | None
    failures: int
    """Failures in a row."""
    last_error: LastError | None
    is_stale: bool = False
    """True if the last success is too long ago for its values to be current."""

    @property
    def state(self) -> str:
        """The outcome as text."""
        if self.outcome is None:
            return "waiting"
        is_good = self.outcome in (Outcome.OK, Outcome.EMPTY)
        return STALE if self.is_stale and is_good else self.outcome.value


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountStatus:
    """One account, without its resources."""

    account: str
    login: LoginStatus
    quota: QuotaStatus
    waiting: Pause | None
    """The reason why the account sends no requests."""
    last_success: float | None
    """When Volvo last reported something of a vehicle, in Unix seconds; None if it never did."""
    lacks_vehicles: bool
    """True if the account was listed and has no vehicles."""
    lag: float
    """Seconds by which the most overdue request is late."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountReport:
    """One account with its vehicles and resources."""

    status: AccountStatus
    vehicles: tuple[VehicleStatus, ...]
    slots: tuple[SlotStatus, ...]


def report(poller: Poller, login: LoginStatus, *, now: float) -> AccountReport:
    """Return everything about an account; its cost grows with the number of its vehicles."""
    return AccountReport(
        status=describe(poller, login, now=now),
        vehicles=tuple(_describe_vehicle(poller, vin, now) for vin in poller.plan.vins),
        slots=tuple(_describe_slot(poller, entry, now) for entry in poller.plan.entries.values()),
    )


def describe(poller: Poller, login: LoginStatus, *, now: float) -> AccountStatus:
    """Return the status of an account."""
    return AccountStatus(
        account=poller.account,
        login=login,
        quota=describe_quota(poller.budget, now),
        waiting=_waiting(poller, now),
        last_success=poller.last_success,
        lacks_vehicles=_lacks_vehicles(poller),
        lag=poller.lag(),
    )


def describe_quota(budget: Budget, now: float) -> QuotaStatus:
    """Return the quota of a key; where each API has a quota, that of the API with the fewest calls left."""
    quota, api = budget.quota, scarcest(budget.quota, now)
    return QuotaStatus(
        limit=quota.limit,
        used=used(quota, api, now),
        remaining=remaining(quota, api, now),
        resets=resets_at(quota, api, now),
        forecast=budget.forecast(api, now),
        stretch=budget.stretches[api],
        requests_in_the_last_minute=len(roll(quota, now).recent),
    )


def _describe_vehicle(poller: Poller, vin: str, now: float) -> VehicleStatus:
    state = poller.garage[vin].state
    until = state.watched_until if now < state.watched_until else None
    return VehicleStatus(vin=vin, activity=state.activity, watched_until=until)


def _describe_slot(poller: Poller, entry: Entry, now: float) -> SlotStatus:
    slot = entry.slot
    due, interval = poller.plan.due_at(slot, now), poller.plan.interval(slot, now)
    return SlotStatus(
        vin=slot.vin,
        resource=slot.resource.name,
        item=slot.item,
        outcome=entry.outcome,
        interval=None if math.isinf(interval) else interval,
        next_due=None if math.isinf(due) else due,
        is_postponed=entry.postponed_until is not None,
        last_success=entry.last_success,
        failures=0 if entry.outcome is Outcome.OK else entry.failures,
        last_error=poller.errors.get(slot),
        is_stale=bool(slot.vin) and slot.resource.name in poller.garage[slot.vin].vehicle.stale(now),
    )


def is_ready(poller: Poller, now: float) -> bool:
    """Return whether Volvo has reported something of a car, not longer ago than is usual."""
    last = poller.last_success
    slots = [slot for slot in poller.plan.entries if slot.vin and slot.resource.api.metered]
    # The most frequent resource decides: a service report of last month does not make an account ready.
    return last is not None and now <= last + min(
        (poller.plan.max_age(slot, now) for slot in slots), default=0.0
    )


def _lacks_vehicles(poller: Poller) -> bool:
    listed = any(
        entry.slot.resource is connected_vehicle.VEHICLES and entry.last_success
        for entry in poller.plan.slots_of_account()
    )
    return listed and not poller.plan.vins


def name_vehicles(listed: Sequence[str], wanted: Sequence[str]) -> str:
    """Name the vehicles of an account, and those of `vin` that it lacks, by the last four characters."""
    found = f"{len(listed)} in the account ({_ends(listed)})" if listed else "no vehicle in the account"
    if missing := [vin for vin in wanted if vin not in listed]:
        return f"{found}; {_ends(missing)} of `vin` not found: check `vin`, or {SELECT_VEHICLE}"
    return found if listed else f"{found}: {SELECT_VEHICLE}"


def _ends(vins: Sequence[str]) -> str:
    return ", ".join(f"…{vin[-4:]}" for vin in vins)


def _waiting(poller: Poller, now: float) -> Pause | None:
    if poller.pause is not None:
        return poller.pause
    if poller.budget.is_exhausted(now):
        return Pause(why=PauseReason.QUOTA, until=describe_quota(poller.budget, now).resets)
    if poller.key_refusal is not None:
        until = _next_retry(poller, now)
        return Pause(why=PauseReason.KEY, until=until, message=poller.key_refusal.message)
    return None


def _next_retry(poller: Poller, now: float) -> float | None:
    """Return when the first request that was refused for its API key is sent again."""
    refused = (entry for entry in poller.plan.entries.values() if entry.outcome is Outcome.KEY_REFUSED)
    return min((poller.plan.due_at(entry.slot, now) for entry in refused), default=None)
