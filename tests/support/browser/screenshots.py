"""Viewports of the page, screenshots, and their size and colours."""

import base64
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.sync_api import Page

Scheme = Literal["light", "dark"]

COUNT = """
async data => {
  const picture = await createImageBitmap(await (await fetch(`data:image/png;base64,${data}`)).blob());
  const canvas = new OffscreenCanvas(picture.width, picture.height).getContext("2d");
  canvas.drawImage(picture, 0, 0);
  const pixels = new Uint32Array(canvas.getImageData(0, 0, picture.width, picture.height).data.buffer);
  const {width, height} = picture;
  return {width, height, colours: new Set(pixels).size, corner: pixels[0] & 255};
}
"""
"""Script that measures a PNG in the browser."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewport:
    """A screen and a colour scheme."""

    screen: str
    width: int
    height: int
    scheme: Scheme

    def __str__(self) -> str:
        return f"{self.screen}-{self.scheme}"

    def apply(self, page: Page) -> None:
        """Show the page in this viewport."""
        page.set_viewport_size({"width": self.width, "height": self.height})
        page.emulate_media(color_scheme=self.scheme)


SCHEMES: tuple[Scheme, ...] = ("light", "dark")
VIEWPORTS = tuple(
    Viewport(screen=screen, width=width, height=height, scheme=scheme)
    for screen, width, height in (("phone", 390, 844), ("desktop", 1280, 900))
    for scheme in SCHEMES
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Screenshot:
    """Size and colours of a screenshot."""

    width: int
    height: int
    colours: int
    corner: int
    """Red value of the upper left pixel, 0 to 255, which distinguishes dark from light."""


def take_screenshot(page: Page, name: str) -> bytes:
    """Return a screenshot of the whole page; also write it to the folder SCREENSHOTS, if set."""
    # Hiding the caret would add a style, which the page's security policy forbids.
    png = page.screenshot(full_page=True, caret="initial")
    if folder := os.environ.get("SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        (Path(folder) / f"{name}.png").write_bytes(png)
    return png


def measure(png: bytes, blank_page: Page) -> Screenshot:
    return Screenshot(**blank_page.evaluate(COUNT, base64.b64encode(png).decode()))
