"""Imports between the packages, and the size of the modules."""

import re
import subprocess
import sys
import tomllib

from tests.support.services import ROOT

MAX_LINES = 400
CLOCK = re.compile(r"\b(now|utcnow|today)\(\)|\bdatetime\.(now|utcnow|today)\b")


def test_every_package_imports_only_what_its_contract_allows():
    # In a process of its own, since import-linter disables the loggers of its process.
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()"]
    linted = subprocess.run([*command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert linted.returncode == 0, linted.stdout


def test_documented_packages_and_layers_are_those_of_the_code():
    text = (ROOT / "docs/architecture.md").read_text()
    packages = {path.parent.name for path in (ROOT / "src/volvo_exporter").glob("*/__init__.py")}
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")

    assert set(re.findall(r"^\| `(\w+)/` \|", text, re.MULTILINE)) == packages
    assert f"`{' → '.join(layers)}`" in text
    for module in (ROOT / "src/volvo_exporter").glob("[a-z]*.py"):
        assert f"`{module.stem}`" in text, module.stem


def test_no_module_is_too_long():
    lengths = {path: len(path.read_text().splitlines()) for path in (ROOT / "src").rglob("*.py")}

    assert {path.name: length for path, length in lengths.items() if length > MAX_LINES} == {}


def test_broad_exceptions_are_caught_only_in_the_supervisor():
    catching = [path.name for path in (ROOT / "src").rglob("*.py") if "except Exception" in path.read_text()]

    assert catching == ["supervisor.py"]


def test_catalogue_and_vehicles_read_no_clock():
    # import-linter forbids `time`; `datetime` is required to parse the times of the APIs.
    folders = [ROOT / "src/volvo_exporter" / name for name in ("catalogue", "vehicles")]
    reading = [
        path.name for folder in folders for path in folder.glob("*.py") if CLOCK.search(path.read_text())
    ]

    assert reading == []
