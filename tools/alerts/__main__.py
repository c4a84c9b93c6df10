"""Write the rules, their documentation and their number from the table of alerts.

python -m tools.alerts            writes prometheus/alert_rules.yml and the generated parts of the documents
python -m tools.alerts --check    reports what is out of date, and exits with 1
"""

import sys

from tools.alerts.document import count, render_sections, render_table, with_count
from tools.alerts.rules import render_rules
from tools.generated import ROOT, with_part, write_or_compare
from volvo_exporter.catalogue.alerts.table import GROUPS


def documents() -> dict[str, str]:
    """Return the generated files by path in the repository."""
    text = (ROOT / "docs" / "alerts.md").read_text("utf-8")
    text = with_part(text, "table of alerts", render_table(GROUPS))
    text = with_part(text, "alerts", render_sections(GROUPS))
    return {
        "prometheus/alert_rules.yml": render_rules(GROUPS),
        "docs/alerts.md": text,
        "README.md": with_count((ROOT / "README.md").read_text("utf-8"), count(GROUPS)),
    }


if __name__ == "__main__":
    sys.exit(write_or_compare(ROOT, documents(), sys.argv[1:], command="python -m tools.alerts"))
