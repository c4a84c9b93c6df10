"""The package: what it declares, what it contains, and that it runs when installed on its own."""

import ast
import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email import message_from_bytes
from importlib.metadata import packages_distributions

import httpx2
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.services import ROOT, free_port, until
from volvo_exporter import __version__
from volvo_exporter.web.language import LANGUAGES

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
RUNTIME = [Requirement(line) for line in PYPROJECT["project"]["dependencies"]]
EXTRAS = [
    Requirement(line) for lines in PYPROJECT["project"]["optional-dependencies"].values() for line in lines
]
DEVELOPMENT = [Requirement(line) for line in PYPROJECT["dependency-groups"]["dev"]]
OURS = {"volvo_exporter", "tests", "tools", "benchmarks", "launcher"}
PROGRAMS = {
    "hatch-fancy-pypi-readme", "hatchling", "import-linter", "mypy", "psycopg", "pytest-xdist", "ruff",
    "zizmor",
}  # fmt: skip
"""Development dependencies that are run or loaded by name (a driver), not imported."""


def names(requirements: list[Requirement]) -> set[str]:
    return {canonicalize_name(requirement.name) for requirement in requirements}


def imported(*folders: str) -> set[str]:
    """Return the distributions that the Python files in these folders import."""
    modules = set()
    for folder in folders:
        local = {path.stem for path in (ROOT / folder).glob("*.py")}
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                match node:
                    case ast.Import():
                        modules |= {alias.name.partition(".")[0] for alias in node.names} - local
                    case ast.ImportFrom(module=str(module), level=0):
                        modules |= {module.partition(".")[0]} - local
    distributions = packages_distributions()
    return {
        canonicalize_name(distributions[module][0]) for module in modules - OURS - sys.stdlib_module_names
    }


def locked(name: str) -> dict[str, str]:
    """Return the versions in a lock file; fails if a line is neither a pinned version nor a hash."""
    text = re.sub(r"^#.*\n", "", (ROOT / name).read_text(), flags=re.MULTILINE)
    entry = r"(\S+)==(\S+)(?: ; [^\n\\]+)?(?: \\\n    --hash=sha256:[0-9a-f]{64})+\n"
    assert re.sub(entry, "", text) == ""
    return dict(re.findall(entry, text))


def test_every_package_that_the_exporter_imports_is_declared_and_the_reverse():
    data = {"tzdata"}  # read by zoneinfo
    assert imported("src") == (names(RUNTIME) - data) | (names(EXTRAS) - PROGRAMS)


def test_every_package_that_only_developers_import_is_declared_and_the_reverse():
    stubs = {name for name in names(DEVELOPMENT) if name.startswith("types-")}

    used = imported("tests", "tools", "benchmarks") | (names(EXTRAS) - PROGRAMS)
    assert used - names(RUNTIME) == names(DEVELOPMENT) - PROGRAMS - stubs
    assert names(DEVELOPMENT) > PROGRAMS | names(EXTRAS)


@pytest.mark.parametrize(
    ("lock", "declared"),
    [
        ("requirements.txt", RUNTIME),
        ("requirements-image.txt", [*RUNTIME, *EXTRAS]),
        ("requirements-dev.txt", [*RUNTIME, *DEVELOPMENT]),
    ],
    ids=["runtime", "image", "development"],
)
def test_the_lock_file_has_hashes_and_meets_every_declaration(lock, declared):
    versions = locked(lock)

    assert {need.name for need in declared if canonicalize_name(need.name) not in versions} == set()
    assert [
        str(need) for need in declared if versions[canonicalize_name(need.name)] not in need.specifier
    ] == []


def test_development_uses_the_versions_of_the_exporter():
    assert locked("requirements.txt").items() <= locked("requirements-image.txt").items()
    assert locked("requirements-image.txt").items() <= locked("requirements-dev.txt").items()


def test_the_licence_is_an_expression_without_a_classifier():
    project = PYPROJECT["project"]

    assert project["license"] == "MIT"
    assert not [line for line in project["classifiers"] if line.startswith("License")]


def test_ci_runs_every_python_that_the_package_names():
    classifiers = PYPROJECT["project"]["classifiers"]
    supported = re.findall(
        r"Programming Language :: Python :: (3\.\d+)$", "\n".join(classifiers), re.MULTILINE
    )
    matrices = re.findall(r"python: \[(.*)\]", (ROOT / ".github/workflows/ci.yml").read_text())

    assert PYPROJECT["project"]["requires-python"] == f">={supported[0]}"
    assert matrices
    assert all(re.findall(r'"(.*?)"', matrix) == supported for matrix in matrices)


def test_every_action_is_pinned_by_commit_with_its_version():
    for path in (ROOT / ".github/workflows").glob("*.yml"):
        uses = re.findall(r"uses: (.*)$", path.read_text(), re.MULTILINE)
        external = [action for action in uses if not action.startswith("./")]

        assert external
        assert [
            action for action in external if not re.fullmatch(r"\S+@[0-9a-f]{40} # v\d+(\.\d+)*", action)
        ] == []


