"""Messages to real servers: services of Apprise, and signed webhooks."""

import hashlib
import hmac
import json

import anyio
import httpx2
import pytest
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from tests.notify.test_outbox import FIRING
from tests.support.services import serving_app
from volvo_exporter.environment import run_in_thread
from volvo_exporter.notify.targets import AppriseTarget, Webhook
from volvo_exporter.volvo.errors import ConfigurationError

NOW = 1793577600.0
SECRET = "s3cret-of-the-webhook"


class Receiver:
    """A server that keeps what it gets."""

    def __init__(self):
        self.status, self.got = 200, []
        self.app = Starlette(routes=[Route("/{path:path}", self.take, methods=["POST"])])

    async def take(self, request):
        self.got.append((request.url.path, dict(request.headers), await request.body()))
        return Response(status_code=self.status)


def send(target, message=FIRING):
    return anyio.run(target.send, message)


def a_webhook(url):
    return Webhook(
        url, SECRET, number=1, clock=lambda: NOW, client=lambda: httpx2.AsyncClient(trust_env=False)
    )


@pytest.mark.parametrize(("status", "reason"), [(200, ""), (500, "the service did not accept the message")])
def test_a_service_of_apprise_gets_title_and_text(status, reason):
    receiver = Receiver()
    receiver.status = status
    with serving_app(receiver.app) as url:
        target = AppriseTarget(url.replace("http", "json"), number=1, run_blocking=run_in_thread)
        assert send(target) == reason
    ((_, _, body), *_) = receiver.got
    assert (json.loads(body)["title"], json.loads(body)["message"]) == ("Door open", "Close it.")
    assert target.name == "json (1)"


def test_an_unknown_service_is_a_wrong_configuration_without_its_address():
    with pytest.raises(ConfigurationError, match=r"^notify\.1: Apprise knows no such service") as error:
        AppriseTarget("nowhere://s3cret", number=2, run_blocking=run_in_thread)
    assert "s3cret" not in str(error.value)


def test_a_webhook_gets_signed_json_with_an_idempotency_key():
    receiver = Receiver()
    with serving_app(receiver.app) as url:
        assert send(a_webhook(f"{url}/volvo")) == ""
        assert send(a_webhook(f"{url}/volvo")) == ""
    (path, headers, body), (_, again, _) = receiver.got
    assert path == "/volvo"
    signed = f"{headers['x-volvo-timestamp']}.".encode() + body
    assert (
        headers["x-volvo-signature"]
        == f"sha256={hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()}"
    )
    assert headers["idempotency-key"] == again["idempotency-key"] == FIRING.id
    document = json.loads(body)
    assert document["labels"] == {"door": "rear_left"}
    assert document["at"] == "1970-01-01T00:01:40Z"
    assert SECRET not in body.decode()


@pytest.mark.parametrize("status", [301, 404, 500])
def test_a_webhook_that_does_not_accept_is_a_failure(status):
    receiver = Receiver()
    receiver.status = status
    with serving_app(receiver.app) as url:
        assert send(a_webhook(url)) == f"HTTP status {status}"


def test_a_webhook_that_is_unreachable_is_a_failure():
    assert send(a_webhook("http://127.0.0.1:9")) == "ConnectError"
