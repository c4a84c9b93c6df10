"""`volvo-exporter journal`: back up, copy, export and derive again."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

import click

from volvo_exporter import __version__
from volvo_exporter.journal.failures import JournalUnavailable
from volvo_exporter.journal.location import Location, check, locate
from volvo_exporter.settings import Settings
from volvo_exporter.volvo.errors import ConfigurationError

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def journal_commands(config_option: Decorator, read: Callable[[Path], Settings]) -> click.Group:
    """Return the group of commands.

    Args:
        config_option: Adds the option `--config`.
        read: Reads the settings; ends the command where they are invalid.
    """

    @click.group()
    def journal() -> None:
        """Back up, copy, export or rebuild the journal of drives and charges."""

    @journal.command()
    @config_option
    @click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
    def backup(config: Path, file: Path | None) -> None:
        """Copy the journal to FILE, also while the exporter runs.

        The default is today's file in the folder `backups` beside the journal. To restore a backup, stop the
        exporter and copy it to the path of the journal.
        """
        with _errors():
            click.echo(f"Backup written to {_back_up(_location(read(config)), file)}.")

    @journal.command()
    @config_option
    @click.option(
        "--to", "target", required=True, help="postgresql://user@host/database, or the path of a new file."
    )
    def copy(config: Path, target: str) -> None:
        """Copy the journal to an empty database.

        The password can be given in the environment variable PGPASSWORD, where other users cannot see it.
        Then set `database_url` (or `journal_file`) to the new place.
        """
        with _errors():
            for name, number in _copy(_location(read(config)), target).items():
                click.echo(f"{name}: {number} rows")

    @journal.command()
    @config_option
    @click.option("--vin", help="Only this vehicle; by default all.")
    def rebuild(config: Path, vin: str | None) -> None:
        """Derive drives, charges and refuelling again from the whole log."""
        with _errors():
            settings = read(config)
            number = _rebuild(settings, _location(settings), vin)
            click.echo(f"Rebuilt {number} vehicle{'' if number == 1 else 's'}.")

    @journal.command()
    @config_option
    @click.option("--format", "form", type=click.Choice(["jsonl"]), default="jsonl", show_default=True)
    @click.option("--output", type=click.File("w", encoding="utf-8"), default="-", help="Default: stdout.")
    def export(config: Path, form: str, output: TextIO) -> None:  # noqa: ARG001 - one format so far
        """Print the whole log as JSON lines: observations, runs, starts and stops, corrections."""
        with _errors():
            _export(_location(read(config)), output)

    return journal


@contextmanager
def _errors() -> Iterator[None]:
    """End with 2 for a wrong configuration or usage, with 1 for a failure."""
    try:
        yield
    except ConfigurationError as error:
        raise click.UsageError(str(error)) from None
    except JournalUnavailable as error:
        message = f"journal: {error}"
        raise click.ClickException(message) from None


def _location(settings: Settings) -> Location:
    """Return where the journal is; raises ConfigurationError where there is none."""
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
    from volvo_exporter.journal.engine import connect, create_private, failures  # noqa: PLC0415

    is_url = target.startswith(("postgresql://", "postgres://"))
    place = Location(url=target) if is_url else Location(file=Path(target))
    check(place)
    if place.file:
        create_private(place.file)
    with failures():
        return dict(copy(connect(location, read_only=True), connect(place)))


def _rebuild(settings: Settings, location: Location, vin: str | None) -> int:
    from volvo_exporter.journal.deriving import build_deriver  # noqa: PLC0415 - see _copy
    from volvo_exporter.journal.writer import Writer  # noqa: PLC0415

    writer = Writer(location, build_deriver(settings.usable_battery_capacity), version=__version__)
    known = writer.vins()
    if vin and vin.strip().upper() not in known:
        message = "--vin: the journal has no such vehicle"
        raise ConfigurationError(message)
    chosen = [vin.strip().upper()] if vin else known
    for one in chosen:
        writer.rebuild(one, now=time.time())
    writer.close()
    return len(chosen)


def _export(location: Location, output: TextIO) -> None:
    from volvo_exporter.journal.engine import connect, failures  # noqa: PLC0415 - see _copy
    from volvo_exporter.journal.export import export  # noqa: PLC0415

    with failures(), connect(location, read_only=True).connect() as connection:
        output.writelines(f"{line}\n" for line in export(connection))
