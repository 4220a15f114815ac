"""Duties, reviews of the log, complaints and kept searches: what people do about them, and who may not."""

import re

import orjson

from integration.console.access import Scope
from integration.console.duties import WORDS
from integration.domain.instants import DAY, MINUTE
from integration.services.duties import DutyKind
from integration.services.intake import Input
from integration.services.reviews import Looked
from integration.store.console_tables import complaints, saved_searches
from tests.console.site import HERE, HOSTILE, NOW, THERE, event

CANARY = "Quillfeather"


def take(console, *events):
    from integration.bootstrap import open_desk
    from integration.services.intake import Intake

    with console.parts.fresh_installation() as installation:
        desk = open_desk(installation.store, installation.pack_for, place="test-jail", earlier=installation.packs)
        inputs = [Input(f"/drop/more.jsonl:{n}", orjson.dumps(each)) for n, each in enumerate(events, 1)]
        tally = Intake(desk).take(inputs, lambda _event: console.clock.at, pass_time=lambda _now: None)
    assert tally.accepted == len(events), tally
    console.parts.search.catch_up()


def stored(console, table) -> bytes:
    from sqlalchemy import select

    with console.parts.accounts._engine.connect() as connection:
        return repr(connection.execute(select(table)).all()).encode()


def entries_whole(console) -> bytes:
    return b"".join(row.body for row in console.parts.records.entries() if row.body is not None)


# -- duties ---------------------------------------------------------------------------------------------------------


ASKED = event(60, "certification.requested", "09:00", {"certification_id": "U-7", "kind": "u_visa"}, "R-1")


async def test_duty_is_done_with_a_name_when_it_is_a_persons_to_say_so(console):
    take(console, ASKED)
    visitor = await console.visitor("supervisor")
    page = await visitor.get("/duties")
    assert "Decide the certification" in page.text
    assert "Look through the audit log" in page.text
    duty = re.search(r'name="duty" value="(certification:[^"]+)"', page.text)[1]
    assert (await visitor.post("/duties/done", page="/duties", duty=duty)).status_code == 303
    assert "Decide the certification" not in (await visitor.get("/duties")).text
    (entry,) = console.entries("duty.done")
    assert (entry["actor"], entry["source"]) == ("officer:supervisor", HERE)
    assert (await visitor.post("/duties/done", page="/duties", duty=duty)).status_code == 404


async def test_duty_is_not_there_when_it_is_another_facilitys(console):
    take(console, ASKED)
    local = await console.visitor("local")
    assert "certification" not in (await local.get("/duties")).text
    assert (await local.post("/duties/done", duty=f"certification:{HERE}:U-7")).status_code == 404
    auditor = await console.visitor("auditor")
    page = await auditor.get("/duties")
    assert "Decide the certification" in page.text
    assert 'action="/duties/done"' not in page.text


def test_every_kind_of_duty_is_told_in_words():
    assert set(WORDS) == set(DutyKind)


async def test_review_goes_on_from_the_logs_beginning_when_it_was_only_marked_as_done(console):
    console.parts.registers.duties.done("audit_review", "officer:x")
    due = console.parts.registers.reviews.due()
    assert due.since == console.parts.records.entry(0).at, "nobody has signed for anything yet"
    assert due.due_at == console.clock.at + 7 * DAY


# -- reviews --------------------------------------------------------------------------------------------------------


def form_of(page) -> dict[str, str]:
    return {name: re.search(rf'name="{name}" value="(\d+)"', page.text)[1] for name in ("since", "until")}


SIGNED = {"looked": ["logins", "findings"], "result": "nothing_unusual"}


LATE = r'sign for it</td><td[^>]*><span class="tag violation">[^<]* late</span></td>'


