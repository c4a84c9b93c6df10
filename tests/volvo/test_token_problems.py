"""A token file or folder that is of no use: the message names it, its owner and the fix."""

import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from tests.support.installation import LOGIN
from tests.support.rotation import NOW, Rotation, token, volvo_id
from tests.support.services import ROOT, free_port, running
from volvo_exporter.volvo.codec import encode
from volvo_exporter.volvo.errors import LoginRequired, TokenNotSaved
from volvo_exporter.volvo.grant import Grant
from volvo_exporter.volvo.tokens import TokenFile

OTHER = 65534


@pytest.fixture
def folder():
    # pytest's own folders are closed to other users.
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def file(folder):
    return TokenFile(folder / "token.json")


def grant_of(file, rotation=None):
    return Grant(
        file=file, identity=volvo_id(rotation or Rotation()), clock=lambda: NOW, observe=lambda _: None
    )


@contextmanager
def without_permission(path, mode):
    """Run as a user who may not use the path: for root as another user, for others by its mode."""
    before = path.stat().st_mode
    path.chmod(mode)
    user = os.geteuid()
    if user == 0:
        os.seteuid(OTHER)
    try:
        yield
    finally:
        if user == 0:
            os.seteuid(user)
        path.chmod(before)


async def message_of(grant):
    with pytest.raises(LoginRequired) as caught:
        await grant.access_token()
    return str(caught.value)


@pytest.mark.parametrize(
    ("content", "state"), [(b"", "is empty"), (b" \n", "is empty"), (b"{", "contains no valid token")]
)
async def test_a_file_without_a_token_is_named(file, content, state):
    file.path.write_bytes(content)
    message = await message_of(grant_of(file))
    assert f"the token file {file.path} {state}" in message
    assert f"belongs to {'root (uid 0)' if os.geteuid() == 0 else ''}" in message
    assert "this process runs as" not in message
    assert "open /login" in message


async def test_a_damaged_file_is_reported_if_the_backup_is_refused(file):
    file.write(token(1))
    file.write(token(2))
    file.path.write_bytes(b"{")
    rotation = Rotation()
    rotation.number = 2
    assert f"{file.path} contains no valid token" in await message_of(grant_of(file, rotation))


async def test_a_directory_in_place_of_the_file_is_named(file):
    file.path.mkdir()
    message = await message_of(grant_of(file))
    assert f"the token file {file.path} is a directory" in message
    assert "remove it" in message
    assert "in Docker, mount the folder" in message


async def test_no_renewal_is_requested_where_a_directory_takes_the_place_of_the_file(file):
    file.write(token(0))
    file.write(token(0, granted_at=NOW))
    file.path.unlink()
    file.path.mkdir()
    rotation = Rotation()
    with pytest.raises(TokenNotSaved, match="is a directory"):
        await grant_of(file, rotation).access_token()
    assert rotation.requests == []


async def test_a_file_of_another_user_is_named_with_its_owner_and_read_after_chown(file):
    file.write(token(0, expires_at=NOW + 299))
    with without_permission(file.path, 0o200):
        grant = grant_of(file)
        message = await message_of(grant)
        assert (
            f"the token file {file.path} cannot be read (Permission denied; {file.path} belongs to" in message
        )
        assert f"this process runs as {'nobody (uid 65534)' if os.geteuid() == OTHER else ''}" in message
        assert f"run `sudo chown {os.geteuid()}:{os.getegid()} {file.path}`" in message
    assert await grant.access_token() == "access-0"


def test_a_folder_without_permission_is_named_with_its_owner(file, folder):
    with without_permission(folder, 0o555):
        with pytest.raises(TokenNotSaved) as caught:
            grant_of(file).check_writable()
        message = str(caught.value)
    assert f"the token file {file.path} cannot be written (Permission denied; {folder} belongs to" in message
    assert "make its folder writable for this user" in message


def test_a_lock_file_of_another_user_is_named_with_its_owner(file, folder):
    lock = folder / "token.json.lock"
    lock.touch()
    folder.chmod(0o777)
    with without_permission(lock, 0o400), pytest.raises(TokenNotSaved) as caught:
        file.check_writable()
    assert f"{lock} belongs to" in str(caught.value)


def test_a_writable_folder_is_unchanged(file, folder):
    file.path.write_bytes(encode(token(0)))
    file.check_writable()
    assert [path.name for path in folder.iterdir()] == ["token.json"]
    assert file.problem() == ""


def test_a_missing_file_is_not_a_problem(file):
    assert file.problem() == ""


def output_of(folder, *command):
    """Run a command whose token file cannot be written, because its folder is a file."""
    settings = {
        **LOGIN,
        "token_file": "config.yaml/token.json",
        "volvo_api_url": "http://127.0.0.1:1",
        "volvo_id_url": "http://127.0.0.1:1",
        "exporter_listen_port": free_port(),
    }
    (folder / "config.yaml").write_text(yaml.safe_dump(settings))
    with running(*command, folder=folder) as process:
        output, _ = process.communicate(timeout=30)
    assert "Traceback" not in output
    assert "/config.yaml/token.json cannot be written (Not a directory" in output
    assert "as.authorization" not in output  # no login is started
    return process.returncode, output


@pytest.mark.slow
def test_the_exporter_does_not_start_where_no_token_can_be_stored(tmp_path):
    status, output = output_of(tmp_path, str(ROOT / "exporter.py"))
    assert status == 2
    assert "token_file (default): the token file" in output


@pytest.mark.slow
def test_no_login_is_started_where_no_token_can_be_stored(tmp_path):
    assert output_of(tmp_path, str(ROOT / "auth.py"))[0] == 1


@pytest.mark.slow
def test_check_reports_that_no_token_can_be_stored(tmp_path):
    status, output = output_of(tmp_path, "-m", "volvo_exporter", "check")
    assert status == 1
    assert "ERROR  default: token file: the token file" in output
