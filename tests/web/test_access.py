import base64

import anyio
import bcrypt
import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as some
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from tests.support.installation import a_world, installed
from volvo_exporter.web.access import (
    AUTHENTICATED,
    MAX_CACHED_RESULTS,
    MAX_WAITING_CHECKS,
    MAX_WAITING_CLIENTS,
    SECURITY_HEADERS,
    Access,
    Passwords,
    TooManyChecks,
    is_authenticated,
    read_credentials,
)
from volvo_exporter.web.web_config import WebConfig

LONG = "é" * 50
"""A password of 100 bytes."""


def hash_of(password: str, *, cost: int = 4) -> str:
    # htpasswd truncates to 72 bytes, too.
    return bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(cost)).decode()


USERS = {
    "alice": hash_of("open sesame"),
    "bob": hash_of(""),
    "ünï": hash_of("pässwörd"),
    "long": hash_of(LONG),
}
CLOSED = WebConfig(basic_auth_users=USERS)


class CountingPasswords(Passwords):
    """Counts the calls of bcrypt."""

    def __init__(self) -> None:
        super().__init__(b"key")
        self.calls = 0

    async def _check(self, password: bytes, stored: bytes) -> bool:
        self.calls += 1
        return await super()._check(password, stored)


def pages():
    async def page(request):
        return PlainTextResponse("authenticated" if is_authenticated(request) else "open")

    async def own(_request):
        return PlainTextResponse(
            "own", headers={"x-frame-options": "SAMEORIGIN", "referrer-policy": "origin"}
        )

    async def broken(_request):
        message = "unexpected"
        raise RuntimeError(message)

    return Starlette(routes=[Route("/", page), Route("/own", own), Route("/broken", broken)])


def a_client(config: WebConfig, *, passwords: Passwords | None = None) -> httpx2.AsyncClient:
    app = Access(pages(), config=lambda: config, passwords=passwords or Passwords(b"key"))
    transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx2.AsyncClient(transport=transport, base_url="http://exporter.test")


def basic(name: str | bytes, password: str | bytes) -> dict[str, str]:
    name, password = (text.encode() if isinstance(text, str) else text for text in (name, password))
    return {"authorization": f"Basic {base64.b64encode(name + b':' + password).decode()}"}


async def get(config: WebConfig, path: str = "/", **headers: str) -> httpx2.Response:
    async with a_client(config) as client:
        return await client.get(path, headers=headers)


@pytest.mark.parametrize(
    ("name", "password"),
    [("alice", "open sesame"), ("bob", ""), ("ünï", "pässwörd"), ("long", LONG)],
)
async def test_correct_username_and_password_are_accepted(name, password):
    response = await get(CLOSED, **basic(name, password))
    assert (response.status_code, response.text) == (200, "authenticated")


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("alice", "open sesam"),
        ("alice", "Open sesame"),
        ("alice", ""),
        ("bob", "open sesame"),
        ("nobody", "open sesame"),
        ("", ""),
        ("alice", "x" * 1000),
        ("alice", "open\0sesame"),
        ("alice", b"\xff\xfe"),
        (b"\xff", b"open sesame"),
        ("long", "é" * 35),
    ],
)
async def test_wrong_credentials_are_refused_with_the_setting_to_check(name, password):
    response = await get(CLOSED, **basic(name, password))
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == 'Basic realm="volvo-vehicle-exporter", charset="UTF-8"'
    assert "basic_auth_users" in response.text


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Basic",
        "Basic ",
        "Basic !!!!",
        "Basic YWxpY2U",
        "Basic YWxpY2U=",
        "Bearer YWxpY2U6b3BlbiBzZXNhbWU=",
        "YWxpY2U6b3BlbiBzZXNhbWU=",
        "Basic é",
        "Digest x",
    ],
)
async def test_a_header_without_username_and_password_is_refused(header):
    async with a_client(CLOSED) as client:
        response = await client.get("/", headers={"authorization": header.encode("latin-1")})
    assert response.status_code == 401


async def test_the_scheme_is_case_insensitive():
    encoded = basic("alice", "open sesame")["authorization"].partition(" ")[2]
    assert (await get(CLOSED, authorization=f"bAsIC  {encoded}")).status_code == 200


@given(some.binary(max_size=200).map(lambda content: content.decode("latin-1")))
def test_any_header_is_parsed_without_an_error(header):
    for text in (header, f"Basic {header}"):
        assert read_credentials(text) is None or b":" not in read_credentials(text)[0]


@given(some.binary(max_size=200).filter(lambda name: b":" not in name), some.binary(max_size=200))
def test_usernames_and_passwords_may_have_any_bytes(name, password):
    given_ = read_credentials(basic(name, password)["authorization"])

    assert given_ == (name, password)
    assert anyio.run(Passwords(b"key").check, given_, {b"alice": USERS["alice"].encode()}) is False


