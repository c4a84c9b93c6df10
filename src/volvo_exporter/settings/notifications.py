"""The sections `notifications` and `webhooks`: what is sent to phones and other programs, and when."""

import re
from datetime import time
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BeforeValidator, Field, field_validator

from volvo_exporter.fields import InputFile, Line, Secret, Words, is_url
from volvo_exporter.settings.sections import Section

EVENTS = ("drive_ended", "charge_ended")
SPAN = re.compile(r"(\d\d?):(\d\d)\s*-\s*(\d\d?):(\d\d)")
MOMENT = re.compile(r"(\d\d?):(\d\d)")


def read_moment(value: object) -> object:
    """Read a time of the day such as 18:00; YAML reads it as a number of minutes without quotes."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = f"{value // 60}:{value % 60:02}"
    if value is None or isinstance(value, time):
        return value
    found = MOMENT.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        message = "must be a time of the day such as 18:00"
        raise ValueError(message)
    return _moment(*found.groups())


def read_span(value: object) -> object:
    """Read a span of the day such as 22:00-07:00."""
    if value is None or (isinstance(value, tuple) and all(isinstance(end, time) for end in value)):
        return value
    found = SPAN.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        message = "must be a span of the day such as 22:00-07:00"
        raise ValueError(message)
    return _moment(found[1], found[2]), _moment(found[3], found[4])


def _moment(hour: str, minute: str) -> time:
    try:
        return time(int(hour), int(minute))
    except ValueError:
        message = f"{hour}:{minute} is not a time of the day; use e.g. 07:00"
        raise ValueError(message) from None


class Webhook(Section):
    """A list of URLs that get each message as signed JSON: see [Notifications](notifications.md#webhooks)."""

    url: Line = Field(description="URL that gets the messages by POST.")
    secret: Secret = Field(description="Secret of the signature; choose a long random text.")
    secret_file: InputFile | None = Field(default=None, description="File that holds secret.")

    @field_validator("url")
    @classmethod
    def _check_url(cls, value: str) -> str:
        if not is_url(value):
            message = "must be a complete URL, e.g. https://example.com/volvo"
            raise ValueError(message)
        return value


class Notifications(Section):
    """What is sent to the targets of `notify` and `webhooks`: see [Notifications](notifications.md)."""

    severity: Literal["critical", "warning", "info"] = Field(
        default="info", description="The least severe alerts that are sent: `critical`, `warning` or `info`."
    )
    events: Words = Field(default=(), description="Events that are sent: `drive_ended`, `charge_ended`.")
    quiet_hours: Annotated[tuple[time, time] | None, BeforeValidator(read_span)] = Field(
        default=None, description="Times at which only critical alerts are sent, e.g. `22:00-07:00`."
    )
    digest: Annotated[time | None, BeforeValidator(read_moment)] = Field(
        default=None, description="Time at which alerts of severity info and events are sent in one message."
    )
    time_zone: Line = Field(
        default="", description="Time zone of these times, e.g. `Europe/Stockholm`; default: the machine's."
    )
    vin: bool = Field(default=False, description="Whether messages contain the VIN.")
    position: bool = Field(default=False, description="Whether messages contain the position of the car.")

    @field_validator("events")
    @classmethod
    def _check_events(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := set(value) - set(EVENTS):
            message = f"unknown {', '.join(sorted(unknown))}; choose from {', '.join(EVENTS)}"
            raise ValueError(message)
        return value

    @field_validator("time_zone")
    @classmethod
    def _check_zone(cls, value: str) -> str:
        try:
            return value and ZoneInfo(value).key
        except (ZoneInfoNotFoundError, ValueError, OSError):
            message = "is not a time zone; use a name such as Europe/Stockholm"
            raise ValueError(message) from None
