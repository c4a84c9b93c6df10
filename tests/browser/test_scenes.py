"""The page in a real browser: it shows the values of the JSON API and of the simulated car."""

import itertools
import re
from collections.abc import Mapping

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import rendered
from tests.support.browser.scenes import DIESEL, ELECTRIC, HOUR, HYBRID, SCENES, ServedExporter
from tests.support.browser.screenshots import VIEWPORTS, measure, take_screenshot
from volvo_exporter.simulator import EX30
from volvo_exporter.web import drawing

NOT_FAILING = ("ok", "no values", "unsupported", "waiting")
LIDS = ("hood", "tailgate", "tank_lid", "sunroof")
RANGES = {
    "Charge": (("volvo_electric_range_meters",), ("volvo_distance_to_empty_meters", "battery")),
    "Fuel": (("volvo_distance_to_empty_meters", "tank"),),
}
SPACES = re.compile(r"\s+")

pytestmark = pytest.mark.services


class Readings:
    """The readings of a vehicle, as `/api/v1/vehicles` has them."""

    def __init__(self, vehicle: Mapping) -> None:
        self._all = vehicle["readings"]

    def one(self, metric: str, source: str = "") -> float | None:
        labels = {"source": source} if source else {}
        found = [
            reading["value"]
            for reading in self._all
            if reading["metric"] == metric and reading["labels"] == labels
        ]
        return found[0] if found else None

    def by(self, metric: str, label: str) -> dict[str, float]:
        return {
            reading["labels"][label]: reading["value"] for reading in self._all if reading["metric"] == metric
        }

    def current(self, state: str) -> set[str]:
        """Return the state sets that are in a state."""
        return {
            reading["metric"]
            for reading in self._all
            if reading["labels"].get("state") == state and reading["value"] == 1
        }

    def states(self, metric: str, label: str) -> dict[str, str]:
        """Return the current state by label of a state set."""
        return {
            reading["labels"][label]: reading["labels"]["state"]
            for reading in self._all
            if reading["metric"] == metric and reading["value"] == 1
        }


def drawn(readings: Readings, activity: str) -> dict[str, str]:
    """Return the expected drawing of each known part."""
    connected = "volvo_charger_connection_status" in readings.current("connected")
    normal = {"tank_lid"} if connected or activity in ("charging", "plugged_in") else set()
    parts = {}
    for metric, kind in (("volvo_door_open", "door"), ("volvo_window_open", "window")):
        for place, value in readings.by(metric, kind).items():
            part = place if place in LIDS else f"{place}_{kind}"
            parts[part] = "open" if value and part not in normal else "ok"
    for lamp, value in readings.by("volvo_lamp_failure", "lamp").items():
        parts[lamp] = "bad" if value else "ok"
    for tyre, state in readings.states("volvo_tyre_pressure_status", "tyre").items():
        parts[f"{tyre}_tyre"] = "ok" if state == "no_warning" else "bad"
    locked = readings.one("volvo_locked")
    if locked is not None:
        parts["lock"] = "ok" if locked or activity == "driving" else "open"
    return {part.replace("_", " ").capitalize(): how for part, how in parts.items()}


def plain(text: str) -> str:
    return SPACES.sub(" ", text)


def states(car: rendered.Car, *parts: str) -> list[str]:
    return [car.parts[part].how for part in parts]


def look_at(served: ServedExporter, browse) -> tuple[Page, list[rendered.Car]]:
    page = browse().new_page()
    page.goto(served.url)
    return page, rendered.cars(page)


def compare_car(car: rendered.Car, vehicle: Mapping) -> None:
    readings = Readings(vehicle)
    assert vehicle["attributes"]["model"] in car.text
    assert vehicle["attributes"]["vin"][-4:] in car.text
    known = {name: part.how for name, part in car.parts.items() if part.how != "unknown"}
    assert known == drawn(readings, vehicle["activity"])
    for warning in vehicle["warnings"]:
        assert warning in car.text
    kilometres = readings.one("volvo_odometer_meters") / 1000
    assert rendered.number(car.facts["Odometer"]) == pytest.approx(kilometres, abs=0.5)
    charge, fuel = readings.one("volvo_battery_charge_ratio"), readings.one("volvo_fuel_amount_liters")
    assert {name: meter.value for name, meter in car.meters.items()} == {
        name: pytest.approx(value)
        for name, value in (("Charge", charge), ("Fuel", fuel))
        if value is not None
    }
    if charge is not None:
        assert f"{charge * 100:.0f} %" in plain(car.text)
    if fuel is not None:
        assert f"{fuel:.1f} l" in plain(car.text)
        assert fuel <= car.meters["Fuel"].top
    for name, reaches in RANGES.items():
        texts = [f"{readings.one(*reach) / 1000:.0f} km" for reach in reaches if readings.one(*reach)]
        assert name not in car.meters or any(reach in plain(car.meters[name].text) for reach in texts)


