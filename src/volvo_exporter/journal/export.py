"""The whole log as JSON lines: one row each, with its table and its vehicle."""

import json
from collections.abc import Iterator
from dataclasses import asdict

from sqlalchemy import Connection

from volvo_exporter.journal import rows
from volvo_exporter.journal.observations import Corrected, Observed, Process, Run
from volvo_exporter.journal.store import vins

_TABLES: dict[type, str] = {
    Observed: "observation",
    Run: "run",
    Process: "process",
    Corrected: "correction",
}


def export(connection: Connection) -> Iterator[str]:
    """Return the log line by line; times are Unix seconds, values are in base units."""
    for process in rows.processes(connection):
        yield _line(process)
    for vin in vins(connection):
        log = rows.read_log(connection, vin)
        for name, value in log.attributes.items():
            yield json.dumps({"table": "attribute", "vin": vin, "name": name, "value": value})
        yield from map(_line, log.observations)
        yield from map(_line, log.runs)
        yield from map(_line, log.corrections)


def _line(row: Observed | Run | Process | Corrected) -> str:
    return json.dumps({"table": _TABLES[type(row)], **asdict(row)}, ensure_ascii=False)