async def test_review_is_an_entry_and_comes_back_when_somebody_signs(console):
    visitor = await console.visitor("compliance")
    console.clock.at += 8 * DAY
    visitor = await console.visitor("compliance")
    late = await visitor.get("/duties")
    assert re.search(LATE, late.text)
    assert "overdue since" in (await visitor.get("/audit")).text
    page = await visitor.get("/audit/review")
    assert "overdue" in page.text
    assert re.search(
        r'href="/audit\?kind=finding.raised&amp;outcome=open[^"]*">finding.raised: open</a>: \d', page.text
    )
    form = form_of(page)
    answer = await visitor.post("/audit/review", page="/audit/review", **form, **SIGNED)
    assert answer.status_code == 303, answer.text
    (entry,) = console.entries("audit.reviewed")
    assert (entry["actor"], entry["outcome"]) == ("officer:compliance", "nothing_unusual")
    assert entry["detail"]["looked_at"] == ["logins", "findings"]
    assert entry["detail"]["since"] == "2026-03-02T19:30:00.000000Z"
    assert len(entry["detail"]["root"]) == 64
    page = await visitor.get("/audit/review")
    assert "overdue" not in page.text
    assert "officer:compliance" in page.text
    assert not re.search(LATE, (await visitor.get("/duties")).text)
    assert form_of(page)["since"] == form["until"], "the next one begins where this one ended"


async def test_second_review_is_refused_when_two_sign_for_the_same_time(console):
    first = await console.visitor("compliance")
    form = form_of(await first.get("/audit/review"))
    console.clock.at += MINUTE
    assert (await first.post("/audit/review", page="/audit/review", **form, **SIGNED)).status_code == 303
    again = await first.post("/audit/review", page="/audit/review", **form, **SIGNED)
    assert again.status_code == 400
    assert "Somebody has signed a review meanwhile" in again.text
    assert len(console.entries("audit.reviewed")) == 1


UNSIGNED = [
    ({"looked": []}, "nothing was looked at"),
    ({"looked": ["everything"]}, "that is nothing of the list"),
    ({"result": ""}, "there is no result"),
    ({"result": "followed_up"}, "the case has no number"),
    ({"result": "followed_up", "reference": f"see {CANARY}, Zebulonia; she called"}, "that is no number"),
    ({"result": "followed_up", "reference": CANARY}, "that may be a name: it has no figure"),
    ({"until": str(NOW + 365 * DAY)}, "it ends later than now"),
    ({"until": "0"}, "it ends before it begins"),
    ({"since": "1" * 30}, "that is no time"),
]


async def test_review_is_not_signed_when_something_is_missing(console):
    visitor = await console.visitor("compliance")
    given = form_of(await visitor.get("/audit/review"))
    for more, because in UNSIGNED:
        form = {**given, **SIGNED, **more}
        assert (await visitor.post("/audit/review", page="/audit/review", **form)).status_code == 400, because
    assert not console.entries("audit.reviewed")
    assert CANARY.encode() not in entries_whole(console)


async def test_every_box_can_be_ticked_when_a_case_is_followed_up(console):
    visitor = await console.visitor("compliance")
    form = {**form_of(await visitor.get("/audit/review")), "looked": list(Looked), "result": "followed_up"}
    answer = await visitor.post("/audit/review", page="/audit/review", **form, reference="IR-2026-04")
    assert answer.status_code == 303
    assert console.entries("audit.reviewed")[0]["detail"]["reference"] == "IR-2026-04"
    auditor = await console.visitor("auditor")
    page = (await auditor.get("/audit/review")).text
    assert "IR-2026-04" in page
    assert "Sign for it" not in page


# -- complaints -----------------------------------------------------------------------------------------------------


COMPLAINT = {
    "source": HERE,
    "kind": "detention",
    "summary": f"Kept after four. {CANARY} said so. {HOSTILE}",
    "against": f"Sgt. {CANARY}",
    "booking": "B-1",
    "entries": "3, 5",
}


async def test_complaint_is_sent_to_its_office_and_closed_when_it_is_filed(console):
    supervisor, officer = await console.visitor("supervisor"), await console.visitor("compliance")
    answer = await supervisor.post("/complaints", page="/complaints", **COMPLAINT)
    assert answer.status_code == 303, answer.text
    (entry,) = console.entries("complaint.filed")
    number = entry["detail"]["complaint_id"]
    assert (entry["actor"], entry["outcome"], entry["source"], entry["booking"]) == (
        "officer:supervisor", "sent", HERE, "B-1",
    )  # fmt: skip
    assert entry["detail"]["office"] == "the compliance officer"
    assert entry["detail"]["entries"] == [3, 5]
    page = await officer.get("/complaints")
    assert number in page.text
    assert CANARY not in page.text
    shown = await officer.post("/complaints/show", page="/complaints", source=HERE, complaint_id=number)
    assert f"Kept after four. {CANARY}" in shown.text
    assert "<script>" not in shown.text
    assert console.entries("complaint.read")[0]["actor"] == "officer:compliance"
    form = {"source": HERE, "complaint_id": number, "outcome": "not_established"}
    assert (await officer.post("/complaints/close", page="/complaints", **form)).status_code == 303
    assert console.entries("complaint.closed")[0]["outcome"] == "not_established"
    assert "not established" in (await officer.get("/complaints")).text
    assert (await officer.post("/complaints/close", page="/complaints", **form)).status_code == 400, "only once"
    assert (await supervisor.post("/complaints/show", page="/complaints", **form)).status_code == 403