async def test_without_users_every_request_is_accepted_and_none_is_authenticated():
    response = await get(WebConfig(), **basic("alice", "open sesame"))
    assert (response.status_code, response.text) == (200, "open")


async def test_a_request_header_cannot_set_the_authenticated_flag():
    response = await get(WebConfig(), **{AUTHENTICATED: "true"})
    assert response.text == "open"


async def test_a_correct_password_is_hashed_once():
    passwords = CountingPasswords()
    async with a_client(CLOSED, passwords=passwords) as client:
        for _ in range(5):
            assert (await client.get("/", headers=basic("alice", "open sesame"))).status_code == 200
    assert passwords.calls == 1


@pytest.mark.parametrize(("name", "password"), [("alice", "wrong"), ("nobody", "open sesame")])
async def test_a_wrong_password_takes_as_long_with_an_unknown_name(name, password):
    passwords = CountingPasswords()
    async with a_client(CLOSED, passwords=passwords) as client:
        for number in range(6):
            headers = basic(name, f"{password}{'!' * (number % 3)}")
            assert (await client.get("/", headers=headers)).status_code == 401
    assert passwords.calls == 3


async def test_cached_wrong_passwords_do_not_evict_correct_ones():
    passwords = CountingPasswords()
    users = {b"alice": USERS["alice"].encode()}
    assert await passwords.check((b"alice", b"open sesame"), users)
    for number in range(MAX_CACHED_RESULTS + 5):
        assert not await passwords.check((b"alice", b"guess %d" % number), users)
    calls = passwords.calls
    assert await passwords.check((b"alice", b"open sesame"), users)
    assert passwords.calls == calls
    assert len(passwords._wrong) == MAX_CACHED_RESULTS  # white box, as below


async def test_a_password_is_checked_again_when_its_name_is_added():
    passwords = CountingPasswords()
    stored = USERS["alice"].encode()
    assert not await passwords.check((b"bob", b"open sesame"), {b"alice": stored})
    assert await passwords.check((b"bob", b"open sesame"), {b"alice": stored, b"bob": stored})


class SlowPasswords(Passwords):
    """Takes a second of virtual time for each check."""

    async def _check(self, password: bytes, stored: bytes) -> bool:
        async with self._limiter:
            await anyio.sleep(1)
        return password == stored


async def test_a_scrape_succeeds_while_another_client_sends_many_wrong_passwords():
    passwords = SlowPasswords(b"key")
    users = {b"alice": b"right"}
    refused = 0

    async def guess(number: int) -> None:
        nonlocal refused
        try:
            assert not await passwords.check((b"alice", b"%d" % number), users, client="192.0.2.1")
        except TooManyChecks:
            refused += 1

    async with anyio.create_task_group() as tasks:
        for number in range(10 * MAX_WAITING_CHECKS):
            tasks.start_soon(guess, number)
        await anyio.sleep(0.5)
        begin = anyio.current_time()
        assert await passwords.check((b"alice", b"right"), users, client="192.0.2.2")
        assert anyio.current_time() - begin <= 2
        tasks.cancel_scope.cancel()

    assert refused >= 8 * MAX_WAITING_CHECKS
    assert passwords._turns == {}  # white box: nothing is kept of clients that have gone


async def test_a_scrape_waits_for_one_check_of_each_other_client():
    passwords = SlowPasswords(b"key")
    users = {b"alice": b"right"}

    async def guess(number: int) -> None:
        client = f"192.0.2.{number % (MAX_WAITING_CLIENTS - 1)}"
        await passwords.check((b"alice", b"%d" % number), users, client=client)

    async with anyio.create_task_group() as tasks:
        for number in range(10 * MAX_WAITING_CLIENTS):
            tasks.start_soon(guess, number)
        await anyio.sleep(0.5)
        begin = anyio.current_time()
        tasks.start_soon(guess, 0)
        assert await passwords.check((b"alice", b"right"), users, client="198.51.100.1")
        assert anyio.current_time() - begin <= MAX_WAITING_CLIENTS
        tasks.cancel_scope.cancel()


async def test_addresses_of_one_network_are_one_client():
    seen = []

    class Seeing(Passwords):
        async def check(self, given, users, *, client=""):
            seen.append(client)
            return await super().check(given, users, client=client)

    app = Access(pages(), config=lambda: CLOSED, passwords=Seeing(b"key"))
    for address in ("192.0.2.1", "2001:db8::1", "2001:db8::2"):
        transport = httpx2.ASGITransport(app=app, client=(address, 1234))
        async with httpx2.AsyncClient(transport=transport, base_url="http://exporter.test") as client:
            await client.get("/", headers=basic("alice", "wrong"))
    assert seen == ["192.0.2.1", "2001:db8::/64", "2001:db8::/64"]


