"""The journal's file after its process was killed."""

from random import Random

import pytest

from tests.support.journal_kills import kill

pytestmark = pytest.mark.slow


def test_a_journal_whose_process_is_killed_opens_and_has_every_event_that_was_settled(tmp_path):
    toll = kill(tmp_path, times=20, random=Random(7))

    assert toll.kills == 20
    assert toll.reported > 0
    assert (toll.damaged, toll.lost) == (0, 0)
