from dataclasses import replace

import anyio
import httpx2
import pytest

from tests.support.rotation import NOW, Rotation, invalid_grant, token, volvo_id
from volvo_exporter.volvo.errors import ClientRefused, LoginRequired, TokenNotSaved, Unreachable
from volvo_exporter.volvo.grant import MAX_GRANT_SECONDS, Grant
from volvo_exporter.volvo.tokens import TokenFile


class Disk:
    """Renames, unless it is broken; then nothing can be stored any more."""

    broken = False

    def __call__(self, source, target):
        if self.broken:
            raise PermissionError(13, "Permission denied")
        source.replace(target)


class Account:
    """A grant with everything around it."""

    def __init__(self, folder, first=None):
        self.now = NOW
        self.disk = Disk()
        self.rotation = Rotation()
        self.file = TokenFile(folder / "token.json", rename=self.disk)
        if first is not None:
            self.file.write(first)
        self.outcomes = []
        self.grant = self.another_grant()

    def another_grant(self):
        """As another process has it."""
        return Grant(
            file=TokenFile(self.file.path, rename=self.disk),
            identity=volvo_id(self.rotation, clock=self.clock),
            clock=self.clock,
            observe=self.outcomes.append,
        )

    def clock(self):
        return self.now

    @property
    def refreshes(self):
        return len(self.rotation.requests)


@pytest.fixture
def account(tmp_path):
    return Account(tmp_path, token(0))


@pytest.fixture
def logged_out(tmp_path):
    return Account(tmp_path)


async def test_an_expired_token_is_renewed_stored_and_used(account):
    assert await account.grant.access_token() == "access-1"
    assert account.file.read() == token(1, expires_at=NOW + 1799) == account.grant.token
    assert account.outcomes == ["success"]


async def test_a_valid_token_is_used_without_a_request(tmp_path):
    account = Account(tmp_path, token(0, expires_at=NOW + 299))
    assert await account.grant.access_token() == "access-0"
    assert account.refreshes == 0


@pytest.mark.parametrize(("token_seconds", "margin"), [(299, 29.9), (1799, 30.0), (100, 10.0)])
async def test_a_token_is_renewed_shortly_before_its_end(account, token_seconds, margin):
    account.rotation.token_seconds = token_seconds
    await account.grant.access_token()
    account.now += token_seconds - margin - 0.5
    assert await account.grant.access_token() == "access-1"
    account.now += 1
    assert await account.grant.access_token() == "access-2"


async def test_fifteen_simultaneous_refusals_cause_one_refresh(account):
    first = await account.grant.access_token()
    account.rotation.before_answer = lambda: anyio.sleep(1)
    tokens = []

    async def refused():
        tokens.append(await account.grant.renew(first))

    async with anyio.create_task_group() as group:
        for _ in range(15):
            group.start_soon(refused)
    assert tokens == ["access-2"] * 15
    assert account.refreshes == 2


async def test_a_token_that_another_task_renewed_is_not_renewed_again(account):
    first = await account.grant.access_token()
    second = await account.grant.renew(first)
    assert await account.grant.renew(first) == second
    assert account.refreshes == 2


async def test_one_failed_attempt_is_the_result_of_all_waiting_requests(account):
    account.rotation.before_answer = lambda: anyio.sleep(1)
    account.rotation.canned = [httpx2.Response(500)]
    failures = []

    async def ask():
        try:
            await account.grant.access_token()
        except Unreachable as error:
            failures.append(error)

    async with anyio.create_task_group() as group:
        for _ in range(15):
            group.start_soon(ask)
    assert len(failures) == 15
    assert account.refreshes == 1
    assert account.outcomes == ["unreachable"]
    assert await account.grant.access_token() == "access-1"


async def test_a_token_that_another_process_renewed_is_used(account):
    first = await account.grant.access_token()
    other = account.another_grant()
    assert await other.renew(first) == "access-2"
    assert await account.grant.renew(first) == "access-2"
    assert await account.grant.access_token() == "access-2"
    assert account.refreshes == 2


