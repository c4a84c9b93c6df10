"""Grafana's dashboards, generated from tables.

`python tools/dashboards.py` writes them to `grafana/`; with `--check` it only names what is out of date.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from dashboard_driving import DRIVING
from dashboard_energy import CHARGING
from dashboard_exporter import EXPORTER
from dashboard_health import HEALTH
from dashboard_panels import build
from dashboard_places import FLEET, PLACES
from dashboard_vehicle import VEHICLE
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


def stale(folder: Path) -> list[str]:
    """The dashboards in a folder that are missing or out of date."""
    return [
        name
        for name, text in documents().items()
        if not (folder / name).is_file() or (folder / name).read_text("utf-8") != text
    ]


def main(arguments: Sequence[str]) -> int:
    """Write the dashboards, or with `--check` compare them; returns the exit code."""
    if "--check" in arguments:
        old = stale(FOLDER)
        for name in old:
            print(f"grafana/{name} is out of date: run python tools/dashboards.py")
        return 1 if old else 0
    FOLDER.mkdir(exist_ok=True)
    for name, text in documents().items():
        (FOLDER / name).write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
