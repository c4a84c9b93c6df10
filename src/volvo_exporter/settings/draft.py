"""Settings that are not in a file yet: check the four of an account, and write a new config.yaml."""

import math
import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import yaml
from pydantic import ValidationError

from volvo_exporter.problems import Invalid, Problem
from volvo_exporter.settings.accounts import REQUIRED, AccountFields
from volvo_exporter.settings.exporter import Settings
from volvo_exporter.settings.file import explain, validate
from volvo_exporter.settings.sections import plain

NAMES = tuple(setting for setting, _ in REQUIRED)
"""The settings of a draft."""
PENDING = {**{name: f"pending-{name}" for name in NAMES}, "redirect_uri": "http://localhost/pending"}
"""Values that stand for the missing ones, so that the other settings can be read and checked."""
HEAD = """\
# Written by the set-up page. Restart the exporter after a change.
# docs/configuration.md explains these and all other settings.
# Keep this file secret: it contains the client secret and the API key.
"""
COMMENTS = {
    "client_id": "From your published application at https://developer.volvocars.com/account/",
    "client_secret": "",
    "api_key": "The VCC API key (primary) of the same application.",
    "redirect_uri": "Exactly as registered with the application.",
    "exporter_listen_port": "Port to listen on, as in redirect_uri.",
}
"""The comment above each setting; settings without one belong to the setting above."""


def is_configured(path: Path, environment: Mapping[str, str]) -> bool:
    """Return whether there is a file, even an invalid one, or a setting of an account in the environment."""
    given = {name.upper() for name, value in environment.items() if value}
    names = ("accounts", *NAMES, *AccountFields.secrets_in_files())
    wanted = {f"VOLVO_{name}{end}".upper() for name in names for end in ("", "_file")}
    return os.path.lexists(path) or not given.isdisjoint(wanted)


def load_without_account() -> Settings | Invalid:
    """Read the settings of the environment; those of the account are only placeholders."""
    return validate(PENDING)


def read_values(values: Mapping[str, str]) -> tuple[dict[str, str], tuple[Problem, ...]]:
    """Return the valid values of a draft as the settings read them, and what is wrong with the others.

    Empty ones are left out.
    """
    read: dict[str, str] = {}
    problems: list[Problem] = []
    for name in NAMES:
        if values.get(name):
            try:
                fields = AccountFields(**{name: values[name]})
            except ValidationError as error:
                problems += explain(error)
            else:
                read[name] = str(plain(getattr(fields, name)))
    return read, tuple(problems)


def read_draft(values: Mapping[str, str]) -> Settings | Invalid:
    """Return the settings that a file with these values gives, or what is missing or invalid."""
    return validate({name: values[name] for name in NAMES if values.get(name)})


def render(settings: Settings) -> str:
    """Return the text of config.yaml for the settings of one account."""
    account = settings.complete_accounts[0]
    values: dict[str, object] = {
        "client_id": account.client_id,
        "client_secret": account.client_secret.get_secret_value(),
        "api_key": account.api_key.get_secret_value(),
        "redirect_uri": account.redirect_uri,
    }
    if settings.exporter_listen_port != Settings.model_fields["exporter_listen_port"].default:
        values["exporter_listen_port"] = settings.exporter_listen_port
    lines = [HEAD]
    for name, value in values.items():
        lines.append(f"\n# {COMMENTS[name]}\n" if COMMENTS[name] else "")
        lines.append(f"{name}: {_quoted(value) if isinstance(value, str) else value}\n")
    return "".join(lines)


def write_new(path: Path, text: str, *, link: Callable[[Path, Path], None] = os.link) -> None:
    """Write a new file, readable by its owner only; it is complete as soon as it exists.

    `link` gives a file a second name, unless that name is in use.

    Raises:
        FileExistsError: there is a file already; it is unchanged.
        OSError: the file cannot be written.
    """
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        try:
            link(Path(name), path)
        except FileExistsError:
            raise
        except OSError:  # FAT, and some file systems of networks and containers, have no hard links
            _create(path, text)
    finally:
        Path(name).unlink()


def _create(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError:
        path.unlink()
        raise


def _quoted(text: str) -> str:
    return yaml.safe_dump(text, default_style='"', width=math.inf, allow_unicode=True).strip()
