"""Calls and freshness of the real exporter over a simulated fortnight, against three fixed timetables.

The whole exporter polls the simulator in virtual time; the timetables are computed and ignore the quota. A
change appears on `/metrics` when a request that reports it is answered. Its age counts from its upload, which
polling can influence, and from the event, which an owner sees. At random moments the readings are compared
with the cloud's values at the time of the request.
"""

import argparse
import json
import logging
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from random import Random
from statistics import fmean

import anyio
import httpx2
import structlog
import trio.testing

from benchmarks import policies, polling_tables
from benchmarks.policies import (
    ASLEEP,
    AWAKE,
    DAY,
    DAY_KINDS,
    EXPORTER,
    HOME_ASSISTANT,
    KINDS,
    MIXED,
    MOVING,
    PARKED,
    POLICIES,
    RESOURCES,
    History,
)
from benchmarks.polling_tables import Figures
from volvo_exporter import simulator
from volvo_exporter.assembly import Exporter
from volvo_exporter.catalogue import families
from volvo_exporter.catalogue.model import Api, Family
from volvo_exporter.environment import Environment
from volvo_exporter.settings import Settings
from volvo_exporter.simulator import EX40, FLEET, CarState, Options, Profile, World, create_app, make_fleet
from volvo_exporter.simulator.world import MAX_LOGGED_CALLS
from volvo_exporter.supervisor import running, start_parts

MONDAY = 1793577600.0  # 2026-11-02 00:00 UTC
URL = "http://cloud.test"
SLEEPING_CAR = replace(EX40, habits=replace(EX40.habits, away=((3, 11),)))
"""A car that is not used for eight days; it falls asleep after three."""
CARS = (*FLEET, SLEEPING_CAR)
NAMES = {name: resource.endpoint for name, resource in RESOURCES.items()}
APIS = tuple(api.prefix for api in Api if api.metered)
REFUSED_STATUSES = (403, 429)
HOUR = 3600.0
TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request of the exporter, for a car or for the list of cars."""

    at: float
    resource: str
    vin: str | None
    status: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """The exporter's requests, and the cars' histories of the same time."""

    calls: tuple[Call, ...]
    histories: tuple[History, ...]
    compared: int
    """Number of readings that were compared with the cloud's values."""

    def polls(self, vin: str) -> policies.Timetable:
        """Return the times at which each resource of a car was received."""
        polls = defaultdict(list)
        for call in self.calls:
            if call.vin == vin and call.status == httpx2.codes.OK:
                polls[call.resource].append(call.at)
        return polls


def run(cars: Sequence[Profile], days: int) -> Run:
    """Run the exporter with some cars for some days."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    clock = trio.testing.MockClock(autojump_threshold=0)
    calls, compared = anyio.run(_poll, cars, days, backend="trio", backend_options={"clock": clock})
    end = MONDAY + days * DAY
    histories = tuple(policies.watch(profile, begin=MONDAY, end=end) for profile in cars)
    return Run(calls=calls, histories=histories, compared=compared)


async def _poll(cars: Sequence[Profile], days: int) -> tuple[tuple[Call, ...], int]:
    world = World(clock=lambda: MONDAY + anyio.current_time(), cars=cars, options=Options())
    environment = Environment(
        clock=world.now,
        monotonic=anyio.current_time,
        chance=Random(1),  # noqa: S311 - reproducible, not secret
        token_urlsafe=lambda size: "x" * size,
        transport=httpx2.ASGITransport(app=create_app(world)),
    )
    compared: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        settings = _settings(world, Path(folder))
        async with running(settings, environment) as exporter, anyio.create_task_group() as tasks:
            start_parts(exporter, tasks)
            tasks.start_soon(_compare, exporter, world, compared)
            await anyio.sleep(days * DAY)
            tasks.cancel_scope.cancel()
    assert len(world.log) < MAX_LOGGED_CALLS, "the simulator's log is full: use fewer days or cars"
    names = {path: name for name, path in NAMES.items()}
    calls = (call for call in world.log if call.path.startswith(APIS) and call.time < MONDAY + days * DAY)
    return tuple(
        Call(at=call.time, resource=names.get(call.path, call.path), vin=call.vin, status=call.status)
        for call in calls
    ), len(compared)


def _settings(world: World, folder: Path) -> Settings:
    answer = world.authorize()
    expires_at = world.now() + float(answer["expires_in"])
    token_file = folder / "token.json"
    token_file.write_text(json.dumps({**answer, "expires_at": expires_at, "granted_at": world.now()}))
    return Settings(
        client_id=simulator.CLIENT_ID,
        client_secret=simulator.CLIENT_SECRET,
        api_key=simulator.API_KEY,
        redirect_uri=simulator.REDIRECT_URI,
        token_file=token_file,
        state_file=folder / "state.json",
        volvo_api_url=URL,
        volvo_id_url=URL,
    )


async def _compare(exporter: Exporter, world: World, compared: list[str]) -> None:
    """Compare readings at random moments with the cloud's values at the last request."""
    random = Random(2)  # noqa: S311 - reproducible, not secret
    while True:
        await anyio.sleep(random.uniform(0.1 * HOUR, 2 * HOUR))
        for vin, car in world.cars.items():
            for resource, family, value in _values(car.profile):
                key = (vin, NAMES[resource])
                requested = next(call.time for call in reversed(world.log) if (call.vin, call.path) == key)
                expected, reading = value(car.state(requested)), exporter.garage[vin].vehicle.reading(family)
                assert reading is not None, f"{family.name} is missing"
                assert isinstance(reading.value, float | bool), f"{family.name} is {reading.value}"
                assert abs(reading.value - expected) < TOLERANCE, f"{family.name}: {reading.value} {expected}"
                compared.append(family.name)


