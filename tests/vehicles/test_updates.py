"""The stream of updates: bounded, in order, and independent of slow outputs."""

from dataclasses import replace

import anyio

from volvo_exporter.vehicles.updates import Update, Updates

UPDATE = Update(vin="YV1TESTCAR0000001", at=0.0)


def numbered(*numbers: float) -> list[Update]:
    return [replace(UPDATE, at=float(number)) for number in numbers]


async def taken(queue, count: int) -> list[float]:
    return [(await anext(queue)).at for _ in range(count)]


async def test_every_output_receives_every_update_in_order():
    updates = Updates()
    queues = [updates.subscribe("one"), updates.subscribe("two")]
    for update in numbered(1, 2, 3):
        updates.publish(update)

    assert [await taken(queue, 3) for queue in queues] == [[1, 2, 3]] * 2


async def test_a_slow_output_loses_its_own_oldest_updates_which_are_counted():
    lost = []
    updates = Updates(on_drop=lost.append)
    slow, fast = updates.subscribe("slow", capacity=2), updates.subscribe("fast")
    for update in numbered(1, 2, 3):
        updates.publish(update)

    assert await taken(slow, 2) == [2, 3]
    assert await taken(fast, 3) == [1, 2, 3]
    assert (slow.dropped, fast.dropped, lost) == (1, 0, ["slow"])


async def test_an_output_waits_for_the_next_update():
    updates = Updates()
    queue = updates.subscribe("one")
    received = []

    async def run():
        async for update in queue:
            received.append(update.at)  # noqa: PERF401 - the stream does not end

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(run)
        for update in numbered(1, 2):
            await anyio.sleep(10)
            updates.publish(update)
        await anyio.sleep(10)
        tasks.cancel_scope.cancel()

    assert received == [1, 2]


async def test_an_update_that_arrives_before_an_output_subscribes_is_not_kept_for_it():
    updates = Updates()
    updates.publish(UPDATE)
    queue = updates.subscribe("late")
    with anyio.move_on_after(1) as scope:
        await anext(queue)

    assert scope.cancelled_caught
