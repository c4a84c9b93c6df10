"""Volvo ID's token endpoint: exchanges a code or a refresh token for a `Token`.

oauthlib writes the requests. Responses are read here, since oauthlib rejects a response with an invalid
`expires_in`, which contains the only valid refresh token.
"""

from collections.abc import Callable, Mapping

import httpx2
from oauthlib.oauth2 import WebApplicationClient

from volvo_exporter.volvo.codec import Token, has_token, json_members, renew, scopes, text_of, token_seconds
from volvo_exporter.volvo.errors import (
    LOG_IN,
    ClientRefused,
    ExporterError,
    LoginRefused,
    LoginRequired,
    Malformed,
    Unreachable,
)
from volvo_exporter.volvo.transport import MAX_EXCHANGE_SECONDS, send

ENDPOINT = "/as/token.oauth2"
"""Path of the token endpoint below `volvo_id_url`."""

RENEWAL_TIMEOUT = httpx2.Timeout(30.0, read=120.0)
"""Seconds for the phases of a renewal. Volvo ID has responded after 35 s; the refresh token is used when the
request arrives, so a timeout would lose the login."""

MAX_RENEWAL_SECONDS = 150.0
"""Seconds for a whole renewal: 30 to connect and 120 for the answer."""

_CLIENT = (
    ClientRefused,
    "client_id or client_secret refused by Volvo ID: compare both with the developer portal",
)
_SCOPE = (
    LoginRefused,
    "scopes not allowed: create an application with all scopes in the developer portal, then log in again",
)
_REQUEST = (
    LoginRefused,
    "Volvo ID refused the login: redirect_uri must match the developer portal exactly",
)

REFRESH_ERRORS: Mapping[str, tuple[type[ExporterError], str]] = {
    "invalid_grant": (LoginRequired, f"the login at Volvo ID has expired or was revoked: {LOG_IN}"),
    "invalid_client": _CLIENT,
    "unauthorized_client": _CLIENT,
    "unsupported_grant_type": _CLIENT,
    "access_denied": _CLIENT,
}
"""Error and message for each error code of RFC 6749 at a refresh; only `invalid_grant` ends the login."""

EXCHANGE_ERRORS: Mapping[str, tuple[type[ExporterError], str]] = {
    "invalid_grant": (LoginRefused, "the code has expired or was already used; start the login again"),
    "invalid_client": _CLIENT,
    "unauthorized_client": _CLIENT,
    "unsupported_grant_type": _CLIENT,
    "access_denied": _CLIENT,
    "invalid_scope": _SCOPE,
    "invalid_request": _REQUEST,
}
"""Error and message for each error code of RFC 6749 at the exchange of a code."""


class VolvoId:
    """The token endpoint of Volvo ID for one application.

    `clock` returns Unix seconds. A successful `refresh` invalidates the refresh token that was passed to it.
    """

    def __init__(
        self,
        client: httpx2.AsyncClient,
        *,
        url: str,
        client_id: str,
        client_secret: str,
        redirect_uri: str,
        clock: Callable[[], float],
    ) -> None:
        self._client = client
        self._url = url.rstrip("/") + ENDPOINT
        self._client_id = client_id
        self._auth = httpx2.BasicAuth(client_id, client_secret)
        self._redirect_uri = redirect_uri
        self._clock = clock

    async def exchange(self, code: str, verifier: str) -> Token:
        """Return the token for the code of a login; `granted_at` is now.

        Raises:
            LoginRefused: the code was used, has expired, or belongs to another redirect URI.
            ClientRefused: `client_id` or `client_secret` is wrong.
            Unreachable: no response, or an invalid one.
        """
        body = WebApplicationClient(self._client_id).prepare_request_body(
            code=code, redirect_uri=self._redirect_uri, code_verifier=verifier, include_client_id=False
        )
        now = self._clock()
        answer = await self._post(body, EXCHANGE_ERRORS)
        refresh_token = text_of(answer.get("refresh_token"))
        if not refresh_token:
            message = "Volvo ID sent no refresh token: publish the application, then log in again"
            raise LoginRefused(message)
        return Token(
            access_token=text_of(answer.get("access_token")),
            refresh_token=refresh_token,
            expires_at=now + token_seconds(answer.get("expires_in")),
            granted_at=now,
            scope=scopes(answer.get("scope")),
        )

    async def refresh(self, token: Token, *, received: Callable[[bytes], None] | None = None) -> Token:
        """Return the token with a new access token, and a new refresh token if the response contains one.

        `received` receives the bytes of a successful response as they arrive.

        Raises:
            LoginRequired: Volvo ID answered `invalid_grant`, and only then.
            ClientRefused: `client_id` or `client_secret` is wrong.
            Unreachable: no response, or an invalid one.
        """
        body = WebApplicationClient(self._client_id).prepare_refresh_body(refresh_token=token.refresh_token)
        now = self._clock()
        answer = await self._post(
            body,
            REFRESH_ERRORS,
            timeout=RENEWAL_TIMEOUT,
            max_seconds=MAX_RENEWAL_SECONDS,
            received=received,
        )
        return renew(token, answer, now=now)

    async def _post(
        self,
        body: str,
        errors: Mapping[str, tuple[type[ExporterError], str]],
        *,
        timeout: httpx2.Timeout | None = None,  # noqa: ASYNC109 - httpx2's own kind, for each part of a request
        max_seconds: float = MAX_EXCHANGE_SECONDS,
        received: Callable[[bytes], None] | None = None,
    ) -> Mapping[str, object]:
        request = self._client.build_request(
            "POST",
            self._url,
            content=body.encode(),
            headers={
                "content-type": "application/x-www-form-urlencoded",
                "accept": "application/json",
                "accept-encoding": "identity",  # stored bytes must be readable
            },
            timeout=timeout or self._client.timeout,
            extensions={"endpoint": ENDPOINT},
        )
        try:
            response, content = await send(
                self._client, request, auth=self._auth, max_seconds=max_seconds, received=received
            )
        except Malformed as error:
            raise Unreachable(*error.args) from None
        return read_answer(response.status_code, content, errors)


def read_answer(
    status: int, body: bytes, errors: Mapping[str, tuple[type[ExporterError], str]]
) -> Mapping[str, object]:
    """Return the members of a response with at least one token in it.

    Raises:
        ExporterError: as `errors` maps the error code in the body; `ClientRefused` for a bare 401;
            `Unreachable` for everything else. A bare 403 comes from a firewall: an invalid client is
            answered with 401 or 400 and an error code (RFC 6749, section 5.2).
    """
    answer = json_members(body)
    if httpx2.codes.is_success(status) and has_token(answer):
        return answer
    if httpx2.codes.is_client_error(status) and status != httpx2.codes.TOO_MANY_REQUESTS:
        known = errors.get(_error(answer))
        if known is None and status == httpx2.codes.UNAUTHORIZED:
            known = _CLIENT
        if known is not None:
            kind, message = known
            raise kind(message)
    message = f"Volvo ID is unavailable (status {status}); will retry, the login is kept"
    raise Unreachable(message)


def _error(answer: Mapping[str, object]) -> str:
    """Return the `error` of the response, or the code in PingFederate's own format."""
    details = answer.get("details")
    first = details[0] if isinstance(details, list) and details else None
    return text_of(answer.get("error")) or (text_of(first.get("code")) if isinstance(first, dict) else "")