def _values(profile: Profile) -> Iterator[tuple[str, Family, Callable[[CarState], float]]]:
    """Yield resource, family and value in the cloud of each compared reading of a car."""
    yield "odometer", families.ODOMETER, lambda state: state.odometer.value * 1000.0
    yield "doors", families.LOCKED, lambda state: float(state.locked.value)
    yield "engine-status", families.ENGINE_RUNNING, lambda state: float(state.engine.value)
    if profile.has_battery:
        resource = "energy-state" if "batteryChargeLevel" in (profile.energy_fields or ()) else "fuel"
        yield resource, families.BATTERY_CHARGE, _charge
    if profile.tank_liters is not None:
        yield "fuel", families.FUEL_AMOUNT, lambda state: state.fuel.value or 0.0


def _charge(state: CarState) -> float:
    return (state.charge.value or 0) / 100


def measure(fortnight: Run) -> Figures:
    """Return the figures of the four policies."""
    tables = {history.profile.vin: _timetables(fortnight, history) for history in fortnight.histories}
    return {
        "days": len(fortnight.histories[0].activities) * policies.STEP_SECONDS / DAY,
        "compared": fortnight.compared,
        "calls": _calls(fortnight, tables),
        "breakdown": _breakdown(fortnight),
        "ages": _ages(fortnight, tables, KINDS, moving=False),
        "moving": _ages(fortnight, tables, MOVING, moving=True),
        "ages_from_event": _ages(fortnight, tables, KINDS, moving=False, from_event=True),
        "moving_from_event": _ages(fortnight, tables, MOVING, moving=True, from_event=True),
        "refused": sum(call.status in REFUSED_STATUSES for call in fortnight.calls),
    }


def _timetables(fortnight: Run, history: History) -> Mapping[str, policies.Timetable]:
    fixed = (policies.home_assistant(history), policies.everything(history), policies.original(history))
    return dict(zip(POLICIES, (fortnight.polls(history.profile.vin), *fixed), strict=True))


