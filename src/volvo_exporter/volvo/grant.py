"""The login of one account: provides access tokens and renews them without losing the refresh token.

A refresh token can be used once. Therefore one task of one process renews at a time, disk space for the next
token is reserved before the present one is used, and the next one is used only after it is stored durably.
"""

from collections import deque
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from types import MappingProxyType

import anyio

from volvo_exporter.volvo.codec import Token
from volvo_exporter.volvo.errors import (
    LOG_IN,
    ClientRefused,
    CloudError,
    LoginRequired,
    TokenNotSaved,
    Unreachable,
)
from volvo_exporter.volvo.identity import VolvoId
from volvo_exporter.volvo.tokens import TokenFile

MAX_GRANT_SECONDS = 180 * 24 * 3600.0
"""Seconds after which Volvo ends a login, at most six months (home-assistant/core#158467)."""

MAX_EXPIRY_MARGIN_SECONDS = 30.0
"""Seconds before its end from which an access token is not used; at most a tenth of its lifetime. Chosen:
short lifetimes are 299 s (home-assistant/core#179741)."""

MAX_SPENT_TOKENS = 1000
"""Spent refresh tokens that are remembered. Chosen: three days of tokens that live for five minutes."""

SUCCESS = "success"
FAILURES: Mapping[type[CloudError], str] = MappingProxyType(
    {
        LoginRequired: "login_required",
        ClientRefused: "client_refused",
        Unreachable: "unreachable",
        TokenNotSaved: "not_saved",
    }
)
OUTCOMES: tuple[str, ...] = (SUCCESS, *FAILURES.values())
"""The results of a renewal, as passed to `observe`."""


