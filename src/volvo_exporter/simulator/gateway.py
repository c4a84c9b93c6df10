"""Volvo's API gateway: authentication, limits, authorization, then the resource."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from volvo_exporter import catalogue
from volvo_exporter.catalogue import connected_vehicle, extended_vehicle
from volvo_exporter.catalogue.model import Api, Resource
from volvo_exporter.simulator import extended, weather, wire
from volvo_exporter.simulator.answer import Answer, error_answer, json_answer
from volvo_exporter.simulator.faults import (
    EXTENDED_VEHICLE_GONE,
    FOREIGN_VEHICLE,
    GONE,
    INVALID_KEY,
    INVALID_TOKEN,
    MISSING_KEY,
    MISSING_TOKEN,
    QUOTA_EXCEEDED,
    ROUTE_NOT_FOUND,
    SCOPE_MISSING,
    THROTTLED,
    fill,
    without_retry_after,
)
from volvo_exporter.simulator.identity import USER, Access
from volvo_exporter.simulator.world import World

EXTENDED_LIST = "/extended-vehicle/v1/vehicles"
REMOVED_APIS = ("/energy/v1", "/connected-vehicle/v1")
NOT_ACCEPTABLE = json_answer(406, {"statusCode": 406, "message": "Not Acceptable"})
METHOD_NOT_ALLOWED = json_answer(
    405,
    {"error": {"message": "METHOD_NOT_ALLOWED", "description": "Only GET is simulated"}},
    allow="GET",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """The resource at a path."""

    name: str
    """Name of the catalogue's resource, or the path if there is none."""
    template: str
    resource: Resource | None = None
    vin: str | None = None
    item: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiRequest:
    """A request to one of the APIs."""

    method: str
    path: str
    route: Route
    headers: Mapping[str, str]
    """Headers by lower-case name."""
    query: Mapping[str, str]


def _pattern(resource: Resource) -> re.Pattern[str]:
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", resource.endpoint))


_PATTERNS = tuple((_pattern(resource), resource) for resource in catalogue.RESOURCES)


def find_route(path: str) -> Route:
    """Return the resource at a path, by the templates of the catalogue."""
    for pattern, resource in _PATTERNS:
        found = pattern.fullmatch(path)
        if found:
            groups = found.groupdict()
            return Route(
                name=resource.name,
                template=resource.endpoint,
                resource=resource,
                vin=groups.get("vin"),
                item=groups.get("item"),
            )
    return Route(name=path, template=path)


def respond(world: World, request: ApiRequest) -> Answer:
    """Answer a request, checking in the gateway's order: key, token, rate limit, quota, route, car, scope."""
    if request.route.resource is not None and request.route.resource.api is Api.WEATHER:
        return _weather(world, request)
    access = _admit(world, request)
    if isinstance(access, Answer):
        return access
    return _check(world, request, access) or _render(world, request.route, access)


def _admit(world: World, request: ApiRequest) -> Access | Answer:
    options, now = world.options, world.now()
    key = request.headers.get("vcc-api-key")
    if not key:
        return MISSING_KEY
    application = options.api_keys.get(key)
    if application is None or (options.flaky_key and world.random.random() < options.flaky_key):
        return INVALID_KEY
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        return MISSING_TOKEN
    access = world.identity.access(token.strip(), now)
    if access is None:
        return INVALID_TOKEN
    caller = (access.grant.client_id, USER)
    wait = world.limits.wait(caller, now=now, limit=options.requests_per_minute)
    api = _api(request.path)
    shared = (api,) if options.quota_per_api else tuple(Api)
    exhausted = world.limits.used(application, *shared, now=now) >= options.daily_quota
    if wait is not None or exhausted:
        answer = fill(QUOTA_EXCEEDED if wait is None else THROTTLED, now=now, seconds=wait or 0)
        return answer if options.retry_after else without_retry_after(answer)
    world.limits.count(application, api, caller, now=now)
    return access


def _api(path: str) -> Api:
    """Return the API whose quota a path uses; an unknown path uses that of Connected Vehicle."""
    return next((api for api in Api if path.startswith(api.prefix)), Api.CONNECTED_VEHICLE)


def _check(world: World, request: ApiRequest, access: Access) -> Answer | None:
    """Return the error, if the resource is not available to the caller."""
    route = request.route
    if request.path.startswith(REMOVED_APIS):
        return GONE
    if request.path.startswith(Api.EXTENDED_VEHICLE.prefix) and not world.options.extended_vehicle_available:
        return EXTENDED_VEHICLE_GONE
    return _check_request(request) or _check_access(world, route, access)


def _check_request(request: ApiRequest) -> Answer | None:
    route = request.route
    if route.resource is None and route.template != EXTENDED_LIST:
        return ROUTE_NOT_FOUND
    if request.method != "GET":
        return METHOD_NOT_ALLOWED
    accepted = request.headers.get("accept", "*/*")
    if not any(kind in accepted for kind in ("application/json", "application/*", "*/*")):
        return NOT_ACCEPTABLE
    return None


def _check_access(world: World, route: Route, access: Access) -> Answer | None:
    if route.vin is not None and route.vin not in world.shared_vins(access.grant.vins):
        return FOREIGN_VEHICLE
    needed = route.resource.scopes if route.resource else extended_vehicle.SCOPES
    return None if set(needed) <= set(access.grant.scope) else SCOPE_MISSING


def _render(world: World, route: Route, access: Access) -> Answer:
    vins = world.shared_vins(access.grant.vins)
    if route.resource is connected_vehicle.VEHICLES:
        return wire.render_list(vins)
    if route.resource is None or route.vin is None:
        return extended.vehicles(vins, world.now())
    view = world.view(route.vin)
    if route.resource is extended_vehicle.ITEMS:
        return extended.resources(view)
    if route.item is not None:
        return extended.resource(route.item, view)
    return wire.render(route.resource, view)


def _weather(world: World, request: ApiRequest) -> Answer:
    if request.method != "GET":
        return error_answer(405, "METHOD_NOT_ALLOWED", "Only GET is simulated")
    if request.query.get("appid") != world.options.weather_key:
        return weather.INVALID_KEY
    return weather.current(
        request.query.get("lat", ""),
        request.query.get("lon", ""),
        units=request.query.get("units"),
        time=world.now(),
    )
