"""Screenshots of the README; run `python -m tests.support.browser.pictures`."""

import logging
import sys
from pathlib import Path

import httpx2
import structlog
from playwright.sync_api import Browser, Route, ViewportSize

ROOT = Path(__file__).parents[3]
sys.path.insert(0, str(ROOT / "tests"))

from tests.support.browser.launch import launch_browser  # noqa: E402 - after the change of sys.path
from tests.support.browser.scenes import DAY, ServedExporter, serve_scene  # noqa: E402 - after the change of sys.path
from tests.support.browser.screenshots import Scheme  # noqa: E402 - after the change of sys.path

PICTURES: tuple[tuple[str, str, int, int, Scheme], ...] = (
    # name, path, width, height (0: the whole page), colour scheme
    ("page", "/", 1280, 0, "light"),
    ("page-dark", "/", 1280, 0, "dark"),
    ("phone", "/", 390, 844, "dark"),
    ("login", "/login", 800, 230, "light"),
)
DEFAULT_URL = "http://localhost:9100"
"""Address of the redirect URI in the README."""
MAX_BYTES = 300_000
"""Maximum size of a picture; chosen, so that the README loads fast on phones."""


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with serve_scene(DAY) as served, launch_browser() as browser:
        for name, path, width, height, scheme in PICTURES:
            png = take_screenshot(browser, served, path, width=width, height=height, scheme=scheme)
            file = ROOT / "pictures" / f"{name}.png"
            file.write_bytes(png)
            print(f"{file}: {len(png) // 1000} kB")
            if len(png) > MAX_BYTES:
                sys.exit(f"{file} is too large")


def take_screenshot(
    browser: Browser, served: ServedExporter, path: str, *, width: int, height: int, scheme: Scheme
) -> bytes:
    size = ViewportSize(width=width, height=height or 900)
    with browser.new_context(viewport=size, color_scheme=scheme) as context:
        context.route(f"{DEFAULT_URL}/**", lambda route: answer_request(route, served))
        page = context.new_page()
        page.goto(DEFAULT_URL + path)
        # Hiding the caret would add a style, which the page's security policy forbids.
        return page.screenshot(full_page=not height, caret="initial")


def answer_request(route: Route, served: ServedExporter) -> None:
    """Answer a request to the default address."""
    path = route.request.url.removeprefix(DEFAULT_URL)
    response = httpx2.get(served.url + path, headers={"host": DEFAULT_URL.removeprefix("http://")})
    route.fulfill(
        status=response.status_code, body=response.content, content_type=response.headers["content-type"]
    )


if __name__ == "__main__":
    main()
