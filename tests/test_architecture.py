"""The arrows between the rooms, and the size of the modules."""

from importlinter.cli import lint_imports

from services import ROOT

LONGEST = 400


def test_every_room_imports_only_what_it_may(capsys):
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == 0, (
        capsys.readouterr().out
    )


def test_no_module_is_too_long_to_read():
    lengths = {path: len(path.read_text().splitlines()) for path in (ROOT / "src").rglob("*.py")}

    assert {path.name: length for path, length in lengths.items() if length > LONGEST} == {}


def test_broad_exceptions_are_caught_only_in_the_supervisor():
    catching = [path.name for path in (ROOT / "src").rglob("*.py") if "except Exception" in path.read_text()]

    assert catching == ["supervisor.py"]
