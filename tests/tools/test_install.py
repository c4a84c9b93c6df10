"""`tools/install.py` and the Makefile's targets that use it."""

import io
import os
import subprocess
import sys

import pytest

from tests.support.services import ROOT
from tools.install import Progress, create_environment, install

LINES = (
    "Collecting anyio==4.16.0 (from -r requirements.txt (line 4))\n",
    "  Downloading anyio-4.16.0-py3-none-any.whl.metadata (4.3 kB)\n",
    "Collecting bcrypt==5.0.0 (from -r requirements.txt (line 5))\n",
    "Installing collected packages: anyio, bcrypt\n",
    "Successfully installed anyio-4.16.0 bcrypt-5.0.0\n",
)


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(out: io.StringIO, *, seconds: float) -> str:
    """What is written if a line of pip takes so long."""
    progress = Progress(out, width=30)
    for number, line in enumerate(LINES):
        progress.show(line, number * seconds)
    progress.end()
    return out.getvalue()


def test_on_a_terminal_each_line_replaces_the_last():
    text = shown(Screen(), seconds=0.1)

    assert "\n" not in text
    assert text.split("\r")[1:] == [
        "Collecting anyio==4.16.0\x1b[K",
        "Downloading anyio-4.16.0-py3-\x1b[K",
        "Collecting bcrypt==5.0.0\x1b[K",
        "Installing collected packages\x1b[K",
        "Successfully installed anyio-\x1b[K",
        "\x1b[K",
    ]


def test_a_log_has_a_line_every_ten_seconds():
    assert shown(io.StringIO(), seconds=0.1).splitlines() == [
        "Collecting anyio==4.16.0",
        "Installing collected packages",
    ]
    assert len(shown(io.StringIO(), seconds=10).splitlines()) == len(LINES)


@pytest.mark.slow
def test_the_environment_of_another_python_is_replaced_and_a_failure_of_pip_is_reported(tmp_path, capfd):
    folder = tmp_path / ".venv"
    folder.mkdir()
    (folder / "pyvenv.cfg").write_text("version = 3.9.1\n")
    (folder / "left-over").touch()
    create_environment(folder)

    assert not (folder / "left-over").exists()
    (folder / "own-file").touch()
    create_environment(folder)
    assert (folder / "own-file").exists()

    (tmp_path / "lock.txt").write_text("./missing.whl\n")
    assert install(folder, "-r", str(tmp_path / "lock.txt")) == 1
    assert "missing.whl" in capfd.readouterr().err


def dry_run(*arguments: str, **environment: str) -> list[str]:
    """The commands that make would run; nothing of the make that may run these tests reaches it."""
    done = subprocess.run(
        ["make", "--dry-run", *arguments],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    ("arguments", "environment", "port"),
    [((), {}, 9100), (("PORT=9101",), {}, 9101), ((), {"PORT": "8080"}, 9100)],
    ids=["default", "chosen", "environment"],
)
def test_make_demo_listens_on_the_chosen_port(arguments, environment, port):
    assert dry_run("demo", *arguments, **environment)[-1].endswith(f"volvo-exporter demo --port {port}")


def test_make_installs_with_the_chosen_python():
    commands = dry_run("--always-make", "test", f"PYTHON={sys.executable}")

    assert f"{sys.executable} -m tools.install requirements-dev.txt test" in commands
