import anyio

from installation import a_world, some_settings, surroundings_of, write_token
from volvo_exporter.check import check
from volvo_exporter.simulator import FLEET, Options


async def findings(tmp_path, world, **settings):
    token_file = tmp_path / "volvo_token.json"
    write_token(world, token_file)
    # Port 1: nobody listens there.
    settings = some_settings(token_file, exporter_listen_port=1, **settings)
    return [finding async for finding in check(settings, surroundings_of(world))]


async def test_it_waits_where_the_calls_of_the_minute_are_used_up(tmp_path):
    world = a_world(cars=FLEET[:2], options=Options(requests_per_minute=20))
    found = await findings(tmp_path, world)

    assert len(world.log) > 20
    assert [finding for finding in found if not finding.ok] == []
    assert anyio.current_time() > 50
