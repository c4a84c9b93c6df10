"""Errors of the journal's storage."""

from volvo_exporter.volvo.errors import ExporterError


class JournalUnavailable(ExporterError):
    """The journal cannot be read or written now; the message contains the reason. It is retried."""


class JournalDamaged(JournalUnavailable):
    """The journal's file is not a database, or a part of it is overwritten."""
