"""The set-up page, which is served while nothing is configured."""

import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

import anyio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from volvo_exporter.login.application import Finding, Outcome
from volvo_exporter.login.callback import HEADERS
from volvo_exporter.problems import Invalid
from volvo_exporter.settings import PORTAL, Settings
from volvo_exporter.settings.draft import NAMES, read_draft
from volvo_exporter.volvo.errors import ConfigurationError
from volvo_exporter.web.access import is_authenticated
from volvo_exporter.web.formatting import Formatter
from volvo_exporter.web.forms import read_form
from volvo_exporter.web.language import language_of
from volvo_exporter.web.login_access import is_foreign, is_local
from volvo_exporter.web.rendering import template_environment
from volvo_exporter.web.setup_access import COOKIE, SESSION_SECONDS, Visitors
from volvo_exporter.web.setup_form import Checker

POLICY = (
    "default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; connect-src 'self'; "
    "img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)
NOT_CONFIGURED = "not configured: open the status page (/) to set up the exporter\n"
FOREIGN = "request from another site refused: reload this page and try again"
WRONG_CODE = "wrong code: enter the newest one from the exporter's log"
PICTURES = ("create_app", "scopes", "agent", "credentials")
PUBLIC_VALUES = ("client_id", "redirect_uri")
"""Values that a page with errors contains again; it contains no secret."""
HANDOVER_SECONDS = 0.3
"""Longer than the server needs to notice the end, a tenth of a second; chosen."""
SEE_OTHER, BAD, FORBIDDEN, CONFLICT, UNAVAILABLE = 303, 400, 403, 409, 503


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupContext:
    """What the set-up page uses."""

    visitors: Visitors
    checker: Checker
    save: Callable[[Settings], None]
    """Writes the configuration and ends the set-up; raises ConfigurationError."""
    saved: Callable[[], bool]
    """Returns whether the set-up has ended."""
    loopback: bool
    """Whether the exporter listens on loopback only; otherwise every browser needs the code or a password."""
    file: str
    """The path of the configuration, for the text of the page."""
    redirect_uri: str
    """The suggested redirect URI."""
    token_urlsafe: Callable[[int], str]


def create_setup_app(context: SetupContext) -> ASGIApp:
    """Return the ASGI application."""
    app = Starlette(routes=SetupRoutes(context).routes(), exception_handlers={404: _not_configured})
    app.router.redirect_slashes = False
    return Handover(app, saved=context.saved)


class Handover:
    """Redirects requests that arrive between the end of the set-up and that of its server to the exporter.

    A browser sends the request for the login on the same connection, before the server has stopped.
    """

    def __init__(self, app: ASGIApp, *, saved: Callable[[], bool]) -> None:
        self._app = app
        self._saved = saved

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it when the server accepts no more connections."""
        app = self._app
        if self._saved():
            await anyio.sleep(HANDOVER_SECONDS)
            # To the same page, or from a form that was sent twice to the login.
            name = "login" if scope["method"] == "POST" else scope["path"].rpartition("/")[2]
            app = RedirectResponse(f"./{name}", SEE_OTHER, headers={**HEADERS, "connection": "close"})
        await app(scope, receive, send)


class SetupRoutes:
    """Handles the requests of the set-up page."""

    def __init__(self, context: SetupContext) -> None:
        self._context = context
        self._icon = template_environment().get_template("icon.svg").render()
        self._token = context.token_urlsafe(32)
        """In every form: another site cannot read it, so it cannot send a form (CSRF)."""

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("/", self._get_page),
            Route("/", self._post_page, methods=["POST"]),
            Route("/check", self._check, methods=["POST"]),
            Route("/pictures/{name}.svg", _picture),
            Route("/icon.svg", self._get_icon),
            Route("/-/healthy", _healthy),
        ]

    async def _get_page(self, request: Request) -> Response:
        return self._show(request)

    async def _get_icon(self, _request: Request) -> Response:
        return Response(self._icon, media_type="image/svg+xml")

    async def _post_page(self, request: Request) -> Response:
        form = await read_form(request)
        if self._is_forged(request, form):
            return self._show(request, FORBIDDEN, message=FOREIGN)
        if not self._is_trusted(request):
            return self._admit(request, form.get("code", ""))
        values = _values(form)
        findings = await self._context.checker.check(values)
        draft = read_draft(values)
        refused = any(finding.outcome is Outcome.REFUSED for finding in findings)
        if isinstance(draft, Invalid) or (refused and "anyway" not in form):
            return self._show(request, BAD, findings=findings, values=values, refused=refused)
        try:
            self._context.save(draft)
        except ConfigurationError as error:
            return self._show(request, CONFLICT, message=str(error), values=values)
        return RedirectResponse("login", SEE_OTHER, headers=HEADERS)

    async def _check(self, request: Request) -> Response:
        form = await read_form(request)
        if self._is_forged(request, form) or not self._is_trusted(request):
            return PlainTextResponse(f"{FOREIGN}\n", FORBIDDEN, headers=HEADERS)
        findings = await self._context.checker.check(_values(form), changed=form.get("changed", ""))
        document = [
            {"setting": finding.setting, "outcome": finding.outcome.value, "message": finding.message}
            for finding in findings
        ]
        return JSONResponse({"findings": document}, headers=HEADERS)

    def _admit(self, request: Request, code: str) -> Response:
        cookie = self._context.visitors.admit(code)
        if not cookie:
            return self._show(request, FORBIDDEN, message=WRONG_CODE)
        response = RedirectResponse("./", SEE_OTHER, headers=HEADERS)
        response.set_cookie(
            COOKIE,
            cookie,
            max_age=int(SESSION_SECONDS),
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )
        return response

    def _is_forged(self, request: Request, form: Mapping[str, str]) -> bool:
        given = form.get("token", "").encode(errors="replace")
        return is_foreign(request) or not hmac.compare_digest(given, self._token.encode())

    def _is_trusted(self, request: Request) -> bool:
        return is_authenticated(request) or (self._context.loopback and is_local(request))

    def _show(
        self,
        request: Request,
        status_code: int = 200,
        *,
        message: str = "",
        findings: Sequence[Finding] = (),
        values: Mapping[str, str] | None = None,
        refused: bool = False,
    ) -> Response:
        nonce = self._context.token_urlsafe(16)
        values = values or {"redirect_uri": self._context.redirect_uri}
        environment = template_environment(Formatter(language=language_of(request)))
        text = environment.get_template("setup.html").render(
            nonce=nonce,
            token=self._token,
            trusted=self._is_trusted(request),
            encrypted=request.url.scheme == "https" or is_local(request),
            message=message,
            findings={finding.setting: finding for finding in reversed(findings)},
            others=[finding for finding in findings if finding.setting not in (*NAMES, "scope")],
            values={name: values.get(name, "") for name in PUBLIC_VALUES},
            refused=refused,
            portal=PORTAL,
            file=self._context.file,
            redirect_uri=self._context.redirect_uri,
            scopes=" ".join(self._context.checker.scope),
        )
        headers = {
            **HEADERS,
            "referrer-policy": "same-origin",
            "content-security-policy": POLICY.format(nonce=nonce),
        }
        return HTMLResponse(text, status_code, headers=headers)


def _values(form: Mapping[str, str]) -> dict[str, str]:
    return {name: form.get(name, "").strip() for name in NAMES}


async def _picture(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in PICTURES:
        return PlainTextResponse("not found\n", 404)
    content = files("volvo_exporter.web").joinpath("pictures", f"{name}.svg").read_bytes()
    # The style of the drawing; it runs and loads nothing.
    policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
    return Response(content, media_type="image/svg+xml", headers={"content-security-policy": policy})


async def _healthy(_request: Request) -> Response:
    return PlainTextResponse("healthy\n")


async def _not_configured(_request: Request, _error: Exception) -> Response:
    return PlainTextResponse(NOT_CONFIGURED, UNAVAILABLE)