def build(folder, source=ROOT) -> None:
    """Build the wheel and the source distribution, without network."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--directory", folder],
        cwd=source,
        capture_output=True,
        check=True,
    )


@pytest.fixture(scope="module")
def distributions(tmp_path_factory):
    """A folder with the wheel and the source distribution of this repository."""
    folder = tmp_path_factory.mktemp("dist")
    build(folder)
    return folder


@pytest.fixture(scope="module")
def wheel(distributions):
    return next(distributions.glob("*.whl"))


def test_the_wheel_contains_every_file_of_the_package_and_the_licence(wheel):
    package = ROOT / "src/volvo_exporter"
    files = {str(path.relative_to(package.parent)) for path in package.rglob("*") if path.is_file()}
    own = {name for name in files if "__pycache__" not in name}
    information = f"volvo_vehicle_exporter-{__version__}.dist-info"
    with zipfile.ZipFile(wheel) as archive:
        content = set(archive.namelist())

    catalogues = {
        f"volvo_exporter/web/locale/{language}/LC_MESSAGES/messages.mo" for language in LANGUAGES[1:]
    }
    assert {"volvo_exporter/py.typed", "volvo_exporter/web/templates/page.html", *catalogues} < own
    assert {name for name in content if not name.startswith(information)} == own
    assert {name.partition("/")[2] for name in content - own} == {
        "METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE",
    }  # fmt: skip


def test_the_wheel_has_the_version_and_a_command_named_as_the_package(wheel):
    information = f"volvo_vehicle_exporter-{__version__}.dist-info"
    with zipfile.ZipFile(wheel) as archive:
        metadata = message_from_bytes(archive.read(f"{information}/METADATA"))
        commands = archive.read(f"{information}/entry_points.txt").decode()

    assert metadata["Version"] == __version__
    assert metadata["License-Expression"] == "MIT"
    assert re.findall(r"^(\S+) = volvo_exporter.__main__:main$", commands, re.MULTILINE) == [
        "volvo-exporter",
        metadata["Name"],
    ]


def test_every_link_and_picture_of_the_description_on_pypi_is_absolute(wheel):
    information = f"volvo_vehicle_exporter-{__version__}.dist-info"
    with zipfile.ZipFile(wheel) as archive:
        metadata = message_from_bytes(archive.read(f"{information}/METADATA"))
    repository = "https://github.com/xaxeu/volvo-vehicle-exporter"
    content = "https://raw.githubusercontent.com/xaxeu/volvo-vehicle-exporter"
    pictures, links = (
        re.findall(rf"{mark}\[[^\]]*\]\(([^)]+)\)", metadata.get_payload()) for mark in ("!", "(?<!!)")
    )

    assert metadata["Description-Content-Type"] == "text/markdown"
    assert f"{content}/v{__version__}/pictures/page.png" in pictures
    assert f"{repository}/blob/v{__version__}/docs/login.md#register-an-application" in links
    assert [address for address in (*pictures, *links) if not address.startswith("https://")] == []
    ours = [address for address in (*pictures, *links) if address.startswith((repository, content))]
    relative = [address.partition(f"/v{__version__}/")[2].partition("#")[0] for address in ours]
    assert [path for path in relative if not (ROOT / path).exists()] == []


def test_the_source_distribution_contains_the_package_and_little_else(distributions):
    with tarfile.open(next(distributions.glob("*.tar.gz"))) as archive:
        names = {member.name.partition("/")[2] for member in archive if member.isfile()}

    assert {name for name in names if not name.startswith("src/volvo_exporter/")} == {
        ".gitignore", "CHANGELOG.md", "LICENSE", "PKG-INFO", "README.md",
        "config.example.yaml", "pyproject.toml",
    }  # fmt: skip
    assert not [name for name in names if "__pycache__" in name]


def test_the_source_distribution_builds_the_same_wheel(distributions, wheel, tmp_path):
    # By tar: Debian 12's Python 3.11.2 lacks the filter that extractall requires in newer ones.
    archive = next(distributions.glob("*.tar.gz"))
    subprocess.run(["tar", "--extract", "--file", archive, "--directory", tmp_path], check=True)
    build(tmp_path / "dist", source=next(tmp_path.glob("volvo_vehicle_exporter-*")))

    assert (tmp_path / "dist" / wheel.name).read_bytes() == wheel.read_bytes()


@pytest.mark.slow
def test_the_installed_wheel_runs_the_demo(wheel, tmp_path):
    # The locked versions: whether the newest ones work, a job of CI finds out.
    pins = [f"{name}=={version}" for name, version in locked("requirements.txt").items()]
    (tmp_path / "constraints.txt").write_text("\n".join(pins))
    port = str(free_port())
    subprocess.run([sys.executable, "-m", "venv", "venv"], cwd=tmp_path, check=True)
    pip = [tmp_path / "venv/bin/pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--constraint", "constraints.txt", wheel], cwd=tmp_path, check=True)
    command = [tmp_path / "venv/bin/volvo-vehicle-exporter", "demo", "--port", port]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.DEVNULL) as process:
        try:
            until(lambda: "\nvolvo_odometer_meters{" in httpx2.get(f"http://127.0.0.1:{port}/metrics").text)
        finally:
            process.terminate()

    assert process.returncode == 0
