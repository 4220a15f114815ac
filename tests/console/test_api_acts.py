"""What programs do through the API: it happens, the log says which key did it, and nothing hostile gets anywhere."""

import base64
import re

import orjson
import pytest

from integration.console.access import Scope
from integration.domain.instants import DAY, MINUTE
from tests.console.site import HERE, HOSTILE, PASSWORD, THERE, Console
from tests.console.test_acknowledged import MISLABELLED, alerted
from tests.console.test_deciding import AGENT, EXTRA, WORDS, file
from tests.console.test_registers import ASKED, entries_whole, stored, take


@pytest.fixture
async def console(filled, tmp_path):
    console = Console(filled, tmp_path, EXTRA)
    yield console
    await console.close()


class Program:
    """A key that acts for somebody, and may do everything that he may."""

    def __init__(self, console, name: str) -> None:
        key = console.parts.people.make_token(name, list(Scope), 1, by="test")
        self.client = console.client(authorization=f"Bearer {key}")
        self.actor = f"program:{name}/{key.removeprefix('hw_').partition('_')[0]}"

    async def ask(self, method: str, path: str, *, status: int = 200, **body):
        sent = {"json": body} if body else {}
        answer = await self.client.request(method, f"/api/v1{path}", **sent)
        assert answer.status_code == status, f"{answer.status_code} {answer.text}"
        return answer.json()


COMPLAINT = {"source": HERE, "kind": "detention", "summary": f"Quillfeather was kept. {HOSTILE}", "booking": "B-1"}


async def test_complaint_goes_through_the_register_when_programs_file_read_and_close_it(console):
    clerk, officer = Program(console, "supervisor"), Program(console, "compliance")
    number = (await clerk.ask("POST", "/complaints", status=201, **COMPLAINT, entries=[0, 1]))["complaint"]
    named = {"source": HERE, "complaint": number}
    await clerk.ask("POST", "/complaints/show", status=403, **named)
    said = await officer.ask("POST", "/complaints/show", **named)
    assert (said["summary"], said["entries"]) == (COMPLAINT["summary"], [0, 1])
    listed = (await clerk.ask("GET", "/complaints"))["complaints"]
    assert [each["complaint"] for each in listed] == [number]
    assert "Quillfeather" not in str(listed)
    await officer.ask("POST", "/complaints/close", **named, outcome="substantiated")
    await officer.ask("POST", "/complaints/close", status=400, **named, outcome="substantiated")
    told = {kind: console.entries(f"complaint.{kind}")[0]["actor"] for kind in ("filed", "read", "closed")}
    assert told == {"filed": clerk.actor, "read": officer.actor, "closed": officer.actor}
    assert b"Quillfeather" not in entries_whole(console)


async def test_complaint_is_not_there_for_a_program_when_it_is_another_facilitys(console):
    officer, local = Program(console, "compliance"), Program(console, "local")
    number = (await officer.ask("POST", "/complaints", status=201, **COMPLAINT))["complaint"]
    for path, more in (("show", {}), ("close", {"outcome": "withdrawn"})):
        await local.ask("POST", f"/complaints/{path}", status=404, source=HERE, complaint=number, **more)
    await local.ask("POST", "/complaints", status=404, **COMPLAINT)
    await local.ask("POST", "/complaints", status=404, **{**COMPLAINT, "source": "/jms/nowhere"})
    await local.ask("POST", "/complaints", status=400, **{**COMPLAINT, "source": THERE, "booking": "", "entries": [0]})


async def test_review_is_signed_by_a_program_when_it_names_the_period_that_comes_next(console):
    officer = Program(console, "compliance")
    console.clock.at += MINUTE
    due = await officer.ask("GET", "/reviews")
    assert due["to_look_at"]["findings"]["finding.raised"]["open"] > 0
    until = "2026-03-02T19:30:30Z"
    signed = {"since": due["since"], "until": until, "looked_at": ["logins", "logins"], "result": "nothing_unusual"}
    await officer.ask("POST", "/reviews", status=400, **{**signed, "since": "2026-03-01T00:00:00Z"})
    await officer.ask("POST", "/reviews", status=400, **{**signed, "until": "2999-03-01T00:00:00Z"})
    await officer.ask(
        "POST", "/reviews", status=400, **{**signed, "result": "followed_up", "reference": "Quillfeather"}
    )
    await officer.ask("POST", "/reviews", status=201, **signed)
    (entry,) = console.entries("audit.reviewed")
    assert (entry["actor"], entry["detail"]["looked_at"]) == (officer.actor, ["logins"])
    await officer.ask("POST", "/reviews", status=400, **signed)
    assert (await officer.ask("GET", "/reviews"))["since"] == "2026-03-02T19:30:30.000000Z"


