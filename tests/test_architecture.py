"""The arrows between the rooms, and the size of the modules."""

import subprocess
import sys

from services import ROOT

LONGEST = 400


def test_every_room_imports_only_what_it_may():
    # In a process of its own, since import-linter disables the loggers of its process.
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()"]
    linted = subprocess.run([*command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert linted.returncode == 0, linted.stdout


def test_no_module_is_too_long_to_read():
    lengths = {path: len(path.read_text().splitlines()) for path in (ROOT / "src").rglob("*.py")}

    assert {path.name: length for path, length in lengths.items() if length > LONGEST} == {}


def test_broad_exceptions_are_caught_only_in_the_supervisor():
    catching = [path.name for path in (ROOT / "src").rglob("*.py") if "except Exception" in path.read_text()]

    assert catching == ["supervisor.py"]