async def test_two_processes_renew_at_once_and_one_refresh_is_sent(account):
    other = account.another_grant()
    account.rotation.before_answer = lambda: anyio.sleep(1)
    tokens = []

    async def ask(grant):
        tokens.append(await grant.access_token())

    async with anyio.create_task_group() as group:
        group.start_soon(ask, account.grant)
        group.start_soon(ask, other)
    assert tokens == ["access-1"] * 2
    assert account.refreshes == 1


@pytest.mark.parametrize("seconds", [35, 119])
async def test_a_renewal_may_take_two_minutes(account, seconds):
    account.rotation.latency = seconds
    assert await account.grant.access_token() == "access-1"


async def test_a_renewal_without_a_response_times_out_after_two_minutes(account):
    account.rotation.latency = 1000
    start = anyio.current_time()
    with pytest.raises(Unreachable, match="request timed out"):
        await account.grant.access_token()
    assert anyio.current_time() - start == 120


async def test_another_process_waits_for_a_slow_renewal(account):
    account.rotation.latency = 119
    other = account.another_grant()
    tokens = []

    async def ask(grant):
        tokens.append(await grant.access_token())

    async with anyio.create_task_group() as group:
        group.start_soon(ask, account.grant)
        group.start_soon(ask, other)
    assert tokens == ["access-1"] * 2
    assert account.refreshes == 1


def in_parts(*parts):
    """A successful answer whose parts arrive one by one; an exception breaks the connection."""

    async def arrive():
        for part in parts:
            if isinstance(part, Exception):
                raise part
            yield part() if callable(part) else part

    return httpx2.Response(200, content=arrive())


async def test_each_part_of_an_answer_is_stored_before_the_next_is_read(account):
    stored = []

    def look():
        stored.append(account.file.path.with_name("token.json.received").read_bytes().split(b"\n")[1].strip())
        return b""

    parts = [b'{"access_token": "access-1", ', b'"refresh_token": "refresh-1"}']
    account.rotation.canned = [in_parts(parts[0], look, parts[1], look)]
    assert await account.grant.access_token() == "access-1"
    assert stored == [parts[0].strip(), b"".join(parts)]
    assert not account.file.path.with_name("token.json.received").exists()


async def test_a_complete_response_counts_if_the_connection_breaks_after_it(account):
    answer = b'{"access_token": "access-1", "refresh_token": "refresh-1", "expires_in": 299}'
    account.rotation.canned = [in_parts(answer, httpx2.ReadError("reset"))]
    with pytest.raises(Unreachable):
        await account.grant.access_token()
    assert await account.grant.access_token() == "access-1"
    assert account.refreshes == 1


async def test_a_renewal_that_a_kill_interrupted_is_known_at_the_start(account):
    with account.file.receiving(token(0), now=NOW) as received:
        received(b'{"access_token": "access-1", "refresh_token": "refresh-1", "expires_in": 299}')
    assert account.another_grant().token == token(1, expires_at=NOW + 299)


async def test_the_text_of_a_refusal_is_not_stored(account):
    stored = account.file.path.with_name("token.json.received")
    account.rotation.canned = [httpx2.Response(500, text="secret")]
    with pytest.raises(Unreachable):
        await account.grant.access_token()
    assert b"secret" not in stored.read_bytes()


async def test_a_cancelled_renewal_does_not_lose_the_token(account):
    account.rotation.before_answer = lambda: anyio.sleep(5)
    with anyio.move_on_after(1) as scope:
        await account.grant.access_token()
    assert scope.cancel_called
    assert account.file.read().refresh_token == "refresh-1"
    assert await account.grant.access_token() == "access-1"
    assert account.refreshes == 1


async def test_a_task_that_is_cancelled_while_it_waits_renews_nothing(account):
    async with account.file.lock():
        with anyio.move_on_after(1):
            await account.grant.access_token()
    assert account.refreshes == 0
    assert await account.grant.access_token() == "access-1"


