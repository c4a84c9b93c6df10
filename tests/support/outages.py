"""Outages of the whole exporter in virtual time, recorded as Prometheus would scrape them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import anyio
import httpx2

from tests.support.installation import APIS, MONDAY, Installation, a_world, installed, write_token
from tests.support.services import ROOT
from volvo_exporter.simulator import FLEET, Fault, create_app

MINUTE, HOUR = 60.0, 3600.0
STEP = 5 * MINUTE
"""Between two scrapes; Prometheus' rules hold a value for ten minutes."""
BEGINS = HOUR
CAR = FLEET[0]
OTHER = replace(CAR, vin="YV1DEMEV0R2100002")
READ_BY_RULES = frozenset(
    name
    for file in ("recording_rules.yml", "alert_rules.yml")
    for name in re.findall(r"\bvolvo_\w+", (ROOT / "prometheus" / file).read_text())
)


class Network(httpx2.AsyncBaseTransport):
    """A network that can be down."""

    def __init__(self, inner: httpx2.AsyncBaseTransport) -> None:
        self.inner, self.down = inner, False

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if self.down:
            message = "Network is unreachable"
            raise httpx2.ConnectError(message, request=request)
        return await self.inner.handle_async_request(request)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """An exporter, its cloud, and the network between them."""

    it: Installation
    network: Network


def fail_at_volvo(scene: Scene, kind: str) -> None:
    """Let all requests to Volvo fail so; the weather is another service."""
    for api in APIS:
        scene.it.world.faults.add(Fault(kind=kind, where=f"{api}*"))


def refuse_the_key(scene: Scene) -> None:
    fail_at_volvo(scene, "invalid_key")


def use_up_the_quota(scene: Scene) -> None:
    fail_at_volvo(scene, "quota")


def make_the_token_file_unwritable(scene: Scene) -> None:
    for suffix in (".tmp", ".lock"):
        file = scene.it.token_file.with_name(scene.it.token_file.name + suffix)
        file.unlink(missing_ok=True)
        file.mkdir()


def refuse_the_client_secret(scene: Scene) -> None:
    scene.it.world.options = replace(scene.it.world.options, client_secret="changed")


def end_the_login(scene: Scene) -> None:
    scene.it.world.identity.grants[-1].revoked = True


def cut_the_network(scene: Scene) -> None:
    scene.network.down = True


def fail_in_the_cloud(scene: Scene) -> None:
    fail_at_volvo(scene, "unavailable")


def take_the_car_away(scene: Scene) -> None:
    write_token(scene.it.world, scene.it.token_file, vins=[OTHER.vin])


CAUSES: Mapping[str, Callable[[Scene], None]] = {
    "API key refused": refuse_the_key,
    "Daily quota used up": use_up_the_quota,
    "Token file not writable": make_the_token_file_unwritable,
    "Client secret refused": refuse_the_client_secret,
    "Login ended": end_the_login,
    "No network": cut_the_network,
    "Volvo's cloud answers 5xx": fail_in_the_cloud,
    "Car no longer in the account": take_the_car_away,
}


@dataclass(slots=True, kw_only=True)
class Record:
    """What `/metrics` and `/-/ready` said, scrape by scrape; the outage begins at `BEGINS`."""

    scrapes: list[dict[str, float]] = field(default_factory=list)
    ready: list[bool] = field(default_factory=list)

    def at(self, seconds: float, *wanted: str) -> dict[str, float]:
        """The series with all that is wanted in their text, so many seconds after the outage began."""
        scrape = self.scrapes[int((BEGINS + seconds) // STEP)]
        return {name: value for name, value in scrape.items() if all(part in name for part in wanted)}

    def left(self, vin: str) -> float:
        """When a car left the metrics, in seconds after the outage began; 0 if it never did."""
        outage = self.scrapes[int(BEGINS // STEP) :]
        seen = [any(f'volvo_vehicle_info{{vin="{vin}"' in name for name in scrape) for scrape in outage]
        return 0.0 if all(seen) else seen.index(False) * STEP

    def series(self) -> list[dict[str, str]]:
        """The scrapes as `input_series` of promtool, whose time begins at 0."""
        names = {name for scrape in self.scrapes for name in scrape if family(name) in READ_BY_RULES}
        up = " ".join("1" for _ in self.scrapes)
        return [
            {"series": 'up{job="volvo",instance="exporter"}', "values": up},
            *({"series": name, "values": self._values(name)} for name in sorted(names)),
        ]

    def _values(self, name: str) -> str:
        start = MONDAY if family(name).endswith("_timestamp_seconds") else 0.0
        return " ".join(f"{scrape[name] - start!r}" if name in scrape else "_" for scrape in self.scrapes)


def family(series: str) -> str:
    """The name of the metric that a series belongs to."""
    return series.partition("{")[0]


async def record(folder: Path, outage: Callable[[Scene], None], *, hours: float) -> Record:
    """Run the exporter through an hour without and hours with an outage."""
    found = Record()
    world = a_world(start=MONDAY, cars=(CAR, OTHER))
    network = Network(httpx2.ASGITransport(app=create_app(world)))
    async with installed(folder, world, transport=network) as it:
        await anyio.sleep(1)
        while world.now() < MONDAY + BEGINS + hours * HOUR:
            if len(found.scrapes) == BEGINS // STEP:
                outage(Scene(it=it, network=network))
            found.scrapes.append(await it.series())
            found.ready.append((await it.scrape("/-/ready")).status_code == 200)
            await anyio.sleep(STEP)
    return found
