"""Pending logins that were started in a browser.

A login belongs to the browser that started it (by cookie) and to one attempt (by state), for ten minutes.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import anyio

from volvo_exporter.login.attempt import Attempt, read_callback
from volvo_exporter.volvo.errors import LoginRefused

COOKIE = "volvo_login"
PENDING_SECONDS = 600.0
"""Lifetime of a pending login. Chosen: enough for a password, a second factor and the consent page."""
MAX_PENDING = 20
"""Pending logins; the oldest is dropped. Chosen: far more than a household starts at once."""

Begin = Callable[[str], Attempt]
"""Starts a login for an account."""
Finish = Callable[[str, Attempt, str], Awaitable[None]]
"""Exchanges the code of a login and stores the token; raises LoginRefused or CloudError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A login in progress."""

    account: str
    attempt: Attempt
    until: float
    turn: anyio.Lock = field(default_factory=anyio.Lock)
    ended: anyio.Event = field(default_factory=anyio.Event)


class BrowserLogins:
    """The logins that browsers have started.

    Args:
        accounts: The redirect URI of each account, by name.
        id_url: URL of Volvo ID, for the security policy of the page that links to it.
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
        """Start a login; return the cookie for the browser and the address to redirect it to.

        Raises:
            LoginRefused: the account is unknown.
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
        """Return the login that a browser has started; None if it is missing or expired."""
        self._forget_old()
        return self._pending.get(cookie)

    async def end(self, cookie: str, text: str) -> str:
        """Finish a login with a callback address or pasted text; return the account.

        Raises:
            LoginRefused: it belongs to another browser, or failed; the message names the fix.
            CloudError: Volvo ID did not respond; the login can be retried.
        """
        pending = self.pending(cookie)
        if pending is None:
            message = "no login in progress in this browser, or older than 10 minutes: start again"
            raise LoginRefused(message)
        code = read_callback(pending.attempt, text)
        # A browser may send two requests at once (double click, prefetch); a code can be used once.
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