async def test_a_write_error_before_the_renewal_uses_no_token(account):
    account.disk.broken = True
    with pytest.raises(TokenNotSaved, match="make its folder writable"):
        await account.grant.access_token()
    assert account.refreshes == 0
    assert account.outcomes == ["not_saved"]
    account.disk.broken = False
    assert await account.grant.access_token() == "access-1"


async def break_the_disk(account):
    account.disk.broken = True


async def test_a_write_error_during_the_renewal_uses_no_token_twice(account):
    account.rotation.before_answer = lambda: break_the_disk(account)
    for _ in range(3):
        with pytest.raises(TokenNotSaved):
            await account.grant.access_token()
    assert account.refreshes == 1
    assert account.grant.token == token(0)
    account.disk.broken = False
    assert await account.grant.access_token() == "access-1"
    assert account.file.read().refresh_token == "refresh-1"
    assert account.refreshes == 1


async def test_an_unsaved_token_is_not_used_even_while_the_old_one_is_valid(tmp_path):
    account = Account(tmp_path, token(0, expires_at=NOW + 299))
    account.rotation.before_answer = lambda: break_the_disk(account)
    with pytest.raises(TokenNotSaved):
        await account.grant.renew("access-0")
    with pytest.raises(TokenNotSaved):
        await account.grant.access_token()
    assert account.refreshes == 1


async def test_an_unsaved_token_survives_a_restart_if_the_received_response_was_stored(account):
    account.rotation.before_answer = lambda: break_the_disk(account)
    with pytest.raises(TokenNotSaved):
        await account.grant.access_token()
    account.disk.broken = False
    assert await account.another_grant().access_token() == "access-1"
    assert account.refreshes == 1


async def test_a_login_by_another_process_replaces_an_unsaved_token(account):
    account.rotation.before_answer = lambda: break_the_disk(account)
    with pytest.raises(TokenNotSaved):
        await account.grant.access_token()
    account.disk.broken = False
    account.rotation.before_answer = None
    account.file.path.with_name("token.json.tmp").unlink()
    account.file.write(token(1, access_token="other", expires_at=NOW + 299, granted_at=NOW))
    assert await account.grant.access_token() == "other"


async def test_a_token_of_an_ended_login_is_refreshed_once(account):
    account.rotation.number = 5
    for _ in range(3):
        with pytest.raises(LoginRequired, match="open /login"):
            await account.grant.access_token()
    with pytest.raises(LoginRequired):
        await account.grant.renew("access-0")
    assert account.refreshes == 1
    assert account.grant.login_required
    assert account.outcomes == ["login_required"]


async def test_a_login_by_another_process_is_used(account):
    account.rotation.number = 5
    with pytest.raises(LoginRequired):
        await account.grant.access_token()
    generation = account.grant.generation
    await account.another_grant().adopt(token(5, granted_at=NOW))
    assert not account.grant.login_required
    assert account.grant.generation == generation + 1
    assert await account.grant.access_token() == "access-6"


async def test_a_login_by_another_tool_counts_as_new_if_the_old_one_had_ended(account):
    account.rotation.number = 5
    with pytest.raises(LoginRequired):
        await account.grant.access_token()
    account.file.path.write_text('{"refresh_token": "refresh-5"}')
    assert account.grant.generation == 1
    assert await account.grant.access_token() == "access-6"
    assert account.grant.generation == 1


async def test_a_file_that_changes_while_the_refresh_is_refused_is_used(account):
    async def log_in():
        account.file.path.write_text('{"refresh_token": "refresh-5"}')

    account.rotation.number = 5
    account.rotation.before_answer = log_in
    assert await account.grant.access_token() == "access-6"


async def test_another_refusal_does_not_end_the_login(account):
    account.rotation.canned = [httpx2.Response(401, json={"error": "invalid_client"})]
    with pytest.raises(ClientRefused):
        await account.grant.access_token()
    assert not account.grant.login_required
    assert account.outcomes == ["client_refused"]
    assert await account.grant.access_token() == "access-1"


