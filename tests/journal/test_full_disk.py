"""A file system without space, on which SQLite reports that the disk is full."""

import json
import subprocess
import sys

import pytest

from tests.support.services import ROOT, program

FULL = "the disk is full; free some space"


@pytest.mark.slow
@pytest.mark.services
def test_a_full_disk_loses_no_settled_row_and_is_written_on_when_it_has_space(tmp_path):
    unshare = [program("unshare"), "--user", "--map-root-user", "--mount"]
    if subprocess.run([*unshare, "true"], capture_output=True, check=False).returncode:
        pytest.skip("the kernel allows no user namespaces; no package can change that")
    mount = 'mount -t tmpfs -o size=3m tmpfs "$1" && exec "$2" -m tests.support.full_disk "$1"'
    command = [*unshare, "sh", "-c", mount, "sh", str(tmp_path), sys.executable]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)

    assert found["at_start"] == FULL
    assert (found["opened"], found["written"]) == ("", ["", ""])
    assert [found["failed"], *found["again"]] == [FULL] * 4
    assert found["lost"] == 0
    assert (found["recovered"], found["rows"]) == ("", found["expected"])