async def test_search_is_kept_listed_and_forgotten_by_its_owner_alone_when_programs_ask(console):
    officer, other = Program(console, "compliance"), Program(console, "auditor")
    kept = {"name": f"Quillfeather {HOSTILE[:40]}", "filters": {"text": "Quillfeather"}, "shared": True}
    search = (await officer.ask("POST", "/searches", status=201, **kept))["search"]
    (seen,) = (await other.ask("GET", "/searches"))["searches"]
    assert (seen["name"], seen["by"], seen["filters"]) == (kept["name"], "compliance", {"text": "Quillfeather"})
    await other.ask("DELETE", f"/searches/{search}", status=404)
    await officer.ask("POST", "/searches", status=400, name="x", filters={})
    await officer.ask("DELETE", f"/searches/{search}")
    assert (await officer.ask("GET", "/searches"))["searches"] == []
    assert b"Quillfeather" not in entries_whole(console)
    from integration.store.console_tables import saved_searches

    assert stored(console, saved_searches) == b"[]"


async def test_duty_is_done_when_a_program_says_so_and_it_is_a_persons_to_say(console):
    take(console, ASKED)
    clerk, auditor = Program(console, "supervisor"), Program(console, "auditor")
    owed = {each["duty"]: each["kind"] for each in (await clerk.ask("GET", "/duties"))["duties"]}
    duty = next(each for each, kind in owed.items() if kind == "certification")
    await auditor.ask("POST", "/duties/done", status=403, duty=duty)
    await clerk.ask("POST", "/duties/done", duty=duty)
    await clerk.ask("POST", "/duties/done", status=404, duty=duty)
    # The review is a duty of the whole installation, and is signed.
    assert "audit_review" in owed
    await clerk.ask("POST", "/duties/done", status=400, duty="audit_review")
    (entry,) = console.entries("duty.done")
    assert (entry["actor"], entry["source"]) == (clerk.actor, HERE)


async def test_alert_is_taken_on_for_the_findings_that_a_program_names(console):
    take(console, *MISLABELLED)
    (alert,) = [alert for rule, alert in alerted(console) if rule == "mislabelled_document"]
    clerk, officer = Program(console, "supervisor"), Program(console, "compliance")
    board = await clerk.ask("GET", "/board")
    (line,) = [each for each in board["others"] if each["alert"] == alert]
    assert "B-1" in {each["booking"] for each in board["overdue"]}
    await officer.ask("POST", f"/alerts/{alert}/acknowledge", status=403, findings=[line["finding"]])
    await clerk.ask("POST", f"/alerts/{alert}/acknowledge", status=400, findings=["no such finding"])
    await clerk.ask("POST", f"/alerts/{alert}/acknowledge", findings=[line["finding"]])
    (entry,) = console.entries("alert.acknowledged")
    assert entry["actor"] == clerk.actor
    assert alert not in str(await clerk.ask("GET", "/board"))


SCAN = b"%PDF-1.7 a scan"
PAPER = {"source": HERE, "booking": "B-1", "at": "2026-03-02T13:00", "kind": "judicial_warrant", "hold_id": "W-1",
         "court": "Ingham County Circuit", "official_title": "judge"}  # fmt: skip


async def test_paper_counts_when_a_program_enters_it_with_its_scan(console):
    clerk = Program(console, "supervisor")
    done = await clerk.ask("POST", "/papers", **PAPER, scan=base64.b64encode(SCAN).decode())
    assert (done["hold_id"], done["known"], len(done["scan"])) == ("W-1", False, 64)
    assert (await clerk.ask("POST", "/papers", **PAPER, scan=base64.b64encode(SCAN).decode()))["known"]
    line = await clerk.client.get("/api/v1/bookings/timeline", params={"source": HERE, "number": "B-1"})
    assert "judicial warrant" in line.text.lower()
    assert [(each["id"], each["decision"]) for each in line.json()["decisions"]] == [("M-1", "block")]
    about = {"act": "withdrawn", "source": HERE, "booking": "B-1", "at": "2026-03-02T13:30", "hold_id": "W-1"}
    assert (await clerk.ask("POST", "/papers/about", **about))["event"].startswith("manual-")
    await clerk.ask("POST", "/papers/about", status=400, **{**about, "act": "received"})
    assert console.entries("event.accepted")[-1]["actor"] == clerk.actor


