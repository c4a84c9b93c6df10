"""Run the simulator on loopback, alone or with the exporter, for `volvo-exporter demo` and `simulate`."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from volvo_exporter.environment import Environment
from volvo_exporter.server import MAX_CONNECTIONS, serving
from volvo_exporter.settings import AccountSettings, Settings
from volvo_exporter.simulator import (
    API_KEY,
    CLIENT_ID,
    CLIENT_SECRET,
    REDIRECT_URI,
    WEATHER_KEY,
    Era,
    Options,
    World,
    create_app,
    latest_time,
)
from volvo_exporter.supervisor import browser_host, listening, serve
from volvo_exporter.volvo.codec import Token
from volvo_exporter.volvo.tokens import TokenFile
from volvo_exporter.web.formatting import duration, grouped

DAY = 86400.0
DEMO_QUOTA = 10_000_000
"""Calls per day and per minute: simulated days are short and need as many calls as real ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """The options of the simulated cars."""

    seed: int
    speed: float
    era: Era

    def world(self, clock: Callable[[], float], options: Options) -> World:
        """Return the simulated cloud, beginning on a Monday at seven, when people drive to work."""
        return World(
            clock=clock,
            seed=self.seed,
            speed=self.speed,
            simulated_start=latest_time(clock(), weekday=0, hour=7.0),
            era=self.era,
            options=options,
        )

    def ended(self, end: int) -> World:
        """Return a cloud whose past ends (Unix seconds) where a demo that begins then continues."""
        return replace(self, speed=1.0).world(lambda: float(end), Options())


def describe_demo(speed: float) -> str:
    """Return the text at the top of the demo's page."""
    pace = (
        "in real time"
        if speed == 1
        else f"at {speed:g} times real speed (a simulated day takes {duration(DAY / speed)})"
    )
    return (
        f"Demo: simulated cars, {pace}. The daily quota of {grouped(DEMO_QUOTA)} calls is simulated; "
        f"an API key from Volvo has {grouped(Options().daily_quota)} calls per day."
    )


@asynccontextmanager
async def simulating(world: World, *, port: int) -> AsyncIterator[str]:
    """Serve the simulator for the duration of the block; yield its URL. Port 0 selects a free port."""
    with listening("127.0.0.1", port, setting="--port") as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with serving(create_app(world), [listener], limit=MAX_CONNECTIONS):
            yield url


async def demonstrate(
    simulation: Simulation,
    environment: Environment,
    *,
    address: str,
    port: int,
    folder: Path,
    say: Callable[[str], None],
    fill: Callable[[Path, int], Awaitable[None]],
) -> None:
    """Run the exporter and its simulated cars in one process, already logged in, until a signal.

    `fill` fills the journal at a path with the past until a time (whole Unix seconds).
    """
    options = Options(daily_quota=DEMO_QUOTA, requests_per_minute=DEMO_QUOTA)
    begun = int(environment.clock())
    world = simulation.world(environment.clock, options)
    token_file = folder / "volvo_token.json"
    answer = world.authorize()
    TokenFile(token_file).write(
        Token(
            access_token=str(answer["access_token"]),
            refresh_token=str(answer["refresh_token"]),
            expires_at=environment.clock() + float(str(answer["expires_in"])),
            granted_at=environment.clock(),
        )
    )
    async with simulating(world, port=0) as url:
        settings = demo_settings(url, address=address, port=port, token_file=token_file)
        say(f"Simulated cloud: {url} ({len(world.cars)} cars, {simulation.speed:g} times real speed)")
        say(f"Exporter:        http://{browser_host(address)}:{port}/ (metrics at /metrics)")
        await serve(
            settings,
            replace(
                environment,
                demo=describe_demo(simulation.speed),
                speed=simulation.speed,
                speed_since=float(begun),
                fill_journal=partial(fill, settings.journal_path, begun),
            ),
            setting="--port",
        )


def demo_settings(url: str, *, address: str, port: int, token_file: Path) -> Settings:
    """Return settings that use a simulator."""
    return Settings(
        accounts=(
            AccountSettings(
                name="demo",
                client_id=CLIENT_ID,
                client_secret=CLIENT_SECRET,
                api_key=API_KEY,
                redirect_uri=REDIRECT_URI,
                token_file=token_file,
            ),
        ),
        state_file=token_file.with_name("volvo_state.json"),
        weather_api_key=WEATHER_KEY,
        volvo_api_url=url,
        volvo_id_url=url,
        weather_api_url=url,
        exporter_listen_addr=address,
        exporter_listen_port=port,
        scrape_interval=10,
        daily_quota=DEMO_QUOTA,
        requests_per_minute=DEMO_QUOTA,
    )
