"""The log: logfmt on a pipe, colours on a terminal, without secrets, tokens, VINs and positions.

The finished line is redacted, including tracebacks and records of other libraries, so that no caller can
forget it. Imports no other module of the package.
"""

import logging
import re
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}

# The start of a text: not between letters, but also after an escaped line break.
TEXT_START = r"(?:(?<![A-Za-z0-9])|(?<=\\[nrt]))"
# Between a name and its value, also in escaped JSON: `: "`, `=`, `\": \"`.
SEPARATOR = r"""(\\*["']?\s*[=:]\s*\\*["']?)"""
NAMES_OF_SECRETS = r"(?:access_|refresh_|id_)?token|code_verifier|client_secret|appid|[\w-]*api[_-]?key"
NAMES_OF_POSITIONS = r"(?:lat|latitude|lon|lng|long|longitude)(?:_degrees)?"

# Patterns of secrets. A VIN has 17 letters and digits, at least one of each, but no I, O or Q.
PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(
            TEXT_START + r"(?=[A-Z0-9]*\d)(?=[A-Z0-9]*[A-Z])[A-HJ-NPR-Z0-9]{17}(?![A-Z0-9])", re.IGNORECASE
        ),
        "<vin>",
    ),
    (re.compile(TEXT_START + r"ey[\w-]{8,}(\.[\w-]*){2,}"), "<token>"),
    (re.compile(rf"(?i){TEXT_START}(bearer|basic)\s+[\w.~+/=-]{{6,}}"), r"\1 <token>"),
    (re.compile(rf"""(?i){TEXT_START}({NAMES_OF_SECRETS}){SEPARATOR}[^\s"'&,;)}}\\]+"""), r"\1\2<secret>"),
    (re.compile(r"""([?&](?:code|state)=)[^\s"'&]+"""), r"\1<secret>"),
    (re.compile(rf"""(?i){TEXT_START}({NAMES_OF_POSITIONS}){SEPARATOR}-?\d+(\.\d+)?"""), r"\1\2<position>"),
    (re.compile(rf"(?i)(coordinates){SEPARATOR}[\[(][^\])]*"), r"\1\2[<position>"),
    (re.compile(r"(?<![\w.])-?\d{1,3}\.\d{4,}\s*,\s*-?\d{1,3}\.\d{4,}"), "<position>"),
)
MIN_SECRET_LENGTH = 4
"""Shorter configured secrets are not removed, as they would redact words; chosen."""
NOISY_LOGGERS = ("httpx2", "httpcore2", "uvicorn.error", "uvicorn.access", "asyncio", "filelock")
"""Loggers of libraries that log every request with its address; limited to warnings."""

OMITTED_KEYS = ("event", "ts", "level", "exc_info", "exception", "stack_info")
"""Keys that a short line does not contain."""


class Redactor:
    """Removes secrets from log lines.

    Args:
        secrets: Values to remove, independent of the patterns.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = {secret for secret in secrets if len(secret) >= MIN_SECRET_LENGTH}
        self._secrets = sorted(known, key=len, reverse=True)

    def redact(self, line: str) -> str:
        """Return the line without secrets."""
        for secret in self._secrets:
            line = line.replace(secret, "<secret>")
        for pattern, replacement in PATTERNS:
            line = pattern.sub(replacement, line)
        return line

    def redact_value(self, key: str, value: object) -> object:
        """Return the redacted value of a key; the value itself if it contains no secret."""
        line = f"{key}={value}"
        clean = self.redact(line)
        return value if clean == line else clean.removeprefix(f"{key}=")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A redacted line of the log."""

    at: float
    """Unix time."""
    level: str
    text: str


class Recent(logging.Handler):
    """Stores the last warnings and errors for the status page."""

    def __init__(self, limit: int = 20) -> None:
        super().__init__(logging.WARNING)
        self._lines: deque[Line] = deque(maxlen=limit)

    def emit(self, record: logging.LogRecord) -> None:
        """Store a record."""
        line = Line(at=record.created, level=record.levelname.lower(), text=self.format(record))
        self._lines.append(line)

    def lines(self) -> tuple[Line, ...]:
        """Return the stored lines, the newest first."""
        return tuple(reversed(self._lines))


def set_up(
    *, level: str, stream: TextIO, secrets: Iterable[str] = (), recent: logging.Handler | None = None
) -> None:
    """Send all log records, including those of libraries, to the stream, and in short to `recent`."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="ts"),
    ]
    redactor = Redactor(secrets)
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        _formatter(
            shared,
            structlog.processors.format_exc_info,
            _redacted(_renderer(colours=stream.isatty()), redactor),
        )
    )
    handlers: list[logging.Handler] = [handler]
    if recent is not None:
        recent.setFormatter(_formatter(shared, _redacted(_render_short, redactor)))
        handlers.append(recent)
    root = logging.getLogger()
    root.handlers[:] = handlers
    root.setLevel(LEVELS[level])
    for name in NOISY_LOGGERS:
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


def _formatter(shared: list[Processor], *processors: Processor) -> logging.Formatter:
    remove = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    return structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=[remove, *processors])


def _render_short(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    """Render the event and its values, without time, level and traceback."""
    details = (f"{key}={value}" for key, value in event.items() if key not in OMITTED_KEYS)
    return " ".join((str(event["event"]), *details))


def _renderer(*, colours: bool) -> Processor:
    if colours:
        # The default formatter shows the values of local variables where rich is installed: tokens, too.
        return structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    return structlog.processors.LogfmtRenderer(
        key_order=["ts", "level", "account", "event"], drop_missing=True
    )


def _redacted(renderer: Processor, redactor: Redactor) -> Processor:
    """Return the last processor: the renderer, followed by the redaction of its line."""

    def render(logger: WrappedLogger, method: str, event: EventDict) -> str:
        # Colours and escapes can separate a name from its secret, so each value is also redacted before.
        clean = {key: redactor.redact_value(key, value) for key, value in event.items()}
        return redactor.redact(str(renderer(logger, method, clean)))

    return render