class Grant:
    """A login, stored in `file` and renewed at `identity`.

    `clock` returns Unix seconds; `observe` receives the result of each renewal. Changes of the file by other
    processes are read at the next call.
    """

    def __init__(
        self,
        *,
        file: TokenFile,
        identity: VolvoId,
        clock: Callable[[], float],
        observe: Callable[[str], None],
    ) -> None:
        self._file = file
        self._identity = identity
        self._clock = clock
        self._observe = observe
        self._turn = anyio.Lock()
        self._attempts = 0
        self._failure: CloudError | None = None
        self._refused_token: str | None = None
        """The refresh token that Volvo ID refused; it is not sent again."""
        self._unsaved: tuple[str, Token] | None = None
        """A used refresh token and its successor, which is not stored yet and therefore not used."""
        self._spent: deque[str] = deque(maxlen=MAX_SPENT_TOKENS)
        """Refresh tokens that this process has used: if the file contains one, it is an older copy."""
        self._displaced: Token | None = None
        """The token that was in use before another process changed the file."""
        self._generation = 0
        self._margin = 0.0
        with suppress(TokenNotSaved):  # the first renewal reports it
            file.recover()
        self._stamp = file.stamp()
        self._token: Token | None = None
        if (token := file.read()) is not None:
            self._hold(token)

    @property
    def token(self) -> Token | None:
        """The token in use; it may have expired or been refused."""
        self._notice()
        return self._token

    @property
    def login_required(self) -> bool:
        """Whether a new login is required."""
        self._notice()
        return self._token is None or self._token.refresh_token == self._refused_token

    @property
    def file_problem(self) -> str:
        """The error of the token file and the fix; empty if the file is valid or missing."""
        return self._file.problem()

    def check_writable(self) -> None:
        """Make sure that a login can be stored, before it is requested at Volvo ID.

        Raises:
            TokenNotSaved: the message names the file or folder, its owner, and the fix.
        """
        self._file.check_writable()

    @property
    def renewing(self) -> bool:
        """Whether a renewal is in progress."""
        return self._turn.statistics().locked

    @property
    def grant_expires_at(self) -> float | None:
        """The latest end of this login, in Unix seconds; None if its start is unknown."""
        token = self.token
        return None if token is None or token.granted_at is None else token.granted_at + MAX_GRANT_SECONDS

    @property
    def generation(self) -> int:
        """The number of logins so far; each may have other scopes."""
        self._notice()
        return self._generation

    async def access_token(self) -> str:
        """Return a valid access token; renew it if required.

        Raises:
            LoginRequired: no valid login; no request is sent until the file contains another refresh token.
            ClientRefused: `client_id` or `client_secret` is wrong.
            TokenNotSaved: the token file cannot be written; the next call tries only that.
            Unreachable: Volvo ID is unavailable, or another process holds the lock.
        """
        return self._usable() or await self.renew("")

    async def renew(self, refused: str) -> str:
        """Return another access token than the refused one; renew it unless another task already has.

        Raises:
            CloudError: as `access_token` does.
        """
        attempts = self._attempts
        async with self._turn:
            if usable := self._usable(refused):
                return usable
            if self._attempts != attempts and self._failure is not None:
                # Another task tried while this one waited for its turn: one attempt serves all.
                raise type(self._failure)(*self._failure.args)
            self._require_login()
            async with self._observed(), self._file.lock():
                # The effect of a cancelled request at Volvo ID is unknown, so a renewal is not cancelled.
                with anyio.CancelScope(shield=True):
                    token = self._usable(refused) or await self._spend(refused)
            return token

    async def adopt(self, token: Token) -> None:
        """Store the token of a new login and use it from now on.

        Raises:
            TokenNotSaved: it cannot be stored; the old login stays in use.
            Unreachable: another process holds the lock.
        """
        async with self._turn, self._file.lock():
            self._file.write(token)
            self._generation += 1
            self._refused_token = self._unsaved = self._displaced = None
            self._hold(token)
            self._stamp = self._file.stamp()

    def _hold(self, token: Token) -> None:
        self._margin = min(MAX_EXPIRY_MARGIN_SECONDS, max(0.0, token.expires_at - self._clock()) / 10)
        self._token = token

    def _notice(self) -> None:
        """Read the file if another process has changed it."""
        stamp = self._file.stamp()
        if stamp == self._stamp:
            return
        self._stamp = stamp
        # While this process holds a token, `.bak` can only be an older one.
        token = self._file.read(backup=self._token is None)
        if token is None or token == self._token:
            return
        old = self._token
        if old is not None and token.refresh_token in self._spent:
            # An older file was put over the newer one. The newer token is written again before it is used.
            self._unsaved = token.refresh_token, self._unsaved[1] if self._unsaved else old
            self._hold(token)
            return
        if old is not None and old.refresh_token not in (token.refresh_token, self._refused_token):
            self._displaced = self._unsaved[1] if self._unsaved else old
        if old is None or old.granted_at != token.granted_at or old.refresh_token == self._refused_token:
            self._generation += 1
        if self._unsaved is not None and (
            self._unsaved[0] != token.refresh_token or self._unsaved[1] == token
        ):
            self._unsaved = None
        self._hold(token)

    def _usable(self, refused: str = "") -> str | None:
        self._notice()
        token = self._token
        if token is None or self._unsaved is not None or token.refresh_token == self._refused_token:
            return None
        fresh = self._clock() < token.expires_at - self._margin
        return token.access_token if fresh and token.access_token != refused else None

    @asynccontextmanager
    async def _observed(self) -> AsyncGenerator[None]:
        try:
            yield
        except CloudError as error:
            self._failure = error
            self._attempts += 1
            self._observe(FAILURES[type(error)])
            raise
        self._failure = None

    def _require_login(self) -> Token:
        self._notice()
        if self._token is not None and self._token.refresh_token != self._refused_token:
            return self._token
        what = "login required" if self._token is None else "the login at Volvo ID has expired or was revoked"
        raise LoginRequired(self._file.problem() or f"{what}: {LOG_IN}")

    async def _spend(self, refused: str) -> str:
        token = self._require_login()
        if self._unsaved is not None and self._unsaved[0] == token.refresh_token:
            self._save(self._unsaved[1])
            return self._usable(refused) or await self._spend(refused)
        try:
            renewed = await self._refresh(token)
        except LoginRequired:
            self._refused_token = token.refresh_token
            self._notice()
            if self._token is not token:  # a new login was stored meanwhile
                return self._usable() or await self._spend("")
            if self._displaced is not None:  # the file may be an older copy, put over the newer one
                self._hold(self._displaced)
                self._displaced = None
                self._generation += 1
            return await self._spend(refused)
        self._unsaved = token.refresh_token, renewed
        return self._save(renewed)

    async def _refresh(self, token: Token) -> Token:
        with self._file.receiving(token, now=self._clock()) as received:
            renewed = await self._identity.refresh(token, received=received)
        if renewed.refresh_token != token.refresh_token:
            self._spent.append(token.refresh_token)
        return renewed

    def _save(self, token: Token) -> str:
        self._file.write(token)
        self._unsaved = self._displaced = None
        self._hold(token)
        self._stamp = self._file.stamp()
        self._observe(SUCCESS)
        if not token.access_token:
            message = "Volvo ID sent no access token; will retry, the login is kept"
            raise Unreachable(message)
        return token.access_token
