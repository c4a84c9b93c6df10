"""Reads the form of a correction. Pure."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime

from volvo_exporter.catalogue.quantities import JOULES_PER_KWH
from volvo_exporter.journal.events import Event
from volvo_exporter.journal.library import Kind
from volvo_exporter.journal.observations import Corrected, Correction
from volvo_exporter.volvo.errors import ExporterError

MAX_NOTE, MAX_TAG = 500, 50
"""Characters; chosen."""
MAX_AMOUNT = 1000.0
"""kWh or litres of one receipt. Chosen: the largest battery of a car has about 110 kWh."""
ALLOWED: Mapping[Kind, frozenset[Correction]] = {
    Kind.DRIVE: frozenset(set(Correction) - {Correction.RECEIPT}),
    Kind.CHARGE: frozenset(set(Correction) - {Correction.SPLIT}),
    Kind.REFUEL: frozenset({Correction.NOTE, Correction.TAG, Correction.UNTAG, Correction.RECEIPT}),
}
"""The corrections of each kind of event."""


class BadCorrection(ExporterError):
    """A correction that cannot be made; the message contains the reason and the fix."""


def read_correction(kind: Kind, event: Event, form: Mapping[str, str], *, now: float) -> Corrected:
    """Return the correction of a form; `now` is Unix time. Raises BadCorrection.

    Args:
        kind: The kind of the event.
        event: The event that is corrected.
        form: `correction`, and as it needs `text`, `amount` (kWh or litres) or `at` (ISO 8601, UTC).
        now: When the correction is made.
    """
    name = form.get("correction", "")
    if name not in {allowed.value for allowed in ALLOWED[kind]}:
        message = f"{name or 'nothing'} cannot be corrected on a {kind.value}; use the forms of the page"
        raise BadCorrection(message)
    correction = Correction(name)
    return Corrected(
        vin=event.vin,
        made=now,
        correction=correction,
        kind=kind.value,
        at=_at(correction, event, form),
        text=_text(correction, form),
        amount=_amount(kind, form) if correction is Correction.RECEIPT else None,
    )


def _at(correction: Correction, event: Event, form: Mapping[str, str]) -> float:
    """Return the moment that names the event: inside it, or at its end for a merge with the next one."""
    if correction is Correction.MERGE:
        return event.end.latest
    if correction is not Correction.SPLIT:
        return (event.start.latest + event.end.earliest) / 2
    try:
        at = datetime.fromisoformat(form.get("at", "")).replace(tzinfo=UTC).timestamp()
    except (ValueError, OverflowError) as error:
        message = "at: must be a time, e.g. 2026-11-01T08:00"
        raise BadCorrection(message) from error
    if not event.start.latest < at < event.end.earliest:
        message = "at: must lie between start and end of the drive"
        raise BadCorrection(message)
    return at


def _text(correction: Correction, form: Mapping[str, str]) -> str:
    text = " ".join(form.get("text", "").split())
    limit = MAX_NOTE if correction is Correction.NOTE else MAX_TAG
    if len(text) > limit:
        message = f"text: must have at most {limit} characters"
        raise BadCorrection(message)
    if not text and correction in (Correction.TAG, Correction.UNTAG):
        message = "text: must name a tag"
        raise BadCorrection(message)
    return text


def _amount(kind: Kind, form: Mapping[str, str]) -> float:
    """Return joules or litres."""
    try:
        amount = float(form.get("amount", "").replace(",", "."))
    except ValueError:
        amount = math.nan
    if not 0 < amount <= MAX_AMOUNT:
        message = f"amount: must be a number above 0 and up to {MAX_AMOUNT:.0f}"
        raise BadCorrection(message)
    return amount * JOULES_PER_KWH if kind is Kind.CHARGE else amount
