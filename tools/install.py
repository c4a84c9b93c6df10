"""Create .venv, install a lock file and the exporter: `python3 -m tools.install requirements.txt`.

Shows progress: pip alone prints hundreds of lines, or with --quiet none for minutes.
Valid in Python 3.6 and newer.
"""

import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TextIO

from launcher import ENVIRONMENT, ROOT, require_python

LOG_SECONDS = 10.0
"""Between two lines where a line cannot be replaced, as in the log of CI."""


class Progress:
    """Show the latest line of pip: in place on a terminal, now and then in a log."""

    def __init__(self, out: TextIO, *, width: int) -> None:
        self._out = out
        self._width = width
        self._shown = float("-inf")

    def show(self, line: str, now: float) -> None:
        """Show a line, at a time in seconds. "Installing" is the last and longest step, so always shown."""
        text = " ".join(line.partition(" (from")[0].split())[: self._width - 1]
        if self._out.isatty():
            self._out.write(f"\r{text}\x1b[K")
        elif now - self._shown >= LOG_SECONDS or text.startswith("Installing"):
            self._out.write(f"{text}\n")
            self._shown = now
        self._out.flush()

    def end(self) -> None:
        """Remove the line from a terminal."""
        if self._out.isatty():
            self._out.write("\r\x1b[K")


def create_environment(folder: Path) -> None:
    """Create a virtual environment; replace one of another Python, as after an upgrade of the system."""
    configuration = folder / "pyvenv.cfg"
    version = " = {}.{}.".format(*sys.version_info)
    stale = configuration.exists() and version not in configuration.read_text()
    options = ["--clear"] if stale else []
    subprocess.run([sys.executable, "-m", "venv", *options, str(folder)], check=True)  # noqa: S603 - ours


def install(folder: Path, *requirements: str) -> int:
    """Install with pip into an environment; return pip's exit code. Errors of pip go to stderr."""
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--disable-pip-version-check"]
    progress = Progress(sys.stdout, width=shutil.get_terminal_size().columns)
    with subprocess.Popen(  # noqa: S603 - ours
        [*pip, *requirements], cwd=str(ROOT), stdout=subprocess.PIPE, universal_newlines=True
    ) as process:
        for line in process.stdout or ():
            progress.show(line, time.monotonic())
    progress.end()
    return process.returncode


def main(lock: str, *goals: str) -> int:
    """Install; `goals` are those of make, for the advice."""
    require_python(" ".join(("make", *goals, "PYTHON=python3.11")))
    try:
        create_environment(ENVIRONMENT)
    except subprocess.CalledProcessError as error:
        # venv has printed what is missing: on Debian, python3-venv.
        return error.returncode
    # In two steps: pip refuses a project without a hash beside a lock file with hashes.
    return install(ENVIRONMENT, "--require-hashes", "-r", lock) or install(
        ENVIRONMENT, "--no-deps", "-e", "."
    )


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