def compare_account(page: Page, account: Mapping) -> None:
    section = page.get_by_role("region", name=f"Account {account['account']}")
    text = plain(section.inner_text())
    assert ("login required" in text) == account["login"]["required"]
    for count in (account["quota"]["used"], account["quota"]["limit"]):
        assert f"{count:,}".replace(",", " ") in text
    if account["waiting"] and not account["login"]["required"]:
        assert (account["waiting"]["message"] or account["waiting"]["why"]) in text
    failing = [entry for entry in account["resources"] if entry["state"] not in NOT_FAILING]
    rows = rendered.rows(page)
    assert [row[2] for row in rows] == [entry["state"] for entry in account["resources"]]
    assert (f"{len(failing)} failing" in text) == bool(failing)
    for row, entry in zip(rows, account["resources"], strict=True):
        assert entry["resource"] in row[1]
        assert (row[3] == "never") == (entry["last_success"] is None)
        assert (entry["last_error"]["message"] if entry["last_error"] else "") in row[-1]


@pytest.mark.parametrize("scene", sorted(set(SCENES) - {"evening", "start"}))
def test_page_shows_the_values_of_the_json_api(scene, exporters, browse, blank_page):
    served = exporters[scene]
    vehicles, status = served.ask("/api/v1/vehicles")["vehicles"], served.ask("/api/v1/status")
    page = browse().new_page()
    page.goto(served.url)
    for viewport in VIEWPORTS:
        viewport.apply(page)
        picture = measure(take_screenshot(page, f"{scene}-{viewport}"), blank_page)

        cards = rendered.cars(page)
        assert len(cards) == len(vehicles)
        for card, vehicle in zip(cards, vehicles, strict=True):
            compare_car(card, vehicle)
        for account in status["accounts"]:
            compare_account(page, account)
        for line in status["log"]:
            expect(page.get_by_role("region", name="Log")).to_contain_text(line["message"].strip())
        assert not [vin for vin in served.installation.world.cars if vin in page.content()]
        wide = page.evaluate("document.scrollingElement.scrollWidth")
        assert (wide, picture.width) == (viewport.width, viewport.width)
        assert picture.height >= viewport.height
        assert picture.colours > 50
        assert (picture.corner < 128) == (viewport.scheme == "dark")


def test_private_values_are_not_on_the_page(exporters, browse):
    page, (car,) = look_at(exporters["private"], browse)
    place = EX30.places.home

    expect(page.get_by_role("link", name="map")).to_have_count(0)
    assert str(place.latitude)[:5] not in page.content()
    assert car.facts["Odometer"] != "unknown"


def test_charging_electric_car_is_shown(exporters, browse):
    _, (car,) = look_at(exporters["electric"], browse)
    state = exporters["electric"].state(ELECTRIC)

    assert state.charging.value.status == "CHARGING"
    assert car.meters.keys() == {"Charge"}
    assert car.meters["Charge"].value == pytest.approx(state.charge.value / 100, abs=0.021)
    assert rendered.number(car.meters["Charge"].text.split(",")[-1]) == pytest.approx(
        state.range.value.battery, abs=10
    )
    assert rendered.number(car.facts["Odometer"]) == state.odometer.value
    assert "11.0 kW" in plain(car.text)
    assert f"to {ELECTRIC.habits.target} %" in plain(car.text)
    assert states(car, "Tailgate", "Hood", "Lock") == ["open", "ok", "open"]
    assert {"Tailgate is open", "Washer fluid is low"} <= set(car.text.splitlines())
    assert states(car, "Sunroof", "Front left tyre") == ["unknown", "unknown"]
    assert len({car.parts[part].colour for part in ("Tailgate", "Hood", "Sunroof")}) == 3


def test_hybrid_has_a_battery_and_a_tank(exporters, browse):
    _, (car,) = look_at(exporters["hybrid"], browse)
    state = exporters["hybrid"].state(HYBRID)

    assert car.meters["Charge"].value == state.charge.value / 100
    assert car.meters["Fuel"].value == state.fuel.value
    assert f"{state.range.value.tank} km" in plain(car.text)
    assert states(car, "Brake light center", "Hood") == ["bad", "open"]
    assert states(car, "Lock") == ["ok" if state.locked.value else "open"]


def test_diesel_has_no_charge(exporters, browse):
    _, (car,) = look_at(exporters["diesel"], browse)
    state = exporters["diesel"].state(DIESEL)

    assert car.meters.keys() == {"Fuel"}
    assert car.meters["Fuel"].value == state.fuel.value
    assert rendered.number(car.facts["Odometer"]) == state.odometer.value
    assert states(car, "Rear left tyre", "Rear right tyre") == ["bad", "ok"]


