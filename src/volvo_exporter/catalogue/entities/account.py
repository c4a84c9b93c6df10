"""Entities of an account: its login and its quota."""

from volvo_exporter.catalogue.entities.model import (
    CALLS,
    MEASUREMENT,
    PROBLEM,
    TIMESTAMP,
    Entity,
    Platform,
)

LOGIN_REQUIRED = Entity(
    id="login_required",
    name="Login required",
    platform=Platform.BINARY_SENSOR,
    device_class=PROBLEM,
    diagnostic=True,
)
LOGIN_EXPIRY = Entity(
    id="login_expiry", name="Login expires", device_class=TIMESTAMP, icon="mdi:login", diagnostic=True
)
QUOTA_LIMIT, QUOTA_USED, QUOTA_REMAINING, QUOTA_FORECAST = (
    Entity(
        id=f"quota_{id_}",
        name=name,
        unit=CALLS,
        state_class=MEASUREMENT,
        precision=0,
        icon="mdi:counter",
        diagnostic=True,
    )
    for id_, name in (
        ("limit", "API quota"),
        ("used", "API calls today"),
        ("remaining", "API calls remaining"),
        ("forecast", "API calls forecast"),
    )
)
QUOTA_RESET = Entity(
    id="quota_reset", name="API quota reset", device_class=TIMESTAMP, icon="mdi:restore", diagnostic=True
)
LAST_SUCCESS = Entity(
    id="last_success",
    name="Last successful request",
    device_class=TIMESTAMP,
    icon="mdi:cloud-check",
    diagnostic=True,
)
ACCOUNT: tuple[Entity, ...] = (
    LOGIN_REQUIRED,
    LOGIN_EXPIRY,
    QUOTA_LIMIT,
    QUOTA_USED,
    QUOTA_REMAINING,
    QUOTA_FORECAST,
    QUOTA_RESET,
    LAST_SUCCESS,
)
"""All entities of an account."""
