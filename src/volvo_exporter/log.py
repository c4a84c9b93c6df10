"""The log: logfmt on a pipe, colours on a terminal, and never a secret, a token, a VIN or a position.

Redaction works on the finished line, tracebacks and other libraries' records included, so that no caller has
to remember it. Imports nothing of ours.
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

LONG = ("event", "ts", "level", "exc_info", "exception", "stack_info")
"""What a short line does without, or says by itself."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of the log, without secrets."""

    at: float
    """Unix time."""
    level: str
    text: str


class Recent(logging.Handler):
    """Keeps the last warnings and errors, for the page."""

    def __init__(self, most: int = 20) -> None:
        super().__init__(logging.WARNING)
        self._lines: deque[Line] = deque(maxlen=most)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record."""
        line = Line(at=record.created, level=record.levelname.lower(), text=self.format(record))
        self._lines.append(line)

    def lines(self) -> tuple[Line, ...]:
        """What was kept, the newest first."""
        return tuple(reversed(self._lines))


def set_up(
    *, level: str, stream: TextIO, secrets: Iterable[str] = (), recent: logging.Handler | None = None
) -> None:
    """Send everything that is logged, by us or by libraries, to the stream; and to `recent` in short."""
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


def _formatter(shared: list[Processor], *processors: Processor) -> logging.Formatter:
    remove = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    return structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=[remove, *processors])


def _render_short(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    """What happened and to whom, without the time, the level and a traceback."""
    details = (f"{key}={value}" for key, value in event.items() if key not in LONG)
    return " ".join((str(event["event"]), *details))


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
