"""Access to the set-up page from other machines, with a one-time code from the log."""

import hmac
from collections.abc import Callable

COOKIE = "volvo_setup"
SESSION_SECONDS = 3600.0
"""Lifetime of an admission, which includes the first login; chosen, registering takes about half an hour."""
CODE_BYTES = 9
"""Of randomness, 12 characters: more than can be guessed before the set-up ends."""


class Visitors:
    """The browsers that have entered the one-time code.

    Args:
        clock: Unix time.
        token_urlsafe: The source of randomness, as in `secrets`.
        announce: Receives each new code; it writes it to the log.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float],
        token_urlsafe: Callable[[int], str],
        announce: Callable[[str], None],
    ) -> None:
        self._clock = clock
        self._token_urlsafe = token_urlsafe
        self._announce = announce
        self._code = ""
        self._until: dict[str, float] = {}

    def invite(self) -> None:
        """Announce a new code; an earlier one is no longer valid."""
        self._code = self._token_urlsafe(CODE_BYTES)
        self._announce(self._code)

    def admit(self, code: str) -> str:
        """Return the cookie for a browser that has the code; empty if the code is wrong or was used."""
        given = code.strip().encode(errors="replace")
        if not self._code or not hmac.compare_digest(given, self._code.encode()):
            return ""
        cookie = self._token_urlsafe(32)
        self._until[cookie] = self._clock() + SESSION_SECONDS
        self.invite()
        return cookie

    def know(self, cookie: str) -> bool:
        """Return whether a browser has entered the code within the last hour."""
        return self._clock() < self._until.get(cookie, 0.0)

    def close(self) -> None:
        """End the validity of the code; admitted browsers stay admitted."""
        self._code = ""
