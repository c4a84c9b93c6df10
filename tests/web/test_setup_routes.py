"""The set-up page: access, checks and saving."""

import itertools
import re
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial

import anyio
import httpx2
import pytest

from tests.support.installation import LOGIN, URL, a_world
from volvo_exporter.settings import PORTAL, Settings
from volvo_exporter.simulator import API_KEY, CLIENT_SECRET, Fault, create_app
from volvo_exporter.volvo.errors import ConfigurationError
from volvo_exporter.volvo.transport import create_client
from volvo_exporter.web.access import SECURITY_HEADERS, Access, Passwords
from volvo_exporter.web.setup_access import COOKIE, Visitors
from volvo_exporter.web.setup_form import Checker
from volvo_exporter.web.setup_routes import PICTURES, SetupContext, create_setup_app
from volvo_exporter.web.web_config import WebConfig

pytestmark = pytest.mark.anyio
LOCAL = ("127.0.0.1", 5000)
REMOTE = ("192.168.1.5", 5000)


@dataclass
class Fixture:
    """A set-up page against a simulated cloud."""

    world: object
    saved: list[Settings] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    failure: str = ""

    def save(self, settings: Settings) -> None:
        if self.failure:
            raise ConfigurationError(self.failure)
        self.saved.append(settings)


@pytest.fixture
async def setup():
    return Fixture(world=a_world())


@asynccontextmanager
async def browsing(setup, *, client=LOCAL, base_url="http://localhost:9100", loopback=True):
    numbers = itertools.count()
    token_urlsafe = lambda size: f"{next(numbers)}".rjust(size, "x")  # noqa: E731
    visitors = Visitors(clock=lambda: 0.0, token_urlsafe=token_urlsafe, announce=setup.codes.append)
    visitors.invite()
    cloud = httpx2.ASGITransport(app=create_app(setup.world))
    async with create_client(observe=lambda *_: None, monotonic=lambda: 0.0, transport=cloud) as volvo:
        checker = Checker(
            client=volvo,
            id_url=URL,
            api_url=URL,
            scope=("openid", "conve:vehicle_relation"),
            clock=lambda: 0.0,
            token_urlsafe=token_urlsafe,
        )
        context = SetupContext(
            visitors=visitors,
            checker=checker,
            save=setup.save,
            saved=lambda: bool(setup.saved),
            loopback=loopback,
            file="config.yaml",
            redirect_uri="http://localhost:9100/callback",
            token_urlsafe=token_urlsafe,
        )
        app = Access(
            create_setup_app(context), config=WebConfig, passwords=Passwords(b"key"), admitted=visitors.know
        )
        transport = httpx2.ASGITransport(app=app, client=client)
        async with httpx2.AsyncClient(transport=transport, base_url=base_url) as browser:
            yield browser


async def token_of(browser) -> str:
    return re.search(r'name="token" value="([^"]+)"', (await browser.get("/")).text)[1]


async def post(browser, path="/", **data):
    return await browser.post(path, data={"token": await token_of(browser), **data})


async def test_four_accepted_values_are_saved_and_the_login_follows(setup):
    async with browsing(setup) as browser:
        response = await post(browser, **LOGIN)

    assert (response.status_code, response.headers["location"]) == (303, "login")
    (settings,) = setup.saved
    account = settings.complete_accounts[0]
    assert account.client_secret.get_secret_value() == CLIENT_SECRET
    assert account.api_key.get_secret_value() == API_KEY


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"client_id": "other"}, "compare it with Client Id"),
        ({"client_secret": "other"}, "compare client_id and client_secret"),
        ({"api_key": "other"}, "compare it with the VCC API key"),
        ({"redirect_uri": "http://localhost:1/callback"}, "must be exactly as registered"),
        ({"redirect_uri": "localhost"}, "must be a complete URL"),
        ({"client_id": ""}, "is missing; copy it from"),
    ],
)
async def test_a_wrong_value_is_reported_and_not_saved(change, message, setup):
    async with browsing(setup) as browser:
        response = await post(browser, **{**LOGIN, **change})

    assert response.status_code == 400
    assert message in response.text
    assert setup.saved == []
    assert CLIENT_SECRET not in response.text
    assert API_KEY not in response.text


