"""Values that a page shows, for comparison with the JSON API."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from playwright.sync_api import Page

CARDS = """
cards => cards.map(card => ({
  text: card.innerText,
  facts: Object.fromEntries([...card.querySelectorAll("dt")].map(
    term => [term.textContent.trim(), term.nextElementSibling.textContent.trim()])),
  parts: Object.fromEntries([...card.querySelectorAll("svg .part")].map(part => [
    part.querySelector("title").textContent.split(":")[0],
    {how: HOW.find(how => part.classList.contains(how)), colour: getComputedStyle(part).fill}])),
  meters: Object.fromEntries([...card.querySelectorAll("[role=meter]")].map(meter => [
    meter.ariaLabel, {value: +meter.ariaValueNow, top: +meter.ariaValueMax, text: meter.ariaValueText}])),
}))
""".replace("HOW", '["ok", "open", "bad", "unknown"]')
ROWS = "rows => rows.map(row => [...row.cells].map(cell => cell.textContent.trim()))"


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """A gauge, with the values for screen readers."""

    value: float
    top: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of the drawing."""

    how: str
    """ok, open, bad or unknown."""
    colour: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Car:
    """The card of a car."""

    text: str
    facts: Mapping[str, str]
    parts: Mapping[str, Part]
    meters: Mapping[str, Meter]


def number(text: str) -> float:
    """Return the first number of a text, with or without spaces between thousands."""
    found = re.search(r"-?\d[\d\s]*(\.\d+)?", text)
    assert found, f"no number in {text!r}"
    return float(re.sub(r"\s", "", found[0]))


def cars(page: Page) -> list[Car]:
    """Return the cards in order."""
    return [
        Car(
            text=card["text"],
            facts=card["facts"],
            parts={name: Part(**part) for name, part in card["parts"].items()},
            meters={name: Meter(**meter) for name, meter in card["meters"].items()},
        )
        for card in page.get_by_role("article").evaluate_all(CARDS)
    ]


def rows(page: Page) -> list[list[str]]:
    """Return the rows of the resources, visible or not."""
    found: list[list[str]] = page.locator("table tbody tr").evaluate_all(ROWS)
    return found