async def test_message_is_read_and_asked_for_but_never_decided_when_a_program_comes(console):
    message = file(console, text=f"{WORDS} {HOSTILE}")
    clerk, approver = Program(console, "supervisor"), Program(console, "approver")
    told = await clerk.ask("GET", "/quarantine")
    assert (told["gate"], told["messages"][0]["message"]) == (True, message)
    assert AGENT not in str(told)
    assert "Perez" not in str(told)
    await clerk.ask("POST", f"/quarantine/{message}/show", status=403)
    whole = await approver.ask("POST", f"/quarantine/{message}/show")
    assert "Juan Perez" in whole["raw"]
    assert whole["to"] == AGENT
    await clerk.ask("POST", f"/quarantine/{message}/ask")
    assert (await approver.ask("POST", f"/quarantine/{message}/show"))["asked_by"] == [clerk.actor]
    assert (await clerk.ask("GET", "/quarantine"))["messages"][0]["approval_asked"]
    assert [each["actor"] for each in console.entries("quarantine.viewed")] == [approver.actor] * 2
    for act in ("approve", "deny", "withdraw"):
        await approver.ask("POST", f"/quarantine/{message}/{act}", status=404)
    await Program(console, "local").ask("POST", f"/quarantine/{message}/ask", status=404)


async def test_refused_input_is_read_and_taken_in_again_when_a_program_asks(console):
    tends = Program(console, "administrator")
    (letter,) = (await tends.ask("GET", "/deadletters"))["letters"]
    assert "Quillfeather" not in str(letter)
    shown = await tends.ask("POST", f"/deadletters/{letter['number']}/show")
    assert HOSTILE.partition("\u202e")[0] in orjson.loads(shown["input"])["data"]["nickname"]
    outcome = await tends.ask("POST", f"/deadletters/{letter['number']}/resubmit")
    assert outcome["outcomes"][0]["outcome"] == "refused"
    alike = await tends.ask("POST", "/deadletters/resubmit", reason=letter["reason"])
    assert ([each["number"] for each in alike["outcomes"]], alike["waiting"]) == ([letter["number"]], 0)
    assert (await tends.ask("POST", "/deadletters/resubmit", reason=HOSTILE))["outcomes"] == []
    await tends.ask("POST", "/deadletters/999/show", status=404)
    assert [each["actor"] for each in console.entries("deadletter.read")] == [tends.actor]


async def test_log_is_verified_and_opened_when_a_program_asks(console):
    auditor = Program(console, "auditor")
    assert (await auditor.ask("GET", "/verification"))["at"] is None
    await auditor.ask("POST", "/verification", status=202)
    console.app_verifier().wait(60)
    told = await auditor.ask("GET", "/verification")
    assert (told["ok"], told["problems"], told["under_way_since"]) == (True, [], None)
    opened = await auditor.ask("GET", "/entries/0/opened")
    visitor = await console.visitor("auditor")
    assert opened == (await visitor.get("/audit/entry/0/opened")).json()
    whole = await auditor.ask("GET", "/packs/lansing-eo-2017-01")
    assert whole["decisions"]["SendMessage"]
    assert {each["rule"] for each in whole["rules"]} >= {"overdue_detainer_hold"}


async def test_verification_does_not_seem_to_go_on_when_it_has_failed(console, monkeypatch):
    def broken():
        raise ValueError("somebody's name")

    monkeypatch.setattr(console.app_verifier(), "_verify", broken)
    auditor = Program(console, "auditor")
    await auditor.ask("POST", "/verification", status=202)
    console.app_verifier().wait(60)
    told = await auditor.ask("GET", "/verification")
    assert (told["ok"], told["failed"], told["under_way_since"]) == (False, "ValueError", None)


