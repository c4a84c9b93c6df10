"""When a message may be sent: at once, after the quiet hours, or with the digest of the day. Pure."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo

from volvo_exporter.notify.messages import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """The quiet hours and the time of the digest, in a time zone; None is the one of the machine."""

    quiet: tuple[time, time] | None = None
    digest: time | None = None
    zone: tzinfo | None = None

    def due(self, message: Message, now: float) -> float:
        """Return the Unix time at which a message may be sent; critical ones at once."""
        if message.severity == "critical":
            return now
        local = datetime.fromtimestamp(now, self.zone).astimezone(self.zone)
        if self.digest is not None and message.severity == "info":
            return _next(local, self.digest).timestamp()
        if self.quiet is not None and _within(local.time(), *self.quiet):
            return _next(local, self.quiet[1]).timestamp()
        return now


def _within(moment: time, start: time, end: time) -> bool:
    """Return whether a time of the day lies in a span, which may include midnight."""
    return start <= moment < end if start < end else moment >= start or moment < end


def _next(local: datetime, at: time) -> datetime:
    found = local.replace(hour=at.hour, minute=at.minute, second=0, microsecond=0)
    return found if found > local else found + timedelta(days=1)
