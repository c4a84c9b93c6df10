from dataclasses import replace

import pytest

from volvo_exporter import catalogue
from volvo_exporter.catalogue import connected_vehicle, energy, extended_vehicle, weather
from volvo_exporter.catalogue.model import Api, Discovery
from volvo_exporter.polling.outcomes import Outcome
from volvo_exporter.polling.plan import Plan
from volvo_exporter.polling.schedule import Slot
from volvo_exporter.polling.stretch import Stretch
from volvo_exporter.vehicles.activity import Observation, advance
from volvo_exporter.vehicles.garage import Garage

NOW = 1_800_000_000.0


def a_plan(garage: Garage | None = None) -> Plan:
    plan = Plan(resources=catalogue.RESOURCES, scrape_interval=300, garage=garage or Garage())
    plan.begin(NOW)
    return plan


def due(plan: Plan, now: float) -> list[Slot]:
    """The slots that are sent at a time, in their order; each is under way afterwards."""
    found = []
    while (slot := plan.first_due(now)) is not None:
        plan.record_request(slot, now)
        found.append(slot)
    return found


def answer(plan: Plan, resource, outcome: Outcome = Outcome.OK, vin: str = "X") -> None:
    plan.settle(replace(plan.entries[Slot(resource=resource, vin=vin)], outcome=outcome), NOW)


def names(plan: Plan) -> set[str]:
    return {slot.resource.name for slot in plan.entries}


def test_at_first_only_the_list_of_cars_is_requested():
    assert names(a_plan()) == {"vehicles"}


def test_details_and_capabilities_of_a_new_car_are_requested_first():
    plan = a_plan()
    plan.add_vehicle("X", NOW)

    assert names(plan) == {"vehicles", "details", "energy-capabilities"}


def test_everything_else_is_requested_after_both_have_succeeded_or_failed():
    plan = a_plan()
    plan.add_vehicle("X", NOW)
    answer(plan, connected_vehicle.DETAILS, Outcome.TRANSIENT)
    assert "doors" not in names(plan)
    answer(plan, energy.CAPABILITIES, Outcome.UNSUPPORTED)

    later = {Discovery.ITEM, Discovery.POSITION}
    expected = [resource for resource in catalogue.RESOURCES if resource.discovery not in later]
    assert len(plan.entries) == len(expected)
    assert {slot.resource for slot in plan.entries} == {*expected}


def test_a_refused_key_does_not_count_as_a_response():
    plan = a_plan()
    plan.add_vehicle("X", NOW)
    answer(plan, connected_vehicle.DETAILS)
    answer(plan, energy.CAPABILITIES, Outcome.KEY_REFUSED)

    assert "doors" not in names(plan)


def test_adding_a_car_again_changes_nothing():
    plan = a_plan()
    plan.add_vehicle("X", NOW)
    before = dict(plan.entries)
    plan.add_vehicle("X", NOW + 50)

    assert plan.entries == before


def test_a_removed_car_is_not_polled_and_late_responses_do_not_restore_it():
    plan = a_plan()
    plan.add_vehicle("X", NOW)
    late = plan.entries[Slot(resource=connected_vehicle.DETAILS, vin="X")]
    plan.remove_vehicle("X")
    plan.settle(replace(late, outcome=Outcome.OK), NOW)

    assert set(plan.vins) == set()


def test_the_weather_waits_for_the_position_and_items_for_their_list():
    plan = a_plan()
    plan.add_vehicle("X", NOW)
    plan.locate("X", NOW)
    plan.list_items("X", ("odometer",), NOW)

    assert Slot(resource=weather.WEATHER, vin="X") in plan.entries
    assert Slot(resource=extended_vehicle.ITEM, vin="X", item="odometer") in plan.entries


def refuse(plan: Plan, outcome: Outcome) -> None:
    """Refuse the capabilities of X for a day, which has never answered."""
    entry = plan.entries[Slot(resource=energy.CAPABILITIES, vin="X")]
    plan.settle(replace(entry, outcome=outcome, postponed_until=NOW + 86400), NOW)


@pytest.mark.parametrize("outcome", [Outcome.GONE, Outcome.FORBIDDEN])
def test_a_removed_or_forbidden_api_is_postponed_for_every_car_without_a_response(outcome):
    plan = a_plan()
    for vin in "XYZ":
        plan.add_vehicle(vin, NOW)
    z = Slot(resource=energy.CAPABILITIES, vin="Z")
    plan.settle(replace(plan.entries[z], outcome=Outcome.OK, requested=NOW, last_success=NOW), NOW)
    refuse(plan, outcome)

    assert plan.due_at(Slot(resource=energy.CAPABILITIES, vin="Y"), NOW) == NOW + 86400
    assert plan.entries[z].outcome is Outcome.OK


def test_after_a_new_login_the_list_of_cars_is_requested_again():
    plan = a_plan()
    plan.postpone(connected_vehicle.VEHICLES, NOW + 86400, NOW)
    plan.retry_forbidden(NOW + 10)

    assert plan.due_at(Slot(resource=connected_vehicle.VEHICLES), NOW + 10) == NOW + 10


def slot(name: str, vin: str = "X") -> Slot:
    resource = next(resource for resource in catalogue.RESOURCES if resource.name == name)
    return Slot(resource=resource, vin=vin)


