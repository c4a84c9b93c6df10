"""Connections to the journal's database, and what its errors mean."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import URL, Connection, Engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from volvo_exporter.journal.failures import JournalDamaged, JournalUnavailable
from volvo_exporter.journal.location import Location

BUSY_SECONDS = 5
"""How long another process is waited for."""
CONNECT_SECONDS = 10
PRAGMAS = (
    "auto_vacuum = INCREMENTAL",  # before the first table
    "journal_mode = WAL",
    "synchronous = NORMAL",
    "foreign_keys = ON",
)
_DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_REASONS = {
    sqlite3.SQLITE_FULL: "the disk is full; free some space",
    sqlite3.SQLITE_READONLY: "the file or its folder is read-only; change the owner or the mode",
    sqlite3.SQLITE_CANTOPEN: "the file cannot be opened; check that its folder exists and is writable",
    sqlite3.SQLITE_PERM: "permission denied; change the owner or the mode",
    sqlite3.SQLITE_BUSY: "the file is locked by another program",
    sqlite3.SQLITE_LOCKED: "the file is locked by another program",
    sqlite3.SQLITE_IOERR: "the disk reports an error",
}
_PRIMARY = 0xFF
"""The part of SQLite's result codes that has a meaning of its own; the rest is detail."""


def connect(location: Location, *, read_only: bool = False) -> Engine:
    """Return an engine for a journal. Nothing is opened yet."""
    # Parameters are hidden, since they contain VINs and positions.
    if location.file is None:
        url = make_url(location.url).set(drivername="postgresql+psycopg")
        arguments = {"connect_timeout": CONNECT_SECONDS, "application_name": "volvo-exporter"}
        return sa.create_engine(
            url, hide_parameters=True, pool_size=2, pool_pre_ping=True, connect_args=arguments
        )
    engine = sa.create_engine(
        URL.create("sqlite", database=str(location.file)),
        hide_parameters=True,
        connect_args={"timeout": BUSY_SECONDS},
    )
    _prepare(engine, read_only=read_only)
    return engine


@contextmanager
def connected(location: Location, *, read_only: bool = False) -> Iterator[Engine]:
    """Return an engine for a journal, and close its connections at the end."""
    engine = connect(location, read_only=read_only)
    try:
        yield engine
    finally:
        engine.dispose()


def create_private(file: Path) -> None:
    """Create a file that its owner alone can read; SQLite gives the files beside it the same mode."""
    file.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))


def _prepare(engine: Engine, *, read_only: bool) -> None:
    """Set what each connection to SQLite needs; the driver begins no transaction of its own."""

    def on_connect(connection: DBAPIConnection, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in PRAGMAS if not read_only else ("query_only = ON",):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    def on_begin(connection: Connection) -> None:
        # A transaction that reads before it writes would fail if another process wrote in between.
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    event.listen(engine, "connect", on_connect)
    event.listen(engine, "begin", on_begin)


@contextmanager
def failures() -> Iterator[None]:
    """Raise JournalUnavailable or JournalDamaged for an error of the database or the disk."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        cause = JournalDamaged if is_damage(error) else JournalUnavailable
        raise cause(describe(error)) from error


def is_damage(error: BaseException) -> bool:
    """Return whether an error means that the file is not a database any more."""
    return _code(error) in _DAMAGE


def describe(error: BaseException) -> str:
    """Return the reason of an error without rows, which contain VINs and positions."""
    code = _code(error)
    if code is not None:
        return _REASONS.get(code, "the file is damaged" if code in _DAMAGE else f"SQLite error {code}")
    if isinstance(error, OSError):
        reason = error.strerror or type(error).__name__
        return f"{error.filename}: {reason}" if error.filename else reason
    if isinstance(error, DBAPIError) and isinstance(error.orig, Exception):
        return f"the database reports {type(error.orig).__name__}: {_first_line(error.orig)}"
    return type(error).__name__


def _first_line(error: Exception) -> str:
    # The lines below it have the row.
    return next(iter(str(error).splitlines()), "")


def _code(error: BaseException) -> int | None:
    cause = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(cause, "sqlite_errorcode", None)
    return None if code is None else code & _PRIMARY
