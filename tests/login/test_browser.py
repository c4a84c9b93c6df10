import anyio
import pytest
import trio

from volvo_exporter.login.attempt import start
from volvo_exporter.login.browser import MAX_PENDING, PENDING_SECONDS, BrowserLogins
from volvo_exporter.volvo.errors import LoginRefused, Unreachable

REDIRECT = "https://home.example/callback"


class Logins(BrowserLogins):
    """Logins of one account; `failures` are raised instead of an exchange."""

    def __init__(self):
        self.tokens = 0
        self.failures = []
        self.finished = []
        super().__init__(
            accounts=lambda: {"mine": REDIRECT},
            id_url="https://id.example",
            begin=self.begin_attempt,
            finish=self.finish_attempt,
            clock=trio.current_time,
            token_urlsafe=self.count,
        )

    def count(self, size):
        self.tokens += 1
        return f"{self.tokens}".rjust(max(size, 43), "x")

    def begin_attempt(self, _account):
        return start(
            id_url="https://id.example",
            client_id="client",
            redirect_uri=REDIRECT,
            scope=("openid",),
            token_urlsafe=self.count,
        )

    async def finish_attempt(self, account, attempt, code):
        await anyio.sleep(1)
        if self.failures:
            raise self.failures.pop(0)
        self.finished.append((account, attempt.verifier, code))

    def begin(self):
        cookie, _ = self.start("mine")
        attempt = self.pending(cookie).attempt
        return cookie, attempt, f"{REDIRECT}?code=c&state={attempt.state}"


async def test_the_browser_that_started_a_login_completes_it():
    logins = Logins()
    cookie, attempt, address = logins.begin()
    assert await logins.end(cookie, address) == "mine"
    assert logins.finished == [("mine", attempt.verifier, "c")]
    assert logins.pending(cookie) is None


async def test_a_login_starts_with_the_address_to_open():
    logins = Logins()
    cookie, url = logins.start("mine")
    assert url == logins.pending(cookie).attempt.url


async def test_an_unknown_account_starts_no_login():
    with pytest.raises(LoginRefused, match="unknown account"):
        Logins().start("other")


async def test_an_address_of_the_login_of_another_browser_is_refused():
    logins = Logins()
    cookie, _, _ = logins.begin()
    _, _, other = logins.begin()
    with pytest.raises(LoginRefused, match="another login attempt"):
        await logins.end(cookie, other)
    with pytest.raises(LoginRefused, match="no login in progress"):
        await logins.end("unknown cookie", other)
    assert logins.finished == []


@pytest.mark.parametrize("failure", [Unreachable("down"), LoginRefused("too old")])
async def test_a_login_that_failed_can_be_tried_again(failure):
    logins = Logins()
    logins.failures = [failure]
    cookie, attempt, address = logins.begin()
    with pytest.raises(type(failure)):
        await logins.end(cookie, address)
    assert await logins.end(cookie, address) == "mine"
    assert logins.finished == [("mine", attempt.verifier, "c")]


async def test_a_login_ends_after_ten_minutes():
    logins = Logins()
    cookie, _, address = logins.begin()
    await anyio.sleep(PENDING_SECONDS - 1)
    assert logins.pending(cookie)
    await anyio.sleep(1)
    assert logins.pending(cookie) is None
    with pytest.raises(LoginRefused, match="start again"):
        await logins.end(cookie, address)


async def test_only_the_newest_logins_are_kept():
    logins = Logins()
    cookies = [logins.begin()[0] for _ in range(MAX_PENDING + 2)]
    assert [cookie for cookie in cookies if logins.pending(cookie)] == cookies[2:]


async def test_two_simultaneous_callbacks_use_the_code_once():
    logins = Logins()
    cookie, attempt, address = logins.begin()
    ended = []

    async def end():
        ended.append(await logins.end(cookie, address))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(end)
        tasks.start_soon(end)
    assert ended == ["mine", "mine"]
    assert logins.finished == [("mine", attempt.verifier, "c")]
