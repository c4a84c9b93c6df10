"""Control endpoints below `/_sim`: switch faults on and off, show the state of the simulation."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from types import MappingProxyType

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from volvo_exporter.simulator.faults import KINDS, Fault
from volvo_exporter.simulator.world import World

MAX_SHOWN_CALLS = 200
"""Latest requests in `/_sim/state`; chosen, to keep the answer readable."""
FAULT_KEYS: Mapping[str, tuple[type, ...]] = MappingProxyType(
    {
        "kind": (str,),
        "where": (str,),
        "vin": (str,),
        "times": (int,),
        "until": (int, float),
        "for": (int, float),
        "seconds": (int, float),
    }
)
"""Keys of a fault in JSON and their types; `for` replaces `until` and is a duration in seconds from now."""


def read_fault(body: bytes, *, now: float) -> Fault:
    """Return the fault in a request's body.

    Raises:
        ValueError: the body is not a JSON object, or a key or value is invalid; the message names it.
    """
    values = json.loads(body)
    if not isinstance(values, dict) or "kind" not in values:
        msg = "body must be a JSON object with the key 'kind'"
        raise ValueError(msg)
    for key, value in values.items():
        if not isinstance(value, FAULT_KEYS.get(key, ())):
            msg = f"{key!r}: unknown key or wrong type; valid keys: {', '.join(FAULT_KEYS)}"
            raise ValueError(msg)  # noqa: TRY004 - an unknown key and a wrong type are the same error to the caller
    if "for" in values:
        values["until"] = now + values.pop("for")
    return Fault(**values)


async def add_fault(world: World, request: Request) -> Response:
    """Switch a fault on; returns the state, or 400 and the error."""
    try:
        world.faults.add(read_fault(await request.body(), now=world.now()))
    except ValueError as error:
        return JSONResponse({"error": str(error), "kinds": list(KINDS)}, status_code=400)
    return await show_state(world, request)


async def clear_faults(world: World, request: Request) -> Response:
    """Switch every fault off; returns the state."""
    world.faults.clear()
    return await show_state(world, request)


async def show_state(world: World, _: Request) -> Response:
    """Return times, cars, used quota, faults and the latest requests."""
    now = world.now()
    applications = sorted(set(world.options.api_keys.values()))
    return JSONResponse(
        {
            "now": now,
            "life": world.simulated_clock.simulated(now),
            "speed": world.simulated_clock.speed,
            "era": world.era.value,
            "cars": [
                {"vin": vin, "model": car.profile.model, "odometer": world.state(vin).odometer.value}
                for vin, car in world.cars.items()
            ],
            "used_today": {name: world.limits.used(name, now=now) for name in applications},
            "consents": len(world.identity.grants),
            "faults": [asdict(fault) for fault in world.faults.active(now)],
            "requests": [asdict(call) for call in list(world.log)[-MAX_SHOWN_CALLS:]],
        }
    )
