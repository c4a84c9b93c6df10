"""A section of settings: secrets can be given in files, and lines without a value are omitted."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, SecretStr, model_validator
from pydantic.fields import FieldInfo
from pydantic_settings import SettingsConfigDict

from volvo_exporter.fields import read_credential
from volvo_exporter.ownership import describe_denial


class Section(BaseModel):
    """Settings that belong together.

    A secret `x` can be read from a file, if the section also has a field `x_file`.
    """

    model_config = SettingsConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _read_values(cls, values: object) -> object:
        if isinstance(values, cls):
            return values
        if not isinstance(values, dict):
            message = f"must contain settings, one per line, e.g. `{next(iter(cls.model_fields))}: …`"
            raise ValueError(message)  # noqa: TRY004 - pydantic turns no TypeError into a problem
        return dict(_with_secrets(values, cls.secrets_in_files()))

    @classmethod
    def secrets_in_files(cls) -> tuple[str, ...]:
        """Return the names of the secrets that can be read from a file."""
        return tuple(
            name
            for name, field in cls.model_fields.items()
            if SecretStr in _parts(field.annotation) and f"{name}_file" in cls.model_fields
        )


def section_of(field: FieldInfo) -> type[Section] | None:
    """Return the section that a field holds: one, an optional one, or a list of them; None for a value."""
    types = (part for part in _parts(field.annotation) if isinstance(part, type) and not get_args(part))
    return next((part for part in types if issubclass(part, Section)), None)


def _parts(annotation: object) -> Iterator[object]:
    """Yield an annotation and those inside it: of a union, a list or an optional value."""
    yield annotation
    for inner in get_args(annotation):
        yield from _parts(inner)


def secrets_of(value: object) -> Iterator[str]:
    """Yield all secrets of settings in plain text, those of their sections included."""
    match value:
        case SecretStr():
            if text := value.get_secret_value():
                yield text
        case BaseModel():
            for name in type(value).model_fields:
                yield from secrets_of(getattr(value, name))
        case tuple():
            for item in value:
                yield from secrets_of(item)


def plain(value: object) -> object:
    """Return the text of a secret; any other value unchanged."""
    return value.get_secret_value() if isinstance(value, SecretStr) else value


def describe_unreadable(error: Exception, file: Path | str) -> str:
    """Return why a file cannot be read, and the fix where there is one."""
    if isinstance(error, PermissionError):
        return describe_denial(Path(file), uid=os.geteuid())
    if isinstance(error, UnicodeDecodeError):
        return "not UTF-8; save the file as UTF-8"
    return getattr(error, "strerror", None) or "not the path of a file"


def _with_secrets(values: dict[str, Any], secrets: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    """Yield the given values (`vin:` without a value is omitted) and the secrets read from files."""
    yield from ((setting, value) for setting, value in values.items() if value is not None)
    for secret in secrets:
        file = values.get(f"{secret}_file")
        if file is None:
            continue
        if plain(values.get(secret)):
            message = f"{secret}: set either {secret} or {secret}_file, not both"
            raise ValueError(message)
        try:
            # Notepad and PowerShell put a byte order mark before the text.
            text = Path(file).read_text(encoding="utf-8-sig").strip()
        except (OSError, UnicodeDecodeError, TypeError) as error:
            message = f"{secret}_file: cannot be read ({describe_unreadable(error, file)})"
            raise ValueError(message) from None
        if not text:
            message = f"{secret}_file: the file is empty; write the value into it"
            raise ValueError(message)
        try:
            yield secret, read_credential(text)
        except ValueError as error:
            message = f"{secret}_file: invalid content: {error}"
            raise ValueError(message) from None
