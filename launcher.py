"""Start `exporter.py` and `auth.py`, or report what is missing. Valid in Python 3.6 and newer."""

import os
import sys
from pathlib import Path
from typing import NoReturn

MIN_PYTHON = (3, 11)
"""As `requires-python` in pyproject.toml, which an old Python cannot parse."""
ROOT = Path(__file__).resolve().parent
ENVIRONMENT = ROOT / ".venv"


def require_python(fix: str) -> None:
    """End with exit code 2 if this Python is too old; `fix` is the command for a newer one."""
    if sys.version_info < MIN_PYTHON:
        required, found = (".".join(map(str, version)) for version in (MIN_PYTHON, sys.version_info[:3]))
        fail(
            f"Python {required} or newer is required; {sys.executable} is Python {found}",
            f"install a newer Python with its venv module, then run: {fix}",
        )


def run(command: str) -> None:
    """Run a command of `volvo-exporter` with the arguments of this process."""
    environment, lock, root = (os.path.relpath(ROOT / name) for name in (".venv", "requirements.txt", "."))
    activate = f". {environment}/bin/activate"
    install = f"pip install -r {lock} && pip install --no-deps -e {root}"
    require_python(f"python3.11 -m venv --clear {environment} && {activate} && {install}")
    try:
        from volvo_exporter.__main__ import main  # noqa: PLC0415 - an old Python cannot parse it

        main([command, *sys.argv[1:]])
    except ModuleNotFoundError as error:
        if Path(sys.prefix).resolve() == ENVIRONMENT.resolve():
            fix = install
        elif ENVIRONMENT.exists():
            fix = activate
        else:
            fix = f"python3 -m venv {environment} && {activate} && {install}"
        fail(f"{error.name} is not installed for {sys.executable}", f"run: {fix}")


def fail(problem: str, fix: str) -> NoReturn:
    """End with exit code 2, as for every error of usage."""
    print(f"error: {problem}\n{fix}", file=sys.stderr)  # noqa: T201 - click may be missing
    sys.exit(2)
