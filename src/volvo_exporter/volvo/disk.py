"""Write small files durably."""

import errno
import os
import pwd
import tempfile
from collections.abc import Iterable
from pathlib import Path

MISSING = -1


def content(path: Path) -> bytes:
    """Return what a file holds; empty if it cannot be read."""
    try:
        return path.read_bytes() if path.is_file() else b""
    except OSError:
        return b""


def size(path: Path) -> int:
    """Return the size of a file in bytes, or MISSING."""
    try:
        return path.stat().st_size
    except OSError:
        return MISSING


def modified(path: Path) -> int:
    """Return when a file was changed, in nanoseconds, or MISSING."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return MISSING


def open_private(path: Path) -> int:
    """Open a file for writing, readable by its owner alone, and return the descriptor."""
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(path, flags, 0o600)
    os.fchmod(descriptor, 0o600)
    return descriptor


def write_at(descriptor: int, data: bytes, position: int) -> int:
    """Write all the data and return the position behind it."""
    while data:
        written = os.pwrite(descriptor, data, position)
        position, data = position + written, data[written:]
    return position


def overwrite(descriptor: int, data: bytes) -> None:
    """Replace the content of a file durably."""
    # Written before it is cut to length, so that the reserved space is used.
    write_at(descriptor, data, 0)
    os.ftruncate(descriptor, len(data))
    os.fsync(descriptor)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    """Make a folder if it is missing."""
    if folder.exists() and not folder.is_dir():  # mkdir calls this "File exists"
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder))
    folder.mkdir(parents=True, exist_ok=True)


def check_writable(folder: Path, files: Iterable[Path]) -> None:
    """Check that files can be created in a folder, and that these can be written if they exist.

    Raises:
        OSError: the file or folder that cannot be written.
    """
    make_folder(folder)
    with tempfile.TemporaryFile(dir=folder):
        pass
    for file in files:
        effective = os.access in os.supports_effective_ids
        if file.exists() and not os.access(file, os.W_OK, effective_ids=effective):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(file))


def describe_owner(path: Path) -> str:
    """Return the owner of a path, or of the nearest accessible folder above it, and the user if different."""
    for place in (path, *path.parents):
        try:
            owner = place.stat().st_uid
        except OSError:
            continue
        belongs = f"{place} belongs to {_user(owner)}"
        return belongs if owner == os.geteuid() else f"{belongs}, this process runs as {_user(os.geteuid())}"
    return f"this process runs as {_user(os.geteuid())}"


def _user(number: int) -> str:
    try:
        return f"{pwd.getpwuid(number).pw_name} (uid {number})"
    except KeyError:  # usual in a container
        return f"uid {number}"
