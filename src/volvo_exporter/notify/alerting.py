"""When a condition becomes an alert and when the alert ends, as in Prometheus. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from volvo_exporter.notify.checks import Finding, Labels

Key = tuple[str, str, Labels]
"""Name of the alert, id of the car (see `Car`) and labels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertState:
    """A condition that is or was met; times are Unix seconds."""

    since: float
    """When it was met first."""
    met_at: float
    """When it was met last."""
    value: float
    fires: bool = False
    """Whether it has been met for the duration of the alert."""
    sent: bool = False
    """Whether a message reported its begin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """The begin or end of an alert."""

    key: Key
    fires: bool
    """False where the alert has ended."""
    value: float
    at: float


def step(
    states: Mapping[Key, AlertState],
    findings: Iterable[Finding],
    keep_for: Mapping[str, float],
    *,
    now: float,
    started: float,
    grace: float,
) -> tuple[dict[Key, AlertState], list[Transition]]:
    """Return the states after an evaluation, and the alerts that began or ended.

    Args:
        states: The states before.
        findings: The conditions that are met now.
        keep_for: Seconds for which an alert continues without its condition, by name.
        now: Unix time.
        started: Unix time of the start of the exporter.
        grace: Seconds after the start in which no alert ends: values are still unknown then.
    """
    after: dict[Key, AlertState] = {}
    transitions = []
    for finding in findings:
        key = (finding.alert.name, finding.car, finding.labels)
        state = states.get(key) or AlertState(since=now, met_at=now, value=finding.value)
        fires = state.fires or now - state.since >= finding.alert.duration.total_seconds()
        after[key] = replace(state, met_at=now, value=finding.value, fires=fires)
        if fires and not state.fires:
            transitions.append(Transition(key=key, fires=True, value=finding.value, at=now))
    for key, state in states.items():
        if key in after:
            continue
        kept = now - state.met_at <= keep_for.get(key[0], 0.0) or now - started < grace
        if kept and (state.fires or now - started < grace):
            after[key] = state
        elif state.fires:
            transitions.append(Transition(key=key, fires=False, value=state.value, at=now))
    return after, transitions
