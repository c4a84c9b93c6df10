"""`volvo-exporter journal`: back up, copy, export and derive again."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TextIO

import click

from volvo_exporter import __version__
from volvo_exporter.cli.running import config_option, read_settings
from volvo_exporter.journal.failures import JournalUnavailable
from volvo_exporter.journal.library import Kind
from volvo_exporter.journal.location import Location, check, locate
from volvo_exporter.settings import Settings
from volvo_exporter.volvo.errors import ConfigurationError


@click.group()
def journal() -> None:
    """Back up, copy, export or rebuild the journal of drives and charges."""


@journal.command()
@config_option
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
def backup(config: Path, file: Path | None) -> None:
    """Copy the journal to FILE, also while the exporter runs.

    The default is today's file in the folder `backups` beside the journal. To restore a backup, stop the
    exporter, delete the files -wal and -shm of the journal, and copy the backup to its path.
    """
    with _errors():
        click.echo(f"Backup written to {_back_up(_location(read_settings(config)), file)}.")


@journal.command()
@config_option
@click.option(
    "--to", "target", required=True, help="postgresql://user@host/database, or the path of a new file."
)
def copy(config: Path, target: str) -> None:
    """Copy the journal to an empty database.

    Stop the exporter first: what it records meanwhile is not copied. The password can be given in the
    environment variable PGPASSWORD, where other users cannot see it. Then set `database_url` (or
    `journal_file`) to the new place.
    """
    with _errors():
        for name, number in _copy(_location(read_settings(config)), target).items():
            click.echo(f"{name}: {number} rows")
    is_url = target.startswith(("postgresql://", "postgres://"))
    click.echo(
        f"Copied. To use the copy, set {'database_url' if is_url else 'journal_file'} and start the exporter."
    )


@journal.command()
@config_option
@click.option("--vin", help="Only this vehicle; by default all.")
def rebuild(config: Path, vin: str | None) -> None:
    """Derive drives, charges and refuelling again from the whole log, also while the exporter runs."""
    with _errors():
        settings = read_settings(config)
        before, after = _rebuild(settings, _location(settings), vin)
    click.echo(f"{'events':12} {'before':>8} {'after':>8}")
    for kind in Kind:
        click.echo(f"{kind:12} {before[kind]:>8} {after[kind]:>8}")


@journal.command()
@config_option
@click.option("--format", "form", type=click.Choice(["jsonl"]), default="jsonl", show_default=True)
@click.option("--output", type=click.File("w", encoding="utf-8"), default="-", help="Default: stdout.")
def export(config: Path, form: str, output: TextIO) -> None:  # noqa: ARG001 - one format so far
    """Print the whole log as JSON lines: observations, runs, starts and stops, corrections."""
    with _errors():
        _export(_location(read_settings(config)), output)


@contextmanager
def _errors() -> Iterator[None]:
    """End with 2 for a wrong configuration or usage, with 1 for a failure, and without a traceback."""
    try:
        yield
    except ConfigurationError as error:
        raise click.UsageError(str(error)) from None
    except JournalUnavailable as error:
        message = f"journal: {error}"
        raise click.ClickException(message) from None
    except BrokenPipeError:
        raise  # click ends quietly
    except OSError as error:
        raise click.ClickException(error.strerror or type(error).__name__) from None


def _location(settings: Settings) -> Location:
    """Return where the journal is; raises ConfigurationError where there is none."""
    if settings.journal == "off":
        message = "journal: is off; set journal: on to use this command"
        raise ConfigurationError(message)
    location = locate(settings.journal_path, settings.database_url)
    check(location)
    if location.file and not location.file.exists():
        message = (
            f"journal_file: {location.file} does not exist; start the exporter once, or correct the path"
        )
        raise ConfigurationError(message)
    return location


def _back_up(location: Location, file: Path | None) -> Path:
    from volvo_exporter.journal.backups import back_up, daily  # noqa: PLC0415 - see _copy

    if location.file is None:
        message = "database_url: back up PostgreSQL with pg_dump, or copy the journal with `journal copy`"
        raise ConfigurationError(message)
    target = file or daily(location.file, now=time.time())
    if file and file.exists():
        message = f"{file} exists; choose another name, or remove it"
        raise ConfigurationError(message)
    back_up(location.file, target)
    return target


def _copy(location: Location, target: str) -> dict[str, int]:
    # Imported by the commands alone: SQLAlchemy takes a second to import.
    from volvo_exporter.journal.copying import copy  # noqa: PLC0415
    from volvo_exporter.journal.engine import connected, create_private  # noqa: PLC0415

    is_url = target.startswith(("postgresql://", "postgres://"))
    _check_target(target, is_url=is_url)
    place = Location(url=target) if is_url else Location(file=Path(target))
    check(place)
    if place.file:
        create_private(place.file)
    with connected(location, read_only=True) as reading, connected(place) as writing:
        return dict(copy(reading, writing))


def _check_target(target: str, *, is_url: bool) -> None:
    """Raise ConfigurationError where a target is a wrong URL; the message does not contain its password."""
    from sqlalchemy import make_url  # noqa: PLC0415 - see _copy
    from sqlalchemy.exc import ArgumentError  # noqa: PLC0415

    message = "--to: must be a path, or a URL such as postgresql://user:password@host/name"
    if not is_url and "://" in target:
        raise ConfigurationError(message)
    try:
        if is_url:
            make_url(target)
    except (ArgumentError, ValueError):
        raise ConfigurationError(message) from None


def _rebuild(settings: Settings, location: Location, vin: str | None) -> tuple[Counter[Kind], Counter[Kind]]:
    """Return the number of events before and after, by kind."""
    from volvo_exporter.journal.deriving import build_deriver  # noqa: PLC0415 - see _copy
    from volvo_exporter.journal.writer import Writer  # noqa: PLC0415

    before: Counter[Kind] = Counter()
    after: Counter[Kind] = Counter()
    deriver = build_deriver(settings.usable_battery_capacity)
    with closing(Writer(location, deriver, version=__version__)) as writer:
        known = writer.vins()
        if vin and vin.strip().upper() not in known:
            message = "--vin: the journal has no such vehicle"
            raise ConfigurationError(message)
        for one in [vin.strip().upper()] if vin else known:
            before.update(writer.count(one))
            writer.rebuild(one, now=time.time())
            after.update(writer.count(one))
    return before, after


def _export(location: Location, output: TextIO) -> None:
    from volvo_exporter.journal.engine import connected, failures  # noqa: PLC0415 - see _copy
    from volvo_exporter.journal.export import export  # noqa: PLC0415

    with connected(location, read_only=True) as engine, engine.connect() as connection:
        lines = export(connection)
        while True:
            # Only reading: an error of the output is none of the journal.
            with failures():
                line = next(lines, None)
            if line is None:
                break
            output.write(f"{line}\n")
        output.flush()
