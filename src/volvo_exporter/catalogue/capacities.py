"""Usable capacities of traction batteries, which the API does not report: its figure is the gross capacity.

The state of charge is a share of the usable capacity (an assumption: no public source states it for Volvo).
"""

from dataclasses import dataclass

EVKX = "https://github.com/evkx/evkx.github.io/tree/main/content/models/volvo"


@dataclass(frozen=True, slots=True, kw_only=True)
class BatteryCapacity:
    """The capacity of one battery, in kWh."""

    models: frozenset[str]
    since: int
    """First model year."""
    gross_kwh: float
    """As the API reports it, but for a few tenths."""
    low: float
    """Bounds of the usable capacity of a car in good health."""
    estimate: float
    high: float
    source: str


def _battery(models: str, since: int, kwh: tuple[float, float, float], source: str) -> BatteryCapacity:
    """Return an entry; `kwh` is the gross capacity, the usable one, and how far that may be off."""
    gross, usable, width = kwh
    return BatteryCapacity(
        models=frozenset(models.split()),
        since=since,
        gross_kwh=gross,
        low=round(usable - width, 1),
        estimate=usable,
        high=round(usable + width, 1),
        source=source,
    )


EVPULSE = (
    "https://evpulse.com/reviews/early-first-look-review-2022-volvo-xc60-t8-recharge-with-updated-battery"
)
GSMOTORCLUB = "https://gsmotorclub.com/2022-volvo-xc60-t8-recharge-first-drive-more-e-power-more-e-range/"
SIXTIES_AND_NINETIES = "S60 V60 XC60 S90 V90 XC90"
CAPACITIES: tuple[BatteryCapacity, ...] = (
    _battery("EX30", 2024, (69.0, 64.0, 1.0), f"{EVKX}/ex30/EX30_Twin_Motor_Performance"),
    _battery("EX30", 2024, (51.0, 49.0, 1.0), f"{EVKX}/ex30/EX30_Single_Motor"),
    _battery("EX40 EC40 XC40 C40", 2023, (82.0, 79.0, 1.0), f"{EVKX}/ex40/EX40_Twin_Motor"),
    _battery("C40", 2023, (69.0, 66.0, 1.0), f"{EVKX}/c40/C40_Recharge_Single_Motor"),
    _battery("XC40 C40", 2020, (78.0, 75.0, 1.0), "https://gaadiwaadi.com"),
    _battery("EX90", 2024, (111.0, 107.0, 1.5), f"{EVKX}/3/EX90_Twin_Motor_Performance"),
    _battery(SIXTIES_AND_NINETIES, 2022, (18.8, 14.9, 0.5), EVPULSE),
    _battery(SIXTIES_AND_NINETIES, 2019, (11.6, 9.1, 0.6), GSMOTORCLUB),
)
"""The first entry that fits a car holds. Of the others the gross capacity gives wide bounds."""
