"""A login in the browser, through the simulator's consent page."""

from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import anyio
import bcrypt
import httpx2
import pytest

from tests.support.installation import URL, a_world, installed
from volvo_exporter.simulator import REDIRECT_URI, approve, create_app

ADDRESS = "http://localhost:9100"


@asynccontextmanager
async def a_browser(it, *, base_url=ADDRESS, client=("127.0.0.1", 5000), auth=None):
    transport = httpx2.ASGITransport(app=it.exporter.app, client=client)
    headers = {"accept-encoding": "identity"}
    async with httpx2.AsyncClient(
        transport=transport, base_url=base_url, headers=headers, auth=auth
    ) as browser:
        yield browser


async def consent(world, url: str, **how: object) -> str:
    """Return the address to which the consent page redirects."""
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=create_app(world)), base_url=URL
    ) as client:
        return await approve(client, url, **how)


async def start(browser) -> str:
    answer = await browser.post("/login", data={"account": "default"})
    assert answer.status_code == 303
    return answer.headers["location"]


def here(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


async def test_a_login_in_the_browser_succeeds(tmp_path):
    world = a_world()
    async with installed(tmp_path, world, logged_in=False) as it, a_browser(it) as browser:
        assert "Log in at Volvo ID" in (await browser.get("/login")).text
        redirect = await consent(world, await start(browser))
        assert redirect.startswith(REDIRECT_URI)
        ended = await browser.get(here(redirect))
        assert (ended.status_code, ended.headers["location"]) == (303, "login?done=default")
        back = await browser.get(ended.headers["location"], headers={"sec-fetch-site": "cross-site"})
        assert "Account default is logged in" in back.text
        assert 'role="alert"' not in back.text
        await anyio.sleep(10)

        assert await it.value("volvo_exporter_login_required") == 0
        assert len(await it.series("volvo_odometer_meters")) == 3


async def test_a_pasted_address_completes_the_login(tmp_path):
    world = a_world()
    async with installed(tmp_path, world, logged_in=False) as it, a_browser(it) as browser:
        redirect = await consent(world, await start(browser))
        wrong = await browser.post("/login", data={"pasted": "https://example.org/?code=x&state=y"})
        assert wrong.status_code == 400
        assert "another site" in wrong.text
        ended = await browser.post("/login", data={"pasted": redirect})

        assert ended.headers["location"] == "login?done=default"
        assert await it.value("volvo_exporter_login_required") == 0


async def test_a_refused_consent_is_shown_and_can_be_retried(tmp_path):
    world = a_world()
    async with installed(tmp_path, world, logged_in=False) as it, a_browser(it) as browser:
        url = await start(browser)
        refused = await browser.get(here(await consent(world, url, refuse=True)))
        assert refused.status_code == 400
        assert "cancelled" in refused.text
        ended = await browser.get(here(await consent(world, url)))

        assert ended.headers["location"] == "login?done=default"


async def test_a_wrong_state_is_refused(tmp_path):
    world = a_world()
    async with installed(tmp_path, world, logged_in=False) as it, a_browser(it) as browser:
        await start(browser)
        answer = await browser.get("/callback?code=c&state=wrong")

        assert answer.status_code == 400
        assert "another login attempt" in answer.text
        assert await it.value("volvo_exporter_login_required") == 1


async def test_another_browser_cannot_complete_the_login(tmp_path):
    world = a_world()
    async with installed(tmp_path, world, logged_in=False) as it:
        async with a_browser(it) as browser:
            redirect = await consent(world, await start(browser))
        async with a_browser(it) as other:
            answer = await other.get(here(redirect))

        assert answer.status_code == 404
        assert await it.value("volvo_exporter_login_required") == 1


async def test_a_login_expires_after_ten_minutes(tmp_path):
    world = a_world()
    async with installed(tmp_path, world, logged_in=False) as it, a_browser(it) as browser:
        url = await start(browser)
        await anyio.sleep(601)
        answer = await browser.post("/login", data={"pasted": await consent(world, url)})

        assert answer.status_code == 400
        assert "start again" in answer.text


@pytest.mark.parametrize(
    ("base_url", "client", "headers"),
    [
        (ADDRESS, ("192.168.1.5", 5000), {}),
        ("http://exporter.home:9100", ("127.0.0.1", 5000), {}),
        (ADDRESS, ("127.0.0.1", 5000), {"origin": "http://evil.example"}),
        (ADDRESS, ("127.0.0.1", 5000), {"origin": "http://[::"}),
        (ADDRESS, ("127.0.0.1", 5000), {"sec-fetch-site": "cross-site"}),
        (ADDRESS, ("127.0.0.1", 5000), {"x-forwarded-for": "192.168.1.5"}),
        (ADDRESS, ("127.0.0.1", 5000), {"x-forwarded-for": "127.0.0.1"}),
        (ADDRESS, ("127.0.0.1", 5000), {"forwarded": "for=127.0.0.1"}),
        (ADDRESS, ("127.0.0.1", 5000), {"via": "1.1 proxy"}),
    ],
)
async def test_a_login_that_is_not_allowed_is_refused(base_url, client, headers, tmp_path):
    async with (
        installed(tmp_path, a_world(), logged_in=False) as it,
        a_browser(it, base_url=base_url, client=client) as browser,
    ):
        answer = await browser.post("/login", data={"account": "default"}, headers=headers)

        assert answer.status_code == 403
        assert 'role="alert"' in answer.text
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("data", [{}, {"account": "nobody"}, {"pasted": "x" * 100_000}])
async def test_an_invalid_form_is_refused(data, tmp_path):
    async with installed(tmp_path, a_world(), logged_in=False) as it, a_browser(it) as browser:
        answer = await browser.post("/login", data=data)

        assert answer.status_code == 400
        assert "set-cookie" not in answer.headers


async def test_the_login_page_shows_no_secret(tmp_path):
    world = a_world()
    async with installed(tmp_path, world) as it, a_browser(it) as browser:
        await start(browser)
        text = (await browser.get("/login")).text

    assert world.options.client_secret not in text
    assert "code_challenge=" in text


@pytest.mark.parametrize(
    ("base_url", "client"),
    [(ADDRESS, ("192.168.1.5", 5000)), ("http://exporter.home:9100", ("127.0.0.1", 5000))],
)
async def test_the_refusal_names_each_way_to_log_in(base_url, client, tmp_path):
    async with (
        installed(tmp_path, a_world(), logged_in=False) as it,
        a_browser(it, base_url=base_url, client=client) as browser,
    ):
        answer = await browser.get("/login")

    assert answer.status_code == 403
    for way in ("http://localhost", "web_config_file", "docs/security.md", "volvo-exporter login"):
        assert way in answer.text
    assert "<form" not in answer.text


AWAY = {"base_url": "https://exporter.home:9100", "client": ("192.168.1.5", 5000)}
KEY = ("alice", "open sesame")
BY_ASYNCIO = pytest.mark.parametrize("anyio_backend", ["asyncio"])
"""In real time: a virtual clock does not wait for bcrypt."""


@asynccontextmanager
async def installed_behind_a_password(folder, world):
    stored = bcrypt.hashpw(KEY[1].encode(), bcrypt.gensalt(4)).decode()
    (folder / "web.yml").write_text(f"basic_auth_users:\n  {KEY[0]}: {stored}\n")
    async with installed(folder, world, logged_in=False, web_config_file=str(folder / "web.yml")) as it:
        yield it


@BY_ASYNCIO
async def test_with_basic_auth_a_login_succeeds_from_any_address(tmp_path):
    world = a_world()
    async with (
        installed_behind_a_password(tmp_path, world) as it,
        a_browser(it, **AWAY, auth=KEY) as browser,
    ):
        assert "Log in at Volvo ID" in (await browser.get("/login")).text
        redirect = await consent(world, await start(browser))
        ended = await browser.get(here(redirect), headers={"sec-fetch-site": "cross-site"})

        assert (ended.status_code, ended.headers["location"]) == (303, "login?done=default")
        assert not it.exporter.accounts[0].grant.login_required


@BY_ASYNCIO
async def test_with_basic_auth_a_pasted_address_completes_the_login(tmp_path):
    world = a_world()
    async with (
        installed_behind_a_password(tmp_path, world) as it,
        a_browser(it, **AWAY, auth=KEY) as browser,
    ):
        redirect = await consent(world, await start(browser))
        ended = await browser.post("/login", data={"pasted": redirect})

        assert ended.headers["location"] == "login?done=default"
        assert not it.exporter.accounts[0].grant.login_required


@BY_ASYNCIO
@pytest.mark.parametrize(
    "headers", [{"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}]
)
async def test_with_basic_auth_another_site_cannot_start_or_complete_a_login(headers, tmp_path):
    async with (
        installed_behind_a_password(tmp_path, a_world()) as it,
        a_browser(it, **AWAY, auth=KEY) as browser,
    ):
        for data in ({"account": "default"}, {"pasted": "https://x.test/?code=c&state=s"}):
            answer = await browser.post("/login", data=data, headers=headers)
            assert answer.status_code == 403
            assert "open /login and try again" in answer.text
            assert "set-cookie" not in answer.headers


@BY_ASYNCIO
@pytest.mark.parametrize("auth", [None, ("alice", "wrong")])
async def test_with_basic_auth_a_login_on_this_machine_requires_the_password(auth, tmp_path):
    async with (
        installed_behind_a_password(tmp_path, a_world()) as it,
        a_browser(it, auth=auth) as browser,
    ):
        for answer in (
            await browser.get("/login"),
            await browser.post("/login", data={"account": "default"}),
            await browser.get("/callback?code=c&state=s"),
        ):
            assert answer.status_code == 401
            assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(("scheme", "secure"), [("http", False), ("https", True)])
async def test_the_cookie_is_secure_over_https(scheme, secure, tmp_path):
    async with (
        installed(tmp_path, a_world(), logged_in=False) as it,
        a_browser(it, base_url=f"{scheme}://localhost:9100") as browser,
    ):
        cookie = (await browser.post("/login", data={"account": "default"})).headers["set-cookie"]

    assert {"HttpOnly", "SameSite=lax"} <= set(cookie.split("; "))
    assert ("Secure" in cookie.split("; ")) is secure


async def test_a_code_that_arrives_twice_is_exchanged_once(tmp_path):
    world = a_world()
    async with installed(tmp_path, world, logged_in=False) as it, a_browser(it) as browser:
        redirect = await consent(world, await start(browser))
        answers = []

        async def visit():
            answers.append((await browser.get(here(redirect))).status_code)

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(visit)
            tasks.start_soon(visit)
        required = await it.value("volvo_exporter_login_required")

    assert (answers, required) == ([303, 303], 0)
    assert len([call for call in world.log if call.path.endswith("token.oauth2")]) == 1


async def test_the_policy_allows_volvo_id_and_the_redirect_uri_as_form_targets(tmp_path):
    uri = "https://elsewhere.example/callback"
    async with (
        installed(tmp_path, a_world(), logged_in=False, redirect_uri=uri) as it,
        a_browser(it) as browser,
    ):
        policy = (await browser.get("/login")).headers["content-security-policy"]

    # Browsers apply it to every redirect on the way, and Volvo ID sends errors back at once.
    assert "form-action 'self' http://cloud.test https://elsewhere.example;" in policy


async def test_a_login_is_refused_if_the_token_cannot_be_stored(tmp_path):
    async with installed(tmp_path, a_world(), logged_in=False) as it, a_browser(it) as browser:
        it.token_file.mkdir()
        refused = await browser.post("/login", data={"account": "default"})
        ready = await browser.get("/-/ready")

    assert refused.status_code == 503
    assert f"{it.token_file} is a directory" in refused.text
    assert "set-cookie" not in refused.headers
    assert f"{it.token_file} is a directory" in ready.text
