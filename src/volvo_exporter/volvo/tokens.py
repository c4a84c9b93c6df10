"""The token file: where a login is kept, so that no crash, full disk or second process can lose it.

A refresh token can be spent once (Volvo ID rotates it), so the newest one must be on disk before anything
else happens. Beside `volvo_token.json` lie, each readable by its owner alone:

    volvo_token.json.bak    the token before the newest one; read where the file itself cannot be
    volvo_token.json.tmp    where the next token is written; renamed to the file itself once it is durable
    volvo_token.json.lock   held while a token is renewed, by whichever process does it

A process killed between writing and renaming leaves a complete `.tmp`: the next holder of the lock finishes
its work.
"""

import errno
import json
import math
import os
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import anyio
from filelock import FileLock

from volvo_exporter.volvo.errors import TokenNotSaved, Unreachable

Stamp = tuple[int, int, int]
"""Modification time in nanoseconds, size and inode: differs after every write, by whomever."""

RESERVED = 16 * 1024
"""Bytes kept free for the next token; about four times what Volvo ID's tokens take."""

_LOCK_PATIENCE = 180.0
"""Seconds; longer than the longest renewal (150), so that a slow one is not reported as a hanging process."""
_LOCK_INTERVAL = 0.05
_MISSING = -1
_NOT_RENAMABLE = (errno.EBUSY, errno.EXDEV)


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What Volvo ID granted. Its repr shows no secret."""

    access_token: str = field(repr=False)
    """Empty where only the refresh token is known."""
    refresh_token: str = field(repr=False)
    expires_at: float
    """When the access token expires, in Unix seconds."""
    granted_at: float | None = None
    """When somebody logged in, in Unix seconds; None where that is not known."""
    scope: tuple[str, ...] = ()
    """The scopes of the login; empty where they are not known."""


class TokenFile:
    """A login on disk.

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
        self._rename = rename

    def read(self, *, backup: bool = True) -> Token | None:
        """The token on disk, from `.bak` where the file is missing or broken; None where neither can be read.

        In a file by another tool `refresh_token` is enough; without a usable `expires_at` the access token
        counts as expired.
        """
        token = decode(_content(self.path))
        return decode(_content(self.backup)) if token is None and backup else token

    def stamp(self) -> Stamp | None:
        """Changes whenever somebody writes the file; None where there is none."""
        try:
            status = self.path.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino

    def prepare(self) -> None:
        """Make sure that the next `write` will succeed: keep the present token as `.bak` and reserve room.

        Raises:
            TokenNotSaved: the folder is missing, read-only or full; nothing has been changed.
        """
        with _explained(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            present = _content(self.path)
            if decode(present) is not None and present != _content(self.backup):
                self._fill(present)
                self._rename(self._temporary, self.backup)
                _sync_folder(self.path.parent)
            if _size(self._temporary) != RESERVED:
                self._fill(b" " * RESERVED)

    def write(self, token: Token) -> None:
        """Store the token durably; on return it survives a power cut.

        Raises:
            TokenNotSaved: the token could not be stored; the file holds what it held before.
        """
        self.prepare()
        with _explained(self.path):
            self._fill(encode(token))
            self._publish()

    @asynccontextmanager
    async def lock(self) -> AsyncGenerator[None]:
        """Keep other processes from renewing the token; what a killed process left is put in order first.

        Raises:
            TokenNotSaved: the lock file cannot be created.
            Unreachable: another process has held the lock for three minutes.
        """
        lock = FileLock(self._lock, blocking=False, timeout=0, mode=0o600)
        with anyio.move_on_after(_LOCK_PATIENCE):
            while not self._taken(lock):  # noqa: ASYNC110 - who holds it is another process
                await anyio.sleep(_LOCK_INTERVAL)
        if not lock.is_locked:
            message = f"another process has locked {self.path.name} for three minutes; stop it if it hangs"
            raise Unreachable(message)
        try:
            self._recover()
            yield
        finally:
            lock.release()

    def _taken(self, lock: FileLock) -> bool:
        with _explained(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with suppress(TimeoutError):
                lock.acquire()
        return lock.is_locked

    def _recover(self) -> None:
        """Finish what a killed process began: a complete temporary file is the newest token."""
        token = decode(_content(self._temporary))
        with _explained(self.path):
            newer = _modified(self._temporary) >= _modified(self.path) or self.read(backup=False) is None
            if token is not None and newer:
                self._publish()
            elif _size(self._temporary) not in (RESERVED, _MISSING):
                self._temporary.unlink()

    def _fill(self, data: bytes) -> None:
        """Write the temporary file, durably, readable by its owner alone."""
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(self._temporary, flags, 0o600)
        try:
            os.fchmod(descriptor, 0o600)
            _overwrite(descriptor, data)
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
        _sync_folder(self.path.parent)

    def _write_in_place(self) -> None:
        # From here to the end the temporary file is the one that counts: `_recover` would take it up.
        _sync_folder(self.path.parent)
        data = _content(self._temporary)
        descriptor = os.open(self.path, os.O_RDWR | os.O_CLOEXEC)
        try:
            # Spaces over what is left of a longer predecessor: one write turns one valid file into another.
            _overwrite(descriptor, data.ljust(os.fstat(descriptor).st_size))
        finally:
            os.close(descriptor)
        self._temporary.unlink()


@contextmanager
def _explained(path: Path) -> Generator[None]:
    """Turn an error of the operating system into one that names the mend."""
    try:
        yield
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else "unknown error"
        message = (
            f"the token file {path} cannot be written ({reason}): make its folder writable for this user, "
            "with some free space; in Docker mount a folder, not the single file"
        )
        raise TokenNotSaved(message) from None


def encode(token: Token) -> bytes:
    """The token as the file holds it."""
    content: dict[str, object] = {
        "access_token": token.access_token,
        "refresh_token": token.refresh_token,
        "expires_at": token.expires_at,
    }
    if token.granted_at is not None:
        content["granted_at"] = token.granted_at
    if token.scope:
        content["scope"] = " ".join(token.scope)
    return json.dumps(content, indent=2).encode() + b"\n"


def decode(data: bytes) -> Token | None:
    """The token in the bytes of a file; None where there is no refresh token to be found."""
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        return None
    if not isinstance(content, dict) or not (refresh_token := word(content.get("refresh_token"))):
        return None
    scope = content.get("scope")
    return Token(
        access_token=word(content.get("access_token")),
        refresh_token=refresh_token,
        expires_at=_seconds(content.get("expires_at")) or 0.0,
        granted_at=_seconds(content.get("granted_at")),
        scope=tuple(scope.split()) if isinstance(scope, str) else (),
    )


def word(value: object) -> str:
    """The value where it can be a token: printable ASCII without blanks, fit for a header; else nothing."""
    if not isinstance(value, str):
        return ""
    text = value.strip()
    return text if text.isascii() and text.isprintable() and " " not in text else ""


def _seconds(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        seconds = float(value)
    except OverflowError:
        return None
    return seconds if math.isfinite(seconds) else None


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes() if path.is_file() else b""
    except OSError:
        return b""


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return _MISSING


def _modified(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return _MISSING


def _overwrite(descriptor: int, data: bytes) -> None:
    # Written before it is cut to length, so that the room which was reserved is used.
    position = 0
    while position < len(data):
        position += os.pwrite(descriptor, data[position:], position)
    os.ftruncate(descriptor, len(data))
    os.fsync(descriptor)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
