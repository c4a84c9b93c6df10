"""Runs the exporter's parts side by side: the server first, then the pollers.

A poller that dies takes the process down; it does not leave old values standing on `/metrics`.
"""

import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
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

LOOK_FOR_LOGIN = 2.0


async def serve(
    settings: Settings,
    environment: Environment,
    *,
    setting: str = "exporter_listen_addr, exporter_listen_port",
) -> None:
    """Serve and poll until a signal; raises what kills a part. `setting` names where to listen.

    A renewal of the login that was sent is waited for, 150 seconds at most.
    """
    log = structlog.get_logger()
    host, port = settings.exporter_listen_addr, settings.exporter_listen_port
    with listening(host, port, setting=setting) as listener:
        async with running(settings, environment) as exporter:
            _check_token_files(exporter)
            tls = exporter.web_config.tls if exporter.web_config else None
            server = Server(configure(exporter.app, tls=tls), most=max_connections())
            host, port = listener.getsockname()[:2]
            log.info("serving", address=f"{'https' if tls else 'http'}://{called(host)}:{port}/")
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
    """The exporter for as long as the block runs; its connections are closed at the end."""
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
    """Ask somebody at the terminal to log in; raises LoginRefused, ClientRefused or TokenNotSaved."""
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


def called(host: str) -> str:
    """A host as a browser on this machine should call it: by the name that usual redirect URIs have.

    The cookie of a login goes with the name, and `127.0.0.1` is another. `0.0.0.0` and `::` (in containers)
    are no addresses to open.
    """
    return "localhost" if host == "127.0.0.1" or host in LOOPBACK_HOSTS else bracketed(host)


@contextmanager
def listening(host: str, port: int, *, setting: str) -> Iterator[socket.socket]:
    """A socket to serve on, named after its setting; raises ConfigurationError where it cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        message = (
            f"{setting}: cannot listen on {host} port {port} ({reason}); "
            "stop the program that uses it, or choose another port"
        )
        raise ConfigurationError(message) from error
    with listener:
        yield listener


def _check_token_files(exporter: Exporter) -> None:
    """Raise ConfigurationError where no token could be stored: every login would end within the hour."""
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
    """Ask for a login whenever one is missing, until nobody answers."""
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
        await anyio.sleep(LOOK_FOR_LOGIN)


async def _cancel_when_logged_in(account: Account, scope: anyio.CancelScope) -> None:
    """End the asking when another process has logged in."""
    while account.grant.login_required:  # noqa: ASYNC110 - another process gives no event to wait for
        await anyio.sleep(LOOK_FOR_LOGIN)
    scope.cancel()
