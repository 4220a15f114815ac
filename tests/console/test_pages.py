"""Each page says what is on record, to those who may see it, and to nobody else."""

import pytest

from integration.console.access import Scope
from tests.console.site import HERE, HOSTILE, THERE


async def test_board_shows_the_longest_overdue_first_when_somebody_is_kept(console):
    visitor = await console.visitor("supervisor")
    page = await visitor.get("/board")
    assert page.status_code == 200
    assert "Held past release time" in page.text
    text = page.text
    assert text.index("Booking B-1") < text.index("Other open findings")
    assert "2 h 3" in text
    assert "B-2" in text[text.index("Releases within") : text.index("Other open findings")]


async def test_board_shows_nothing_of_other_facilities_when_a_role_is_local(console):
    visitor = await console.visitor("local")
    page = await visitor.get("/board")
    assert "T-1" in page.text
    assert "B-1" not in page.text
    assert (await visitor.get("/booking", params={"source": HERE, "number": "B-1"})).status_code == 404
    assert (await visitor.get("/booking", params={"source": THERE, "number": "T-1"})).status_code == 200
    found = await visitor.get("/audit")
    assert "T-1" in found.text
    assert "B-1" not in found.text


async def test_booking_is_drawn_and_told_as_a_table_when_it_is_opened(console):
    visitor = await console.visitor("compliance")
    page = await visitor.get("/booking", params={"source": HERE, "number": "B-1"})
    assert page.status_code == 200
    for words in ("<svg", "without authority", "I-247A detainer", "release time 2026-03-02 12:00:00", "block", "<desc"):
        assert words in page.text
    assert console.entries("audit.read")[-1]["detail"] == {"page": "booking"}


@pytest.mark.parametrize("path", ["/board", "/wall", "/audit", "/policy", "/policy/lansing-eo-2017-01", "/health"])
async def test_page_is_served_when_the_auditor_opens_it(console, path):
    visitor = await console.visitor("auditor")
    page = await visitor.get(path)
    assert page.status_code == 200, page.text
    assert "<h1" in page.text


async def test_markup_stays_text_when_a_booking_number_is_hostile(console):
    visitor = await console.visitor("compliance")
    pages = [
        await visitor.get("/board"),
        await visitor.get("/booking", params={"source": HERE, "number": HOSTILE}),
        await visitor.get("/audit", params={"booking": HOSTILE}),
        await visitor.post("/deadletters/1/show"),
    ]
    for page in pages:
        assert page.status_code == 200, page.text
        assert "<script>alert" not in page.text
        assert "<img" not in page.text
        assert "\u202e" not in page.text
        assert "&lt;script&gt;" in page.text
        assert "⟨U+202E⟩" in page.text


async def test_entry_of_another_facility_is_not_there_when_a_role_is_local(console):
    visitor, client = await console.visitor("local"), console.client()
    key = console.parts.people.make_token("local", list(Scope), 1, by="test")
    mine = next(row for row in console.parts.records.entries() if row.source == THERE).leaf_index
    other = next(row for row in console.parts.records.entries() if row.source == HERE).leaf_index
    about_nobody = next(row for row in console.parts.records.entries() if row.kind == "account.created").leaf_index
    for index, status in ((mine, 200), (other, 404), (about_nobody, 404)):
        for end in ("", "/proof", "/opened"):
            assert (await visitor.get(f"/audit/entry/{index}{end}")).status_code == status
        for end in ("", "/proof"):
            answer = await client.get(f"/api/v1/entries/{index}{end}", headers={"authorization": f"Bearer {key}"})
            assert answer.status_code == status
    told = await client.get("/api/v1/entries", headers={"authorization": f"Bearer {key}"})
    assert {each["entry"]["source"] for each in told.json()["entries"]} == {THERE}
    exported = await visitor.post("/audit/export", format="jsonl")
    assert "B-1" not in exported.text
    assert "T-1" in exported.text
