"""Grafana's dashboards, generated from tables.

`python -m tools.dashboards` writes them to `grafana/`; with `--check` it only names what is out of date.
"""

import json
import sys
from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from tools.dashboards.battery import BATTERY
from tools.dashboards.charges import CHARGES
from tools.dashboards.drives import DRIVES
from tools.dashboards.exporter import EXPORTER
from tools.dashboards.fleet import FLEET
from tools.dashboards.health import HEALTH
from tools.dashboards.months import MONTHS
from tools.dashboards.overview import OVERVIEW
from tools.dashboards.panels import build
from tools.dashboards.places import PLACES
from tools.generated import write_or_compare

FOLDER = Path(__file__).parents[2] / "grafana"
DASHBOARDS = (OVERVIEW, DRIVES, CHARGES, MONTHS, BATTERY, PLACES, HEALTH, FLEET, EXPORTER)


def documents() -> dict[str, str]:
    """The text of every dashboard by file name."""
    return {
        board.file: json.dumps(build(board), cls=JSONEncoder, indent=2, sort_keys=True, ensure_ascii=False)
        + "\n"
        for board in DASHBOARDS
    }


if __name__ == "__main__":
    sys.exit(write_or_compare(FOLDER, documents(), sys.argv[1:], command="python -m tools.dashboards"))
