"""API tokens: what each opens, their file, and the commands that create and revoke them."""

import stat
import time

import httpx2
import pytest
import yaml
from click.testing import CliRunner
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from structlog.testing import capture_logs

from tests.support.installation import LOGIN, a_world, installed
from tests.web.test_access import USERS, CountingPasswords, basic
from volvo_exporter.cli import commands
from volvo_exporter.volvo.errors import ConfigurationError
from volvo_exporter.web.access import AUTHENTICATED, SECURITY_HEADERS, Access
from volvo_exporter.web.api_tokens import (
    FAILURE_WINDOW_SECONDS,
    MAX_CLIENTS,
    MAX_FAILURES,
    ApiTokens,
    Right,
    Verdict,
    create_token,
    read_tokens,
    write_tokens,
)
from volvo_exporter.web.web_config import WebConfig

CLOSED = WebConfig(basic_auth_users=USERS)
NOW = 1_800_000_000.0


@pytest.fixture
def file(tmp_path):
    return tmp_path / "tokens.json"


def add(file, name, right=Right.READ, *, random="r"):
    """Add a token to the file; return its text."""
    token, text = create_token(name, right, token_urlsafe=lambda size: random * size, now=NOW)
    write_tokens(file, (*read_tokens(file), token))
    return text


def check(tokens, text, *, method="GET", path="/metrics", client="192.0.2.1"):
    return tokens.check(text.encode(), method=method, path=path, client=client)


def a_client(file, passwords=None, *, tokens=True):
    async def page(request):
        return PlainTextResponse(str(request.scope.get(AUTHENTICATED)))

    app = Access(
        Starlette(routes=[Route("/{path:path}", page, methods=["GET", "POST"])]),
        config=lambda: CLOSED,
        passwords=passwords or CountingPasswords(),
        tokens=ApiTokens(file, monotonic=time.monotonic) if tokens else None,
    )
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://exporter.test")


def bearer(text):
    return {"authorization": f"Bearer {text}"}


@pytest.mark.parametrize(
    ("right", "method", "path", "verdict"),
    [
        (Right.READ, "GET", "/metrics", Verdict.ACCEPTED),
        (Right.READ, "HEAD", "/metrics", Verdict.ACCEPTED),
        (Right.READ, "GET", "/api/v1/evcc/Red", Verdict.ACCEPTED),
        (Right.READ, "GET", "/api/v1/drives", Verdict.ACCEPTED),
        (Right.READ, "GET", "/-/ready", Verdict.ACCEPTED),
        (Right.METRICS, "GET", "/metrics", Verdict.ACCEPTED),
        (Right.METRICS, "GET", "/api/v1/vehicles", Verdict.FORBIDDEN),
        (Right.READ, "POST", "/api/v1/vehicles", Verdict.FORBIDDEN),
        (Right.READ, "GET", "/", Verdict.FORBIDDEN),
        (Right.READ, "GET", "/login", Verdict.FORBIDDEN),
        (Right.READ, "POST", "/login", Verdict.FORBIDDEN),
        (Right.READ, "POST", "/charges", Verdict.FORBIDDEN),
        (Right.READ, "GET", "/metricsx", Verdict.FORBIDDEN),
        (Right.READ, "GET", "/apis", Verdict.FORBIDDEN),
    ],
)
def test_a_token_opens_only_the_pages_of_its_right(file, right, method, path, verdict):
    text = add(file, "evcc", right)

    assert check(ApiTokens(file, monotonic=lambda: 0), text, method=method, path=path) is verdict


def test_other_texts_are_unknown(file):
    text = add(file, "evcc")
    tokens = ApiTokens(file, monotonic=lambda: 0)

    for wrong in ("", text[:-1], f"{text}x", text.upper(), read_tokens(file)[0].sha256, "é"):
        assert check(tokens, wrong) is Verdict.UNKNOWN


