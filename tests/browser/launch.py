"""How the browser is started, for the tests and the pictures."""

from playwright.sync_api import Browser, Playwright

from services import program

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


def launch(playwright: Playwright) -> Browser:
    """Debian's Chromium; skips the test where it is missing, or fails it where CI says so."""
    return playwright.chromium.launch(executable_path=program("chromium"), args=QUIET)
