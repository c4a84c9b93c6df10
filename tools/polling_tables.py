"""Write the tables of `docs/polling.md` from the catalogue: intervals by activity, requests after events.

python -m tools.polling_tables            replaces the two tables, which are found by their head lines
python -m tools.polling_tables --check    reports if they are out of date, and exits with 1
"""

import re
import sys
from pathlib import Path

from tools.generated import write_or_compare
from volvo_exporter.polling.reference import render_events, render_paces

FOLDER = Path(__file__).parent.parent / "docs"
FILE = "polling.md"
COMMAND = "python -m tools.polling_tables"


def with_table(text: str, table: str) -> str:
    """Replace the table with the same head line; raises ValueError if there is none."""
    head, _, _ = table.partition("\n")
    replaced, count = re.subn(rf"^{re.escape(head)}\n(?:\|.*\n)+", lambda _: table, text, flags=re.MULTILINE)
    if count != 1:
        message = f"{FILE}: no table begins with {head!r}; restore its head line"
        raise ValueError(message)
    return replaced


def documents() -> dict[str, str]:
    """Return the text of the document with its tables as they should be."""
    text = (FOLDER / FILE).read_text("utf-8")
    for table in (render_paces(), render_events()):
        text = with_table(text, table)
    return {FILE: text}


if __name__ == "__main__":
    sys.exit(write_or_compare(FOLDER, documents(), sys.argv[1:], command=COMMAND))
