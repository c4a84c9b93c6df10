"""A car without reception reports nothing new, while the weather service still answers."""

import anyio
import httpx2

from tests.support.installation import MONDAY, a_world, installed
from volvo_exporter.simulator import FLEET, create_app

EX30 = FLEET[0].vin
COMMUTE = MONDAY + 6 * 3600 + 15 * 60
"""The EX30 drives from 06:10 to 06:40 UTC."""


class WithoutReception(httpx2.AsyncBaseTransport):
    """Repeats what the cars reported before they lost the network; weather and logins stay as they are."""

    def __init__(self, world) -> None:
        self.inner = httpx2.ASGITransport(app=create_app(world))
        self.answers: dict[str, tuple[int, bytes]] = {}

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        path = request.url.path
        if "/vehicles/" not in path:
            return await self.inner.handle_async_request(request)
        if path not in self.answers:
            answer = await self.inner.handle_async_request(request)
            self.answers[path] = (answer.status_code, await answer.aread())
        status, body = self.answers[path]
        return httpx2.Response(status, content=body, headers={"content-type": "application/json"})


async def test_a_car_that_lost_the_network_while_driving_is_not_kept_driving_by_the_weather(tmp_path):
    world = a_world(start=COMMUTE, cars=FLEET[:1])
    async with installed(tmp_path, world, transport=WithoutReception(world)) as it:
        await anyio.sleep(10)
        assert await it.value("volvo_activity_status", 'state="driving"') == 1
        await anyio.sleep(3600)

        weather = await it.series("volvo_field_timestamp_seconds", 'resource="weather"')
        assert min(weather.values()) > COMMUTE + 1800
        assert await it.value("volvo_activity_status", 'state="driving"') == 0
        (vehicle,) = (await it.scrape("/api/v1/vehicles")).json()["vehicles"]
        assert vehicle["last_word"] <= COMMUTE + 10
