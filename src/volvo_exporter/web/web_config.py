"""`web_config_file`: TLS, basic auth and headers, in the format of Prometheus's exporter-toolkit.

Names and behaviour follow docs/web-configuration.md of prometheus/exporter-toolkit; docs/security.md has
the differences. The file is checked for changes at each request, so that a change needs no restart.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import structlog
import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails

from volvo_exporter.problems import describe_error, describe_yaml_error
from volvo_exporter.volvo.errors import ConfigurationError
from volvo_exporter.web.tls import Tls, TlsServerConfig, build_context, follow, refuse

SETTING = "web_config_file"
BCRYPT = re.compile(r"\$2[aby]\$(0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{31}")
MAKE_HASH = """create one with: htpasswd -nBC 10 "" | tr -d ':\\n'"""
HEADERS: Mapping[str, tuple[str, ...]] = {
    "Content-Security-Policy": (),
    "Strict-Transport-Security": (),
    "X-Content-Type-Options": ("nosniff",),
    "X-Frame-Options": ("deny", "sameorigin"),
    "X-XSS-Protection": (),
}
"""The supported headers, and their valid values where only some are valid."""
UNSUPPORTED = {"rate_limit": "remove it, or use a reverse proxy"}
EMPTY_VALUES = ("", "~", "null", "Null", "NULL")
MESSAGES = {
    "extra_forbidden": "unknown key; check its spelling and indentation, or remove it",
    "missing": "required; set it to the path of the file",
    "string_type": "must be text",
    "dict_type": "must contain one `name: value` per line",
    "model_type": "must contain one `key: value` per line",
    "tuple_type": "must be a list, one `- name` per line",
    "path_type": "must be the path of a file",
}
"""Messages for a user of the file; those of Pydantic name types of Python."""

FileState = tuple[int, int, int] | None
"""Modification time, size and inode of a file, to detect changes; None if there is no file."""


def _without_empty(values: object) -> object:
    """Remove keys without a value; return an empty mapping for None."""
    if isinstance(values, dict):
        return {name: value for name, value in values.items() if value is not None}
    return {} if values is None else values


class HttpServerConfig(BaseModel):
    """The section `http_server_config`."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    http2: bool = Field(default=True, description="Ignored: the server supports HTTP/1.1 only.")
    headers: Annotated[dict[str, str], BeforeValidator(_without_empty)] = {}

    @model_validator(mode="before")
    @classmethod
    def _remove_empty(cls, values: object) -> object:
        return _without_empty(values)

    @field_validator("headers")
    @classmethod
    def _check_headers(cls, headers: dict[str, str]) -> dict[str, str]:
        for name, value in headers.items():
            if name not in HEADERS:
                message = f"only these headers are supported: {', '.join(HEADERS)}"
                raise ValueError(message)
            if value and HEADERS[name] and value not in HEADERS[name]:
                message = f"{name} must be {' or '.join(HEADERS[name])}"
                raise ValueError(message)
            if not re.fullmatch(r"[ -~]*", value):
                message = f"{name} must be one line of ASCII characters"
                raise ValueError(message)
        return {name: value for name, value in headers.items() if value}


class WebConfig(BaseModel):
    """Content of the file; if it is empty, there is no password and no TLS."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    tls_server_config: TlsServerConfig | None = None
    http_server_config: HttpServerConfig = HttpServerConfig()
    basic_auth_users: Annotated[dict[str, SecretStr], BeforeValidator(_without_empty)] = {}
    """Bcrypt hashes by username."""

    @model_validator(mode="before")
    @classmethod
    def _remove_empty(cls, values: object) -> object:
        return refuse(_without_empty(values), UNSUPPORTED)

    @field_validator("tls_server_config", mode="before")
    @classmethod
    def _is_off_when_empty(cls, section: object) -> object:
        return _without_empty(section) or None

    @field_validator("basic_auth_users")
    @classmethod
    def _check_users(cls, users: dict[str, SecretStr]) -> dict[str, SecretStr]:
        for number, (name, stored) in enumerate(users.items(), start=1):
            if ":" in name:
                message = f"the name of entry {number} contains a colon; choose a name without one"
                raise ValueError(message)
            if not BCRYPT.fullmatch(stored.get_secret_value()):
                message = f"the value of entry {number} is not a bcrypt hash; {MAKE_HASH}"
                raise ValueError(message)
        return users

    def users(self) -> Mapping[bytes, bytes]:
        """Return the hashes by username, both as bytes."""
        return {
            name.encode(): stored.get_secret_value().encode()
            for name, stored in self.basic_auth_users.items()
        }


def read(path: Path, *, may_be_empty: bool = True) -> WebConfig:
    """Read the file.

    Raises:
        ConfigurationError: the file is invalid; the message names every error, and no hash.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8"
        raise _invalid(path, [f"cannot be read ({reason}); fix the path or the file"]) from None
    if not may_be_empty and not text.strip():
        raise _invalid(
            path, ["is empty; check the disk, or restart the exporter to run without TLS and passwords"]
        )
    try:
        content = yaml.load(text, _Loader)  # noqa: S506 - the loader creates text, lists and dicts only
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as error:
        # ValueError and OverflowError: an escaped character that does not exist.
        raise _invalid(path, [describe_yaml_error(error)]) from None
    try:
        return WebConfig.model_validate({} if content is None else content)
    except ValidationError as error:
        raise _invalid(path, map(_explain, error.errors(include_url=False, include_input=False))) from None


