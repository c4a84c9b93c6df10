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
    MOST_CLIENTS,
    MOST_REMEMBERED,
    MOST_WAITING,
    SECURITY_HEADERS,
    Access,
    Busy,
    Passwords,
    is_authenticated,
    read_credentials,
)
from volvo_exporter.web.web_config import WebConfig

LONG = "é" * 50
"""A password of 100 bytes."""


def hash_of(password: str, *, cost: int = 4) -> str:
    # As htpasswd does it: what goes beyond 72 bytes is left away.
    return bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(cost)).decode()


USERS = {
    "alice": hash_of("open sesame"),
    "bob": hash_of(""),
    "ünï": hash_of("pässwörd"),
    "long": hash_of(LONG),
}
CLOSED = WebConfig(basic_auth_users=USERS)


class CountingPasswords(Passwords):
    """Counts how often bcrypt had to work."""

    def __init__(self) -> None:
        super().__init__(b"key")
        self.worked = 0

    async def _check(self, password: bytes, stored: bytes) -> bool:
        self.worked += 1
        return await super()._check(password, stored)


def pages():
    async def page(request):
        return PlainTextResponse("authenticated" if is_authenticated(request) else "open")

    async def own(_request):
        return PlainTextResponse(
            "own", headers={"x-frame-options": "SAMEORIGIN", "referrer-policy": "origin"}
        )

    async def broken(_request):
        message = "nobody foresaw this"
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
async def test_who_has_name_and_password_gets_in(name, password):
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
async def test_who_has_not_is_told_what_to_do(name, password):
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
async def test_a_header_without_name_and_password_gets_nobody_in(header):
    async with a_client(CLOSED) as client:
        response = await client.get("/", headers={"authorization": header.encode("latin-1")})
    assert response.status_code == 401


async def test_the_scheme_is_read_in_any_case():
    encoded = basic("alice", "open sesame")["authorization"].partition(" ")[2]
    assert (await get(CLOSED, authorization=f"bAsIC  {encoded}")).status_code == 200


@given(some.binary(max_size=200).map(lambda content: content.decode("latin-1")))
def test_whatever_the_header_says_it_is_read(header):
    for text in (header, f"Basic {header}"):
        assert read_credentials(text) is None or b":" not in read_credentials(text)[0]


@given(some.binary(max_size=200).filter(lambda name: b":" not in name), some.binary(max_size=200))
def test_names_and_passwords_of_any_bytes_are_read_and_checked(name, password):
    given_ = read_credentials(basic(name, password)["authorization"])

    assert given_ == (name, password)
    assert anyio.run(Passwords(b"key").are_right, given_, {b"alice": USERS["alice"].encode()}) is False


async def test_without_users_everybody_gets_in_and_nobody_is_authenticated():
    response = await get(WebConfig(), **basic("alice", "open sesame"))
    assert (response.status_code, response.text) == (200, "open")


async def test_nobody_can_claim_to_be_authenticated():
    response = await get(WebConfig(), **{AUTHENTICATED: "true"})
    assert response.text == "open"


async def test_a_password_that_was_right_is_not_computed_again():
    passwords = CountingPasswords()
    async with a_client(CLOSED, passwords=passwords) as client:
        for _ in range(5):
            assert (await client.get("/", headers=basic("alice", "open sesame"))).status_code == 200
    assert passwords.worked == 1


@pytest.mark.parametrize(("name", "password"), [("alice", "wrong"), ("nobody", "open sesame")])
async def test_a_wrong_password_costs_the_same_with_any_name(name, password):
    passwords = CountingPasswords()
    async with a_client(CLOSED, passwords=passwords) as client:
        for number in range(6):
            headers = basic(name, f"{password}{'!' * (number % 3)}")
            assert (await client.get("/", headers=headers)).status_code == 401
    assert passwords.worked == 3


