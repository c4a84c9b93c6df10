"""The documents of the JSON API, described in docs/api.md."""

import math
from collections.abc import Callable, Iterable, Mapping
from typing import TypedDict

from volvo_exporter.log import Line
from volvo_exporter.polling.outcomes import Pause
from volvo_exporter.polling.status import AccountReport, QuotaStatus, SlotStatus
from volvo_exporter.vehicles.garage import Garage
from volvo_exporter.vehicles.samples import expand_all
from volvo_exporter.vehicles.warnings import list_warnings
from volvo_exporter.web.trace import Traces
from volvo_exporter.web.warning_texts import describe as describe_warning

Json = Mapping[str, object]


class ErrorDocument(TypedDict):
    """The last error of a resource."""

    at: float
    message: str


class SlotDocument(TypedDict):
    """One resource in the schedule; times are Unix seconds."""

    vin: str | None
    resource: str
    item: str | None
    state: str
    interval: float | None
    next: float | None
    resting: bool
    last_success: float | None
    failures_in_a_row: int
    last_error: ErrorDocument | None


class WaitingDocument(TypedDict):
    """Reason why the polling of an account is paused; `until` is Unix time."""

    why: str
    until: float | None
    message: str


class LoginDocument(TypedDict):
    """The login of an account."""

    required: bool
    token_expires: float | None
    grant_expires: float | None


class QuotaDocument(TypedDict):
    """The daily quota of an API key."""

    limit: int
    used: int
    remaining: int
    resets: float
    forecast: int
    stretch: dict[str, float]
    requests_in_the_last_minute: int


class ActivityDocument(TypedDict):
    """The activity of a vehicle."""

    vin: str
    activity: str
    looking_closely_until: float | None


class AccountDocument(TypedDict):
    """One account."""

    account: str
    waiting: WaitingDocument | None
    login: LoginDocument
    quota: QuotaDocument
    vehicles: list[ActivityDocument]
    resources: list[SlotDocument]


class LineDocument(TypedDict):
    """A warning of the log."""

    at: float
    level: str
    message: str


class StatusDocument(TypedDict):
    """The page `/api/v1/status`."""

    version: str
    now: float
    accounts: list[AccountDocument]
    log: list[LineDocument]


def vehicles_document(garage: Garage, traces: Traces) -> Json:
    """Return the document `/api/v1/vehicles`."""
    return {"vehicles": [_vehicle(garage, traces, vin) for vin in garage.vins]}


def status_document(
    reports: Iterable[AccountReport],
    *,
    shown: Callable[[str], str],
    version: str,
    lines: Iterable[Line],
    now: float,
) -> StatusDocument:
    """Return the document `/api/v1/status`: logins, quotas, schedules and recent warnings of the log.

    `shown` returns the VIN to show for a VIN; `now` is Unix time.
    """
    log = [LineDocument(at=line.at, level=line.level, message=line.text) for line in lines]
    accounts = [_account(report, shown) for report in reports]
    return {"version": version, "now": now, "accounts": accounts, "log": log}


def _vehicle(garage: Garage, traces: Traces, vin: str) -> Json:
    tracked = garage[vin]
    vehicle, activity = tracked.vehicle, tracked.state.activity
    return {
        "attributes": dict(garage.attributes(vin)),
        "activity": activity.value if tracked.vehicle.is_known else None,
        "last_word": vehicle.reported_at,
        "warnings": [describe_warning(item) for item in list_warnings(vehicle, activity)],
        "readings": [
            {"metric": sample.family.name, "labels": dict(sample.labels), "value": sample.value}
            for sample in expand_all(vehicle)
        ],
        "last_day": {
            family.name: [[point.at, point.value] for point in points]
            for family, points in traces.points(vin).items()
        },
        "resources": {
            name: {"up": poll.up, "last_success": poll.last_success} for name, poll in vehicle.polls.items()
        },
    }


def _account(report: AccountReport, shown: Callable[[str], str]) -> AccountDocument:
    status = report.status
    return {
        "account": status.account,
        "waiting": _waiting(status.waiting),
        "login": {
            "required": status.login.required,
            "token_expires": status.login.token_expiry,
            "grant_expires": status.login.grant_expiry,
        },
        "quota": _quota(status.quota),
        "vehicles": [
            {
                "vin": shown(vehicle.vin),
                "activity": vehicle.activity.value,
                "looking_closely_until": vehicle.watched_until,
            }
            for vehicle in report.vehicles
        ],
        "resources": [_slot(slot, shown) for slot in report.slots],
    }


def _waiting(waiting: Pause | None) -> WaitingDocument | None:
    if waiting is None:
        return None
    return {"why": waiting.why.value, "until": waiting.until, "message": waiting.message}


def _quota(quota: QuotaStatus) -> QuotaDocument:
    factors = {"live": quota.stretch.live, "usual": quota.stretch.usual, "slow": quota.stretch.slow}
    return {
        "limit": quota.limit,
        "used": quota.used,
        "remaining": quota.remaining,
        "resets": quota.resets,
        "forecast": quota.forecast,
        "stretch": {name: factor for name, factor in factors.items() if math.isfinite(factor)},
        "requests_in_the_last_minute": quota.requests_in_the_last_minute,
    }


def _slot(slot: SlotStatus, shown: Callable[[str], str]) -> SlotDocument:
    error = slot.last_error
    return {
        "vin": shown(slot.vin) if slot.vin else None,
        "resource": slot.resource,
        "item": slot.item or None,
        "state": slot.state,
        "interval": slot.interval,
        "next": slot.next_due,
        "resting": slot.is_postponed,
        "last_success": slot.last_success,
        "failures_in_a_row": slot.failures,
        "last_error": None if error is None else {"at": error.at, "message": error.message},
    }
