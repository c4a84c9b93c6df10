"""What browsers need to install the status page as an app on a phone: the manifest and the icons."""

from functools import partial
from importlib.resources import files

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

CACHED = {"cache-control": "max-age=86400"}
ICONS = (("icon-180.png", 180), ("icon-192.png", 192), ("icon-512.png", 512))
"""File and width in pixels; the first is that of the home screen of iOS."""
MANIFEST = {
    "name": "Volvo Vehicle Exporter",
    "short_name": "Volvo",
    "id": "./",
    "start_url": "./",
    "scope": "./",
    "display": "standalone",
    "theme_color": "#1c5d99",
    "background_color": "#f3f6f9",
    "icons": [
        {"src": "icon.svg", "sizes": "any", "type": "image/svg+xml"},
        *(
            {"src": name, "sizes": f"{size}x{size}", "type": "image/png", "purpose": "any maskable"}
            for name, size in ICONS[1:]
        ),
    ],
}
"""W3C web app manifest. All addresses are relative to it, to work under a path prefix."""


def installation_routes() -> list[Route]:
    """Return the routes of the manifest and the icons."""
    return [
        Route("/manifest.webmanifest", _manifest),
        *(Route(f"/{name}", partial(_icon, name)) for name, _ in ICONS),
    ]


async def _manifest(_request: Request) -> Response:
    return JSONResponse(MANIFEST, media_type="application/manifest+json", headers=CACHED)


async def _icon(name: str, _request: Request) -> Response:
    content = (files("volvo_exporter.web") / "icons" / name).read_bytes()
    return Response(content, media_type="image/png", headers=CACHED)
