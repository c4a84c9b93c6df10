"""The page brings itself up to date: without a navigation, and without taking anything from its reader."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, expect
from starlette.responses import HTMLResponse

from tests.support.browser.cast import Exhibit
from tests.support.services import serving_app

pytestmark = pytest.mark.services

INTERVAL = 16_000
"""A little more than the page waits, in milliseconds."""


class Switch:
    """An app that becomes another when told so, as an exporter does in the course of an evening."""

    def __init__(self, before: Exhibit, after: Exhibit) -> None:
        self._now, self._after = before, after

    def turn(self) -> None:
        self._now = self._after

    async def __call__(self, scope, receive, send) -> None:
        await self._now.installation.exporter.app(scope, receive, send)


class Broken:
    """An exporter that restarts: every answer is an error."""

    def __init__(self, before: Exhibit) -> None:
        self._before = before
        self.broken = False

    async def __call__(self, scope, receive, send) -> None:
        if not self.broken:
            await self._before.installation.exporter.app(scope, receive, send)
            return
        await HTMLResponse("<main>not now</main>", status_code=503)(scope, receive, send)


@contextmanager
def a_page(browse, app, *, statuses: tuple[int, ...] = ()) -> Iterator[Page]:
    """The page at an app, with the time in our hands."""
    with serving_app(app) as url:
        page = browse(statuses=statuses).new_page()
        page.clock.install()
        page.goto(url)
        page.evaluate("window.unloaded = false")
        yield page


def let_it_refresh(page: Page) -> None:
    with page.expect_response(re.compile(r"/$")):
        page.clock.run_for(INTERVAL)


def charge(page: Page) -> str | None:
    return page.get_by_role("meter", name="Charge").get_attribute("aria-valuenow")


def test_new_values_appear_without_a_navigation(cast, browse):
    app = Switch(cast["evening"], cast["electric"])
    with a_page(browse, app) as page:
        before = charge(page)
        app.turn()
        let_it_refresh(page)
        expect(page.get_by_role("article")).to_contain_text("11.0")

        assert charge(page) != before
        assert page.evaluate("window.unloaded") is False


def test_what_is_unfolded_focused_and_scrolled_stays_so(cast, browse):
    app = Switch(cast["evening"], cast["electric"])
    with a_page(browse, app) as page:
        page.get_by_text("Schedule:").click()
        table = page.get_by_role("region", name="Resources")
        table.focus()
        page.mouse.wheel(0, 120)
        page.wait_for_function("scrollY > 0")
        before = table.bounding_box()["y"]
        app.turn()
        let_it_refresh(page)
        expect(page.get_by_role("article")).to_contain_text("11.0")

        expect(page.get_by_role("table")).to_be_visible()
        expect(table).to_be_focused()
        # The page scrolls along with what has grown above.
        assert table.bounding_box()["y"] == pytest.approx(before, abs=1)


def test_focus_and_details_stay_when_a_notice_appears(cast, browse):
    app = Switch(cast["electric"], cast["lost-login"])
    with a_page(browse, app) as page:
        page.get_by_text("Schedule:").click()
        page.get_by_role("link", name="map").focus()
        app.turn()
        let_it_refresh(page)
        expect(page.get_by_role("status")).to_contain_text("log in")

        expect(page.get_by_role("link", name="map")).to_be_focused()
        expect(page.get_by_role("table")).to_be_visible()


def test_what_is_unchanged_is_not_touched(cast, browse):
    with a_page(browse, Switch(cast["electric"], cast["electric"])) as page:
        page.evaluate(
            "window.touched = 0; new MutationObserver(seen => { window.touched += seen.length })"
            ".observe(document.body, {subtree: true, childList: true, attributes: true, characterData: true})"
        )
        let_it_refresh(page)
        page.clock.run_for(INTERVAL)

        assert page.evaluate("window.touched") == 0


def test_while_the_exporter_restarts_the_old_page_stays(cast, browse):
    app = Broken(cast["electric"])
    with a_page(browse, app, statuses=(503,)) as page:
        before = page.get_by_role("main").inner_text()
        app.broken = True
        let_it_refresh(page)
        assert page.get_by_role("main").inner_text() == before
        app.broken = False
        let_it_refresh(page)

        assert page.get_by_role("main").inner_text() == before
