"""The limits of an API key, for all its cars and accounts: calls per day and calls in any minute.

Volvo's limits are 10,000 until 00:00 UTC (home-assistant/core#173571, Dielee/volvo2mqtt#234) and 100
(developer.volvocars.com, news of 2025-01-20). The minute belongs to the key. The day may belong to the
key or to each API (Volvo's documents allow both readings): all APIs are assumed to share one day until a call
shows that each has its own. When an API is refused because no calls are left, one call of another tests this.
Pure: functions return a new quota. Times are Unix seconds.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from volvo_exporter.catalogue.model import Api

DAY = 86400.0
WINDOW_SECONDS = 61.0
"""Volvo's sliding minute and a second: the first call of a window, which opens a connection, may take longer
to arrive than the call that follows a minute later."""
DEFAULT_PAUSE_SECONDS = 60.0
"""Pause after a refusal without a time; Volvo's limit applies to a minute."""
MIN_PAUSE_SECONDS = 30.0
"""Shortest pause after a refusal: "Retry-After: 0" or a date in the past must not cause a burst of calls.
Chosen: half of Volvo's minute."""
BURST_SHARE = 0.6
"""Share of a minute's calls that may be sent at once. Chosen: the first data of three cars are 52 of 100."""
BURST_SECONDS = 600.0
"""Time until as many calls may be sent at once again. Chosen: the 5 calls a minute of a driving car leave
room for a burst when it stops; the regular calls of many cars do not, and are spread from the second on."""
PROBE_SECONDS = 60.0
"""Time from a refusal to the call of another API that tests whether it has calls left; chosen."""
PROBE_RETRY_SECONDS = 300.0
"""Time until the next such call, if the first was inconclusive; chosen."""
RECHECK_SECONDS = DAY
"""How long the result counts that all APIs share one day; each check costs a refused call; chosen."""
METERED = tuple(api for api in Api if api.metered)


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """The calls of one API."""

    used: int = 0
    """Calls of the day."""
    exhausted_until: float = 0.0
    """When the quota resets, after Volvo reported it used up; 0 if it did not."""
    refused_at: float = 0.0
    """When Volvo last reported the quota used up; 0 once a later call was answered."""


def unused() -> Mapping[Api, Usage]:
    """Return the usage of a day without calls."""
    return dict.fromkeys(METERED, Usage())


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """The limits and the usage of an API key."""

    limit: int
    """Calls a day: of the key or, where `per_api` is true, of each API."""
    per_minute: int
    day: int = 0
    """The UTC day of `usage`, in days since 1970."""
    usage: Mapping[Api, Usage] = field(default_factory=unused)
    recent: tuple[float, ...] = ()
    """When the calls of the last minute were sent."""
    burst_until: float = 0.0
    """When a whole burst is possible again: each call postpones it by its share of `BURST_SECONDS`."""
    throttled_until: float = 0.0
    """When the next call may be sent, after Volvo reported too many requests; 0 if it did not."""
    refused_at: float = 0.0
    """When Volvo last reported too many requests; 0 once a later call was answered."""
    per_api: bool = False
    """Whether each API has a day of its own."""
    checked_at: float = 0.0
    """When `per_api` was last tested; 0 if it never was or must be tested again."""
    probe_at: float = 0.0
    """When a call of another API may test it."""


def spend(quota: Quota, api: Api, now: float) -> Quota:
    """Count a call that is being sent.

    After a refusal a single call tests whether the limit is lifted; others wait for its answer.
    """
    quota = roll(quota, now)
    usage = quota.usage[api]
    return replace(
        quota,
        usage={**quota.usage, api: replace(usage, used=usage.used + 1)},
        recent=(*quota.recent, now),
        burst_until=_after_call(quota, now),
        throttled_until=now + MIN_PAUSE_SECONDS if _is_refused(quota, api) else quota.throttled_until,
        probe_at=now + PROBE_RETRY_SECONDS if is_undecided(quota) else quota.probe_at,
    )


