"""The sizes and colours in which a page is looked at, and what can be told of its picture."""

import base64
import os
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page

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
"""Counts in the browser, which can read PNG."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A screen and a colour scheme."""

    screen: str
    width: int
    height: int
    scheme: str

    def __str__(self) -> str:
        return f"{self.screen}-{self.scheme}"

    def wear(self, page: Page) -> None:
        """Show the page so."""
        page.set_viewport_size({"width": self.width, "height": self.height})
        page.emulate_media(color_scheme=self.scheme)


LOOKS = tuple(
    Look(screen=screen, width=width, height=height, scheme=scheme)
    for screen, width, height in (("phone", 390, 844), ("desktop", 1280, 900))
    for scheme in ("light", "dark")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What can be told of a screenshot."""

    width: int
    height: int
    colours: int
    corner: int
    """How red the pixel in the upper left is, 0 to 255: enough to tell dark from light."""


def photograph(page: Page, name: str) -> bytes:
    """A screenshot of the whole page; also in the folder SCREENSHOTS, where that is set."""
    # Hiding the caret would add a style to the page, which its security policy forbids.
    png = page.screenshot(full_page=True, caret="initial")
    if folder := os.environ.get("SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        (Path(folder) / f"{name}.png").write_bytes(png)
    return png


def describe(png: bytes, darkroom: Page) -> Picture:
    return Picture(**darkroom.evaluate(COUNT, base64.b64encode(png).decode()))
