"""The calls that an API key has, for all cars and accounts on it: so many a day and so many in any minute.

Volvo's limits are 10,000 until 00:00 UTC and 100.
Pure: a quota is a value; what happens to it gives a new one. Times are Unix seconds.
"""

from dataclasses import dataclass, replace

DAY = 86400.0
WINDOW_SECONDS = 61.0
"""Volvo's sliding minute and a second: the first call of a window, which opens a connection, may take longer
to arrive than the call that follows a minute later."""
DEFAULT_PAUSE_SECONDS = 60.0
MIN_PAUSE_SECONDS = 30.0
"""Shortest pause after a refusal: "Retry-After: 0" or a date in the past must not cause a burst of calls."""


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
    """When the quota resets, after Volvo reported it used up; 0 if it did not."""
    throttled_until: float = 0.0
    """When the next call may be sent, after Volvo reported too many requests; 0 if it did not."""
    refused_at: float = 0.0
    """When Volvo last refused a call because of a limit; 0 once a later call was answered."""


def spend(quota: Quota, now: float) -> Quota:
    """Count a call that is being sent.

    After a refusal a single call tests whether the limit is lifted; others wait for its answer.
    """
    quota = roll(quota, now)
    pause = now + MIN_PAUSE_SECONDS if quota.refused_at else quota.throttled_until
    return replace(quota, used=quota.used + 1, recent=(*quota.recent, now), throttled_until=pause)


def roll(quota: Quota, now: float) -> Quota:
    """Drop what has expired, and what only a wrong clock can have set.

    A Raspberry Pi starts without the time: what it stored while its clock was 400 days ahead must not stop
    polling for 400 days. Calls are counted by UTC day, so a count of another day is dropped, too.
    """
    day = int(now // DAY)
    latest = latest_reset(now)
    exhausted = now < quota.exhausted_until <= latest
    renewed = quota.exhausted_until != 0 and not exhausted
    return replace(
        quota,
        day=day,
        used=0 if renewed or day != quota.day else quota.used,
        recent=tuple(sent for sent in quota.recent if now - WINDOW_SECONDS < sent <= now),
        exhausted_until=quota.exhausted_until if exhausted else 0.0,
        throttled_until=quota.throttled_until if now < quota.throttled_until <= latest else 0.0,
        refused_at=quota.refused_at if quota.refused_at <= now else 0.0,
    )


def exhaust(quota: Quota, now: float, until: float | None) -> Quota:
    """Pause until the announced reset, because Volvo reports that no calls are left; None is 00:00 UTC."""
    quota = roll(quota, now)
    until = midnight(now) if until is None else until
    used = max(quota.used, quota.limit)
    return replace(quota, used=used, exhausted_until=_bounded(until, now), refused_at=now)


def throttle(quota: Quota, now: float, until: float | None) -> Quota:
    """Pause as Volvo asks, because the calls came too fast; None is a minute."""
    until = now + DEFAULT_PAUSE_SECONDS if until is None else until
    return replace(roll(quota, now), throttled_until=_bounded(until, now), refused_at=now)


def merge(own: Quota, stored: Quota, *, unsaved: int, now: float) -> Quota:
    """Add the last `unsaved` calls of this process to what all processes have stored."""
    own, stored = roll(own, now), roll(stored, now)
    unsaved = min(unsaved, own.used)
    recent = sorted((*stored.recent, *own.recent[len(own.recent) - min(unsaved, len(own.recent)) :]))
    exhausted_until = max(own.exhausted_until, stored.exhausted_until)
    used = stored.used + unsaved
    return replace(
        own,
        used=max(used, own.limit) if exhausted_until else used,
        recent=tuple(recent),
        exhausted_until=exhausted_until,
    )


def confirm(quota: Quota, sent: float) -> Quota:
    """End the doubt that a refusal left, because a call sent at `sent` was answered.

    Answers to calls sent before the refusal prove nothing.
    """
    if not 0 < quota.refused_at < sent:
        return quota
    return replace(quota, refused_at=0.0, throttled_until=0.0)


def open_at(quota: Quota, now: float) -> float:
    """The earliest time at which a call may be sent: `now`, or later."""
    quota = roll(quota, now)
    opens = max(now, quota.throttled_until)
    if remaining(quota, now) == 0:
        opens = max(opens, resets_at(quota, now))
    if len(quota.recent) >= quota.per_minute:
        opens = max(opens, quota.recent[-quota.per_minute] + WINDOW_SECONDS)
    return opens


def remaining(quota: Quota, now: float) -> int:
    """How many calls are left until the quota resets."""
    quota = roll(quota, now)
    return 0 if quota.exhausted_until else max(0, quota.limit - quota.used)


def resets_at(quota: Quota, now: float) -> float:
    """When the quota resets."""
    return roll(quota, now).exhausted_until or midnight(now)


def latest_reset(now: float) -> float:
    """The latest believable reset: the quota is one of a day, renewed at 00:00 UTC."""
    return midnight(now) + DAY


def _bounded(until: float, now: float) -> float:
    """The end of a pause, whatever an answer or a wrong clock makes of it."""
    earliest = now + MIN_PAUSE_SECONDS
    return min(until, latest_reset(now)) if until > earliest else earliest  # also where it is not a number


def midnight(now: float) -> float:
    """The next 00:00 UTC."""
    return (now // DAY + 1) * DAY
