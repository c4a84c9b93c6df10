"""A Volvo ID of a few lines for the tests of `volvo`: it rotates refresh tokens and refuses spent ones.

Started as a program, `python rotation.py TOKEN_FILE STATE ROUNDS`, it renews a token file against itself.
With 0 rounds it does so in a process that is there to be killed, and starts another when that has happened.
"""

import fcntl
import json
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import parse_qs

import anyio
import anyio.lowlevel
import httpx2

from volvo_exporter.volvo.codec import Token
from volvo_exporter.volvo.grant import Grant
from volvo_exporter.volvo.identity import VolvoId
from volvo_exporter.volvo.tokens import TokenFile
from volvo_exporter.volvo.transport import create_client

NOW = 1_800_000_000.0

Handler = Callable[[httpx2.Request], Coroutine[None, None, httpx2.Response]]


def token(number: int = 0, **changes: Any) -> Token:
    known = Token(access_token=f"access-{number}", refresh_token=f"refresh-{number}", expires_at=0.0)
    return replace(known, **changes)


class Rotation:
    """Accepts one refresh token, `refresh-N`, and responds with N + 1; `requests` has the received ones."""

    def __init__(self, *, token_seconds: object = 1799) -> None:
        self.number = 0
        self.token_seconds = token_seconds
        self.requests: list[tuple[httpx2.Request, dict[str, str]]] = []
        self.canned: list[httpx2.Response | Exception] = []
        self.before_answer: Callable[[], Awaitable[object]] | None = None
        self.latency = 0.0
        """Seconds until the answer; longer than the client's timeout, it ends as at a real connection."""

    async def __call__(self, request: httpx2.Request) -> httpx2.Response:
        sent = {key: values[0] for key, values in parse_qs(request.content.decode()).items()}
        self.requests.append((request, sent))
        if self.before_answer is not None:
            await self.before_answer()
        if self.canned:
            answer = self.canned.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer
        if sent["grant_type"] == "refresh_token" and sent["refresh_token"] != f"refresh-{self.number}":
            return invalid_grant()
        self.number += 1
        if self.latency:
            await self.wait(request.extensions["timeout"]["read"])
        return httpx2.Response(200, json=self.answer())

    async def wait(self, limit: float) -> None:
        await anyio.sleep(min(self.latency, limit))
        if self.latency > limit:
            message = "late"
            raise httpx2.ReadTimeout(message)

    def answer(self) -> dict[str, object]:
        return {
            "access_token": f"access-{self.number}",
            "refresh_token": f"refresh-{self.number}",
            "token_type": "Bearer",
            "expires_in": self.token_seconds,
        }


def invalid_grant() -> httpx2.Response:
    description = "unknown, invalid, or expired refresh token"
    return httpx2.Response(400, json={"error_description": description, "error": "invalid_grant"})


def client(handler: Handler) -> httpx2.AsyncClient:
    return create_client(
        transport=httpx2.MockTransport(handler), observe=lambda *_: None, monotonic=lambda: 0.0
    )


def volvo_id(handler: Handler, *, clock: Callable[[], float] = lambda: NOW) -> VolvoId:
    return VolvoId(
        client(handler),
        url="http://id.example/",
        client_id="client",
        client_secret="hush",
        redirect_uri="http://localhost:3000/callback",
        clock=clock,
    )


class RotationOnDisk:
    """The same for several processes: the state lies in a file, and is written before the answer leaves."""

    def __init__(self, state: Path, *, forgiving: bool) -> None:
        self.state = state
        self.forgiving = forgiving

    async def __call__(self, request: httpx2.Request) -> httpx2.Response:
        sent = parse_qs(request.content.decode())["refresh_token"][0]
        with self.state.open("r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            state = json.load(file)
            accepted = {state["number"], state["number"] - 1} if self.forgiving else {state["number"]}
            if sent not in {f"refresh-{number}" for number in accepted}:
                self.store(file, {**state, "refused": state["refused"] + 1})
                return invalid_grant()
            self.store(file, {**state, "number": state["number"] + 1})
        answer = Rotation()
        answer.number = state["number"] + 1
        return httpx2.Response(200, content=self.send(json.dumps(answer.answer()).encode(), answer.number))

    async def send(self, body: bytes, number: int) -> AsyncIterator[bytes]:
        yield body
        # The client reads on, so the part before is stored.
        with self.state.open("r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            self.store(file, {**json.load(file), "stored": number})

    @staticmethod
    def store(file: TextIO, state: Mapping[str, int]) -> None:
        # Longer numbers only ever grow the text, so it can be overwritten.
        file.seek(0)
        file.write(json.dumps(state))
        file.flush()


async def renew_on_and_on(path: Path, state: Path, rounds: int) -> None:
    outcomes: list[str] = []
    grant = Grant(
        file=TokenFile(path),
        identity=volvo_id(RotationOnDisk(state, forgiving=rounds == 0)),
        clock=lambda: NOW,
        observe=outcomes.append,
    )
    while rounds == 0 or len(outcomes) < rounds:
        known = grant.token
        assert known
        await grant.renew(known.access_token)
        await anyio.lowlevel.checkpoint()
    print(json.dumps(outcomes))


def renew_until_killed(path: Path, state: Path) -> None:
    while (process := os.fork()) != 0:
        print(process, flush=True)
        os.waitpid(process, 0)
    anyio.run(renew_on_and_on, path, state, 0)


if __name__ == "__main__":
    if rounds := int(sys.argv[3]):
        anyio.run(renew_on_and_on, Path(sys.argv[1]), Path(sys.argv[2]), rounds)
    else:
        renew_until_killed(Path(sys.argv[1]), Path(sys.argv[2]))
