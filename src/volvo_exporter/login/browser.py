"""Logins started in a browser: which are pending, and how each ends.

A login belongs to the browser that started it (by cookie) and to one attempt (by state), for ten minutes.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import anyio

from volvo_exporter.login.attempt import Attempt, read_callback
from volvo_exporter.volvo.errors import LoginRefused

COOKIE = "volvo_login"
PENDING_SECONDS = 600.0
MAX_PENDING = 20

Begin = Callable[[str], Attempt]
"""Starts a login for an account."""
Finish = Callable[[str, Attempt, str], Awaitable[None]]
"""Exchanges the code of a login and stores what it gives; raises LoginRefused or CloudError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A login under way."""

    account: str
    attempt: Attempt
    until: float
    turn: anyio.Lock = field(default_factory=anyio.Lock)
    ended: anyio.Event = field(default_factory=anyio.Event)


class BrowserLogins:
    """The logins that browsers have started.

    Args:
        accounts: The redirect URI of each account, by name.
        id_url: Where Volvo ID is, for the security policy of the page that leads there.
        clock: Unix time.
    """

    def __init__(
        self,
        *,
        accounts: Callable[[], Mapping[str, str]],
        id_url: str,
        begin: Begin,
        finish: Finish,
        clock: Callable[[], float],
        token_urlsafe: Callable[[int], str],
    ) -> None:
        self.accounts = accounts
        self.id_url = id_url
        self._begin = begin
        self._finish = finish
        self._clock = clock
        self._token_urlsafe = token_urlsafe
        self._pending: dict[str, Pending] = {}

    def start(self, account: str) -> tuple[str, str]:
        """Start a login; the answer is the cookie for the browser and the address to send it to.

        Raises:
            LoginRefused: there is no such account.
        """
        if account not in self.accounts():
            message = "unknown account: reload the page and start again"
            raise LoginRefused(message)
        self._forget_old()
        cookie = self._token_urlsafe(32)
        attempt = self._begin(account)
        self._pending[cookie] = Pending(
            account=account, attempt=attempt, until=self._clock() + PENDING_SECONDS
        )
        return cookie, attempt.url

    def pending(self, cookie: str) -> Pending | None:
        """The login that a browser has started, if it is not too old."""
        self._forget_old()
        return self._pending.get(cookie)

    async def end(self, cookie: str, text: str) -> str:
        """End a login with what the browser brought back or somebody pasted; the answer is the account.

        Raises:
            LoginRefused: it is not the login of this browser, or did not work; the message says what to do.
            CloudError: Volvo ID did not answer; the login can be tried again.
        """
        pending = self.pending(cookie)
        if pending is None:
            message = "no login in progress in this browser, or older than 10 minutes: start again"
            raise LoginRefused(message)
        code = read_callback(pending.attempt, text)
        # A browser may come twice at once (a double click, a page loaded ahead); a code can be spent once.
        async with pending.turn:
            if not pending.ended.is_set():
                await self._finish(pending.account, pending.attempt, code)
                pending.ended.set()
        self._pending.pop(cookie, None)
        return pending.account

    def _forget_old(self) -> None:
        now = self._clock()
        kept = {cookie: pending for cookie, pending in self._pending.items() if now < pending.until}
        self._pending = dict(list(kept.items())[-MAX_PENDING:])
