"""The output: sends the telemetry of each vehicle after its values changed, at most twice a minute."""

from collections.abc import Callable, Mapping, Sequence

import anyio
import httpx2
import structlog

from volvo_exporter.abrp.delivery import Delivered, Failed, Outcome, Target, send
from volvo_exporter.abrp.telemetry import Telemetry, read_telemetry
from volvo_exporter.settings.abrp import Abrp as Section
from volvo_exporter.vehicles.garage import Garage
from volvo_exporter.vehicles.updates import Subscription

SETTLE_SECONDS = 5.0
"""Wait after a change: the answers of a vehicle's resources arrive within seconds of each other."""
MIN_INTERVAL_SECONDS = 30.0
"""Time between two requests for a vehicle. Chosen: active vehicles are polled every minute."""


class Abrp:
    """Sends the telemetry of each vehicle to A Better Routeplanner.

    Args:
        targets: The vehicles.
        garage: The values of the vehicles.
        with_position: Whether the exact position may be sent.
        clock: Unix time.
        create_client: Returns the client; it is created where it is used, in `run`.
    """

    name = "abrp"

    def __init__(
        self,
        targets: Sequence[Target],
        *,
        garage: Garage,
        with_position: bool,
        clock: Callable[[], float],
        create_client: Callable[[], httpx2.AsyncClient],
    ) -> None:
        self._create_client = create_client
        self._senders: Mapping[str, Sender] = {
            target.vin: Sender(target, number=number, garage=garage, with_position=with_position, clock=clock)
            for number, target in enumerate(targets, start=1)
        }

    async def run(self, updates: Subscription) -> None:
        """Send until cancelled."""
        async with self._create_client() as client, anyio.create_task_group() as tasks:
            for sender in self._senders.values():
                tasks.start_soon(sender.run, client)
            async for update in updates:
                if concerned := self._senders.get(update.vin):
                    concerned.notify()


class Sender:
    """Sends the telemetry of one vehicle. A failing one delays no other vehicle.

    Args:
        target: The vehicle.
        number: Number of its entry in the settings, for log lines, which contain no VIN.
        garage, with_position, clock: As in `Abrp`.
    """

    def __init__(
        self,
        target: Target,
        *,
        number: int,
        garage: Garage,
        with_position: bool,
        clock: Callable[[], float],
    ) -> None:
        self._target = target
        self._garage = garage
        self._with_position = with_position
        self._clock = clock
        self._changed = anyio.Event()
        self._sent: Mapping[str, float] | None = None
        self._failures = 0
        self._log = structlog.get_logger().bind(entry=number)

    def notify(self) -> None:
        """Report that the vehicle may have new values."""
        self._changed.set()

    async def run(self, client: httpx2.AsyncClient) -> None:
        """Send until cancelled."""
        while True:
            await self._changed.wait()
            await anyio.sleep(SETTLE_SECONDS)
            self._changed = anyio.Event()
            await self._deliver(client)

    async def _deliver(self, client: httpx2.AsyncClient) -> None:
        """Send what is new; each attempt sends the latest values, and none follows when they are too old."""
        while telemetry := self._news():
            outcome = await send(client, self._target, telemetry, failures=self._failures)
            self._report(outcome)
            match outcome:
                case Delivered():
                    self._sent = telemetry.values
                    await anyio.sleep(MIN_INTERVAL_SECONDS)
                    return
                case Failed(seconds=seconds):
                    await anyio.sleep(seconds)

    def _news(self) -> Telemetry | None:
        """Return telemetry with other values than the planner has; None if there is none."""
        vin = self._target.vin
        if vin not in self._garage:
            return None
        tracked = self._garage[vin]
        telemetry = read_telemetry(
            tracked.vehicle, tracked.state.activity, now=self._clock(), with_position=self._with_position
        )
        return None if telemetry is None or telemetry.values == self._sent else telemetry

    def _report(self, outcome: Outcome) -> None:
        """Log the first failure of several, and their end."""
        match outcome:
            case Delivered():
                if self._failures:
                    self._log.info("abrp works again", failures=self._failures)
                self._failures = 0
            case Failed(reason=reason):
                if not self._failures:
                    self._log.warning("abrp failed; check api_key and user_token", reason=reason)
                self._failures += 1


def build(
    sections: Sequence[Section],
    *,
    garage: Garage,
    with_position: bool,
    clock: Callable[[], float],
    create_client: Callable[[], httpx2.AsyncClient],
) -> Abrp:
    """Return the output for the entries of the setting `abrp`."""
    targets = [
        Target(vin=entry.vin, url=entry.url, api_key=entry.api_key, user_token=entry.user_token)
        for entry in sections
    ]
    return Abrp(targets, garage=garage, with_position=with_position, clock=clock, create_client=create_client)
