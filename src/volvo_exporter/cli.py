"""The command line. Exit codes: 0 success, 1 failure, 2 invalid configuration or usage."""

import errno
import os
import re
import sys
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import BinaryIO

import anyio
import click
import httpx2
import yaml

from volvo_exporter import __version__, catalogue, log, signals
from volvo_exporter.backfill import MAX_HISTORY_SECONDS, MAX_STEP_SECONDS, Backfill, Span
from volvo_exporter.catalogue.model import Labels
from volvo_exporter.check import check as run_check
from volvo_exporter.demo import Simulation, demonstrate, simulating
from volvo_exporter.environment import Environment, Terminal
from volvo_exporter.fields import read_host
from volvo_exporter.journal_cli import journal_commands
from volvo_exporter.login.terminal import lines_of
from volvo_exporter.ownership import describe_denial
from volvo_exporter.problems import Invalid
from volvo_exporter.prometheus.reference import render
from volvo_exporter.settings import Settings, load
from volvo_exporter.simulator import (
    API_KEY,
    CLIENT_ID,
    CLIENT_SECRET,
    REDIRECT_URI,
    WEATHER_KEY,
    Era,
    Options,
)
from volvo_exporter.supervisor import log_in, running, serve
from volvo_exporter.volvo.errors import ConfigurationError, ExporterError
from volvo_exporter.web.probe import CredentialsRequired, ProbeResponse, probe, reachable_host

INVALID_CONFIGURATION = 2
LISTEN_ADDR, LISTEN_PORT = "exporter_listen_addr", "exporter_listen_port"


class Misconfigured(click.ClickException):
    """Reports an invalid configuration before anything runs."""

    exit_code = INVALID_CONFIGURATION


class Duration(click.ParamType[int]):
    """A duration in the format of Prometheus: 60s, 5m, 12h, 14d; converted to seconds."""

    name = "duration"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the seconds of a duration; fails with a message that names the fix."""
        found = re.fullmatch(r"([1-9]\d{0,6})([smhd])", str(value), re.ASCII)
        if found is None:
            self.fail(f"{value!r} is not a duration; use a number and a unit, e.g. 5m or 14d", param, ctx)
        return int(found[1]) * {"s": 1, "m": 60, "h": 3600, "d": 86400}[found[2]]


DURATION = Duration()
SEED_HELP = "Random seed; a different seed gives different trips."

config_option = click.option(
    "--config",
    # An unreadable file is described in full when it is read.
    type=click.Path(path_type=Path, dir_okay=False, readable=False),
    default=Path("config.yaml"),
    show_default=True,
    help="Configuration file. Every setting can also be set in the environment, as VOLVO_<SETTING>.",
)


def simulation_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of the simulated cars to a command."""
    for option in (
        click.option(
            "--era",
            type=click.Choice([era.name.lower() for era in Era]),
            default=Era.NULL.name.lower(),
            show_default=True,
            help="How missing values are sent: omitted (before August 2026) or null.",
        ),
        click.option(
            "--speed",
            type=click.FloatRange(min=0, min_open=True, max=3600),
            default=60.0,
            show_default=True,
            help="Simulated seconds per real second.",
        ),
        click.option("--seed", default=1, show_default=True, help=SEED_HELP),
    ):
        command = option(command)
    return command


def main(arguments: Sequence[str] | None = None) -> None:
    """Run `volvo-exporter`."""
    commands(arguments, prog_name="volvo-exporter")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def commands() -> None:
    """Export the data of your Volvo as Prometheus metrics."""


@commands.command("serve")
@config_option
def serve_command(config: Path) -> None:
    """Poll the cars and serve metrics; same as `python exporter.py`."""
    recent = log.Recent()
    settings = _settings(config, recent)
    environment = Environment.of_this_machine(
        terminal=_terminal() if sys.stdin and sys.stdin.isatty() else None,
        warnings=recent.lines,
        stopped=_stopped(),
    )
    _run(lambda: serve(settings, environment))


