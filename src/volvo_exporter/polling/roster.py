"""The cars of an account, although single answers are wrong: a list that shrinks must be confirmed. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from volvo_exporter.polling.schedule import FIRST_BACKOFF, MAX_LIST_REST

CONFIRMED_AFTER_SECONDS = 900.0
"""How long a car must be missing from every list until it is dropped: six lists, as they are retried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """What the lists of vehicles have shown so far. Times are Unix seconds."""

    vins: tuple[str, ...] = ()
    """The cars to poll."""
    missing: Mapping[str, float] = field(default_factory=dict)
    """Since when a car that was listed, or is named in `vin`, is not."""
    incomplete: int = 0
    """How many lists in a row lacked a car, or had none."""

    @property
    def retry_after(self) -> float | None:
        """Seconds until the list is requested again; None for its usual interval."""
        if not self.incomplete:
            return None
        return min(MAX_LIST_REST, FIRST_BACKOFF * 2.0 ** min(self.incomplete - 1, 20))


def revise(roster: Roster, listed: Collection[str], *, chosen: tuple[str, ...], now: float) -> Roster:
    """The roster after another list; `chosen` are the cars named in `vin`, empty for all of the account.

    A car named in `vin` that was listed once stays. Any other is dropped once it has been missing from
    every list for `CONFIRMED_AFTER_SECONDS`.
    """
    present = tuple(vin for vin in listed if not chosen or vin in chosen)
    absent = [vin for vin in dict.fromkeys((*roster.vins, *chosen)) if vin not in present]
    # A time in the future was noted while the clock was ahead.
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