def test_a_token_is_valid_as_soon_as_it_is_created_and_until_it_is_revoked(file):
    tokens = ApiTokens(file, monotonic=lambda: 0)
    text = add(file, "evcc")
    assert check(tokens, text) is Verdict.ACCEPTED

    other = add(file, "homeassistant", random="s")
    assert check(tokens, other) is Verdict.ACCEPTED
    write_tokens(file, read_tokens(file)[1:])
    assert (check(tokens, text), check(tokens, other)) == (Verdict.UNKNOWN, Verdict.ACCEPTED)
    file.unlink()
    assert check(tokens, other) is Verdict.UNKNOWN


def test_an_invalid_change_is_logged_once_and_the_previous_tokens_stay_in_use(file):
    text = add(file, "evcc")
    tokens = ApiTokens(file, monotonic=lambda: 0)
    file.write_text("[{")
    with capture_logs() as lines:
        assert [check(tokens, text) for _ in range(3)] == [Verdict.ACCEPTED] * 3

    assert [line["log_level"] for line in lines] == ["error"]
    assert str(file) in lines[0]["error"]


@pytest.mark.parametrize(
    "content", ["", "{}", '[{"name": "a"}]', '[{"name": "a", "sha256": "secret", "created": 0}]']
)
def test_an_invalid_file_is_named_without_its_content(file, content):
    file.write_text(content)
    with pytest.raises(ConfigurationError) as raised:
        ApiTokens(file, monotonic=lambda: 0)

    assert str(file) in str(raised.value)
    assert "secret" not in str(raised.value)


def test_the_file_has_hashes_and_is_readable_only_by_its_owner(file):
    text = add(file, "evcc")

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert text not in file.read_text()
    assert len(text) == len("volvo_") + 32


def test_many_wrong_tokens_of_a_client_are_limited_and_never_block_a_correct_one(file):
    text = add(file, "evcc")
    clock = [0.0]
    tokens = ApiTokens(file, monotonic=lambda: clock[0])

    verdicts = [check(tokens, f"guess {number}") for number in range(MAX_FAILURES + 2)]
    assert verdicts == [*([Verdict.UNKNOWN] * MAX_FAILURES), Verdict.TOO_MANY, Verdict.TOO_MANY]
    assert check(tokens, text) is Verdict.ACCEPTED
    assert check(tokens, "guess", client="192.0.2.2") is Verdict.UNKNOWN

    clock[0] += FAILURE_WINDOW_SECONDS
    assert check(tokens, "guess") is Verdict.UNKNOWN


def test_the_memory_of_failures_is_bounded(file):
    tokens = ApiTokens(file, monotonic=lambda: 0)
    for number in range(MAX_CLIENTS + 10):
        check(tokens, "guess", client=str(number))

    assert check(tokens, "guess", client="new") is Verdict.TOO_MANY
    assert len(tokens._failures) == MAX_CLIENTS  # white box: nothing else shows what is kept


async def test_a_token_needs_no_password_and_no_bcrypt(file):
    text, passwords = add(file, "evcc"), CountingPasswords()
    async with a_client(file, passwords) as client:
        known = await client.get("/metrics", headers=bearer(text))
        lower = await client.get("/metrics", headers={"authorization": f"bearer  {text}"})
        wrong = await client.get("/metrics", headers=bearer("wrong"))
        user = await client.get("/metrics", headers=basic("alice", "open sesame"))

    assert [known.status_code, lower.status_code, wrong.status_code, user.status_code] == [200, 200, 401, 200]
    assert passwords.calls == 1
    assert (known.text, user.text) == ("None", "True")  # a token is not a user and cannot log in


async def test_a_refused_token_is_explained(file):
    text = add(file, "evcc", Right.METRICS)
    async with a_client(file) as client:
        unknown = await client.get("/metrics", headers=bearer("wrong"))
        forbidden = await client.get("/api/v1/vehicles", headers=bearer(text))
        for _ in range(MAX_FAILURES):
            limited = await client.get("/metrics", headers=bearer("wrong"))

    assert 'error="invalid_token"' in unknown.headers["www-authenticate"]
    assert "token create" in unknown.text
    assert forbidden.status_code == 403
    assert 'error="insufficient_scope"' in forbidden.headers["www-authenticate"]
    assert (limited.status_code, limited.headers["retry-after"]) == (429, "60")
    for response in (unknown, forbidden, limited):
        assert {*SECURITY_HEADERS} <= {*response.headers}


