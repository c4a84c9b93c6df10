"""Store the answer to a renewal on disk as it arrives, before anything else happens to it.

A renewal spends the refresh token, and only the answer has the next one. Of 400 processes killed at random
moments 79 lost the login, nearly all between the arrival of the answer and the first write. So this is one
small write into a file that is open and has room; `make bench` measures it.

The first line is the token that is spent and the time of the request; the bytes of the answer follow.
"""

import json
import os
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from volvo_exporter.volvo import disk
from volvo_exporter.volvo.codec import Token, decode, has_token, json_members, renew

RESERVED_BYTES = 16 * 1024
"""Bytes reserved for the response. Chosen: about three times the size of Volvo ID's responses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A renewal whose answer arrived."""

    spent: Token
    renewed: Token


class Journal:
    """The file at `path`, readable by its owner alone."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def open(self, spent: Token, *, now: float) -> Generator[Callable[[bytes], None]]:
        """Prepare for the answer to a renewal; yields a function that stores its bytes.

        Raises:
            OSError: the file cannot be written; the renewal must not be requested.
        """
        descriptor = disk.open_private(self.path)
        try:
            header = json.dumps({**asdict(spent), "scope": " ".join(spent.scope), "requested_at": now})
            start = disk.write_at(descriptor, header.encode() + b"\n", 0)
            disk.write_at(descriptor, b" " * RESERVED_BYTES, start)
            os.ftruncate(descriptor, start + RESERVED_BYTES)
            os.fsync(descriptor)
            disk.sync_folder(self.path.parent)
            end = start

            def store(data: bytes) -> None:
                nonlocal end
                with suppress(OSError):  # the answer still counts; the token file reports the disk
                    end = disk.write_at(descriptor, data, end)
                    os.fdatasync(descriptor)

            yield store
        finally:
            os.close(descriptor)

    def read(self) -> Received | None:
        """Return the renewal that a killed process did not finish; None if no complete response arrived."""
        header, _, body = disk.content(self.path).partition(b"\n")
        spent, requested_at = decode(header), json_members(header).get("requested_at")
        answer = json_members(body)
        if spent is None or not isinstance(requested_at, float) or not has_token(answer):
            return None
        return Received(spent=spent, renewed=renew(spent, answer, now=requested_at))

    def drop(self) -> None:
        """Remove the file."""
        self.path.unlink(missing_ok=True)
