"""Two accounts with one car."""

import anyio
import pytest

from tests.support.installation import a_world, installed, write_token
from volvo_exporter.simulator import FLEET

pytestmark = pytest.mark.slow


async def test_a_car_that_one_account_loses_stays_with_the_other(tmp_path):
    world = a_world(cars=FLEET[:1])
    accounts = []
    for name in ("anna", "ben"):
        file = tmp_path / f"{name}.json"
        write_token(world, file)
        accounts.append({"name": name, "token_file": str(file)})
    async with installed(tmp_path, world, accounts=accounts) as it:
        await anyio.sleep(600)
        for account in it.exporter.accounts:
            assert account.poller.plan.vins == {FLEET[0].vin}
        # Anna's consent no longer covers the car: her list is empty from now on.
        world.identity.grants[0].vins = ()
        await anyio.sleep(2 * 86400)
        left = [account.poller.plan.vins for account in it.exporter.accounts]

        assert left == [set(), {FLEET[0].vin}]
        assert len(await it.series("volvo_odometer_meters")) == 1
