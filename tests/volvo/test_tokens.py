import errno
import fcntl
import json
import os
import random
import resource
import signal
import stat
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.rotation import NOW, token
from volvo_exporter.volvo.codec import Token, decode, encode
from volvo_exporter.volvo.errors import TokenNotSaved, Unreachable
from volvo_exporter.volvo.tokens import RESERVED_BYTES, TokenFile

CHILD = Path(__file__).parents[1] / "support" / "rotation.py"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "token.json"


@pytest.fixture
def file(path):
    return TokenFile(path)


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_a_token_is_read_as_it_was_written(file):
    written = token(1, expires_at=NOW + 0.5, granted_at=NOW, scope=("openid", "conve:warnings"))
    file.write(written)
    assert file.read() == written


def test_the_file_has_the_keys_that_other_tools_use(file):
    file.write(token(1, expires_at=NOW))
    assert json.loads(file.path.read_bytes()) == {
        "access_token": "access-1",
        "refresh_token": "refresh-1",
        "expires_at": NOW,
    }


def test_only_the_owner_can_read_the_files(file):
    before = os.umask(0)
    try:
        file.path.write_bytes(encode(token(0)))
        file.path.chmod(0o644)
        file.write(token(1))
        receive(file, token(1), b"{")
    finally:
        os.umask(before)
    beside = [file.path.with_name(f"token.json{end}") for end in ("", ".bak", ".tmp", ".received")]
    assert [mode(each) for each in beside] == [0o600] * 4


def test_the_previous_token_is_kept_beside_the_file(file):
    file.write(token(1))
    file.write(token(2))
    assert file.read() == token(2)
    assert decode(file.backup.read_bytes()) == token(1)


@pytest.mark.parametrize("content", [b"", b"{", b"\0" * 50, b"[]", b'{"access_token": "x"}', b"[" * 100_000])
def test_a_broken_file_falls_back_to_the_previous_token(file, content):
    file.write(token(1))
    file.write(token(2))
    file.path.write_bytes(content)
    assert file.read() == token(1)
    assert file.read(backup=False) is None


def test_a_broken_file_does_not_replace_the_previous_token(file):
    file.write(token(1))
    file.write(token(2))
    file.path.write_bytes(b"{")
    file.prepare()
    assert decode(file.backup.read_bytes()) == token(1)


def test_without_a_file_there_is_no_token(file):
    assert file.read() is None
    assert file.stamp() is None


def test_a_folder_in_place_of_the_file_gives_no_token(file):
    file.path.mkdir()
    assert file.read() is None


def test_a_file_of_another_tool_is_read_without_its_additional_keys(file):
    content = {"access_token": "a", "refresh_token": "r", "expires_at": NOW, "id_token": "x", "vin": "YV1"}
    file.path.write_text(json.dumps(content))
    assert file.read() == Token(access_token="a", refresh_token="r", expires_at=NOW)


@pytest.mark.parametrize("odd", ["soon", None, True, [], "1800000000", float("nan"), float("inf"), 10**400])
def test_an_invalid_expiry_counts_as_expired(odd):
    content = {"access_token": "a", "refresh_token": "r", "expires_at": odd}
    assert decode(json.dumps(content).encode()) == Token(access_token="a", refresh_token="r", expires_at=0.0)


@pytest.mark.parametrize("odd", ["", "  ", "two words", "line\nbreak", "ümlaut", "\ud800", 5, None, ["r"]])
def test_an_invalid_refresh_token_is_not_used(odd):
    assert decode(json.dumps({"access_token": "a", "refresh_token": odd}).encode()) is None


@given(st.binary() | st.text().map(str.encode) | st.from_type(type(None)).map(lambda _: b"null"))
def test_reading_never_raises_an_unexpected_error(data):
    assert decode(data) is None or isinstance(decode(data), Token)


def test_no_secret_is_shown():
    shown = repr(token(1)) + str(token(1))
    assert "access-1" not in shown
    assert "refresh-1" not in shown


def test_a_link_to_the_file_stays_a_link(tmp_path, file):
    link = tmp_path / "link.json"
    link.symlink_to(file.path)
    TokenFile(link).write(token(1))
    assert link.is_symlink()
    assert file.read() == token(1)


def test_every_write_changes_the_modification_stamp(file):
    stamps = []
    for number in range(3):
        file.write(token(number))
        stamps.append(file.stamp())
    assert len(set(stamps)) == 3


