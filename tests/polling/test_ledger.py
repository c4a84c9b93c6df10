import json
import multiprocessing

import pytest
from filelock import FileLock

from volvo_exporter.catalogue.model import Api
from volvo_exporter.polling.budget import Budget
from volvo_exporter.polling.ledger import Ledger
from volvo_exporter.polling.quota import WINDOW_SECONDS, Quota
from volvo_exporter.polling.state_file import StateFile, fingerprint

CV = Api.CONNECTED_VEHICLE
DAY = 86400.0
NOON = 20_000 * DAY + DAY / 2
FRESH = Quota(limit=100, per_minute=1000)


def used(budget: Budget) -> int:
    return sum(usage.used for usage in budget.quota.usage.values())


def a_budget(tmp_path, key: str = "key-one") -> Budget:
    return Budget(FRESH, key=key, ledger=Ledger(StateFile(tmp_path / "state.json")))


def test_the_count_survives_a_restart(tmp_path):
    budget = a_budget(tmp_path)
    for _ in range(25):
        budget.spend(CV, NOON)
    budget.save(NOON)

    assert used(a_budget(tmp_path)) == 25


def test_a_crash_loses_fewer_than_ten_calls(tmp_path):
    budget = a_budget(tmp_path)
    for _ in range(29):
        budget.spend(CV, NOON)

    assert 20 <= used(a_budget(tmp_path)) <= 29


def test_a_used_up_quota_is_stored_at_once(tmp_path):
    a_budget(tmp_path).exhaust(CV, NOON, NOON + 5000)

    assert a_budget(tmp_path).open_at(NOON + 1)[CV] == NOON + 5000


def test_each_key_has_its_own_count_and_the_file_contains_no_key(tmp_path):
    for key, calls in (("key-one", 10), ("key-two", 20)):
        budget = a_budget(tmp_path, key)
        for _ in range(calls):
            budget.spend(CV, NOON)

    assert used(a_budget(tmp_path, "key-one")) == 10
    assert used(a_budget(tmp_path, "key-two")) == 20
    assert "key-" not in (tmp_path / "state.json").read_text()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "7",
        json.dumps({fingerprint("key-one"): {"day": "x"}}),
        json.dumps({fingerprint("key-one"): 3}),
        "[" * 100_000,
    ],
)
def test_a_damaged_file_counts_from_zero(tmp_path, text):
    (tmp_path / "state.json").write_text(text)

    assert a_budget(tmp_path).quota == FRESH


@pytest.mark.parametrize(
    "until", ["NaN", "Infinity", "-Infinity", "1e300", f"{10**400}", "-5", f"{NOON + 9e6}"]
)
def test_an_implausible_reset_time_in_the_file_is_ignored(tmp_path, until):
    known = f'{{"day": 20000, "used": 100, "exhausted_until": {until}}}'
    (tmp_path / "state.json").write_text(f'{{"{fingerprint("key-one")}": {known}}}')

    assert a_budget(tmp_path).open_at(NOON)[CV] == NOON


def test_a_file_from_before_the_minute_was_stored_keeps_its_count(tmp_path):
    known = {"day": 20000, "used": 42, "exhausted_until": 0}
    (tmp_path / "state.json").write_text(json.dumps({fingerprint("key-one"): known}))

    assert used(a_budget(tmp_path)) == 42


def test_two_processes_with_one_key_count_the_calls_of_both(tmp_path):
    first, second = a_budget(tmp_path), a_budget(tmp_path)
    for _ in range(20):
        first.spend(CV, NOON)
        second.spend(CV, NOON)
    first.save(NOON)
    second.save(NOON)

    assert used(a_budget(tmp_path)) == 40
    assert used(second) == 40


def test_calls_saved_after_midnight_do_not_count_for_the_day_before(tmp_path):
    budget = a_budget(tmp_path)
    for _ in range(9):
        budget.spend(CV, NOON)
    budget.spend(CV, NOON + DAY)
    budget.save(NOON + DAY)

    assert used(a_budget(tmp_path)) == 1


def test_the_calls_of_another_process_count_in_the_minute(tmp_path):
    quota = Quota(limit=100, per_minute=10)
    check = Budget(quota, key="k", ledger=Ledger(StateFile(tmp_path / "state.json")))
    for _ in range(10):
        check.spend(CV, NOON)
    check.save(NOON)
    start = Budget(quota, key="k", ledger=Ledger(StateFile(tmp_path / "state.json")))

    assert start.open_at(NOON + 5)[CV] == NOON + WINDOW_SECONDS


def test_a_used_up_quota_that_another_process_noticed_counts(tmp_path):
    first, second = a_budget(tmp_path), a_budget(tmp_path)
    first.exhaust(CV, NOON, NOON + 5000)
    second.spend(CV, NOON)
    second.save(NOON)

    assert second.open_at(NOON)[CV] == NOON + 5000
    assert a_budget(tmp_path).open_at(NOON)[CV] == NOON + 5000


def count(folder, calls: int) -> None:
    budget = Budget(
        Quota(limit=10**6, per_minute=10**6), key="k", ledger=Ledger(StateFile(folder / "state.json"))
    )
    for _ in range(calls):
        budget.spend(CV, NOON)
    budget.save(NOON)


@pytest.mark.slow
def test_processes_that_write_at_the_same_time_lose_no_call(tmp_path):
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=count, args=(tmp_path, 1000)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()

    known = json.loads((tmp_path / "state.json").read_text())
    assert known[fingerprint("k")]["used"] == 3000


def test_a_lock_that_is_not_released_affects_only_the_count(tmp_path):
    budget = a_budget(tmp_path)
    with FileLock(tmp_path / "state.json.lock"):
        for _ in range(12):
            budget.spend(CV, NOON)
        assert used(budget) == 12
    budget.save(NOON)

    assert used(a_budget(tmp_path)) == 12


def test_a_folder_that_is_not_writable_affects_only_the_count(tmp_path):
    budget = Budget(FRESH, key="k", ledger=Ledger(StateFile(tmp_path / "missing" / "state.json")))
    for _ in range(30):
        budget.spend(CV, NOON)

    assert used(budget) == 30
