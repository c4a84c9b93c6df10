"""Energy and fuel with bounds. Pure."""

from collections.abc import Mapping
from typing import NamedTuple

from volvo_exporter.catalogue.capacities import CAPACITIES
from volvo_exporter.catalogue.quantities import JOULES_PER_KWH
from volvo_exporter.journal.events import Range
from volvo_exporter.journal.knowledge import Bounds
from volvo_exporter.journal.parameters import Parameters
from volvo_exporter.journal.spans import middle

GROSS_TOLERANCE_KWH = 0.6
"""The API's gross capacity differs by so much from data sheets."""
SHARE_OF_GROSS = Range(low=0.72, estimate=0.92, high=1.0)
"""Of usable in gross capacity: 0.72 of a small plug-in hybrid's, 0.97 of a large battery's."""
LEAST_SHARE_AT_END = 0.4
"""Power at the end of a charge, which tapers, in shares of the last one reported."""


class Capacity(NamedTuple):
    """The usable capacity of the traction battery."""

    joules: Range
    is_guessed: bool
    """True where only the gross capacity is known."""


def capacity_of(attributes: Mapping[str, str], parameters: Parameters) -> Capacity | None:
    """Return the usable capacity: as set by the user, of the catalogue, or a share of the gross capacity."""
    if (joules := parameters.usable_battery_capacity_joules) is not None:
        return Capacity(Range(low=joules, estimate=joules, high=joules), is_guessed=False)
    try:
        gross = float(attributes.get("battery_capacity_kwh", ""))
    except ValueError:
        return None
    year = attributes.get("model_year", "")
    for entry in CAPACITIES:
        is_model = attributes.get("model") in entry.models and (
            not year.isdigit() or int(year) >= entry.since
        )
        if is_model and abs(entry.gross_kwh - gross) <= GROSS_TOLERANCE_KWH:
            return Capacity(
                scale(Range(low=entry.low, estimate=entry.estimate, high=entry.high), JOULES_PER_KWH),
                is_guessed=False,
            )
    return Capacity(scale(SHARE_OF_GROSS, gross * JOULES_PER_KWH), is_guessed=True) if gross > 0 else None


def scale(values: Range, factor: float) -> Range:
    """Return a range times a positive number."""
    return Range(low=values.low * factor, estimate=values.estimate * factor, high=values.high * factor)


def energy_between(
    start: float | None, end: float | None, capacity: Capacity | None, parameters: Parameters
) -> Range | None:
    """Return the energy in joules that raised the state of charge, negative where it fell.

    The true difference is less than one point from the reported one, whether the car cuts off or rounds.
    """
    if start is None or end is None or capacity is None:
        return None
    rise, point = end - start, parameters.charge_resolution
    low, high = rise - point, rise + point
    joules = capacity.joules
    return Range(
        low=low * (joules.low if low > 0 else joules.high),
        estimate=rise * joules.estimate,
        high=high * (joules.high if high > 0 else joules.low),
    )


def negative(values: Range | None) -> Range | None:
    """Return the range of what was taken out, of the range of what was put in."""
    if values is None:
        return None
    return Range(low=-values.high, estimate=-values.estimate, high=-values.low)


class Meter(NamedTuple):
    """The energy that the reported charging power adds up to, in joules and watts."""

    low: float = 0.0
    estimate: float = 0.0
    high: float = 0.0
    at: float = 0.0
    watts: float | None = None
    """The last power reported; None before the first."""

    def begin(self, watts: float, at: float, start: Bounds) -> "Meter":
        """Return the meter at the first power of a flow that began at some moment in `start`."""
        return self._replace(
            low=self.low + watts * LEAST_SHARE_AT_END * max(at - start[1], 0.0),
            estimate=self.estimate + watts * max(at - middle(start), 0.0),
            high=self.high + watts * max(at - start[0], 0.0),
            at=at,
            watts=watts,
        )

    def advance(self, watts: float, at: float, *, gap: float, parameters: Parameters) -> "Meter":
        """Return the meter at the next power; nothing was received for the last `gap` seconds before."""
        last, seconds = self.watts or 0.0, max(at - self.at, 0.0)
        shift = parameters.max_upload_lag_seconds * abs(watts - last)
        low = min(last, watts) * seconds
        if gap > parameters.max_power_gap_seconds:
            low = min(last, watts) * max(seconds - gap, 0.0)
        slope = min(gap, seconds)
        return self._replace(
            low=max(self.low + low - shift, self.low),
            estimate=self.estimate + last * (seconds - slope) + (last + watts) / 2 * slope,
            high=self.high + max(last, watts) * seconds + shift,
            at=at,
            watts=watts,
        )

    def end(self, end: Bounds) -> "Meter":
        """Return the meter after the flow, which ended at some moment in `end`."""
        last = self.watts or 0.0
        return self._replace(
            low=self.low + last * LEAST_SHARE_AT_END * (end[0] - self.at),
            estimate=self.estimate + last * (middle(end) - self.at),
            high=self.high + last * max(end[1] - self.at, 0.0),
            at=end[1],
            watts=None,
        )

    @property
    def range(self) -> Range | None:
        """Return the energy so far; None where no power was reported."""
        if self == Meter():
            return None
        low = max(self.low, 0.0)
        return Range(low=low, estimate=max(self.estimate, low), high=max(self.high, self.estimate, low))


def fuel_between(
    start: float | None, end: float | None, *, driven: float, parameters: Parameters
) -> Range | None:
    """Return the liters by which the level rose; `driven` meters used some of them."""
    if start is None or end is None:
        return None
    rise, width = end - start, 2 * parameters.fuel_resolution_liters
    used = driven * parameters.max_fuel_consumption
    return Range(low=rise - width, estimate=rise, high=rise + width + used)


def electric_meters(energy: Range | None, meters: float, parameters: Parameters) -> Range | None:
    """Return how far a hybrid drove with the energy of its battery: an estimate by typical consumption."""
    if energy is None:
        return None
    consumption = parameters.electric_consumption

    def share(joules: float, per_meter: float) -> float:
        return min(max(joules / per_meter, 0.0), meters)

    return Range(
        low=share(energy.low, consumption.high),
        estimate=share(energy.estimate, consumption.estimate),
        high=share(energy.high, consumption.low),
    )
