import contextlib
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.support.browser.guard import Guard
from tests.support.browser.launch import launch_browser
from tests.support.browser.scenes import Exporters

TIMEOUT_MILLISECONDS = 10_000.0
"""Milliseconds."""


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    expect.set_options(timeout=TIMEOUT_MILLISECONDS)
    with launch_browser() as browser:
        yield browser


@pytest.fixture(scope="package")
def blank_page(chromium) -> Iterator[Page]:
    """An empty page, used to read the pixels of screenshots."""
    with chromium.new_page() as page:
        yield page


@pytest.fixture(scope="package")
def exporters() -> Iterator[Exporters]:
    with contextlib.ExitStack() as stack:
        yield Exporters(stack)


@pytest.fixture
def browse(chromium) -> Iterator[Callable[..., BrowserContext]]:
    """Opens guarded contexts; each has its own cookies."""
    guards = []
    with contextlib.ExitStack() as stack:

        def open_context(
            *,
            statuses: tuple[int, ...] = (),
            other_hosts: tuple[str, ...] = (),
            bypass_csp: bool = False,
            **options: object,
        ) -> BrowserContext:
            context = stack.enter_context(chromium.new_context(bypass_csp=bypass_csp, **options))
            context.set_default_timeout(TIMEOUT_MILLISECONDS)
            guards.append(Guard(context, statuses=statuses, other_hosts=other_hosts, bypass_csp=bypass_csp))
            return context

        yield open_context
    assert [error for guard in guards for error in guard.errors] == []
    assert all(guard.requests for guard in guards)
