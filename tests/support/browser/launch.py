"""Start of the browser, for tests and pictures."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

from tests.support.services import program, skip_or_fail

HOST_RULES = "MAP exporter.home 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"
"""Rules that resolve only these host names."""
DISABLED_FEATURES = (
    "AimEnabled",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxPopup",
)
"""Features that send requests or rewrite addresses, mostly from playwright's own list, which this replaces.
The last two start one more process for each page, for the address bar."""
OFFLINE_OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--disable-domain-reliability",
    f"--disable-features={','.join(DISABLED_FEATURES)}",
    f"--host-resolver-rules={HOST_RULES}",
)
"""Options without which the browser sends requests of its own."""


@contextmanager
def launch_browser() -> Iterator[Browser]:
    """Run Debian's Chromium; skip the test if it or Playwright is missing, or fail it if CI requires both."""
    chromium = program("chromium")
    # If its node cannot be loaded, Playwright only reports a lost connection.
    version = [sys.executable, "-m", "playwright", "--version"]
    checked = subprocess.run(version, capture_output=True, text=True, check=False)
    if checked.returncode:
        reason = checked.stderr.strip().rpartition("\n")[2]
        skip_or_fail(f"Playwright does not start ({reason})")
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=chromium, args=OFFLINE_OPTIONS) as browser,
    ):
        yield browser
