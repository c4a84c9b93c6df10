"""The tables that `tools/polling_tables.py` writes into `docs/polling.md`."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
ROW = "| doors | 5 | 5 | 5 | 5 | 20 | 1 |\n"


@pytest.fixture
def copy(tmp_path):
    shutil.copytree(REPOSITORY / "tools", tmp_path / "tools", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "docs").mkdir()
    shutil.copy(REPOSITORY / "docs" / "polling.md", tmp_path / "docs")
    return tmp_path


def edit(copy, old, new):
    file = copy / "docs" / "polling.md"
    assert old in file.read_text("utf-8")
    file.write_text(file.read_text("utf-8").replace(old, new), "utf-8")


def run(copy, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "tools.polling_tables", *arguments],
        cwd=copy,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_missing_row_is_reported_and_written_again(copy):
    edit(copy, ROW, "")
    checked = run(copy, "--check")
    assert (checked.returncode, checked.stdout) == (
        1,
        "docs/polling.md is out of date: run python -m tools.polling_tables\n",
    )

    assert run(copy).returncode == 0
    written = (copy / "docs" / "polling.md").read_text("utf-8")
    assert written == (REPOSITORY / "docs" / "polling.md").read_text("utf-8")


def test_a_missing_table_is_an_error_that_names_its_head_line(copy):
    edit(copy, "| what happened | read at once |\n", "")
    done = run(copy)
    assert done.returncode == 1
    assert "no table begins with '| what happened | read at once |'" in done.stderr
