"""The page updates itself without a navigation and keeps focus, scroll position and open details."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, expect
from starlette.responses import HTMLResponse

from tests.support.browser.scenes import ServedExporter
from tests.support.services import serving_app

pytestmark = pytest.mark.services

INTERVAL = 16_000
"""Milliseconds, a little more than the refresh interval of the page."""


class Switch:
    """An app that switches from one exporter to another, like an exporter whose values change."""

    def __init__(self, before: ServedExporter, after: ServedExporter) -> None:
        self._now, self._after = before, after

    def switch(self) -> None:
        self._now = self._after

    async def __call__(self, scope, receive, send) -> None:
        await self._now.installation.exporter.app(scope, receive, send)


class Restarting:
    """An exporter that can answer every request with an error, like a proxy during a restart."""

    def __init__(self, before: ServedExporter) -> None:
        self._before = before
        self.broken = False

    async def __call__(self, scope, receive, send) -> None:
        if not self.broken:
            await self._before.installation.exporter.app(scope, receive, send)
            return
        await HTMLResponse("<main>unavailable</main>", status_code=503)(scope, receive, send)


@contextmanager
def a_page(browse, app, *, statuses: tuple[int, ...] = ()) -> Iterator[Page]:
    """Open the page of an app, with a clock that the test controls."""
    with serving_app(app) as url:
        page = browse(statuses=statuses).new_page()
        page.clock.install()
        page.goto(url)
        page.evaluate("window.unloaded = false")
        yield page


def refresh(page: Page) -> None:
    with page.expect_response(re.compile(r"/$")):
        page.clock.run_for(INTERVAL)


def charge(page: Page) -> str | None:
    return page.get_by_role("meter", name="Charge").get_attribute("aria-valuenow")


def test_new_values_appear_without_a_navigation(exporters, browse):
    app = Switch(exporters["evening"], exporters["electric"])
    with a_page(browse, app) as page:
        before = charge(page)
        app.switch()
        refresh(page)
        expect(page.get_by_role("article")).to_contain_text("11.0")

        assert charge(page) != before
        assert page.evaluate("window.unloaded") is False


def test_refresh_keeps_open_details_focus_and_scroll_position(exporters, browse):
    app = Switch(exporters["evening"], exporters["electric"])
    with a_page(browse, app) as page:
        page.get_by_text("Schedule:").click()
        table = page.get_by_role("region", name="Resources")
        table.focus()
        page.mouse.wheel(0, 120)
        page.wait_for_function("scrollY > 0")
        before = table.bounding_box()["y"]
        app.switch()
        refresh(page)
        expect(page.get_by_role("article")).to_contain_text("11.0")

        expect(page.get_by_role("table")).to_be_visible()
        expect(table).to_be_focused()
        # The page scrolls along with what has grown above.
        assert table.bounding_box()["y"] == pytest.approx(before, abs=1)


def test_focus_and_open_details_stay_when_a_notice_appears(exporters, browse):
    app = Switch(exporters["electric"], exporters["lost-login"])
    with a_page(browse, app) as page:
        page.get_by_text("Schedule:").click()
        page.get_by_role("link", name="map").focus()
        app.switch()
        refresh(page)
        expect(page.get_by_role("status")).to_contain_text("login required")

        expect(page.get_by_role("link", name="map")).to_be_focused()
        expect(page.get_by_role("table")).to_be_visible()


def test_refresh_does_not_modify_unchanged_elements(exporters, browse):
    with a_page(browse, Switch(exporters["electric"], exporters["electric"])) as page:
        page.evaluate(
            "window.touched = 0; new MutationObserver(records => { window.touched += records.length })"
            ".observe(document.body, {subtree: true, childList: true, attributes: true, characterData: true})"
        )
        refresh(page)
        page.clock.run_for(INTERVAL)

        assert page.evaluate("window.touched") == 0


def test_old_page_stays_while_the_exporter_restarts(exporters, browse):
    app = Restarting(exporters["electric"])
    with a_page(browse, app, statuses=(503,)) as page:
        before = page.get_by_role("main").inner_text()
        app.broken = True
        refresh(page)
        assert page.get_by_role("main").inner_text() == before
        app.broken = False
        refresh(page)

        assert page.get_by_role("main").inner_text() == before
