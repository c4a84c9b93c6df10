"""The simulation's own endpoints below `/_sim`: switch faults on and off, look at what goes on."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from types import MappingProxyType

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from volvo_exporter.simulator.faults import KINDS, Fault
from volvo_exporter.simulator.world import World

MAX_SHOWN_CALLS = 200
"""Requests that the state shows."""
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
"""What a fault in JSON may have; `for` is the time from now in seconds, in place of `until`."""


def read_fault(body: bytes, *, now: float) -> Fault:
    """The fault in a request's body.

    Raises:
        ValueError: it is no JSON object, or says something that a fault has not; the message says what.
    """
    wanted = json.loads(body)
    if not isinstance(wanted, dict) or "kind" not in wanted:
        msg = "Send a JSON object with at least the key kind."
        raise ValueError(msg)
    for key, value in wanted.items():
        if not isinstance(value, FAULT_KEYS.get(key, ())):
            msg = f"A fault has no {key!r} like that; it may have: {', '.join(FAULT_KEYS)}."
            raise ValueError(msg)  # noqa: TRY004 - to the caller both are a senseless body
    if "for" in wanted:
        wanted["until"] = now + wanted.pop("for")
    return Fault(**wanted)


async def add_fault(world: World, request: Request) -> Response:
    """Switch a fault on; answers the state, or 400 and why not."""
    try:
        world.faults.add(read_fault(await request.body(), now=world.now()))
    except ValueError as problem:
        return JSONResponse({"error": str(problem), "kinds": list(KINDS)}, status_code=400)
    return await show_state(world, request)


async def clear_faults(world: World, request: Request) -> Response:
    """Switch every fault off; answers the state."""
    world.faults.clear()
    return await show_state(world, request)


async def show_state(world: World, _: Request) -> Response:
    """Times, cars, what the quota has lost, faults and the latest requests."""
    now = world.now()
    applications = sorted(set(world.options.api_keys.values()))
    return JSONResponse(
        {
            "now": now,
            "life": world.life.life(now),
            "speed": world.life.speed,
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
