import base64
import hashlib
import secrets
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volvo_exporter.login.attempt import read_callback, start
from volvo_exporter.volvo.errors import LoginRefused

REDIRECT = "https://home.example/callback"


def log_in(redirect_uri=REDIRECT, token_urlsafe=lambda size: f"random-{size}-" + "x" * 40):
    return start(
        id_url="http://id.example/",
        client_id="client",
        redirect_uri=redirect_uri,
        scope=("openid", "conve:doors_status"),
        token_urlsafe=token_urlsafe,
    )


LOGIN = log_in()


def test_the_address_has_the_parameters_that_a_login_needs():
    address = urlsplit(LOGIN.url)
    assert f"{address.scheme}://{address.netloc}{address.path}" == "http://id.example/as/authorization.oauth2"
    digest = hashlib.sha256(LOGIN.verifier.encode()).digest()
    assert {key: value for key, (value,) in parse_qs(address.query).items()} == {
        "response_type": "code",
        "client_id": "client",
        "redirect_uri": REDIRECT,
        "scope": "openid conve:doors_status",
        "state": LOGIN.state,
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
        "prompt": "login",
    }


def test_two_logins_share_no_secret():
    one, two = (log_in(token_urlsafe=secrets.token_urlsafe) for _ in range(2))
    assert one.state != two.state
    assert one.verifier != two.verifier
    assert 43 <= len(one.verifier) <= 128


def test_the_secrets_of_a_login_are_not_shown():
    assert LOGIN.verifier not in repr(LOGIN)
    assert LOGIN.state not in repr(LOGIN)


ANSWER = f"code=the-Code_1&state={LOGIN.state}"


@pytest.mark.parametrize(
    "text",
    [
        f"{REDIRECT}?{ANSWER}",
        f"  {REDIRECT}?{ANSWER}\r\n",
        f"'{REDIRECT}?{ANSWER}'",
        f'"{REDIRECT}?{ANSWER}"',
        f"<{REDIRECT}?{ANSWER}>",
        f"\u201c{REDIRECT}?{ANSWER}\u201d",
        f"{REDIRECT}?code=the-\nCode_1&sta\r\n  te={LOGIN.state}",
        f"{REDIRECT}/?{ANSWER}&iss=x#fragment",
        f"HOME.example/callback?{ANSWER}",
        f"HTTPS://HOME.EXAMPLE/callback?{ANSWER}",
        f"?{ANSWER}",
        ANSWER,
        f"state={LOGIN.state}&code=the-Code_1",
        "the-Code_1",
        " 'the-Code_1' ",
        "the%2DCode_1",
    ],
)
def test_the_code_is_found_in_every_pasted_form(text):
    assert read_callback(LOGIN, text) == "the-Code_1"


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1))
def test_any_code_survives_the_address(code):
    assert read_callback(LOGIN, f"{REDIRECT}?code={quote(code, safe='')}&state={LOGIN.state}") == code


def answer(**parameters):
    return f"{REDIRECT}?" + "&".join(f"{key}={quote(value)}" for key, value in parameters.items())


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("", "empty input"),
        (" \n ", "empty input"),
        ("''", "empty input"),
        (answer(code="c"), "copy the whole address"),
        (answer(code="c", state=""), "copy the whole address"),
        (answer(code="c", state="other"), "another login attempt"),
        (answer(code="c", state=LOGIN.state + "x"), "another login attempt"),
        (answer(code="c", state=LOGIN.state[:-1]), "another login attempt"),
        (answer(code="c", state=LOGIN.state.upper()), "another login attempt"),
        (answer(code="c", state="ü"), "another login attempt"),
        (answer(state=LOGIN.state), "no code"),
        (LOGIN.url, "starts the login"),
        (LOGIN.url.partition("?")[2], "starts the login"),
        (f"https://elsewhere.example/callback?{ANSWER}", "another site: .*" + REDIRECT),
        (f"https://[/callback?{ANSWER}", "another site"),
        (REDIRECT, "no code found"),
        ("I do not know, sorry!", "no code found"),
        (answer(error="access_denied", state=LOGIN.state), "cancelled"),
        (answer(error="invalid_scope", state=LOGIN.state), "scopes not allowed.*openid conve:doors_status"),
        (answer(error="invalid_request", state=LOGIN.state), "publish .*exactly " + REDIRECT),
        (answer(error="unauthorized_client", state=LOGIN.state), "check client_id"),
        (answer(error="unsupported_response_type", state=LOGIN.state), "create a new one"),
        (answer(error="server_error", state=LOGIN.state), "unavailable"),
        (answer(error="temporarily_unavailable", state=LOGIN.state), "overloaded"),
        (answer(error="{odd}", error_description="{0}", state=LOGIN.state), "refused the login"),
        (answer(error="access_denied"), "cancelled"),
        (answer(error="access_denied", state="other"), "another login attempt"),
    ],
)
def test_invalid_address_is_refused_with_the_fix(text, fix):
    with pytest.raises(LoginRefused, match=fix):
        read_callback(LOGIN, text)


def test_the_start_of_the_login_is_known_if_both_are_the_same_site():
    login = log_in("http://id.example/callback")
    with pytest.raises(LoginRefused, match="starts the login"):
        read_callback(login, login.url)


@given(
    st.text() | st.text("code=&state?#:/%[]", min_size=1) | st.text().map(lambda text: f"{REDIRECT}?{text}")
)
def test_reading_never_raises_an_unexpected_error(text):
    try:
        code = read_callback(LOGIN, text)
    except LoginRefused:
        return
    assert code
