"""Print the section of CHANGELOG.md for a release: `python3 -m tools.release_notes v0.2.0`.

Needs no packages, so that the release workflow runs it without an installation.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class NotReleasable(Exception):
    """The tag cannot be released; the message contains the reason."""


def notes(tag: str, changelog: str, version: str) -> str:
    """Return the text of the section for a tag, without its heading.

    Raises NotReleasable if the tag is not `v` and the version of the package, or if the changelog has no
    section with a date and a text for it.
    """
    section = re.search(
        rf"^## \[{re.escape(version)}\] - (?P<date>.+)\n(?P<text>(?:(?!## ).*\n?)*)", changelog, re.MULTILINE
    )
    if tag != f"v{version}":
        problem = f"the tag is {tag}, the version of the package {version}"
    elif section is None:
        problem = f"CHANGELOG.md has no section for {version}"
    elif not re.fullmatch(r"\d{4}-\d{2}-\d{2}", section["date"]):
        problem = f"CHANGELOG.md has no date for {version}"
    elif not section["text"].strip():
        problem = f"the section for {version} in CHANGELOG.md is empty"
    else:
        return section["text"].strip() + "\n"
    raise NotReleasable(problem)


def package_version() -> str:
    """Return the version of the package without importing it."""
    source = (ROOT / "src/volvo_exporter/__init__.py").read_text("utf-8")
    return source.partition('__version__ = "')[2].partition('"')[0]


def main(tag: str) -> int:
    """Print the notes; return the exit code, 1 if the tag cannot be released."""
    try:
        print(notes(tag, (ROOT / "CHANGELOG.md").read_text("utf-8"), package_version()), end="")
    except NotReleasable as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
