import contextlib
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.support.browser.cast import Cast
from tests.support.browser.guard import Guard
from tests.support.browser.launch import launched

PATIENCE = 10_000.0
"""Milliseconds."""


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE)
    with launched() as browser:
        yield browser


@pytest.fixture(scope="package")
def darkroom(chromium) -> Iterator[Page]:
    """An empty page, to look at pictures with."""
    with chromium.new_page() as page:
        yield page


@pytest.fixture(scope="package")
def cast() -> Iterator[Cast]:
    with contextlib.ExitStack() as stack:
        yield Cast(stack)


@pytest.fixture
def browse(chromium) -> Iterator[Callable[..., BrowserContext]]:
    """Opens guarded contexts: each is a browser of its own, with its own cookies."""
    guards = []
    with contextlib.ExitStack() as stack:

        def open_context(
            *,
            statuses: tuple[int, ...] = (),
            elsewhere: tuple[str, ...] = (),
            bypass_csp: bool = False,
            **options: object,
        ) -> BrowserContext:
            context = stack.enter_context(chromium.new_context(bypass_csp=bypass_csp, **options))
            context.set_default_timeout(PATIENCE)
            guards.append(Guard(context, statuses=statuses, elsewhere=elsewhere, lawless=bypass_csp))
            return context

        yield open_context
    assert [fault for guard in guards for fault in guard.faults] == []
    assert all(guard.requests for guard in guards)
