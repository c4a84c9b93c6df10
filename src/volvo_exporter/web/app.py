"""The routes: status page, metrics, health and JSON API. A request here never causes a request to Volvo."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from volvo_exporter.log import Line
from volvo_exporter.login.browser import BrowserLogins
from volvo_exporter.login.callback import HEADERS, Callback
from volvo_exporter.polling.status import AccountReport
from volvo_exporter.vehicles.garage import Garage
from volvo_exporter.web import evcc
from volvo_exporter.web.documents import status_document, vehicles_document
from volvo_exporter.web.installation import CACHED, installation_routes
from volvo_exporter.web.journal.recent import Recent
from volvo_exporter.web.language import language_of, mark
from volvo_exporter.web.login_routes import LoginRoutes
from volvo_exporter.web.page import Page
from volvo_exporter.web.rendering import PARENT
from volvo_exporter.web.scrape import COMPRESSION_LEVEL, MIN_COMPRESSED_BYTES, respond
from volvo_exporter.web.trace import Traces
from volvo_exporter.web.units import METRIC, Units

POLICY = (
    "default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; connect-src 'self'; "
    "img-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)
"""Only the inline style and script of the page, nothing from other origins."""

PAGES = (
    ("/metrics", "Metrics"),
    ("/api/v1/vehicles", "Vehicles (JSON)"),
    ("/api/v1/status", "Status (JSON)"),
    ("/-/ready", "Readiness"),
    ("/-/healthy", "Health"),
)
"""Links for programs at the end of the status page: path and text."""
JOURNAL_PAGES = (("/drives", mark("Drives")), ("/charges", mark("Charges")))
LOGIN_PAGE = ("/login", mark("Login"))


class VehicleSource(Protocol):
    """The vehicles' part of `/metrics`."""

    def parts(self) -> list[bytes]:
        """Return the text as a list of pieces."""


class ExporterSource(Protocol):
    """The exporter's own part of `/metrics`."""

    def encode(self, accept: str) -> tuple[bytes, str]:
        """Return the text in the format that the `Accept` header prefers, and its content type."""


class JournalSource(Protocol):
    """The journal's part of `/metrics`."""

    def parts(self, *, openmetrics: bool = False) -> list[bytes]:
        """Return the parts of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageContext:
    """Sources of the data on the pages."""

    garage: Garage
    metrics: VehicleSource
    traces: Traces
    telemetry: ExporterSource
    version: str
    reports: Callable[[], list[AccountReport]]
    """Every account with its vehicles and resources."""
    missing: Callable[[], str]
    """Return why the exporter is not ready, and the fix; empty if it is ready."""
    callback: Callback
    logins: BrowserLogins
    clock: Callable[[], float]
    """Unix time."""
    token_urlsafe: Callable[[int], str]
    warnings: Callable[[], Sequence[Line]] = tuple
    """Recent warnings of the log, the newest first."""
    demo: str = ""
    """Description of the demo for the top of the page; empty for real cars."""
    journal: JournalSource | None = None
    """None where the journal is off."""
    journal_routes: Sequence[Route] = ()
    recent: Callable[[], Awaitable[Mapping[str, Recent]]] | None = None
    """Return the latest events of each car by VIN; None where the journal is off."""
    units: Units = METRIC


def create_app(context: PageContext) -> Starlette:
    """Return the ASGI application."""

    async def metrics(request: Request) -> Response:
        own, content_type = context.telemetry.encode(request.headers.get("accept", ""))
        openmetrics = content_type.startswith("application/openmetrics-text")
        journal = context.journal.parts(openmetrics=openmetrics) if context.journal else []
        return respond([*context.metrics.parts(), *journal, own], request.headers, content_type=content_type)

    page = Page(context.units)

    async def index(request: Request) -> Response:
        nonce = context.token_urlsafe(16)
        text = page.render(
            context.garage,
            context.traces,
            context.reports(),
            missing=context.missing(),
            lines=context.warnings(),
            version=context.version,
            links=(*JOURNAL_PAGES, LOGIN_PAGE) if context.journal else (LOGIN_PAGE,),
            programs=PAGES,
            demo=context.demo,
            nonce=nonce,
            language=language_of(request),
            now=context.clock(),
            recent=await context.recent() if context.recent else {},
        )
        return HTMLResponse(text, headers={**HEADERS, "content-security-policy": POLICY.format(nonce=nonce)})

    async def icon(_request: Request) -> Response:
        return Response(page.icon(), media_type="image/svg+xml", headers=CACHED)

    async def healthy(_request: Request) -> Response:
        return PlainTextResponse("healthy\n")

    async def ready(_request: Request) -> Response:
        missing = context.missing()
        return PlainTextResponse(f"{missing or 'ready'}\n", status_code=503 if missing else 200)

    async def vehicles(_request: Request) -> Response:
        return JSONResponse(vehicles_document(context.garage, context.traces))

    async def status(_request: Request) -> Response:
        document = status_document(
            context.reports(),
            shown=context.garage.shown,
            version=context.version,
            lines=context.warnings(),
            now=context.clock(),
        )
        return JSONResponse(document)

    async def evcc_vehicle(request: Request) -> Response:
        return evcc.respond(context.garage, request, now=context.clock())

    routes = [
        Route("/", index),
        Route("/icon.svg", icon),
        *installation_routes(),
        Route("/metrics", metrics),
        *LoginRoutes(context.logins, context.callback, page, context.token_urlsafe).routes(),
        Route("/-/healthy", healthy),
        Route("/-/ready", ready),
        Route("/api/v1/vehicles", vehicles),
        Route("/api/v1/status", status),
        Route(evcc.PATH, evcc_vehicle),
        *context.journal_routes,
    ]
    app = Starlette(
        routes=[*routes, *_with_slash(routes)],
        middleware=[
            Middleware(GZipMiddleware, minimum_size=MIN_COMPRESSED_BYTES, compresslevel=COMPRESSION_LEVEL)
        ],
    )
    app.router.redirect_slashes = False  # to an absolute address, which has no path prefix
    return app


def _with_slash(routes: Sequence[Route]) -> Iterator[Route]:
    """Yield a redirect for each address with a slash at its end, e.g. from `/metrics/` to `/metrics`."""
    for route in routes:
        if route.path != "/" and "{" not in route.path and "GET" in (route.methods or ()):
            yield Route(f"{route.path}/", _without_slash)


async def _without_slash(request: Request) -> Response:
    name, query = request.url.path.rstrip("/").rpartition("/")[2], request.url.query
    return RedirectResponse(f"{PARENT}{name}{f'?{query}' if query else ''}")
