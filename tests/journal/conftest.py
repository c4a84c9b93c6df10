import pytest

from tests.support.journal_store import close_all


@pytest.fixture(autouse=True)
def _closing():
    """Close what a test opened."""
    yield
    close_all()
