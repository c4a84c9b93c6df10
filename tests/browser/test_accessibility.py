"""Accessibility of the pages: axe's rules, landmarks, headings, keyboard and reduced motion."""

from itertools import pairwise

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.support.browser.screenshots import VIEWPORTS

pytestmark = pytest.mark.services

CHECKED_VIEWPORTS = (VIEWPORTS[0], VIEWPORTS[3])
"""One viewport of each width and colour scheme; colours do not depend on the width."""
SERIOUS_IMPACTS = ("serious", "critical")
FOCUSABLE = "a[href], button, input:not([type=hidden]), summary, [tabindex]"
NAME = """
element => element === document.body ? "" :
  [...document.querySelectorAll("*")].indexOf(element) + " " + element.tagName.toLowerCase() + " " +
  (element.ariaLabel || element.id || element.textContent.trim().slice(0, 40))
"""
OUTLINE = """
element => {
  const style = getComputedStyle(element), box = element.getBoundingClientRect();
  return {
    drawn: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    inside: box.bottom > 0 && box.top < innerHeight && box.width > 0,
  };
}
"""
MOVING = """
() => [...document.querySelectorAll("*")].filter(element => {
  const style = getComputedStyle(element);
  return style.transitionDuration !== "0s" || style.animationName !== "none";
}).length + document.getAnimations().length
"""
TAG_NAMES = "nodes => nodes.map(node => node.tagName.toLowerCase())"


def unfold(page: Page) -> None:
    page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true })")


def serious_violations(page: Page) -> list[str]:
    """Return the serious and critical violations that axe reports."""
    found = []
    for viewport in CHECKED_VIEWPORTS:
        viewport.apply(page)
        for violation in Axe().run(page).response["violations"]:
            targets = [str(node["target"]) for node in violation["nodes"]]
            if violation["impact"] in SERIOUS_IMPACTS:
                found.append(f"{viewport}: {violation['id']} ({violation['help']}): {', '.join(targets[:4])}")
    return found


@pytest.mark.parametrize("scene", ["hybrid", "no-car", "lost-login", "dead-api"])
def test_axe_reports_no_serious_violation_on_the_page(scene, exporters, browse):
    page = browse(bypass_csp=True).new_page()
    page.goto(exporters[scene].url)
    unfold(page)

    assert serious_violations(page) == []


@pytest.mark.parametrize(
    ("scene", "path"),
    [("electric", "/login"), ("lost-login", "/login"), ("electric", "/login?done=default")],
)
def test_axe_reports_no_serious_violation_on_the_login_page(scene, path, exporters, browse):
    page = browse(bypass_csp=True).new_page()
    page.goto(exporters[scene].url + path)

    assert serious_violations(page) == []


def test_axe_reports_no_serious_violation_while_a_login_is_pending_or_refused(exporters, browse):
    page = browse(bypass_csp=True, statuses=(400,)).new_page()
    # Starts the login in this browser, but does not go to Volvo ID.
    login = f"{exporters['lost-login'].url}/login"
    page.request.post(login, form={"account": "default"}, max_redirects=0)
    page.goto(login)
    expect(page.get_by_label("paste")).to_be_visible()
    pending = serious_violations(page)
    page.goto(f"{exporters['lost-login'].url}/callback?error=access_denied&state=wrong")
    expect(page.get_by_role("alert")).to_be_visible()

    assert pending + serious_violations(page) == []


def test_axe_reports_no_serious_violation_if_a_login_is_not_allowed(exporters, browse):
    page = browse(bypass_csp=True, statuses=(403,)).new_page()
    page.goto(f"{exporters['electric'].url}/login".replace("127.0.0.1", "exporter.home"))
    expect(page.get_by_role("alert")).to_be_visible()

    assert serious_violations(page) == []


@pytest.mark.parametrize("path", ["/", "/login"])
def test_landmarks_and_headings_are_in_order(path, exporters, browse):
    page = browse().new_page()
    page.goto(exporters["hybrid"].url + path)
    unfold(page)
    levels = [int(tag[1]) for tag in page.get_by_role("heading").evaluate_all(TAG_NAMES)]
    landmarks = page.locator("body > :not(script)").evaluate_all(TAG_NAMES)

    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert landmarks[:2] == ["header", "main"]
    assert set(landmarks) <= {"header", "main", "footer"}
    expect(page.get_by_role("banner").get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_role("banner").get_by_role("navigation")).to_be_visible()
    assert page.title() != ""
    assert page.locator("html").get_attribute("lang") == "en"


@pytest.mark.parametrize("path", ["/", "/login"])
def test_tab_key_reaches_every_control_in_order_with_visible_focus(path, exporters, browse):
    page = browse().new_page()
    page.goto(exporters["hybrid"].url + path)
    unfold(page)
    expected = [control.evaluate(NAME) for control in page.locator(FOCUSABLE).all()]
    reached = []
    for _ in expected:
        page.keyboard.press("Tab")
        focused = page.locator(":focus")
        reached.append(focused.evaluate(NAME))
        assert focused.evaluate(OUTLINE) == {"drawn": True, "inside": True}, reached[-1]
        assert focused.evaluate("element => element.matches(':focus-visible')")

    assert reached == expected
    assert len(expected) > 1


def test_enter_opens_and_closes_the_details(exporters, browse):
    page = browse().new_page()
    page.goto(exporters["hybrid"].url)
    table = page.get_by_role("table")
    expect(table).to_be_hidden()
    page.get_by_text("Schedule:").focus()
    page.keyboard.press("Enter")
    expect(table).to_be_visible()
    page.keyboard.press("Enter")

    expect(table).to_be_hidden()


@pytest.mark.parametrize("path", ["/", "/login"])
def test_reduced_motion_disables_animations(path, exporters, browse):
    page = browse(reduced_motion="reduce").new_page()
    page.goto(exporters["electric"].url + path)

    assert page.evaluate(MOVING) == 0
