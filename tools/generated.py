"""Files that a tool writes from tables: written, or compared with what is committed."""

from collections.abc import Mapping, Sequence
from pathlib import Path


def write_or_compare(
    folder: Path, documents: Mapping[str, str], arguments: Sequence[str], *, command: str
) -> int:
    """Write the documents by file name into the folder; with `--check` only name those that differ.

    The answer is the exit code: 1 where a file is missing or out of date.
    """
    if "--check" not in arguments:
        folder.mkdir(exist_ok=True)
        for name, text in documents.items():
            (folder / name).write_text(text, "utf-8")
        return 0
    old = [
        name
        for name, text in documents.items()
        if not (folder / name).is_file() or (folder / name).read_text("utf-8") != text
    ]
    for name in old:
        print(f"{folder.name}/{name} is out of date: run {command}")
    return 1 if old else 0
