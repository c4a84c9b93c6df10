"""How much the journal of some simulated days grows and writes."""

from pathlib import Path

import anyio
import pytest

from tests.support.installation import MONDAY, a_world, installed
from volvo_exporter.simulator import EX30

pytestmark = pytest.mark.slow

DAY, DAYS = 24 * 3600.0, 3
MB = 1e6
MAX_GROWTH_PER_YEAR, MAX_WRITTEN_PER_DAY = 6 * MB, 2 * MB


class Meter:
    """Runs what the journal writes, and counts the bytes of its writes."""

    def __init__(self):
        self.written = 0

    async def __call__(self, function):
        before = wchar()
        try:
            return function()
        finally:
            self.written += wchar() - before


def wchar():
    """Bytes that this process has passed to write(2): the WAL, and what is copied from it to the file."""
    lines = Path("/proc/self/io").read_text(encoding="ascii").splitlines()
    return int(dict(line.split(": ") for line in lines)["wchar"])


@pytest.mark.skipif(not Path("/proc/self/io").exists(), reason="needs Linux, which counts the bytes")
async def test_a_car_needs_at_most_6_mb_a_year_and_2_mb_written_a_day(tmp_path):
    file, meter = tmp_path / "journal" / "journal.db", Meter()
    async with installed(
        tmp_path,
        a_world(start=MONDAY, cars=(EX30,)),
        run_blocking=meter,
        journal="on",
        journal_file=str(file),
    ):
        await anyio.sleep(DAY)
        first, begun = file.stat().st_size, meter.written
        await anyio.sleep((DAYS - 1) * DAY)
        written = meter.written - begun
    growth = file.stat().st_size - first
    print(f"{growth / (DAYS - 1) * 365 / MB:.2f} MB a year, {written / (DAYS - 1) / MB:.2f} MB written a day")

    assert 0 < growth / (DAYS - 1) * 365 <= MAX_GROWTH_PER_YEAR
    assert 0 < written / (DAYS - 1) <= MAX_WRITTEN_PER_DAY
