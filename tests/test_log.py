import io
import logging
import re

import pytest
import structlog

from volvo_exporter import log

VIN = "YV1TESTCAR0000001"
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ0ZXN0In0.c2lnbmF0dXJl-_x"
FIELD = re.compile(r'([a-z_]+)=("(?:[^"\\]|\\.)*"|[^ "]*)(?: |$)')


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture(params=[io.StringIO, Terminal], ids=["pipe", "terminal"])
def stream(request):
    return request.param()


@pytest.fixture(autouse=True)
def _as_before():
    """The handlers and levels of before, whatever a test sets up."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in log.NOISY_LOGGERS}
    for name in log.NOISY_LOGGERS:
        # A uvicorn that another test ran in this process has switched off its access log.
        logging.getLogger(name).propagate = True
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)
    structlog.reset_defaults()


def fail(message):
    raise ValueError(message)


def fields(line):
    """The line taken apart as logfmt."""
    assert FIELD.sub("", line) == "", line
    return dict(FIELD.findall(line))


SECRETS = [
    (VIN, f"asked for /vehicles/{VIN}/doors"),
    (VIN, f"vehicle {VIN}."),
    (VIN.lower(), f"vehicle {VIN.lower()} is unknown"),
    (VIN, f"file volvo_token_{VIN}.json"),
    (VIN, f"first line\n{VIN} on the second"),
    (VIN, f"{{'detail': 'first\\n{VIN}'}}"),
    (JWT, f"token {JWT} refused"),
    (JWT.split(".")[2], f"got {JWT}"),
    ("a.b.c.d", "got eyJhbGciOiJSU0EifQ.a.b.c.d"),
    ("AbCdEf123456", "authorization: Bearer AbCdEf123456"),
    ("dGVzdDp0ZXN0", "Authorization: Basic dGVzdDp0ZXN0=="),
    ("rt-0123456789", "refresh_token=rt-0123456789&grant_type=refresh_token"),
    ("rt-0123456789", '{"refresh_token": "rt-0123456789", "expires_in": 299}'),
    ("rt-0123456789", "{'refresh_token': 'rt-0123456789'}"),
    ("rt-0123456789", "line\nrefresh_token: rt-0123456789"),
    ("at-0123456789", '{"access_token":"at-0123456789"}'),
    ("c-secret", "client_secret=c-secret"),
    ("a-key", "vcc-api-key: a-key"),
    ("a-key", "{'api_key': 'a-key'}"),
    ("w-key", "GET /data/2.5/weather?q=x&appid=w-key"),
    ("verify-me", "code_verifier=verify-me"),
    ("the-code", "GET /callback?code=the-code&state=the-state"),
    ("the-state", "GET /callback?code=the-code&state=the-state"),
    ("57.68", "GET /weather?lat=57.68&lon=11.96"),
    ("11.96", "GET /weather?lat=57.68&lon=11.96"),
    ("57.68", '{"latitude": 57.68, "longitude": "11.96"}'),
    ("11.96", '{"latitude": 57.68, "longitude": "11.96"}'),
    ("-11.9", "lng: -11.9"),
    ("57.68877", "at (57.68877, 11.96830)"),
    ("11.9683", "coordinates [11.968302,57.688770,0.0]"),
    ("57.6", '"coordinates": [11.9, 57.6, 0.0]'),
    ("57.6", "volvo_location_latitude_degrees=57.6"),
]


@pytest.mark.parametrize(("secret", "message"), SECRETS, ids=repr)
def test_no_secret_is_in_a_log_line(stream, secret, message):
    log.set_up(level="debug", stream=stream)
    structlog.get_logger().info("event", detail=message)
    structlog.get_logger().info(message)
    logging.getLogger("another").warning(message)
    logging.getLogger("another").warning("%s", {"detail": message})
    lines = stream.getvalue().splitlines()
    assert len(lines) >= 4
    assert secret not in stream.getvalue()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("vin", VIN),
        ("access_token", "opaque-token"),
        ("refresh_token", "opaque-token"),
        ("client_secret", "opaque-token"),
        ("api_key", "opaque-token"),
        ("lat", 57.68),
        ("longitude", 11.96),
    ],
)
def test_no_secret_follows_its_name(stream, key, value):
    log.set_up(level="info", stream=stream)
    structlog.get_logger().info("event", **{key: value})
    assert "event" in stream.getvalue()
    assert str(value) not in stream.getvalue()


def test_configured_secrets_are_removed_in_any_form(stream):
    log.set_up(
        level="info", stream=stream, secrets=["correct horse", 'with "quotes"', "abcd", "abcdefgh", "x"]
    )
    structlog.get_logger().info("a correct horse", detail='it is with "quotes" and abcdefgh')
    logging.getLogger("other").warning("abcd xylophone")
    assert not re.search(r"correct|quotes|abcd|efgh", stream.getvalue())
    assert "xylophone" in stream.getvalue()


@pytest.mark.parametrize(
    "message",
    [
        "energy-state: not available",
        "state: connected",
        "polling every 300 s",
        "the latest latency was 0.5 s",
        "12345678901234567 is only digits",
        "internationalisms",
        "abcdefghijklmnopqrstuvwxyz0123456789",
        "quota 3095 of 10000, reset in 03:30:56",
        "login required",
        "long-standing error 42",
        "2026-09-21T14:13:20.045762Z",
        "0.5, 1.0, 2.5",
        "the token was renewed",
        "/connected-vehicle/v2/vehicles/{vin}/doors",
    ],
)
def test_ordinary_words_are_unchanged(message):
    assert log.Redactor(["some-secret"]).redact(message) == message


def test_a_line_on_a_pipe_is_logfmt():
    stream = io.StringIO()
    log.set_up(level="info", stream=stream)
    structlog.get_logger().bind(account="mine").warning(
        'a "quoted" event', resource="doors", number=5, nothing=None, text="two\nlines"
    )
    logging.getLogger("library").warning("plain %s", "words")
    own, foreign = map(fields, stream.getvalue().splitlines())
    assert list(own)[:4] == ["ts", "level", "account", "event"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", own.pop("ts"))
    assert own == {
        "level": "warning",
        "account": "mine",
        "event": r'"a \"quoted\" event"',
        "resource": "doors",
        "number": "5",
        "nothing": "",
        "text": r"two\nlines",
    }
    assert (foreign["level"], foreign["event"]) == ("warning", '"plain words"')


def test_a_traceback_is_redacted_and_stays_one_line_on_a_pipe():
    stream = io.StringIO()
    log.set_up(level="info", stream=stream, secrets=["very-secret"])
    for logger in (structlog.get_logger(), logging.getLogger("library")):
        try:
            fail(f"no answer for {VIN}\n{VIN} with very-secret and Bearer abcdef123")
        except ValueError:
            logger.exception("failed")
    lines = stream.getvalue().splitlines()
    assert len(lines) == 2
    for line in lines:
        assert "ValueError: no answer for <vin>" in fields(line)["exception"]
        assert not re.search(f"{VIN}|very-secret|abcdef123", line)


def test_a_traceback_on_a_terminal_is_redacted():
    stream = Terminal()
    log.set_up(level="info", stream=stream)
    try:
        fail(VIN)
    except ValueError:
        structlog.get_logger().exception("failed")
    assert "ValueError" in stream.getvalue()
    assert VIN not in stream.getvalue()


@pytest.mark.parametrize("name", log.NOISY_LOGGERS)
def test_libraries_that_log_every_request_are_limited_to_warnings(name):
    stream = io.StringIO()
    log.set_up(level="debug", stream=stream)
    logging.getLogger(name).info("HTTP Request: GET https://api.volvocars.com")
    assert stream.getvalue() == ""
    logging.getLogger(name).warning("something odd")
    assert "something odd" in stream.getvalue()


@pytest.mark.parametrize(
    ("level", "heard"),
    [
        ("debug", ["debug", "info", "warning", "error"]),
        ("info", ["info", "warning", "error"]),
        ("warning", ["warning", "error"]),
        ("error", ["error"]),
    ],
)
def test_the_level_decides_which_lines_are_logged(level, heard):
    stream = io.StringIO()
    log.set_up(level=level, stream=stream)
    for name in ("debug", "info", "warning", "error"):
        getattr(structlog.get_logger(), name)("event")
        getattr(logging.getLogger("library"), name)("event")
    levels = [fields(line)["level"] for line in stream.getvalue().splitlines()]
    assert levels == [name for name in heard for _ in range(2)]


def test_colours_are_for_terminals_only(stream):
    log.set_up(level="info", stream=stream)
    structlog.get_logger().info("event", key="value")
    assert ("\x1b[" in stream.getvalue()) == stream.isatty()


def test_after_two_setups_each_line_is_logged_once():
    stream = io.StringIO()
    for _ in range(2):
        log.set_up(level="info", stream=stream)
    structlog.get_logger().info("event")
    assert len(stream.getvalue().splitlines()) == 1


def test_the_last_warnings_are_kept_in_short_form_with_the_newest_first():
    stream, recent = io.StringIO(), log.Recent(limit=3)
    log.set_up(level="info", stream=stream, recent=recent)
    own = structlog.get_logger().bind(account="mine")
    own.info("no warning")
    own.warning("first")
    own.warning("second", resource="doors")
    logging.getLogger("library").error("third %s", "time")
    own.error("fourth")

    assert [(line.level, line.text) for line in recent.lines()] == [
        ("error", "fourth account=mine"),
        ("error", "third time"),
        ("warning", "second account=mine resource=doors"),
    ]
    assert len(stream.getvalue().splitlines()) == 5


@pytest.mark.parametrize(("secret", "message"), SECRETS, ids=repr)
def test_no_secret_is_kept(secret, message):
    recent = log.Recent()
    log.set_up(level="debug", stream=io.StringIO(), recent=recent, secrets=["correct horse"])
    structlog.get_logger().warning(message, detail="correct horse", other=message)
    logging.getLogger("another").warning("%s", {"detail": message})

    assert len(recent.lines()) == 2
    assert secret not in repr(recent.lines())
    assert "correct horse" not in repr(recent.lines())


def test_a_traceback_is_kept_as_its_event_only():
    recent = log.Recent()
    log.set_up(level="info", stream=io.StringIO(), recent=recent)
    for logger in (structlog.get_logger(), logging.getLogger("library")):
        try:
            fail("long story")
        except ValueError:
            logger.exception("failed")

    assert [line.text for line in recent.lines()] == ["failed", "failed"]
