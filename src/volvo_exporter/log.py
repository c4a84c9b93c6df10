"""The log: logfmt on a pipe, colours on a terminal, and never a secret, a token, a VIN or a position.

Redaction works on the finished line, tracebacks and other libraries' records included, so that no caller has
to remember it. Imports nothing of ours.
"""

import logging
import re
from collections.abc import Iterable
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}

# Where a word begins: not amid letters, but also behind a line break that was escaped.
START = r"(?:(?<![A-Za-z0-9])|(?<=\\[nrt]))"
# Between a name and its value, also in JSON that was escaped: `: "`, `=`, `\": \"`.
IS = r"""(\\*["']?\s*[=:]\s*\\*["']?)"""
NAMES_OF_SECRETS = r"(?:access_|refresh_|id_)?token|code_verifier|client_secret|appid|[\w-]*api[_-]?key"
NAMES_OF_POSITIONS = r"(?:lat|latitude|lon|lng|long|longitude)(?:_degrees)?"

# What can be told by its looks. A VIN has 17 letters and digits, at least one of each, but no I, O or Q.
PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(
            START + r"(?=[A-Z0-9]*\d)(?=[A-Z0-9]*[A-Z])[A-HJ-NPR-Z0-9]{17}(?![A-Z0-9])", re.IGNORECASE
        ),
        "<vin>",
    ),
    (re.compile(START + r"ey[\w-]{8,}(\.[\w-]*){2,}"), "<token>"),
    (re.compile(rf"(?i){START}(bearer|basic)\s+[\w.~+/=-]{{6,}}"), r"\1 <token>"),
    (re.compile(rf"""(?i){START}({NAMES_OF_SECRETS}){IS}[^\s"'&,;)}}\\]+"""), r"\1\2<secret>"),
    (re.compile(r"""([?&](?:code|state)=)[^\s"'&]+"""), r"\1<secret>"),
    (re.compile(rf"""(?i){START}({NAMES_OF_POSITIONS}){IS}-?\d+(\.\d+)?"""), r"\1\2<position>"),
    (re.compile(rf"(?i)(coordinates){IS}[\[(][^\])]*"), r"\1\2[<position>"),
    (re.compile(r"(?<![\w.])-?\d{1,3}\.\d{4,}\s*,\s*-?\d{1,3}\.\d{4,}"), "<position>"),
)
SHORTEST_SECRET = 4  # shorter ones would redact words
QUIET = ("httpx2", "httpcore2", "uvicorn.error", "uvicorn.access", "asyncio", "filelock")
"""Loggers of libraries that tell every request with its address, or what nobody wants to know."""


class Redactor:
    """Takes out of a line what must not stand in a log.

    Args:
        secrets: Values that are secret whatever they look like.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = {secret for secret in secrets if len(secret) >= SHORTEST_SECRET}
        self._secrets = sorted(known, key=len, reverse=True)

    def redact(self, line: str) -> str:
        """The line without secrets."""
        for secret in self._secrets:
            line = line.replace(secret, "<secret>")
        for pattern, replacement in PATTERNS:
            line = pattern.sub(replacement, line)
        return line

    def redact_value(self, key: str, value: object) -> object:
        """The value that is logged under the key; itself, if there is nothing secret in it."""
        line = f"{key}={value}"
        clean = self.redact(line)
        return value if clean == line else clean.removeprefix(f"{key}=")


def set_up(*, level: str, stream: TextIO, secrets: Iterable[str] = ()) -> None:
    """Send everything that is logged, by us or by libraries, to the stream."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="ts"),
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            _redacted(_renderer(colours=stream.isatty()), Redactor(secrets)),
        ],
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(LEVELS[level])
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _renderer(*, colours: bool) -> Processor:
    if colours:
        # The default formatter shows the values of local variables where rich is installed: tokens, too.
        return structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    return structlog.processors.LogfmtRenderer(
        key_order=["ts", "level", "account", "event"], drop_missing=True
    )


def _redacted(renderer: Processor, redactor: Redactor) -> Processor:
    """The renderer with the redaction of its line behind it: together the last processor."""

    def render(logger: WrappedLogger, method: str, event: EventDict) -> str:
        # Colours and escapes come between a name and its secret, so each value is looked at before too.
        clean = {key: redactor.redact_value(key, value) for key, value in event.items()}
        return redactor.redact(str(renderer(logger, method, clean)))

    return render
