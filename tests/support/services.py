"""Programs of the operating system that some tests need, and processes that end with their test."""

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import NoReturn

import httpx2
import pytest
import uvicorn
import yaml
from starlette.types import ASGIApp

from volvo_exporter.simulator import World, create_app

ROOT = Path(__file__).parents[2]
PATIENCE = 30.0
FULL_RUN = ("prometheus", "prometheus-alertmanager", "chromium", "libatomic1")
"""Debian's packages for a run that skips nothing; Playwright's node needs the last, Chromium does not."""


def program(name: str) -> str:
    """Return the path of a program; skip the test if it is missing, or fail it if CI requires all."""
    found = shutil.which(name)
    if found is None:
        lacking(f"{name} is not installed")
    return found


def lacking(what: str) -> NoReturn:
    """Skip the test, or fail it if CI requires all services, and name what a full run needs."""
    reason = f"{what}; a full run needs: sudo apt install {' '.join(FULL_RUN)}"
    if os.environ.get("REQUIRE_SERVICES") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def prometheus_options(folder: Path, configuration: object) -> tuple[str, str, str]:
    """Options of a Prometheus that is configured so and lives in the folder, on a port of its own."""
    (folder / "prometheus.yml").write_text(yaml.safe_dump(configuration))
    return (
        f"--config.file={folder}/prometheus.yml",
        f"--storage.tsdb.path={folder}/data",
        f"--web.listen-address=127.0.0.1:{free_port()}",
    )


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def serving(world: World) -> AbstractContextManager[str]:
    """The simulator on a real port, in a thread; yields its address."""
    return serving_app(create_app(world))


@contextmanager
def serving_app(app: ASGIApp) -> Iterator[str]:
    """An app on a real port, in a thread; yields its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@contextmanager
def running(*command: str, folder: Path, stdin: int = subprocess.DEVNULL, **environment: str):
    """A process that is ended with the block, if it has not ended before."""
    process = subprocess.Popen(
        [sys.executable, *command],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1", **environment},
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        process.stdout.close()
        if process.stdin:
            process.stdin.close()


def until(condition: Callable[[], object], *, patience: float = PATIENCE) -> object:
    """What the condition says as soon as it says something true; fails after a while."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        try:
            if found := condition():
                return found
        except httpx2.TransportError:
            pass
        time.sleep(0.05)
    pytest.fail("waited in vain")
