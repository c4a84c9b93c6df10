import logging
import os
import socket
import subprocess
import sys
from contextlib import AsyncExitStack

import anyio
import anyio.lowlevel
import httpx2
import pytest

from volvo_exporter.login.attempt import start
from volvo_exporter.login.callback import Callback
from volvo_exporter.login.loopback import MAX_CONNECTIONS
from volvo_exporter.login.terminal import first_of, lines_of, login_at_terminal
from volvo_exporter.volvo.errors import LoginRefused, Unreachable


@pytest.fixture
def anyio_backend():
    """Real sockets take real time."""
    return "asyncio"


@pytest.fixture
def port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Terminal:
    """Somebody at a terminal: pastes `lines`, then closes the input or just waits."""

    def __init__(self, redirect_uri, *lines, waits=False):
        self.attempt = start(
            id_url="https://id.example",
            client_id="client",
            redirect_uri=redirect_uri,
            scope=("openid",),
            token_urlsafe=lambda size: "x" * max(size, 43),
        )
        self.lines = list(lines)
        self.waits = waits
        self.said = []
        self.say = self.said.append
        self.finished = []
        self.failures = []
        self.takes = 0.0
        self.asked = anyio.Event()

    async def read_line(self):
        if self.lines:
            return self.lines.pop(0)
        self.asked.set()
        return await anyio.sleep_forever() if self.waits else None

    async def finish(self, attempt, code):
        await anyio.sleep(self.takes)
        if self.failures:
            raise self.failures.pop(0)
        self.finished.append((code, attempt.verifier))

    async def run(self):
        with anyio.fail_after(20):
            await login_at_terminal(
                attempt=self.attempt, finish=self.finish, say=self.say, read_line=self.read_line
            )

    def answer(self, code="code", state=None):
        return f"code={code}&state={state or self.attempt.state}"


async def connect(stack, port):
    return await stack.enter_async_context(await anyio.connect_tcp("127.0.0.1", port))


async def is_ended(stream):
    """Whether the server closes the connection."""
    with anyio.fail_after(5):
        try:
            await stream.receive()
        except (anyio.EndOfStream, anyio.BrokenResourceError):
            return True
    return False


def has_ipv6():
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


HTTPS = "https://home.example/callback"


async def test_a_pasted_code_finishes_the_login():
    terminal = Terminal(HTTPS, "the-code")
    await terminal.run()
    assert terminal.finished == [("the-code", terminal.attempt.verifier)]
    assert terminal.attempt.url in terminal.said[0]
    assert terminal.said[-1] == "You are logged in."


async def test_an_invalid_pasted_text_is_explained_and_can_be_repeated():
    terminal = Terminal(HTTPS, "", "https://elsewhere.example/?code=c", "what now?", "the-code")
    await terminal.run()
    explained = [said for said in terminal.said if said.startswith("Login failed")]
    assert len(explained) == 3
    assert terminal.finished == [("the-code", terminal.attempt.verifier)]


async def test_a_code_that_volvo_id_refuses_is_explained_and_can_be_replaced():
    terminal = Terminal(HTTPS, "old", "new")
    terminal.failures = [LoginRefused("this code is too old")]
    await terminal.run()
    assert "Login failed: this code is too old." in terminal.said
    assert terminal.finished[0][0] == "new"


async def test_another_failure_ends_the_login():
    terminal = Terminal(HTTPS, "code", "code")
    terminal.failures = [Unreachable("down")]
    with pytest.raises(Unreachable):
        await terminal.run()
    assert terminal.finished == []


async def test_the_end_of_input_ends_the_login():
    with pytest.raises(LoginRefused, match="end of input"):
        await Terminal(HTTPS, "wrong one?").run()


async def test_without_input_and_listener_there_is_no_login():
    terminal = Terminal(HTTPS)
    terminal.read_line = None
    with pytest.raises(LoginRefused):
        await terminal.run()


async def visit(port, path, host="127.0.0.1"):
    async with httpx2.AsyncClient(trust_env=False) as browser:
        return await browser.get(f"http://{host}:{port}{path}")


@pytest.mark.parametrize("waits", [True, False])
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
async def test_the_browser_finishes_the_login(port, host, waits):
    terminal = Terminal(f"http://{host}:{port}/callback", waits=waits)
    async with anyio.create_task_group() as group:
        group.start_soon(terminal.run)
        await terminal.asked.wait()
        page = await visit(port, f"/callback?{terminal.answer()}")
    assert page.status_code == 200
    assert page.text == "You are logged in. You can close this window."
    assert terminal.finished == [("code", terminal.attempt.verifier)]


