"""Makes the README's screenshots again: `python -m tests.support.browser.pictures`."""

import logging
import sys
from pathlib import Path

import httpx2
import structlog
from playwright.sync_api import Browser, Route

ROOT = Path(__file__).parents[3]
sys.path.insert(0, str(ROOT / "tests"))

from tests.support.browser.cast import DAY, Exhibit, exhibiting  # noqa: E402 - found only now
from tests.support.browser.launch import launched  # noqa: E402 - found only now

PICTURES = (
    # name, path, width, height (0: the whole page), colour scheme
    ("page", "/", 1280, 0, "light"),
    ("page-dark", "/", 1280, 0, "dark"),
    ("phone", "/", 390, 844, "dark"),
    ("login", "/login", 800, 230, "light"),
)
USUAL = "http://localhost:9100"
"""Where the redirect URI of the README leads, too."""
LARGEST = 300_000
"""Bytes: a README is read on phones, too."""


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with exhibiting(DAY) as exhibit, launched() as browser:
        for name, path, width, height, scheme in PICTURES:
            png = photograph(browser, exhibit, path, width=width, height=height, scheme=scheme)
            file = ROOT / "pictures" / f"{name}.png"
            file.write_bytes(png)
            print(f"{file}: {len(png) // 1000} kB")
            if len(png) > LARGEST:
                sys.exit(f"{file} is too large")


def photograph(
    browser: Browser, exhibit: Exhibit, path: str, *, width: int, height: int, scheme: str
) -> bytes:
    size = {"width": width, "height": height or 900}
    with browser.new_context(viewport=size, color_scheme=scheme) as context:
        context.route(f"{USUAL}/**", lambda route: stand_in(route, exhibit))
        page = context.new_page()
        page.goto(USUAL + path)
        # Hiding the caret would add a style to the page, which its security policy forbids.
        return page.screenshot(full_page=not height, caret="initial")


def stand_in(route: Route, exhibit: Exhibit) -> None:
    """Answer as an exporter at the usual address would."""
    path = route.request.url.removeprefix(USUAL)
    answer = httpx2.get(exhibit.url + path, headers={"host": USUAL.removeprefix("http://")})
    route.fulfill(status=answer.status_code, body=answer.content, content_type=answer.headers["content-type"])


if __name__ == "__main__":
    main()