async def test_where_tokens_are_off_a_token_is_refused_as_a_missing_password(file):
    text = add(file, "evcc")
    async with a_client(file, tokens=False) as client:
        response = await client.get("/metrics", headers=bearer(text))

    assert response.status_code == 401
    assert response.headers["www-authenticate"].startswith("Basic ")


async def test_the_exporter_serves_metrics_and_json_for_a_token(tmp_path, file):
    text = add(file, "evcc")
    (tmp_path / "web.yml").write_text(f"basic_auth_users:\n  alice: {USERS['alice']}\n")
    settings = {"web_config_file": str(tmp_path / "web.yml"), "api_tokens_file": str(file)}
    async with installed(tmp_path, a_world(), **settings) as it:
        paths = ("/metrics", "/api/v1/vehicles", "/api/v1/status", "/-/ready", "/", "/login")
        statuses = [(await it.scrape(path, **bearer(text))).status_code for path in paths]

    assert statuses == [200, 200, 200, 503, 403, 403]


async def test_tokens_without_a_password_are_refused_at_start(tmp_path, file):
    with pytest.raises(ConfigurationError, match="requires basic_auth_users"):
        async with installed(tmp_path, a_world(), api_tokens_file=str(file)):
            pass


# The commands.


@pytest.fixture
def token(tmp_path, file):
    """Return a function that runs `volvo-exporter token`."""
    config = tmp_path / "config.yaml"
    config.write_text(yaml.safe_dump({**LOGIN, "api_tokens_file": str(file)}))

    def run(*arguments):
        return CliRunner().invoke(commands, ["token", *arguments, "--config", str(config)])

    return run


def test_a_created_token_is_printed_once_and_works(token, file):
    created = token("create", "evcc")
    other = token("create", "prometheus", "--right", "metrics")
    tokens = ApiTokens(file, monotonic=lambda: 0)

    assert created.stderr == "Copy it now: it is not shown again.\n"
    assert len(created.stdout.strip()) == len("volvo_") + 43  # 256 bits
    assert check(tokens, created.stdout.strip(), path="/api/v1/status") is Verdict.ACCEPTED
    assert check(tokens, other.stdout.strip(), path="/api/v1/status") is Verdict.FORBIDDEN
    listed = token("list").output
    assert [line.split()[:2] for line in listed.splitlines()] == [["evcc", "read"], ["prometheus", "metrics"]]
    assert created.stdout.strip() not in listed


def test_a_revoked_token_is_refused(token, file):
    text = token("create", "evcc").stdout.strip()
    tokens = ApiTokens(file, monotonic=lambda: 0)
    assert check(tokens, text) is Verdict.ACCEPTED

    assert token("revoke", "evcc").output == "Revoked evcc.\n"
    assert check(tokens, text) is Verdict.UNKNOWN
    assert token("list").output == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("create", "evcc"), "NAME: evcc exists"),
        (("create", "not a name"), "must be 1 to 40 letters"),
        (("revoke", "other"), "NAME: unknown token"),
        (("create", "x", "--right", "write"), "'write' is not one of"),
    ],
)
def test_wrong_usage_is_explained(token, arguments, message):
    token("create", "evcc")
    result = token(*arguments)

    assert result.exit_code == 2
    assert message in result.output


def test_without_the_setting_the_command_names_it(tmp_path):
    config = tmp_path / "config.yaml"
    config.write_text(yaml.safe_dump(LOGIN))
    result = CliRunner().invoke(commands, ["token", "list", "--config", str(config)])

    assert result.exit_code == 2
    assert "api_tokens_file: is not set" in result.output


def test_a_file_that_cannot_be_written_is_named(token, file):
    file.parent.joinpath("tokens.json.tmp").mkdir()
    result = token("create", "evcc")

    assert result.exit_code == 1
    assert "api_tokens_file: cannot be written" in result.output
