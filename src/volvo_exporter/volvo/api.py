"""The APIs: one GET for one resource, once. When to ask again is the scheduler's business."""

import json
from collections.abc import Callable
from urllib.parse import quote

import httpx2

from volvo_exporter.catalogue.model import Resource
from volvo_exporter.volvo.errors import Malformed
from volvo_exporter.volvo.refusals import classify
from volvo_exporter.volvo.transport import send


class VolvoApi:
    """Volvo's vehicle APIs for one account.

    `auth` is the account's `BearerAuth`; `clock` gives Unix seconds.
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

    async def fetch(self, resource: Resource, *, vin: str = "", item: str = "") -> object:
        """The JSON of a resource, decoded; `item` names one of Extended Vehicle's resources.

        Raises:
            CloudError: the class says what the scheduler does now.
        """
        path = resource.endpoint.format(vin=quote(vin, safe=""), item=quote(item, safe=""))
        request = self._client.build_request(
            "GET", self._url + path, headers=self._headers, extensions={"endpoint": resource.endpoint}
        )
        return await _fetch(self._client, request, resource, auth=self._auth, clock=self._clock)


class WeatherApi:
    """OpenWeatherMap; `clock` gives Unix seconds.

    The API key and the position travel in the query, and appear nowhere else.
    """

    def __init__(
        self, client: httpx2.AsyncClient, *, url: str, api_key: str, clock: Callable[[], float]
    ) -> None:
        self._client = client
        self._url = url.rstrip("/")
        self._api_key = api_key
        self._clock = clock

    async def fetch(self, resource: Resource, *, latitude: float, longitude: float) -> object:
        """The JSON of the weather at a position in degrees, decoded.

        The position is sent to about a kilometre: weather does not need more.

        Raises:
            CloudError: the class says what the scheduler does now.
        """
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
        message = f"{resource.name}: the answer is no JSON; it will be asked again"
        raise Malformed(message) from None