class Settled:
    """A car of which every resource has just been requested."""

    def __init__(self, seen: Observation) -> None:
        self.garage = Garage()
        self.garage.add("X", account="a")
        self.plan = a_plan(self.garage)
        self.plan.add_vehicle("X", NOW)
        answer(self.plan, connected_vehicle.DETAILS)
        answer(self.plan, energy.CAPABILITIES)
        self.observe(seen, NOW)
        for known in list(self.plan.entries):
            self.plan.settle(self.plan.record_request(known, NOW), NOW)
            self.plan.entries[known] = replace(self.plan.entries[known], requested=NOW, prompted=None)
        self.plan.place_all(NOW)

    def observe(self, seen: Observation, now: float) -> None:
        place = self.garage["X"]
        place.state, events = advance(place.state, seen, now, received=True)
        self.plan.react("X", events, now)


PARKED = Observation(
    running=False,
    connected=False,
    reachable=True,
    odometer=1.0,
    openings=((("volvo_locked", ()), True),),
    reported_at=NOW,
)


def test_an_engine_start_shortens_the_intervals_of_live_resources_at_once():
    settled = Settled(PARKED)
    plan = settled.plan
    before = plan.due_at(slot("odometer"), NOW)
    settled.observe(replace(PARKED, running=True), NOW + 100)

    assert before == NOW + 7200
    assert plan.due_at(slot("odometer"), NOW + 100) == NOW + 60
    assert slot("doors") in due(plan, NOW + 100)


def test_the_end_of_a_trip_triggers_requests_for_everything_it_changes():
    settled = Settled(replace(PARKED, running=True))
    settled.observe(PARKED, NOW + 90)

    sent = {known.resource.name for known in due(settled.plan, NOW + 90)}
    assert {"location", "statistics", "odometer", "fuel", "doors", "warnings"} <= sent
    assert "commands" not in sent


def test_doors_follow_the_engine_by_half_an_interval():
    plan = Settled(PARKED).plan

    assert plan.due_at(slot("engine-status"), NOW) == NOW + 180
    assert plan.due_at(slot("doors"), NOW) == NOW + 300
    plan.record_request(slot("engine-status"), NOW + 180)
    assert plan.due_at(slot("doors"), NOW + 180) == NOW + 330


def test_an_engine_status_that_keeps_failing_does_not_starve_the_doors():
    plan = Settled(PARKED).plan
    for late in range(0, 1000, 60):
        plan.record_request(slot("engine-status"), NOW + late)

    assert plan.due_at(slot("doors"), NOW + 1000) <= NOW + 450


def test_a_clock_that_is_set_back_stops_nothing():
    plan = Settled(PARKED).plan
    plan.entries[slot("tyres")] = replace(plan.entries[slot("tyres")], postponed_until=NOW + 86400)
    before = NOW - 10 * 86400

    plan.place_all(before)  # as the poller does when it sees the clock go back
    assert {known.resource.name for known in due(plan, before)} >= {"doors", "tyres"}


def test_a_forbidden_resource_is_not_requested_for_the_next_car():
    plan = Settled(PARKED).plan
    plan.add_vehicle("Y", NOW)
    answer(plan, connected_vehicle.DETAILS, vin="Y")
    answer(plan, energy.CAPABILITIES, vin="Y")
    entry = replace(plan.entries[slot("location")], outcome=Outcome.FORBIDDEN, postponed_until=NOW + 86400)
    plan.settle(entry, NOW)

    assert plan.due_at(slot("location", "Y"), NOW) == NOW + 86400


def test_a_tight_quota_stretches_by_priority():
    plan = Settled(replace(PARKED, running=True)).plan
    plan.stretches = dict.fromkeys(Api, Stretch(live=1.0, usual=2.0, slow=3.0))

    assert plan.interval(slot("engine-status"), NOW) == 60
    assert plan.interval(slot("doors"), NOW) == 2 * 300
    assert plan.interval(slot("tyres"), NOW) == 3 * 3600


def test_the_fuel_of_a_charging_classic_hybrid_is_requested_for_its_charge_level():
    charging = replace(PARKED, charging=True, connected=True)

    assert Settled(charging).plan.interval(slot("fuel"), NOW) == 7200
    assert Settled(replace(charging, charge_by_fallback=True)).plan.interval(slot("fuel"), NOW) == 60
    assert Settled(replace(charging, charge_by_fallback=True)).plan.interval(slot("statistics"), NOW) == 60


def test_the_most_important_resources_of_every_car_are_requested_first():
    garage = Garage()
    plan = a_plan(garage)
    for vin in ("X", "Y"):
        garage.add(vin, account="a")
        plan.add_vehicle(vin, NOW)
        answer(plan, connected_vehicle.DETAILS, vin=vin)
        answer(plan, energy.CAPABILITIES, vin=vin)

    order = [known.resource.name for known in due(plan, NOW + 1) if known.resource.api.metered]
    wanted = ["engine-status", "energy-state", "doors", "odometer"]
    assert [name for name in order if name in wanted] == [name for name in wanted for _ in range(2)]
    assert order.index("tyres") > order.index("odometer")


def test_a_slot_in_progress_is_not_due_and_becomes_due_again_if_retracted():
    plan = a_plan()
    vehicles = plan.first_due(NOW)
    before = plan.record_request(vehicles, NOW)
    assert plan.first_due(NOW + 1e6) is None
    plan.retract(before, NOW)

    assert plan.first_due(NOW) == vehicles


def test_a_stretch_that_changes_moves_the_due_times_at_once():
    plan = Settled(PARKED).plan
    plan.adopt(dict.fromkeys(Api, Stretch(live=1.0, usual=2.0, slow=3.0)), NOW)
    sent = {known.resource.name for known in due(plan, NOW + 599)}

    assert "engine-status" in sent
    assert "doors" not in sent
