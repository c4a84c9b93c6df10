"""A PostgreSQL of its own, for a test that requires one."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.services import free_port, skip_or_fail

PASSWORD = "correct-horse"
DEBIAN = Path("/usr/lib/postgresql")


@contextmanager
def postgres_cluster() -> Iterator[str]:
    """Run PostgreSQL on a free port; yields the URL of its empty database, with the password."""
    found = sorted(DEBIAN.glob("*/bin/initdb"))
    if not found:
        skip_or_fail("postgresql is not installed")
    programs = found[-1].parent
    # Not below pytest's folder, which only the user of the tests can enter.
    folder = Path(tempfile.mkdtemp(prefix="postgresql-"))
    # PostgreSQL refuses to run as root.
    user = ("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups") if os.geteuid() == 0 else ()
    try:
        (folder / "password").write_text(PASSWORD)
        if user:
            for path in (folder, folder / "password"):
                shutil.chown(path, "postgres", "postgres")
        data, port = folder / "data", free_port()
        options = ("--username=volvo", f"--pwfile={folder}/password", "--auth=scram-sha-256", "--no-sync")
        _run(*user, f"{programs}/initdb", *options, f"--pgdata={data}", folder=folder)
        control = (*user, f"{programs}/pg_ctl", f"--pgdata={data}", "--wait", f"--log={folder}/log")
        server = f"-h 127.0.0.1 -p {port} -k {folder} -F"
        _run(*control, "--options", server, "start", folder=folder)
        try:
            yield f"postgresql://volvo:{PASSWORD}@127.0.0.1:{port}/postgres"
        finally:
            _run(*control, "--mode=immediate", "stop", folder=folder)
    finally:
        shutil.rmtree(folder)


def _run(*command: str, folder: Path) -> None:
    subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
