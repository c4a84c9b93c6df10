"""Documents: links are valid, and the original's names and files are described correctly."""

import json
import math
import re
from pathlib import Path

import promql_parser
import pytest
import yaml

from tests.support.rotation import NOW, Rotation, volvo_id
from tests.support.services import ROOT
from volvo_exporter import catalogue
from volvo_exporter.catalogue import DEFAULT_VEHICLE_LABELS, EXPORTER_FAMILIES, RESOURCES, VEHICLE_FAMILIES
from volvo_exporter.catalogue.model import Number
from volvo_exporter.problems import Invalid
from volvo_exporter.settings import Settings, load
from volvo_exporter.volvo.grant import Grant
from volvo_exporter.volvo.tokens import TokenFile

DOCUMENTS = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "grafana/README.md", "deploy/README.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
MOVING = (ROOT / "docs" / "moving.md").read_text()


def prose(text):
    """Return a document without its blocks of code."""
    return re.sub(r"^( *)```.*?^\1```$", "", text, flags=re.DOTALL | re.MULTILINE)


def links(text):
    """Return the links and pictures of a document, without those of other sites."""
    text = re.sub(r"`[^`\n]*`", "", prose(text))
    found = [*re.findall(r"\]\(([^)\s]+)", text), *re.findall(r'(?:src|srcset|href)="([^"]+)"', text)]
    return [link for link in found if not re.match(r"[a-z]+:", link)]


def anchors(text):
    """Return the anchors that GitHub gives to the headings of a document."""
    seen, found = {}, set()
    for heading in re.findall(r"^#+ (.+)$", prose(text), flags=re.MULTILINE):
        words = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
        slug = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
        number = seen[slug] = seen.get(slug, -1) + 1
        found.add(f"{slug}-{number}" if number else slug)
    return found


def broken_links(document, root):
    """Yield the links of a document without a target within a folder."""
    for link in links(document.read_text()):
        path, _, anchor = link.partition("#")
        target = (document.parent / path if path else document).resolve()
        exists = target.is_relative_to(root) and target.exists()
        if not exists or (anchor and target.suffix == ".md" and anchor not in anchors(target.read_text())):
            yield link


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_and_picture_of_a_document_exists(document):
    assert list(broken_links(document, ROOT)) == []


def test_broken_link_is_found(tmp_path):
    document = tmp_path / "page.md"
    good = (
        "[a](#its-heading-of-code) [b](#same-1) [c](page.md#same) [d](https://example.org/none) `[e](none)`"
    )
    bad = "[f](#none) ![g](none.svg) [h](../) <img src='x' href=\"none.png\">"
    document.write_text(f"# Its heading, of `code`\n## Same\n## Same\n```\n# none\n```\n{good}\n{bad}\n")

    assert list(broken_links(document, tmp_path)) == ["#none", "none.svg", "../", "none.png"]


# Moving from the original: the names in its exporter.py.

PLACES = ("front_left", "front_right", "rear_left", "rear_right")
LAMPS = (
    *("brake_center", "brake_left", "brake_right", "fog_front", "fog_rear", "high_left", "high_right"),
    *("low_left", "low_right", "day_left", "day_right", "plate_light", "side_mark", "hazard", "reverse"),
    *(f"{lamp}_{place}" for lamp in ("pos", "turn") for place in PLACES),
)
STATISTICS = [
    field.key for resource in RESOURCES if resource.name == "statistics" for field in resource.fields
]
ENERGY = [field.key for resource in RESOURCES if resource.name == "energy-state" for field in resource.fields]
ORIGINAL = {
    *("volvo_battery_level_percent", "volvo_odometer_km", "volvo_range_km", "volvo_charge_state"),
    *("volvo_plug_state", "volvo_lock_state", "volvo_power_status", "volvo_charging_power"),
    *("volvo_engine_status", "volvo_service_warning", "volvo_service_trigger", "volvo_engine_hours_service"),
    *("volvo_distance_service", "volvo_washer_fluid_warning", "volvo_time_service", "volvo_sunroof"),
    *("volvo_location_latitude", "volvo_location_longitude", "volvo_location_altitude"),
    *("weather_temperature_celsius", "weather_feels_like_celsius", "weather_temp_min_celsius"),
    *("weather_temp_max_celsius", "weather_pressure_hpa", "weather_humidity_percent"),
    *("http_requests_total", "http_request_duration_seconds"),
    *(f"volvo_{lamp}_warning" for lamp in LAMPS),
    *(f"volvo_{part}_{place}" for part in ("tyre", "window") for place in PLACES),
    *(f"volvo_stats_{key.lower()}_value" for key in STATISTICS),
    *(f"volvo_energy_{key.replace('Status', '').replace('Level', '').lower()}_value" for key in ENERGY),
}
ROWS = re.findall(r"^\| `(\w+)` \| ([^|`]*?) \| `([^|`]+)` \| ([^|]*)\|$", MOVING, flags=re.MULTILINE)
INLINE = re.findall(r"`(volvo_[^`\n.…]+)`", prose(MOVING))
CODE = [*INLINE, *re.findall(r"```promql\n(.*?)\n```", MOVING)]
MEASURED = [(old, unit, new) for old, unit, new, _ in ROWS if unit]
FAMILIES = {family.name: family for family in (*VEHICLE_FAMILIES, *EXPORTER_FAMILIES)}
FIELDS = [field for resource in RESOURCES for field in resource.fields]


