"""Draws the console for the manual: ``python -m tests.console.pictures docs/img``."""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from tests.console.browsing import fill_in_log_in, launched, page_of, press
from tests.console.test_browser import BOOKING, Served

SHOTS = {
    "board": "/board",
    "booking": BOOKING,
    "audit": "/audit?rule=overdue_detainer_hold",
    "entry": "/audit/entry/6",
    "review": "/audit/review",
    "duties": "/duties",
    "complaints": "/complaints",
    "policy": "/policy/lansing-eo-2017-01?other=ma-welcoming-community",
    "decide": "/policy/lansing-eo-2017-01/decide",
    "deadletters": "/deadletters",
    "reports": "/reports",
}


def act(page: Page) -> None:
    """Leave something on the pages that are empty at first: a complaint, and a report."""
    page.goto("/complaints")
    page.get_by_label("What it is about").select_option("detention")
    page.get_by_label("What was said").fill("Somebody was kept past four o'clock.")
    page.get_by_label("Booking it is about").fill("B-1")
    page.get_by_label("Number, if the feed gave it one").fill("C-2026-07")
    press(page.get_by_role("button", name="File it"))
    page.goto("/reports")
    press(page.get_by_role("button", name="Make it"))
    expect(page.get_by_role("status")).to_have_text("Made.")


def main(folder: Path) -> None:
    """Take a picture of each page, as the compliance officer of the tests' jail sees it."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        served = Served(Path(scratch), hostile=False)
        browser = launched(playwright)
        try:
            page = page_of(browser, served.url, width=1100, height=700)
            fill_in_log_in(page, "compliance", served.code("compliance"))
            act(page)
            for name, path in SHOTS.items():
                page.goto(path)
                page.screenshot(path=folder / f"{name}.png", clip={"x": 0, "y": 0, "width": 1100, "height": 700})
        finally:
            browser.close()
            served.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
