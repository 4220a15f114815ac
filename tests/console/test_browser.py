"""The console in a real browser: each role's main task, with scripts and without; readable, reachable, printable."""

import asyncio
import re
import threading
from pathlib import Path

import orjson
import pyotp
import pytest
from playwright.sync_api import Page, expect, sync_playwright

from integration.bootstrap import open_desk
from integration.console.parts import open_parts
from integration.console.serving import Serving
from integration.domain.instants import SECOND
from integration.runners.alerting.parts import parts_of
from integration.services.intake import Input, Intake
from tests.console.browsing import faults_of, fill_in_log_in, launched, load_until, page_of, press
from tests.console.site import HOSTILE, NOW, PASSWORD, QUICK, Clock, event, fill
from tests.console.test_deciding import EXTRA, file
from tests.ports import free_port

BOOKING = "/booking?source=%2Fjms%2Fhere&number=B-1"
PAGES = {
    "compliance": [
        "/board", "/account", BOOKING, "/audit", "/audit?kind=message.decided", "/audit/entry/6", "/policy",
        "/policy/lansing-eo-2017-01?other=ma-welcoming-community", "/deadletters", "/health", "/papers", "/wall",
        "/again", "/nowhere", "/reports", "/duties", "/complaints", "/audit/review",
        "/policy/lansing-eo-2017-01/decide",
    ],
    "approver": ["/quarantine", "message"],
    "administrator": ["/users", "/users/nobody", "/deadletters?show=all"],
}  # fmt: skip


class Served:
    """The console on a port of its own, with a clock that stands still between log-ins."""

    def __init__(self, root: Path, *, hostile: bool = True) -> None:
        self.filled = fill(root, hostile=hostile)
        self.clock = Clock()
        port = free_port()  # it has to be known before the address is
        self.url = f"http://127.0.0.1:{port}"
        settings = self.filled.settings(url=self.url, extra=EXTRA)
        settings = settings.model_copy(update={"console": settings.console.model_copy(update={"port": port})})
        self.settings = settings
        self.parts = open_parts(settings, now=self.clock.now, hasher=QUICK)
        self.serving = Serving(self.parts)
        ready = threading.Event()
        self.thread = threading.Thread(target=lambda: asyncio.run(self.serving.run(ready.set)))
        self.thread.start()
        assert ready.wait(60)

    def close(self) -> None:
        self.serving.stop()
        self.thread.join()
        self.parts.close()

    def code(self, name: str) -> str:
        self.clock.at += 30 * SECOND
        return pyotp.TOTP(self.filled.secrets[name]).at(self.clock.at // SECOND)


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    served = Served(tmp_path_factory.mktemp("served"))
    yield served
    served.close()


@pytest.fixture(scope="module")
def chromium():
    with sync_playwright() as playwright:
        browser = launched(playwright)
        yield browser
        browser.close()


@pytest.fixture
def visit(served, chromium):
    """Log somebody in; what the page's scripts complain of is an error."""
    contexts, said = [], []

    def opening(name: str, *, scripts: bool = True, width: int = 1280, height: int = 900) -> Page:
        page = page_of(chromium, served.url, scripts=scripts, width=width, height=height)
        contexts.append(page.context)
        page.on("console", lambda message: said.append(message.text) if message.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("dialog", lambda dialog: said.append(f"dialog {dialog.message}"))
        fill_in_log_in(page, name, served.code(name))
        return page

    yield opening
    for context in contexts:
        context.close()
    assert [text for text in said if "status of 40" not in text] == []


def prove(page: Page, served: Served, name: str) -> None:
    press(page.get_by_role("link", name="Show again who you are"))
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("One-time code").fill(served.code(name))
    press(page.get_by_role("button", name="Go on"))


SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])


