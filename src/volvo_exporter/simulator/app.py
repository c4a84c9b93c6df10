"""ASGI app of the simulated cloud: Volvo ID, the APIs, weather and the controls on one origin."""

from collections.abc import Awaitable, Callable
from urllib.parse import parse_qsl

import anyio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from volvo_exporter.simulator import consent, control, gateway, identity
from volvo_exporter.simulator.answer import Answer, json_answer
from volvo_exporter.simulator.world import Call, World

Handler = Callable[[World, Request], Awaitable[Response]]
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
NO_FORM = json_answer(
    400,
    {
        "error": "invalid_request",
        "error_description": "Body must be a form (application/x-www-form-urlencoded)",
    },
)


def create_app(world: World) -> Starlette:
    """Return the app; all its state is in `world`."""

    def observed(handler: Handler, name: str | None = None) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            return await _observed(world, request, handler, name)

        return endpoint

    def unobserved(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            return await handler(world, request)

        return endpoint

    return Starlette(
        routes=[
            Route("/as/authorization.oauth2", observed(_authorize, "authorize"), methods=["GET", "POST"]),
            Route("/as/token.oauth2", observed(_token, "token"), methods=["POST"]),
            Route("/as/revoke_token.oauth2", observed(_revoke, "revoke"), methods=["POST"]),
            Route("/.well-known/openid-configuration", unobserved(_discovery)),
            Route("/_sim/faults", unobserved(control.add_fault), methods=["POST"]),
            Route("/_sim/faults", unobserved(control.clear_faults), methods=["DELETE"]),
            Route("/_sim/state", unobserved(control.show_state)),
            Route("/{path:path}", observed(_api), methods=METHODS),
        ]
    )


async def _observed(world: World, request: Request, handler: Handler, name: str | None) -> Response:
    """Answer a request, apply the active faults, and log it."""
    arrived, path = world.now(), request.url.path
    route = gateway.find_route(path)
    wait, fault = world.faults.apply(name=name or route.name, path=path, vin=route.vin, now=arrived)
    if wait:
        await anyio.sleep(wait)
    response = await handler(world, request) if fault is None else _response(fault)
    world.log.append(
        Call(
            time=arrived,
            method=request.method,
            path=route.template,
            vin=route.vin,
            status=response.status_code,
        )
    )
    return response


def _response(answer: Answer) -> Response:
    return Response(answer.body, status_code=answer.status, headers=dict(answer.headers))


async def _api(world: World, request: Request) -> Response:
    api_request = gateway.ApiRequest(
        method=request.method,
        path=request.url.path,
        route=gateway.find_route(request.url.path),
        headers=request.headers,
        query=request.query_params,
    )
    response = _response(gateway.respond(world, api_request))
    if "vcc-api-operationid" in request.headers:
        response.headers["VCC-API-OperationId"] = request.headers["vcc-api-operationid"]
    return response


async def _form(request: Request) -> list[tuple[str, str]] | None:
    """Return the fields of a form; None if the body is not a form."""
    if request.headers.get("content-type", "").partition(";")[0] != "application/x-www-form-urlencoded":
        return None
    body = await request.body()
    return parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)


async def _authorize(world: World, request: Request) -> Response:
    form = await _form(request) if request.method == "POST" else list(request.query_params.items())
    if form is None:
        return _response(NO_FORM)
    parameters = {name: value for name, value in form if name not in {"vin", "decision"}}
    authorization = identity.read_request(parameters, world.options)
    match authorization:
        case identity.UntrustedRequest(message=message):
            return HTMLResponse(consent.error_page(message), status_code=400)
        case str():
            return RedirectResponse(authorization, status_code=302)
        case identity.Request():
            pass
    cars = [world.cars[vin].profile for vin in world.shared_vins(world.options.consented_vins)]
    if request.method != "POST":
        return HTMLResponse(
            consent.consent_page(parameters, authorization.scope, cars),
            headers={"content-security-policy": "default-src 'none'; style-src 'unsafe-inline'"},
        )
    if ("decision", "allow") not in form:
        refused = identity.redirect(
            authorization.redirect_uri, error="access_denied", state=authorization.state
        )
        return RedirectResponse(refused, status_code=302)
    vins = tuple(value for name, value in form if name == "vin")
    url = world.identity.consent(authorization, vins=vins, now=world.now(), options=world.options)
    return RedirectResponse(url, status_code=302)


async def _token(world: World, request: Request) -> Response:
    form = await _form(request)
    if form is None:
        return _response(NO_FORM)
    authorization = request.headers.get("authorization")
    return _response(
        world.identity.token(dict(form), authorization=authorization, now=world.now(), options=world.options)
    )


async def _revoke(world: World, request: Request) -> Response:
    form = await _form(request)
    if form is None:
        return _response(NO_FORM)
    authorization = request.headers.get("authorization")
    return _response(world.identity.revoke(dict(form), authorization=authorization, options=world.options))


async def _discovery(world: World, request: Request) -> Response:
    issuer = f"{request.url.scheme}://{request.url.netloc}"
    return JSONResponse(
        {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/as/authorization.oauth2",
            "token_endpoint": f"{issuer}/as/token.oauth2",
            "revocation_endpoint": f"{issuer}/as/revoke_token.oauth2",
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "code_challenge_methods_supported": ["S256"],
            "scopes_supported": list(world.options.scopes),
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        }
    )
