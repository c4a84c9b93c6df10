"""Describe errors of a configuration: the problem, then the fix. Imports no other module of the package."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import yaml
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

ALIASES: Mapping[str, str] = MappingProxyType(
    {
        **dict.fromkeys(
            ("port", "listen_port", "exporter_port", "http_port", "metrics_port"), "exporter_listen_port"
        ),
        **dict.fromkeys(
            ("host", "address", "bind", "listen", "listen_addr", "listen_address", "exporter_listen_address"),
            "exporter_listen_addr",
        ),
        **dict.fromkeys(
            ("interval", "poll_interval", "polling_interval", "scan_interval", "update_interval"),
            "scrape_interval",
        ),
        **dict.fromkeys(("secret", "app_secret", "application_secret"), "client_secret"),
        **dict.fromkeys(("id", "app_id", "application_id"), "client_id"),
        **dict.fromkeys(("key", "vcc_api_key", "primary_key", "vcc_api_key_primary"), "api_key"),
        **dict.fromkeys(
            ("redirect", "redirect_url", "callback", "callback_url", "callback_uri"), "redirect_uri"
        ),
        **dict.fromkeys(("vehicle", "vehicles", "car", "cars"), "vin"),
        **dict.fromkeys(("token", "token_path"), "token_file"),
        **dict.fromkeys(
            ("openweathermap_api_key", "openweather_api_key", "owm_api_key", "weather_key"), "weather_api_key"
        ),
        **dict.fromkeys(("tls", "tls_server_config", "basic_auth", "basic_auth_users"), "web_config_file"),
        **dict.fromkeys(("labels", "extra_labels"), "vehicle_labels"),
        **dict.fromkeys(("names", "car_names", "aliases"), "vehicle_names"),
        **dict.fromkeys(("quota", "call_limit"), "daily_quota"),
        **dict.fromkeys(("position", "location"), "privacy.position"),
        **dict.fromkeys(("log_level", "loglevel", "level"), "LOG_LEVEL in the environment"),
    }
)
"""Names of these settings in other programs; `difflib` finds only similar spellings."""

MIN_SIMILARITY = 0.7
"""Ratio of `difflib` from which a name is suggested. Chosen: finds one or two typing errors."""
TYPES: Mapping[str, str] = MappingProxyType(
    {
        "tuple_type": "must be text in quotes, or a list",
        "string_type": "must be text; put it in quotes",
        "dict_type": "must contain one `key: value` per line",
        "model_type": "must contain settings, one per line, e.g. `client_id: …`",
        "string_too_short": "must not be empty; remove the line for the default",
        "path_type": "must be the path of a file",
        "bool_type": "must be true or false",
        "bool_parsing": "must be true or false",
        "missing": "is missing; add it",
    }
)
"""Texts by the type of Pydantic's error."""
NUMBERS: Mapping[str, str] = MappingProxyType(
    {
        "float_type": "a number",
        "float_parsing": "a number",
        "finite_number": "a number",
        "int_type": "a whole number",
        "int_parsing": "a whole number",
        "int_parsing_size": "a whole number",
        "int_from_float": "a whole number",
        "greater_than_equal": "",
        "less_than_equal": "",
    }
)
"""Kinds of number by the type of Pydantic's error."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One error of the configuration."""

    setting: str
    message: str
    """The problem and the fix."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Invalid:
    """An invalid configuration and all its errors."""

    problems: tuple[Problem, ...]


def describe_error(
    detail: ErrorDetails, field: FieldInfo | None = None, texts: Mapping[str, str] = TYPES
) -> str:
    """Return the message for an error of Pydantic, with the bounds of the `field` if it has any."""
    kind = detail["type"]
    if kind in NUMBERS:
        return "must be " + ", ".join(filter(None, (NUMBERS[kind], describe_bounds(field))))
    if kind == "literal_error":
        expected = str(detail["ctx"]["expected"])
        return f"must be one of {expected.replace(chr(39), '').replace(' or ', ', ')}"
    return texts.get(kind) or TYPES.get(kind) or detail["msg"].removeprefix("Value error, ")


def describe_bounds(field: FieldInfo | None) -> str:
    """Return the range of a number: `between 10 and 86400`, `at least 1`, or nothing."""
    metadata: list[Any] = field.metadata if field else []
    low = next((bound.ge for bound in metadata if hasattr(bound, "ge")), None)
    high = next((bound.le for bound in metadata if hasattr(bound, "le")), None)
    if low is None:
        return ""
    return f"at least {low}" if high is None else f"between {low} and {high}"


def describe_unknown(name: str, known: Iterable[str], aliases: Mapping[str, str] = ALIASES) -> str:
    """Return the message for an unknown setting: suggest the nearest known one, or to remove it."""
    name = name.lower().replace("-", "_").replace(" ", "_")
    close = difflib.get_close_matches(name, list(known), n=1, cutoff=MIN_SIMILARITY)
    meant = aliases.get(name) or next(iter(close), None)
    return f"unknown setting; {f'did you mean {meant}?' if meant else 'remove it'}"


def describe_yaml_error(error: Exception) -> str:
    """Return the message for an invalid YAML file, with the line of the error."""
    if isinstance(error, RecursionError):
        return "is not valid YAML: nested too deeply; check for unclosed brackets"
    mark = getattr(error, "problem_mark", None)
    place = f" (line {mark.line + 1})" if mark else ""
    if isinstance(error, yaml.MarkedYAMLError) and "'\\t'" in (error.problem or ""):
        return f"is not valid YAML{place}: contains a tab; use spaces instead"
    if isinstance(error, yaml.constructor.ConstructorError):
        return f"is not valid YAML{place}: {error.problem}"
    return f"is not valid YAML{place}: check quotes, colons and indentation"
