"""What a page tells its reader is true for him: whose it is, by which clock, until when, and nothing of others."""

import re
from html import unescape

import pytest

from integration.console.access import Role
from integration.console.render import neutral_cell, whole
from integration.domain.instants import HOUR, MINUTE
from integration.store.accounts import Grant
from tests.console import site
from tests.console.site import HERE, HOSTILE, THERE, Console, event, fill
from tests.console.test_registers import take

CANARY = "Quillfeather"


async def test_log_does_not_tell_what_was_typed_when_it_is_no_value_that_there_is(console):
    visitor = await console.visitor("compliance")
    for name in FILTERS_IN_ORDER:
        await visitor.get("/audit", params={name: CANARY, "booking": "B-1"})
        await visitor.post("/audit/searches", **{name: CANARY, "booking": "B-1"}, name=CANARY)
        for entry in (console.entries("audit.read")[-1], console.entries("search.saved")[-1]):
            assert CANARY not in str(entry)
            assert entry["detail"]["filters"] == [each for each in FILTERS_IN_ORDER if each in {name, "booking"}]


FILTERS_IN_ORDER = ("actor", "kind", "rule", "booking", "source", "outcome", "provision", "text")


async def test_log_tells_the_values_of_closed_filters_when_there_are_such(console):
    visitor = await console.visitor("compliance")
    asked = {"source": HERE, "provision": "L5", "kind": "finding.raised", "rule": "overdue_release"}
    await visitor.get("/audit", params=asked)
    assert console.entries("audit.read")[-1]["detail"]["asked"] == asked


async def test_shared_search_is_shown_only_to_those_who_see_what_its_keeper_saw(console):
    for name, source in (("here", HERE), ("there", THERE)):
        grants = [Grant(Role.COMPLIANCE, source)]
        console.secrets[name] = console.parts.people.add(name, site.PASSWORD, grants, by="test")
    kept = [
        ("compliance", "Q-all", {"booking": "B-1"}, False),  # whoever kept it saw everything: so may its words
        ("compliance", "Q-here", {"booking": "B-1", "source": HERE}, False),
        ("compliance", "Q-there", {"booking": "T-1", "source": THERE}, True),  # said to be about his facility
        ("here", "Q-of-here", {"booking": "B-1"}, False),
        ("there", "Q-of-there", {"booking": "T-1"}, True),
    ]
    for keeper, name, filters, _ in kept:
        visitor = await console.visitor(keeper)
        assert (await visitor.post("/audit/searches", name=name, shared="yes", **filters)).status_code == 303
    for looks, sees_all in (("local", False), ("auditor", True)):
        page = (await (await console.visitor(looks)).get("/audit")).text
        assert {name for _, name, _, _ in kept if f">{name}<" in page} == {
            name for _, name, _, seen in kept if seen or sees_all
        }


async def test_policies_do_not_name_other_facilities_when_a_role_is_local(console):
    page = (await (await console.visitor("local")).get("/policy")).text
    assert THERE in page
    assert HERE not in page


async def test_time_of_a_complaint_is_by_the_facilitys_clock_when_there_are_two_zones(tmp_path, monkeypatch):
    head, _, tail = site.SETTINGS.rpartition("America/Detroit")
    monkeypatch.setattr(site, "SETTINGS", f"{head}America/Chicago{tail}")
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    console = Console(fill(tmp_path / "a"), tmp_path / "b")
    visitor = await console.visitor("compliance")
    filed = {"kind": "detention", "summary": "x", "received": "2026-03-02T11:15"}
    assert (await visitor.post("/complaints", source=THERE, **filed)).status_code == 303
    page = (await visitor.get("/complaints")).text
    assert "2026-03-02 11:15:00 -06:00" in page
    assert "From (UTC)" in (await visitor.get("/audit")).text, "of several clocks none is taken for granted"
    await console.close()


async def test_page_tells_when_the_session_ends_when_it_loads_itself(console):
    visitor = await console.visitor("supervisor")
    ends = "You are logged out at 2026-03-02 15:00:00 -05:00 unless"
    assert ends in (await visitor.get("/board")).text
    console.clock.at += 20 * MINUTE
    assert ends in (await visitor.get("/board?auto=1")).text, "nobody was there"
    assert ends not in (await visitor.get("/board")).text
    # Near the twelve hours no page that is loaded makes it longer.
    for _ in range(27):
        console.clock.at += 25 * MINUTE
        page = (await visitor.get("/board")).text
    assert "You are logged out at 2026-03-03 02:30:00 -05:00</p>" in page
    console.clock.at += HOUR
    assert (await visitor.get("/board")).status_code == 303


async def test_page_that_turns_somebody_away_leads_on_when_he_is_logged_in(console):
    page = await (await console.visitor("supervisor")).get("/users")
    assert page.status_code == 403
    assert '<a href="/board"' in page.text
    assert "Log out" in page.text
    nowhere = await console.client().get("/nowhere/")
    assert nowhere.status_code == 404
    assert '<a class="button" href="/">First page</a>' in nowhere.text
    assert (await console.client().get("/board/")).status_code == 404, "no redirect, which would name another scheme"


async def test_entries_of_a_booking_are_its_own_when_another_facility_has_the_number(console):
    for number in range(120):
        console.parts.pen.record("audit.read", "read", "officer:x", {"page": str(number)}, source=THERE, booking="B-1")
    page = (await (await console.visitor("supervisor")).get("/booking", params={"source": HERE, "number": "B-1"})).text
    assert page.count("event.accepted") == 5