async def test_words_of_a_complaint_are_nowhere_readable_when_it_is_kept(console):
    visitor = await console.visitor("compliance")
    await visitor.post("/complaints", page="/complaints", **COMPLAINT)
    assert CANARY.encode() not in stored(console, complaints)
    assert CANARY.encode() not in entries_whole(console)


UNFILED = [
    ({"kind": ""}, "nobody knows whose it is"),
    ({"summary": " "}, "it says nothing"),
    ({"summary": "x" * 4001}, "it is too long"),
    ({"entries": "3; DROP"}, "that is no number"),
    ({"entries": "99999"}, "there is no such entry"),
    ({"complaint_id": "<b>"}, "that is no number of a complaint"),
    ({"summary": "", "complaint_id": "K-9"}, "it says nothing, and no feed brought it"),
    ({"complaint_id": CANARY}, "that may be a name: it has no figure"),
    ({"booking": CANARY}, "there is no such booking, and it may be a name"),
    ({"received": "0001-01-01T00:00"}, "that is before there were such registers"),
    ({"received": "2030-01-01T00:00"}, "it was received later than now"),
    ({"received": "yesterday"}, "that is no time"),
]


async def test_complaint_is_not_filed_when_something_is_wrong(console):
    visitor = await console.visitor("compliance")
    for more, because in UNFILED:
        answer = await visitor.post("/complaints", page="/complaints", **{**COMPLAINT, **more})
        assert answer.status_code == 400, because
    assert not console.entries("complaint.filed")


async def test_feeds_complaint_waits_for_an_office_when_nobody_has_sent_it(console):
    told = {"complaint_id": "of the desk", "summary": f"{CANARY} was kept", "received_by": "desk"}
    gone = {"complaint_id": "K-2", "summary": "a mistake", "received_by": "desk"}
    take(
        console,
        event(61, "complaint.filed", "10:00", told, "K-1"),
        event(62, "complaint.filed", "10:00", gone, "K-2"),
        event(63, "event.retracted", "10:05", {"retracts": "e-62"}, "K-2"),
    )
    visitor, local = await console.visitor("compliance"), await console.visitor("local")
    page = (await visitor.get("/complaints")).text
    assert "Brought by the feeds" in page
    assert "of the desk" in page
    assert "K-2" not in page
    assert "of the desk" not in (await local.get("/complaints")).text
    form = {"source": HERE, "kind": "conduct", "complaint_id": "of the desk"}
    assert (await visitor.post("/complaints", page="/complaints", **form)).status_code == 303
    assert "Brought by the feeds" not in (await visitor.get("/complaints")).text
    again = await visitor.post("/complaints", page="/complaints", **form)
    assert again.status_code == 400, "it is in the register"


async def test_complaint_is_not_there_when_it_is_another_facilitys(console):
    visitor, local = await console.visitor("compliance"), await console.visitor("local")
    await visitor.post("/complaints", page="/complaints", **{**COMPLAINT, "complaint_id": "C-1"})
    again = await visitor.post("/complaints", page="/complaints", **{**COMPLAINT, "complaint_id": "C-1"})
    assert "has a complaint of that number already" in again.text
    for path in ("/complaints/show", "/complaints/close"):
        form = {"source": HERE, "complaint_id": "C-1", "outcome": "withdrawn"}
        assert (await local.post(path, page="/complaints", **form)).status_code == 404
    assert (await local.post("/complaints", page="/complaints", **COMPLAINT)).status_code == 404
    assert "C-1" not in (await local.get("/complaints")).text
    there = {**COMPLAINT, "source": THERE, "entries": "3", "booking": ""}
    assert "There is no entry 3 for you" in (await local.post("/complaints", page="/complaints", **there)).text


