"""The exporter's access to the machine: clock, network, randomness, terminal."""

import secrets
import socket
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from random import Random, SystemRandom
from typing import TypeVar

import anyio
import anyio.to_thread
import httpx2

from volvo_exporter.journal.library import RunBlocking
from volvo_exporter.log import Line
from volvo_exporter.login.terminal import LineSource

T = TypeVar("T")


async def run_in_thread(function: Callable[[], T], /) -> T:
    """Run a function that blocks in a thread."""
    return await anyio.to_thread.run_sync(function)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terminal:
    """A terminal at which a user can log in."""

    say: Callable[[str], None]
    read_line: LineSource


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """The exporter's access to the machine."""

    clock: Callable[[], float]
    """Unix time."""
    monotonic: Callable[[], float]
    chance: Random
    token_urlsafe: Callable[[int], str]
    transport: httpx2.AsyncBaseTransport | None = None
    """Replaces the network, if set."""
    terminal: Terminal | None = None
    warnings: Callable[[], Sequence[Line]] = tuple
    """The last warnings of the log."""
    speed: float = 1.0
    """Simulated seconds per second of the clock, in the demo."""
    speed_since: float = 0.0
    """The Unix time from which cars have this speed; before it, they have real speed."""
    fill_journal: Callable[[], Awaitable[None]] | None = None
    """Fills the journal before it is opened, in the demo."""
    run_blocking: RunBlocking = run_in_thread
    """Runs what blocks, e.g. a database; tests in virtual time run it inline."""
    demo: str = ""
    """Description of the demo for the top of the page; empty for real cars."""
    stopped: Callable[[], Awaitable[None]] = anyio.sleep_forever
    """Returns when the process must end."""
    hostname: str = ""
    admitted: Callable[[str], bool] = lambda _cookie: False
    """Returns whether a cookie belongs to a browser that has set up the exporter and may log in."""

    @classmethod
    def of_this_machine(
        cls,
        *,
        terminal: Terminal | None = None,
        warnings: Callable[[], Sequence[Line]] = tuple,
        stopped: Callable[[], Awaitable[None]] = anyio.sleep_forever,
    ) -> "Environment":
        """Return the real clock, network and randomness."""
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