async def test_wrong_passwords_that_are_remembered_do_not_displace_right_ones():
    passwords = CountingPasswords()
    users = {b"alice": USERS["alice"].encode()}
    assert await passwords.are_right((b"alice", b"open sesame"), users)
    for number in range(MOST_REMEMBERED + 5):
        assert not await passwords.are_right((b"alice", b"guess %d" % number), users)
    worked = passwords.worked
    assert await passwords.are_right((b"alice", b"open sesame"), users)
    assert passwords.worked == worked
    assert len(passwords._wrong) == MOST_REMEMBERED  # white box, as below


async def test_a_password_is_checked_again_when_its_name_is_added():
    passwords = CountingPasswords()
    stored = USERS["alice"].encode()
    assert not await passwords.are_right((b"bob", b"open sesame"), {b"alice": stored})
    assert await passwords.are_right((b"bob", b"open sesame"), {b"alice": stored, b"bob": stored})


class SlowPasswords(Passwords):
    """Takes a second of virtual time for each check, and knows when it was full."""

    async def _check(self, password: bytes, stored: bytes) -> bool:
        async with self._one:
            await anyio.sleep(1)
        return password == stored


async def test_a_scraper_gets_in_while_another_client_sends_wrong_passwords_in_bulk():
    passwords = SlowPasswords(b"key")
    users = {b"alice": b"right"}
    refused = 0

    async def guess(number: int) -> None:
        nonlocal refused
        try:
            assert not await passwords.are_right((b"alice", b"%d" % number), users, client="192.0.2.1")
        except Busy:
            refused += 1

    async with anyio.create_task_group() as tasks:
        for number in range(10 * MOST_WAITING):
            tasks.start_soon(guess, number)
        await anyio.sleep(0.5)
        begin = anyio.current_time()
        assert await passwords.are_right((b"alice", b"right"), users, client="192.0.2.2")
        assert anyio.current_time() - begin <= 2
        tasks.cancel_scope.cancel()

    assert refused >= 8 * MOST_WAITING
    assert passwords._turns == {}  # white box: nothing is kept of clients that have gone


async def test_a_scraper_waits_for_one_check_of_each_other_client_and_too_many_clients_are_refused():
    passwords = SlowPasswords(b"key")
    users = {b"alice": b"right"}

    async def guess(number: int) -> None:
        client = f"192.0.2.{number % (MOST_CLIENTS - 1)}"
        await passwords.are_right((b"alice", b"%d" % number), users, client=client)

    async with anyio.create_task_group() as tasks:
        for number in range(10 * MOST_CLIENTS):
            tasks.start_soon(guess, number)
        await anyio.sleep(0.5)
        begin = anyio.current_time()
        tasks.start_soon(guess, 0)
        assert await passwords.are_right((b"alice", b"right"), users, client="198.51.100.1")
        assert anyio.current_time() - begin <= MOST_CLIENTS
        tasks.cancel_scope.cancel()


async def test_addresses_of_one_network_are_one_client():
    seen = []

    class Seeing(Passwords):
        async def are_right(self, given, users, *, client=""):
            seen.append(client)
            return await super().are_right(given, users, client=client)

    app = Access(pages(), config=lambda: CLOSED, passwords=Seeing(b"key"))
    for address in ("192.0.2.1", "2001:db8::1", "2001:db8::2"):
        transport = httpx2.ASGITransport(app=app, client=(address, 1234))
        async with httpx2.AsyncClient(transport=transport, base_url="http://exporter.test") as client:
            await client.get("/", headers=basic("alice", "wrong"))
    assert seen == ["192.0.2.1", "2001:db8::/64", "2001:db8::/64"]


async def test_a_password_that_was_changed_is_refused_at_once():
    passwords = CountingPasswords()
    users = {b"alice": USERS["alice"].encode()}
    assert await passwords.are_right((b"alice", b"open sesame"), users)
    assert not await passwords.are_right((b"alice", b"open sesame"), {b"alice": USERS["bob"].encode()})
    assert not await passwords.are_right((b"alice", b"open sesame"), {b"bob": USERS["alice"].encode()})


