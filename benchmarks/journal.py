"""Compares the drives and charges of the journal with what simulated cars really did in a fortnight.

The real exporter polls five kinds of car in virtual time; their uploads lag behind by up to two minutes. The
log that the journal would write is derived into drives and charges.

python benchmarks/journal.py             prints the figures, for both wire eras, without and with daily gaps
python benchmarks/journal.py --check     exits with 1 if one of them misses its target
python benchmarks/journal.py --days 4    a shorter time
"""

import argparse
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TypeVar

from benchmarks import fortnight
from benchmarks.fortnight import CARS, DAY, MONDAY
from volvo_exporter.journal.derivation import Derived, Parameters, derive
from volvo_exporter.journal.events import Charge, Drive, Interval, Range, Refuel, Unattributed
from volvo_exporter.journal.knowledge import ODOMETER
from volvo_exporter.journal.observations import Log, State
from volvo_exporter.simulator import Car, Era, Profile
from volvo_exporter.simulator.truth import TrueCharge, TrueDrive, charges_of, drives_of

Fact = TypeVar("Fact", TrueDrive, TrueCharge)
Found = TypeVar("Found", Drive, Charge)
MIN_METERS, MIN_POINTS = 1000.0, 3
"""Shorter drives and smaller charges need not be found."""
TOLERANCE_SECONDS = 0.001
"""Wire times are cut off at milliseconds."""
MIN_FOUND, MAX_WIDTH_SECONDS, MIN_ENERGY, MAX_YEAR_SECONDS = 0.99, 120.0, 0.98, 5.0


@dataclass(slots=True, kw_only=True)
class Score:
    """How the drives, or the charges, of some cars were derived."""

    true: int = 0
    found: int = 0
    invented: int = 0
    inside: int = 0
    """Of those found: start and end lie in the intervals."""
    widths: list[float] = field(default_factory=list)
    """Of the intervals of starts and ends, in seconds."""

    def width(self, share: float) -> float:
        """Return a quantile of the widths."""
        return sorted(self.widths)[int(share * (len(self.widths) - 1))] if self.widths else 0.0


@dataclass(slots=True, kw_only=True)
class Figures:
    """What was measured over all cars."""

    drives: Score = field(default_factory=Score)
    charges: Score = field(default_factory=Score)
    charge_energy: list[bool] = field(default_factory=list)
    """For each charge whether the true energy lies within that from the state of charge."""
    power_energy: list[bool] = field(default_factory=list)
    refuels: int = 0
    conserved: bool = True
    rows: int = 0
    seconds: float = 0.0


def measure(cars: Sequence[Profile], logs: Mapping[str, Log], days: float) -> Figures:
    """Return the figures of some cars whose logs cover some days."""
    figures = Figures()
    for profile in cars:
        _measure(figures, profile, logs[profile.vin], MONDAY + days * DAY)
    return figures


def _measure(figures: Figures, profile: Profile, log: Log, end: float) -> None:
    begun = time.perf_counter()
    derived = derive(log, Parameters())
    figures.seconds += time.perf_counter() - begun
    figures.rows += len(log.observations)
    events = (*derived.events, *derived.open)
    car = Car(profile, seed=1, simulated_start=MONDAY)
    drives = [event for event in events if isinstance(event, Drive)]
    true_drives = list(drives_of(car, MONDAY, end))
    compare(figures.drives, [drive for drive in true_drives if drive.meters >= MIN_METERS], drives)
    charges = [event for event in events if isinstance(event, Charge)]
    car = Car(profile, seed=1, simulated_start=MONDAY)
    true_charges = [charge for charge in charges_of(car, MONDAY, end) if charge.points >= MIN_POINTS]
    for true, charge in compare(figures.charges, true_charges, charges):
        if charge.energy.charge is not None:
            figures.charge_energy.append(_contains(charge.energy.charge, true.joules))
        if charge.energy.power is not None:
            figures.power_energy.append(_contains(charge.energy.power, true.joules))
    figures.refuels += sum(isinstance(event, Refuel) for event in events)
    figures.conserved &= attributed(derived) == odometer_difference(log)


def compare(score: Score, true: Sequence[Fact], found: Sequence[Found]) -> list[tuple[Fact, Found]]:
    """Add to a score how well events were found, and return the pairs: each event counts once."""
    rest = list(found)
    pairs = []
    for fact in true:
        overlapping = [event for event in rest if _overlap(fact, event) > 0]
        if overlapping:
            best = max(overlapping, key=lambda event: _overlap(fact, event))
            rest.remove(best)
            pairs.append((fact, best))
    score.true += len(true)
    score.found += len(pairs)
    score.invented += len(rest)
    for fact, event in pairs:
        score.inside += _holds(event.start, fact.start) and _holds(event.end, fact.end)
        score.widths += [width(event.start), width(event.end)]
    return pairs


def _overlap(fact: TrueDrive | TrueCharge, event: Drive | Charge) -> float:
    return min(fact.end, event.end.latest) - max(fact.start, event.start.earliest)


def _holds(interval: Interval, moment: float) -> bool:
    return interval.earliest - TOLERANCE_SECONDS <= moment <= interval.latest + TOLERANCE_SECONDS


def width(interval: Interval) -> float:
    """Return the length of an interval in seconds."""
    return interval.latest - interval.earliest


def _contains(energy: Range | None, joules: float) -> bool:
    return energy is not None and energy.low <= joules <= energy.high


