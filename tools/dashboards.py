"""Grafana's dashboards, generated from tables.

`python tools/dashboards.py` writes them to `grafana/`; with `--check` it only names what is out of date.
"""

import json
import sys
from pathlib import Path

from dashboard_driving import DRIVING
from dashboard_energy import CHARGING
from dashboard_exporter import EXPORTER
from dashboard_health import HEALTH
from dashboard_panels import build
from dashboard_places import FLEET, PLACES
from dashboard_vehicle import VEHICLE
from generated import write_or_compare
from grafana_foundation_sdk.cog.encoder import JSONEncoder

FOLDER = Path(__file__).parents[1] / "grafana"
DASHBOARDS = (VEHICLE, CHARGING, DRIVING, HEALTH, PLACES, FLEET, EXPORTER)


def documents() -> dict[str, str]:
    """The text of every dashboard by file name."""
    return {
        board.file: json.dumps(build(board), cls=JSONEncoder, indent=2, sort_keys=True, ensure_ascii=False)
        + "\n"
        for board in DASHBOARDS
    }


if __name__ == "__main__":
    sys.exit(write_or_compare(FOLDER, documents(), sys.argv[1:], command="python tools/dashboards.py"))