async def test_a_refused_value_can_be_saved_on_request_but_an_invalid_one_cannot(setup):
    async with browsing(setup) as browser:
        invalid = await post(browser, **{**LOGIN, "redirect_uri": "localhost"}, anyway="on")
        refused = await post(browser, **{**LOGIN, "api_key": "another-key"}, anyway="on")

    assert (invalid.status_code, refused.status_code) == (400, 303)
    assert len(setup.saved) == 1


async def test_an_outage_of_volvo_does_not_prevent_saving(setup):
    setup.world.faults.add(Fault(kind="internal_error", where="*"))
    async with browsing(setup) as browser:
        checked = await post(browser, "/check", **LOGIN)
        response = await post(browser, **LOGIN)

    assert {finding["outcome"] for finding in checked.json()["findings"]} == {"unknown"}
    assert response.status_code == 303


async def test_a_failure_to_save_is_shown(setup):
    setup.failure = "config.yaml exists already"
    async with browsing(setup) as browser:
        response = await post(browser, **LOGIN)

    assert response.status_code == 409
    assert "config.yaml exists already" in response.text


@pytest.mark.parametrize(
    ("changed", "values", "reported"),
    [
        ("client_id", {"client_id": "other"}, set()),
        ("client_id", {"client_id": "other", "redirect_uri": LOGIN["redirect_uri"]}, {"client_id"}),
        ("api_key", LOGIN, {"api_key"}),
        ("client_secret", LOGIN, {"client_secret"}),
        ("redirect_uri", LOGIN, {"client_id", "redirect_uri", "scope", "client_secret"}),
    ],
)
async def test_a_change_is_checked_with_what_depends_on_it(changed, values, reported, setup):
    async with browsing(setup) as browser:
        response = await post(browser, "/check", **values, changed=changed)

    assert {finding["setting"] for finding in response.json()["findings"]} == reported


@pytest.mark.parametrize("path", ["/", "/check"])
@pytest.mark.parametrize(
    ("form", "headers"),
    [
        ({}, {}),
        ({"token": "made-up"}, {}),
        ({"token": "ü"}, {}),
        (None, {"origin": "http://evil.example"}),
        (None, {"sec-fetch-site": "cross-site"}),
    ],
)
async def test_a_form_of_another_site_is_refused(path, form, headers, setup):
    async with browsing(setup) as browser:
        form = {"token": await token_of(browser)} if form is None else form
        response = await browser.post(path, data={**LOGIN, **form}, headers=headers)

    assert response.status_code == 403
    assert "another site" in response.text
    assert setup.saved == []
    assert not setup.world.log


async def test_another_machine_sees_only_the_field_for_the_code(setup):
    async with browsing(setup, client=REMOTE, base_url="http://raspberrypi:9100") as browser:
        page = (await browser.get("/")).text
        answers = [await post(browser, path, **LOGIN) for path in ("/", "/check")]

    assert 'name="client_id"' not in page
    assert "not encrypted" in page
    assert [answer.status_code for answer in answers] == [403, 403]
    assert setup.saved == []
    assert not setup.world.log


async def test_an_exporter_that_other_machines_reach_asks_every_browser_for_the_code(setup):
    async with browsing(setup, loopback=False) as browser:
        response = await post(browser, **LOGIN)

    assert response.status_code == 403
    assert 'name="code"' in response.text


