"""What the exporter takes from the machine it runs on: clock, network, randomness, terminal."""

import secrets
import socket
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from random import Random, SystemRandom

import anyio
import httpx2

from volvo_exporter.log import Line
from volvo_exporter.login.terminal import LineSource


@dataclass(frozen=True, slots=True, kw_only=True)
class Terminal:
    """Somebody who can be asked to log in."""

    say: Callable[[str], None]
    read_line: LineSource


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """What the exporter takes from the machine it runs on."""

    clock: Callable[[], float]
    """Unix time."""
    monotonic: Callable[[], float]
    chance: Random
    token_urlsafe: Callable[[int], str]
    transport: httpx2.AsyncBaseTransport | None = None
    """In place of the network, where given."""
    terminal: Terminal | None = None
    warnings: Callable[[], Sequence[Line]] = tuple
    """The last warnings of the log."""
    demo: str = ""
    """Description of the demo for the top of the page; empty for real cars."""
    stopped: Callable[[], Awaitable[None]] = anyio.sleep_forever
    """Returns when the process has to end."""
    hostname: str = ""

    @classmethod
    def of_this_machine(
        cls,
        *,
        terminal: Terminal | None = None,
        warnings: Callable[[], Sequence[Line]] = tuple,
        stopped: Callable[[], Awaitable[None]] = anyio.sleep_forever,
    ) -> "Environment":
        """The real clock, the real network, real randomness."""
        return cls(
            clock=time.time,
            monotonic=time.monotonic,
            chance=SystemRandom(),
            token_urlsafe=secrets.token_urlsafe,
            terminal=terminal,
            warnings=warnings,
            stopped=stopped,
            hostname=socket.gethostname(),
        )
