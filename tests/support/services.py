"""Programs that some tests require, and processes that end with their test."""

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
TIMEOUT_SECONDS = 30.0
FULL_RUN = (
    "prometheus",
    "prometheus-alertmanager",
    "chromium",
    "libatomic1",
    "postgresql",
    "victoria-metrics",
    "mosquitto",
)
"""Debian's packages for a run that skips nothing; the fourth is required by Playwright's node."""


def program(name: str) -> str:
    """Return the path of a program; skip the test if it is missing, or fail it if CI requires all."""
    found = shutil.which(name)
    if found is None:
        skip_or_fail(f"{name} is not installed")
    return found


def skip_or_fail(what: str) -> NoReturn:
    """Skip the test, or fail it if CI requires all services; the reason lists the packages of a full run."""
    reason = f"{what}; a full run needs: sudo apt install {' '.join(FULL_RUN)}"
    if os.environ.get("REQUIRE_SERVICES") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def prometheus_options(folder: Path, configuration: object) -> tuple[str, str, str]:
    """Return options of a Prometheus with this configuration, its data in the folder, and a free port."""
    (folder / "prometheus.yml").write_text(yaml.safe_dump(configuration))
    return (
        f"--config.file={folder}/prometheus.yml",
        f"--storage.tsdb.path={folder}/data",
        f"--web.listen-address=127.0.0.1:{free_port()}",
    )


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def serving(world: World) -> AbstractContextManager[str]:
    """Serve the simulator on a real port, in a thread; yields its address."""
    return serving_app(create_app(world))


@contextmanager
def serving_app(app: ASGIApp) -> Iterator[str]:
    """Serve an app on a real port, in a thread; yields its address."""
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
def running(
    *command: str,
    folder: Path,
    stdin: int = subprocess.DEVNULL,
    output: int = subprocess.PIPE,
    **environment: str,
) -> Iterator[subprocess.Popen[str]]:
    """Run a process, and kill it at the end of the block if it is still running."""
    process = subprocess.Popen(
        [sys.executable, *command],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1", **environment},
        stdin=stdin,
        stdout=output,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                pipe.close()


def until(condition: Callable[[], object], *, timeout: float = TIMEOUT_SECONDS) -> object:
    """Return the first true result of a condition; fail the test after the timeout in seconds."""
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        try:
            if found := condition():
                return found
        except httpx2.TransportError:
            pass
        time.sleep(0.05)
    pytest.fail(f"timeout: condition not met after {timeout:g} s")
