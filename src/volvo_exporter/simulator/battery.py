"""How a battery charges (at full power first, then tapering), and how far it and the tank reach."""

from dataclasses import dataclass

from volvo_exporter.simulator.profiles import Profile
from volvo_exporter.simulator.state import Range

JOULES_PER_KWH = 3.6e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The moment at which one more percent is reached."""

    at: float
    percent: int
    kwh: float
    watts: float
    """The power that led to it."""


def percent(profile: Profile, kwh: float) -> int | None:
    """State of charge in whole percent, as cars tell it; None without a traction battery."""
    if not profile.has_battery:
        return None
    return min(max(int(kwh / profile.usable_kwh * 100 + 1e-6), 0), 100)


def watts_at(profile: Profile, kind: str, level: int) -> float:
    """Charging power at a state of charge in percent; AC tapers at the very end, DC from the middle on."""
    full, knee, least = (
        (profile.dc_watts or profile.ac_watts, 50, 0.25) if kind == "DC" else (profile.ac_watts, 94, 0.4)
    )
    if level <= knee:
        return full
    return full * (1 - (1 - least) * (level - knee) / (100 - knee))


def charge(profile: Profile, kind: str, *, kwh: float, begin: float) -> tuple[Step, ...]:
    """Every percent from now to the target; empty where the target is reached already."""
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
    """How far the car thinks it can go, in whole kilometres."""
    return Range(
        battery=int(kwh / profile.kwh_per_100km * 100) if profile.has_battery else None,
        tank=int(fuel / profile.liters_per_100km * 100) if profile.tank_liters is not None else None,
    )