class WebConfigFile:
    """The file, read again when it or a file that it names has changed.

    An invalid change is logged once, and the previous configuration stays in use.

    Raises:
        ConfigurationError: the file is invalid at start.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._states: Mapping[Path, FileState] = {}
        self._config, tls = self._load(may_be_empty=True)
        self._tls = tls
        self.tls = tls.context if tls else None
        """TLS context of the server, which follows the file; None without TLS. Adding or removing TLS needs a
        restart."""
        if tls:
            follow(tls.context, lambda: self._current(tls))

    def config(self) -> WebConfig:
        """Return the current configuration."""
        self._reload_if_changed()
        return self._config

    def _current(self, first: Tls) -> Tls:
        self._reload_if_changed()
        return self._tls or first

    def _reload_if_changed(self) -> None:
        if {path: _file_state(path) for path in self._states} == self._states:
            return
        log = structlog.get_logger()
        try:
            self._config, tls = self._load(may_be_empty=not self._config.basic_auth_users)
        except ConfigurationError as error:
            log.error("web_config_file is invalid; the previous configuration stays in use", error=str(error))  # noqa: TRY400 - the message is complete
            return
        log.info("web_config_file reloaded", file=str(self._path))
        self._tls = tls or self._tls
        if (self.tls is None) != (self._config.tls_server_config is None):
            log.warning("web_config_file: restart the exporter to switch TLS on or off")

    def _load(self, *, may_be_empty: bool) -> tuple[WebConfig, Tls | None]:
        # The state is read before the file, so that a change in between is detected the next time.
        seen = _file_state(self._path)
        self._states = {**self._states, self._path: seen}
        config = read(self._path, may_be_empty=may_be_empty)
        section, folder = config.tls_server_config, self._path.parent
        files = section.files(folder) if section else ()
        self._states = {self._path: seen} | {path: _file_state(path) for path in files}
        try:
            tls = Tls(section=section, context=build_context(section, folder)) if section else None
        except ConfigurationError as error:
            raise _invalid(self._path, [str(error)]) from None
        return config, tls


class _Loader(yaml.BaseLoader):
    """Reads every scalar as text, as the toolkit does (a username may be 007), and refuses duplicate keys."""

    def construct_scalar(self, node: yaml.ScalarNode) -> Any:
        """Return the text of a scalar; None if it is empty or null."""
        return None if node.style is None and node.value in EMPTY_VALUES else super().construct_scalar(node)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT002 - as in yaml
        """Return a mapping.

        Raises:
            ConstructorError: a key occurs twice.
        """
        mapping = super().construct_mapping(node, deep=deep)
        if len(mapping) < len(node.value):
            raise yaml.constructor.ConstructorError(None, None, "duplicate key", node.start_mark)
        return mapping


def _file_state(path: Path) -> FileState:
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _explain(detail: ErrorDetails) -> str:
    # An unusual key is not shown: it may be a hash, if username and hash were swapped.
    steps = [str(step) for step in detail["loc"] if step != "[key]"]
    if steps[:1] == ["basic_auth_users"]:
        steps = steps[:1]
    place = ".".join(step if re.fullmatch(r"[\w-]{1,40}", step) else "(a key)" for step in steps)
    text = describe_error(detail, texts=MESSAGES)
    return f"{place}: {text}" if place else text


def _invalid(path: Path, problems: Iterator[str] | list[str]) -> ConfigurationError:
    return ConfigurationError("\n  ".join((f"{SETTING}: {path} is invalid:", *problems)))
