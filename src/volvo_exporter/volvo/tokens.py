"""The token file: stores a login so that no crash, full disk or second process can lose it.

A refresh token can be used once (Volvo ID rotates it), so the newest one must be on disk before anything
else happens. More files, each readable by its owner only:

    volvo_token.json.bak        the token before the newest one; read where the file itself cannot be
    volvo_token.json.tmp        where the next token is written; renamed to the file itself once it is durable
    volvo_token.json.received   the answer of Volvo ID, stored as it arrives (`renewals`)
    volvo_token.json.lock       held while a token is renewed, by whichever process does it

A process killed before renaming leaves a complete `.received` or `.tmp`: the next process finishes its work,
at its start or with the lock.
"""

import errno
import os
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path

import anyio
from filelock import FileLock

from volvo_exporter.volvo import disk
from volvo_exporter.volvo.codec import Token, decode, encode
from volvo_exporter.volvo.errors import LOG_IN, TokenNotSaved, Unreachable
from volvo_exporter.volvo.renewals import Journal

Stamp = tuple[int, int, int, int]
"""Times of the last write and the last change in nanoseconds, size and inode: differs after every write, and
after a change of the owner."""

RESERVED_BYTES = 16 * 1024
"""Bytes reserved for the next token. Chosen: about four times the size of Volvo ID's tokens."""

MOUNT = "in Docker, mount the folder, not the file"

_LOCK_TIMEOUT_SECONDS = 180.0
"""Seconds; longer than the longest renewal (150), so that a slow one is not reported as a hanging process."""
_LOCK_POLL_SECONDS = 0.05
"""Time between two attempts to lock; chosen."""
_NOT_RENAMABLE = (errno.EBUSY, errno.EXDEV)


