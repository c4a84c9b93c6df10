"""The first run of `serve`: a page that creates the configuration, then the exporter on the same socket."""

import os
import socket
from collections.abc import Awaitable, Callable
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path

import anyio
import structlog
from starlette.types import ASGIApp

from volvo_exporter import catalogue
from volvo_exporter.assembly import protect
from volvo_exporter.environment import Environment
from volvo_exporter.server import Server, configure, max_connections
from volvo_exporter.settings import Settings
from volvo_exporter.settings.draft import render, write_new
from volvo_exporter.supervisor import LISTEN_SETTING, browser_host, listening, serve
from volvo_exporter.volvo.disk import describe_owner
from volvo_exporter.volvo.errors import ConfigurationError
from volvo_exporter.volvo.transport import create_client
from volvo_exporter.web.setup_access import Visitors
from volvo_exporter.web.setup_form import Checker
from volvo_exporter.web.setup_routes import SetupContext, create_setup_app
from volvo_exporter.web.web_config import WebConfigFile


async def set_up_and_serve(
    settings: Settings, environment: Environment, *, config: Path, read: Callable[[], Settings]
) -> None:
    """Serve the set-up page until it has written `config`, then the exporter with the settings of `read`.

    `settings` are those of the environment. Returns after a signal. Raises ConfigurationError if no file can
    be created in the folder of `config`.
    """
    _check_folder(config)
    host, port = settings.exporter_listen_addr, settings.exporter_listen_port
    with listening(host, port, setting=LISTEN_SETTING) as listener:
        # The redirect to the login arrives between the two servers and waits in the queue of the socket.
        first_run = FirstRun(settings, environment, listener, config)
        if await first_run.serve():
            await serve(read(), replace(environment, admitted=first_run.visitors.know), opened=listener)


class FirstRun:
    """The set-up page, as long as there is no configuration.

    Args:
        settings: Those of the environment, for address, TLS, passwords and the URLs of Volvo.
        environment: The access to the machine.
        listener: The socket to serve on; it stays open.
        config: The file to write.
    """

    def __init__(
        self, settings: Settings, environment: Environment, listener: socket.socket, config: Path
    ) -> None:
        self._settings = settings
        self._environment = environment
        self._listener = listener
        self._config = config
        self._saved = anyio.Event()
        self._web_config = WebConfigFile(settings.web_config_file) if settings.web_config_file else None
        self._tls = self._web_config.tls if self._web_config else None
        self._scheme = "https" if self._tls else "http"
        self.visitors = Visitors(
            clock=environment.clock, token_urlsafe=environment.token_urlsafe, announce=self._announce
        )

    async def serve(self) -> bool:
        """Serve until the configuration is saved (True), or until a signal (False)."""
        client = create_client(
            observe=lambda *_: None,
            monotonic=self._environment.monotonic,
            transport=self._environment.transport,
        )
        async with client, anyio.create_task_group() as tasks:
            checker = Checker(
                client=client,
                id_url=self._settings.volvo_id_url,
                api_url=self._settings.volvo_api_url,
                scope=catalogue.scopes(tuple(each for each in catalogue.RESOURCES if each.enabled)),
                clock=self._environment.clock,
                token_urlsafe=self._environment.token_urlsafe,
            )
            server = Server(configure(self._pages(checker), tls=self._tls), limit=max_connections())
            for ended in (self._environment.stopped, self._saved.wait):
                tasks.start_soon(_stop_after, ended, server)
            self.visitors.invite()
            await server.serve(sockets=[self._listener.dup()])
            tasks.cancel_scope.cancel()
        self.visitors.close()
        return self._saved.is_set()

    def _pages(self, checker: Checker) -> ASGIApp:
        address, port = self._listener.getsockname()[:2]
        context = SetupContext(
            visitors=self.visitors,
            checker=checker,
            save=self._save,
            saved=self._saved.is_set,
            loopback=ip_address(address).is_loopback,
            file=str(self._config),
            redirect_uri=f"{self._scheme}://localhost:{port}/callback",
            token_urlsafe=self._environment.token_urlsafe,
        )
        environment = replace(self._environment, admitted=self.visitors.know)
        return protect(create_setup_app(context), self._settings, environment, self._web_config)

    def _announce(self, code: str) -> None:
        host, port = self._listener.getsockname()[:2]
        structlog.get_logger().warning(
            "not configured: open this address to set up the exporter; if the page asks, enter the code",
            address=f"{self._scheme}://{browser_host(host)}:{port}/",
            code=code,
        )

    def _save(self, settings: Settings) -> None:
        try:
            write_new(self._config, render(settings))
        except FileExistsError:
            message = f"{self._config} exists already and is not overwritten: restart the exporter to use it"
            raise ConfigurationError(message) from None
        except OSError as error:
            owner = describe_owner(self._config.absolute().parent)
            message = f"{self._config} cannot be written ({error.strerror}): {owner}"
            raise ConfigurationError(message) from None
        structlog.get_logger().info("configuration written", file=str(self._config))
        self._saved.set()


def _check_folder(config: Path) -> None:
    folder = config.absolute().parent
    if not folder.is_dir():
        message = f"{config}: its folder does not exist; create it, or correct --config"
        raise ConfigurationError(message)
    if not os.access(folder, os.W_OK | os.X_OK):
        message = f"{config}: the set-up cannot create this file: {describe_owner(folder)}"
        raise ConfigurationError(message)


async def _stop_after(ended: Callable[[], Awaitable[object]], server: Server) -> None:
    await ended()
    server.should_exit = True
