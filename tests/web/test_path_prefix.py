"""All pages behind a reverse proxy that serves them under a path and strips it."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import anyio
import bcrypt
import httpx2
import pytest
import yaml

from tests.support.installation import MONDAY, URL, a_world, installed
from tests.support.proxies import PREFIX, StrippingProxy
from volvo_exporter.simulator import FLEET, Options, approve, create_app
from volvo_exporter.web.path_prefix import path_prefix

HOUR = 3600.0
HOST = "http://localhost:9100"
ADDRESS = f"{HOST}{PREFIX}"
FOLLOWED = ("href", "src", "action")


class Links(HTMLParser):
    """Collects the addresses in a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self.found += [value for name, value in attrs if name in FOLLOWED and value is not None]


def links_in(page: str) -> list[str]:
    parser = Links()
    parser.feed(page)
    return parser.found


@asynccontextmanager
async def a_browser(it, **headers: str) -> AsyncIterator[httpx2.AsyncClient]:
    proxy = StrippingProxy(
        it.exporter.app, headers=tuple((name.encode(), value.encode()) for name, value in headers.items())
    )
    transport = httpx2.ASGITransport(app=proxy, client=("127.0.0.1", 5000))
    async with httpx2.AsyncClient(transport=transport, headers={"accept-encoding": "identity"}) as browser:
        yield browser


async def visited_from(browser: httpx2.AsyncClient, start: str) -> dict[str, int]:
    """Follow every link on this host; return each address with its status."""
    found: dict[str, int] = {}
    waiting = [start]
    while waiting:
        address = waiting.pop()
        if address in found or urlsplit(address).netloc != urlsplit(HOST).netloc:
            continue
        response = await browser.get(address)
        found[address] = response.status_code
        if "location" in response.headers:
            waiting.append(urljoin(address, response.headers["location"]))
        if response.headers.get("content-type", "").startswith("text/html"):
            waiting += [urljoin(address, link).partition("#")[0] for link in links_in(response.text)]
    return found


async def test_no_link_of_any_page_leaves_the_prefix(tmp_path):
    journal = {"journal": "on", "journal_file": str(tmp_path / "journal.db")}
    async with installed(tmp_path, a_world(start=MONDAY + 5 * HOUR, cars=FLEET[:1]), **journal) as it:
        await anyio.sleep(6 * HOUR)
        async with a_browser(it) as browser:
            found = await visited_from(browser, f"{ADDRESS}/")
            slashes = await visited_from(browser, f"{ADDRESS}/drives/")

    paths = {urlsplit(address).path.removeprefix(PREFIX) for address in found}
    assert {"/", "/login", "/metrics", "/icon.svg", "/drives", "/drives.csv", "/charges", "/refuels"} <= paths
    assert any(re.fullmatch(r"/drives/[^/]+", path) for path in paths)
    assert {address: status for address, status in found.items() if status != 200} == {}
    assert set(slashes.values()) == {200, 307}
    assert all(urlsplit(address).path.startswith(f"{PREFIX}/") for address in (*found, *slashes))


async def test_a_login_under_a_prefix_ends_under_it(tmp_path):
    redirect_uri = f"{ADDRESS}/callback"
    world = a_world(options=Options(redirect_uris=(redirect_uri,)))
    async with (
        installed(tmp_path, world, logged_in=False, redirect_uri=redirect_uri) as it,
        a_browser(it) as browser,
        httpx2.AsyncClient(transport=httpx2.ASGITransport(app=create_app(world)), base_url=URL) as volvo_id,
    ):
        started = await browser.post(f"{ADDRESS}/login", data={"account": "default"})
        address = await approve(volvo_id, started.headers["location"])
        ended = await browser.get(address)

        assert urljoin(address, ended.headers["location"]) == f"{ADDRESS}/login?done=default"


async def test_a_correction_under_a_prefix_returns_to_the_event(tmp_path):
    journal = {"journal": "on", "journal_file": str(tmp_path / "journal.db")}
    async with installed(tmp_path, a_world(start=MONDAY + 5 * HOUR, cars=FLEET[:1]), **journal) as it:
        await anyio.sleep(6 * HOUR)
        async with a_browser(it) as browser:
            listed = links_in((await browser.get(f"{ADDRESS}/drives")).text)
            event = urljoin(f"{ADDRESS}/drives", next(link for link in listed if "/drives/" in link))
            answer = await browser.post(event, data={"correction": "note", "text": "To work"})

        assert urljoin(event, answer.headers["location"]) == event


@pytest.mark.parametrize(
    ("header", "tab"),
    [({}, True), ({"X-Forwarded-Prefix": PREFIX}, False), ({"X-Ingress-Path": f"{PREFIX}/"}, False)],
)
async def test_the_prefix_header_decides_whether_the_redirect_uri_is_this_exporter(header, tab, tmp_path):
    password = bcrypt.hashpw(b"open sesame", bcrypt.gensalt(rounds=4)).decode()
    web_config = tmp_path / "web.yml"
    web_config.write_text(yaml.safe_dump({"basic_auth_users": {"anna": password}}))
    settings = {"redirect_uri": f"{ADDRESS}/callback", "web_config_file": str(web_config)}
    async with installed(tmp_path, a_world(), logged_in=False, **settings) as it:
        transport = httpx2.ASGITransport(app=it.exporter.app, client=("127.0.0.1", 5000))
        async with httpx2.AsyncClient(transport=transport, base_url=HOST) as browser:
            text = (await browser.get("/login", headers=header, auth=("anna", "open sesame"))).text

    assert "Log in with your Volvo ID" in text
    assert ("new tab" in text) is tab


@pytest.mark.parametrize(
    ("given", "prefix"),
    [
        ("/volvo", "/volvo"),
        ("/volvo/", "/volvo"),
        ("/api/hassio_ingress/Ab-9_x", "/api/hassio_ingress/Ab-9_x"),
        ("", ""),
        ("/", ""),
        ("volvo", ""),
        ("//evil.example", ""),
        ("/../x", ""),
        ("/a/./b", ""),
        ("https://evil.example/x", ""),
        ('/"><script>', ""),
        ("/a%2e%2e", ""),
        ("/a\r\nset-cookie: x", ""),
        ("/" + "a" * 300, ""),
    ],
)
def test_only_a_plain_path_is_a_prefix(given, prefix):
    assert path_prefix({"x-forwarded-prefix": given}) == prefix
