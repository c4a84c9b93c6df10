"""A PostgreSQL server for tests, of Debian, on a Unix socket."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.services import skip_or_fail

ACCOUNT = "nobody"
"""Who runs the server where the tests run as root, which it refuses."""


@contextmanager
def postgres() -> Iterator[Callable[[str], str]]:
    """A server that ends with the block; yields a function from the name of a new database to its URL."""
    # Not in a folder of pytest, which another user may not enter, and whose paths are long for a socket.
    with tempfile.TemporaryDirectory(prefix="postgres-") as folder, _serving(Path(folder)) as create:
        yield create


@contextmanager
def _serving(folder: Path) -> Iterator[Callable[[str], str]]:
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not programs:
        skip_or_fail("postgresql is not installed")
    bin_folder, data = programs[-1], folder / "data"
    data.mkdir()
    user = None
    if os.geteuid() == 0:
        user = ACCOUNT
        shutil.chown(data, user)
        shutil.chown(folder, user)
    name = user or pwd.getpwuid(os.geteuid()).pw_name

    def run(program: str, *arguments: str) -> None:
        subprocess.run(
            [bin_folder / program, *arguments],
            check=True,
            capture_output=True,
            user=user,
            cwd=folder,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "PGHOST": str(folder)},
        )

    run("initdb", "--pgdata", str(data), "--auth=trust", "--no-sync", "--username", name)
    options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off"
    run("pg_ctl", "start", "--wait", "-D", str(data), "-o", options, "-l", str(folder / "log"))

    def create(database: str) -> str:
        run("createdb", "--username", name, database)
        return f"postgresql://{name}@/{database}?host={folder}"

    try:
        yield create
    finally:
        run("pg_ctl", "stop", "-D", str(data), "-m", "immediate")
