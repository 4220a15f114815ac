"""Reports, duties, complaints, reviews and kept searches in a real browser: with scripts, without, by keyboard."""

import re

import pytest
from playwright.sync_api import Page, expect

from integration.domain.instants import SECOND
from tests.console.browsing import faults_of, load_until, press
from tests.console.site import HOSTILE
from tests.console.test_browser import SCRIPTS
from tests.console.test_browser import chromium as chromium  # noqa: PLC0414  a fixture, used below
from tests.console.test_browser import served as served  # noqa: PLC0414  a fixture, used below
from tests.console.test_browser import visit as visit  # noqa: PLC0414  a fixture, used below

MOSTLY_SCRIPTS = pytest.mark.parametrize(
    "scripts", [True, pytest.param(False, marks=pytest.mark.by_hand)], ids=["scripts", "no scripts"]
)
"""Of pages whose forms are as those of others that the suite tries both ways."""


def expect_made(page: Page, *, scripts: bool, words: str | re.Pattern[str] = "Made.") -> None:
    """Wait on the page of a job until it is done."""
    page.wait_for_url(re.compile("/reports/jobs/"))
    status = page.get_by_role("status")
    if not scripts:
        load_until(page, status)
    expect(status).to_have_text(words)


def make_report(page: Page, *, scripts: bool, kind: str = "gate") -> None:
    page.goto("/reports")
    page.get_by_label("Kind").select_option(kind)
    page.get_by_label("Facility").select_option("/jms/here")
    page.get_by_label("First day").fill("2026-01-01")
    page.get_by_label("Last day").fill("2026-12-31")
    page.get_by_label("PDF").uncheck()
    press(page.get_by_role("button", name="Make it"))
    expect_made(page, scripts=scripts)


@SCRIPTS
def test_compliance_makes_takes_and_compares_a_report_when_a_period_is_over(visit, scripts):
    page = visit("compliance", scripts=scripts)
    make_report(page, scripts=scripts)
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    assert download.value.suggested_filename == "gate_jms-here_2026-01-01_2026-12-31.csv"
    press(page.get_by_role("link", name="All reports"))
    press(page.get_by_role("button", name="Make again").first)
    expect_made(page, scripts=scripts, words=re.compile("byte for byte"))


@MOSTLY_SCRIPTS
def test_compliance_lays_the_paper_log_beside_the_log_when_it_is_chosen(visit, scripts):
    page = visit("compliance", scripts=scripts)
    page.goto("/reports")
    press(page.get_by_role("link", name="Lay other lists beside the log"))
    page.get_by_label("Facility").first.select_option("/jms/here")
    page.get_by_label("First day").fill("2026-03-01")
    page.get_by_label("Last day").fill("2026-03-31")
    press(page.get_by_role("button", name="Compare"))
    expect(page.get_by_role("alert")).to_contain_text("What is to be laid beside the log?")
    content = b"Received,Form,Booking\n2026-03-02,I-247A,B-1\n"
    page.get_by_label("The paper log").set_input_files({"name": "p.csv", "mimeType": "text/csv", "buffer": content})
    page.get_by_label("PDF").uncheck()
    press(page.get_by_role("button", name="Compare"))
    expect_made(page, scripts=scripts)


@SCRIPTS
def test_compliance_signs_the_review_when_it_is_due(visit, served, scripts):
    served.clock.at += 60 * SECOND
    page = visit("compliance", scripts=scripts)
    press(page.get_by_role("link", name="Duties"))
    press(page.get_by_role("link", name="Review", exact=True))
    page.get_by_label("Looked at: log-ins").check()
    page.get_by_label("Result").select_option("followed_up")
    page.get_by_label("Number of the case").fill("IR-2026-04")
    press(page.get_by_role("button", name="Sign for it"))
    expect(page.get_by_role("cell", name="followed up: IR-2026-04").first).to_be_visible()
    served.clock.at += SECOND


