import math
from dataclasses import replace

from volvo_exporter import catalogue
from volvo_exporter.catalogue import connected_vehicle, energy, extended_vehicle, weather
from volvo_exporter.polling.outcomes import Outcome
from volvo_exporter.polling.plan import Plan
from volvo_exporter.polling.schedule import Slot

NOW = 1_800_000_000.0


def a_plan() -> Plan:
    plan = Plan(resources=catalogue.RESOURCES, scrape_interval=300)
    plan.begin(NOW)
    return plan


def answer(plan: Plan, resource, outcome: Outcome = Outcome.OK, vin: str = "X") -> None:
    plan.settle(replace(plan.entries[Slot(resource=resource, vin=vin)], outcome=outcome), NOW)


def names(plan: Plan) -> set[str]:
    return {slot.resource.name for slot in plan.entries}


def test_at_first_only_the_list_of_cars_is_asked():
    assert names(a_plan()) == {"vehicles"}


def test_a_new_car_is_first_asked_what_it_is_and_what_it_can():
    plan = a_plan()
    plan.welcome("X", NOW)

    assert names(plan) == {"vehicles", "details", "energy-capabilities"}


def test_everything_else_follows_once_both_have_been_answered_well_or_badly():
    plan = a_plan()
    plan.welcome("X", NOW)
    answer(plan, connected_vehicle.DETAILS, Outcome.TRANSIENT)
    assert "doors" not in names(plan)
    answer(plan, energy.CAPABILITIES, Outcome.UNSUPPORTED)

    assert len(plan.entries) == 1 + 17 + 1  # the list, a car's own, Extended Vehicle's list of items


def test_a_refused_key_is_no_answer():
    plan = a_plan()
    plan.welcome("X", NOW)
    answer(plan, connected_vehicle.DETAILS)
    answer(plan, energy.CAPABILITIES, Outcome.KEY_REFUSED)

    assert "doors" not in names(plan)


def test_welcoming_a_car_again_changes_nothing():
    plan = a_plan()
    plan.welcome("X", NOW)
    before = dict(plan.entries)
    plan.welcome("X", NOW + 50)

    assert plan.entries == before


def test_a_dismissed_car_is_not_asked_and_its_late_answers_do_not_bring_it_back():
    plan = a_plan()
    plan.welcome("X", NOW)
    late = plan.entries[Slot(resource=connected_vehicle.DETAILS, vin="X")]
    plan.dismiss("X")
    plan.settle(replace(late, outcome=Outcome.OK), NOW)

    assert plan.vins == frozenset()


def test_the_weather_waits_for_the_position_and_items_for_their_list():
    plan = a_plan()
    plan.welcome("X", NOW)
    plan.locate("X", NOW)
    plan.list_items("X", ("odometer",), NOW)

    assert Slot(resource=weather.WEATHER, vin="X") in plan.entries
    assert Slot(resource=extended_vehicle.ITEM, vin="X", item="odometer") in plan.entries


def test_a_removed_api_is_switched_off_for_every_car():
    plan = a_plan()
    for vin in "XY":
        plan.welcome(vin, NOW)
    answer(plan, energy.CAPABILITIES, Outcome.GONE)

    assert plan.entries[Slot(resource=energy.CAPABILITIES, vin="Y")].due == math.inf


def test_after_a_new_login_the_list_of_cars_is_asked_again():
    plan = a_plan()
    plan.postpone(connected_vehicle.VEHICLES, NOW + 86400)
    plan.renew(NOW + 10)

    assert plan.entries[Slot(resource=connected_vehicle.VEHICLES)].due == NOW + 10