def family_of(name):
    ends = [name, *(name.removesuffix(end) for end in ("_sum", "_count", "_bucket"))]
    return next((FAMILIES[end] for end in ends if end in FAMILIES), None)


def selectors(expression):
    found = []

    def note(node):
        if isinstance(node, promql_parser.VectorSelector):
            found.append(node)

    promql_parser.walk(promql_parser.parse(expression), note)
    return found


def values(family, label):
    """Return the possible values of a label of a family; none if they are not a closed list."""
    if label == "state":
        return set(family.states)
    return {dict(field.labels).get(label) for field in FIELDS if field.family is family} - {None}


def mistakes(expression):
    """Yield the names in an expression that the exporter does not have."""
    for selector in selectors(expression):
        family = family_of(selector.name)
        if family is None:
            yield selector.name
            continue
        for matcher in selector.matchers.matchers:
            if matcher.name not in (*family.labels, *DEFAULT_VEHICLE_LABELS):
                yield f"{family.name}: {matcher.name}"
            elif (known := values(family, matcher.name)) and matcher.value not in known:
                yield f"{family.name}: {matcher.name}={matcher.value}"


def old_value(expression, base):
    """Return the value of a table's expression if the metric has the value `base`."""
    _, operator, number = re.fullmatch(r"(volvo_\w+(?:\{[^}]*\})?)(?: ([*/]) ([\d.]+))?", expression).groups()
    match operator:
        case "*":
            return base * float(number)
        case "/":
            return base / float(number)
    return base


def test_every_metric_of_the_original_has_one_row():
    assert sorted(old for old, *_ in ROWS) == sorted(ORIGINAL)


def test_replacements_of_the_original_s_metrics_exist():
    assert [old for old, _, new, _ in ROWS if not selectors(new)] == []
    assert {old: found for old, _, new, _ in ROWS if (found := list(mistakes(new)))} == {}


def test_unknown_name_label_or_value_is_found():
    wrong = 'volvo_odometer_km or volvo_window_open{door="hood"} or volvo_window_open{window="hood"}'

    assert list(mistakes(wrong)) == [
        "volvo_odometer_km",
        "volvo_window_open: door",
        "volvo_window_open: window=hood",
    ]


@pytest.mark.parametrize(("old", "unit", "new"), MEASURED, ids=[old for old, *_ in MEASURED])
def test_replacement_of_a_metric_has_the_value_in_the_old_unit(old, unit, new):
    family = family_of(selectors(new)[0].name)
    kind = next(field.kind for field in FIELDS if field.family is family and isinstance(field.kind, Number))
    one = kind.quantity.units[{"°C": "celsius"}.get(unit, unit).lower()]

    assert math.isclose(old_value(new, one.factor + one.offset), 1), old


def test_time_to_service_is_described_in_months_and_days():
    (row,) = [row for row in ROWS if row[0] == "volvo_time_service"]

    assert (row[1], row[2]) == ("months", "volvo_service_time_remaining_seconds / 2592000")
    assert "days" in row[3]
    assert "divide by 86400" in row[3]


def test_row_with_a_conversion_names_the_old_unit():
    bare = [old for old, unit, new, _ in ROWS if not unit and re.search(r" [*/] \d+(\.\d+)?$", new)]

    assert bare == []