@SCRIPTS
def test_complaint_goes_from_the_floor_to_its_end_when_somebody_files_it(visit, scripts):
    page = visit("supervisor", scripts=scripts)
    press(page.get_by_role("link", name="Complaints"))
    page.get_by_label("What it is about").select_option("conduct")
    page.get_by_label("What was said").fill(HOSTILE)
    number = f"K-{1 if scripts else 2}"
    page.get_by_label("Number, if the feed gave it one").fill(number)
    press(page.get_by_role("button", name="File it"))
    expect(page.get_by_role("cell", name=number, exact=True)).to_be_visible()
    officer = visit("compliance", scripts=scripts)
    officer.goto("/complaints")
    press(officer.get_by_role("button", name=f"Read {number}"))
    expect(officer.get_by_role("region", name="What was said")).to_contain_text("<script>alert(1)</script>")
    expect(officer.locator("main script, main img")).to_have_count(0)
    officer.get_by_label("Outcome").select_option("substantiated")
    press(officer.get_by_role("button", name="Close it"))
    expect(officer.get_by_role("row", name=number)).to_contain_text("substantiated")


@MOSTLY_SCRIPTS
def test_search_is_kept_and_used_when_somebody_names_it(visit, scripts):
    name = f"overdue {'a' if scripts else 'b'}"
    page = visit("compliance", scripts=scripts)
    page.goto("/audit?rule=overdue_detainer_hold")
    page.get_by_label("Keep this search as").fill(name)
    page.get_by_label("for others to use, too").check()
    press(page.get_by_role("button", name="Keep"))
    other = visit("auditor", scripts=scripts)
    other.goto("/audit")
    press(other.get_by_role("link", name=name))
    assert "rule=overdue_detainer_hold" in other.url
    expect(page.get_by_role("link", name=name)).to_be_visible()
    press(page.get_by_role("button", name=f"Forget {name}"))
    expect(page.get_by_role("heading", name="Audit log")).to_be_visible()
    expect(page.get_by_role("link", name=name)).to_have_count(0)


@MOSTLY_SCRIPTS
def test_policy_is_asked_when_counsel_wants_to_know(visit, scripts):
    page = visit("supervisor", scripts=scripts)
    page.goto("/policy/lansing-eo-2017-01")
    press(page.get_by_role("link", name="What does it decide"))
    page.get_by_label("Action").select_option("GrantAccess")
    press(page.get_by_role("button", name="Choose"))
    expect(page.get_by_role("status")).to_contain_text("deny")
    page.get_by_label("judicial warrant").select_option("yes")
    press(page.get_by_role("button", name="Ask", exact=True))
    expect(page.get_by_role("status")).to_contain_text("permit")


def test_pages_that_hold_something_are_accessible_and_narrow_when_they_are_checked(visit, served):
    page = visit("compliance")
    make_report(page, scripts=True, kind="council")
    faults = faults_of(page, "report")
    page.goto("/complaints")
    page.get_by_label("What it is about").select_option("notice")
    page.get_by_label("What was said").fill("x" * 300)
    page.get_by_label("Entries of the log").fill("3, 5")
    press(page.get_by_role("button", name="File it"))
    faults += faults_of(page, "complaints")
    press(page.get_by_role("button", name=re.compile("^Read C-")).first)
    faults += faults_of(page, "complaint")
    page.goto("/audit?rule=overdue_detainer_hold")
    page.get_by_label("Keep this search as").fill("w" * 80)
    press(page.get_by_role("button", name="Keep"))
    for path in ("/audit", "/reports", "/reports/reconcile", "/duties", "/audit/review"):
        page.goto(path)
        faults += faults_of(page, path)
    page.goto("/audit/review")
    page.get_by_label("Result").select_option("nothing_unusual")
    press(page.get_by_role("button", name="Sign for it"))
    expect(page.get_by_role("alert")).to_contain_text("Say what was looked at")
    faults += faults_of(page, "refused review")
    assert faults == []


def test_report_is_made_when_there_is_only_a_keyboard(visit):
    page = visit("compliance")
    page.goto("/reports")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.value") == "pdf":
            page.keyboard.press("Space")
        if page.evaluate("document.activeElement.textContent") == "Make it":
            break
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    expect_made(page, scripts=True)
