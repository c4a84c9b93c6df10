from pathlib import Path

import pytest

from volvo_exporter.journal.location import NETWORK_FILE_SYSTEMS, Location, check
from volvo_exporter.volvo.errors import ConfigurationError


def mounts(folder: Path, *lines: tuple[str, str]) -> Path:
    """A table of mounts in the form of proc(5)."""
    file = folder / "mountinfo"
    rows = (f"36 35 98:0 / {point} rw,noatime shared:1 - {kind} source rw" for point, kind in lines)
    file.write_text("\n".join(rows))
    return file


@pytest.mark.parametrize("kind", sorted(NETWORK_FILE_SYSTEMS))
def test_network_file_systems_are_refused_with_the_fix(tmp_path, kind):
    table = mounts(tmp_path, ("/", "ext4"), (str(tmp_path), kind))

    with pytest.raises(ConfigurationError, match=rf"\({kind}\).*set journal_file to a path on a local disk"):
        check(Location(file=tmp_path / "journal.db"), mounts=table)


@pytest.mark.parametrize("kind", ["ext4", "btrfs", "xfs", "overlay", "tmpfs", "fuseblk", "fuse.shfs"])
def test_local_file_systems_are_accepted(tmp_path, kind):
    check(
        Location(file=tmp_path / "journal.db"), mounts=mounts(tmp_path, ("/", "nfs"), (str(tmp_path), kind))
    )


def test_the_deepest_mount_counts_and_of_two_the_later(tmp_path):
    inner = tmp_path / "with space"
    inner.mkdir()
    escaped = str(inner).replace(" ", "\\040")
    table = mounts(tmp_path, (escaped, "ext4"), (escaped, "nfs4"), (str(tmp_path), "ext4"))

    check(Location(file=tmp_path / "journal.db"), mounts=table)
    with pytest.raises(ConfigurationError, match="nfs4"):
        check(Location(file=inner / "journal.db"), mounts=table)


def test_a_link_to_a_network_file_system_is_refused(tmp_path):
    (tmp_path / "share").mkdir()
    (tmp_path / "journal.db").symlink_to(tmp_path / "share" / "journal.db")
    table = mounts(tmp_path, ("/", "ext4"), (str(tmp_path / "share"), "cifs"))

    with pytest.raises(ConfigurationError, match="cifs"):
        check(Location(file=tmp_path / "journal.db"), mounts=table)


def test_without_a_table_of_mounts_the_file_is_accepted(tmp_path):
    check(Location(file=tmp_path / "journal.db"), mounts=tmp_path / "none")


def test_description_contains_no_password():
    assert Location(url="postgresql://user:secret@host/db").description == "database_url"
