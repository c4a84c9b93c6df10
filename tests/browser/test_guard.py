"""The guard itself: it would see a page that misbehaves."""

import pytest

from tests.support.browser.guard import Guard
from tests.support.services import until

pytestmark = pytest.mark.services

MISDEEDS = {
    "left loopback: https://example.com/": "fetch('https://example.com/').catch(() => {})",
    "left loopback: http://192.168.1.1/x.png": "new Image().src = 'http://192.168.1.1/x.png'",
    "left loopback: ws://example.com/": "new WebSocket('ws://example.com/')",
    "error: oh dear": "console.error('oh dear')",
    "script: oops": "setTimeout(() => { throw new Error('oops') })",
    "error: Failed to load resource": "fetch('/nothing')",
}


def test_every_misdeed_is_seen(chromium, cast):
    with chromium.new_context(bypass_csp=True) as context:
        guard = Guard(context, lawless=True)
        page = context.new_page()
        page.goto(f"{cast['no-car'].url}/-/healthy")
        assert guard.faults == []
        page.evaluate(f"() => {{ {';'.join(MISDEEDS.values())} }}")

        def unseen() -> set[str]:
            # What a page does is told while the browser is asked for something.
            page.evaluate("true")
            return {fault for fault in MISDEEDS if not any(seen.startswith(fault) for seen in guard.faults)}

        until(lambda: not unseen())
