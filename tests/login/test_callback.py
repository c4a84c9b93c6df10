import anyio

from volvo_exporter.login.callback import Callback


async def test_an_unexpected_callback_is_not_accepted():
    assert not Callback().offer("?code=c")


async def test_an_expected_callback_is_accepted_once():
    callback, queries = Callback(), []

    async def wait():
        queries.append(await callback.wait())

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(wait)
        await anyio.wait_all_tasks_blocked()
        assert callback.offer("?code=c")
        await anyio.wait_all_tasks_blocked()
        assert not callback.offer("?code=late")
    assert queries == ["?code=c"]


async def test_nothing_is_accepted_after_the_wait_is_cancelled():
    callback = Callback()
    with anyio.move_on_after(1):
        await callback.wait()
    assert not callback.offer("?code=c")