TEXT_BOXES = """
elements => elements.map(element => {
  const range = document.createRange();
  range.selectNodeContents(element);
  const {left, right, top, bottom} = range.getBoundingClientRect();
  return [left, right, top, bottom];
})
"""
"""Boxes of the elements' texts, which may exceed the elements."""


def overlap(one: list[float], other: list[float]) -> bool:
    """Return whether two boxes overlap by more than the rounding of a pixel."""
    horizontal = min(one[1], other[1]) - max(one[0], other[0])
    return horizontal > 0 and min(one[3], other[3]) - max(one[2], other[2]) > 1


@pytest.mark.parametrize("font", ["100%", "150%"])
@pytest.mark.parametrize("scene", ["morning", "hybrid"])
def test_axis_texts_of_the_plots_do_not_overlap(scene, font, exporters, browse):
    page = browse(bypass_csp=True).new_page()
    page.goto(exporters[scene].url)
    page.add_style_tag(content=f":root {{ font-size: {font}; }}")
    for viewport in VIEWPORTS:
        viewport.apply(page)
        axes = page.locator(".plots .axis").all()
        assert axes
        for axis in axes:
            boxes = axis.locator("time").evaluate_all(TEXT_BOXES)

            assert len(boxes) == 3
            assert not [pair for pair in itertools.combinations(boxes, 2) if overlap(*pair)]
            assert font != "100%" or len({top for _, _, top, _ in boxes}) == 1


def test_driving_car_has_an_open_padlock_and_no_warning(exporters, browse):
    page, (car,) = look_at(exporters["driving"], browse)

    assert page.locator(".sentence").inner_text().startswith("Driving")
    assert car.facts["Lock"] == "not locked"
    assert states(car, "Lock") == ["ok"]
    assert "No warnings." in car.text
    paths = {part.name: (part.path, part.open_path) for part in drawing.PARTS}
    lock = page.locator("svg .part", has=page.locator("title", has_text="Lock: not locked"))
    expect(lock).to_have_attribute("d", paths["lock"][1])


def test_open_tank_lid_is_not_a_warning_while_charging(exporters, browse):
    _, (car,) = look_at(exporters["electric"], browse)

    assert exporters["electric"].state(ELECTRIC).doors.value["tankLid"] == "OPEN"
    assert states(car, "Tank lid") == ["ok"]
    assert "Tank lid" not in car.text


def test_cars_are_waiting_until_their_warnings_are_received(exporters, browse):
    _, cards = look_at(exporters["start"], browse)

    assert len(cards) == 3
    assert all("Waiting for" in card.text for card in cards)
    assert not [card for card in cards if "No warnings" in card.text]


def test_demo_is_marked_with_its_speed(exporters, browse):
    page, _ = look_at(exporters["demo"], browse)

    expect(page.get_by_role("note")).to_contain_text("60 times real speed")
    expect(page.get_by_role("region", name="Account default")).to_contain_text("simulated: ")


def test_page_reports_that_no_car_was_found(exporters, browse):
    page, cards = look_at(exporters["no-car"], browse)

    assert cards == []
    expect(page.get_by_role("region", name="Cars")).to_contain_text("No car")


def test_lost_login_links_to_the_login_page_and_keeps_the_cars(exporters, browse):
    page, cards = look_at(exporters["lost-login"], browse)
    expect(page.get_by_role("status")).to_contain_text("login required")
    page.get_by_role("main").get_by_role("link", name=re.compile("log in|here", re.IGNORECASE)).first.click()

    expect(page).to_have_url(f"{exporters['lost-login'].url}/login")
    assert len(cards) == 1


def test_age_of_the_data_ignores_the_weather(exporters, browse):
    _, (car,) = look_at(exporters["lost-login"], browse)
    (vehicle,) = exporters["lost-login"].ask("/api/v1/vehicles")["vehicles"]
    now = exporters["lost-login"].ask("/api/v1/status")["now"]

    assert now - vehicle["last_word"] > HOUR / 2
    assert "just now" not in car.text


def test_used_up_quota_is_shown_and_the_cars_stay(exporters, browse):
    page, cards = look_at(exporters["used-up-quota"], browse)
    waiting = exporters["used-up-quota"].ask("/api/v1/status")["accounts"][0]["waiting"]

    assert "quota" in waiting["why"]
    expect(page.get_by_role("region", name="Account default")).to_contain_text("quota")
    assert len(cards) == 1


def test_failing_api_is_shown_and_the_last_values_stay(exporters, browse):
    page, (car,) = look_at(exporters["dead-api"], browse)
    page.get_by_text("Schedule:").click()

    expect(page.get_by_role("table")).to_contain_text("500")
    assert (
        rendered.number(car.facts["Odometer"])
        == exporters["dead-api"].state(SCENES["dead-api"].cars[0]).odometer.value
    )
