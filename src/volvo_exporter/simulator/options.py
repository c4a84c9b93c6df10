"""Options of the simulated cloud, and the made-up credentials that it accepts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, unique
from types import MappingProxyType

from volvo_exporter import catalogue

CLIENT_ID = "demo-client"
CLIENT_SECRET = "demo-client-secret"  # noqa: S105 - public on purpose: it opens the simulator only
API_KEY = "0123456789abcdef0123456789abcdef"
WEATHER_KEY = "demo-weather-key"
REDIRECT_URI = "http://localhost:9100/callback"

DAY = 86400.0
"""Seconds."""


@unique
class Era(Enum):
    """Format of absent values in the APIs. Volvo changed it on 2026-08-20 (home-assistant/core#179741)."""

    OMIT = "omit"
    """Before: absent keys are left out, timestamps have milliseconds, ranges are whole numbers."""
    NULL = "null"
    """Since: absent keys are null, keys are sorted, timestamps have micro- or nanoseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Behaviour of Volvo ID, the gateway and the removed APIs."""

    client_id: str = CLIENT_ID
    client_secret: str = CLIENT_SECRET
    redirect_uris: tuple[str, ...] = (REDIRECT_URI,)
    """The application's redirect URIs; they must match exactly."""
    scopes: tuple[str, ...] = catalogue.scopes(catalogue.RESOURCES)
    """Scopes that the application may request."""
    expires_in: int = 1799
    """Lifetime of an access token in seconds; Volvo sends 299 or 1799 (home-assistant/core#179741)."""
    rotate: bool = True
    """Whether a refresh returns a new refresh token and invalidates the old one."""
    omit_refresh_token: bool = False
    """Whether a refresh omits the key `refresh_token`; the old token then stays valid."""
    reuse_revokes_family: bool = False
    """Whether reuse of a rotated refresh token revokes the whole grant, or only fails."""
    grant_lifetime: float = 180 * DAY
    """Seconds from the consent until its refresh tokens expire."""
    refresh_idle: float = 7 * DAY
    """Seconds after which an unused refresh token expires."""
    code_lifetime: float = 60.0
    """Seconds until an authorization code expires."""
    consented_vins: tuple[str, ...] | None = None
    """Cars of a consent that selects none explicitly; None means all, () none."""

    api_keys: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({API_KEY: "demo"}))
    """Application of each valid key; keys of one application share its quota."""
    flaky_key: float = 0.0
    """Share of calls, 0 to 1, refused at random as if the key were unknown, as with new keys."""
    daily_quota: int = 10_000
    """Calls per application from 00:00 UTC to 00:00 UTC."""
    quota_per_api: bool = False
    """Whether `daily_quota` applies to each API or to all together; Volvo does not document which."""
    requests_per_minute: int = 100
    """Calls per client and user in any 60 seconds."""
    retry_after: bool = True
    """Whether 429 and the quota's 403 have the header Retry-After."""
    extended_vehicle_available: bool = False
    """Whether Extended Vehicle is available, as until 2025-12-31."""

    weather_key: str = WEATHER_KEY
