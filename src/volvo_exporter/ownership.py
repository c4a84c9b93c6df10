"""Describe why a file cannot be read: its owner, the user and the fix.

Imports no other module of the package.
"""

import os
import shlex
import stat
from pathlib import Path


def describe_denial(path: Path, *, uid: int) -> str:
    """Describe a PermissionError that user `uid` got for a file, and the fix.

    Users are numbers, since a container has no names for those of its host.
    """
    closed, status = _deepest_visible(path)
    what = "it" if closed == path else f"its folder {closed}"
    if status.st_uid == uid and status.st_mode & stat.S_IRUSR:
        # On Fedora and RHEL it is SELinux that forbids it (docker run --volume, label :z).
        return "permission denied, but not by owner or mode; with SELinux mount the folder with the option :z"
    if status.st_uid == uid:
        mode = stat.S_IMODE(status.st_mode)
        return f"permission denied: {what} has mode {mode:03o}; run: chmod u+rwX {shlex.quote(str(closed))}"
    owner = f"{status.st_uid}:{status.st_gid}"
    return (
        f"permission denied: {what} belongs to user {status.st_uid}, this process runs as user {uid}; "
        f"in Docker add --user {owner} (Compose: EXPORTER_UID and EXPORTER_GID in .env), "
        "otherwise run it as that user or change the owner with chown"
    )


def _deepest_visible(path: Path) -> tuple[Path, os.stat_result]:
    """Return the file, or the folder that hides it, with its status."""
    for place in (path, *path.absolute().parents):
        try:
            return place, place.stat()
        except OSError:
            continue
    raise FileNotFoundError(path)
