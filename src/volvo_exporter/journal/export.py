"""The whole log as JSON lines: one row each, with its table and its vehicle."""

import heapq
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict

import sqlalchemy as sa
from sqlalchemy import Connection

from volvo_exporter.journal import rows
from volvo_exporter.journal.migration import require_current
from volvo_exporter.journal.observations import Corrected, Observed, Process, Run
from volvo_exporter.journal.schema import attribute, vehicle

Moment = tuple[float, str, Observed | Run | Process | Corrected]
"""Unix time, table, row."""


def export(connection: Connection) -> Iterator[str]:
    """Return the log line by line; times are Unix seconds, values are in base units.

    Attributes come first; the other rows are ordered by time: that of an observation is `seen`, of a run
    `first`, of a process `at`, of a correction `made`. Raises ConfigurationError.
    """
    require_current(connection)
    table = attribute.c
    known = (
        sa.select(vehicle.c.vin, table.name, table.value).join(vehicle).order_by(vehicle.c.vin, table.name)
    )
    for row in connection.execute(known).mappings():
        yield _line("attribute", dict(row))
    runs, processes = rows.runs(connection), rows.processes(connection)
    corrections = sorted(rows.corrections(connection), key=lambda row: row.made)
    parts: tuple[Iterable[Moment], ...] = (
        ((row.at, "process", row) for row in processes),
        ((row.seen, "observation", row) for row in rows.each_observation(connection)),
        ((row.first, "run", row) for row in runs),
        ((row.made, "correction", row) for row in corrections),
    )
    for _, name, one in heapq.merge(*parts, key=lambda part: part[0]):
        yield _line(name, asdict(one))


def _line(name: str, row: dict[str, object]) -> str:
    return json.dumps({"table": name, **row}, ensure_ascii=False)
