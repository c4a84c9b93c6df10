"""Where the journal is stored, and whether that place can hold it. Imports no database library."""

import importlib.util
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from volvo_exporter.volvo.errors import ConfigurationError

MOUNTS = Path("/proc/self/mountinfo")
NETWORK_FILE_SYSTEMS = frozenset(
    {
        "9p",
        "afs",
        "ceph",
        "cifs",
        "davfs",
        "fuse.ceph",
        "fuse.cephfs",
        "fuse.curlftpfs",
        "fuse.davfs",
        "fuse.glusterfs",
        "fuse.rclone",
        "fuse.s3fs",
        "fuse.smbnetfs",
        "fuse.sshfs",
        "glusterfs",
        "lustre",
        "ncpfs",
        "nfs",
        "nfs4",
        "smb3",
        "smbfs",
    }
)
"""SQLite in WAL mode can lose data on these: https://www.sqlite.org/wal.html, no. 2.

Of file systems in user space only those of networks: fuse.mergerfs, fuse.shfs and fuseblk are local.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """Where a journal is stored: a file of SQLite, or a database of PostgreSQL."""

    file: Path | None = None
    url: str = ""
    """Of PostgreSQL, with its password; empty for a file."""

    @property
    def description(self) -> str:
        """The location for messages; without the URL, which contains a password."""
        return str(self.file) if self.file else "database_url"


def locate(file: Path, database_url: SecretStr | None) -> Location:
    """Return where the journal is stored, as the settings say."""
    if database_url is None:
        return Location(file=file)
    return Location(url=database_url.get_secret_value())


def check(location: Location, *, mounts: Path = MOUNTS) -> None:
    """Raise ConfigurationError where the journal cannot be stored; `mounts` is in the form of mountinfo."""
    if location.file is None:
        if importlib.util.find_spec("psycopg") is None:
            message = (
                "database_url: the driver for PostgreSQL is missing; "
                "run: pip install 'volvo-vehicle-exporter[postgres]'"
            )
            raise ConfigurationError(message)
        return
    kind = _file_system(location.file, mounts)
    if kind in NETWORK_FILE_SYSTEMS:
        message = (
            f"journal_file: {location.file} is on a network file system ({kind}), where SQLite loses data; "
            "set journal_file to a path on a local disk, set database_url, or set journal: off"
        )
        raise ConfigurationError(message)


def _file_system(file: Path, mounts: Path) -> str:
    """Return the type of the file system of a file; empty where it is unknown."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:  # not Linux
        return ""
    path = Path(os.path.realpath(file))
    found = [(len(point.parts), kind) for point, kind in _mounts(lines) if path.is_relative_to(point)]
    # Of two at the same place the later one hides the earlier.
    return max(reversed(found), key=lambda entry: entry[0], default=(0, ""))[1]


def _mounts(lines: list[str]) -> Iterator[tuple[Path, str]]:
    """Return mount points and types; the format is described in proc(5)."""
    for line in lines:
        before, _, after = line.partition(" - ")
        fields, kind = before.split(), after.split()
        if len(fields) > 4 and kind:  # noqa: PLR2004 - the mount point is the fifth field
            yield Path(fields[4].encode().decode("unicode_escape")), kind[0]
