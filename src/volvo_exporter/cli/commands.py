"""The commands of `volvo-exporter` that need no module of their own."""

import os
import sys
from functools import partial
from pathlib import Path

import anyio
import click
import httpx2
import yaml

from volvo_exporter import __version__, catalogue, log
from volvo_exporter.check import check as run_check
from volvo_exporter.cli.first_run import set_up_and_serve
from volvo_exporter.cli.journal import journal
from volvo_exporter.cli.notify import notify
from volvo_exporter.cli.running import (
    Misconfigured,
    config_option,
    open_terminal,
    read_pending_settings,
    read_settings,
    run_to_end,
    run_until_stopped,
    signalled,
)
from volvo_exporter.cli.simulation import demo, simulate
from volvo_exporter.cli.tokens import token
from volvo_exporter.environment import Environment
from volvo_exporter.fields import read_host
from volvo_exporter.ownership import describe_denial
from volvo_exporter.prometheus.reference import render
from volvo_exporter.settings import Settings
from volvo_exporter.settings.draft import is_configured
from volvo_exporter.supervisor import log_in, running, serve
from volvo_exporter.web.probe import CredentialsRequired, ProbeResponse, probe, reachable_host

LISTEN_ADDR, LISTEN_PORT = "exporter_listen_addr", "exporter_listen_port"


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def commands() -> None:
    """Export the data of your Volvo as Prometheus metrics."""


@commands.command("serve")
@config_option
@click.option(
    "--setup/--no-setup",
    default=None,
    envvar="VOLVO_SETUP",
    help="Without a configuration, serve a page that creates it; by default only at a terminal. "
    "Also VOLVO_SETUP=on or off in the environment.",
)
def serve_command(config: Path, *, setup: bool | None) -> None:
    """Poll the cars and serve metrics; same as `python exporter.py`."""
    recent = log.Recent()
    at_terminal = bool(sys.stdin and sys.stdin.isatty())
    first = (at_terminal if setup is None else setup) and not is_configured(config, os.environ)
    settings = read_pending_settings() if first else read_settings(config, recent)
    environment = Environment.of_this_machine(
        terminal=open_terminal() if at_terminal else None,
        warnings=recent.lines,
        stopped=signalled(),
    )
    if first:
        read = partial(read_settings, config, recent)
        run_to_end(lambda: set_up_and_serve(settings, environment, config=config, read=read))
    else:
        run_to_end(lambda: serve(settings, environment))


@commands.command()
@config_option
def login(config: Path) -> None:
    """Log in at Volvo ID; same as `python auth.py`."""
    settings = read_settings(config)
    environment = Environment.of_this_machine()

    async def log_in_all() -> None:
        async with running(settings, environment) as exporter:
            for account in exporter.accounts:
                await log_in(exporter, account, environment, open_terminal())
                path = account.settings.token_path
                click.echo(f"Logged in. The token is stored in {path}; keep this file secret.")

    run_until_stopped(log_in_all)


@commands.command()
@config_option
def check(config: Path) -> None:
    """Check configuration, login and the endpoints of each car."""
    settings = read_settings(config)
    failed = False

    async def print_findings() -> None:
        nonlocal failed
        async for finding in run_check(settings, Environment.of_this_machine()):
            failed = failed or not finding.ok
            click.echo(f"{'ok   ' if finding.ok else 'ERROR'}  {finding.what}: {finding.message}")

    run_until_stopped(print_findings)
    sys.exit(1 if failed else 0)


@commands.command()
@config_option
def health(config: Path) -> None:
    """Check whether the exporter on this machine is running."""
    host, port, tls = _listening(config)
    try:
        answer = anyio.run(partial(probe, host, port, "/-/healthy", tls=tls))
    except httpx2.TransportError as error:
        message = f"no response on port {port} ({type(error).__name__}); check the exporter's log"
        raise click.ClickException(message) from None
    match answer:
        case CredentialsRequired(credentials=credentials):
            click.echo(f"running, protected by {credentials}")
        case ProbeResponse(text=text, ok=True):
            click.echo(text.strip())
        case ProbeResponse():
            message = f"port {port} is used by another program: check exporter_listen_port"
            raise click.ClickException(message)


@commands.command()
@click.option("--scopes", is_flag=True, help="Print only the OAuth scopes, separated by spaces.")
def metrics(*, scopes: bool) -> None:
    """Print the reference of metrics, resources and scopes."""
    if scopes:
        enabled = tuple(resource for resource in catalogue.RESOURCES if resource.enabled)
        click.echo(" ".join(catalogue.scopes(enabled)))
    else:
        click.echo(render(), nl=False)


def _listening(config: Path) -> tuple[str, int, bool]:
    """Return host, port and whether TLS is possible, without the other settings: they may be invalid."""
    try:
        content = yaml.safe_load(config.read_text(encoding="utf-8")) if config.exists() else None
        given = dict(content or {})
        address, port, file = (
            os.environ.get(f"VOLVO_{setting.upper()}") or given.get(setting)
            for setting in (LISTEN_ADDR, LISTEN_PORT, "web_config_file")
        )
        address, port = (
            value or Settings.model_fields[setting].default
            for setting, value in ((LISTEN_ADDR, address), (LISTEN_PORT, port))
        )
        return reachable_host(read_host(str(address))), int(port), bool(file)
    except PermissionError:
        message = f"{config}: cannot be read: {describe_denial(config, uid=os.geteuid())}"
        raise Misconfigured(message) from None
    except (OSError, yaml.YAMLError, TypeError, ValueError, RecursionError):
        message = f"{LISTEN_ADDR}, {LISTEN_PORT}: cannot be read from {config} or the environment; fix them"
        raise Misconfigured(message) from None


for command in (demo, simulate, journal, notify, token):
    commands.add_command(command)
