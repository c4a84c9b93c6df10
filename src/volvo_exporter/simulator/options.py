"""How the stand-in for Volvo's cloud behaves, and the made-up credentials that it accepts."""

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


@unique
class Era(Enum):
    """How the APIs write what is missing. Volvo changed it on 2026-08-20 (home-assistant/core#179741)."""

    OMIT = "omit"
    """Before: absent keys are left out, timestamps have milliseconds, ranges are whole numbers."""
    NULL = "null"
    """Since: absent keys are null, keys are sorted, timestamps have micro- or nanoseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How Volvo ID, the gateway and the dead APIs behave."""

    client_id: str = CLIENT_ID
    client_secret: str = CLIENT_SECRET
    redirect_uris: tuple[str, ...] = (REDIRECT_URI,)
    """Compared character by character."""
    scopes: tuple[str, ...] = catalogue.scopes(catalogue.RESOURCES)
    """What the application may ask for."""
    expires_in: int = 1799
    """Seconds that an access token is good for; Volvo says 299 or 1799 (home-assistant/core#179741)."""
    rotate: bool = True
    """Whether a refresh brings a new refresh token and ends the old one."""
    omit_refresh_token: bool = False
    """Whether a refresh leaves the key `refresh_token` out; the old one stays good then."""
    reuse_revokes_family: bool = False
    """Whether using a rotated refresh token again ends the whole grant, or fails alone."""
    grant_lifetime: float = 180 * DAY
    """Seconds from the consent to the end of its refresh tokens."""
    refresh_idle: float = 7 * DAY
    """Seconds after which an unused refresh token dies."""
    code_lifetime: float = 60.0
    consented_vins: tuple[str, ...] | None = None
    """The cars that a consent without a choice includes; None means all, () none."""

    api_keys: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({API_KEY: "demo"}))
    """Every known key, with the application whose quota it draws on."""
    flaky_key: float = 0.0
    """Share of calls, 0 to 1, refused at random as if the key were unknown, as new keys are."""
    daily_quota: int = 10_000
    """Calls per application from 00:00 UTC to 00:00 UTC."""
    quota_per_api: bool = False
    """Whether an application has `daily_quota` for each API, or for all APIs together; which is unknown."""
    requests_per_minute: int = 100
    """Calls per client and user in any 60 seconds."""
    retry_after: bool = True
    """Whether 429 and the quota's 403 say Retry-After."""
    extended_vehicle_available: bool = False
    """Whether Extended Vehicle answers, as it did until 2025-12-31."""

    weather_key: str = WEATHER_KEY
