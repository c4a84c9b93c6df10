"""Fill a Prometheus with simulated weeks, and check every dashboard for a BEV, a PHEV and a diesel.

python -m tools.dashboards.check                 exits with 1 if a query fails or a first screen has a gap
python -m tools.dashboards.check --keep FOLDER   keeps the data, and runs Prometheus until Ctrl+C
python -m tools.dashboards.check --viewer COMMAND --pictures FOLDER   draws every dashboard, too

Requires `prometheus` and `promtool`. Pictures require a command that draws the JSON files of dashboards.
It is called with --dashboards=FOLDER, --prometheus=URL, --now=UNIX_TIME, --var=vin=VIN, --theme=dark or
--theme=light, --width=PIXELS, --smallest=PIXELS, --suffix=NAME and --out=FOLDER. It has to print an indented
line for each failed query or panel, and for each panel with smaller text.
"""

# ruff: noqa: S603, S607 - the programs are fixed, and found by PATH

import argparse
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, product
from pathlib import Path

import httpx2

from tools.dashboards.__main__ import DASHBOARDS, FOLDER
from tools.dashboards.legibility import smallest_text
from tools.dashboards.model import NO_VALUE, Dashboard, Kind, Panel
from tools.dashboards.panels import COLUMNS, OVER_TIME, place_panel
from tools.dashboards.units import UNITS
from volvo_exporter.simulator import EX30, S90, XC60

CARS = {"BEV": EX30, "PHEV": XC60, "diesel": S90}
WITHOUT_BATTERY = {"diesel"}
NEEDS_BATTERY = {"volvo-battery"}
"""Dashboards about the traction battery, which say that a diesel has none."""

FIRST_SCREEN = 20
"""Lines of Grafana's grid on a screen of 900 pixels."""

MIN_TEXT = 10
"""Smallest legible text, in pixels."""

THEMES, WIDTHS = ("dark", "light"), (1600, 1280)
DAYS, STEP = 14, 300
OPTIONAL = {Kind.EXCEPTIONS, Kind.ALERTS}
"""Kinds of panels that are empty if nothing is wrong."""

NOT_SIMULATED = {"volvo-exporter"}
"""Dashboards about the program, which does not run in a simulated history: only their queries are checked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A running Prometheus."""

    url: str
    end: float

    def ask(self, expr: str, *, over_time: bool, step: int, seconds: int) -> int:
        """Return the number of series in the result; raises ValueError if the query fails."""
        when = (
            {"start": self.end - seconds, "end": self.end, "step": step} if over_time else {"time": self.end}
        )
        place = "query_range" if over_time else "query"
        answer = httpx2.post(f"{self.url}/api/v1/{place}", data={"query": expr, **when}, timeout=120).json()
        if answer["status"] != "success":
            message = f"{answer.get('error')} in {expr}"
            raise ValueError(message)
        return len(answer["data"]["result"])


def fill(folder: Path) -> float:
    """Write the simulated history into the folder as blocks of Prometheus, and return its end."""
    history = folder / "history.om"
    command = [
        sys.executable,
        "-m",
        "volvo_exporter",
        "simulate",
        f"--history={DAYS}d",
        f"--output={history}",
    ]
    subprocess.run([*command, "--label=job=volvo", "--label=instance=demo:9100"], check=True)
    blocks = ["promtool", "tsdb", "create-blocks-from", "openmetrics", "--max-block-duration=162h"]
    subprocess.run([*blocks, history, folder / "data"], check=True, stdout=subprocess.DEVNULL)
    with history.open() as lines:
        end = max(float(line.rsplit(" ", 1)[1]) for line in lines if not line.startswith("#"))
    history.unlink()
    return end


@contextmanager
def running(folder: Path, end: float) -> Iterator[Server]:
    """Run Prometheus with the blocks of the folder until the end of the context."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    (folder / "prometheus.yml").write_text("{}\n")
    process = subprocess.Popen(
        [
            "prometheus",
            f"--config.file={folder / 'prometheus.yml'}",
            f"--storage.tsdb.path={folder / 'data'}",
            "--storage.tsdb.retention.time=100y",
            f"--web.listen-address={address}",
            "--log.level=error",
        ]
    )
    try:
        for _ in range(120):
            try:
                if httpx2.get(f"http://{address}/-/ready").is_success:
                    break
            except httpx2.TransportError:
                pass
            time.sleep(0.5)
        yield Server(url=f"http://{address}", end=end)
    finally:
        process.terminate()
        process.wait()


def expand(expr: str, vin: str, *, span: str, step: str) -> str:
    """Return a query with values in place of Grafana's variables."""
    values = {
        "vins": ".*",
        "vin": vin,
        "account": ".*",
        "price": "30",
        "fuel_price": "170",
        **{unit.name: unit.options[0][1] for unit in UNITS},
        "__range": span,
        "__interval": step,
        "__rate_interval": "20m",
    }
    return re.sub(r"\$(\w+)", lambda found: values.get(found[1], found[0]), expr)


