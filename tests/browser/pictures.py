"""Makes the README's screenshots again: `python tests/browser/pictures.py`."""

import logging
import sys
from pathlib import Path

import structlog
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from browser.cast import DAY, exhibiting  # noqa: E402 - found only now
from browser.launch import launch  # noqa: E402 - found only now

PICTURES = (
    # name, path, width, height (0: the whole page), colour scheme
    ("page", "/", 1280, 0, "light"),
    ("page-dark", "/", 1280, 0, "dark"),
    ("phone", "/", 390, 844, "dark"),
    ("login", "/login", 800, 230, "light"),
)
LARGEST = 300_000
"""Bytes: a README is read on phones, too."""


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with exhibiting(DAY) as exhibit, sync_playwright() as playwright, launch(playwright) as browser:
        for name, path, width, height, scheme in PICTURES:
            png = photograph(browser, exhibit.url + path, width, height, scheme)
            file = ROOT / "pictures" / f"{name}.png"
            file.write_bytes(png)
            print(f"{file}: {len(png) // 1000} kB")
            if len(png) > LARGEST:
                sys.exit(f"{file} is too large")


def photograph(browser: Browser, url: str, width: int, height: int, scheme: str) -> bytes:
    size = {"width": width, "height": height or 900}
    with browser.new_context(viewport=size, color_scheme=scheme) as context:
        page = context.new_page()
        page.goto(url)
        # Hiding the caret would add a style to the page, which its security policy forbids.
        return page.screenshot(full_page=not height, caret="initial")


if __name__ == "__main__":
    main()
