"""Cars that report faults for some hours: edits of the simulated cloud's answers."""

import json
from collections.abc import Callable
from dataclasses import dataclass

import httpx2


@dataclass(frozen=True, slots=True, kw_only=True)
class Misreport:
    """A value that a car reports for a while."""

    begin: float
    """Hours after the start."""
    end: float
    path: str
    """End of the path of the resource."""
    key: str
    value: object
    vin: str = ""
    """Only this car; empty for all."""


class MisreportTransport(httpx2.AsyncBaseTransport):
    """Replaces values in answers; the timestamp and the rest stay.

    Args:
        inner: The cloud.
        reports: The values.
        hours: Returns the hours since the start.
    """

    def __init__(
        self, inner: httpx2.AsyncBaseTransport, reports: tuple[Misreport, ...], hours: Callable[[], float]
    ) -> None:
        self._inner = inner
        self._reports = reports
        self._hours = hours

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response = await self._inner.handle_async_request(request)
        path, hours = request.url.path, self._hours()
        present = [
            one
            for one in self._reports
            if path.endswith(one.path) and one.vin in path and one.begin <= hours < one.end
        ]
        if not present or response.status_code != httpx2.codes.OK:
            return response
        body = json.loads(await response.aread())
        fields = body.get("data", body)
        for one in present:
            match fields.get(one.key):
                case dict() as field:
                    field["value"] = one.value
                case str():
                    fields[one.key] = one.value
        return httpx2.Response(response.status_code, json=body)
