"""`exporter.py` and `auth.py` where something is missing: an old Python, no virtual environment."""

import ast
import shutil
import subprocess
import sys
import tomllib

import pytest

import launcher
from tests.support.services import ROOT

SCRIPTS = ("exporter.py", "auth.py")
INSTALL = "pip install -r requirements.txt && pip install --no-deps -e ."
BEFORE_INSTALLATION = (*SCRIPTS, "launcher.py", "tools/install.py")


@pytest.fixture
def checkout(tmp_path):
    """A clone in which nothing was installed."""
    for name in (*SCRIPTS, "launcher.py"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def failure(*command: object, folder) -> str:
    """The output of a command that ends with 2, without a traceback."""
    done = subprocess.run(
        [str(word) for word in command], cwd=folder, capture_output=True, text=True, check=False
    )
    output = done.stdout + done.stderr
    assert done.returncode == 2, output
    assert "Traceback" not in output
    return output


@pytest.mark.parametrize("script", SCRIPTS)
def test_without_an_environment_the_fix_creates_one(checkout, script):
    # -S: a Python without the packages of this one.
    output = failure(sys.executable, "-S", script, folder=checkout)

    assert output.startswith("error: volvo_exporter is not installed for ")
    assert output.endswith(f"run: python3 -m venv .venv && . .venv/bin/activate && {INSTALL}\n")


@pytest.mark.parametrize("script", SCRIPTS)
def test_without_an_active_environment_the_fix_activates_it(checkout, script):
    (checkout / ".venv").mkdir()
    output = failure(sys.executable, "-S", script, folder=checkout)

    assert output.endswith("run: . .venv/bin/activate\n")


def test_in_an_empty_environment_the_fix_installs_the_packages(checkout):
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", ".venv"], cwd=checkout, check=True)
    output = failure(checkout / ".venv/bin/python", "exporter.py", folder=checkout)

    assert output.endswith(f"run: {INSTALL}\n")


def test_the_fix_works_from_another_folder(checkout, tmp_path_factory):
    output = failure(sys.executable, "-S", checkout / "auth.py", folder=tmp_path_factory.mktemp("other"))

    assert f"/{checkout.name}/.venv/bin/activate && pip install -r " in output


@pytest.mark.parametrize(
    ("code", "fix"),
    [
        (
            "import launcher; launcher.run('serve')",
            f"python3.11 -m venv --clear .venv && . .venv/bin/activate && {INSTALL}",
        ),
        (
            "from tools.install import main; main('requirements.txt', 'demo')",
            "make demo PYTHON=python3.11",
        ),
    ],
    ids=["exporter.py", "make"],
)
def test_an_old_python_is_named_with_the_version_that_is_required(code, fix):
    old = "import sys; sys.version_info = (3, 10, 13, 'final', 0)"
    output = failure(sys.executable, "-c", f"{old}; {code}", folder=ROOT)

    assert output == (
        f"error: Python 3.11 or newer is required; {sys.executable} is Python 3.10.13\n"
        f"install a newer Python with its venv module, then run: {fix}\n"
    )


@pytest.mark.parametrize("name", BEFORE_INSTALLATION)
def test_an_old_python_can_parse_what_runs_before_the_installation(name):
    ast.parse((ROOT / name).read_text(), feature_version=(3, 6))


def test_the_oldest_python_is_that_of_the_package():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    assert project["requires-python"] == ">=" + ".".join(map(str, launcher.MIN_PYTHON))
