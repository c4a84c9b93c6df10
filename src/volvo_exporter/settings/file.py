"""Read the settings from a file and the environment, and describe what is invalid."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import SettingsError

from volvo_exporter.problems import (
    TYPES,
    Invalid,
    Problem,
    describe_error,
    describe_unknown,
    describe_yaml_error,
)
from volvo_exporter.settings.accounts import AccountFields
from volvo_exporter.settings.exporter import Settings
from volvo_exporter.settings.sections import describe_unreadable, section_of

EXPECTED_SETTINGS = TYPES["model_type"]


def load(path: Path) -> Settings | Invalid:
    """Read the settings from a file, if it exists, and from the environment, which overrides it."""
    content = _read(path)
    if isinstance(content, Invalid):
        return content
    hint = Problem(
        setting=str(path), message="not found; copy config.example.yaml to this path and fill it in"
    )
    return validate(content, *(() if path.exists() else (hint,)))


def validate(content: Mapping[str, Any], *hints: Problem) -> Settings | Invalid:
    """Return the settings of a file's content and of the environment, which overrides it.

    `hints` precede the problems of the values, if there are any.
    """
    try:
        return Settings(**content)
    except SettingsError as error:
        setting = str(error).split('"')[1]  # pydantic names it in its message only
        return _invalid(f"VOLVO_{setting.upper()}", "must be JSON in the environment")
    except RecursionError:
        return _invalid("the environment", "a value is nested too deeply; check for unclosed brackets")
    except ValidationError as error:
        return Invalid(problems=(*hints, *explain(error)))


def explain(error: ValidationError) -> tuple[Problem, ...]:
    """Return the problems that Pydantic has found."""
    details = error.errors(include_url=False)
    return tuple(problem for detail in details for problem in _explain(detail))


def _read(path: Path) -> dict[str, Any] | Invalid:
    """Read the settings of a file; empty if it does not exist."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else {}
    except (OSError, UnicodeDecodeError) as error:
        return _invalid(str(path), f"cannot be read: {describe_unreadable(error, path)}")
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as error:
        # ValueError, OverflowError: a date or letter that does not exist
        return _invalid(str(path), describe_yaml_error(error))
    settings = content or {}
    if not isinstance(settings, dict) or not all(isinstance(key, str) for key in settings):
        return _invalid(str(path), EXPECTED_SETTINGS)
    return settings


def _invalid(setting: str, message: str) -> Invalid:
    return Invalid(problems=(Problem(setting=setting, message=message),))


def _explain(detail: ErrorDetails) -> Iterator[Problem]:
    """Convert an error of Pydantic to one problem for each line of its message."""
    setting = ".".join(str(step) for step in detail["loc"])
    section = _section(detail["loc"])
    if detail["type"] == "extra_forbidden":
        name = str(detail["loc"][-1])
        if section is Settings:
            message = describe_unknown(name, (*Settings.model_fields, "name"))
        else:
            message = describe_unknown(name, section.model_fields, aliases={})
        yield Problem(setting=setting, message=message)
        return
    field = section.model_fields.get(str(detail["loc"][-1])) if detail["loc"] else None
    within = _section((*detail["loc"], "")).model_fields
    for message in describe_error(detail, field).splitlines():
        named, _, rest = message.partition(": ")
        if rest and (not setting or named in within):
            yield Problem(setting=f"{setting}.{named}" if setting else named, message=rest)
        else:
            yield Problem(setting=setting or "accounts", message=message)


def _section(place: tuple[int | str, ...]) -> type[BaseModel]:
    """Return the section that contains the setting at a place; those of an account are settings as well."""
    section: type[BaseModel] = Settings
    for step in place[:-1]:
        field = section.model_fields.get(str(step))
        inner = section_of(field) if field else None
        section = section if inner is None or issubclass(inner, AccountFields) else inner
    return section