async def test_two_callbacks_use_the_code_once(port):
    terminal = Terminal(f"http://localhost:{port}/callback", waits=True)
    terminal.takes = 0.5
    pages = []

    async def browse():
        pages.append(await visit(port, f"/callback?{terminal.answer()}"))

    async with anyio.create_task_group() as group:
        group.start_soon(terminal.run)
        await terminal.asked.wait()
        group.start_soon(browse)
        group.start_soon(browse)
    assert [page.status_code for page in pages] == [200, 200]
    assert len(terminal.finished) == 1


async def test_an_invalid_callback_is_explained_and_the_next_one_is_accepted(port):
    terminal = Terminal(f"http://localhost:{port}/callback", waits=True)
    async with anyio.create_task_group() as group:
        group.start_soon(terminal.run)
        await terminal.asked.wait()
        assert (await visit(port, "/favicon.ico")).status_code == 404
        wrong = await visit(port, f"/callback?{terminal.answer(state='other')}")
        empty = await visit(port, "/callback")
        async with await anyio.connect_tcp("127.0.0.1", port) as stream:
            await stream.send(b"\x16\x03\x01 no HTTP\r\n\r\n")
            assert (await stream.receive()).startswith(b"HTTP/1.1 400")
        silent = await anyio.connect_tcp("127.0.0.1", port)
        page = await visit(port, f"/callback?{terminal.answer()}")
        await silent.aclose()
    assert (wrong.status_code, empty.status_code, page.status_code) == (400, 400, 200)
    assert "another login attempt" in wrong.text
    assert [code for code, _ in terminal.finished] == ["code"]


async def test_a_refused_consent_is_explained_and_the_next_callback_is_accepted(port):
    terminal = Terminal(f"http://localhost:{port}/callback", waits=True)
    async with anyio.create_task_group() as group:
        group.start_soon(terminal.run)
        await terminal.asked.wait()
        refused = await visit(port, f"/callback?error=access_denied&state={terminal.attempt.state}")
        page = await visit(port, f"/callback?{terminal.answer()}")
    assert (refused.status_code, page.status_code) == (400, 200)
    assert "cancelled" in refused.text


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
async def test_the_browser_can_return_over_ipv6(port):
    terminal = Terminal(f"http://localhost:{port}/callback", waits=True)
    async with anyio.create_task_group() as group:
        group.start_soon(terminal.run)
        await terminal.asked.wait()
        page = await visit(port, f"/callback?{terminal.answer()}", host="[::1]")
    assert page.status_code == 200
    assert terminal.finished == [("code", terminal.attempt.verifier)]


async def test_idle_connections_are_limited_and_do_not_block_the_browser(port):
    terminal = Terminal(f"http://localhost:{port}/callback", waits=True)
    async with anyio.create_task_group() as group, AsyncExitStack() as stack:
        group.start_soon(terminal.run)
        await terminal.asked.wait()
        idle = [await connect(stack, port) for _ in range(3 * MAX_CONNECTIONS)]
        surplus = [await is_ended(stream) for stream in idle[: 2 * MAX_CONNECTIONS]]
        page = await visit(port, f"/callback?{terminal.answer()}")
    assert page.status_code == 200
    assert all(surplus)


@pytest.mark.parametrize("ending", ["visit", "paste", "cancelled"])
async def test_connections_and_port_are_closed_after_the_login(port, ending):
    terminal = Terminal(f"http://localhost:{port}/callback")
    connected = anyio.Event()

    async def read_line():
        terminal.asked.set()
        await connected.wait()
        return "the-code" if ending == "paste" else await anyio.sleep_forever()

    terminal.read_line = read_line
    async with AsyncExitStack() as stack:
        async with anyio.create_task_group() as group:
            group.start_soon(terminal.run)
            await terminal.asked.wait()
            idle = await connect(stack, port)
            connected.set()
            if ending == "visit":
                assert (await visit(port, f"/callback?{terminal.answer()}")).status_code == 200
            if ending == "cancelled":
                group.cancel_scope.cancel()
        assert await is_ended(idle)
    with socket.create_server(("127.0.0.1", port)):
        pass


async def test_success_is_reported_before_the_page_is_closed(port):
    # The exporter cancels a login when it notices the new token, which can be while the page ends.
    terminal = Terminal(f"http://localhost:{port}/callback", "the-code")
    in_use = []

    def say(text):
        terminal.said.append(text)
        try:
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            in_use.append(text)

    terminal.say = say
    await terminal.run()
    assert in_use[-1] == terminal.said[-1] == "You are logged in."


