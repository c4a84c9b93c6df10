"""`volvo-exporter token`: create, list and revoke the API tokens of machines."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click

from volvo_exporter.cli.running import config_option, read_settings
from volvo_exporter.environment import Environment
from volvo_exporter.volvo.errors import ConfigurationError
from volvo_exporter.web.api_tokens import NAME, SETTING, Right, create_token, read_tokens, write_tokens


@click.group()
def token() -> None:
    """Create, list or revoke API tokens, with which machines read metrics and JSON."""


@token.command()
@config_option
@click.argument("name")
@click.option(
    "--right",
    type=click.Choice([right.value for right in Right]),
    default=Right.READ.value,
    show_default=True,
    help="read: /metrics and the JSON API; metrics: /metrics only.",
)
def create(config: Path, name: str, right: str) -> None:
    """Create the token NAME and print it once; only its hash is stored.

    NAME is the machine that uses it, e.g. evcc or homeassistant.
    """
    if not re.fullmatch(NAME, name):
        message = "must be 1 to 40 letters, digits, dots, hyphens or underscores"
        raise click.BadParameter(message, param_hint="NAME")
    environment = Environment.of_this_machine()
    with _errors():
        file = _file(config)
        tokens = read_tokens(file)
        if any(known.name == name for known in tokens):
            message = f"NAME: {name} exists; revoke it first, or choose another name"
            raise ConfigurationError(message)
        new, text = create_token(
            name, Right(right), token_urlsafe=environment.token_urlsafe, now=environment.clock()
        )
        write_tokens(file, (*tokens, new))
    click.echo(text)
    click.echo("Copy it now: it is not shown again.", err=True)


@token.command("list")
@config_option
def list_command(config: Path) -> None:
    """List the names, rights and dates of the tokens."""
    with _errors():
        tokens = read_tokens(_file(config))
    for known in tokens:
        created = datetime.fromtimestamp(known.created, UTC)
        click.echo(f"{known.name:40} {known.right.value:8} {created:%Y-%m-%d}")


@token.command()
@config_option
@click.argument("name")
def revoke(config: Path, name: str) -> None:
    """Revoke the token NAME; a running exporter refuses it at once."""
    with _errors():
        file = _file(config)
        tokens = read_tokens(file)
        kept = [known for known in tokens if known.name != name]
        if len(kept) == len(tokens):
            message = "NAME: unknown token; see `volvo-exporter token list`"
            raise ConfigurationError(message)
        write_tokens(file, kept)
    click.echo(f"Revoked {name}.")


@contextmanager
def _errors() -> Iterator[None]:
    """End with 2 for a wrong configuration or usage, with 1 for a failure, and without a traceback."""
    try:
        yield
    except ConfigurationError as error:
        raise click.UsageError(str(error)) from None
    except OSError as error:
        message = f"{SETTING}: cannot be written ({error.strerror or type(error).__name__})"
        raise click.ClickException(message) from None


def _file(config: Path) -> Path:
    """Return the file of the tokens; raises ConfigurationError where it is not set."""
    if file := read_settings(config).api_tokens_file:
        return file
    message = f"{SETTING}: is not set; add e.g. `{SETTING}: api_tokens.json` to {config}"
    raise ConfigurationError(message)
