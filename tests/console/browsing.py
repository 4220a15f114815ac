"""A real browser for the console's tests: it waits for each page it goes to, and holds a page to what all pages owe."""

import shutil
import time
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, Playwright, expect

from tests.console.site import PASSWORD

LONG = 120.0
"""Seconds that a page may take on a machine that has much else to do."""
expect.set_options(timeout=LONG * 1000)

_AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
_WIDTHS = (320, 640)
_PAPER = 720
"""Pixels of letter paper, upright: what does not fit is cut off there, and nobody scrolls."""
_CUT = """
[...document.querySelectorAll("main pre")].filter(e => e.scrollHeight > e.clientHeight + 2).map(e => e.ariaLabel)
"""


def launched(playwright: Playwright) -> Browser:
    """Start Debian's Chromium."""
    path = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    assert path, "these tests need Chromium: apt-get install chromium-headless-shell"
    return playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])


def page_of(browser: Browser, url: str, *, scripts: bool = True, width: int = 1280, height: int = 900) -> Page:
    """Open a window of its own, with no cookies yet and patience for a busy machine."""
    context = browser.new_context(
        base_url=url, java_script_enabled=scripts, viewport={"width": width, "height": height}
    )
    context.set_default_timeout(LONG * 1000)
    return context.new_page()


def press(control: Locator) -> None:
    """Press what leads to another page, and wait until that page is loaded.

    A click alone is over as soon as it is made: what is looked at next may be the old page, the new one, or neither.
    """
    with control.page.expect_navigation():
        control.click()


def fill_in_log_in(page: Page, name: str, code: str) -> None:
    """Log somebody in who has a password here."""
    page.goto("/login")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("One-time code").fill(code)
    page.get_by_label("I have read this and agree").check()
    press(page.get_by_role("button", name="Log in"))
    assert "/login" not in page.url, page.content()


def load_until(page: Page, wanted: Locator) -> None:
    """Load a page that does not change by itself again and again, until it shows something."""
    over = time.monotonic() + LONG
    while wanted.count() == 0:
        assert time.monotonic() < over, page.content()
        page.wait_for_timeout(100)
        page.reload()
    expect(wanted).to_be_visible()


def faults_of(page: Page, name: str) -> list[str]:
    """Return what axe-core finds on a loaded page, and what is too wide for a telephone or cut off on paper."""
    page.set_viewport_size({"width": 1280, "height": 900})
    page.evaluate(_AXE)
    result = page.evaluate("tags => axe.run({runOnly: {type: 'tag', values: tags}})", _TAGS)
    assert result["passes"], "there was nothing to look at"
    faults = [f"{name}: {each['id']} {each['nodes'][0]['html'][:120]}" for each in result["violations"]]
    for width in _WIDTHS:
        page.set_viewport_size({"width": width, "height": 640})
        if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
            faults.append(f"{name}: {wide} pixels at {width}")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": _PAPER, "height": 900})
    if (wide := page.evaluate("document.documentElement.scrollWidth")) > _PAPER:
        faults.append(f"{name}: {wide} pixels of a printed page of {_PAPER}")
    if (cut := page.evaluate(_CUT)) != []:
        faults.append(f"{name}: printed in part: {cut}")
    page.emulate_media(media="screen")
    page.set_viewport_size({"width": 1280, "height": 900})
    return faults
