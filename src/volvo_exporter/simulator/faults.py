"""Faults on demand: the observed errors of Volvo's cloud, listed in `KINDS`."""

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from types import MappingProxyType

from volvo_exporter.catalogue import energy
from volvo_exporter.simulator.answer import Answer, error_answer, json_answer
from volvo_exporter.simulator.options import DAY

KEY_HINT = "Make sure to provide a valid key for an active application."
HTML = MappingProxyType({"content-type": "text/html"})
JSON = MappingProxyType({"content-type": "application/json"})

INVALID_KEY = json_answer(
    401,
    {
        "status": 401,
        "error": {"message": f"Access denied due to invalid VCC-API-KEY. {KEY_HINT}"},
    },
)
MISSING_KEY = json_answer(
    401,
    {
        "status": 401,
        "error": {"message": f"Access denied due to missing header VCC-API-KEY. {KEY_HINT}"},
    },
)
MISSING_TOKEN = json_answer(
    401,
    {"status": 401, "error": {"message": "Access denied due to missing header authorization."}},
)
INVALID_TOKEN = error_answer(401, "UNAUTHORIZED", "The access token is invalid or has expired")
ROUTE_NOT_FOUND = json_answer(404, {"statusCode": 404, "message": "Resource not found"})
CAR_NOT_FOUND = error_answer(404, "NOT_FOUND", "Not available for this vehicle")
FOREIGN_VEHICLE = error_answer(403, "FORBIDDEN", "No relationship to UUID")
SCOPE_MISSING = error_answer(403, "FORBIDDEN", "Access Denied")
GONE = error_answer(
    410, "GONE", "Version 1 is removed. See https://developer.volvocars.com/apis/energy/v2/overview/"
)
EXTENDED_VEHICLE_GONE = error_answer(410, "GONE", "Extended Vehicle is removed.")
QUOTA_EXCEEDED = json_answer(
    403,
    {"statusCode": 403, "message": "Out of call volume quota. Quota will be replenished in {countdown}."},
    retry_after="{until_midnight}",
)
THROTTLED = json_answer(
    429,
    {"statusCode": 429, "message": "Rate limit is exceeded. Try again in {seconds} seconds."},
    retry_after="{seconds}",
)
INVALID_GRANT = json_answer(
    400,
    {
        "error_description": "unknown, invalid, or expired refresh token",
        "error": "invalid_grant",
    },
)
INVALID_CLIENT = json_answer(
    401,
    {"error_description": "Invalid client or client credentials.", "error": "invalid_client"},
    www_authenticate='Basic realm="Volvo ID"',
)
CAPABILITIES_COLLAPSE = json_answer(
    200,
    {
        "getEnergyState": {
            "isSupported": False,
            **{field.key: {"isSupported": False} for field in energy.CAPABILITIES.fields},
        }
    },
)


def without_retry_after(answer: Answer) -> Answer:
    """Return the answer without the header Retry-After."""
    headers = {name: value for name, value in answer.headers.items() if name != "retry-after"}
    return Answer(status=answer.status, headers=headers, body=answer.body)


