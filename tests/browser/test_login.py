"""Login in a real browser, through the simulator's consent page, to a real process."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import bcrypt
import httpx2
import pytest
import yaml
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page, expect

from tests.support.installation import LOGIN, a_parked_world
from tests.support.services import ROOT, free_port, running, serving, until
from volvo_exporter.simulator import FLEET, Options

OTHER_SITE = "http://exporter.example/callback"
pytestmark = pytest.mark.services

TO_LOGIN = re.compile("here|log in", re.IGNORECASE)
BUTTON = re.compile("log in", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """A real process without a login."""

    port: int

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def ask(self, path: str) -> dict:
        return httpx2.get(f"http://127.0.0.1:{self.port}{path}").json()

    def models(self) -> list[str]:
        return [vehicle["attributes"]["model"] for vehicle in self.ask("/api/v1/vehicles")["vehicles"]]

    def login_required(self) -> bool:
        return self.ask("/api/v1/status")["accounts"][0]["login"]["required"]


@contextmanager
def a_process(
    folder: Path, *, redirect_uri: str = "", scopes: tuple[str, ...] = (), **more: object
) -> Iterator[Installed]:
    port = free_port()
    redirect_uri = redirect_uri or f"http://localhost:{port}/callback"
    options = Options(redirect_uris=(redirect_uri,))
    options = replace(options, scopes=scopes) if scopes else options
    with serving(a_parked_world(options=options)) as cloud:
        settings = {
            **LOGIN,
            "redirect_uri": redirect_uri,
            "volvo_api_url": cloud,
            "volvo_id_url": cloud,
            "exporter_listen_port": port,
            **more,
        }
        (folder / "config.yaml").write_text(yaml.safe_dump(settings))
        installed = Installed(port=port)
        with running(str(ROOT / "exporter.py"), folder=folder):
            until(lambda: httpx2.get(f"http://127.0.0.1:{port}/-/healthy"))
            yield installed


@pytest.fixture
def run_exporter(tmp_path: Path) -> Iterator[Callable[..., Installed]]:
    """Starts processes that end after the test. Requested before `browse`, so that the browser closes first.

    A browser that still loads the icon of a page when the exporter ends counts as a failed request.
    """
    with ExitStack() as stack:
        yield lambda **options: stack.enter_context(a_process(tmp_path, **options))


@pytest.fixture(scope="module")
def exporter(tmp_path_factory) -> Iterator[Installed]:
    """Shared by the tests in which no login succeeds."""
    with a_process(tmp_path_factory.mktemp("exporter")) as installed:
        yield installed
        assert installed.login_required()


def start(page: Page, installed: Installed) -> None:
    """Go from the login page to Volvo ID."""
    page.goto(f"{installed.url}/login")
    page.get_by_role("button", name=BUTTON).click()
    expect(page.get_by_role("button", name="Allow")).to_be_visible()


def test_cars_appear_after_a_login_without_a_restart(run_exporter, browse):
    installed = run_exporter()
    page = browse().new_page()
    page.goto(installed.url)
    page.get_by_role("main").get_by_role("link", name=TO_LOGIN).first.click()
    page.get_by_role("button", name=BUTTON).click()
    for car in FLEET:
        expect(page.get_by_label(car.model)).to_be_checked()
    page.get_by_label(FLEET[2].model).uncheck()
    page.get_by_role("button", name="Allow").click()
    expect(page.get_by_role("status")).to_contain_text("is logged in")
    assert "code=" not in page.url
    assert not installed.login_required()
    chosen = [FLEET[0].model, FLEET[1].model]
    until(lambda: installed.models() == chosen)
    page.goto(installed.url)

    expect(page.get_by_role("article")).to_contain_text(chosen)


def test_address_is_pasted_if_the_redirect_leads_to_another_site(run_exporter, browse):
    installed = run_exporter(redirect_uri=OTHER_SITE)
    context = browse(other_hosts=("exporter.example",))
    context.route(f"{OTHER_SITE}?**", lambda route: route.fulfill(body="not the exporter"))
    page = context.new_page()
    page.goto(f"{installed.url}/login")
    expect(page.get_by_text(OTHER_SITE)).to_be_visible()
    with context.expect_page() as opened:
        page.get_by_role("button", name=BUTTON).click()
    opened.value.get_by_role("button", name="Allow").click()
    expect(opened.value.get_by_text("not the exporter")).to_be_visible()
    page.get_by_label("paste").fill(opened.value.url)
    page.get_by_role("button", name="Finish").click()

    expect(page.get_by_role("status")).to_contain_text("is logged in")
    assert not installed.login_required()


def test_error_of_volvo_id_is_pasted_and_explained(run_exporter, browse):
    installed = run_exporter(redirect_uri=OTHER_SITE, scopes=("openid",))
    context = browse(other_hosts=("exporter.example",), statuses=(400,))
    context.route(f"{OTHER_SITE}?**", lambda route: route.fulfill(body="not the exporter"))
    page = context.new_page()
    page.goto(f"{installed.url}/login")
    with context.expect_page() as opened:
        page.get_by_role("button", name=BUTTON).click()
    expect(opened.value.get_by_text("not the exporter")).to_be_visible()
    page.get_by_label("paste").fill(opened.value.url)
    page.get_by_role("button", name="Finish").click()

    expect(page.get_by_role("alert")).to_contain_text("scopes")


def test_pasted_address_of_another_site_is_explained(browse, exporter):
    page = browse(statuses=(400,)).new_page()
    start(page, exporter)
    page.goto(f"{exporter.url}/login")
    page.get_by_label("paste").fill("https://example.org/?code=x&state=y")
    page.get_by_role("button", name="Finish").click()

    expect(page.get_by_role("alert")).to_contain_text("another site")
    expect(page.get_by_label("paste")).to_be_visible()


def test_refused_consent_is_explained(browse, exporter):
    page = browse(statuses=(400,)).new_page()
    start(page, exporter)
    page.get_by_role("button", name="Refuse").click()

    expect(page.get_by_role("alert")).to_contain_text("cancelled")
    expect(page.get_by_role("button", name=BUTTON)).to_be_visible()


def test_callback_with_a_wrong_state_is_refused(browse, exporter):
    page = browse(statuses=(400,)).new_page()
    start(page, exporter)
    page.locator("input[name=state]").evaluate("input => { input.value = 'made-up' }")
    page.get_by_role("button", name="Allow").click()

    expect(page.get_by_role("alert")).to_contain_text("another login attempt")
    assert exporter.login_required()


def test_another_browser_cannot_finish_a_login(browse, exporter):
    mine, other = browse().new_page(), browse(statuses=(404,)).new_page()
    start(mine, exporter)
    other.goto(mine.url)
    other.get_by_role("button", name="Allow").click()

    expect(other.locator("body")).to_contain_text("No login in progress")
    assert exporter.login_required()


def test_login_under_another_host_name_names_the_allowed_one(browse, exporter):
    page = browse(statuses=(403,)).new_page()
    page.goto(f"http://exporter.home:{exporter.port}/login")

    expect(page.get_by_role("alert")).to_contain_text("localhost")
    expect(page.get_by_role("button")).to_have_count(0)


def test_with_basic_auth_a_login_can_start_under_any_host_name(run_exporter, browse, tmp_path):
    web_config = tmp_path / "web.yaml"
    password = bcrypt.hashpw(b"open sesame", bcrypt.gensalt(rounds=4)).decode()
    web_config.write_text(yaml.safe_dump({"basic_auth_users": {"anna": password}}))
    installed = run_exporter(web_config_file=str(web_config))
    url = f"http://exporter.home:{installed.port}/login"
    stranger = browse(statuses=(401,)).new_page()
    with pytest.raises(PlaywrightError, match="ERR_INVALID_AUTH_CREDENTIALS"):
        stranger.goto(url)
    anna = {"username": "anna", "password": "open sesame"}
    context = browse(http_credentials=anna, statuses=(401,))
    page = context.new_page()
    page.goto(url)
    with context.expect_page() as opened:  # the registered redirect leads to localhost
        page.get_by_role("button", name=BUTTON).click()

    expect(opened.value.get_by_role("button", name="Allow")).to_be_visible()


def test_last_warnings_of_the_log_are_on_the_page(browse, exporter):
    page = browse().new_page()
    page.goto(exporter.url)
    lines = exporter.ask("/api/v1/status")["log"]

    assert lines
    for line in lines:
        expect(page.get_by_role("region", name="Log")).to_contain_text(line["message"])
