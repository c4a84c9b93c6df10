import json

import pytest

from volvo_exporter.polling.budget import Budget
from volvo_exporter.polling.ledger import Ledger, fingerprint
from volvo_exporter.polling.quota import Quota

DAY = 86400.0
NOON = 20_000 * DAY + DAY / 2
FRESH = Quota(limit=100, per_minute=1000)


def a_budget(tmp_path, key: str = "key-one") -> Budget:
    return Budget(FRESH, key=key, ledger=Ledger(tmp_path / "state.json"))


def test_the_count_survives_a_restart(tmp_path):
    budget = a_budget(tmp_path)
    for _ in range(25):
        budget.spend(NOON)
    budget.save()

    assert a_budget(tmp_path).quota.used == 25


def test_a_crash_costs_less_than_ten_counts(tmp_path):
    budget = a_budget(tmp_path)
    for _ in range(29):
        budget.spend(NOON)

    assert 20 <= a_budget(tmp_path).quota.used <= 29


def test_that_the_quota_is_gone_is_written_at_once(tmp_path):
    a_budget(tmp_path).exhaust(NOON, NOON + 5000)

    assert a_budget(tmp_path).open_at(NOON + 1) == NOON + 5000


def test_each_key_has_a_count_of_its_own_and_no_key_stands_in_the_file(tmp_path):
    for key, calls in (("key-one", 10), ("key-two", 20)):
        budget = a_budget(tmp_path, key)
        for _ in range(calls):
            budget.spend(NOON)

    assert a_budget(tmp_path, "key-one").quota.used == 10
    assert a_budget(tmp_path, "key-two").quota.used == 20
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
    ],
)
def test_a_damaged_file_counts_from_zero(tmp_path, text):
    (tmp_path / "state.json").write_text(text)

    assert a_budget(tmp_path).quota == FRESH


def test_a_folder_that_cannot_be_written_costs_only_the_count(tmp_path):
    budget = Budget(FRESH, key="k", ledger=Ledger(tmp_path / "missing" / "state.json"))
    for _ in range(30):
        budget.spend(NOON)

    assert budget.quota.used == 30