async def test_a_password_that_was_changed_is_refused_at_once():
    passwords = CountingPasswords()
    users = {b"alice": USERS["alice"].encode()}
    assert await passwords.check((b"alice", b"open sesame"), users)
    assert not await passwords.check((b"alice", b"open sesame"), {b"alice": USERS["bob"].encode()})
    assert not await passwords.check((b"alice", b"open sesame"), {b"bob": USERS["alice"].encode()})


async def test_a_cached_password_is_not_valid_for_an_unknown_name():
    passwords = CountingPasswords()
    users = dict.fromkeys((b"alice", b"bob"), USERS["alice"].encode())
    assert await passwords.check((b"alice", b"open sesame"), users)
    assert not await passwords.check((b"carol", b"open sesame"), users)


async def test_the_cache_is_bounded_and_contains_no_password():
    passwords = CountingPasswords()
    users = {f"user{number}".encode(): USERS["alice"].encode() for number in range(MAX_CACHED_RESULTS + 5)}
    for name in users:
        assert await passwords.check((name, b"open sesame"), users)
    assert len(passwords._right) == MAX_CACHED_RESULTS  # white box: nothing else shows what is kept
    assert b"sesame" not in b"".join(passwords._right)


async def test_wrong_passwords_are_queued_and_refused_beyond_the_limit():
    slow = WebConfig(basic_auth_users={"alice": hash_of("open sesame", cost=7)})
    statuses = []
    async with a_client(slow) as client:
        assert (await client.get("/", headers=basic("alice", "open sesame"))).status_code == 200

        async def guess(number: int) -> None:
            response = await client.get("/", headers=basic("alice", f"guess {number}"))
            statuses.append((response.status_code, response.headers.get("retry-after")))

        async with anyio.create_task_group() as tasks:
            for number in range(MAX_WAITING_CHECKS + 10):
                tasks.start_soon(guess, number)
            await anyio.lowlevel.checkpoint()
            remembered = await client.get("/", headers=basic("alice", "open sesame"))

    assert remembered.status_code == 200
    assert set(statuses) == {(401, None), (429, "1")}
    assert len([status for status, _ in statuses if status == 401]) >= MAX_WAITING_CHECKS


@pytest.mark.parametrize("config", [WebConfig(), CLOSED], ids=["open", "closed"])
@pytest.mark.parametrize(
    ("path", "status"), [("/", 200), ("/nothing", 404), ("/broken", 500), ("/own", 200)], ids=str
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
async def test_every_response_has_the_security_headers(config, path, status, method):
    async with a_client(config) as client:
        known = await client.request(method, path, headers=basic("alice", "open sesame"))
        unknown = await client.request(method, path)

    assert known.status_code == (405 if method == "POST" and path != "/nothing" else status)
    assert unknown.status_code == (401 if config is CLOSED else known.status_code)
    for response in (known, unknown):
        own = {"x-frame-options", "referrer-policy"} if path == "/own" and response.is_success else set()
        for name, value in SECURITY_HEADERS.items():
            assert name in response.headers
            assert name in own or response.headers.get_list(name) == [value]


async def test_headers_of_a_page_override_the_configured_ones():
    response = await get(WebConfig(http_server_config={"headers": {"X-Frame-Options": "deny"}}), "/own")
    assert response.headers.get_list("x-frame-options") == ["SAMEORIGIN"]
    assert response.headers.get_list("referrer-policy") == ["origin"]


async def test_configured_headers_override_the_defaults():
    configured = {
        "X-Frame-Options": "sameorigin",
        "Strict-Transport-Security": "max-age=31536000",
        "Content-Security-Policy": "default-src 'self'",
    }
    response = await get(WebConfig(http_server_config={"headers": configured}))
    assert {name: response.headers.get_list(name) for name in configured} == {
        name: [value] for name, value in configured.items()
    }


async def test_strict_transport_security_is_not_sent_by_default():
    assert "strict-transport-security" not in (await get(WebConfig())).headers


PATHS = (
    "/",
    "/metrics",
    "/login",
    "/callback",
    "/-/healthy",
    "/-/ready",
    "/api/v1/vehicles",
    "/api/v1/status",
    "/api/v1/evcc/car",
)


@pytest.mark.parametrize("path", [*PATHS, "/nothing"])
async def test_every_page_of_the_exporter_has_the_security_headers(path, tmp_path):
    async with installed(tmp_path, a_world(), logged_in=False) as it:
        response = await it.scrape(path)

    assert {*SECURITY_HEADERS} <= {*response.headers}
    assert len(response.headers) == len(response.headers.multi_items())
    assert "'unsafe" not in response.headers["content-security-policy"]


@pytest.mark.parametrize("path", [*PATHS, "/nothing"])
async def test_with_users_every_page_requires_a_password(path, tmp_path):
    (tmp_path / "web.yml").write_text(f"basic_auth_users:\n  alice: {USERS['alice']}\n")
    async with installed(
        tmp_path, a_world(), logged_in=False, web_config_file=str(tmp_path / "web.yml")
    ) as it:
        response = await it.scrape(path)

    assert response.status_code == 401
