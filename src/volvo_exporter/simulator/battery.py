"""Charging curve of a battery (full power, then tapering), and range of battery and tank."""

from dataclasses import dataclass

from volvo_exporter.simulator.profiles import Profile
from volvo_exporter.simulator.state import Range

JOULES_PER_KWH = 3.6e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The moment at which the charge gains one percent."""

    at: float
    percent: int
    kwh: float
    watts: float
    """The charging power up to this moment."""


def percent(profile: Profile, kwh: float) -> int | None:
    """Return the state of charge in whole percent, as cars report it; None without a traction battery."""
    if not profile.has_battery:
        return None
    return min(max(int(kwh / profile.usable_kwh * 100 + 1e-6), 0), 100)


def watts_at(profile: Profile, kind: str, level: int) -> float:
    """Return the charging power at a state of charge in percent; AC tapers above 94 %, DC above 50 %."""
    full, knee, min_share = (
        (profile.dc_watts or profile.ac_watts, 50, 0.25) if kind == "DC" else (profile.ac_watts, 94, 0.4)
    )
    if level <= knee:
        return full
    return full * (1 - (1 - min_share) * (level - knee) / (100 - knee))


def charge(profile: Profile, kind: str, *, kwh: float, begin: float) -> tuple[Step, ...]:
    """Return a step for each percent up to the target; none if the target is already reached."""
    level = percent(profile, kwh) or 0
    steps: list[Step] = []
    at = begin
    while level < profile.habits.target:
        watts = watts_at(profile, kind, level)
        level += 1
        goal = profile.usable_kwh * level / 100
        at += (goal - kwh) * JOULES_PER_KWH / watts
        kwh = goal
        steps.append(Step(at=at, percent=level, kwh=kwh, watts=watts))
    return tuple(steps)


def range_left(profile: Profile, *, kwh: float, fuel: float) -> Range:
    """Return the range that the car estimates, in whole kilometres."""
    return Range(
        battery=int(kwh / profile.kwh_per_100km * 100) if profile.has_battery else None,
        tank=int(fuel / profile.liters_per_100km * 100) if profile.tank_liters is not None else None,
    )
