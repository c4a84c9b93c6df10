import anyio
import httpx2
import pytest

from volvo_exporter.volvo.errors import Unreachable
from volvo_exporter.volvo.transport import create_client, send


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


class Network:
    def __init__(self, answer, *, clock=None):
        self.answer = answer
        self.clock = clock
        self.counted = []
        self.requests = []
        self.client = create_client(
            transport=httpx2.MockTransport(self),
            observe=lambda *counted: self.counted.append(counted),
            monotonic=clock or Clock(),
        )

    async def __call__(self, request):
        self.requests.append(request)
        if self.clock is not None:
            self.clock.now += 2.5
        if isinstance(self.answer, Exception):
            raise self.answer
        if callable(self.answer):
            return await self.answer()
        return self.answer

    def request(self, **extensions):
        url = "https://api.example/vehicles/YV1SECRETVIN?appid=hush"
        return self.client.build_request("GET", url, extensions=extensions)


async def test_a_request_is_counted_under_its_template():
    network = Network(httpx2.Response(200, content=b"x"), clock=Clock())
    response, body = await send(network.client, network.request(endpoint="/vehicles/{vin}"))
    assert (response.status_code, body) == (200, b"x")
    assert network.counted == [("GET", "/vehicles/{vin}", "200", 2.5)]


async def test_a_request_without_a_template_is_counted_as_unknown():
    network = Network(httpx2.Response(204))
    await send(network.client, network.request())
    assert network.counted == [("GET", "unknown", "204", 0.0)]


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (httpx2.ConnectError("https://api.example/YV1SECRETVIN hush"), "connection to .* failed"),
        (httpx2.ReadTimeout("YV1SECRETVIN hush"), "request timed out"),
        (httpx2.RemoteProtocolError("YV1SECRETVIN hush"), "connection to .* failed"),
        (httpx2.DecodingError("YV1SECRETVIN hush"), "connection to .* failed"),
    ],
)
async def test_a_missing_response_is_unreachable_and_counted_as_error(failure, words):
    network = Network(failure)
    with pytest.raises(Unreachable, match=words) as caught:
        await send(network.client, network.request(endpoint="/vehicles/{vin}"))
    assert network.counted == [("GET", "/vehicles/{vin}", "error", 0.0)]
    assert "SECRET" not in repr(caught.value)
    assert "hush" not in repr(caught.value)


async def test_a_response_that_never_ends_times_out():
    async def drip():
        while True:
            await anyio.sleep(5)
            yield b"x"

    async def answer():
        return httpx2.Response(200, content=drip())

    network = Network(answer)
    start = anyio.current_time()
    with pytest.raises(Unreachable):
        await send(network.client, network.request())
    assert anyio.current_time() - start == pytest.approx(60)


async def test_redirects_are_not_followed():
    network = Network(httpx2.Response(302, headers={"location": "https://elsewhere.example/"}))
    response, _ = await send(network.client, network.request())
    assert response.status_code == 302
    assert len(network.requests) == 1


async def test_cookies_of_one_account_are_not_sent_for_another():
    network = Network(httpx2.Response(200, headers={"set-cookie": "PF=one; Path=/"}))
    await send(network.client, network.request())
    await send(network.client, network.request())
    assert "cookie" not in network.requests[1].headers


async def test_a_cancelled_request_is_counted_because_it_was_sent():
    async def answer():
        await anyio.sleep_forever()

    network = Network(answer)
    with anyio.move_on_after(1):
        await send(network.client, network.request())
    assert network.counted == [("GET", "unknown", "error", 0.0)]


async def test_the_client_uses_the_network_by_default():
    client = create_client(observe=lambda *_: None, monotonic=Clock())
    async with client:
        with pytest.raises(Unreachable, match=r"connection to .* failed"):
            await send(client, client.build_request("GET", "http://127.0.0.1:1/"))
