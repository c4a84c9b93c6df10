"""Receive the browser after a login, if the redirect URI is an address of the exporter."""

import anyio

HEADERS = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
"""The address of this page contains a code, which must not be stored or forwarded."""


class Callback:
    """Passes the query of a visit, which contains the code, to a waiting task."""

    def __init__(self) -> None:
        self._visit: anyio.Event | None = None
        self._query = ""

    def offer(self, query: str) -> bool:
        """Pass the query to the waiting task; return False if no task waits."""
        if self._visit is None:
            return False
        self._query = query
        self._visit.set()
        return True

    async def wait(self) -> str:
        """Return the query of the next visit."""
        self._visit = anyio.Event()
        try:
            await self._visit.wait()
        finally:
            self._visit = None
        return self._query
