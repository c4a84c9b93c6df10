"""Due times in order, whatever is changed; compared with a plain dictionary."""

import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volvo_exporter.polling.queue import Queue


def test_the_key_that_is_due_first_goes_first():
    queue = Queue()
    queue.place("later", 20.0)
    queue.place("sooner", 10.0)

    assert queue.first(9.0) is None
    assert queue.next_due() == 10.0
    assert [queue.pop(30.0), queue.pop(30.0), queue.pop(30.0)] == ["sooner", "later", None]


def test_a_due_time_can_move_in_both_directions():
    queue = Queue()
    queue.place("a", 10.0)
    queue.place("a", 50.0)
    assert queue.first(49.0) is None
    queue.place("a", 5.0)
    assert queue.first(5.0) == "a"


def test_a_due_key_can_be_postponed():
    queue = Queue()
    queue.place("a", 10.0)
    assert queue.first(11.0) == "a"
    queue.place("a", 100.0)

    assert queue.first(11.0) is None
    assert queue.first(100.0) == "a"


@pytest.mark.parametrize(
    "gone",
    [lambda queue: queue.remove("a"), lambda queue: queue.place("a", math.inf)],
    ids=["removed", "never due"],
)
def test_a_removed_key_is_never_due(gone):
    queue = Queue()
    queue.place("a", 10.0)
    gone(queue)

    assert queue.first(1e12) is None
    assert queue.next_due() == math.inf


def test_the_most_important_due_key_goes_first_but_not_forever():
    queue = Queue(delay={"wanted": 0.0, "minor": 60.0}.__getitem__)
    queue.place("minor", 0.0)
    queue.place("wanted", 30.0)
    assert queue.first(30.0) == "wanted"
    queue.place("wanted", 90.0)

    assert queue.first(90.0) == "minor"


def test_the_oldest_due_time_is_that_of_the_most_overdue_key():
    queue = Queue(delay={"wanted": 0.0, "minor": 60.0}.__getitem__)
    queue.place("minor", 1.0)
    queue.place("wanted", 2.0)

    assert queue.oldest_due(0.5) == math.inf
    assert queue.oldest_due(5.0) == 1.0


KEYS = st.sampled_from("abcde")
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("place"), KEYS, st.integers(0, 50)),
        st.tuples(st.just("remove"), KEYS, st.just(0)),
        st.tuples(st.just("pop"), st.just(""), st.integers(0, 50)),
    ),
    max_size=60,
)


@given(STEPS)
def test_whatever_is_changed_the_due_keys_are_those_of_a_dictionary(steps):
    queue, plain = Queue(), {}
    for step, key, number in steps:
        if step == "place":
            queue.place(key, float(number))
            plain[key] = float(number)
        elif step == "remove":
            queue.remove(key)
            plain.pop(key, None)
        else:
            due = [plain[name] for name in plain if plain[name] <= number]
            popped = queue.pop(float(number))
            assert (popped is None) == (not due)
            if popped is not None:
                assert plain.pop(popped) == min(due)
        assert queue.next_due() <= min(plain.values(), default=math.inf)


def test_the_cost_of_a_change_does_not_grow_with_the_number_of_keys():
    def seconds(count: int) -> float:
        queue = Queue()
        for key in range(count):
            queue.place(key, float(key))
        started = time.process_time()
        for step in range(2_000):
            key = queue.pop(float(count + step))
            queue.place(key, float(2 * count + step))
        return time.process_time() - started

    few, many = (min(seconds(count) for _ in range(3)) for count in (17, 17_000))
    assert many < 10 * few  # log(17,000) / log(17) is 3.4; a scan would be 1,000