def attributed(derived: Derived) -> float:
    """Return the meters of all drives and of what belongs to none."""
    events = (*derived.events, *derived.open)
    return sum(event.distance_meters for event in events if isinstance(event, Drive | Unattributed))


def odometer_difference(log: Log) -> float:
    """Return the last reading of the odometer minus the first one, in meters."""
    values = [
        row.value
        for row in log.observations
        if row.series == ODOMETER and row.state is State.OK and isinstance(row.value, float)
    ]
    return values[-1] - values[0] if values else 0.0


def repeat(log: Log, times: int, days: float) -> Log:
    """Return a log several times, one after the other; the odometer continues."""
    shifts = [(number * days * DAY, number * odometer_difference(log)) for number in range(times)]

    def moved(value: object, meters: float) -> object:
        return value + meters if isinstance(value, float) else value

    rows = [
        replace(
            row,
            seen=row.seen + seconds,
            before=None if row.before is None else row.before + seconds,
            measured=None if row.measured is None else row.measured + seconds,
            value=moved(row.value, meters) if row.series == ODOMETER else row.value,  # type: ignore[arg-type]
        )
        for seconds, meters in shifts
        for row in log.observations
    ]
    runs = [
        replace(run, first=run.first + seconds, last=run.last + seconds)
        for seconds, _ in shifts
        for run in log.runs
    ]
    return replace(log, observations=tuple(rows), runs=tuple(runs))


def derive_a_year(logs: Mapping[str, Log], days: int) -> tuple[int, float]:
    """Return the rows of a year of the car that reports most, and the seconds that deriving them takes."""
    log = max(logs.values(), key=lambda log: len(log.observations))
    year = repeat(log, round(365 / days), days)
    begun = time.perf_counter()
    derive(year, Parameters())
    return len(year.observations), time.perf_counter() - begun


def misses(figures: Figures, *, gaps: bool) -> list[str]:
    """Return the targets that the figures miss; with gaps the intervals may be wide."""
    widths = Score(widths=[*figures.drives.widths, *figures.charges.widths])
    targets = [
        ("drives found", figures.drives.found >= MIN_FOUND * figures.drives.true or gaps),
        ("charges found", figures.charges.found >= MIN_FOUND * figures.charges.true or gaps),
        ("none invented", figures.drives.invented + figures.charges.invented == 0),
        ("truth inside", figures.drives.inside == figures.drives.found),
        ("truth of charges inside", figures.charges.inside == figures.charges.found),
        ("intervals", widths.width(0.95) <= MAX_WIDTH_SECONDS + TOLERANCE_SECONDS or gaps),
        ("energy", sum(figures.charge_energy) >= MIN_ENERGY * len(figures.charge_energy)),
        ("odometer", figures.conserved),
    ]
    return [name for name, kept in targets if not kept]


def print_table(rows: Mapping[str, Figures]) -> None:
    """Print the figures as they stand in docs/journal.md."""
    print(
        "| | drives found | invented | truth inside | width median / p95 | charges found | invented "
        "| truth inside | width median / p95 | energy (charge) inside | energy (power) inside |"
    )
    print("|---|" + "--:|" * 10)
    for name, figures in rows.items():
        cells = [name]
        for score in (figures.drives, figures.charges):
            cells += [
                f"{score.found} of {score.true}",
                f"{score.invented}",
                f"{score.inside} of {score.found}",
                f"{score.width(0.5):.0f} s / {score.width(0.95):.0f} s",
            ]
        cells += [f"{sum(figures.charge_energy)} of {len(figures.charge_energy)}"]
        cells += [f"{sum(figures.power_energy)} of {len(figures.power_energy)}"]
        print("| " + " | ".join(cells) + " |")


def _record(days: int, era: Era, gaps: bool) -> dict[str, Log]:
    logs = fortnight.record(CARS, days=days, era=era, gaps=fortnight.daily_gaps(days) if gaps else ())
    # A read-only mapping does not go from one process to another.
    return {vin: replace(log, attributes=dict(log.attributes)) for vin, log in logs.items()}


def main() -> int:
    """Record, measure and print; return 1 if a target is missed and that is to be checked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--days", type=int, default=14)
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--check", action="store_true", help="exit with 1 if a target is missed")
    arguments = parser.parse_args()
    cases = {
        f"{era.value}, {'daily gaps of 1 to 4 hours' if gaps else 'no gaps'}": (era, gaps)
        for gaps in (False, True)
        for era in Era
    }
    with ProcessPoolExecutor(arguments.jobs) as pool:
        eras, gaps = zip(*cases.values(), strict=True)
        recorded = list(pool.map(_record, [arguments.days] * len(cases), eras, gaps))
    table = {name: measure(CARS, logs, arguments.days) for name, logs in zip(cases, recorded, strict=True)}
    print_table(table)
    rows, seconds = derive_a_year(recorded[0], arguments.days)
    print(f"\nA year of one car: {rows} rows derived in {seconds:.1f} s")
    missed = [
        f"{name}: {target}"
        for name, figures in table.items()
        for target in misses(figures, gaps=cases[name][1])
    ]
    missed += ["a year"] if seconds > MAX_YEAR_SECONDS else []
    print("\n".join(f"missed: {target}" for target in missed))
    return 1 if missed and arguments.check else 0


if __name__ == "__main__":
    sys.exit(main())
