"""A connection to an MQTT broker that never blocks its caller.

The last payload of each topic is kept, and after each connection all of them are sent: the state on the
broker is complete again without a queue that grows. One thread sends, a few messages at a time, and continues
when the broker has confirmed them; so no older payload can follow a newer one after a reconnect.
"""

import ssl
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import structlog
from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

PORT, TLS_PORT = 1883, 8883
MAX_IN_FLIGHT = 20
"""Messages that are sent before the broker must confirm them; paho-mqtt queues further ones."""
KEEPALIVE_SECONDS = 30
MIN_RETRY_SECONDS, MAX_RETRY_SECONDS = 1, 60
STOP_SECONDS = 2.0
"""For the last messages at the end; a broker that does not answer has the last will."""
ONLINE, OFFLINE = "online", "offline"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where the broker is, and the login there."""

    host: str
    port: int
    tls: bool = False
    ca_file: Path | None = None
    """Certificates to trust instead of those of the system."""
    username: str = ""
    password: str = ""


def read_address(url: str, *, username: str = "", password: str = "", ca_file: Path | None = None) -> Address:
    """Return the address of a URL, `mqtt://host:port` or `mqtts://host:port`."""
    parts = urlsplit(url)
    tls = parts.scheme == "mqtts"
    return Address(
        host=parts.hostname or "",
        port=parts.port or (TLS_PORT if tls else PORT),
        tls=tls,
        ca_file=ca_file,
        username=username,
        password=password,
    )


class Broker(Protocol):
    """Keeps retained messages on a broker."""

    def start(self) -> None:
        """Connect, and reconnect until stopped."""

    def publish(self, topic: str, payload: str) -> None:
        """Replace the retained message of a topic."""

    def clear(self, topic: str) -> None:
        """Remove the retained message of a topic."""

    def is_idle(self) -> bool:
        """Return whether the broker has confirmed everything."""

    def stop(self) -> None:
        """Send what is left, and disconnect; takes at most a few seconds."""


class PahoBroker:
    """A broker, by paho-mqtt in threads.

    Args:
        address: Of the broker.
        status_topic: The topic that is `online` while connected; its last will is `offline`.
        birth_topic: The topic at which a message `online` asks for everything again (Home Assistant started).
    """

    def __init__(self, address: Address, *, status_topic: str, birth_topic: str) -> None:
        self._address = address
        self._status_topic = status_topic
        self._birth_topic = birth_topic
        self._changed = threading.Condition()
        self._retained: dict[str, str] = {status_topic: ONLINE}
        self._waiting: dict[str, None] = {}
        """Topics to send, oldest first."""
        self._in_flight: set[int] = set()
        self._confirmed: set[int] = set()
        self._is_connected = False
        self._is_stopping = False
        self._failing = ""
        self._log = structlog.get_logger()
        self._client = self._create_client()
        self._sender = threading.Thread(target=self._send_until_stopped, name="mqtt sender", daemon=True)

    def start(self) -> None:
        """Connect, and reconnect until stopped."""
        self._client.connect_async(self._address.host, self._address.port, keepalive=KEEPALIVE_SECONDS)
        self._client.loop_start()
        self._sender.start()

    def publish(self, topic: str, payload: str) -> None:
        """Replace the retained message of a topic; nothing is sent if it is the same."""
        with self._changed:
            if self._retained.get(topic) != payload:
                self._retained[topic] = payload
                self._waiting[topic] = None
                self._changed.notify_all()

    def clear(self, topic: str) -> None:
        """Remove the retained message of a topic."""
        self.publish(topic, "")

    def is_idle(self) -> bool:
        """Return whether the broker has confirmed everything."""
        with self._changed:
            return self._is_connected and not self._waiting and not self._in_flight

    def stop(self) -> None:
        """Send what is left, and disconnect; takes at most a few seconds."""
        with self._changed:
            if self._retained.get(self._status_topic):
                self._retained[self._status_topic] = OFFLINE
                self._waiting[self._status_topic] = None
                self._changed.notify_all()
            self._changed.wait_for(
                lambda: not self._is_connected or not (self._waiting or self._in_flight), STOP_SECONDS
            )
            self._is_stopping = True
            self._changed.notify_all()
            was_connected = self._is_connected
        self._client.disconnect()
        if was_connected:
            # Otherwise the thread may wait for an address that does not answer; it ends with the process.
            self._client.loop_stop()

    def _create_client(self) -> Client:
        client = Client(CallbackAPIVersion.VERSION2)
        client.max_inflight_messages_set(MAX_IN_FLIGHT)
        client.reconnect_delay_set(MIN_RETRY_SECONDS, MAX_RETRY_SECONDS)
        client.will_set(self._status_topic, OFFLINE, qos=1, retain=True)
        if self._address.username:
            client.username_pw_set(self._address.username, self._address.password or None)
        if self._address.tls:
            client.tls_set_context(ssl.create_default_context(cafile=self._address.ca_file))
        client.on_connect = self._on_connect
        client.on_connect_fail = self._on_connect_fail
        client.on_disconnect = self._on_disconnect
        client.on_publish = self._on_publish
        client.on_message = self._on_message
        return client

    def _send_until_stopped(self) -> None:
        while messages := self._next_messages():
            # Without the lock: paho-mqtt calls `_on_publish`, which takes it, under a lock of its own.
            sent = {
                self._client.publish(topic, payload, qos=1, retain=True).mid
                for topic, payload in messages.items()
            }
            with self._changed:
                self._in_flight |= sent
                self._changed.wait_for(partial(self._is_confirmed, sent))
                self._confirmed -= sent
                self._in_flight -= sent
                self._forget_cleared(messages)
                self._changed.notify_all()

    def _is_confirmed(self, sent: set[int]) -> bool:
        return self._is_stopping or sent <= self._confirmed

    def _next_messages(self) -> dict[str, str]:
        """Wait for messages, and return the next few; empty when stopped."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_stopping or (self._is_connected and self._waiting))
            if self._is_stopping:
                return {}
            topics = list(islice(self._waiting, MAX_IN_FLIGHT))
            for topic in topics:
                del self._waiting[topic]
            self._in_flight.add(0)
            return {topic: self._retained[topic] for topic in topics}

    def _forget_cleared(self, topics: Iterable[str]) -> None:
        self._in_flight.discard(0)
        for topic in topics:
            if self._retained.get(topic) == "" and topic not in self._waiting:
                del self._retained[topic]

    def _send_everything(self) -> None:
        with self._changed:
            self._waiting = dict.fromkeys(self._retained)
            self._changed.notify_all()

    def _on_connect(
        self, client: Client, _data: Any, _flags: ConnectFlags, reason: ReasonCode, _more: Properties | None
    ) -> None:
        if reason.is_failure:
            self._report(f"refused ({reason}); check mqtt.username and mqtt.password")
            return
        if self._failing:
            self._log.info("connected to the MQTT broker again")
        else:
            self._log.info("connected to the MQTT broker", host=self._address.host)
        self._failing = ""
        client.subscribe(self._birth_topic)
        with self._changed:
            self._is_connected = True
        self._send_everything()

    def _on_connect_fail(self, _client: Client, _data: Any) -> None:
        self._report("cannot connect; check mqtt.url, and that the broker is running")

    def _on_disconnect(
        self,
        _client: Client,
        _data: Any,
        _flags: DisconnectFlags,
        reason: ReasonCode,
        _more: Properties | None,
    ) -> None:
        with self._changed:
            was_connected, self._is_connected = self._is_connected, False
            self._changed.notify_all()
            is_stopping = self._is_stopping
        if was_connected and not is_stopping:
            self._report(f"connection lost ({reason})")

    def _on_publish(
        self, _client: Client, _data: Any, mid: int, _reason: ReasonCode, _more: Properties
    ) -> None:
        with self._changed:
            self._confirmed.add(mid)
            self._changed.notify_all()

    def _on_message(self, _client: Client, _data: Any, message: MQTTMessage) -> None:
        # A retained birth message is old news: everything was just sent after the connection.
        if message.payload == ONLINE.encode() and not message.retain:
            self._send_everything()

    def _report(self, problem: str) -> None:
        """Log a failure once, until another one follows or the connection works again."""
        if problem != self._failing:
            self._failing = problem
            self._log.warning(
                "no connection to the MQTT broker; will retry", host=self._address.host, reason=problem
            )
