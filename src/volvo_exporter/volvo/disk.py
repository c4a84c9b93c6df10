"""Write small files durably."""

import os
from pathlib import Path

MISSING = -1


def content(path: Path) -> bytes:
    """Return what a file holds; nothing where it cannot be read."""
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
    """Replace what the file holds, durably."""
    # Written before it is cut to length, so that the room which was reserved is used.
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