@commands.command()
@config_option
def login(config: Path) -> None:
    """Log in at Volvo ID; same as `python auth.py`."""
    settings = _settings(config)
    environment = Environment.of_this_machine()

    async def log_in_all() -> None:
        async with running(settings, environment) as exporter:
            for account in exporter.accounts:
                await log_in(exporter, account, environment, _terminal())
                path = account.settings.token_path
                click.echo(f"Logged in. The token is stored in {path}; keep this file secret.")

    _run_until_stopped(log_in_all)


@commands.command()
@config_option
def check(config: Path) -> None:
    """Check configuration, login and the endpoints of each car."""
    settings = _settings(config)
    failed = False

    async def print_findings() -> None:
        nonlocal failed
        async for finding in run_check(settings, Environment.of_this_machine()):
            failed = failed or not finding.ok
            click.echo(f"{'ok   ' if finding.ok else 'ERROR'}  {finding.what}: {finding.message}")

    _run_until_stopped(print_findings)
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
        case ProbeResponse(text=text, ok=ok):
            click.echo(text.strip())
            sys.exit(0 if ok else 1)


@commands.command()
@simulation_options
@click.option("--address", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=9100, show_default=True, help="Port to listen on.")
def demo(seed: int, speed: float, era: str, address: str, port: int) -> None:
    """Run the exporter with simulated cars; no account required."""
    recent = log.Recent()
    log.set_up(level=_level(), stream=sys.stderr, recent=recent)
    environment = Environment.of_this_machine(warnings=recent.lines, stopped=_stopped())
    simulation = Simulation(seed=seed, speed=speed, era=Era[era.upper()])
    with tempfile.TemporaryDirectory(prefix="volvo-exporter-demo-") as folder:

        async def run() -> None:
            await demonstrate(
                simulation, environment, address=address, port=port, folder=Path(folder), say=click.echo
            )

        _run(run)


@commands.command()
@simulation_options
@click.option("--port", default=8600, show_default=True, help="Port to listen on; the address is 127.0.0.1.")
@click.option(
    "--history", type=DURATION, help="Write a history of this length (e.g. 14d) as OpenMetrics, then exit."
)
@click.option("--step", type=DURATION, default="5m", show_default=True, help="Time between two samples.")
@click.option("--output", type=click.File("wb"), default="-", help="Output file; default: stdout.")
@click.option(
    "--label",
    "labels",
    multiple=True,
    metavar="NAME=VALUE",
    help="Label to add to every series, e.g. job=volvo.",
)
def simulate(
    *,
    seed: int,
    speed: float,
    era: str,
    port: int,
    history: int | None,
    step: int,
    output: BinaryIO,
    labels: tuple[str, ...],
) -> None:
    """Simulate Volvo's cloud, or write a history of simulated cars."""
    log.set_up(level=_level(), stream=sys.stderr)
    environment = Environment.of_this_machine()
    if history is not None:
        begun = environment.clock()
        past = Simulation(seed=seed, speed=1.0, era=Era[era.upper()]).world(lambda: begun, Options())
        span = _span(end=int(begun), seconds=history, step=step)
        _write_history(Backfill(past, seed=seed, span=span), span, output, _labels(labels))
        return
    simulation = Simulation(seed=seed, speed=speed, era=Era[era.upper()])

    async def run() -> None:
        world = simulation.world(environment.clock, Options())
        async with simulating(world, port=port) as url:
            click.echo(_settings_for(url))
            await anyio.sleep_forever()

    _run_until_stopped(run)


@commands.command()
@click.option("--scopes", is_flag=True, help="Print only the OAuth scopes, separated by spaces.")
def metrics(*, scopes: bool) -> None:
    """Print the reference of metrics, resources and scopes."""
    if scopes:
        enabled = tuple(resource for resource in catalogue.RESOURCES if resource.enabled)
        click.echo(" ".join(catalogue.scopes(enabled)))
    else:
        click.echo(render(), nl=False)