def test_every_metric_in_the_text_exists_or_is_the_original_s():
    named = {selector.name for expression in CODE for selector in selectors(expression)}

    assert {name for name in named if family_of(name) is None} <= ORIGINAL


def test_rules_with_old_names_read_existing_metrics():
    blocks = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(groups:.*?)```", MOVING, re.DOTALL)]
    rules = [rule for block in blocks for group in block["groups"] for rule in group["rules"]]

    assert rules
    assert {rule["record"] for rule in rules} <= ORIGINAL
    assert [mistake for rule in rules for mistake in mistakes(rule["expr"])] == []


def test_labels_of_the_original_have_labels_of_the_exporter():
    table = MOVING.partition("## Old label")[2].partition("\n## ")[0]
    rows = dict(re.findall(r"^\| `(\w+)` \| `(\w+)`", table, flags=re.MULTILINE))
    listed = re.search(r"vehicle_labels: \[(.*?)\]", table)[1].split(", ")

    assert set(rows.values()) == {"model_year", "fuel_type", "battery_capacity_kwh"}
    assert set(listed) == {"upholstery", *DEFAULT_VEHICLE_LABELS} <= set(catalogue.ATTRIBUTES)


# The configuration and the login of the original.

READ_SCOPES = catalogue.scopes(tuple(resource for resource in RESOURCES if resource.enabled))
OLD_SCOPE = (*READ_SCOPES, "conve:lock", "conve:unlock", "conve:environment", "exve:warnings")
OLD_CONFIGURATION = {
    "client_id": "made-up-client",
    "client_secret": "made-up-secret",
    "api_key": "made-up-key",
    "redirect_uri": "https%3A%2F%2Fmade-up.example",
    "vin": "YV1AAAAAAAA000001",
    "scope": "%20".join(OLD_SCOPE).replace(":", "%3A"),
    "scrape_interval": 300,
    "exporter_listen_addr": "0.0.0.0",  # noqa: S104 - as the original had it
    "exporter_listen_port": 9100,
    "weather_api_key": "made-up-weather-key",
}
OLD_TOKEN = {
    "access_token": "access-0",
    "refresh_token": "refresh-0",
    "id_token": "made-up-id",
    "token_type": "Bearer",
    "expires_in": 1799,
    "expires_at": NOW - 60.5,
}


def loaded(folder: Path, **changes: object) -> Settings | Invalid:
    (folder / "config.yaml").write_text(yaml.safe_dump({**OLD_CONFIGURATION, **changes}))
    return load(folder / "config.yaml")


def test_configuration_of_the_original_is_valid(tmp_path):
    settings = loaded(tmp_path)

    assert isinstance(settings, Settings)
    assert settings.redirect_uri == "https://made-up.example"
    assert settings.scope == OLD_SCOPE
    assert (settings.scrape_interval, settings.exporter_listen_port) == (300, 9100)


@pytest.mark.parametrize(
    ("setting", "value"), [("vin", "YOUR_VIN_HERE"), ("geoapify_api_key", "made-up-geoapify-key")]
)
def test_invalid_setting_of_the_original_s_configuration_is_named(tmp_path, setting, value):
    invalid = loaded(tmp_path, **{setting: value})

    assert isinstance(invalid, Invalid)
    assert [problem.setting for problem in invalid.problems] == [setting]
    assert f"`{setting}`" in MOVING


def test_every_setting_of_the_original_is_explained():
    table = MOVING.partition("## `config.yaml`")[2].partition("\n## ")[0]
    first = "".join(re.findall(r"^\| (`.*?) \|", table, flags=re.MULTILINE))

    assert set(re.findall(r"`(\w+)`", first)) == {*OLD_CONFIGURATION, "geoapify_api_key"}


@pytest.mark.parametrize("name", ["volvo_token.json", "volvo_token.json.bak"])
async def test_login_of_the_original_is_continued(tmp_path, name):
    (tmp_path / name).write_text(json.dumps(OLD_TOKEN, indent=2))
    file = TokenFile(tmp_path / "volvo_token.json")
    grant = Grant(file=file, identity=volvo_id(Rotation()), clock=lambda: NOW, observe=lambda _: None)

    assert not grant.login_required
    assert await grant.access_token() == "access-1"
    assert file.read().refresh_token == "refresh-1"
    assert grant.grant_expires_at is None  # unknown: the original did not store when it began
