"""Files that `tools/` generates, compared with those in the repository."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
TOOLS = [
    pytest.param("tools.dashboards", "grafana", ["volvo-places.json"], id="dashboards"),
    pytest.param(
        "tools.openapi",
        "open-api",
        ["energy-api-specification.json", "energy-api-specification.html"],
        id="openapi",
    ),
]


def run(tool, *arguments, where):
    return subprocess.run(
        [sys.executable, "-m", tool, *arguments],
        cwd=where,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def copy(tmp_path, folder):
    for name in ("tools", folder):
        shutil.copytree(REPOSITORY / name, tmp_path / name)
    return tmp_path


@pytest.mark.parametrize(("tool", "folder", "files"), TOOLS)
class TestTool:
    def test_generated_files_are_up_to_date(self, tool, folder, files):
        done = run(tool, "--check", where=REPOSITORY)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        assert all((REPOSITORY / folder / name).is_file() for name in files)

    def test_edited_files_are_reported(self, tool, folder, files, copy):
        for name in files:
            (copy / folder / name).write_text("changed", "utf-8")
        done = run(tool, "--check", where=copy)
        assert done.returncode == 1
        assert done.stdout.splitlines() == [
            f"{folder}/{name} is out of date: run python -m {tool}" for name in files
        ]

    def test_missing_files_are_generated(self, tool, folder, files, copy):
        for name in files:
            (copy / folder / name).unlink()
        assert run(tool, where=copy).returncode == 0
        for name in files:
            assert (copy / folder / name).read_bytes() == (REPOSITORY / folder / name).read_bytes()