KINDS: Mapping[str, Answer | None] = MappingProxyType(
    {
        "internal_error": error_answer(500, "INTERNAL_SERVER_ERROR", "Internal server error"),
        "energy_internal_error": json_answer(
            500,
            {
                "code": "INTERNAL_ERROR",
                "message": "An internal error occurred. Ref: 00000000",
                "details": [],
            },
        ),
        "bad_gateway": Answer(
            status=502, headers=HTML, body=b"<html><body><h1>502 Bad Gateway</h1></body></html>"
        ),
        "asleep": error_answer(503, "SERVICE_UNAVAILABLE", "Not allowed, car is in use or asleep"),
        "unavailable": Answer(status=503, headers=HTML, body=b"Service Unavailable"),
        "gateway_timeout": Answer(
            status=504, headers=HTML, body=b"<html><body><h1>504 Gateway Time-out</h1></body></html>"
        ),
        "route_not_found": ROUTE_NOT_FOUND,
        "market_not_found": error_answer(404, "NOT_FOUND", "Does not belong to allowed markets"),
        "car_not_found": CAR_NOT_FOUND,
        "scope_missing": SCOPE_MISSING,
        "energy_not_authorized": json_answer(
            403,
            {
                "code": "AUTHORIZATION_ERROR",
                "message": "Not authorized to access this resource.",
                "details": [],
            },
        ),
        "foreign_vehicle": FOREIGN_VEHICLE,
        # home-assistant/core#169582: an outage, answered as a missing permission
        "energy_outage": error_answer(403, "FORBIDDEN", "Client not allowed to access Location API"),
        "quota": QUOTA_EXCEEDED,
        "quota_without_retry_after": without_retry_after(QUOTA_EXCEEDED),
        "invalid_key": INVALID_KEY,
        "missing_key": MISSING_KEY,
        "invalid_token": INVALID_TOKEN,
        "array_sub": json_answer(
            401,
            {
                "status": 401,
                "error": {
                    "message": "Access denied due to invalid token. "
                    "The sub claim contains an array instead of a plain string."
                },
            },
        ),
        "throttled": THROTTLED,
        "throttled_without_retry_after": without_retry_after(THROTTLED),
        "gone": GONE,
        # home-assistant/core#172253: for days the capabilities were all unsupported
        "capabilities_collapse": CAPABILITIES_COLLAPSE,
        "garbage": Answer(headers=JSON, body=b"\xff\xfe<<< not json >>>"),
        "truncated": Answer(headers=JSON, body=b'{"data":{"odometer":{"unit":"km","val'),
        "empty": Answer(headers=JSON),
        "token_error": json_answer(500, {"error": "server_error"}),
        "invalid_grant": INVALID_GRANT,
        "invalid_client": INVALID_CLIENT,
        "latency": None,
    }
)
"""Answer of each kind of fault; None delays the real answer by `Fault.seconds`."""
TOKEN_KINDS = frozenset({"token_error", "invalid_grant", "invalid_client"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A fault, with the requests and the time to which it applies."""

    kind: str
    """A key of `KINDS`."""
    where: str | None = None
    """A resource of the catalogue ("doors"), "token", "authorize", "revoke", or a glob over paths. None is
    the token endpoint for the kinds in `TOKEN_KINDS`, every API for the others."""
    vin: str | None = None
    """Only for this car."""
    times: int | None = None
    """Maximum number of requests."""
    until: float | None = None
    """End of the fault, in Unix seconds of wall time."""
    seconds: float = 30.0
    """Delay of `latency`, and Retry-After of `throttled`."""

    def __post_init__(self) -> None:
        """Validate the kind.

        Raises:
            ValueError: the kind is unknown; the message lists the known ones.
        """
        if self.kind not in KINDS:
            msg = f"unknown fault {self.kind!r}; known faults: {', '.join(KINDS)}"
            raise ValueError(msg)

    def matches(self, *, name: str, path: str, vin: str | None) -> bool:
        """Return whether the fault applies to a request for the resource `name` at `path`."""
        if self.vin is not None and self.vin != vin:
            return False
        if self.where is None:
            return (
                name == "token" if self.kind in TOKEN_KINDS else name not in {"token", "authorize", "revoke"}
            )
        return self.where == name or fnmatchcase(path, self.where)


class Faults:
    """The active faults, in the order in which they were added; the first that matches a request applies."""

    def __init__(self) -> None:
        self._active: list[tuple[Fault, list[int]]] = []

    def add(self, fault: Fault) -> None:
        """Switch a fault on."""
        self._active.append((fault, [0]))

    def clear(self) -> None:
        """Switch every fault off."""
        self._active.clear()

    def active(self, now: float) -> tuple[Fault, ...]:
        """Return the faults that have not ended."""
        self._active = [
            (fault, count)
            for fault, count in self._active
            if (fault.until is None or now < fault.until) and (fault.times is None or count[0] < fault.times)
        ]
        return tuple(fault for fault, _ in self._active)

    def apply(self, *, name: str, path: str, vin: str | None, now: float) -> tuple[float, Answer | None]:
        """Return the seconds to wait, and the answer that replaces the real one, if any."""
        self.active(now)
        wait = 0.0
        for fault, count in self._active:
            if not fault.matches(name=name, path=path, vin=vin):
                continue
            count[0] += 1
            answer = KINDS[fault.kind]
            if answer is not None:
                return wait, fill(answer, now=now, seconds=fault.seconds)
            wait += fault.seconds
        return wait, None


def fill(answer: Answer, *, now: float, seconds: float = 0.0) -> Answer:
    """Fill the placeholders of an answer: `seconds` to wait, and the time until midnight UTC."""
    left = int(DAY) - int(now % DAY)
    values = {
        "{countdown}": f"{left // 3600:02d}:{left // 60 % 60:02d}:{left % 60:02d}",
        "{until_midnight}": str(left),
        "{seconds}": str(max(round(seconds), 1)),
    }
    body, headers = answer.body, dict(answer.headers)
    for placeholder, value in values.items():
        body = body.replace(placeholder.encode(), value.encode())
        headers = {name: text.replace(placeholder, value) for name, text in headers.items()}
    return Answer(status=answer.status, headers=headers, body=body)
