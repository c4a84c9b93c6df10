import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import structlog
import trio.testing

MEMORY = Path("/dev/shm")  # noqa: S108 - a private folder is created in it
IN_MEMORY = ("journal", "polling", "vehicles", "volvo")
"""Folders of tests whose files lie in memory: simulated months store hundreds of tokens, and each one waits
for the disk. Not for tests that install or start programs: Docker allows 64 MB, without execution."""


@pytest.fixture
def tmp_path(request, tmp_path):
    """An empty folder, in memory for the tests of `IN_MEMORY`, where the system has such a place."""
    if request.path.parent.name not in IN_MEMORY or not os.access(MEMORY, os.W_OK):
        yield tmp_path
        return
    with TemporaryDirectory(dir=MEMORY, prefix="pytest-") as folder:
        yield Path(folder)


@pytest.fixture
def anyio_backend():
    return ("trio", {"clock": trio.testing.MockClock(autojump_threshold=0)})


@pytest.fixture(autouse=True)
def plain_log():
    """Log lines as plain text; structlog's default renders every local variable of a traceback."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            structlog.processors.LogfmtRenderer(),
        ]
    )
    yield
    structlog.reset_defaults()
