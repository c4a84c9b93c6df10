"""The status page as an app: manifest and icons."""

import struct

import httpx2
import pytest
from starlette.applications import Starlette

from volvo_exporter.web.installation import ICONS, MANIFEST, installation_routes

pytestmark = pytest.mark.anyio


async def get(path):
    transport = httpx2.ASGITransport(app=Starlette(routes=installation_routes()))
    async with httpx2.AsyncClient(transport=transport, base_url="http://localhost") as client:
        return await client.get(path)


async def test_the_manifest_has_relative_addresses_and_icons_for_android():
    response = await get("/manifest.webmanifest")
    manifest = response.json()

    assert response.headers["content-type"] == "application/manifest+json"
    assert manifest == MANIFEST
    assert {manifest["start_url"], manifest["scope"]} == {"./"}
    assert {icon["sizes"] for icon in manifest["icons"]} == {"any", "192x192", "512x512"}
    assert not [icon["src"] for icon in manifest["icons"] if "/" in icon["src"]]


@pytest.mark.parametrize(("name", "size"), ICONS)
async def test_an_icon_has_the_size_of_its_name(name, size):
    content = (await get(f"/{name}")).content

    assert content.startswith(b"\x89PNG")
    assert struct.unpack(">II", content[16:24]) == (size, size)