async def test_of_two_names_with_one_hash_only_the_given_one_is_remembered():
    passwords = CountingPasswords()
    users = dict.fromkeys((b"alice", b"bob"), USERS["alice"].encode())
    assert await passwords.are_right((b"alice", b"open sesame"), users)
    assert not await passwords.are_right((b"carol", b"open sesame"), users)


async def test_what_is_remembered_is_bounded_and_holds_no_password():
    passwords = CountingPasswords()
    users = {f"user{number}".encode(): USERS["alice"].encode() for number in range(MOST_REMEMBERED + 5)}
    for name in users:
        assert await passwords.are_right((name, b"open sesame"), users)
    assert len(passwords._right) == MOST_REMEMBERED  # white box: nothing else shows what is kept
    assert b"sesame" not in b"".join(passwords._right)


async def test_many_wrong_passwords_wait_for_each_other_and_too_many_are_sent_away():
    slow = WebConfig(basic_auth_users={"alice": hash_of("open sesame", cost=7)})
    statuses = []
    async with a_client(slow) as client:
        assert (await client.get("/", headers=basic("alice", "open sesame"))).status_code == 200

        async def guess(number: int) -> None:
            response = await client.get("/", headers=basic("alice", f"guess {number}"))
            statuses.append((response.status_code, response.headers.get("retry-after")))

        async with anyio.create_task_group() as tasks:
            for number in range(MOST_WAITING + 10):
                tasks.start_soon(guess, number)
            await anyio.lowlevel.checkpoint()
            remembered = await client.get("/", headers=basic("alice", "open sesame"))

    assert remembered.status_code == 200
    assert set(statuses) == {(401, None), (429, "1")}
    assert len([status for status, _ in statuses if status == 401]) >= MOST_WAITING


@pytest.mark.parametrize("config", [WebConfig(), CLOSED], ids=["open", "closed"])
@pytest.mark.parametrize(
    ("path", "status"), [("/", 200), ("/nothing", 404), ("/broken", 500), ("/own", 200)], ids=str
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
async def test_every_answer_has_the_security_headers(config, path, status, method):
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


async def test_what_a_page_says_itself_wins():
    response = await get(WebConfig(http_server_config={"headers": {"X-Frame-Options": "deny"}}), "/own")
    assert response.headers.get_list("x-frame-options") == ["SAMEORIGIN"]
    assert response.headers.get_list("referrer-policy") == ["origin"]


async def test_what_is_configured_wins_over_what_is_usual():
    configured = {
        "X-Frame-Options": "sameorigin",
        "Strict-Transport-Security": "max-age=31536000",
        "Content-Security-Policy": "default-src 'self'",
    }
    response = await get(WebConfig(http_server_config={"headers": configured}))
    assert {name: response.headers.get_list(name) for name in configured} == {
        name: [value] for name, value in configured.items()
    }


async def test_without_being_asked_for_there_is_no_strict_transport_security():
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
)


@pytest.mark.parametrize("path", [*PATHS, "/nothing"])
async def test_every_page_of_the_exporter_has_the_security_headers(path, tmp_path):
    async with installed(tmp_path, a_world(), logged_in=False) as it:
        response = await it.scrape(path)

    assert {*SECURITY_HEADERS} <= {*response.headers}
    assert len(response.headers) == len(response.headers.multi_items())
    assert "'unsafe" not in response.headers["content-security-policy"]


@pytest.mark.parametrize("path", [*PATHS, "/nothing"])
async def test_with_users_no_page_of_the_exporter_is_open(path, tmp_path):
    (tmp_path / "web.yml").write_text(f"basic_auth_users:\n  alice: {USERS['alice']}\n")
    async with installed(
        tmp_path, a_world(), logged_in=False, web_config_file=str(tmp_path / "web.yml")
    ) as it:
        response = await it.scrape(path)

    assert response.status_code == 401
