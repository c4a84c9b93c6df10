"""The cars of an account; a shorter list must be confirmed, since single answers may be wrong. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from volvo_exporter.polling.schedule import MAX_LIST_DELAY_SECONDS, MIN_BACKOFF_SECONDS

CONFIRMED_AFTER_SECONDS = 900.0
"""How long a car must be missing from every list until it is dropped: six lists, as they are retried.
Chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """The result of the lists of vehicles so far. Times are Unix seconds."""

    vins: tuple[str, ...] = ()
    """The cars to poll."""
    missing: Mapping[str, float] = field(default_factory=dict)
    """Since when a car of an earlier list or of `vin` has been missing."""
    incomplete: int = 0
    """How many lists in a row lacked a car, or had none."""

    @property
    def retry_after(self) -> float | None:
        """Seconds until the list is requested again; None for its usual interval."""
        if not self.incomplete:
            return None
        return min(MAX_LIST_DELAY_SECONDS, MIN_BACKOFF_SECONDS * 2.0 ** min(self.incomplete - 1, 20))


def revise(roster: Roster, listed: Collection[str], *, chosen: tuple[str, ...], now: float) -> Roster:
    """Return the roster after another list; `chosen` are the cars of `vin`, empty for all of the account.

    A car named in `vin` that was listed once stays. Any other is dropped once it has been missing from
    every list for `CONFIRMED_AFTER_SECONDS`.
    """
    present = tuple(vin for vin in listed if not chosen or vin in chosen)
    absent = [vin for vin in dict.fromkeys((*roster.vins, *chosen)) if vin not in present]
    # A time in the future was stored while the clock was ahead.
    missing = {vin: min(roster.missing.get(vin, now), now) for vin in absent}
    kept = [
        vin
        for vin in roster.vins
        if vin in missing and (vin in chosen or now - missing[vin] < CONFIRMED_AFTER_SECONDS)
    ]
    vins = (*present, *kept)
    incomplete = any(vin in missing for vin in (*vins, *chosen)) or not vins
    return Roster(
        vins=vins,
        missing={vin: since for vin, since in missing.items() if vin in kept or vin in chosen},
        incomplete=roster.incomplete + 1 if incomplete else 0,
    )
