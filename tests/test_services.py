"""Tests that require programs: skipped if one is missing, with the packages to install."""

import os
import re
import subprocess
import sys

import pytest

from tests.support.services import FULL_RUN, ROOT

pytestmark = pytest.mark.slow

INSTALL = f"a full run needs: sudo apt install {' '.join(FULL_RUN)}"


@pytest.fixture
def machine(tmp_path):
    """A folder for PATH, with a node that records its start and fails as without libatomic1."""
    node = tmp_path / "node"
    node.write_text("#!/bin/sh\n: > \"$0.started\"\necho 'libatomic.so.1: no such file' >&2\nexit 127\n")
    node.chmod(0o755)
    return tmp_path


def browser_tests(machine, **environment: str) -> tuple[int, str]:
    """Return exit code and output of browser tests, with only the folder on PATH."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "tests/browser/test_guard.py"],
        cwd=ROOT,
        env={
            **{name: value for name, value in os.environ.items() if name != "REQUIRE_SERVICES"},
            "PATH": str(machine),
            "PLAYWRIGHT_NODEJS_PATH": str(machine / "node"),
            "COLUMNS": "300",
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_without_chromium_browser_tests_are_skipped_before_playwright_starts(machine):
    code, output = browser_tests(machine)

    assert code == 0, output
    assert f"chromium is not installed; {INSTALL}" in output
    assert not (machine / "node.started").exists()


def test_browser_tests_are_skipped_if_playwright_does_not_start(machine):
    (machine / "chromium").touch(0o755)
    code, output = browser_tests(machine)

    assert code == 0, output
    assert f"Playwright does not start (libatomic.so.1: no such file); {INSTALL}" in output


def test_with_required_services_a_missing_program_fails_the_test(machine):
    code, output = browser_tests(machine, REQUIRE_SERVICES="1")

    assert code == 1
    assert f"chromium is not installed; {INSTALL}" in output


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_documents_name_the_packages_of_a_full_run(name):
    assert f"`sudo apt install {' '.join(FULL_RUN)}`" in (ROOT / name).read_text()


def test_ci_installs_the_packages_of_a_full_run():
    packages = re.search(r"^packages=\((.*)\)$", (ROOT / ".ci/run").read_text(), re.MULTILINE)

    assert tuple(packages[1].split()) == FULL_RUN
