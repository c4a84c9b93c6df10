"""The first run in a real browser: from an empty folder to a car, without an editor."""

import re
import stat
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.support.browser.screenshots import VIEWPORTS
from tests.support.installation import LOGIN, a_parked_world
from tests.support.services import ROOT, free_port, running, serving, until
from volvo_exporter import catalogue
from volvo_exporter.simulator import FLEET, Options

pytestmark = pytest.mark.services
NAMES = ("client_id", "client_secret", "api_key", "redirect_uri")
SCOPES = catalogue.scopes(tuple(resource for resource in catalogue.RESOURCES if resource.enabled))
SAVE = "Save and continue to the login"
SERIOUS_IMPACTS = ("serious", "critical")


@dataclass(frozen=True, slots=True, kw_only=True)
class FreshExporter:
    """A real process in an empty folder."""

    port: int
    folder: Path
    log: Path

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def code(self) -> str:
        """Return the newest one-time code in the log."""
        return re.findall(r"code=(\S+)", self.log.read_text())[-1]


@contextmanager
def a_process(folder: Path) -> Iterator[FreshExporter]:
    port = free_port()
    options = Options(redirect_uris=(f"http://localhost:{port}/callback",))
    log = folder.with_suffix(".log")
    with serving(a_parked_world(options=options)) as cloud, log.open("w") as stderr:
        environment = {
            "VOLVO_SETUP": "on",
            "VOLVO_EXPORTER_LISTEN_PORT": str(port),
            "VOLVO_VOLVO_API_URL": cloud,
            "VOLVO_VOLVO_ID_URL": cloud,
        }
        with running(str(ROOT / "exporter.py"), folder=folder, output=stderr.fileno(), **environment):
            exporter = FreshExporter(port=port, folder=folder, log=log)
            until(lambda: httpx2.get(f"http://127.0.0.1:{port}/-/healthy"))
            yield exporter


@pytest.fixture
def run_exporter(tmp_path: Path) -> Iterator[Callable[[], FreshExporter]]:
    """Starts processes that end after the test; requested before `browse`, whose browser closes first."""
    folder = tmp_path / "exporter"
    folder.mkdir()
    with ExitStack() as stack:
        yield lambda: stack.enter_context(a_process(folder))


@pytest.fixture(scope="module")
def unconfigured(tmp_path_factory) -> Iterator[FreshExporter]:
    """Shared by the tests that save nothing."""
    with a_process(tmp_path_factory.mktemp("exporter")) as exporter:
        yield exporter
        assert not (exporter.folder / "config.yaml").exists()


def field(page: Page, name: str):
    return page.locator(f"#{name}")


def fill(page: Page, **values: str) -> None:
    for name, value in values.items():
        field(page, name).fill(value)
        field(page, name).blur()


def finding(page: Page, name: str):
    return page.locator(f"#{name}-finding")


def test_an_empty_folder_becomes_a_car_on_the_page_without_an_editor(run_exporter, browse):
    exporter = run_exporter()
    page = browse().new_page()
    page.goto(exporter.url)
    fill(page, **{name: LOGIN[name] for name in ("client_id", "client_secret", "api_key")})
    for name in NAMES:
        expect(finding(page, name)).to_contain_text("accepted")
    expect(field(page, "redirect_uri")).to_have_value(f"{exporter.url}/callback")
    page.get_by_role("button", name=SAVE).click()
    page.get_by_role("button", name="Log in at Volvo ID").click()
    page.get_by_role("button", name="Allow").click()
    expect(page.get_by_role("status")).to_contain_text("is logged in")
    page.get_by_role("link", name="Open the status page").click()

    expect(page.get_by_role("article")).to_contain_text([car.model for car in FLEET])
    config = exporter.folder / "config.yaml"
    assert stat.S_IMODE(config.stat().st_mode) == 0o600
    assert LOGIN["client_secret"] not in exporter.log.read_text()


@pytest.mark.parametrize(
    ("values", "named", "message"),
    [
        ({"client_id": "unknown"}, "client_id", "compare it with Client Id"),
        ({"api_key": "“0123”"}, "api_key", "curly quotes"),
    ],
)
def test_a_wrong_value_is_reported_as_soon_as_its_field_is_left(values, named, message, unconfigured, browse):
    page = browse().new_page()
    page.goto(unconfigured.url)
    fill(page, **values)

    expect(finding(page, named)).to_contain_text(message)
    expect(field(page, named)).to_have_attribute("aria-invalid", "true")


def test_missing_values_are_not_saved_and_the_first_gets_the_focus(unconfigured, browse):
    page = browse().new_page()
    page.goto(unconfigured.url)
    page.get_by_role("button", name=SAVE).click()

    expect(finding(page, "client_id")).to_contain_text("is missing; copy it from")
    expect(field(page, "client_id")).to_be_focused()


def test_scopes_and_redirect_uri_are_copied_with_one_click(unconfigured, browse):
    context = browse()
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(unconfigured.url)
    copied = []
    for name in ("Copy scopes", "Copy redirect URI"):
        page.get_by_role("button", name=name).click()
        expect(page.get_by_role("button", name="Copied").last).to_be_visible()
        copied.append(page.evaluate("navigator.clipboard.readText()"))

    assert copied[0].split() == list(SCOPES)
    assert copied[1] == f"{unconfigured.url}/callback"


def test_secrets_are_hidden_until_they_are_shown(unconfigured, browse):
    page = browse().new_page()
    page.goto(unconfigured.url)
    fill(page, client_secret="s3cret")
    expect(field(page, "client_secret")).to_have_attribute("type", "password")
    page.get_by_role("button", name="Show Client Secret").click()

    expect(field(page, "client_secret")).to_have_attribute("type", "text")


def test_a_browser_on_another_machine_needs_the_code_of_the_log(unconfigured, browse):
    page = browse(statuses=(403,)).new_page()
    page.goto(f"http://exporter.home:{unconfigured.port}/")
    expect(page.locator("#client_id")).to_have_count(0)
    page.get_by_role("textbox", name="Code").fill("wrong")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert")).to_contain_text("wrong code")
    used = unconfigured.code()
    page.get_by_role("textbox", name="Code").fill(used)
    page.get_by_role("button", name="Continue").click()

    expect(page.locator("#client_id")).to_be_visible()
    assert unconfigured.code() != used


def test_axe_reports_no_serious_violation_on_the_setup_page(unconfigured, browse):
    page = browse(bypass_csp=True).new_page()
    found = []
    for address in (unconfigured.url, f"http://exporter.home:{unconfigured.port}/"):
        page.goto(address)
        for viewport in (VIEWPORTS[0], VIEWPORTS[3]):
            viewport.apply(page)
            violations = Axe().run(page).response["violations"]
            found += [one["id"] for one in violations if one["impact"] in SERIOUS_IMPACTS]

    assert found == []


def test_every_picture_of_the_portal_is_loaded(unconfigured, browse):
    page = browse().new_page()
    page.goto(unconfigured.url)
    pictures = page.locator("main img")
    expect(pictures).to_have_count(4)
    pictures.evaluate_all("all => all.forEach(one => { one.loading = 'eager' })")

    until(lambda: pictures.evaluate_all("all => all.every(one => one.complete && one.naturalWidth > 0)"))
