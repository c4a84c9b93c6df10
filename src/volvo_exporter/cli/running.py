"""Run a command: read its configuration, set up the log, and end with the right code and message."""

import errno
import os
import sys
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

import anyio
import click

from volvo_exporter import log, signals
from volvo_exporter.environment import Terminal
from volvo_exporter.login.terminal import lines_of
from volvo_exporter.problems import Invalid
from volvo_exporter.settings import Settings, load
from volvo_exporter.settings.draft import load_without_account
from volvo_exporter.volvo.errors import ConfigurationError, ExporterError

INVALID_CONFIGURATION = 2


class Misconfigured(click.ClickException):
    """Reports an invalid configuration before anything runs."""

    exit_code = INVALID_CONFIGURATION


config_option = click.option(
    "--config",
    # An unreadable file is described in full when it is read.
    type=click.Path(path_type=Path, dir_okay=False, readable=False),
    default=Path("config.yaml"),
    show_default=True,
    help="Configuration file. Every setting can also be set in the environment, as VOLVO_<SETTING>.",
)


def read_settings(config: Path, recent: log.Recent | None = None) -> Settings:
    """Return the settings, and set up the log so that it redacts their secrets."""
    return _apply(load(config), recent)


def read_pending_settings() -> Settings:
    """Return the settings of the environment while those of the account are missing, and set up the log."""
    return _apply(load_without_account(), None)


def _apply(read: Settings | Invalid, recent: log.Recent | None) -> Settings:
    match read:
        case Invalid(problems=problems):
            lines = (f"  {problem.setting}: {problem.message}" for problem in problems)
            raise Misconfigured("\n".join(("invalid configuration:", *lines)))
        case Settings() as settings:
            log.set_up(level=log_level(), stream=sys.stderr, secrets=settings.secret_values(), recent=recent)
            return settings


def log_level() -> str:
    """Return LOG_LEVEL of the environment; raises Misconfigured where there is no such level."""
    level = os.environ.get("LOG_LEVEL", "info").lower() or "info"
    if level not in log.LEVELS:
        message = f"LOG_LEVEL: must be one of {', '.join(log.LEVELS)}"  # the value may be a secret
        raise Misconfigured(message)
    return level


def open_terminal() -> Terminal:
    """Return the terminal of this process: stdout and stdin."""
    # Python sets stdin to None where it is closed; descriptor 0 may be another file by now.
    return Terminal(say=click.echo, read_line=lines_of(sys.stdin.fileno()) if sys.stdin else _read_nothing)


async def _read_nothing() -> None:
    """Return the end of input, for a closed stdin."""


def signalled() -> Callable[[], Awaitable[None]]:
    """Collect signals from now on; return a function that waits for the first."""
    return partial(anyio.wait_readable, signals.collect())


def run_until_stopped(function: Callable[[], Awaitable[None]]) -> None:
    """Run to the end or until a signal; a token renewal in progress is completed first."""
    stopped, done = signalled(), False

    async def run() -> None:
        nonlocal done
        async with anyio.create_task_group() as tasks:

            async def cancel() -> None:
                await stopped()
                tasks.cancel_scope.cancel()

            tasks.start_soon(cancel)
            await function()
            done = True
            tasks.cancel_scope.cancel()

    run_to_end(run)
    if not done:
        raise click.Abort


def run_to_end(function: Callable[[], object]) -> None:
    """Run to the end; the exporter's own errors end with a message, others with a traceback."""
    failure: click.ClickException | BrokenPipeError | None = None
    try:
        anyio.run(function)  # type: ignore[arg-type]
    except* ConfigurationError as errors:
        failure = Misconfigured(_first(errors))
    except* ExporterError as errors:
        failure = failure or click.ClickException(_first(errors))
    except* BrokenPipeError:
        failure = failure or BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))  # click ends quietly
    if failure:
        # Not raised above: in Python 3.11.2, Debian 12, what `except*` raises comes as a group, a traceback.
        raise failure


def _first(errors: BaseExceptionGroup[ExporterError]) -> str:
    error: BaseException = errors
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return str(error)
