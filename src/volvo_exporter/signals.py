"""Handle the signals that end the process, from its first moment to its last.

Imports the standard library alone: the handlers are installed before the imports that take half a second.
"""

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
"""SIGHUP comes from a terminal that is closed; a process under `nohup` ignores it, and continues to."""


def exit_at_once() -> None:
    """End the process with 0 on a signal: right as long as there is nothing to finish."""
    _handle(lambda _number, _frame: os._exit(0))


def collect() -> int:
    """Return a descriptor that becomes readable with the first signal; no signal ends the process any more.

    asyncio's handlers would not do: they are removed when the loop ends, and the second signal then kills.
    """
    reader, writer = os.pipe()
    os.set_blocking(writer, False)

    def note(_number: int, _frame: FrameType | None) -> None:
        with suppress(BlockingIOError):  # thousands of signals have filled the pipe
            os.write(writer, b"\0")

    _handle(note)
    return reader


def _handle(handler: Callable[[int, FrameType | None], object]) -> None:
    for number in ENDING:
        if number is not signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, handler)
