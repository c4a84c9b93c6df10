"""Run the exporter's tasks concurrently: the server first, then the pollers.

If a poller fails, the process ends, so that `/metrics` does not serve old values.
"""

import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from urllib.parse import urlsplit

import anyio
import structlog
import uvicorn
from anyio.abc import TaskGroup

from volvo_exporter.account import Account
from volvo_exporter.assembly import Exporter, build
from volvo_exporter.environment import Environment, Terminal
from volvo_exporter.login.terminal import first_of, login_at_terminal
from volvo_exporter.server import Server, configure, max_connections
from volvo_exporter.settings import Settings
from volvo_exporter.volvo.errors import CloudError, ConfigurationError, LoginRefused, TokenNotSaved
from volvo_exporter.web.probe import LOOPBACK_HOSTS, bracketed

LOGIN_CHECK_SECONDS = 2.0
"""Seconds between two checks for a login by another process. Chosen: users wait for the result."""
LISTEN_SETTING = "exporter_listen_addr, exporter_listen_port"
"""The settings of the address, in error messages."""


async def serve(
    settings: Settings,
    environment: Environment,
    *,
    setting: str = LISTEN_SETTING,
    opened: socket.socket | None = None,
) -> None:
    """Serve and poll until a signal; `setting` is the name of the address in error messages.

    `opened` is the socket to serve on, if it is open already.
    A token renewal in progress is completed first, within 150 seconds. Raises the error of a failed task.
    """
    log = structlog.get_logger()
    host, port = settings.exporter_listen_addr, settings.exporter_listen_port
    with nullcontext(opened) if opened else listening(host, port, setting=setting) as listener:
        async with running(settings, environment) as exporter:
            _check_token_files(exporter)
            tls = exporter.web_config.tls if exporter.web_config else None
            server = Server(configure(exporter.app, tls=tls), limit=max_connections())
            host, port = listener.getsockname()[:2]
            log.info("serving", address=f"{'https' if tls else 'http'}://{browser_host(host)}:{port}/")
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(_stop, server, environment)
                start_parts(exporter, tasks)
                if environment.terminal:
                    tasks.start_soon(_ask_for_logins, exporter, environment, environment.terminal)
                await server.serve(sockets=[listener])
                if any(account.grant.renewing for account in exporter.accounts):
                    log.info("shutting down: waiting for the token renewal to finish")
                tasks.cancel_scope.cancel()
    log.info("stopped")


@asynccontextmanager
async def running(settings: Settings, environment: Environment) -> AsyncIterator[Exporter]:
    """Build the exporter for the duration of the block; close its connections at the end."""
    exporter = build(settings, environment)
    async with exporter.client:
        yield exporter


def start_parts(exporter: Exporter, tasks: TaskGroup) -> None:
    """Start the outputs and the pollers; if one of them fails, the others end, too."""
    for output, updates in exporter.outputs:
        tasks.start_soon(_keep_running, output.name, partial(output.run, updates))
    for account in exporter.accounts:
        tasks.start_soon(_keep_running, f"poller {account.settings.name}", account.poller.run)


async def log_in(
    exporter: Exporter,
    account: Account,
    environment: Environment,
    terminal: Terminal,
    *,
    listen: bool = True,
) -> None:
    """Ask for a login at the terminal; raises LoginRefused, ClientRefused or TokenNotSaved."""
    attempt = account.begin_login(exporter.settings, environment)
    if len(exporter.accounts) > 1:
        terminal.say(f"Account {account.settings.name}:")
    await login_at_terminal(
        attempt=attempt,
        finish=account.finish_login,
        say=terminal.say,
        read_line=terminal.read_line,
        listen=listen,
    )


def browser_host(host: str) -> str:
    """Return the host name for a browser on this machine, as in most redirect URIs.

    The cookie of a login is bound to the name, and `127.0.0.1` is a different one. `0.0.0.0` and `::` (in
    containers) cannot be opened.
    """
    return "localhost" if host == "127.0.0.1" or host in LOOPBACK_HOSTS else bracketed(host)


@contextmanager
def listening(host: str, port: int, *, setting: str) -> Iterator[socket.socket]:
    """Open a socket to serve on; raises ConfigurationError, which names the setting, if that fails."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family)
    except (OSError, OverflowError) as error:
        # `create_server` appends the address in brackets.
        reason = (getattr(error, "strerror", None) or str(error)).partition(" (")[0]
        message = (
            f"{setting}: cannot listen on {host} port {port} ({reason}); "
            "stop the program that uses it, or choose another port"
        )
        raise ConfigurationError(message) from error
    with listener:
        yield listener


def _check_token_files(exporter: Exporter) -> None:
    """Raise ConfigurationError if no token can be stored: every login would end within the hour."""
    for account in exporter.accounts:
        try:
            account.grant.check_writable()
        except TokenNotSaved as error:
            message = f"token_file ({account.settings.name}): {error}"
            raise ConfigurationError(message) from None


async def _stop(server: uvicorn.Server, environment: Environment) -> None:
    await environment.stopped()
    server.should_exit = True


async def _keep_running(name: str, run: Callable[[], Awaitable[None]]) -> None:
    try:
        await run()
    except Exception:
        structlog.get_logger().exception("task failed; the exporter stops", part=name)
        raise


async def _ask_for_logins(exporter: Exporter, environment: Environment, terminal: Terminal) -> None:
    """Ask for a login whenever one is missing, until the input ends."""
    visited = replace(terminal, read_line=first_of(terminal.read_line, exporter.callback.wait))
    while True:
        for account in exporter.accounts:
            if not account.grant.login_required:
                continue
            own = urlsplit(account.settings.redirect_uri).port == exporter.settings.exporter_listen_port
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(_cancel_when_logged_in, account, tasks.cancel_scope)
                try:
                    await log_in(exporter, account, environment, visited, listen=not own)
                except (LoginRefused, CloudError) as error:
                    terminal.say(str(error))
                    return
                tasks.cancel_scope.cancel()
        await anyio.sleep(LOGIN_CHECK_SECONDS)


async def _cancel_when_logged_in(account: Account, scope: anyio.CancelScope) -> None:
    """Cancel the prompt after a login by another process."""
    while account.grant.login_required:  # noqa: ASYNC110 - another process sends no event
        await anyio.sleep(LOGIN_CHECK_SECONDS)
    scope.cancel()
