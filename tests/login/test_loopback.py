import httpx2
import pytest

from tests.support.services import free_port
from volvo_exporter.login.loopback import create_app, listen

HEADERS = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "content-type": "text/plain; charset=utf-8",
}


class Browser:
    """A browser at the redirect URI; `problems` are what is wrong with its visits."""

    def __init__(self, redirect_uri="http://localhost:9100/callback", *problems):
        self.problems = list(problems)
        self.queries = []
        self.app = create_app(redirect_uri, self.answer)

    async def answer(self, query):
        self.queries.append(query)
        return self.problems.pop(0) if self.problems else ""

    async def visit(self, path, method="GET"):
        transport = httpx2.ASGITransport(app=self.app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://localhost:9100") as client:
            return await client.request(method, path)


async def test_the_query_of_a_callback_completes_the_login():
    browser = Browser()
    page = await browser.visit("/callback?code=a%2Fb&state=s")
    assert browser.queries == ["?code=a%2Fb&state=s"]
    assert (page.status_code, page.text) == (200, "You are logged in. You can close this window.")


async def test_an_error_is_shown():
    page = await Browser("http://localhost/callback", "login cancelled").visit("/callback?error=x")
    assert (page.status_code, page.text) == (400, "login cancelled")


async def test_a_callback_without_a_query_gets_the_same_response_as_one_with_an_empty_query():
    browser = Browser("http://localhost/callback", "empty input")
    assert (await browser.visit("/callback")).status_code == 400
    assert browser.queries == ["?"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/favicon.ico"),
        ("GET", "/"),
        ("GET", "/callback/?code=c&state=s"),
        ("GET", "/callback/x?code=c&state=s"),
        ("GET", "/CALLBACK?code=c&state=s"),
        ("HEAD", "/callback?code=c&state=s"),
        ("POST", "/callback?code=c&state=s"),
        ("OPTIONS", "/callback?code=c&state=s"),
    ],
)
async def test_other_paths_and_methods_are_not_found_and_use_no_code(method, path):
    browser = Browser()
    page = await browser.visit(path, method)
    assert page.status_code == 404
    assert page.text == ("" if method == "HEAD" else "Not found.")
    assert browser.queries == []


@pytest.mark.parametrize("path", ["/callback?code=c", "/callback", "/favicon.ico"])
async def test_no_response_is_stored_or_passed_on(path):
    page = await Browser("http://localhost/callback", *["wrong"] * ("?" not in path)).visit(path)
    assert {name: page.headers[name] for name in HEADERS} == HEADERS


@pytest.mark.parametrize(
    ("redirect_uri", "path"),
    [
        ("http://localhost:9100", "/?code=c"),
        ("http://localhost:9100/", "/?code=c"),
        ("http://localhost:9100/log%20in/done", "/log%20in/done?code=c"),
        ("http://localhost:9100/a.b", "/a.b?code=c"),
    ],
)
async def test_the_path_is_that_of_the_redirect_uri(redirect_uri, path):
    browser = Browser(redirect_uri)
    assert (await browser.visit(path)).status_code == 200
    assert (await browser.visit("/other")).status_code == 404


@pytest.mark.parametrize(
    "redirect_uri",
    [
        "https://localhost:{port}/callback",
        "http://home.example:{port}/callback",
        "http://192.168.1.5:{port}/callback",
        "http://localhost:{port}/{{x:y}}",
        "http://localhost:{port}/%7Bx%7D",
    ],
)
def test_a_redirect_uri_that_cannot_be_served_has_no_sockets(redirect_uri):
    assert listen(redirect_uri.format(port=free_port())) == []


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "LOCALHOST"])
def test_sockets_listen_on_loopback_only(host):
    listeners = listen(f"http://{host}:{free_port()}/callback")
    addresses = [listener.getsockname()[0] for listener in listeners]
    for listener in listeners:
        listener.close()
    assert addresses[0] == "127.0.0.1"
    assert set(addresses) <= {"127.0.0.1", "::1"}
