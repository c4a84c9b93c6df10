import anyio

from installation import a_world, some_settings, surroundings_of, write_token
from volvo_exporter.check import check
from volvo_exporter.simulator import FLEET, Options

REFUSED = (
    "api_key refused: compare it with the one at https://developer.volvocars.com/account/; "
    "a key created today is refused at random for some hours, the exporter retries"
)


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


async def test_a_wrong_key_is_named_after_six_attempts(tmp_path):
    world = a_world()
    found = await findings(tmp_path, world, api_key="not-the-key")

    assert [(finding.what, finding.message) for finding in found if not finding.ok] == [
        ("default: vehicles", REFUSED)
    ]
    assert len(world.log) == 6


async def test_a_new_key_that_is_refused_at_random_is_not_called_wrong(tmp_path):
    found = await findings(tmp_path, a_world(cars=FLEET[:1], options=Options(flaky_key=0.3)))

    assert [finding for finding in found if not finding.ok] == []
