"""A process that writes a journal, killed at random moments: what it reported as settled has to be there."""

import json
import multiprocessing
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random

from tests.support.journal_files import a_writer, is_whole, parts_of, read, stored_events
from tests.support.journal_rows import VIN, commuting

DAYS, HOUR = 30, 3600.0
BATCHES = parts_of(commuting(DAYS), (hour * HOUR for hour in range(0, 24 * DAYS, 4)))
MAX_LIFE_SECONDS, MAX_START_SECONDS = 0.6, 20.0
AFTER_START = 0.8
"""Share of the processes that live until the journal is open; others may die while it is created."""
CONTEXT = multiprocessing.get_context("forkserver")
"""Starts a process in milliseconds; a fork of a process with threads could wait forever."""
CONTEXT.set_forkserver_preload([__name__, "alembic.command"])


@dataclass(slots=True, kw_only=True)
class Toll:
    """What some kills did."""

    kills: int = 0
    reported: int = 0
    """Settled events that a process reported before it was killed."""
    damaged: int = 0
    """Files that were not whole."""
    lost: int = 0
    """Events that were reported and are not in the journal."""


def live(file: Path, report: Connection) -> None:
    """Append a few hours at a time from where the log ends; report settled events once they are written."""
    writer = a_writer(file)
    writer.open(now=0.0)
    log = read(file, VIN)
    begun = max((run.last for run in log.runs), default=-1.0)
    known = 0
    report.send([])
    for batch in BATCHES:
        if batch.at <= begun:
            continue
        writer.write(batch)
        events = [json.dumps(event) for event in stored_events(file, settled=True)]
        report.send(events[known:])
        known = len(events)


def kill(folder: Path, *, times: int, random: Random) -> Toll:
    """Start a process on a journal and kill it, again and again."""
    toll = Toll()
    file, promised = folder / "journal-0.db", set[str]()
    for number in range(times):
        if len(promised) > DAYS * 4:
            file, promised = folder / f"journal-{number}.db", set()
        receiver, sender = CONTEXT.Pipe(duplex=False)
        process = CONTEXT.Process(target=live, args=(file, sender), daemon=True)
        process.start()
        sender.close()
        if random.random() < AFTER_START:
            receiver.poll(MAX_START_SECONDS)
        process.join(random.uniform(0, MAX_LIFE_SECONDS))
        process.kill()
        process.join()
        received = _received(receiver)
        toll.reported += len(received - promised)
        promised |= received
        receiver.close()
        toll.kills += 1
        if file.exists():
            _check(file, promised, toll)
    return toll


def _received(receiver: Connection) -> set[str]:
    found = set[str]()
    try:
        while receiver.poll():
            found.update(receiver.recv())
    except EOFError:  # the process is dead, and all it sent was received
        pass
    return found


def _check(file: Path, promised: set[str], toll: Toll) -> None:
    toll.damaged += not is_whole(file)
    # A process that starts again opens what is there; the events stay as they are.
    writer = a_writer(file)
    writer.open(now=0.0)
    writer.close()
    stored = {json.dumps(event) for event in stored_events(file, settled=True)}
    toll.lost += len(promised - stored)