@SCRIPTS
def test_supervisor_sees_who_is_held_and_why_when_he_logs_in(visit, scripts):
    page = visit("supervisor", scripts=scripts)
    expect(page.get_by_role("heading", name="Held past release time")).to_be_visible()
    press(page.get_by_role("link", name="Booking B-1"))
    expect(page.get_by_role("img", name="Custody of booking B-1")).to_be_visible()
    expect(page.get_by_role("cell", name="nothing allows to keep the person")).to_be_visible()
    press(page.get_by_role("button", name="Log out"))
    assert page.url.endswith("/login")


@SCRIPTS
def test_compliance_finds_explains_and_verifies_when_he_searches(visit, served, scripts):
    page = visit("compliance", scripts=scripts)
    press(page.get_by_role("link", name="Audit", exact=True))
    page.get_by_label("Kind").select_option("message.decided")
    press(page.get_by_role("button", name="Search"))
    press(page.locator("table a").first)
    expect(page.get_by_role("heading", name="Why")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Inclusion proof").click()
    assert download.value.suggested_filename == "entry-6.tlog-proof"
    served.parts.log_end.publish()
    page.goto("/audit")
    press(page.get_by_role("button", name="Verify now"))
    load_until(page, page.get_by_role("region", name="Verification").get_by_text("nothing is wrong"))
    with page.expect_download() as download:
        page.get_by_role("button", name="Export", exact=True).click()
    assert download.value.suggested_filename.endswith(".csv")


@SCRIPTS
def test_auditor_reads_and_changes_nothing_when_he_looks(visit, scripts):
    page = visit("auditor", scripts=scripts)
    press(page.get_by_role("link", name="Audit", exact=True))
    page.get_by_label("Words").fill("overdue_detainer_hold")
    press(page.get_by_role("button", name="Search"))
    expect(page.locator("table a").first).to_be_visible()
    pages = page.get_by_role("navigation", name="Pages")
    expect(pages.get_by_role("link", name="Audit", exact=True)).to_be_visible()
    expect(pages.get_by_role("link", name="Dead letters")).to_have_count(0)
    expect(pages.get_by_role("link", name="Users")).to_have_count(0)


@SCRIPTS
def test_administrator_adds_and_closes_an_account_when_somebody_comes_and_goes(visit, served, scripts):
    name = f"newcomer-{'a' if scripts else 'b'}"
    page = visit("administrator", scripts=scripts)
    assert page.url.endswith("/users")
    served.clock.at += 11 * 60 * SECOND
    page.goto("/users")
    prove(page, served, "administrator")
    page.get_by_label("Name").fill(name)
    page.get_by_label("supervisor at every facility").check()
    press(page.get_by_role("button", name="Add"))
    expect(page.get_by_role("heading", name=f"Added {name}")).to_be_visible()
    press(page.get_by_role("link", name="Back"))
    press(page.get_by_role("link", name=name))
    press(page.get_by_role("button", name="Close the account"))
    expect(page.get_by_text("closed")).to_be_visible()


@SCRIPTS
def test_approver_reads_and_releases_a_message_when_the_policy_accepts_it(visit, served, scripts):
    message = file(served)
    page = visit("approver", scripts=scripts)
    press(page.get_by_role("link", name="Quarantine"))
    press(page.get_by_role("button", name=f"Read and decide {message}"))
    expect(page.get_by_role("region", name="Part 1")).to_contain_text("Juan Perez")
    page.get_by_label("Legal basis").select_option("court_order")
    page.get_by_label("Number of the warrant or order, or the statute").fill("26-1234-FH")
    page.get_by_label("About booking").fill("B-1")
    press(page.get_by_role("button", name="Approve"))
    expect(page.get_by_role("status")).to_contain_text("will be sent")
    expect(page.get_by_role("button", name=f"Read and decide {message}")).to_have_count(0)


@SCRIPTS
def test_supervisor_takes_an_alert_on_with_one_click_when_he_sees_it(visit, served, scripts):
    alerting = parts_of(served.settings, served.clock.now)
    for _ in range(40):
        alerting.alerting.turn(served.clock.at)
        served.clock.at += SECOND
    alerting.close()
    page = visit("supervisor", scripts=scripts)
    press(page.get_by_role("button", name="Acknowledge").first)
    expect(page.get_by_text("taken on by officer:supervisor").first).to_be_visible()


@SCRIPTS
def test_wall_shows_the_board_when_nobody_is_there(visit, served, scripts):
    page = visit("wall", scripts=scripts)
    assert page.url.endswith("/wall")
    expect(page.get_by_role("link", name="Booking B-1")).to_be_visible()
    served.clock.at += 45 * 60 * SECOND
    page.goto("/wall?auto=1")
    assert page.url.endswith("/wall?auto=1")
    served.clock.at -= 44 * 60 * SECOND


@pytest.mark.timeout(900)
def test_every_page_is_accessible_and_narrow_when_it_is_checked(visit, served):
    faults = []
    message = file(served)
    for name, paths in PAGES.items():
        page = visit(name)
        for path in ["/login", *paths]:
            page.goto("/quarantine" if path == "message" else path)
            if path == "message":
                press(page.get_by_role("button", name=f"Read and decide {message}"))
                page.get_by_text("As received").click()
            faults += faults_of(page, path)
    assert faults == []


def test_everything_is_reached_when_there_is_only_a_keyboard(visit, served):
    page = visit("supervisor")
    page.goto("/board")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to content")
    page.keyboard.press("Enter")
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "Booking B-1":
            break
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/booking"))


def test_markup_stays_text_when_the_browser_sees_it(visit):
    page = visit("compliance")
    for path in ("/board", f"/audit?booking={HOSTILE}", "/deadletters"):
        page.goto(path)
        expect(page.locator("main h1")).to_be_visible()
        expect(page.locator("main img, main script")).to_have_count(0)
    press(page.get_by_role("button", name="Read 1"))
    expect(page.locator("pre")).to_contain_text("<script>alert(1)</script>")
    page.goto("/board")
    press(page.get_by_role("link", name="<script>"))
    expect(page.locator("h1")).to_contain_text("alert(1)")


def test_controls_are_left_out_when_a_page_is_printed(visit):
    page = visit("compliance")
    page.goto(BOOKING)
    controls = (page.locator("nav"), page.get_by_role("button", name="Log out"))
    for each in controls:
        expect(each).to_be_visible()
    page.emulate_media(media="print")
    for each in controls:
        expect(each).to_be_hidden()
    expect(page.get_by_role("img", name="Custody of booking B-1")).to_be_visible()
    page.goto("/audit/review")
    expect(page.get_by_text("findings, and who took them on", exact=True).first).to_be_visible()
    page.goto("/policy/lansing-eo-2017-01/decide")
    expect(page.get_by_label("has status")).to_be_visible()  # a decision without its circumstances says nothing


PASSED = """() => {
    const still = document.querySelector('.stale');
    still.getAnimations().forEach(each => each.finish());
    return still.checkVisibility({visibilityProperty: true}) && still.getBoundingClientRect().height > 10;
}"""


def test_board_changes_by_itself_when_somebody_is_released(visit, served):
    page = visit("supervisor")
    page.goto("/board")
    link = page.get_by_role("link", name="Booking B-1")
    expect(link).to_be_visible()
    # Where nothing arrived for more than a minute the page says so by itself; here that minute is let pass at once.
    still = page.get_by_text("Nothing has come from the console since")
    expect(still).to_be_hidden()
    # In one go with looking: a board that arrives in between begins the minute anew.
    page.wait_for_function(PASSED)
    link.focus()
    with served.parts.fresh_installation() as installation:
        desk = open_desk(installation.store, installation.pack_for, place="test-jail", earlier=installation.packs)
        done = event(90, "release.completed", "14:29", {})
        Intake(desk).take([Input("/drop/x:1", orjson.dumps(done))], lambda _event: NOW, pass_time=lambda _now: None)
    expect(link).to_have_count(0)
    expect(page.get_by_role("link", name="Booking T-1")).to_be_visible()
    expect(still).to_be_hidden()
