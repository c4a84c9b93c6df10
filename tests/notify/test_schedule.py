"""When a message may be sent."""

from dataclasses import replace
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from volvo_exporter.notify.messages import Message
from volvo_exporter.notify.schedule import Schedule

NIGHT = (time(22), time(7))
MESSAGE = Message(
    id="1", kind="alert.firing", name="A", severity="warning", car="EX30", title="t", text="t", at=0.0
)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-11-02T21:59", "2026-11-02T21:59"),
        ("2026-11-02T22:00", "2026-11-03T07:00"),
        ("2026-11-03T06:59", "2026-11-03T07:00"),
        ("2026-11-03T07:00", "2026-11-03T07:00"),
    ],
)
def test_messages_wait_for_the_end_of_the_quiet_hours(now, due):
    assert Schedule(quiet=NIGHT, zone=UTC).due(MESSAGE, at(now)) == at(due)


def test_quiet_hours_are_those_of_the_time_zone():
    schedule = Schedule(quiet=NIGHT, zone=ZoneInfo("Europe/Stockholm"))
    assert schedule.due(MESSAGE, at("2026-11-02T21:30")) == at("2026-11-03T06:00")


def test_a_critical_message_never_waits():
    schedule = Schedule(quiet=NIGHT, digest=time(18), zone=UTC)
    now = at("2026-11-02T23:00")
    assert schedule.due(replace(MESSAGE, severity="critical"), now) == now


def test_only_information_waits_for_the_digest():
    schedule = Schedule(digest=time(18), zone=UTC)
    info = replace(MESSAGE, severity="info")
    assert schedule.due(info, at("2026-11-02T08:00")) == at("2026-11-02T18:00")
    assert schedule.due(info, at("2026-11-02T18:00")) == at("2026-11-03T18:00")
    assert schedule.due(MESSAGE, at("2026-11-02T08:00")) == at("2026-11-02T08:00")
