"""The section `mqtt`: the broker and the topics for Home Assistant and others."""

import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, SecretStr, field_validator

from volvo_exporter.fields import InputFile, Line, Secret, Text, Words, on_or_off
from volvo_exporter.settings.sections import Section

TOPIC = re.compile(r"[^/#+\s]+(/[^/#+\s]+)*")


class Mqtt(Section):
    """Publishes the cars to an MQTT broker, with discovery for Home Assistant: see [MQTT](mqtt.md).

    `mqtt` contains `url` and the settings below, indented as in `config.example.yaml`.
    """

    url: Line = Field(
        description="Broker: `mqtt://host:1883`, or `mqtts://host:8883` with TLS; the port is optional."
    )
    username: Text = Field(default="", description="User name at the broker.")
    password: Secret = Field(default=SecretStr(""), description="Password at the broker.")
    password_file: InputFile | None = Field(default=None, description="File that holds mqtt.password.")
    ca_file: InputFile | None = Field(
        default=None,
        description="Certificates (PEM) to trust with `mqtts://`; default: those of the system.",
    )
    publish: Annotated[Literal["on", "off"], BeforeValidator(on_or_off)] = Field(
        default="on",
        description="`on`, or `off`: remove everything that was published before, and publish nothing.",
    )
    topic_prefix: Text = Field(
        default="volvo", description="First part of the topics; each exporter at a broker needs its own."
    )
    discovery_prefix: Text = Field(
        default="homeassistant", description="Prefix of the discovery topics, as set in Home Assistant."
    )
    vin_in_topics: bool = Field(
        default=False, description="Use the VIN in topics instead of a hash, and as the serial number."
    )
    disabled_entities: Words = Field(
        default=(), description="Entities that are not published, by id, e.g. direction."
    )

    @field_validator("url")
    @classmethod
    def _check_url(cls, value: str) -> str:
        try:
            parts = urlsplit(value)
            is_valid = parts.scheme in ("mqtt", "mqtts") and bool(parts.hostname) and parts.port != 0
        except ValueError:  # a port above 65535, an open bracket
            is_valid = False
        if not is_valid or parts.path.strip("/") or parts.query or "@" in parts.netloc:
            message = (
                "must be mqtt://host:port or mqtts://host:port; "
                "put the login into mqtt.username and mqtt.password"
            )
            raise ValueError(message)
        return value

    @field_validator("topic_prefix", "discovery_prefix")
    @classmethod
    def _check_topic(cls, value: str) -> str:
        if not TOPIC.fullmatch(value):
            message = "must be a topic without #, + and spaces, e.g. volvo or home/volvo"
            raise ValueError(message)
        return value