async def test_neither_code_nor_state_is_logged(port, caplog):
    for logger in (None, "uvicorn", "uvicorn.error", "uvicorn.access"):  # whatever another test has set
        caplog.set_level(logging.DEBUG, logger)
    terminal = Terminal(f"http://localhost:{port}/callback", waits=True)
    async with anyio.create_task_group() as group, AsyncExitStack() as stack:
        group.start_soon(terminal.run)
        await terminal.asked.wait()
        # By hand: the log of an HTTP client would have the address.
        browser = await connect(stack, port)
        await browser.send(
            f"GET /callback?{terminal.answer('secret-code')} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
        )
        assert b" 200 " in await browser.receive()
    assert terminal.finished[0][0] == "secret-code"
    assert "uvicorn" in {record.name.partition(".")[0] for record in caplog.records}
    assert "secret-code" not in caplog.text
    assert terminal.attempt.state not in caplog.text


async def test_the_browser_shows_the_error(port):
    terminal = Terminal(f"http://localhost:{port}/callback", waits=True)
    terminal.failures = [Unreachable("Volvo ID is unavailable")]
    pages = []

    async def browse():
        await terminal.asked.wait()
        pages.append(await visit(port, f"/callback?{terminal.answer()}"))

    async with anyio.create_task_group() as group:
        group.start_soon(browse)
        with pytest.raises(Unreachable):
            await terminal.run()
    assert pages[0].text == "Volvo ID is unavailable"


async def test_a_port_in_use_still_allows_pasting():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        terminal = Terminal(f"http://localhost:{port}/callback", "the-code")
        await terminal.run()
    assert any(f"Port {port} is in use" in said for said in terminal.said)
    assert terminal.finished[0][0] == "the-code"


async def test_a_callback_to_the_exporter_itself_is_accepted_like_a_line():
    callback = Callback()
    terminal = Terminal(HTTPS, "wrong one?", waits=True)
    terminal.read_line = first_of(terminal.read_line, callback.wait)
    async with anyio.create_task_group() as group:
        group.start_soon(terminal.run)
        await terminal.asked.wait()
        assert callback.offer(f"?{terminal.answer()}")
    assert terminal.finished == [("code", terminal.attempt.verifier)]
    assert len([said for said in terminal.said if said.startswith("Login failed")]) == 1
    assert not callback.offer(f"?{terminal.answer()}")


async def test_a_line_is_accepted_while_a_callback_is_expected():
    callback = Callback()
    terminal = Terminal(HTTPS, "the-code")
    terminal.read_line = first_of(terminal.read_line, callback.wait)
    await terminal.run()
    assert terminal.finished == [("the-code", terminal.attempt.verifier)]
    assert not callback.offer("?code=late")


async def read_all(descriptor):
    read_line = lines_of(descriptor)
    lines = []
    while (line := await read_line()) is not None:
        lines.append(line)
    return lines


TEXT = "one\r\n\ntwo with ü\n" + "x" * 10_000 + "\nlast"
LINES = ["one\r", "", "two with ü", "x" * 10_000, "last"]


async def test_a_pipe_is_read_by_lines():
    out, into = os.pipe()

    async def write():
        for position in range(0, len(TEXT.encode()), 3000):
            os.write(into, TEXT.encode()[position : position + 3000])
            await anyio.lowlevel.checkpoint()
        os.close(into)

    async with anyio.create_task_group() as group:
        group.start_soon(write)
        assert await read_all(out) == LINES
    os.close(out)


async def test_a_file_is_read_by_lines(tmp_path):
    (tmp_path / "input").write_text(TEXT)
    descriptor = os.open(tmp_path / "input", os.O_RDONLY)
    assert await read_all(descriptor) == LINES
    os.close(descriptor)


async def test_nothing_is_read_from_the_null_device():
    descriptor = os.open(os.devnull, os.O_RDONLY)
    assert await read_all(descriptor) == []
    os.close(descriptor)


async def test_a_terminal_is_read_by_lines():
    ours, theirs = os.openpty()
    os.write(ours, b"one\n")
    read_line = lines_of(theirs)
    assert await read_line() == "one"
    with anyio.move_on_after(0.05) as scope:
        await read_line()
    assert scope.cancelled_caught
    os.close(ours)
    os.close(theirs)


WAITING = """
import sys, anyio
from volvo_exporter.login.terminal import lines_of

async def main():
    with anyio.move_on_after(0.1):
        await lines_of(sys.stdin.fileno())()

anyio.run(main)
"""


def test_a_program_that_stops_waiting_for_input_ends():
    out, into = os.pipe()
    try:
        subprocess.run([sys.executable, "-c", WAITING], stdin=out, timeout=20, check=True)
    finally:
        os.close(out)
        os.close(into)
