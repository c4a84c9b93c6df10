"""Where the browser comes back to after a login, if the redirect URI leads to the exporter itself."""

import anyio

HEADERS = {
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
"""The address of this page holds a code: nobody is to keep it or pass it on."""


class Callback:
    """Hands what a visit brings to whoever waits for it: the query of the address, which has the code."""

    def __init__(self) -> None:
        self._visit: anyio.Event | None = None
        self._query = ""

    def offer(self, query: str) -> bool:
        """Hand the query over; False where nobody waits."""
        if self._visit is None:
            return False
        self._query = query
        self._visit.set()
        return True

    async def wait(self) -> str:
        """The query of the next visit."""
        self._visit = anyio.Event()
        try:
            await self._visit.wait()
        finally:
            self._visit = None
        return self._query
