"""The routes of the journal: pages, JSON, CSV, GPX and corrections."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import tzinfo
from functools import partial

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from volvo_exporter.journal.events import Drive
from volvo_exporter.journal.failures import JournalUnavailable
from volvo_exporter.journal.library import Entry, Found, Library, Query, RunBlocking
from volvo_exporter.journal.observations import Observed
from volvo_exporter.login.callback import HEADERS
from volvo_exporter.web.forms import read_form
from volvo_exporter.web.journal import curves, files, months
from volvo_exporter.web.journal.corrections import BadCorrection, read_correction
from volvo_exporter.web.journal.documents import KEYS, entry_document, iso, list_document
from volvo_exporter.web.journal.pages import PAGE_SIZE, SECTIONS, Pages, Section, Selection
from volvo_exporter.web.journal.queries import MAX_LIMIT, BadQuery, read_query
from volvo_exporter.web.language import language_of
from volvo_exporter.web.login_access import login_refusal
from volvo_exporter.web.rendering import PARENT
from volvo_exporter.web.units import METRIC, Units

POLICY = (
    "default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; img-src 'self'; "
    "manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)
MAX_CSV_EVENTS = 20_000
"""Events in one file. Chosen: about ten years of one car."""
BAD_REQUEST, FORBIDDEN, NOT_FOUND, SEE_OTHER, UNAVAILABLE = 400, 403, 404, 303, 503
Respond = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalContext:
    """Where the pages of the journal get what they show."""

    library: Library
    shown: Callable[[str], str]
    """Return what is shown instead of a VIN."""
    names: Callable[[str], str]
    """Return the name of a vehicle."""
    clock: Callable[[], float]
    token_urlsafe: Callable[[int], str]
    run_blocking: RunBlocking
    zone: tzinfo | None = None
    """Of the months; None is that of the machine."""
    units: Units = METRIC


class JournalRoutes:
    """What the routes do."""

    def __init__(self, context: JournalContext) -> None:
        self._context = context
        self._pages = Pages(context.names, context.zone, context.units)

    def routes(self) -> list[Route]:
        """Return the routes."""
        found: list[Route] = []
        for section in SECTIONS:
            path = f"/{section.path}"
            for address, respond, method in (
                (f"/api/v1/{KEYS[section.kind]}", self._json, "GET"),
                (f"{path}.csv", self._csv, "GET"),
                (path, self._list, "GET"),
                (f"{path}/{{id}}.gpx", self._gpx, "GET"),
                (f"{path}/{{id}}", self._event, "GET"),
                (f"{path}/{{id}}", self._correct, "POST"),
            ):
                found.append(Route(address, _available(partial(respond, section)), methods=[method]))
        return found

    async def _json(self, section: Section, request: Request) -> Response:
        try:
            query = await self._query(section, dict(request.query_params))
            found = await self._find(query)
        except BadQuery as error:
            return JSONResponse({"error": str(error)}, error.status_code)
        return JSONResponse(list_document(section.kind, found, self._context.shown))

    async def _csv(self, section: Section, request: Request) -> Response:
        try:
            query = await self._query(section, self._parameters(request), limit=MAX_LIMIT)
            entries = await self._all(query)
        except BadQuery as error:
            return PlainTextResponse(f"{error}\n", error.status_code)
        text = files.write_csv([entry_document(entry, self._context.shown) for entry in entries])
        return _file(text.encode(), "text/csv; charset=utf-8", f"{section.path}.csv")

    async def _list(self, section: Section, request: Request) -> Response:
        vins = await self._context.run_blocking(self._context.library.vins)
        try:
            query = await self._query(section, self._parameters(request), limit=PAGE_SIZE)
            found = await self._find(query)
        except BadQuery as error:
            return PlainTextResponse(f"{error}\n", error.status_code)
        selection = Selection(
            vehicle=request.query_params.get("vehicle", ""), month=request.query_params.get("month", "")
        )
        nonce = self._context.token_urlsafe(16)
        text = self._pages.render_list(
            section,
            found,
            selection,
            vehicles=[(self._context.shown(vin), self._context.names(vin)) for vin in vins],
            now=self._context.clock(),
            nonce=nonce,
            language=language_of(request),
        )
        return _page(text, nonce)

    async def _gpx(self, section: Section, request: Request) -> Response:
        entry = await self._get(section, request)
        track = None
        if entry and isinstance(entry.event, Drive):
            track = curves.track(await self._observations(entry, curves.POSITION))
        if entry is None or track is None:
            return PlainTextResponse("no track: the position was not recorded\n", NOT_FOUND)
        name = f"{section.one} {iso(entry.event.start.earliest)}"
        return _file(files.write_gpx(name, track.points), "application/gpx+xml", f"{entry.id}.gpx")

    async def _event(self, section: Section, request: Request) -> Response:
        return await self._show(section, request)

    async def _correct(self, section: Section, request: Request) -> Response:
        entry = await self._get(section, request)
        if entry is None or login_refusal(request):
            return await self._show(section, request, status_code=FORBIDDEN)
        try:
            form = await read_form(request)
            correction = read_correction(section.kind, entry.event, form, now=self._context.clock())
        except BadCorrection as error:
            return await self._show(section, request, status_code=BAD_REQUEST, message=str(error))
        await self._context.run_blocking(partial(self._context.library.correct, correction))
        # A split or a merge gives the event another start, and so another address.
        still_there = await self._get(section, request)
        address = f"{PARENT}{section.path}{f'/{entry.id}' if still_there else ''}"
        return RedirectResponse(address, SEE_OTHER, headers=HEADERS)

    async def _show(
        self, section: Section, request: Request, *, status_code: int = 200, message: str = ""
    ) -> Response:
        entry = await self._get(section, request)
        if entry is None:
            return PlainTextResponse(
                "no such event; it may have been derived again: see the list\n", NOT_FOUND
            )
        nonce = self._context.token_urlsafe(16)
        text = self._pages.render_event(
            section,
            entry,
            await self._observations(entry, (*curves.SERIES, *curves.POSITION)),
            refusal=login_refusal(request),
            message=message,
            nonce=nonce,
            language=language_of(request),
        )
        return _page(text, nonce, status_code)

    def _parameters(self, request: Request) -> dict[str, str]:
        """Return the parameters of a page, where a month stands for its bounds; raises BadQuery."""
        parameters = {name: value for name, value in request.query_params.items() if value}
        month = parameters.pop("month", "")
        if month:
            try:
                begins, ends = months.bounds(month, self._context.zone)
            except ValueError as error:
                raise BadQuery(f"month: {error}") from error  # noqa: EM102, TRY003 - the text of the error
            parameters["from"], parameters["to"] = iso(begins), iso(ends)
        return parameters

    async def _query(self, section: Section, parameters: dict[str, str], *, limit: int = 0) -> Query:
        if limit:
            parameters = {**parameters, "limit": str(limit)}
        vins = await self._context.run_blocking(self._context.library.vins)
        return read_query(section.kind, parameters, vins=vins, shown=self._context.shown)

    async def _find(self, query: Query) -> Found:
        try:
            return await self._context.run_blocking(partial(self._context.library.find, query))
        except ValueError as error:
            message = "cursor: not one of this list; start without it"
            raise BadQuery(message) from error

    async def _all(self, query: Query) -> list[Entry]:
        entries: list[Entry] = []
        found = await self._find(query)
        entries += found.entries
        while found.cursor and len(entries) < MAX_CSV_EVENTS:
            query = Query(
                kind=query.kind,
                vins=query.vins,
                since=query.since,
                until=query.until,
                limit=query.limit,
                cursor=found.cursor,
            )
            found = await self._find(query)
            entries += found.entries
        return entries

    async def _get(self, section: Section, request: Request) -> Entry | None:
        get = partial(self._context.library.get, section.kind, request.path_params["id"])
        return await self._context.run_blocking(get)

    async def _observations(self, entry: Entry, series: tuple[str, ...]) -> tuple[Observed, ...]:
        event = entry.event
        read = partial(
            self._context.library.observations,
            event.vin,
            series,
            since=event.start.earliest,
            until=event.end.latest,
        )
        return await self._context.run_blocking(read)


def _available(respond: Respond) -> Respond:
    """Answer with status 503 while the journal cannot be read."""

    async def answer(request: Request) -> Response:
        try:
            return await respond(request)
        except JournalUnavailable as error:
            return PlainTextResponse(f"journal not available: {error}\n", UNAVAILABLE)

    return answer


def _page(text: str, nonce: str, status_code: int = 200) -> Response:
    headers = {
        **HEADERS,
        "referrer-policy": "same-origin",
        "content-security-policy": POLICY.format(nonce=nonce),
    }
    return HTMLResponse(text, status_code, headers=headers)


def _file(content: bytes, media_type: str, name: str) -> Response:
    headers = {**HEADERS, "content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)