def _span(*, end: int, seconds: int, step: int) -> Span:
    if step > MAX_STEP_SECONDS:
        message = "must be 5m or less: Prometheus drops a series without samples for 5 minutes"
        raise click.BadParameter(message, param_hint="--step")
    if not step <= seconds <= MAX_HISTORY_SECONDS:
        message = "must be between --step and 180d, the lifetime of a login"
        raise click.BadParameter(message, param_hint="--history")
    return Span(end=end, seconds=seconds, step=step)


def _labels(texts: Sequence[str]) -> Labels:
    for text in texts:
        if not re.fullmatch(r"[a-zA-Z_]\w*=.*", text, re.ASCII):
            message = f"{text!r} is not a label; use NAME=VALUE, e.g. job=volvo"
            raise click.BadParameter(message, param_hint="--label")
    return tuple((name, value) for name, _, value in (text.partition("=") for text in texts))


def _write_history(history: Backfill, span: Span, output: BinaryIO, labels: Labels) -> None:
    with click.progressbar(
        span.moments(), label="Simulating", file=sys.stderr, hidden=not sys.stderr.isatty()
    ) as moments:
        for moment in moments:
            history.live(moment)
    history.write(output, labels=labels)


def _settings(config: Path, recent: log.Recent | None = None) -> Settings:
    """Return the settings, and set up the log so that it redacts their secrets."""
    match load(config):
        case Invalid(problems=problems):
            lines = (f"  {problem.setting}: {problem.message}" for problem in problems)
            raise Misconfigured("\n".join(("invalid configuration:", *lines)))
        case Settings() as settings:
            log.set_up(level=_level(), stream=sys.stderr, secrets=settings.secret_values(), recent=recent)
            return settings


commands.add_command(journal_commands(config_option, _settings))


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


def _level() -> str:
    level = os.environ.get("LOG_LEVEL", "info").lower() or "info"
    if level not in log.LEVELS:
        message = f"LOG_LEVEL: must be one of {', '.join(log.LEVELS)}"  # the value may be a secret
        raise Misconfigured(message)
    return level


def _terminal() -> Terminal:
    # Python sets stdin to None where it is closed; descriptor 0 may be another file by now.
    return Terminal(say=click.echo, read_line=lines_of(sys.stdin.fileno()) if sys.stdin else _read_nothing)


async def _read_nothing() -> None:
    """Return the end of input, for a closed stdin."""


def _stopped() -> Callable[[], Awaitable[None]]:
    """Collect signals from now on; return a function that waits for the first."""
    return partial(anyio.wait_readable, signals.collect())


def _run_until_stopped(function: Callable[[], Awaitable[None]]) -> None:
    """Run to the end or until a signal; a token renewal in progress is completed first."""
    stopped, done = _stopped(), False

    async def run() -> None:
        nonlocal done
        async with anyio.create_task_group() as tasks:

            async def cancel() -> None:
                await stopped()
                tasks.cancel_scope.cancel()

            tasks.start_soon(cancel)
            await function()
            done = True
            tasks.cancel_scope.cancel()

    _run(run)
    if not done:
        raise click.Abort


def _run(function: Callable[[], object]) -> None:
    """Run to the end; the exporter's own errors end with a message, others with a traceback."""
    failure: click.ClickException | BrokenPipeError | None = None
    try:
        anyio.run(function)  # type: ignore[arg-type]
    except* ConfigurationError as errors:
        failure = Misconfigured(_first(errors))
    except* ExporterError as errors:
        failure = failure or click.ClickException(_first(errors))
    except* BrokenPipeError:
        failure = failure or BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))  # click ends quietly
    if failure:
        # Not raised above: in Python 3.11.2, Debian 12, what `except*` raises comes as a group, a traceback.
        raise failure


def _first(errors: BaseExceptionGroup[ExporterError]) -> str:
    error: BaseException = errors
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return str(error)


def _settings_for(url: str) -> str:
    return f"""Simulated cloud: {url}
Settings for an exporter that polls it:
client_id: {CLIENT_ID}
client_secret: {CLIENT_SECRET}
api_key: {API_KEY}
weather_api_key: {WEATHER_KEY}
redirect_uri: {REDIRECT_URI}
volvo_api_url: {url}
volvo_id_url: {url}
weather_api_url: {url}"""
