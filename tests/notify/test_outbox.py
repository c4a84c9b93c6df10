"""The messages that wait for a target."""

import json
from dataclasses import replace

import pytest

from volvo_exporter.notify.messages import Message
from volvo_exporter.notify.outbox import MAX_WAITING, Entry, Outbox, decode, encode

FIRING = Message(
    id="1",
    kind="alert.firing",
    name="VolvoDoorOpen",
    severity="warning",
    car="EX30",
    labels=(("door", "rear_left"),),
    title="Door open",
    text="Close it.",
    at=100.0,
)
RESOLVED = replace(FIRING, id="2", kind="alert.resolved", title="Resolved: Door open")
HOUR = 3600.0


def test_messages_are_due_in_their_order():
    outbox = Outbox()
    for number, due in enumerate((0.0, 0.0, 50.0)):
        outbox.add(Entry(message=replace(FIRING, id=str(number)), due=due))
    sent = []
    while (taken := outbox.take_due(10.0))[0]:
        sent.append(taken[0].id)
        outbox.remove(taken[1])
    assert sent == ["0", "1"]
    assert outbox.next_due() == 50.0


def test_an_alert_that_ends_before_it_was_sent_is_not_sent():
    outbox = Outbox()
    outbox.add(Entry(message=FIRING, due=HOUR))
    outbox.add(Entry(message=RESOLVED, due=HOUR))
    assert outbox.entries == []


def test_another_alert_is_not_cancelled():
    outbox = Outbox()
    outbox.add(Entry(message=FIRING, due=HOUR))
    outbox.add(Entry(message=replace(RESOLVED, labels=(("door", "front_left"),)), due=HOUR))
    assert len(outbox.entries) == 2


def test_messages_of_a_digest_are_sent_together():
    outbox = Outbox()
    for number in range(3):
        outbox.add(Entry(message=replace(FIRING, id=str(number)), due=HOUR, digest=True))
    message, entries = outbox.take_due(HOUR)
    assert (message.kind, len(entries)) == ("digest", 3)
    outbox.remove(entries)
    assert outbox.take_due(HOUR) == (None, [])


def test_old_messages_and_too_many_are_dropped():
    outbox = Outbox()
    for number in range(MAX_WAITING + 5):
        outbox.add(Entry(message=replace(FIRING, id=str(number)), due=0.0))
    assert [entry.message.id for entry in outbox.entries][:1] == ["5"]
    assert outbox.take_due(25 * HOUR) == (None, [])


def test_entries_survive_the_state_file():
    entries = [Entry(message=FIRING, due=5.0), Entry(message=RESOLVED, due=6.5, digest=True)]
    assert list(decode(json.loads(json.dumps(encode(entries))))) == entries


@pytest.mark.parametrize(
    "stored", [None, "x", [1], [{}], [{"message": {}, "due": 1}], [{"message": {"labels": [1]}, "due": 1}]]
)
def test_damaged_entries_are_forgotten(stored):
    assert decode(stored) == ()
