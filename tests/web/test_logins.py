"""A login in the browser, through the simulator's consent page."""

from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import anyio
import httpx2
import pytest

from installation import URL, a_world, installed
from volvo_exporter.simulator import REDIRECT_URI, approve, create_app

HERE = "http://localhost:9100"


@asynccontextmanager
async def a_browser(it, *, base_url=HERE, client=("127.0.0.1", 5000)):
    transport = httpx2.ASGITransport(app=it.exporter.app, client=client)
    headers = {"accept-encoding": "identity"}
    async with httpx2.AsyncClient(transport=transport, base_url=base_url, headers=headers) as browser:
        yield browser


async def consent(world, url: str, **how: object) -> str:
    """Where the browser ends up at after the consent page."""
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


async def test_a_login_goes_round_through_volvo_id_and_ends_here(tmp_path):
    world = a_world()
    async with installed(tmp_path, world, logged_in=False) as it, a_browser(it) as browser:
        assert "Log in at Volvo ID" in (await browser.get("/login")).text
        redirect = await consent(world, await start(browser))
        assert redirect.startswith(REDIRECT_URI)
        ended = await browser.get(here(redirect))
        assert (ended.status_code, ended.headers["location"]) == (303, "/login?done=default")
        back = await browser.get(ended.headers["location"], headers={"sec-fetch-site": "cross-site"})
        assert "Account default is logged in" in back.text
        assert 'role="alert"' not in back.text
        await anyio.sleep(10)

        assert await it.value("volvo_exporter_login_required") == 0
        assert len(await it.series("volvo_odometer_meters")) == 3


async def test_where_the_redirect_leads_elsewhere_the_pasted_address_ends_it(tmp_path):
    world = a_world()
    async with installed(tmp_path, world, logged_in=False) as it, a_browser(it) as browser:
        redirect = await consent(world, await start(browser))
        wrong = await browser.post("/login", data={"pasted": "https://example.org/?code=x&state=y"})
        assert wrong.status_code == 400
        assert "another site" in wrong.text
        ended = await browser.post("/login", data={"pasted": redirect})

        assert ended.headers["location"] == "/login?done=default"
        assert await it.value("volvo_exporter_login_required") == 0


async def test_a_refused_consent_is_explained_and_can_be_tried_again(tmp_path):
    world = a_world()
    async with installed(tmp_path, world, logged_in=False) as it, a_browser(it) as browser:
        url = await start(browser)
        refused = await browser.get(here(await consent(world, url, refuse=True)))
        assert refused.status_code == 400
        assert "cancelled" in refused.text
        ended = await browser.get(here(await consent(world, url)))

        assert ended.headers["location"] == "/login?done=default"


async def test_a_wrong_state_is_refused(tmp_path):
    world = a_world()
    async with installed(tmp_path, world, logged_in=False) as it, a_browser(it) as browser:
        await start(browser)
        answer = await browser.get("/callback?code=c&state=wrong")

        assert answer.status_code == 400
        assert "another attempt" in answer.text
        assert await it.value("volvo_exporter_login_required") == 1


async def test_another_browser_cannot_end_the_login(tmp_path):
    world = a_world()
    async with installed(tmp_path, world, logged_in=False) as it:
        async with a_browser(it) as browser:
            redirect = await consent(world, await start(browser))
        async with a_browser(it) as other:
            answer = await other.get(here(redirect))

        assert answer.status_code == 404
        assert await it.value("volvo_exporter_login_required") == 1


async def test_a_login_that_is_older_than_ten_minutes_is_over(tmp_path):
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
        (HERE, ("192.168.1.5", 5000), {}),
        ("http://exporter.home:9100", ("127.0.0.1", 5000), {}),
        (HERE, ("127.0.0.1", 5000), {"origin": "http://evil.example"}),
        (HERE, ("127.0.0.1", 5000), {"sec-fetch-site": "cross-site"}),
    ],
)
async def test_who_may_not_start_a_login_is_told_so(base_url, client, headers, tmp_path):
    async with (
        installed(tmp_path, a_world(), logged_in=False) as it,
        a_browser(it, base_url=base_url, client=client) as browser,
    ):
        answer = await browser.post("/login", data={"account": "default"}, headers=headers)

        assert answer.status_code == 403
        assert 'role="alert"' in answer.text
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("data", [{}, {"account": "nobody"}, {"pasted": "x" * 100_000}])
async def test_an_odd_form_is_answered_and_starts_nothing(data, tmp_path):
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
