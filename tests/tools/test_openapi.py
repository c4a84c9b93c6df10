import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
TOOL = REPOSITORY / "tools" / "openapi.py"


def check(*, cwd):
    return subprocess.run(
        [sys.executable, cwd / "tools" / "openapi.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_documents_are_what_the_catalogue_says():
    done = check(cwd=REPOSITORY)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.fixture
def copy(tmp_path):
    for source in (*TOOL.parent.glob("*.py"), *(REPOSITORY / "open-api").glob("*.json")):
        target = tmp_path / source.relative_to(REPOSITORY)
        target.parent.mkdir(exist_ok=True)
        target.write_bytes(source.read_bytes())
    return tmp_path


def test_a_document_that_was_changed_by_hand_is_named(copy):
    changed = copy / "open-api" / "location-specification.json"
    changed.write_text(changed.read_text().replace("Location v1", "Location v2"))
    done = check(cwd=copy)
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "open-api/location-specification.json is out of date: run python tools/openapi.py"
    ]


def test_a_missing_document_is_written_again(copy):
    missing = copy / "open-api" / "energy-api-specification.json"
    text = missing.read_text()
    missing.unlink()
    subprocess.run([sys.executable, copy / "tools" / "openapi.py"], check=True)
    assert missing.read_text() == text
