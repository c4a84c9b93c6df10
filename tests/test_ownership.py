"""A configuration that belongs to another user, as in a container that runs as user 1000."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from volvo_exporter.ownership import describe_denial

OTHER = 64_321
"""A user that owns nothing."""
AS_ANOTHER_USER = f"""
import os, sys
from volvo_exporter.cli import main
os.setegid({OTHER})
os.seteuid({OTHER})
main(sys.argv[1:])
"""


@pytest.fixture
def folder():
    """A folder that every user can enter, with a configuration that only its owner can read."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "config.yaml").write_text("exporter_listen_port: 9100\n")
        (folder / "config.yaml").chmod(0o600)
        yield folder


def denied(folder: Path, *command: str, **environment: str) -> str:
    """The output of a command that another user runs in the folder, and that ends with 2."""
    if os.geteuid() != 0:
        pytest.skip("only root can run a process as another user")
    done = subprocess.run(
        [sys.executable, "-c", AS_ANOTHER_USER, *command],
        cwd=folder,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    output = done.stdout + done.stderr
    assert done.returncode == 2, output
    assert "Traceback" not in output
    return output


@pytest.mark.parametrize("command", ["serve", "login", "check", "health"])
def test_the_configuration_of_another_user_is_reported_with_both_users_and_the_option(folder, command):
    output = denied(folder, command)

    assert "config.yaml: cannot be read: permission denied: it belongs to user 0" in output
    assert f"this process runs as user {OTHER}" in output
    assert "in Docker add --user 0:0 " in output


def test_the_closed_folder_of_another_user_is_reported(folder):
    folder.chmod(0o700)
    output = denied(folder.parent, "serve", "--config", str(folder / "config.yaml"))

    assert f"permission denied: its folder {folder} belongs to user 0" in output


def test_the_secret_file_of_another_user_is_reported(folder):
    (folder / "config.yaml").chmod(0o644)
    (folder / "secret").touch(0o600)
    output = denied(folder, "serve", VOLVO_API_KEY_FILE="secret")

    assert "api_key_file: cannot be read (permission denied: it belongs to user 0" in output


def test_the_option_has_the_user_and_the_group_of_the_file(folder):
    file = folder / "config.yaml"
    message = describe_denial(file, uid=OTHER)

    assert f"--user {file.stat().st_uid}:{file.stat().st_gid} (" in message
    assert "EXPORTER_UID and EXPORTER_GID" in message


def test_a_file_that_its_own_user_cannot_read_is_reported_with_its_mode(folder):
    file = folder / "config.yaml"
    file.chmod(0o000)

    assert describe_denial(file, uid=file.stat().st_uid) == (
        f"permission denied: it has mode 000; run: chmod u+rwX {file}"
    )


def test_a_denial_that_owner_and_mode_do_not_explain_leads_to_selinux(folder):
    file = folder / "config.yaml"

    assert "SELinux" in describe_denial(file, uid=file.stat().st_uid)
