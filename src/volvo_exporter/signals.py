"""Handle the signals that end the process, from its first moment to its last.

Imports only the standard library: the handlers are installed before the imports that take half a second.
"""

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from types import FrameType

STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
"""A closed terminal sends SIGHUP; a process under `nohup` still ignores it."""


def exit_at_once() -> None:
    """End the process with exit code 0 on a signal, for the time before anything must be finished."""
    _handle(lambda _number, _frame: os._exit(0))


def collect() -> int:
    """Return a descriptor that becomes readable with the first signal; no signal ends the process any more.

    asyncio removes its handlers when the loop ends; a second signal would then kill the process.
    """
    reader, writer = os.pipe()
    os.set_blocking(writer, False)

    def note(_number: int, _frame: FrameType | None) -> None:
        with suppress(BlockingIOError):  # thousands of signals have filled the pipe
            os.write(writer, b"\0")

    _handle(note)
    return reader


def _handle(handler: Callable[[int, FrameType | None], object]) -> None:
    for number in STOP_SIGNALS:
        if number is not signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, handler)
