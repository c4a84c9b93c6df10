"""Apply an answer to the garage and the plan, and return the changes.

The poller and the backfill use the same functions. They do no I/O; time and chance are arguments.
"""

from dataclasses import dataclass, replace

from volvo_exporter.catalogue import extended_vehicle, families
from volvo_exporter.polling.outcomes import Outcome
from volvo_exporter.polling.plan import Plan
from volvo_exporter.polling.schedule import Slot, advance, settled
from volvo_exporter.vehicles import activity, silence
from volvo_exporter.vehicles.garage import Garage
from volvo_exporter.vehicles.reader import read, read_items
from volvo_exporter.vehicles.reading import Answer, Unmapped
from volvo_exporter.vehicles.updates import Update
from volvo_exporter.vehicles.vehicle import NO_CHANGE, Change

EXPIRY_SLACK_SECONDS = 1.0
"""A value is stale after its limit, not at it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The result of an answer."""

    update: Update
    unmapped: tuple[Unmapped, ...] = ()


def apply_answer(
    plan: Plan, garage: Garage, slot: Slot, payload: object, *, now: float, chance: float
) -> Result:
    """Apply the decoded JSON of a resource of a vehicle; `chance` lies in 0 to 1 and spreads retries."""
    if slot.resource is extended_vehicle.ITEMS:
        items = read_items(payload)
        plan.list_items(slot.vin, items, now)
        record(plan, slot, Outcome.OK if items else Outcome.EMPTY, now=now, chance=chance)
        return Result(update=_observe(plan, garage, slot, NO_CHANGE, now, up=True))
    answer = read(slot.resource, payload, now=now, item=slot.item)
    change = garage.take(slot.vin, slot.resource, answer, item=slot.item)
    outcome = Outcome.EMPTY if answer.is_empty else Outcome.OK
    record(plan, slot, outcome, now=now, chance=chance)
    if any(reading.field.family is families.LATITUDE for reading in answer.readings):
        plan.locate(slot.vin, now)
    update = _observe(plan, garage, slot, change, now, up=True)
    _learn(plan, garage, slot, answer, update)
    return Result(update=update, unmapped=answer.unmapped)


def apply_failure(
    plan: Plan, garage: Garage, slot: Slot, outcome: Outcome, *, now: float, chance: float
) -> Update:
    """Apply a failed request for a resource of a vehicle."""
    record(plan, slot, outcome, now=now, chance=chance)
    entry = plan.entries[slot]
    if outcome is Outcome.UNSUPPORTED and settled(entry, now=now):
        change = garage[slot.vin].vehicle.drop(slot.resource, slot.item)
        return _observe(plan, garage, slot, change, now, up=None)
    return _observe(plan, garage, slot, NO_CHANGE, now, up=False)


def apply_time(plan: Plan, garage: Garage, vin: str, *, now: float) -> Update:
    """Apply the passing of time to a vehicle."""
    return _advance(plan, garage, vin, Update(vin=vin, at=now), received=False)


def record(plan: Plan, slot: Slot, outcome: Outcome, *, now: float, chance: float) -> None:
    """Record the outcome of a request in the plan."""
    entry = advance(plan.entries[slot], outcome, now=now, interval=plan.interval(slot, now), chance=chance)
    plan.settle(entry, now)


def _observe(
    plan: Plan, garage: Garage, slot: Slot, change: Change, now: float, *, up: bool | None
) -> Update:
    max_age = plan.max_age(slot, now)
    if up is not None:
        garage[slot.vin].vehicle.note(slot.resource, up=up, now=now, max_age=max_age)
    update = Update(
        vin=slot.vin,
        at=now,
        resource=slot.resource,
        item=slot.item,
        answered=up is True,
        max_age=max_age,
        change=change,
    )
    return _advance(plan, garage, slot.vin, update, received=up is True)


def _learn(plan: Plan, garage: Garage, slot: Slot, answer: Answer, update: Update) -> None:
    """Record whether a resource is updated during a drive, and adapt its pace."""
    place, before = garage[slot.vin], garage[slot.vin].reports
    times = (reading.measured for reading in answer.readings if reading.measured is not None)
    place.reports = silence.follow(before, slot.resource, update, measured=max(times, default=None))
    if place.reports.silent != before.silent:
        plan.react(slot.vin, (), update.at)
        place.intervals = plan.intervals(slot.vin, update.at)


def _advance(plan: Plan, garage: Garage, vin: str, update: Update, *, received: bool) -> Update:
    """Bring the activity of a vehicle up to date, and the plan with it."""
    place, now = garage[vin], update.at
    place.vehicle.age(plan.max_ages(vin, now), now)
    before = place.state
    seen = activity.observe(place.vehicle, now)
    observation = activity.complete(seen, place.recalled, place.vehicle.polls)
    place.state, events = activity.advance(before, observation, now, received=received)
    if events or activity.changes_pace(before, place.state):
        plan.react(vin, events, now)
    place.intervals = plan.intervals(vin, now)
    expiry = place.vehicle.next_expiry(now) + EXPIRY_SLACK_SECONDS
    plan.plan_review(vin, min(activity.next_review(place.state, now), expiry))
    return replace(update, before=before.activity, activity=place.state.activity, events=events)
