"""The one exporter that writes a journal: a lock that ends with its process, also after a crash.

Two exporters would record every answer twice, and each would take the other's rows for its own.
"""

from pathlib import Path
from typing import Protocol

import sqlalchemy as sa
from filelock import FileLock, Timeout
from sqlalchemy import Connection

from volvo_exporter.journal.failures import JournalUnavailable
from volvo_exporter.journal.location import Location

IN_USE = "another exporter writes this journal; stop it, or choose another journal_file or database_url"
_HELD = "owns_journal"
# Locks of PostgreSQL belong to a database; the journal belongs to a schema of it.
_LOCK = sa.text("SELECT pg_try_advisory_lock(hashtextextended('volvo_exporter.' || current_schema(), 0))")
_KEEPALIVE = (
    "SELECT set_config('tcp_keepalives_idle', '30', false),"
    " set_config('tcp_keepalives_interval', '10', false),"
    " set_config('tcp_keepalives_count', '3', false)"
)
"""The server ends a session within a minute after the network was lost, and the lock with it.

With the usual two hours an exporter would have to wait for the lock of its own lost connection.
"""


class Owner(Protocol):
    """Holds the journal for one process."""

    def claim(self) -> None:
        """Take a lock on the place; raises JournalUnavailable where another process has it, and OSError."""

    def claim_session(self, connection: Connection) -> None:
        """Take the lock of a database's session; raises JournalUnavailable where another session has it."""

    def release(self) -> None:
        """Release a lock on the place. That of a session ends with its connection."""


class NoOwner:
    """Holds nothing: a command that writes beside the exporter, one transaction at a time."""

    def claim(self) -> None:
        """Take nothing."""

    def claim_session(self, connection: Connection) -> None:
        """Take nothing."""

    def release(self) -> None:
        """Release nothing."""


class FileOwner:
    """Holds a journal of SQLite through the file `….lock` beside it.

    Args:
        file: The journal.
    """

    def __init__(self, file: Path) -> None:
        # Each call comes from another thread.
        self._lock = FileLock(file.with_name(f"{file.name}.lock"), timeout=0, mode=0o600, thread_local=False)
        self._folder = file.parent

    def claim(self) -> None:
        """Take the lock; raises JournalUnavailable where another process has it, and OSError."""
        if self._lock.is_locked:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            self._lock.acquire()
        except Timeout:
            raise JournalUnavailable(IN_USE) from None

    def claim_session(self, connection: Connection) -> None:
        """Take nothing: the file is locked."""

    def release(self) -> None:
        """Release the lock."""
        self._lock.release()


class SessionOwner:
    """Holds a journal of PostgreSQL through an advisory lock of the connection that writes."""

    def claim(self) -> None:
        """Take nothing: sessions have the lock."""

    def claim_session(self, connection: Connection) -> None:
        """Take the lock where this connection does not have it, as after a reconnect."""
        if _HELD in connection.info:
            return
        connection.exec_driver_sql(_KEEPALIVE)
        if not connection.scalar(_LOCK):
            raise JournalUnavailable(IN_USE)
        connection.commit()  # only the transaction ends
        connection.info[_HELD] = True

    def release(self) -> None:
        """Release nothing: the lock ends with the connection."""


def owner_of(location: Location) -> Owner:
    """Return who holds a journal for the exporter."""
    return SessionOwner() if location.file is None else FileOwner(location.file)