def test_room_is_reserved_before_it_is_needed(file):
    file.write(token(1))
    file.prepare()
    assert file.path.with_name("token.json.tmp").stat().st_size == RESERVED_BYTES
    file.write(token(2))
    assert file.read() == token(2)
    assert not file.path.with_name("token.json.tmp").exists()


def test_permissions_for_other_users_are_removed(file):
    temporary = file.path.with_name("token.json.tmp")
    temporary.touch()
    temporary.chmod(0o666)
    file.write(token(1))
    assert mode(file.path) == 0o600


def test_a_folder_that_is_not_writable_is_reported_in_advance(tmp_path):
    (tmp_path / "file").touch()
    file = TokenFile(tmp_path / "file" / "token.json")
    with pytest.raises(TokenNotSaved, match=r"make its folder writable.*mount the folder"):
        file.prepare()


def test_a_full_disk_is_reported_in_advance(file):
    file.write(token(1))
    # A limit on the size of files stands in for a full disk.
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (RESERVED_BYTES // 2, hard))
    try:
        with pytest.raises(TokenNotSaved, match="File too large"):
            file.prepare()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
    assert file.read() == token(1)


class SingleMount:
    """Refuse to rename, as Docker does if only the token file is mounted."""

    def __init__(self, mounted, error=errno.EBUSY):
        self.mounted = mounted
        self.error = error

    def __call__(self, source, target):
        if target == self.mounted:
            raise OSError(self.error, os.strerror(self.error))
        source.replace(target)


@pytest.mark.parametrize("error", [errno.EBUSY, errno.EXDEV])
def test_a_mounted_file_is_written_in_place(path, error):
    file = TokenFile(path, rename=SingleMount(path, error))
    path.write_bytes(encode(token(1, access_token="a" * 3000)))
    before = path.stat()
    file.write(token(2))
    assert file.read() == token(2)
    assert decode(file.backup.read_bytes()).refresh_token == "refresh-1"
    # Not cut: a shorter token is filled up with spaces, so that it is whole after a single write.
    assert (path.stat().st_ino, path.stat().st_size) == (before.st_ino, before.st_size)


async def test_a_partly_written_mounted_file_is_restored_from_the_temporary_file(path):
    file = TokenFile(path, rename=SingleMount(path))
    path.with_name("token.json.tmp").write_bytes(encode(token(2)))
    path.write_bytes(encode(token(2))[:20])
    async with file.lock():
        assert file.read() == token(2)
    assert not path.with_name("token.json.tmp").exists()


async def test_a_write_that_a_kill_interrupted_is_completed(file):
    file.write(token(1))
    file.path.with_name("token.json.tmp").write_bytes(encode(token(2)))
    async with file.lock():
        assert file.read() == token(2)


@pytest.mark.parametrize("left", [b"", b'{"refresh_token": "ha', b" " * 40])
async def test_a_partly_written_temporary_file_is_removed(file, left):
    file.write(token(1))
    file.path.with_name("token.json.tmp").write_bytes(left)
    async with file.lock():
        assert file.read() == token(1)
    assert not file.path.with_name("token.json.tmp").exists()


async def test_a_temporary_file_older_than_the_file_is_removed(file):
    temporary = file.path.with_name("token.json.tmp")
    temporary.write_bytes(encode(token(1)))
    os.utime(temporary, (NOW - 5000, NOW - 5000))
    file.path.write_bytes(encode(token(2)))
    os.utime(file.path, (NOW, NOW))
    async with file.lock():
        assert file.read() == token(2)
    assert not temporary.exists()


async def test_saving_waits_for_the_lock(file):
    order = []

    async def hold():
        async with file.lock():
            order.append("first")
            await anyio.sleep(5)
            order.append("done")

    async with anyio.create_task_group() as group:
        group.start_soon(hold)
        await anyio.sleep(1)
        async with TokenFile(file.path).lock():
            order.append("second")
    assert order == ["first", "done", "second"]


async def test_waiting_for_a_lock_times_out_after_three_minutes(file):
    held = file.path.with_name("token.json.lock").open("w")
    fcntl.flock(held, fcntl.LOCK_EX)
    start = anyio.current_time()
    with held, pytest.raises(Unreachable, match="another process"):
        async with file.lock():
            pass
    assert anyio.current_time() - start == pytest.approx(180)


async def test_a_token_is_not_saved_without_a_lock(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(TokenNotSaved):
        async with TokenFile(tmp_path / "file" / "token.json").lock():
            pass


def receive(file, spent, answer):
    """Leave what a process leaves that is killed when an answer has arrived."""
    with file.receiving(spent, now=NOW) as received:
        received(answer)


ANSWER = json.dumps({"access_token": "access-1", "refresh_token": "refresh-1", "expires_in": 299}).encode()


async def test_a_response_that_a_kill_left_is_used_once_the_lock_is_held(file):
    spent = token(0, granted_at=NOW - 5, scope=("openid",))
    file.write(spent)
    receive(file, spent, ANSWER)
    async with file.lock():
        assert file.read() == replace(spent, **RENEWED)
    assert decode(file.backup.read_bytes()) == spent
    assert not file.path.with_name("token.json.received").exists()


RENEWED = {"access_token": "access-1", "refresh_token": "refresh-1", "expires_at": NOW + 299}


@pytest.mark.parametrize("content", [None, b"", b'{"refresh_tok'])
def test_a_response_that_a_kill_left_is_used_at_start_even_without_a_token_file(file, content):
    file.write(token(0))
    receive(file, token(0), ANSWER)
    file.path.unlink()
    if content is not None:
        file.path.write_bytes(content)
    file.recover()
    assert file.read() == token(1, expires_at=NOW + 299)


@pytest.mark.parametrize("answer", [b"", ANSWER[:-1], b'{"error": "x"}', b"[]", b"\0" * 9, b"<html>"])
async def test_an_incomplete_response_changes_nothing(file, answer):
    file.write(token(0))
    receive(file, token(0), answer)
    async with file.lock():
        assert file.read() == token(0)
    assert not file.path.with_name("token.json.received").exists()


async def test_a_response_to_an_earlier_renewal_changes_nothing(file):
    file.write(token(0))
    receive(file, token(0), ANSWER)
    file.path.write_bytes(encode(token(7)))
    async with file.lock():
        assert file.read() == token(7)


def test_files_of_a_running_renewal_of_another_process_are_unchanged_at_start(file):
    file.write(token(0))
    receive(file, token(0), ANSWER)
    with file.path.with_name("token.json.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        file.recover()
    assert file.read() == token(0)
    file.recover()
    assert file.read() == token(1, expires_at=NOW + 299)


@contextmanager
def started(path, state, rounds):
    command = [sys.executable, CHILD, path, state, str(rounds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True) as child:
        try:
            yield child
        finally:
            with suppress(ProcessLookupError):  # it has ended
                os.killpg(child.pid, signal.SIGKILL)


@pytest.mark.slow
def test_a_kill_at_any_moment_leaves_a_token_that_volvo_id_accepts(path, tmp_path):
    state = tmp_path / "state.json"
    state.write_text(json.dumps({"number": 0, "refused": 0, "stored": 0}))
    file = TokenFile(path)
    file.write(token(0))
    chance = random.Random(20261123)
    with started(path, state, 0) as parent:
        for _ in range(40):
            process = int(parent.stdout.readline())
            wait_for_renewals(file, state)
            time.sleep(chance.random() / 50)
            os.kill(process, signal.SIGKILL)
            anyio.run(lock_and_release, file)
            now = json.loads(state.read_text())
            kept = int(file.read(backup=False).refresh_token.partition("-")[2])
            assert now["number"] - 1 <= kept <= now["number"]
            assert kept >= now["stored"]  # from the first byte on disk nothing can lose it
    assert json.loads(state.read_text())["refused"] == 0


def wait_for_renewals(file, state):
    """Until it is sure that renewals are under way; the file is in order all the time."""
    enough = json.loads(state.read_text())["number"] + 2
    deadline = time.monotonic() + 20
    while json.loads(state.read_text())["number"] < enough:
        assert time.monotonic() < deadline, "nothing is renewed"
        assert file.read(backup=False) is not None
        assert mode(file.path) == 0o600


async def lock_and_release(file):
    async with file.lock():
        pass


def test_two_processes_that_share_a_file_never_lose_the_token(path, tmp_path):
    state = tmp_path / "state.json"
    state.write_text(json.dumps({"number": 0, "refused": 0, "stored": 0}))
    file = TokenFile(path)
    file.write(token(0))
    with started(path, state, 30) as one, started(path, state, 30) as two:
        outcomes = [json.loads(child.communicate(timeout=60)[0]) for child in (one, two)]
    end = json.loads(state.read_text())
    assert outcomes == [["success"] * 30] * 2
    assert end == {"number": 60, "refused": 0, "stored": 60}
    assert file.read() == token(60, expires_at=NOW + 1799)
