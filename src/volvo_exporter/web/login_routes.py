"""The routes of a login in the browser: `/login` starts it, `/callback` or a pasted address completes it."""

from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from volvo_exporter.login.browser import COOKIE, PENDING_SECONDS, BrowserLogins
from volvo_exporter.login.callback import HEADERS, Callback
from volvo_exporter.volvo.errors import CloudError, LoginRefused
from volvo_exporter.web.forms import read_form
from volvo_exporter.web.language import language_of
from volvo_exporter.web.login_access import login_refusal
from volvo_exporter.web.page import LoginView, Page
from volvo_exporter.web.path_prefix import path_prefix

POLICY = (
    "default-src 'none'; style-src 'nonce-{nonce}'; img-src 'self'; manifest-src 'self'; base-uri 'none'; "
    "form-action 'self' {places}; frame-ancestors 'self'"
)
"""form-action includes Volvo ID, as browsers apply the policy to redirects, too."""
LOGIN_RECEIVED = "Login received. Continue in the terminal where you started it.\n"
NO_LOGIN_IN_PROGRESS = (
    "No login in progress in this browser. Copy the whole address of this page and paste it where you\n"
    "started the login: on the page /login, or in the terminal that runs `volvo-exporter login`.\n"
)
FORBIDDEN, BAD, UNAVAILABLE, SEE_OTHER = 403, 400, 503, 303


class LoginRoutes:
    """Handles the requests of these routes.

    Args:
        logins: The logins that were started in browsers.
        callback: Passes the redirect to a login that was started in a terminal.
        page: Renders the login page.
        token_urlsafe: Returns a random token of that many bytes.
    """

    def __init__(
        self, logins: BrowserLogins, callback: Callback, page: Page, token_urlsafe: Callable[[int], str]
    ) -> None:
        self._logins = logins
        self._callback = callback
        self._page = page
        self._token_urlsafe = token_urlsafe

    def routes(self) -> list[Route]:
        """Return the routes."""
        return [
            Route("/login", self._get_login),
            Route("/login", self._post_login, methods=["POST"]),
            Route("/callback", self._get_callback),
        ]

    async def _get_login(self, request: Request) -> Response:
        done = request.query_params.get("done", "")
        return self._show(request, done=done if done in self._logins.accounts() else "")

    async def _post_login(self, request: Request) -> Response:
        if login_refusal(request):
            return self._show(request)
        form = await read_form(request)
        if "pasted" in form:
            return await self._end(request, form["pasted"])
        try:
            cookie, url = self._logins.start(form.get("account", ""))
        except LoginRefused as error:
            return self._show(request, BAD, message=str(error))
        except CloudError as error:
            return self._show(request, UNAVAILABLE, message=str(error))
        response = RedirectResponse(url, SEE_OTHER, headers=HEADERS)
        response.set_cookie(
            COOKIE,
            cookie,
            max_age=int(PENDING_SECONDS),
            httponly=True,
            samesite="lax",
            secure=request.url.scheme == "https",
        )
        return response

    async def _get_callback(self, request: Request) -> Response:
        query = f"?{request.url.query}"
        if self._logins.pending(request.cookies.get(COOKIE, "")):
            return await self._end(request, query)
        accepted = self._callback.offer(query)
        text, status_code = (LOGIN_RECEIVED, 200) if accepted else (NO_LOGIN_IN_PROGRESS, 404)
        return PlainTextResponse(text, status_code=status_code, headers=HEADERS)

    async def _end(self, request: Request, text: str) -> Response:
        try:
            account = await self._logins.end(request.cookies.get(COOKIE, ""), text)
        except LoginRefused as error:
            return self._show(request, BAD, message=str(error))
        except CloudError as error:
            return self._show(request, UNAVAILABLE, message=str(error))
        response = RedirectResponse(f"login?{urlencode({'done': account})}", SEE_OTHER, headers=HEADERS)
        response.delete_cookie(COOKIE)
        return response

    def _show(
        self, request: Request, status_code: int = 200, *, message: str = "", done: str = ""
    ) -> Response:
        nonce, refusal = self._token_urlsafe(16), login_refusal(request)
        pending = self._logins.pending(request.cookies.get(COOKIE, ""))
        here = f"{request.url.scheme}://{request.url.netloc}{path_prefix(request.headers)}/callback"
        accounts = self._logins.accounts()
        text = self._page.render_login(
            [LoginView(name=name, elsewhere="" if uri == here else uri) for name, uri in accounts.items()],
            nonce=nonce,
            language=language_of(request),
            message=message or refusal,
            done=done,
            pending=pending.account if pending else "",
            url=pending.attempt.url if pending else "",
            refused=bool(refusal),
        )
        places = sorted({_origin(address) for address in (self._logins.id_url, *accounts.values())})
        policy = POLICY.format(nonce=nonce, places=" ".join(places))
        headers = {**HEADERS, "referrer-policy": "same-origin", "content-security-policy": policy}
        return HTMLResponse(text, FORBIDDEN if refusal else status_code, headers=headers)


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