async def test_another_machine_can_set_up_with_the_code(setup):
    async with browsing(setup, client=REMOTE, base_url="http://raspberrypi:9100") as browser:
        wrong = await post(browser, code="wrong")
        right = await post(browser, code=setup.codes[0])
        assert (wrong.status_code, right.status_code) == (403, 303)
        assert "HttpOnly" in right.headers["set-cookie"]
        assert 'name="client_id"' in (await browser.get("/")).text
        response = await post(browser, **LOGIN)

    assert response.status_code == 303
    assert len(setup.saved) == 1


@pytest.mark.parametrize("headers", [{"cookie": f"{COOKIE}=made-up"}, {"x-forwarded-for": "10.0.0.1"}])
async def test_a_proxy_or_an_unknown_cookie_admits_no_browser(headers, setup):
    async with browsing(setup, client=LOCAL if "x-forwarded-for" in headers else REMOTE) as browser:
        page = (await browser.get("/", headers=headers)).text

    assert 'name="client_id"' not in page


@pytest.mark.parametrize("path", ["/metrics", "/login", "/api/v1/status", "/-/ready"])
async def test_other_pages_report_that_nothing_is_configured(path, setup):
    async with browsing(setup) as browser:
        response = await browser.get(path)

    assert (response.status_code, response.text[:14]) == (503, "not configured")


async def test_every_link_of_the_page_is_relative(setup):
    async with browsing(setup) as browser:
        page = (await browser.get("/")).text
    links = re.findall(r'(?:href|src|action)="([^"]*)"', page)

    assert len(links) > 6
    assert [link for link in links if not link.startswith(("./", "#", PORTAL))] == []


async def test_the_process_is_healthy(setup):
    async with browsing(setup) as browser:
        assert (await browser.get("/-/healthy")).text == "healthy\n"


async def test_the_page_names_scopes_and_redirect_uri_and_allows_only_its_own_script(setup):
    async with browsing(setup) as browser:
        response = await browser.get("/")

    assert ">openid conve:vehicle_relation</textarea>" in response.text
    assert response.text.count('value="http://localhost:9100/callback"') == 2
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert response.headers["cache-control"] == "no-store"
    assert SECURITY_HEADERS.keys() <= set(response.headers.keys())
    assert re.findall(r"<(?:script|style)(?! nonce=)", response.text) == []


@pytest.mark.parametrize("name", PICTURES)
async def test_the_pictures_are_served(name, setup):
    async with browsing(setup) as browser:
        response = await browser.get(f"/pictures/{name}.svg")

    assert (response.status_code, response.headers["content-type"]) == (200, "image/svg+xml")


@pytest.mark.parametrize("name", ["rooms", "..%2Ftemplates%2Ficon"])
async def test_no_other_file_is_served(name, setup):
    async with browsing(setup) as browser:
        assert (await browser.get(f"/pictures/{name}.svg")).status_code in (404, 503)


async def test_requests_after_saving_are_redirected_to_the_exporter(setup):
    async with browsing(setup) as browser:
        again = partial(post, browser, **LOGIN)
        token = await token_of(browser)
        await again()
        began = anyio.current_time()
        page = await browser.get("/login")
        twice = await browser.post("/", data={"token": token, **LOGIN})

    assert anyio.current_time() > began
    assert (page.status_code, page.headers["location"]) == (303, "./login")
    assert (twice.status_code, twice.headers["location"]) == (303, "./login")
    assert page.headers["connection"] == "close"
    assert len(setup.saved) == 1


@pytest.mark.parametrize(
    ("accepted", "title"),
    [
        ("sv-SE,sv;q=0.9", "Installera Volvo Vehicle Exporter"),
        ("de", "Volvo Vehicle Exporter einrichten"),
        ("fr", "Set up the Volvo Vehicle Exporter"),
    ],
)
async def test_the_page_is_in_the_language_of_the_browser(accepted, title, setup):
    async with browsing(setup) as browser:
        page = (await browser.get("/", headers={"accept-language": accepted})).text

    assert f"<h1>{title}</h1>" in page
    assert "{{" not in page