def _calls(fortnight: Run, tables: Mapping[str, Mapping[str, policies.Timetable]]) -> Figures:
    """Return the calls per car and day: by kind of day, and by kind of day and car."""
    # Requests for all cars are divided among them; refused requests count, too.
    sent: Counter[tuple[str | None, int]] = Counter(
        (call.vin, int((call.at - MONDAY) // DAY)) for call in fortnight.calls
    )
    found: dict[str, dict[str, list[float]]] = {}
    for history in fortnight.histories:
        for start, kind in history.days():
            day = int((start - MONDAY) // DAY)
            own = sent[history.profile.vin, day] + sent[None, day] / len(fortnight.histories)
            fixed = {
                policy: sum(start <= at < start + DAY for times in table.values() for at in times)
                for policy, table in tables[history.profile.vin].items()
            }
            row = {**fixed, EXPORTER: own}
            groups = (
                kind,
                f"{kind}: {history.profile.model}",
                *([PARKED] if kind in (AWAKE, ASLEEP) else []),
            )
            for group in groups:
                for policy in POLICIES:
                    found.setdefault(group, {}).setdefault(policy, []).append(row[policy])
    kinds = (*DAY_KINDS[:2], PARKED, *DAY_KINDS[2:])
    order = sorted(found, key=lambda group: (kinds.index(group.partition(":")[0]), group))
    return {
        group: {
            "car_days": len(found[group][EXPORTER]),
            **{policy: fmean(found[group][policy]) for policy in POLICIES},
            "ratio": fmean(found[group][EXPORTER]) / fmean(found[group][HOME_ASSISTANT]),
        }
        for group in order
    }


def _breakdown(fortnight: Run) -> Figures:
    """Return the exporter's calls by resource: per car and day, and per car and hour of an activity."""
    histories = {history.profile.vin: history for history in fortnight.histories}
    days = {(vin, start): kind for vin, history in histories.items() for start, kind in history.days()}
    hours = Counter(activity for history in histories.values() for activity in history.activities)
    by_day: Counter[tuple[str, str]] = Counter()
    by_activity: Counter[tuple[str, str]] = Counter()
    for call in fortnight.calls:
        if call.vin is not None:
            by_day[days[call.vin, call.at - (call.at - MONDAY) % DAY], call.resource] += 1
            by_activity[histories[call.vin].activity_at(call.at), call.resource] += 1
    car_days = Counter(days.values())
    return {
        "a day": {
            kind: {name: by_day[kind, name] / car_days[kind] for name in RESOURCES}
            for kind in DAY_KINDS
            if car_days[kind]
        },
        "an hour": {
            activity: {
                name: by_activity[activity, name] * HOUR / (steps * policies.STEP_SECONDS)
                for name in RESOURCES
            }
            for activity, steps in hours.items()
        },
    }


def _ages(
    fortnight: Run,
    tables: Mapping[str, Mapping[str, policies.Timetable]],
    kinds: Sequence[str],
    *,
    moving: bool,
    from_event: bool = False,
) -> Figures:
    """Return, by policy and kind of change or "all", the number of changes, of unreported ones, and the ages.

    An age counts from the upload, which polling can influence, or from the event.
    "alike" is the mean of the exporter's ages over the changes that the policy reports.
    """
    compared = tuple(next(iter(tables.values())))
    found: dict[str, dict[str, list[tuple[float | None, float | None]]]] = {
        policy: {kind: [] for kind in kinds} for policy in compared
    }
    for history in fortnight.histories:
        changes = [change for change in history.changes if change.moving or not moving]
        ours = policies.ages(changes, tables[history.profile.vin][EXPORTER], history.end)
        for policy in compared:
            theirs = policies.ages(changes, tables[history.profile.vin][policy], history.end)
            for change, own, age in zip(changes, ours, theirs, strict=True):
                lag = change.at - change.happened if from_event else 0.0
                found[policy][change.kind].append((_later(age, lag), _later(own, lag)))
    for by_kind in found.values():
        by_kind["all"] = [pair for kind in kinds for pair in by_kind[kind]]
    return {
        policy: {kind: summarize(pairs) for kind, pairs in by_kind.items()}
        for policy, by_kind in found.items()
    }


def _later(age: float | None, lag: float) -> float | None:
    return None if age is None else age + lag


def summarize(pairs: Sequence[tuple[float | None, float | None]]) -> dict[str, float | None]:
    """Return the figures of some ages, each given with the exporter's age of the same change."""
    reported = sorted(age for age, _ in pairs if age is not None)
    alike = [own for age, own in pairs if age is not None and own is not None]
    return {
        "changes": len(pairs),
        "never": len(pairs) - len(reported),
        "median": policies.percentile(reported, 0.5) if reported else None,
        "p95": policies.percentile(reported, 0.95) if reported else None,
        "mean": fmean(reported) if reported else None,
        "alike": fmean(alike) if alike else None,
    }


def measure_fleet(fleet: Run) -> Figures:
    """Return the figures of many cars on one key."""
    days = Counter(int((call.at - MONDAY) // DAY) for call in fleet.calls)
    tables = {
        history.profile.vin: {EXPORTER: fleet.polls(history.profile.vin)} for history in fleet.histories
    }
    moving = _ages(fleet, tables, MOVING, moving=True)
    from_event = _ages(fleet, tables, MOVING, moving=True, from_event=True)
    engine = [(history, fleet.polls(history.profile.vin)["engine-status"]) for history in fleet.histories]
    polls = [[history.begin, *times, history.end] for history, times in engine]
    hours = [Counter(int((at - history.begin) // HOUR) for at in times) for history, times in engine]
    return {
        "cars": len(fleet.histories),
        "calls": [days[day] for day in sorted(days)],
        "refused": sum(call.status in REFUSED_STATUSES for call in fleet.calls),
        "moving": moving[EXPORTER],
        "moving_from_event": from_event[EXPORTER],
        "largest_gap": max(later - at for times in polls for at, later in pairwise(times)),
        "fewest_polls_in_an_hour": min(
            counted[hour]
            for (history, _), counted in zip(engine, hours, strict=True)
            for hour in range(int((history.end - history.begin) // HOUR))
        ),
    }


def aims(results: Figures) -> list[Figures]:
    """Return each aim with its figure, its limit and whether it is met."""
    ages, moving, fleet = results["ages"], results["moving"][EXPORTER], results["fleet"]
    known = [(kind, moving[kind]["p95"]) for kind in MOVING if moving[kind]["p95"] is not None]
    slowest, p95 = max(known, key=lambda item: item[1], default=("nothing", 0.0))
    ours = ages[EXPORTER]["all"]["mean"] or 0.0
    from_event = results["ages_from_event"]
    ours_from_event = from_event[EXPORTER]["all"]["mean"] or 0.0
    found = [
        *(
            (f"calls on a {kind} day, share of {HOME_ASSISTANT}'s", results["calls"][kind]["ratio"], limit)
            for kind, limit in ((MIXED, 0.45), (PARKED, 0.25))
            if kind in results["calls"]
        ),
        *(
            (f"mean age from the upload, seconds; {policy}'s is the limit", ours, ages[policy]["all"]["mean"])
            for policy in POLICIES[1:]
        ),
        *(
            (
                f"mean age from the event, seconds; {policy}'s is the limit",
                ours_from_event,
                from_event[policy]["all"]["mean"],
            )
            for policy in POLICIES[1:]
        ),
        ("driving or charging: 95th percentile of all, seconds", moving["all"]["p95"] or 0.0, 90.0),
        (f"driving or charging: 95th percentile of the slowest kind ({slowest}), seconds", p95, 90.0),
        ("refused calls of the four cars", results["refused"], 0),
        (f"refused calls of {fleet['cars']} cars on one key", fleet["refused"], 0),
    ]
    return [
        {"aim": aim, "figure": figure, "limit": limit, "met": figure <= limit}
        for aim, figure, limit in found
        if limit is not None
    ]


def main() -> None:
    """Measure, print the tables, and write the figures as JSON if requested."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=14, help="UTC days from a Monday on (default: 14)")
    parser.add_argument("--fleet", type=int, default=12, help="cars on one key in a second run of 2 days")
    parser.add_argument("--json", metavar="FILE", help="write the figures as JSON; -: here, no tables")
    arguments = parser.parse_args()
    with ProcessPoolExecutor(max_workers=2) as processes:
        fortnight = processes.submit(run, CARS, arguments.days)
        fleet = processes.submit(run, make_fleet(arguments.fleet), min(2, arguments.days))
        results = {**measure(fortnight.result()), "fleet": measure_fleet(fleet.result())}
    results["aims"] = aims(results)
    text = json.dumps(results, indent=1)
    if arguments.json == "-":
        print(text)
        return
    if arguments.json:
        Path(arguments.json).write_text(text)
    print("\n\n".join(polling_tables.sections(results)))


if __name__ == "__main__":
    main()
