"""The services: one GET request for one resource. The schedule decides when to retry."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote

import httpx2

from volvo_exporter.catalogue.model import Resource
from volvo_exporter.volvo.errors import Malformed, Unsupported
from volvo_exporter.volvo.refusals import classify
from volvo_exporter.volvo.transport import send


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a resource is requested for."""

    vin: str = ""
    """Empty for the list of vehicles."""
    item: str = ""
    """One of the items of Extended Vehicle."""
    position: tuple[float, float] | None = None
    """Latitude and longitude of the vehicle in degrees, where the resource depends on them."""


ACCOUNT = Subject()
"""The subject of the list of vehicles."""


class Source(Protocol):
    """A service that answers requests for resources."""

    async def fetch(self, resource: Resource, subject: Subject) -> object:
        """Return the decoded JSON of a resource.

        Raises:
            CloudError: the class decides how the schedule continues.
        """


class VolvoApi:
    """Volvo's vehicle APIs for one account.

    `auth` is the account's `BearerAuth`; `clock` returns Unix seconds.
    """

    def __init__(
        self,
        client: httpx2.AsyncClient,
        *,
        url: str,
        api_key: str,
        auth: httpx2.Auth,
        clock: Callable[[], float],
    ) -> None:
        self._client = client
        self._url = url.rstrip("/")
        self._headers = {"accept": "application/json", "vcc-api-key": api_key}
        self._auth = auth
        self._clock = clock

    async def fetch(self, resource: Resource, subject: Subject) -> object:
        """Return the decoded JSON of a resource; raises CloudError."""
        vin, item = quote(subject.vin, safe=""), quote(subject.item, safe="")
        path = resource.endpoint.format(vin=vin, item=item)
        request = self._client.build_request(
            "GET",
            self._url + path,
            headers=self._headers,
            extensions={"endpoint": resource.endpoint, "api": resource.api},
        )
        return await _fetch(self._client, request, resource, auth=self._auth, clock=self._clock)


class WeatherApi:
    """OpenWeatherMap; `clock` returns Unix seconds.

    The API key and the position are sent in the query only.
    """

    def __init__(
        self, client: httpx2.AsyncClient, *, url: str, api_key: str, clock: Callable[[], float]
    ) -> None:
        self._client = client
        self._url = url.rstrip("/")
        self._api_key = api_key
        self._clock = clock

    async def fetch(self, resource: Resource, subject: Subject) -> object:
        """Return the decoded JSON of the weather at the position of a vehicle; raises CloudError.

        The position is sent with two decimals (about 1 km): weather does not need more.
        """
        if subject.position is None:
            message = f"{resource.name}: the position of the car is unknown"
            raise Unsupported(message)
        latitude, longitude = subject.position
        request = self._client.build_request(
            "GET",
            self._url + resource.endpoint,
            params={
                "lat": f"{latitude:.2f}",
                "lon": f"{longitude:.2f}",
                "units": "metric",
                "appid": self._api_key,
            },
            headers={"accept": "application/json"},
            extensions={"endpoint": resource.endpoint},
        )
        return await _fetch(self._client, request, resource, auth=None, clock=self._clock)


async def _fetch(
    client: httpx2.AsyncClient,
    request: httpx2.Request,
    resource: Resource,
    *,
    auth: httpx2.Auth | None,
    clock: Callable[[], float],
) -> object:
    response, body = await send(client, request, auth=auth)
    if not response.is_success:
        raise classify(
            status=response.status_code,
            headers=response.headers,
            body=body,
            resource=resource,
            now=clock(),
        )
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        message = f"{resource.name}: the response is not valid JSON; will retry"
        raise Malformed(message) from None
