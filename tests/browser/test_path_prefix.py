"""The pages under a path prefix, in a browser: scripts, forms and pictures stay under it."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from tests.support.proxies import PREFIX, StrippingProxy
from tests.support.services import serving_app

pytestmark = pytest.mark.services


def test_every_request_of_the_pages_stays_under_the_prefix(exporters, browse):
    proxy = StrippingProxy(exporters["lost-login"].installation.exporter.app)
    with serving_app(proxy) as url:
        page = browse().new_page()
        requested = []
        page.on("request", lambda request: requested.append(urlsplit(request.url).path))
        with page.expect_request(lambda request: request.resource_type == "fetch"):
            page.goto(f"{url}{PREFIX}/")
        page.get_by_role("main").get_by_role("link", name="Log in").first.click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Log in")
        page.get_by_role("link", name="Back to the status page").click()
        expect(page.get_by_role("article")).not_to_have_count(0)

    assert len(requested) > 4
    assert [path for path in requested if not path.startswith(f"{PREFIX}/")] == []


def test_a_page_of_the_same_origin_can_frame_the_pages(exporters, browse):
    async def frame(scope, receive, send):
        if scope["path"] != "/panel":
            await proxy(scope, receive, send)
            return
        body = f'<!doctype html><title>Panel</title><iframe src="{PREFIX}/"></iframe>'.encode()
        headers = [(b"content-type", b"text/html")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    proxy = StrippingProxy(exporters["lost-login"].installation.exporter.app)
    with serving_app(frame) as url:
        page = browse(statuses=(502,)).new_page()
        page.goto(f"{url}/panel")

        expect(page.frame_locator("iframe").get_by_role("article")).not_to_have_count(0)