def seconds_of(board: Dashboard) -> int:
    """Return the length of the dashboard's time range, at most that of the history."""
    number = re.fullmatch(r"now-(\d+)([hd])", board.since)
    length = int(number[1]) * {"h": 3600, "d": 86400}[number[2]] if number else DAYS * 86400
    return min(length, DAYS * 86400)


def with_lines(board: Dashboard) -> Iterator[tuple[Panel, int]]:
    """Yield the panels with their first lines in the grid."""
    skyline = [0] * COLUMNS
    for row in board.rows:
        skyline = [max(skyline)] * COLUMNS
        if row.title:
            place_panel(skyline, COLUMNS, 1)
        for panel in row.panels:
            yield panel, place_panel(skyline, panel.width, panel.height).y


def check(board: Dashboard, vin: str, server: Server) -> Iterator[str]:
    """Yield what is wrong on a dashboard for a car."""
    seconds = seconds_of(board)
    for panel, line in with_lines(board):
        if smallest_text(panel) < MIN_TEXT:
            yield f"{panel.title}: text of {smallest_text(panel):.0f} px"
        over_time = panel.kind in OVER_TIME
        step = 86400 if panel.every == "1d" else 3600 if panel.every == "1h" else STEP
        found = 0
        for query in panel.queries:
            expr = expand(query.expr, vin, span=f"{seconds}s", step=f"{step}s")
            try:
                found += server.ask(expr, over_time=over_time, step=step, seconds=seconds)
            except ValueError as error:
                yield f"{panel.title}: {error}"
        has_reason = panel.kind in OPTIONAL or panel.no_value != NO_VALUE or board.uid in NOT_SIMULATED
        if not found and line < FIRST_SCREEN and not has_reason:
            yield f"{panel.title}: empty"


def draw(viewer: str, pictures: Path, server: Server) -> Iterator[str]:
    """Draw all dashboards for each kind of car, theme and width with the command, and yield its problems."""
    for (kind, car), theme, width in product(CARS.items(), THEMES, WIDTHS):
        name = f"{kind}-{theme}-{width}"
        options = {
            "dashboards": FOLDER,
            "prometheus": server.url,
            "now": f"{server.end:.0f}",
            "var": f"vin={car.vin}",
            "theme": theme,
            "width": width,
            "smallest": MIN_TEXT,
            "suffix": name,
            "out": pictures,
        }
        command = [*shlex.split(viewer), *(f"--{option}={value}" for option, value in options.items())]
        drawn = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True)
        found = [line.strip() for line in drawn.stdout.splitlines() if line.startswith(" ")]
        yield from (f"{name}: {line}" for line in found)
        if drawn.returncode and not found:
            yield f"{name}: the viewer failed with exit code {drawn.returncode}"


def check_all(server: Server) -> Iterator[str]:
    """Yield what is wrong on any dashboard for any kind of car."""
    for board, (kind, car) in product(DASHBOARDS, CARS.items()):
        if kind not in WITHOUT_BATTERY or board.uid not in NEEDS_BATTERY:
            yield from (f"{board.title}, {kind}: {text}" for text in check(board, car.vin, server))


def main(arguments: list[str]) -> int:
    """Fill, check and print; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.dashboards.check")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--viewer")
    parser.add_argument("--pictures", type=Path, default=Path(tempfile.gettempdir()) / "dashboards")
    options = parser.parse_args(arguments)
    keep = options.keep
    folder = keep or Path(tempfile.mkdtemp())
    folder.mkdir(exist_ok=True)
    problems = 0
    try:
        end = fill(folder)
        with running(folder, end) as server:
            drawn = draw(options.viewer, options.pictures, server) if options.viewer else ()
            for text in chain(check_all(server), drawn):
                problems += 1
                print(text)
            if keep:
                print(f"{server.url} has the data until {end:.0f}", flush=True)
                time.sleep(24 * 3600)
    except KeyboardInterrupt:
        pass
    finally:
        if not keep:
            shutil.rmtree(folder)
    print(f"{len(DASHBOARDS)} dashboards, {problems} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
