"""How events of simulated cars are derived whose time passes faster from a moment on, as in the demo."""

from collections.abc import Mapping
from dataclasses import replace

from volvo_exporter.journal.derivation import Derived, Settled
from volvo_exporter.journal.deriving import Deriver, build_deriver
from volvo_exporter.journal.observations import Log
from volvo_exporter.journal.parameters import Parameters


def build_accelerated_deriver(
    usable_battery_capacity: Mapping[str, float], *, speed: float, since: float
) -> Deriver:
    """Return how events are derived where cars are `speed` times faster from `since` (Unix time) on.

    The capacities are in kWh by VIN. A drive across that moment is derived as one of the fast cars.
    """
    at_real_speed = build_deriver(usable_battery_capacity)
    fast = build_deriver(usable_battery_capacity, Parameters().accelerated(speed))

    def derive(log: Log, parameters: Parameters, settled: Settled) -> Derived:
        if settled.needed_from >= since:
            return fast.derive(log, parameters, settled)
        past = at_real_speed.derive(log_until(log, since), at_real_speed.parameters(log.vin), settled)
        if log == log_until(log, since):
            return past
        after = fast.derive(log, parameters, past.settled)
        return replace(after, events=(*past.events, *after.events))

    return Deriver(derive=derive, parameters=fast.parameters)


def log_until(log: Log, moment: float) -> Log:
    """Return what a log contained at a moment (Unix time), with all its corrections."""
    return replace(
        log,
        observations=tuple(row for row in log.observations if row.seen <= moment),
        runs=tuple(replace(run, last=min(run.last, moment)) for run in log.runs if run.first <= moment),
        processes=tuple(process for process in log.processes if process.at <= moment),
    )
