"""How the browser is started, for the tests and the pictures."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

from tests.support.services import lacking, program

NAMES = "MAP exporter.home 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"
"""No name but these leads anywhere."""
UNWANTED = (
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
"""Features to go without. Most are of playwright's own list, whose place this takes: they ask the network
or meddle with addresses. The last two cost every page one more process, for the address bar."""
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--disable-domain-reliability",
    f"--disable-features={','.join(UNWANTED)}",
    f"--host-resolver-rules={NAMES}",
)
"""Nothing of the browser's own on the network."""


@contextmanager
def launched() -> Iterator[Browser]:
    """Run Debian's Chromium; skip the test if it or Playwright is missing, or fail it if CI requires both."""
    chromium = program("chromium")
    # Where its node cannot be loaded, Playwright itself reports a lost connection and no reason.
    version = [sys.executable, "-m", "playwright", "--version"]
    checked = subprocess.run(version, capture_output=True, text=True, check=False)
    if checked.returncode:
        reason = checked.stderr.strip().rpartition("\n")[2]
        lacking(f"Playwright does not start ({reason})")
    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=chromium, args=QUIET) as browser,
    ):
        yield browser
