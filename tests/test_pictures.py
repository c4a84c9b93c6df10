"""Drawings: self-contained, labelled as drawings, and consistent with settings, scopes and packages."""

import re
import tomllib
from xml.etree import ElementTree as ET

import pytest

from tests.support.services import ROOT
from volvo_exporter import catalogue
from volvo_exporter.settings import PORTAL, REQUIRED, Settings

FOLDER = ROOT / "pictures"
PORTAL_FOLDER = ROOT / "src/volvo_exporter/web/pictures"
"""In the package, because the set-up page shows them, too."""
PICTURES = sorted((*FOLDER.glob("*.svg"), *PORTAL_FOLDER.glob("*.svg")))
PORTAL_PICTURES = ("create_app", "scopes", "agent", "credentials")
SVG = "{http://www.w3.org/2000/svg}"
MAX_PNG_BYTES = 300_000
"""Documents are read on phones too."""
FOREIGN = {f"{SVG}{name}" for name in ("script", "image", "foreignObject", "a", "feImage", "animate", "set")}


def drawing(name):
    (path,) = (path for path in PICTURES if path.stem == name)
    return ET.parse(path).getroot()  # noqa: S314 - a file of the repository


def texts(root, mark=""):
    """Return the texts of a drawing, or of its elements of one class."""
    elements = root.iter(f"{SVG}text")
    return ["".join(e.itertext()) for e in elements if not mark or mark in e.get("class", "").split()]


@pytest.fixture(params=PICTURES, ids=lambda path: path.stem)
def root(request):
    return drawing(request.param.stem)


def test_every_drawing_has_a_title_and_a_description(root):
    title, description = root[0], root[1]

    assert (title.tag, description.tag) == (f"{SVG}title", f"{SVG}desc")
    assert title.text.strip()
    assert len(description.text.split()) > 10
    assert root.get("role") == "img"
    assert root.get("aria-labelledby").split() == [title.get("id"), description.get("id")]


def test_no_drawing_runs_or_loads_anything(root):
    attributes = [(name, value) for element in root.iter() for name, value in element.attrib.items()]
    styles = "".join(element.text for element in root.iter(f"{SVG}style"))
    loaded = re.findall(r"url\(([^)]*)\)", styles + " ".join(value for _, value in attributes))

    assert not FOREIGN & {element.tag for element in root.iter()}
    assert not [name for name, _ in attributes if name.startswith("on") or name.endswith("href")]
    assert [target for target in loaded if not target.startswith("#")] == []
    assert not re.search(r"@import|@font-face|//", styles)


def test_every_drawing_has_colours_for_a_dark_page(root):
    assert "prefers-color-scheme:dark" in "".join(element.text for element in root.iter(f"{SVG}style"))


@pytest.mark.parametrize("name", PORTAL_PICTURES)
def test_drawing_of_the_portal_is_labelled_as_a_drawing(name):
    root = drawing(name)

    assert "A drawing, not a screenshot" in texts(root, "mark")[0]
    assert root[1].text.startswith("A drawing, not a screenshot")


def test_steps_of_the_portal_drawings_are_numbered():
    steps = [int(step) for name in PORTAL_PICTURES for step in texts(drawing(name), "on") if step.isdigit()]

    assert sorted(steps) == [1, 2, 3, 4, 5, 6, 7]


def test_drawn_scopes_are_the_requested_ones():
    enabled = tuple(resource for resource in catalogue.RESOURCES if resource.enabled)

    assert sorted(texts(drawing("scopes"), "scope")) == sorted(catalogue.scopes(enabled))


def test_drawn_settings_are_the_required_ones():
    pairs = dict(line.split(": ") for name in PORTAL_PICTURES for line in texts(drawing(name), "setting"))

    assert pairs.keys() == {setting for setting, _ in REQUIRED}
    assert Settings(**pairs).redirect_uri == pairs["redirect_uri"]
    assert pairs["redirect_uri"] in (ROOT / "config.example.yaml").read_text()
    assert f"https://{texts(drawing('create_app'), 'code')[0]}" == PORTAL


def test_drawing_of_the_packages_has_every_package():
    packages = {path.parent.name for path in (ROOT / "src" / "volvo_exporter").glob("*/__init__.py")}

    assert sorted(texts(drawing("rooms"), "room")) == sorted(
        f"{name}/" for name in packages - {"cli", "settings"}
    )


def test_drawing_of_the_layers_shows_the_import_contract():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")

    assert texts(drawing("rooms"), "layer") == layers


@pytest.mark.parametrize("picture", sorted(FOLDER.glob("*.png")), ids=lambda path: path.stem)
def test_a_screenshot_is_small_enough_for_a_phone(picture):
    assert picture.stat().st_size < MAX_PNG_BYTES
