"""The calls that an API key has, for all cars and accounts on it: so many a day and so many in any minute.

Volvo's limits are 10,000 until 00:00 UTC and 100.
Pure: a quota is a value; what happens to it gives a new one. Times are Unix seconds.
"""

from dataclasses import dataclass, replace

DAY = 86400.0
MINUTE = 60.0
LONGEST_WAIT = 2 * DAY  # a quota is for a day; an answer that says more is not believed


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """How many calls an API key has and had."""

    limit: int
    per_minute: int
    day: int = 0
    """The UTC day that `used` counts, in days since 1970."""
    used: int = 0
    recent: tuple[float, ...] = ()
    """When the calls of the last minute were sent."""
    exhausted_until: float = 0.0
    """Until when Volvo has said that there are no calls left."""
    throttled_until: float = 0.0
    """Until when Volvo has said to slow down."""


def spend(quota: Quota, now: float) -> Quota:
    """Count a call that is being sent."""
    quota = roll(quota, now)
    return replace(quota, used=quota.used + 1, recent=(*quota.recent, now))


def roll(quota: Quota, now: float) -> Quota:
    """Forget what lies before today and before the last minute."""
    day = int(now // DAY)
    recent = tuple(sent for sent in quota.recent if now - MINUTE < sent <= now)
    replenished = 0 < quota.exhausted_until <= now
    return replace(
        quota,
        day=day,
        used=0 if replenished or day != quota.day else quota.used,
        recent=recent,
        exhausted_until=0.0 if replenished else quota.exhausted_until,
    )


def exhaust(quota: Quota, now: float, until: float | None) -> Quota:
    """Take Volvo's word that no calls are left; where it does not say until when, until 00:00 UTC."""
    quota = roll(quota, now)
    until = midnight(now) if until is None else min(max(until, now), now + LONGEST_WAIT)
    return replace(quota, used=max(quota.used, quota.limit), exhausted_until=until)


def throttle(quota: Quota, now: float, until: float | None) -> Quota:
    """Take Volvo's word that the calls came too fast; where it does not say for how long, for a minute."""
    until = now + MINUTE if until is None else min(max(until, now), now + DAY)
    return replace(roll(quota, now), throttled_until=until)


def open_at(quota: Quota, now: float) -> float:
    """The earliest time at which a call may be sent: `now`, or later."""
    quota = roll(quota, now)
    opens = max(now, quota.throttled_until)
    if remaining(quota, now) == 0:
        opens = max(opens, resets_at(quota, now))
    if len(quota.recent) >= quota.per_minute:
        opens = max(opens, quota.recent[-quota.per_minute] + MINUTE)
    return opens


def remaining(quota: Quota, now: float) -> int:
    """How many calls are left until the quota is replenished."""
    if now < quota.exhausted_until:
        return 0
    return max(0, quota.limit - roll(quota, now).used)


def resets_at(quota: Quota, now: float) -> float:
    """When the quota is replenished."""
    return quota.exhausted_until if now < quota.exhausted_until else midnight(now)


def midnight(now: float) -> float:
    """The next 00:00 UTC."""
    return (now // DAY + 1) * DAY
