"""API tokens for machines, as an alternative to basic auth: their file, their rights and their check.

A token has 256 random bits. It cannot be guessed, and one SHA-256 is enough to store it: unlike bcrypt, wrong
tokens cost the exporter less than the parsing of their request.
"""

import hashlib
import hmac
import json
import os
from collections.abc import Callable, Iterable, Mapping
from enum import Enum, StrEnum, auto, unique
from pathlib import Path
from types import MappingProxyType

import structlog
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from volvo_exporter.volvo.disk import open_private, overwrite, sync_folder
from volvo_exporter.volvo.errors import ConfigurationError

SETTING = "api_tokens_file"
PREFIX = "volvo_"
"""Scanners for secrets, and people, recognize a token by it."""
TOKEN_BYTES = 32
NAME = r"[\w.-]{1,40}"
METHODS = ("GET", "HEAD")
"""A token never changes anything."""
MAX_FAILURES = 100
"""Wrong tokens of a client per window, as many as passwords may wait; further ones get status 429."""
MAX_CLIENTS = 1000
FAILURE_WINDOW_SECONDS = 60.0

FileState = tuple[int, int, int] | None
"""Modification time, size and inode of a file, to detect changes; None if there is no file."""


@unique
class Right(StrEnum):
    """Pages that a token opens."""

    READ = "read"
    """Everything that machines read: `/metrics` and the JSON API."""
    METRICS = "metrics"
    """`/metrics` only, without the JSON API."""


PAGES: Mapping[Right, tuple[str, ...]] = MappingProxyType(
    {Right.READ: ("/metrics", "/-/", "/api/"), Right.METRICS: ("/metrics", "/-/")}
)
"""Paths of each right; one that ends in a slash includes all below it."""


@unique
class Verdict(Enum):
    """Result of the check of a token."""

    ACCEPTED = auto()
    FORBIDDEN = auto()
    """The token is valid, but not for this page or method."""
    UNKNOWN = auto()
    TOO_MANY = auto()
    """Unknown, and the client has sent too many unknown tokens."""


class ApiToken(BaseModel):
    """A token as it is stored."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    name: str = Field(pattern=rf"^{NAME}$")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    right: Right = Right.READ
    created: float
    """Unix time."""

    def opens(self, method: str, path: str) -> bool:
        """Return whether the token is valid for a request."""
        return method in METHODS and any(
            path == page or (page.endswith("/") and path.startswith(page)) for page in PAGES[self.right]
        )


_TOKENS = TypeAdapter(tuple[ApiToken, ...])


def create_token(
    name: str, right: Right, *, token_urlsafe: Callable[[int], str], now: float
) -> tuple[ApiToken, str]:
    """Return a new token as it is stored, and its text, which is not stored anywhere."""
    text = f"{PREFIX}{token_urlsafe(TOKEN_BYTES)}"
    return ApiToken(name=name, sha256=digest(text.encode()), right=right, created=now), text


def digest(text: bytes) -> str:
    """Return the SHA-256 of a token in hexadecimal."""
    return hashlib.sha256(text).hexdigest()


def read_tokens(path: Path) -> tuple[ApiToken, ...]:
    """Return the tokens in a file; none if it does not exist.

    Raises:
        ConfigurationError: the file cannot be read or is invalid; the message contains no hash.
    """
    try:
        return _TOKENS.validate_json(path.read_bytes())
    except FileNotFoundError:
        return ()
    except OSError as error:
        message = f"{SETTING}: {path} cannot be read ({error.strerror}); fix the path or its permissions"
        raise ConfigurationError(message) from None
    except ValidationError:
        message = f"{SETTING}: {path} is invalid; restore it, or delete it and create the tokens again"
        raise ConfigurationError(message) from None


def write_tokens(path: Path, tokens: Iterable[ApiToken]) -> None:
    """Replace the tokens in a file, which only its owner can read; raises OSError."""
    text = json.dumps([token.model_dump(mode="json") for token in tokens], indent=2)
    new = path.with_name(f"{path.name}.tmp")
    descriptor = open_private(new)
    try:
        overwrite(descriptor, f"{text}\n".encode())
    finally:
        os.close(descriptor)
    new.replace(path)
    sync_folder(path.parent)


class ApiTokens:
    """The tokens of a file, read again when it has changed: a revoked token is refused at once.

    An invalid change is logged once, and the previous tokens stay in use.

    Args:
        path: The file.
        monotonic: Returns seconds, to count failures.

    Raises:
        ConfigurationError: the file is invalid at start.
    """

    def __init__(self, path: Path, *, monotonic: Callable[[], float]) -> None:
        self._path = path
        self._state = _file_state(path)
        self._tokens = read_tokens(path)
        self._monotonic = monotonic
        self._failures: dict[str, int] = {}
        self._window_end = 0.0

    def check(self, text: bytes, *, method: str, path: str, client: str) -> Verdict:
        """Return the verdict on a token for a request; `client` is its address or network."""
        self._reload_if_changed()
        given = digest(text)
        # Every hash is compared, in constant time each.
        found = [token for token in self._tokens if hmac.compare_digest(token.sha256, given)]
        if not found:
            return Verdict.UNKNOWN if self._count_failure(client) <= MAX_FAILURES else Verdict.TOO_MANY
        return Verdict.ACCEPTED if found[0].opens(method, path) else Verdict.FORBIDDEN

    def _count_failure(self, client: str) -> int:
        """Count a wrong token; return how many the client has sent in this window.

        A correct token is accepted regardless: another client at the same address cannot block it.
        """
        now = self._monotonic()
        if now >= self._window_end:
            self._failures.clear()
            self._window_end = now + FAILURE_WINDOW_SECONDS
        if client not in self._failures and len(self._failures) >= MAX_CLIENTS:
            return MAX_FAILURES + 1
        self._failures[client] = self._failures.get(client, 0) + 1
        return self._failures[client]

    def _reload_if_changed(self) -> None:
        state = _file_state(self._path)
        if state == self._state:
            return
        # The state is taken before the file is read, so that a change in between is detected the next time.
        self._state = state
        log = structlog.get_logger()
        try:
            self._tokens = read_tokens(self._path)
        except ConfigurationError as error:
            log.error("the previous API tokens stay in use", error=str(error))  # noqa: TRY400 - the message is complete
        else:
            log.info("API tokens reloaded", tokens=len(self._tokens))


def _file_state(path: Path) -> FileState:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
