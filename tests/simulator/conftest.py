from dataclasses import dataclass

import httpx2
import pytest

from volvo_exporter.simulator import API_KEY, World, create_app

MONDAY_MORNING = 1795413600.0
"""2026-11-23, 07:00 local time of the cars."""


@dataclass
class Wall:
    """A clock that advances only when the test sets it."""

    now: float = MONDAY_MORNING

    def __call__(self):
        return self.now


@pytest.fixture
def wall():
    return Wall()


@pytest.fixture
def world(wall):
    return World(clock=wall)


@pytest.fixture
async def anonymous(world):
    transport = httpx2.ASGITransport(app=create_app(world))
    async with httpx2.AsyncClient(transport=transport, base_url="http://cloud") as client:
        yield client


@pytest.fixture
async def client(anonymous, world):
    """A client with a key and a token for every scope and car."""
    anonymous.headers.update(
        {"vcc-api-key": API_KEY, "authorization": f"Bearer {world.authorize()['access_token']}"}
    )
    return anonymous
