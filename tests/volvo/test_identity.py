import base64
import json

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.rotation import NOW, Rotation, invalid_grant, token, volvo_id
from volvo_exporter.volvo.errors import (
    ClientRefused,
    ExporterError,
    LoginRefused,
    LoginRequired,
    Unreachable,
)
from volvo_exporter.volvo.identity import EXCHANGE_ERRORS, REFRESH_ERRORS, read_answer


@pytest.fixture
def rotation():
    return Rotation()


@pytest.fixture
def identity(rotation):
    return volvo_id(rotation)


def refusal(status, error):
    return httpx2.Response(status, json={"error": error})


async def test_a_code_becomes_a_token_that_was_granted_now(rotation, identity):
    granted = await identity.exchange("the-code", "the-verifier")
    assert granted == token(1, expires_at=NOW + 1799, granted_at=NOW)
    request, sent = rotation.requests[0]
    assert sent == {
        "grant_type": "authorization_code",
        "code": "the-code",
        "redirect_uri": "http://localhost:3000/callback",
        "code_verifier": "the-verifier",
    }
    assert str(request.url) == "http://id.example/as/token.oauth2"
    assert request.extensions["endpoint"] == "/as/token.oauth2"
    assert request.headers["authorization"] == "Basic " + base64.b64encode(b"client:hush").decode()
    assert request.headers["content-type"] == "application/x-www-form-urlencoded"


async def test_a_refresh_keeps_the_grant_and_the_scopes(rotation, identity):
    old = token(0, granted_at=NOW - 5, scope=("openid",))
    renewed = await identity.refresh(old)
    assert renewed == token(1, expires_at=NOW + 1799, granted_at=NOW - 5, scope=("openid",))
    assert rotation.requests[0][1] == {"grant_type": "refresh_token", "refresh_token": "refresh-0"}


@pytest.mark.parametrize("token_seconds", [299, 1799, "300", 1799.5])
async def test_the_lifetime_of_a_token_is_that_of_the_response(rotation, identity, token_seconds):
    rotation.token_seconds = token_seconds
    assert (await identity.refresh(token())).expires_at == NOW + float(token_seconds)


@pytest.mark.parametrize("token_seconds", [None, True, "soon", 0, -5, [], float("inf"), "nan", 10**400])
async def test_an_invalid_lifetime_is_a_short_one_and_loses_no_token(rotation, identity, token_seconds):
    answer = {**rotation.answer(), "refresh_token": "new", "expires_in": token_seconds}
    text = json.dumps(answer)
    rotation.canned = [httpx2.Response(200, content=text.encode())]
    renewed = await identity.refresh(token())
    assert (renewed.refresh_token, renewed.expires_at) == ("new", NOW + 60)


@pytest.mark.parametrize("odd", [{}, {"refresh_token": None}, {"refresh_token": ""}, {"refresh_token": 5}])
async def test_a_refresh_answer_without_refresh_token_keeps_the_old_one(rotation, identity, odd):
    rotation.canned = [httpx2.Response(200, json={"access_token": "a", "expires_in": 299, **odd})]
    assert (await identity.refresh(token(7))).refresh_token == "refresh-7"


async def test_a_rotated_refresh_token_is_kept_even_without_an_access_token(rotation, identity):
    rotation.canned = [httpx2.Response(200, json={"refresh_token": "new"})]
    assert (await identity.refresh(token())).refresh_token == "new"


async def test_a_login_without_refresh_token_is_refused(rotation, identity):
    rotation.canned = [httpx2.Response(200, json={"access_token": "a"})]
    with pytest.raises(LoginRefused, match="publish the application"):
        await identity.exchange("code", "verifier")


async def test_only_invalid_grant_ends_the_login(rotation, identity):
    rotation.canned = [invalid_grant()]
    with pytest.raises(LoginRequired, match="open /login"):
        await identity.refresh(token())


PINGFEDERATE = {
    "code": "VALIDATION_ERROR",
    "message": "…",
    "userMessage": "…",
    "details": [{"code": "unauthorized_client", "message": "…"}],
}


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (refusal(401, "invalid_client"), ClientRefused),
        (refusal(400, "invalid_client"), ClientRefused),
        (refusal(400, "unauthorized_client"), ClientRefused),
        (httpx2.Response(400, json=PINGFEDERATE), ClientRefused),
        (httpx2.Response(401), ClientRefused),
        (refusal(403, "access_denied"), ClientRefused),
        (httpx2.Response(403, text="<html>Forbidden</html>"), Unreachable),
        (httpx2.Response(403, json={"message": "Forbidden"}), Unreachable),
        (httpx2.Response(403), Unreachable),
        (refusal(400, "something_new"), Unreachable),
        (refusal(400, {"message": "invalid_grant"}), Unreachable),
        (refusal(429, "invalid_grant"), Unreachable),
        (refusal(500, "invalid_grant"), Unreachable),
        (refusal(200, "invalid_grant"), Unreachable),
        (httpx2.Response(502, text="<html>Bad gateway</html>"), Unreachable),
        (httpx2.Response(200, text="<html>Welcome to the hotel</html>"), Unreachable),
        (httpx2.Response(200, content=b'{"access_token": "trunca'), Unreachable),
        (httpx2.Response(200, content=b"x" * 2_000_000), Unreachable),
        (httpx2.Response(302, headers={"location": "http://elsewhere/"}), Unreachable),
        (httpx2.Response(404), Unreachable),
        (httpx2.ConnectTimeout("late"), Unreachable),
        (httpx2.ConnectError("refused"), Unreachable),
    ],
)
async def test_a_refresh_that_fails_otherwise_keeps_the_login(rotation, identity, answer, error):
    rotation.canned = [answer]
    with pytest.raises(ExporterError) as caught:
        await identity.refresh(token())
    assert type(caught.value) is error


@pytest.mark.parametrize(
    ("error", "kind", "fix"),
    [
        ("invalid_grant", LoginRefused, "the code has expired or was already used; start the login again"),
        ("invalid_scope", LoginRefused, "developer portal"),
        ("invalid_request", LoginRefused, "redirect_uri"),
        ("invalid_client", ClientRefused, "client_secret"),
        ("server_error", Unreachable, "unavailable"),
    ],
)
async def test_a_refused_code_is_reported_with_its_fix(rotation, identity, error, kind, fix):
    rotation.canned = [refusal(400, error)]
    with pytest.raises(kind, match=fix):
        await identity.exchange("code-hush", "verifier-hush")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(
            st.sampled_from(["error", "details", "code", "access_token", "refresh_token"]) | st.text(), inner
        )
    ),
)


@given(
    st.integers(100, 599),
    st.binary() | JSON.map(lambda value: json.dumps(value).encode()),
    st.sampled_from([REFRESH_ERRORS, EXCHANGE_ERRORS]),
)
def test_reading_a_response_never_raises_an_unexpected_error(status, body, errors):
    try:
        answer = read_answer(status, body, errors)
    except ExporterError:
        return
    assert status // 100 == 2
    assert answer.get("access_token") or answer.get("refresh_token")


async def test_no_secret_is_in_an_error(rotation, identity):
    rotation.canned = [httpx2.ReadTimeout("refresh-0 hush")]
    with pytest.raises(Unreachable) as caught:
        await identity.refresh(token())
    assert caught.value.__cause__ is None
    assert "refresh-0" not in repr(caught.value)
    assert "hush" not in repr(caught.value)
