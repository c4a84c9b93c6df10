"""Errors of a page that the guard reports."""

import pytest

from tests.support.browser.guard import Guard
from tests.support.services import until

pytestmark = pytest.mark.services

ERRORS = {
    "left loopback: https://example.com/": "fetch('https://example.com/').catch(() => {})",
    "left loopback: http://192.168.1.1/x.png": "new Image().src = 'http://192.168.1.1/x.png'",
    "left loopback: ws://example.com/": "new WebSocket('ws://example.com/')",
    "error: oh dear": "console.error('oh dear')",
    "script: oops": "setTimeout(() => { throw new Error('oops') })",
    "error: Failed to load resource": "fetch('/nothing')",
}


def test_every_error_of_a_page_is_reported(chromium, exporters):
    with chromium.new_context(bypass_csp=True) as context:
        guard = Guard(context, bypass_csp=True)
        page = context.new_page()
        page.goto(f"{exporters['no-car'].url}/-/healthy")
        assert guard.errors == []
        page.evaluate(f"() => {{ {';'.join(ERRORS.values())} }}")

        def missing() -> set[str]:
            # Playwright delivers events only during a call.
            page.evaluate("true")
            return {error for error in ERRORS if not any(found.startswith(error) for found in guard.errors)}

        until(lambda: not missing())