async def test_entries_of_both_numbers_are_there_when_a_booking_was_moved(console):
    take(console, event(300, "booking.moved", "12:30", {"into": "B-8"}))
    page = (await (await console.visitor("supervisor")).get("/booking", params={"source": HERE, "number": "B-8"})).text
    assert "also known as B-1" in page
    assert page.count("event.accepted") >= 5


async def test_board_says_so_when_there_are_more_releases_than_it_looks_at(console, monkeypatch):
    visitor = await console.visitor("supervisor")
    assert "There may be more" not in (await visitor.get("/board")).text
    monkeypatch.setattr("integration.console.boarding._LOOKED_AT", 1)
    assert "There may be more" in (await visitor.get("/board")).text


async def test_board_has_words_that_come_up_by_themselves_when_nothing_arrives(console):
    page = (await (await console.visitor("supervisor")).get("/board")).text
    assert 'class="wrong stale"' in page
    sheet = (await console.client().get("/static/console.css")).text
    assert "@keyframes stale" in sheet
    assert "visibility: hidden; animation: stale 1ms 75s forwards" in sheet


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("\uff1d1+1", "'\uff1d1+1"),
        ("\u202e=1", "⟨U+202E⟩=1"),
        ("\u200b=1", "⟨U+200B⟩=1"),
        ("a\nb", "a\nb"),
        ("\x1b[31m", "⟨U+001B⟩[31m"),
        ("José", "José"),
    ],
)
def test_cell_is_what_it_looks_like_when_its_text_is_hostile(text, cell):
    assert neutral_cell(text) == cell
    assert "\u202e" not in neutral_cell(HOSTILE)


TYPED = {"kind": "detention", "summary": "Kept past four o'clock.\nTwice.", "against": "=A & B", "received": ""}


async def test_complaint_is_filed_once_when_its_form_is_sent_twice(console):
    visitor = await console.visitor("compliance")
    page = (await visitor.get("/complaints")).text
    once = re.search(r'name="once" value="([^"]+)"', page)[1]
    first, second = [await visitor.post("/complaints", source=HERE, once=once, **TYPED) for _ in range(2)]
    assert (first.status_code, second.status_code) == (303, 409)
    assert f"This form was filed already, as {once}" in second.text
    assert len(console.entries("complaint.filed")) == 1
    assert once not in second.text[second.text.index("File a complaint") :], "another one can be filed"


async def test_nothing_typed_is_lost_when_a_complaint_cannot_be_filed(console):
    visitor = await console.visitor("compliance")
    answer = await visitor.post("/complaints", source=THERE, booking="B-\u202e404", **TYPED)
    assert answer.status_code == 400
    assert "There is no such booking at this facility." in answer.text
    form = answer.text[answer.text.index("File a complaint") :]
    assert "Kept past four o&#39;clock.\nTwice.</textarea>" in form.replace("&#10;", "\n")
    assert 'value="=A &amp; B"' in form
    assert 'value="B-&#8238;404"' in form, "as it was typed, and no character hides in the page's source"
    assert f"<option selected>{THERE}</option>" in form


async def test_export_has_what_was_found_when_a_number_has_hidden_characters(console):
    visitor = await console.visitor("compliance")
    page = (await visitor.get("/audit", params={"booking": HOSTILE})).text
    form = page[page.index('action="/audit/export"') :]
    sent = unescape(re.search(r'name="booking" value="([^"]*)"', form)[1])
    assert sent == HOSTILE
    found = await visitor.post("/audit/export", format="csv", booking=sent)
    assert len(found.text.splitlines()) > 2


async def test_comparison_reads_as_words_when_parameters_differ(console):
    visitor = await console.visitor("auditor")
    page = (await visitor.get("/policy/lansing-eo-2017-01", params={"other": "il-trust-act"})).text
    assert "public record, serious crime investigation" in page
    assert "LegalBasis" not in page
    assert "(&#39;" not in page
    same = (await visitor.get("/policy/lansing-eo-2017-01", params={"other": "lansing-eo-2017-01"})).text
    assert same[same.index("that differ") : same.index("Provisions that differ")].count("None.") == 1


def test_line_ends_of_mail_are_no_hidden_characters_when_it_is_read():
    assert whole("one\r\ntwo\rthree") == "one\ntwo⟨U+000D⟩three"


async def test_roles_stay_ticked_when_an_account_cannot_be_added(console):
    visitor = await console.visitor("administrator")
    answer = await visitor.post("/users", name="Not A Name", grant=[f"supervisor@{THERE}", "auditor@*"])
    assert answer.status_code == 400
    form = answer.text[answer.text.index("Add somebody") :]
    ticked = re.findall(r'value="([^"]+)" aria-label="[^"]+" checked', form)
    assert ticked == [f"supervisor@{THERE}", "auditor@*"]
    assert 'value="Not A Name"' in form


async def test_no_length_is_told_of_what_was_not_so_when_a_finding_is_withdrawn(console):
    page = (await (await console.visitor("auditor")).get("/booking", params={"source": HERE, "number": "B-1"})).text
    row = next(each for each in page.split("<tr>") if "withdrawn, violation" in each)
    assert "not so after all" in row
    assert not re.search(r"\d (h|min)", row)
    assert "2 h 3" in page, "as it is of what is so"