def roll(quota: Quota, now: float) -> Quota:
    """Drop expired values, and values that only a wrong clock can have set.

    A Raspberry Pi starts without the time: what it stored while its clock was 400 days ahead must not stop
    polling for 400 days. Calls are counted by UTC day, so a count of another day is dropped, too.
    """
    day, latest = int(now // DAY), latest_reset(now)
    expired = {
        api
        for api, usage in quota.usage.items()
        if usage.exhausted_until and not now < usage.exhausted_until <= latest
    }
    renewed = expired if quota.per_api or not expired else set(METERED)
    is_checked = quota.checked_at <= now and (quota.per_api or now < quota.checked_at + RECHECK_SECONDS)
    return replace(
        quota,
        day=day,
        usage={
            api: Usage(
                used=0 if api in renewed or day != quota.day else each.used,
                exhausted_until=0.0 if api in expired else each.exhausted_until,
                refused_at=each.refused_at if each.refused_at <= now else 0.0,
            )
            for api, each in quota.usage.items()
        },
        recent=tuple(sent for sent in quota.recent if now - WINDOW_SECONDS < sent <= now),
        burst_until=min(quota.burst_until, now + BURST_SECONDS),
        throttled_until=quota.throttled_until if now < quota.throttled_until <= latest else 0.0,
        refused_at=quota.refused_at if quota.refused_at <= now else 0.0,
        checked_at=quota.checked_at if is_checked else 0.0,
        probe_at=quota.probe_at if quota.probe_at <= now + PROBE_RETRY_SECONDS else 0.0,
    )


def exhaust(quota: Quota, api: Api, now: float, until: float | None) -> Quota:
    """Pause until the announced reset, because Volvo reports that no calls are left; None is 00:00 UTC.

    Where two APIs are refused, they share one day, or look like it: then it is safe to assume so.
    """
    quota = roll(quota, now)
    is_shared = any(each.exhausted_until for other, each in quota.usage.items() if other is not api)
    is_news = is_shared and (quota.per_api or not quota.checked_at)
    until = _bounded(midnight(now) if until is None else until, now)
    usage = replace(quota.usage[api], exhausted_until=until, refused_at=now)
    return replace(
        quota,
        usage={**quota.usage, api: usage},
        per_api=quota.per_api and not is_shared,
        checked_at=now if is_news else quota.checked_at,
        probe_at=now + PROBE_SECONDS,
    )


def throttle(quota: Quota, now: float, until: float | None) -> Quota:
    """Pause until the time that Volvo announced, after too many requests; None is a minute."""
    until = now + DEFAULT_PAUSE_SECONDS if until is None else until
    return replace(roll(quota, now), throttled_until=_bounded(until, now), refused_at=now)


def merge(own: Quota, stored: Quota, *, unsaved: Mapping[Api, int], now: float) -> Quota:
    """Add the last `unsaved` calls of this process to what all processes have stored."""
    own, stored = roll(own, now), roll(stored, now)
    unsaved = {api: min(unsaved.get(api, 0), each.used) for api, each in own.usage.items()}
    sent = min(sum(unsaved.values()), len(own.recent))
    recent = tuple(sorted((*stored.recent, *own.recent[len(own.recent) - sent :])))
    newest = max(own, stored, key=lambda quota: quota.checked_at)
    return replace(
        own,
        usage={
            api: replace(
                each,
                used=stored.usage[api].used + unsaved[api],
                exhausted_until=max(each.exhausted_until, stored.usage[api].exhausted_until),
            )
            for api, each in own.usage.items()
        },
        recent=recent,
        per_api=newest.per_api,
        checked_at=newest.checked_at,
        probe_at=max(own.probe_at, stored.probe_at),
    )


def confirm(quota: Quota, api: Api, now: float, *, sent: float, is_good: bool) -> Quota:
    """End a pause, because a call sent at `sent` (Unix seconds) was not refused because of a limit.

    Answers to calls sent before the refusal prove nothing. A good answer while another API has no calls left
    shows that each API has a day of its own; an error does not, as it may come from before Volvo's count.
    """
    rolled = roll(quota, now)
    refusals = [each.refused_at for each in rolled.usage.values() if each.exhausted_until]
    has_calls = not rolled.usage[api].exhausted_until
    if is_good and has_calls and is_undecided(rolled) and max(refusals) < sent:
        quota = replace(rolled, per_api=True, checked_at=now)
    if not _is_refused(quota, api, before=sent):
        return quota
    lifted = {
        each: replace(quota.usage[each], refused_at=0.0)
        for each in pool(quota, api)
        if quota.usage[each].refused_at < sent
    }
    refused_at = 0.0 if quota.refused_at < sent else quota.refused_at
    return replace(quota, usage={**quota.usage, **lifted}, refused_at=refused_at, throttled_until=0.0)


def is_undecided(quota: Quota) -> bool:
    """Return whether a call of another API must test whether it has calls left; `quota` is up to date."""
    is_known = quota.per_api or quota.checked_at
    return not is_known and any(each.exhausted_until for each in quota.usage.values())


def pool(quota: Quota, api: Api) -> tuple[Api, ...]:
    """Return the APIs that share the day's calls with one; itself only while this is being tested."""
    return (api,) if quota.per_api or is_undecided(quota) else METERED


def open_at(quota: Quota, now: float) -> Mapping[Api, float]:
    """Return the earliest time at which a call of each API may be sent: `now`, or later."""
    quota = roll(quota, now)
    opens = max(now, quota.throttled_until, _minute_opens_at(quota, now))
    probe_at = max(opens, quota.probe_at) if is_undecided(quota) else opens
    return {
        api: probe_at if _used(quota, api) < quota.limit else max(opens, _resets_at(quota, api, now))
        for api in METERED
    }


def used(quota: Quota, api: Api, now: float) -> int:
    """Return how many calls of an API's day are used."""
    return _used(roll(quota, now), api)


def remaining(quota: Quota, api: Api, now: float) -> int:
    """Return how many calls of an API are left until its quota resets."""
    return max(0, quota.limit - used(quota, api, now))


def resets_at(quota: Quota, api: Api, now: float) -> float:
    """Return when the quota of an API resets."""
    return _resets_at(roll(quota, now), api, now)


def scarcest(quota: Quota, now: float) -> Api:
    """Return the API with the fewest calls left."""
    quota = roll(quota, now)
    return max(METERED, key=lambda api: _used(quota, api))


def _used(quota: Quota, api: Api) -> int:
    shared = [quota.usage[each] for each in pool(quota, api)]
    calls = sum(usage.used for usage in shared)
    return max(calls, quota.limit) if any(usage.exhausted_until for usage in shared) else calls


def _resets_at(quota: Quota, api: Api, now: float) -> float:
    return max(quota.usage[each].exhausted_until for each in pool(quota, api)) or midnight(now)


def _is_refused(quota: Quota, api: Api, *, before: float = math.inf) -> bool:
    """Return whether a limit of an API was reported before a time, and no call was answered since."""
    refusals = (quota.refused_at, *(quota.usage[each].refused_at for each in pool(quota, api)))
    return any(0 < refused_at < before for refused_at in refusals)


def _minute_opens_at(quota: Quota, now: float) -> float:
    """Return when the limit per minute allows a call: at once in a burst, then evenly.

    With n calls left in the minute, call n + 1 from now may be sent when the oldest call is a minute old,
    call n + 2 when the second oldest is, and so on. The gap is the smallest with which no call waits.
    """
    recent, left = quota.recent, quota.per_minute - len(quota.recent)
    is_burst = _after_call(quota, now) <= now + BURST_SECONDS
    if not recent or (is_burst and left > 0):
        return now
    frees = enumerate((sent + WINDOW_SECONDS - recent[-1] for sent in recent), start=left + 1)
    return recent[-1] + max(seconds / calls for calls, seconds in frees if calls > 0)


def _after_call(quota: Quota, now: float) -> float:
    """Return when a whole burst is possible again after another call."""
    return max(quota.burst_until, now) + BURST_SECONDS / (BURST_SHARE * quota.per_minute)


def latest_reset(now: float) -> float:
    """Return the latest plausible reset: the daily quota resets at 00:00 UTC."""
    return midnight(now) + DAY


def _bounded(until: float, now: float) -> float:
    """Return the end of a pause within plausible bounds."""
    earliest = now + MIN_PAUSE_SECONDS
    return min(until, latest_reset(now)) if until > earliest else earliest  # also where it is not a number


def midnight(now: float) -> float:
    """Return the next 00:00 UTC, in Unix seconds."""
    return (now // DAY + 1) * DAY