async def test_office_is_the_kinds_own_when_the_settings_name_one(console):
    from integration.services.complaints import ComplaintKind
    from integration.settings import ComplaintOffices

    offices = ComplaintOffices(office="Records", offices={ComplaintKind.CONDUCT: "Internal Affairs"})
    assert offices.office_of(ComplaintKind.CONDUCT) == "Internal Affairs"
    assert offices.office_of(ComplaintKind.NOTICE) == "Records"


# -- kept searches --------------------------------------------------------------------------------------------------


async def test_search_is_offered_again_when_somebody_keeps_it(console):
    visitor, other = await console.visitor("compliance"), await console.visitor("auditor")
    form = {"name": f"about {CANARY} {HOSTILE}"[:80], "text": CANARY, "kind": "finding.raised"}
    assert (await visitor.post("/audit/searches", page="/audit", **form)).status_code == 303
    page = (await visitor.get("/audit")).text
    assert f'href="/audit?kind=finding.raised&amp;text={CANARY}"' in page
    assert "<script>alert" not in page
    assert CANARY not in (await other.get("/audit")).text
    (entry,) = console.entries("search.saved")
    assert entry["detail"] | {"search_id": ""} == {
        "search_id": "", "shared": False, "filters": ["kind", "text"], "asked": {"kind": "finding.raised"},
    }  # fmt: skip
    assert CANARY.encode() not in stored(console, saved_searches)
    assert CANARY.encode() not in entries_whole(console)


async def test_shared_search_is_used_and_not_changed_when_it_is_anothers(console):
    visitor, other = await console.visitor("compliance"), await console.visitor("auditor")
    form = {"name": "overdue", "rule": "overdue_detainer_hold", "shared": "yes"}
    await visitor.post("/audit/searches", page="/audit", **form)
    page = (await other.get("/audit")).text
    assert 'href="/audit?rule=overdue_detainer_hold">overdue</a>, of compliance' in page
    assert "Forget" not in page
    search_id = re.search(r'name="search_id" value="([0-9a-f]+)"', (await visitor.get("/audit")).text)[1]
    remove = {"page": "/audit", "search_id": search_id}
    assert (await other.post("/audit/searches/remove", **remove)).status_code == 404
    assert (await visitor.post("/audit/searches/remove", **remove)).status_code == 303
    assert "overdue</a>" not in (await other.get("/audit")).text
    assert len(console.entries("search.removed")) == 1


UNKEPT = [
    ({"name": "", "text": "x"}, "it has no name"),
    ({"name": "x" * 81, "text": "x"}, "its name is too long"),
    ({"name": "all"}, "it looks for nothing"),
    ({"name": "when", "since": "yesterday"}, "that is no time"),
]


async def test_search_is_not_kept_when_something_is_missing(console):
    visitor = await console.visitor("compliance")
    for form, because in UNKEPT:
        assert (await visitor.post("/audit/searches", page="/audit", **form)).status_code == 400, because
    assert not console.entries("search.saved")


async def test_search_is_not_kept_when_somebody_has_fifty(console):
    visitor = await console.visitor("compliance")
    token = await visitor.token("/audit")
    for number in range(51):
        form = {"csrf": token, "name": f"s{number}", "text": "x"}
        last = await visitor.client.post("/audit/searches", data=form)
    assert last.status_code == 400
    assert len(console.entries("search.saved")) == 50


# -- for programs ---------------------------------------------------------------------------------------------------


async def test_program_reads_the_registers_when_its_key_allows(console):
    visitor = await console.visitor("compliance")
    await visitor.post("/complaints", page="/complaints", **{**COMPLAINT, "complaint_id": "C-1"})
    form = form_of(await visitor.get("/audit/review"))
    await visitor.post("/audit/review", page="/audit/review", **form, **SIGNED)
    take(console, ASKED)
    key = console.parts.people.make_token("auditor", list(Scope), 1, by="test")
    client = console.client(authorization=f"Bearer {key}")
    told = (await client.get("/api/v1/complaints")).json()
    assert [each["complaint"] for each in told["complaints"]] == ["C-1"]
    assert CANARY not in str(told)
    kinds = {each["kind"] for each in (await client.get("/api/v1/duties")).json()["duties"]}
    assert {"certification", "audit_review"} <= kinds
    reviews = (await client.get("/api/v1/reviews")).json()
    assert reviews["signed"][0]["result"] == "nothing unusual"
