"""Computes when an event reaches the cloud. Pure: the same car and moment always give the same time.

No public source gives the lag of real cars: the delay between an event and the first answer that shows it is
a sum of the car's upload and the client's polling. The range is a column of the profile.
"""

from zlib import crc32

MIN_SPACING_SECONDS = 60.0
"""Minimum time between two moments with independent lags; chosen, as reception changes within minutes."""


def upload_time(vin: str, lag: tuple[float, float], moment: float) -> float:
    """Return the simulated time at which the cloud receives what a car sends at a moment.

    `lag` is the minimum and the maximum delay in seconds. It varies from minute to minute, as reception does:
    it is random at fixed moments and linear between them. These are so far apart that an upload never
    overtakes an earlier one; values sent at the same moment arrive together.
    """
    minimum, maximum = lag
    spacing = max(2 * (maximum - minimum), MIN_SPACING_SECONDS)
    number, share = divmod(moment / spacing, 1.0)
    before, after = _chance(vin, int(number)), _chance(vin, int(number) + 1)
    return moment + minimum + (maximum - minimum) * (before + (after - before) * share)


def _chance(vin: str, number: int) -> float:
    """Return a number in 0 to 1. A checksum: this runs for each value, and `Random` is slow to seed."""
    return crc32(f"{vin}:{number}".encode()) / 0xFFFFFFFF
