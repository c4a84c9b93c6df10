import anyio
import httpx2
import pytest

from tests.support.rotation import NOW, Rotation, client, token, volvo_id
from volvo_exporter.catalogue import connected_vehicle
from volvo_exporter.volvo.api import Subject, VolvoApi
from volvo_exporter.volvo.authentication import BearerAuth
from volvo_exporter.volvo.errors import KeyRefused, LoginRequired, TokenRefused, Unreachable
from volvo_exporter.volvo.grant import Grant
from volvo_exporter.volvo.tokens import TokenFile

DOORS = next(each for each in connected_vehicle.RESOURCES if each.name == "doors")


class Cloud:
    """Accepts one access token; answers 401 with `body` to all others."""

    def __init__(self, folder, *, accepted, body=None):
        self.accepted = accepted
        self.body = body or {"error": {"message": "UNAUTHORIZED"}}
        self.asked = []
        self.rotation = Rotation()
        file = TokenFile(folder / "token.json")
        file.write(token(0, expires_at=NOW + 299))
        self.grant = Grant(
            file=file, identity=volvo_id(self.rotation), clock=lambda: NOW, observe=lambda _: None
        )
        self.api = VolvoApi(
            client(self),
            url="https://api.example",
            api_key="key",
            auth=BearerAuth(self.grant),
            clock=lambda: NOW,
        )

    async def __call__(self, request):
        self.asked.append(request.headers["authorization"])
        await anyio.sleep(0.1)
        if request.headers["authorization"] == f"Bearer {self.accepted}":
            return httpx2.Response(200, json={"data": {}})
        return httpx2.Response(401, json=self.body)

    async def fetch(self):
        return await self.api.fetch(DOORS, Subject(vin="YV1"))


async def test_the_access_token_is_sent(tmp_path):
    cloud = Cloud(tmp_path, accepted="access-0")
    assert await cloud.fetch() == {"data": {}}
    assert cloud.asked == ["Bearer access-0"]


async def test_a_refused_token_is_renewed_and_sent_again(tmp_path):
    cloud = Cloud(tmp_path, accepted="access-1")
    assert await cloud.fetch() == {"data": {}}
    assert cloud.asked == ["Bearer access-0", "Bearer access-1"]


async def test_a_refused_token_is_renewed_only_once(tmp_path):
    cloud = Cloud(tmp_path, accepted="never")
    with pytest.raises(TokenRefused):
        await cloud.fetch()
    assert len(cloud.asked) == 2
    assert not cloud.grant.login_required


async def test_a_refused_key_causes_no_renewal(tmp_path):
    body = {"error": {"message": "Access denied due to invalid VCC-API-KEY."}}
    cloud = Cloud(tmp_path, accepted="never", body=body)
    with pytest.raises(KeyRefused):
        await cloud.fetch()
    assert len(cloud.asked) == 1
    assert cloud.rotation.requests == []


async def test_fifteen_refused_requests_cause_one_renewal(tmp_path):
    cloud = Cloud(tmp_path, accepted="access-1")
    async with anyio.create_task_group() as group:
        for _ in range(15):
            group.start_soon(cloud.fetch)
    assert len(cloud.rotation.requests) == 1
    assert sorted(cloud.asked) == ["Bearer access-0"] * 15 + ["Bearer access-1"] * 15


async def test_a_lost_login_is_reported_without_another_api_request(tmp_path):
    cloud = Cloud(tmp_path, accepted="never")
    cloud.rotation.number = 9
    for _ in range(2):
        with pytest.raises(LoginRequired):
            await cloud.fetch()
    assert len(cloud.asked) == 1


async def test_a_failed_renewal_is_the_error_of_the_request(tmp_path):
    cloud = Cloud(tmp_path, accepted="never")
    cloud.rotation.canned = [httpx2.Response(503)]
    with pytest.raises(Unreachable):
        await cloud.fetch()
