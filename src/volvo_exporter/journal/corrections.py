"""Applies the corrections of users. Pure; a rebuild applies them again."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from volvo_exporter.journal.events import Charge, Drive, Event, Flag, Range, Refuel
from volvo_exporter.journal.movements import join
from volvo_exporter.journal.observations import Corrected, Correction
from volvo_exporter.journal.spans import Span

KINDS: dict[type[Event], str] = {Drive: "drive", Charge: "charge", Refuel: "refuel"}
Correctable = Drive | Charge | Refuel


def split(spans: Iterable[Span], corrections: Sequence[Corrected]) -> list[Span]:
    """Return the movements, some of them divided at the moments that users gave."""
    parts: list[Span] = []
    for span in spans:
        moments = (
            correction.at
            for correction in corrections
            if correction.correction is Correction.SPLIT and correction.kind == "drive"
        )
        rest = span
        for at in sorted(set(moments)):
            if rest.start[1] < at < rest.end[0]:
                flags = rest.flags | {Flag.USER}
                parts.append(
                    Span(
                        start=rest.start,
                        end=(at, at),
                        proof=rest.proof,
                        stops=[stop for stop in rest.stops if stop[1] <= at],
                        flags=set(flags),
                        seen=at,
                    )
                )
                rest = Span(
                    start=(at, at),
                    end=rest.end,
                    proof=rest.proof,
                    is_open=rest.is_open,
                    seen=rest.seen,
                    stops=[stop for stop in rest.stops if stop[1] > at],
                    flags=set(flags),
                )
        parts.append(rest)
    return parts


def merge(spans: Sequence[Span], corrections: Sequence[Corrected]) -> list[Span]:
    """Return the movements, some of them joined where users want them to be one."""
    merged: list[Span] = []
    for span in spans:
        if merged and merges_at(merged[-1].end[0], span.start[1], "drive", corrections):
            join(merged[-1], span)
            merged[-1].flags.add(Flag.USER)
        else:
            merged.append(span)
    return merged


def merges_at(start: float, end: float, kind: str, corrections: Iterable[Corrected]) -> bool:
    """Return whether a user merges what lies before and after a time."""
    return any(
        correction.correction is Correction.MERGE
        and correction.kind == kind
        and start <= correction.at <= end
        for correction in corrections
    )


def annotate(event: Event, corrections: Iterable[Corrected]) -> Event:
    """Return an event with the notes, tags and receipts of users, in the order in which they were made."""
    match event:
        case Drive() | Charge() | Refuel():
            kind = KINDS[type(event)]
            for correction in sorted(corrections, key=lambda correction: correction.made):
                if correction.kind == kind and event.start.earliest <= correction.at <= event.end.latest:
                    event = _annotate(event, correction)
    return event


def _annotate(event: Correctable, correction: Corrected) -> Correctable:
    match correction.correction:
        case Correction.NOTE:
            changed = replace(event, note=correction.text)
        case Correction.TAG:
            changed = replace(
                event, tags=(*(tag for tag in event.tags if tag != correction.text), correction.text)
            )
        case Correction.UNTAG:
            changed = replace(event, tags=tuple(tag for tag in event.tags if tag != correction.text))
        case Correction.RECEIPT if correction.amount is not None:
            changed = _bill(event, correction.amount)
        case _:
            return event
    return replace(changed, flags=changed.flags | {Flag.USER})


def _bill(event: Correctable, amount: float) -> Correctable:
    if isinstance(event, Charge):
        billed = Range(low=amount, estimate=amount, high=amount)
        return replace(event, energy=replace(event.energy, receipt=billed))
    if isinstance(event, Refuel):
        return replace(event, receipt_liters=amount)
    return event
