"""Files that a tool generates from tables: written, or compared with those in the repository."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]


def write_or_compare(
    folder: Path, documents: Mapping[str, str], arguments: Sequence[str], *, command: str
) -> int:
    """Write the documents by path into the folder; with `--check` only name those that differ.

    Returns the exit code: 1 if a file is missing or out of date, else 0.
    """
    if "--check" not in arguments:
        folder.mkdir(exist_ok=True)
        for name, text in documents.items():
            (folder / name).write_text(text, "utf-8")
        return 0
    stale = [
        (folder / name).relative_to(ROOT)
        for name, text in documents.items()
        if not (folder / name).is_file() or (folder / name).read_text("utf-8") != text
    ]
    for path in stale:
        print(f"{path} is out of date: run {command}")
    return 1 if stale else 0


def with_part(text: str, name: str, part: str) -> str:
    """Replace what stands between the two comments that mark a generated part of a Markdown text.

    Raises ValueError if the text does not have these comments once.
    """
    begin, end = f"<!-- generated: {name} -->", f"<!-- end of {name} -->"
    pattern = re.compile(f"(?<=^{re.escape(begin)}\n).*?(?=^{re.escape(end)}$)", re.DOTALL | re.MULTILINE)
    replaced, count = pattern.subn(lambda _: f"\n{part}\n", text)
    if count != 1:
        message = f"the part {name!r} is missing; restore the lines {begin} and {end}"
        raise ValueError(message)
    return replaced