async def test_an_answer_without_access_token_keeps_the_refresh_token(account):
    account.rotation.canned = [httpx2.Response(200, json={"refresh_token": "refresh-1"})]
    account.rotation.number = 1
    with pytest.raises(Unreachable, match="the login is kept"):
        await account.grant.access_token()
    assert account.file.read().refresh_token == "refresh-1"
    assert await account.grant.access_token() == "access-2"


async def test_without_a_file_a_login_is_required(logged_out):
    assert logged_out.grant.login_required
    assert logged_out.grant.token is None
    assert logged_out.grant.grant_expires_at is None
    with pytest.raises(LoginRequired, match="login required"):
        await logged_out.grant.access_token()
    assert logged_out.refreshes == 0


async def test_a_new_login_is_stored_and_used(logged_out):
    await logged_out.grant.adopt(token(0, expires_at=NOW + 299, granted_at=NOW))
    assert logged_out.grant.generation == 1
    assert logged_out.grant.grant_expires_at == NOW + MAX_GRANT_SECONDS
    assert not logged_out.grant.login_required
    assert await logged_out.grant.access_token() == "access-0"
    assert logged_out.file.read() == logged_out.grant.token


async def test_a_login_that_cannot_be_stored_keeps_the_old_one(tmp_path):
    account = Account(tmp_path, token(0, expires_at=NOW + 299))
    account.disk.broken = True
    with pytest.raises(TokenNotSaved):
        await account.grant.adopt(token(9))
    account.disk.broken = False
    assert account.grant.generation == 0
    assert await account.grant.access_token() == "access-0"


async def test_a_renewal_does_not_count_as_a_new_login(account):
    await account.grant.adopt(token(0, granted_at=NOW))
    other = account.another_grant()
    await account.grant.access_token()
    assert (account.grant.generation, other.generation) == (1, 0)
    assert other.token == replace(token(1), granted_at=NOW, expires_at=NOW + 1799)


async def test_a_damaged_or_deleted_file_does_not_restore_a_used_token(account):
    await account.grant.access_token()
    account.now += 5000
    account.file.path.write_bytes(b"{")
    assert await account.grant.access_token() == "access-2"
    account.now += 5000
    account.file.path.unlink()
    assert await account.grant.access_token() == "access-3"
    assert account.file.read().refresh_token == "refresh-3"


async def test_an_older_file_that_this_process_has_renewed_is_replaced_by_the_newer_token(account):
    older = account.file.path.read_bytes()
    await account.grant.access_token()
    account.file.path.write_bytes(older)
    assert not account.grant.login_required
    assert await account.grant.access_token() == "access-1"
    assert account.file.read().refresh_token == "refresh-1"
    assert account.refreshes == 1  # a spent token is not sent: it could end the login
    account.now += 5000
    assert await account.grant.access_token() == "access-2"


async def test_an_older_file_that_is_refused_falls_back_to_the_token_in_memory(tmp_path):
    account = Account(tmp_path, token(5, granted_at=NOW))
    account.rotation.number = 5
    account.file.path.write_text('{"refresh_token": "refresh-3"}')
    assert await account.grant.access_token() == "access-6"
    assert account.file.read().refresh_token == "refresh-6"
    assert not account.grant.login_required
    assert account.refreshes == 2


async def test_an_outage_during_the_fallback_does_not_end_it(tmp_path):
    account = Account(tmp_path, token(5))
    account.rotation.number = 5
    account.file.path.write_text('{"refresh_token": "refresh-3"}')
    account.rotation.canned = [invalid_grant(), httpx2.Response(500)]
    with pytest.raises(Unreachable):
        await account.grant.access_token()
    assert await account.grant.access_token() == "access-6"


async def test_the_login_has_ended_if_the_token_in_memory_is_refused_too(tmp_path):
    account = Account(tmp_path, token(5))
    account.rotation.number = 9
    account.file.path.write_text('{"refresh_token": "refresh-3"}')
    for _ in range(3):
        with pytest.raises(LoginRequired):
            await account.grant.access_token()
    assert account.refreshes == 2
    assert account.grant.login_required
