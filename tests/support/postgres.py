"""A PostgreSQL server for tests, of Debian, on a free port."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.services import free_port, skip_or_fail

ACCOUNT = "nobody"
"""Who runs the server where the tests run as root, which it refuses."""
PASSWORD = "correct-horse"


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

    (folder / "password").write_text(PASSWORD)
    if user:
        shutil.chown(folder / "password", user)
    access = ("--auth-local=trust", "--auth-host=scram-sha-256", f"--pwfile={folder}/password")
    run("initdb", "--pgdata", str(data), *access, "--no-sync", "--username", name)
    port = str(free_port())
    options = f"-h 127.0.0.1 -p {port} -k {folder} -F"
    run("pg_ctl", "start", "--wait", "-D", str(data), "-o", options, "-l", str(folder / "log"))

    def create(database: str) -> str:
        run("createdb", "--username", name, "--port", port, database)
        return f"postgresql://{name}:{PASSWORD}@127.0.0.1:{port}/{database}"

    try:
        yield create
    finally:
        run("pg_ctl", "stop", "-D", str(data), "-m", "immediate")
