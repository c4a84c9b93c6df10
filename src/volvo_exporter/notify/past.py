"""The values of the last days, as a Prometheus that scrapes once a minute would have them. Pure."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
HELD_SECONDS = 10 * MINUTE
"""Seconds for which the rules hold a value that became unknown (`last_over_time(…[10m])`)."""
KEPT_SECONDS = 7 * DAY
"""The longest time that a condition looks back: a car that is missing."""

Series = tuple[str, tuple[tuple[str, str], ...]]
"""Name and labels of a series, without the vehicle."""


@dataclass(slots=True)
class Run:
    """A value, and the times of its first and last sample in a row."""

    value: float
    first: float
    last: float


class Past:
    """The samples of some series of one vehicle; equal samples in a row cost nothing more."""

    def __init__(self) -> None:
        self._runs: dict[str, dict[tuple[tuple[str, str], ...], deque[Run]]] = {}
        self._before = self._now = 0.0

    def note(self, samples: Iterable[tuple[Series, float]], *, now: float) -> None:
        """Add samples of one moment; a moment may be noted in parts."""
        if now != self._now:
            self._before, self._now = self._now, now
        for (name, labels), value in samples:
            runs = self._runs.setdefault(name, {}).setdefault(labels, deque())
            if runs and runs[-1].value == value and runs[-1].last >= self._before:
                runs[-1].last = now
            else:
                runs.append(Run(value=value, first=now, last=now))
            while len(runs) > 1 and runs[0].last < now - KEPT_SECONDS:
                runs.popleft()

    def labels(self, name: str) -> tuple[tuple[tuple[str, str], ...], ...]:
        """Return the labels of every series of this name."""
        return tuple(self._runs.get(name, ()))

    def last(
        self,
        name: str,
        *labels: tuple[str, str],
        within: float = HELD_SECONDS,
        ago: float = 0.0,
    ) -> float | None:
        """Return the last value within some seconds; None where there is none.

        Args:
            name: Name of the series.
            labels: All of its labels.
            within: Length of the window in seconds.
            ago: End of the window, in seconds before the last moment.
        """
        found = None
        for run in self._window(name, labels, within=within, ago=ago):
            found = run.value
        return found

    def present(self, name: str, *labels: tuple[str, str]) -> float | None:
        """Return the value of the last moment; None where there is none."""
        return self.last(name, *labels, within=1.0)

    def highest(self, name: str, *labels: tuple[str, str], within: float) -> float | None:
        """Return the highest value of the last seconds; None where there is none."""
        return max((run.value for run in self._window(name, labels, within=within)), default=None)

    def lowest(self, name: str, *labels: tuple[str, str], within: float, ago: float = 0.0) -> float | None:
        """Return the lowest value of a window; None where there is none."""
        return min((run.value for run in self._window(name, labels, within=within, ago=ago)), default=None)

    def _window(
        self, name: str, labels: tuple[tuple[str, str], ...], *, within: float, ago: float = 0.0
    ) -> Iterator[Run]:
        end = self._now - ago
        runs = self._runs.get(name, {}).get(labels, ())
        return (run for run in runs if run.first <= end and run.last > end - within)
