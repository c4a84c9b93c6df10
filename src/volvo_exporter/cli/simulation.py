"""`volvo-exporter demo` and `simulate`: simulated cars."""

import re
import signal
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import BinaryIO

import anyio
import anyio.to_process
import click
import structlog

from volvo_exporter import log
from volvo_exporter.backfill import MAX_HISTORY_SECONDS, MAX_STEP_SECONDS, Backfill, Span
from volvo_exporter.catalogue.model import Labels
from volvo_exporter.cli.running import log_level, run_to_end, run_until_stopped, signalled
from volvo_exporter.demo import Simulation, demonstrate, simulating
from volvo_exporter.environment import Environment
from volvo_exporter.simulator import (
    API_KEY,
    CLIENT_ID,
    CLIENT_SECRET,
    REDIRECT_URI,
    WEATHER_KEY,
    Era,
    Options,
)


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
PORT = click.IntRange(1, 65535)
DEMO_HISTORY_SECONDS = 21 * 86400
"""The past that the demo shows; docker-compose.yml loads as much into Prometheus."""
SEED_HELP = "Random seed; a different seed gives different trips."


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


@click.command()
@simulation_options
@click.option("--address", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=PORT, default=9100, show_default=True, help="Port to listen on.")
def demo(seed: int, speed: float, era: str, address: str, port: int) -> None:
    """Run the exporter with simulated cars; no account required."""
    recent = log.Recent()
    log.set_up(level=log_level(), stream=sys.stderr, recent=recent)
    environment = Environment.of_this_machine(warnings=recent.lines, stopped=signalled())
    simulation = Simulation(seed=seed, speed=speed, era=Era[era.upper()])
    with tempfile.TemporaryDirectory(prefix="volvo-exporter-demo-") as folder:

        async def run() -> None:
            await demonstrate(
                simulation,
                environment,
                address=address,
                port=port,
                folder=Path(folder),
                say=click.echo,
                fill=partial(_fill_demo, simulation),
            )

        run_to_end(run)


@click.command()
@simulation_options
@click.option(
    "--port", type=PORT, default=8600, show_default=True, help="Port to listen on; the address is 127.0.0.1."
)
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
    log.set_up(level=log_level(), stream=sys.stderr)
    environment = Environment.of_this_machine()
    if history is not None:
        span = _span(end=int(environment.clock()), seconds=history, step=step)
        past = Simulation(seed=seed, speed=1.0, era=Era[era.upper()])
        _write_history(Backfill(past.ended(span.end), seed=seed, span=span), span, output, _labels(labels))
        return
    simulation = Simulation(seed=seed, speed=speed, era=Era[era.upper()])

    async def run() -> None:
        world = simulation.world(environment.clock, Options())
        async with simulating(world, port=port) as url:
            click.echo(_settings_for(url))
            await anyio.sleep_forever()

    run_until_stopped(run)


async def _fill_demo(simulation: Simulation, file: Path, end: int) -> None:
    """Fill the demo's journal in a process of its own, which does not slow the pages down."""
    span = Span(end=end, seconds=DEMO_HISTORY_SECONDS, step=MAX_STEP_SECONDS)
    try:
        await anyio.to_process.run_sync(_fill, simulation, file, span, cancellable=True)
    except anyio.BrokenWorkerProcess:
        # Ctrl-C reaches both processes; the demo then ends as well.
        structlog.get_logger().warning("the process that fills the demo's journal ended early")


def _fill(simulation: Simulation, file: Path, span: Span) -> None:
    # The demo decides when this process ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    # Imported by the demo alone: SQLAlchemy takes a second to import.
    from volvo_exporter.cli.filling import fill  # noqa: PLC0415

    fill(file, simulation.ended(span.end), seed=simulation.seed, span=span, speed=simulation.speed)


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