async def test_accounts_are_told_with_what_they_may_do_and_no_secret_when_a_program_asks(console):
    for _ in range(4):
        console.parts.door.log_in("supervisor", "wrong horse", "")
    runs = Program(console, "administrator")
    told = {each["name"]: each for each in (await runs.ask("GET", "/accounts"))["accounts"]}
    assert (told["supervisor"]["state"], told["auditor"]["roles"]) == ("shut", ["auditor@*"])
    one = await runs.ask("GET", "/accounts/administrator")
    assert one["keys"][0]["key"] == runs.actor.partition("/")[2]
    assert "argon2" not in str(one) + str(told)
    assert PASSWORD not in str(one)
    await runs.ask("GET", f"/accounts/{HOSTILE[:8].replace('/', '')}", status=404)


WRONG = [
    ("POST", "/complaints", {**COMPLAINT, "summary": "a\0b"}, "no database holds a NUL"),
    ("POST", "/complaints", {**COMPLAINT, "summary": "x" * 4001}, "it is too long"),
    ("POST", "/complaints", {**COMPLAINT, "more": 1}, "there is no such field"),
    ("POST", "/complaints", {**COMPLAINT, "kind": HOSTILE}, "it is none of the list"),
    ("POST", "/complaints", {**COMPLAINT, "entries": [10**30]}, "no log is so long"),
    ("POST", "/complaints", {**COMPLAINT, "entries": [-1]}, "there is no such place"),
    ("POST", "/complaints", {**COMPLAINT, "complaint": "Zebulonia Quillfeather"}, "a number stands in the log"),
    ("POST", "/complaints", {**COMPLAINT, "received_at": "soon"}, "it is no time"),
    ("POST", "/complaints/show", {"source": HERE, "complaint": ["C-1"]}, "it is no text"),
    ("POST", "/searches", {"name": "x", "filters": {"since": "soon"}}, "it is no time"),
    ("POST", "/searches", {"name": "", "filters": {"text": "x"}}, "it has no name"),
    ("POST", "/searches", {"name": " ", "filters": {"text": "x"}}, "that is no name"),
    ("POST", "/reviews", {"since": "2026", "until": "2026", "looked_at": [], "result": "x"}, "nothing of it is right"),
    ("POST", "/duties/done", {"duty": ""}, "it names none"),
    ("POST", "/papers", {**PAPER, "scan": "!"}, "it is no base64"),
    ("POST", "/papers", {**PAPER, "scan": base64.b64encode(b"MZ").decode()}, "it is no picture"),
    ("POST", "/papers", {**PAPER, "booking": ""}, "it names no booking"),
    ("POST", "/papers", {**PAPER, "booking": "B-404"}, "there is no such booking"),
    ("POST", "/deadletters/resubmit", {"reason": "a\0b"}, "no database holds a NUL"),
]


async def test_nothing_happens_when_what_a_program_sends_is_wrong(console):
    officer, size = Program(console, "compliance"), console.parts.records.log_size()
    for method, path, body, because in WRONG:
        answer = await officer.client.request(method, f"/api/v1{path}", json=body)
        assert answer.status_code == 400, f"{because}: {answer.status_code} {answer.text}"
        assert list(answer.json()) == ["error"], because
        assert not re.search(r"Quillfeather|soon|script", answer.text), f"{because}: what was sent is not repeated"
    for raw in (b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b'{"summary": "\\ud800"}', b"[" * 30_000):
        headers = {"content-type": "application/json"}
        answer = await officer.client.post("/api/v1/complaints", content=raw, headers=headers)
        assert answer.status_code == 400, raw[:20]
    assert (await officer.client.post("/api/v1/complaints", content=b"x" * 70_000)).status_code == 413
    assert console.parts.records.log_size() - size <= 1, "that the last one's scan was looked at is no entry, either"


async def test_key_is_good_for_nothing_more_when_its_account_is_closed_or_its_role_is_taken(console):
    officer = Program(console, "compliance")
    await officer.ask("GET", "/reviews")
    people = console.parts.people
    people.set_roles("compliance", [], by="test")
    await officer.ask("GET", "/reviews", status=403)
    people.disable("compliance", by="test")
    for path in ("/reviews", "/entries", "/searches", "/board"):
        await officer.ask("GET", path, status=401)
    await officer.ask("POST", "/complaints", status=401, **COMPLAINT)
    people.enable("compliance", by="test")
    console.clock.at += 2 * DAY
    await officer.ask("GET", "/reviews", status=401)