class TokenFile:
    """The file of a login.

    `rename` moves one path over another at once. Where that is impossible because Docker mounted the single
    file, the token is written into it in place, after the temporary file holds it durably. That survives a
    crash, unless the container is made anew: the temporary file is outside the mount. So mount a folder.
    """

    def __init__(self, path: Path, *, rename: Callable[[Path, Path], None] = os.replace) -> None:
        # A link to the file stays a link: what it points to is replaced.
        self.path = Path(os.path.realpath(path))
        self.backup = self.path.with_name(self.path.name + ".bak")
        self._temporary = self.path.with_name(self.path.name + ".tmp")
        self._lock = self.path.with_name(self.path.name + ".lock")
        self._journal = Journal(self.path.with_name(self.path.name + ".received"))
        self._rename = rename

    def read(self, *, backup: bool = True) -> Token | None:
        """Return the stored token, from `.bak` if the file is missing or invalid; None without either.

        In a file by another tool `refresh_token` is enough; without a usable `expires_at` the access token
        counts as expired.
        """
        token = decode(disk.content(self.path))
        return decode(disk.content(self.backup)) if token is None and backup else token

    def stamp(self) -> Stamp | None:
        """Return a value that changes with every write of the file; None if the file is missing."""
        try:
            status = self.path.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino

    def problem(self) -> str:
        """Describe the error of the file, its owner and the fix; empty if it is valid or missing."""
        name = f"the token file {self.path}"
        try:
            if self.path.is_dir():
                owner = disk.describe_owner(self.path)
                return f"{name} is a directory ({owner}): remove it, then {LOG_IN}; {MOUNT}"
            data = self.path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return ""
        except OSError as error:
            fix = f"run `sudo chown {os.geteuid()}:{os.getegid()} {self.path}`, or {LOG_IN}"
            return f"{name} cannot be read ({_reason(error, self.path)}): {fix}"
        if decode(data) is not None:
            return ""
        state = "contains no valid token" if data.strip() else "is empty"
        return f"{name} {state} ({disk.describe_owner(self.path)}): {LOG_IN}"

    def check_writable(self) -> None:
        """Make sure that a login can be stored, without storing anything.

        Raises:
            TokenNotSaved: the message names the file or folder, its owner, and the fix.
        """
        if self.path.is_dir():
            raise TokenNotSaved(self.problem())
        with _explain_errors(self.path):
            disk.check_writable(self.path.parent, (self._lock, self._temporary, self._journal.path))

    def prepare(self) -> None:
        """Make sure that the next `write` will succeed: keep the present token as `.bak` and reserve room.

        Raises:
            TokenNotSaved: the folder is missing, read-only or full; nothing has been changed.
        """
        if self.path.is_dir():
            raise TokenNotSaved(self.problem())
        with _explain_errors(self.path):
            disk.make_folder(self.path.parent)
            present = disk.content(self.path)
            if decode(present) is not None and present != disk.content(self.backup):
                self._fill(present)
                self._rename(self._temporary, self.backup)
                disk.sync_folder(self.path.parent)
            if disk.size(self._temporary) != RESERVED_BYTES:
                self._fill(b" " * RESERVED_BYTES)

    def write(self, token: Token) -> None:
        """Store the token durably; on return it survives a power cut.

        Raises:
            TokenNotSaved: the token could not be stored; the file holds what it held before.
        """
        self.prepare()
        with _explain_errors(self.path):
            self._fill(encode(token))
            self._publish()
            self._journal.drop()

    @contextmanager
    def receiving(self, spent: Token, *, now: float) -> Generator[Callable[[bytes], None]]:
        """Prepare for a renewal, with the lock; yields a function that stores the response durably.

        Raises:
            TokenNotSaved: as `prepare` does; the renewal must not be requested.
        """
        self.prepare()
        with ExitStack() as stack:
            with _explain_errors(self.path):
                store = stack.enter_context(self._journal.open(spent, now=now))
            yield store

    def recover(self) -> None:
        """Finish the work of a killed process, unless another process holds the lock.

        Raises:
            TokenNotSaved: the folder cannot be written.
        """
        if disk.size(self._temporary) in (RESERVED_BYTES, disk.MISSING) and not self._journal.path.exists():
            return
        lock = self._new_lock()
        if self._acquired(lock):
            try:
                self._recover()
            finally:
                lock.release()

    @asynccontextmanager
    async def lock(self) -> AsyncGenerator[None]:
        """Hold the lock for a renewal, after finishing the work of a killed process.

        Raises:
            TokenNotSaved: the lock file cannot be created.
            Unreachable: another process has held the lock for three minutes.
        """
        lock = self._new_lock()
        with anyio.move_on_after(_LOCK_TIMEOUT_SECONDS):
            while not self._acquired(lock):  # noqa: ASYNC110 - another process holds it
                await anyio.sleep(_LOCK_POLL_SECONDS)
        if not lock.is_locked:
            message = f"{self.path.name} is locked by another process for 3 minutes; stop it if it hangs"
            raise Unreachable(message)
        try:
            self._recover()
            yield
        finally:
            lock.release()

    def _new_lock(self) -> FileLock:
        return FileLock(self._lock, blocking=False, timeout=0, mode=0o600)

    def _acquired(self, lock: FileLock) -> bool:
        with _explain_errors(self.path):
            disk.make_folder(self.path.parent)
            with suppress(TimeoutError):
                lock.acquire()
        return lock.is_locked

    def _recover(self) -> None:
        """Finish the work of a killed process: a complete temporary file, then a received response."""
        token = decode(disk.content(self._temporary))
        with _explain_errors(self.path):
            newer = (
                disk.modified(self._temporary) >= disk.modified(self.path) or self.read(backup=False) is None
            )
            if token is not None and newer:
                self._publish()
            elif disk.size(self._temporary) not in (RESERVED_BYTES, disk.MISSING):
                self._temporary.unlink()
            received = self._journal.read()
            present = self.read(backup=False)
            if received and (present is None or present.refresh_token == received.spent.refresh_token):
                self.write(received.renewed)
            self._journal.drop()

    def _fill(self, data: bytes) -> None:
        """Write the temporary file, durably, readable by its owner alone."""
        descriptor = disk.open_private(self._temporary)
        try:
            disk.overwrite(descriptor, data)
        finally:
            os.close(descriptor)

    def _publish(self) -> None:
        """Turn the temporary file into the file itself."""
        try:
            self._rename(self._temporary, self.path)
        except OSError as error:
            if error.errno not in _NOT_RENAMABLE:
                raise
            self._write_in_place()
        disk.sync_folder(self.path.parent)

    def _write_in_place(self) -> None:
        # From here to the end the temporary file is the one that counts: `_recover` would take it up.
        disk.sync_folder(self.path.parent)
        data = disk.content(self._temporary)
        descriptor = os.open(self.path, os.O_RDWR | os.O_CLOEXEC)
        try:
            # Spaces over what is left of a longer predecessor: one write turns one valid file into another.
            disk.overwrite(descriptor, data.ljust(os.fstat(descriptor).st_size))
        finally:
            os.close(descriptor)
        self._temporary.unlink()


@contextmanager
def _explain_errors(path: Path) -> Generator[None]:
    """Convert an OSError to TokenNotSaved with a message that names the fix."""
    try:
        yield
    except OSError as error:
        message = (
            f"the token file {path} cannot be written ({_reason(error, path.parent)}): "
            f"make its folder writable for this user and check free disk space; {MOUNT}"
        )
        raise TokenNotSaved(message) from None


def _reason(error: OSError, path: Path) -> str:
    """Return the text of an error, with the owner of what it concerns where that is the cause."""
    text = os.strerror(error.errno) if error.errno else "unknown error"
    if error.errno not in (errno.EACCES, errno.EPERM):
        return text
    # A temporary file that could not be made has a random name; its folder is what matters.
    place = Path(error.filename) if isinstance(error.filename, str) else path
    return f"{text}; {disk.describe_owner(place)}"
