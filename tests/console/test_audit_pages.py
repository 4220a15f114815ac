"""The log in the browser: found, explained, verified, proved, exported; and each reading is an entry."""

import base64
import csv
import hashlib
import io
import sqlite3

import orjson
import pytest

from integration.audit.verify import verify_directory
from tests.console.site import HOSTILE, NOW


@pytest.fixture
async def visitor(console):
    return await console.visitor("compliance")


def indices(page):
    import re

    return [int(number) for number in re.findall(r'href="/audit/entry/(\d+)"', page.text)]


@pytest.mark.parametrize(
    ("asked", "kinds"),
    [
        ({"rule": "overdue_detainer_hold"}, {"finding.raised"}),
        ({"kind": "message.decided"}, {"message.decided"}),
        ({"provision": "L8"}, {"message.decided"}),
        ({"text": "more_than_status"}, {"message.decided"}),
        ({"actor": "service:intake", "outcome": "refused"}, {"input.refused"}),
        ({"booking": "B-2", "source": "/jms/here", "kind": "event.accepted"}, {"event.accepted"}),
    ],
)
async def test_entries_are_found_when_they_are_as_asked(console, visitor, asked, kinds):
    page = await visitor.get("/audit", params=asked)
    found = indices(page)
    assert found
    assert {console.parts.records.entry(index).kind for index in found} == kinds


async def test_time_is_the_facilitys_when_somebody_types_it(console, visitor):
    console.clock.at = NOW + 25 * 60 * 10**6
    first = indices(await visitor.get("/audit", params={"since": "2026-03-02T14:55"}))
    assert {console.parts.records.entry(index).at for index in first} == {console.clock.at}
    assert indices(await visitor.get("/audit", params={"until": "2026-03-02T14:30"})) == []
    assert (await visitor.get("/audit", params={"since": "yesterday"})).status_code == 400


async def test_what_was_asked_is_an_entry_without_what_may_be_a_name_when_somebody_searches(console, visitor):
    asked = {"text": "Quillfeather", "actor": "Zebulonia", "kind": "finding.raised", "rule": "Quillfeather"}
    await visitor.get("/audit", params=asked)
    last = console.entries("audit.read")[-1]
    assert last["actor"] == "officer:compliance"
    assert last["detail"] == {
        "page": "audit",
        "filters": ["actor", "kind", "rule", "text"],
        "asked": {"kind": "finding.raised"},
    }
    everything = b"".join(row.body for row in console.parts.records.entries())
    assert b"Quillfeather" not in everything
    assert b"Zebulonia" not in everything


async def test_decision_is_explained_by_its_provisions_when_it_is_opened(console, visitor):
    index = indices(await visitor.get("/audit", params={"kind": "message.decided"}))[0]
    page = await visitor.get(f"/audit/entry/{index}")
    pack = console.parts.packs[0]
    assert pack.provisions["L8"].summary[:40].replace("'", "&#39;") in page.text
    assert "Policies that decided" in page.text
    assert "more than status" in page.text
    assert "not the revision" not in page.text
    for unknown in (10**6, 2**60, -1):
        assert (await visitor.get(f"/audit/entry/{unknown}")).status_code in {400, 404}


async def test_proof_and_opened_entry_belong_together_when_they_are_downloaded(console, visitor):
    proof = await visitor.get("/audit/entry/3/proof")
    opened = orjson.loads((await visitor.get("/audit/entry/3/opened")).content)
    assert proof.text.startswith("c2sp.org/tlog-proof@v1\n")
    assert "index 3" in proof.text
    salted = base64.b64decode(opened["salt"]) + opened["body"].encode()
    assert orjson.loads(opened["leaf"])["commit"] == hashlib.sha256(salted).hexdigest()
    assert [entry["detail"] for entry in console.entries("audit.exported")] == [{"leaf_index": 3}] * 2


async def test_export_verifies_line_by_line_when_it_is_json(console, visitor):
    answer = await visitor.post("/audit/export", page="/audit", format="jsonl", kind="finding.raised")
    lines = [orjson.loads(line) for line in answer.content.splitlines()]
    assert "checkpoint" in lines[0]
    assert answer.headers["x-log-root"] in answer.headers["content-disposition"] + answer.headers["x-log-root"]
    assert lines[1:]
    for line in lines[1:]:
        assert line["entry"]["kind"] == "finding.raised"
        body = console.parts.records.entry(line["index"]).body
        digest = hashlib.sha256(base64.b64decode(line["salt"]) + body).hexdigest()
        assert orjson.loads(line["leaf"])["commit"] == digest
    assert console.entries("audit.exported")[-1]["detail"]["format"] == "jsonl"


async def test_no_cell_is_a_formula_when_the_export_is_a_table(console, visitor):
    desk = console.parts.pen
    for number in ("=1+1", "+1", "-1", "@x", "\t=1", "plain", HOSTILE):
        desk.record("deadletter.read", "read", number, {"note": number}, booking=number)
    answer = await visitor.post("/audit/export", page="/audit", format="csv", kind="deadletter.read")
    rows = list(csv.reader(io.StringIO(answer.text)))
    assert len(rows) == 8
    assert not [cell for row in rows for cell in row if cell[:1] in set("=+-@\t\r")]
    assert {row[6] for row in rows[1:]} == {
        "'=1+1",
        "'+1",
        "'-1",
        "'@x",
        "'\t=1",
        "plain",
        HOSTILE.replace("\u202e", "⟨U+202E⟩"),
    }


async def test_whole_log_is_verified_when_somebody_asks(console, visitor):
    assert "Not verified since" in (await visitor.get("/audit")).text
    console.parts.log_end.publish()
    assert (await visitor.post("/audit/verify", page="/audit")).status_code == 303
    console.app_verifier().wait(60)
    assert "nothing is wrong" in (await visitor.get("/audit")).text
    assert console.entries("audit.verified")[-1]["outcome"] == "verified"
    with sqlite3.connect(console.root / "state" / "holdwatch.sqlite") as database:
        database.execute("UPDATE entries SET booking = 'B-9' WHERE leaf_index = 2")
    database.close()
    await visitor.post("/audit/verify", page="/audit")
    console.app_verifier().wait(60)
    page = await visitor.get("/audit")
    assert "NOT VERIFIED" in page.text
    assert "entry 2" in page.text
    assert console.entries("audit.verified")[-1]["outcome"] == "not_verified"


async def test_sealed_entry_tells_nothing_when_it_is_opened(console, visitor):
    from integration.services.auditing import AuditDesk

    desk = AuditDesk(console.parts.installation.store, place="x", now=console.clock.now)
    index = indices(await visitor.get("/audit", params={"kind": "message.decided"}))[0]
    desk.seal(console.parts.records, index, authority="Order 7", actor="officer:x")
    page = await visitor.get(f"/audit/entry/{index}")
    assert "Sealed by court order" in page.text
    assert "B-1" not in page.text
    assert index not in indices(await visitor.get("/audit", params={"kind": "message.decided"}))
    local = await console.visitor("local")
    assert (await local.get(f"/audit/entry/{index}")).status_code == 404
    assert (await visitor.get(f"/audit/entry/{index}/proof")).status_code == 200


async def test_log_is_whole_when_people_have_used_the_console(console, visitor, tmp_path):
    for path in ("/board", "/audit", "/booking?source=/jms/here&number=B-1", "/policy"):
        assert (await visitor.get(path)).status_code == 200
    console.parts.log_end.publish()
    from integration.services.verification import verify_kept

    with console.parts.records.snapshot() as records:
        report = verify_kept(records.kept(), console.settings.anchor_file.read_bytes(), console.parts.key.vkey)
    assert report.ok, report.problems
    assert verify_directory is not None


async def test_dead_letter_is_read_and_taken_in_when_it_is_whole(console):
    visitor = await console.visitor("administrator")
    page = await visitor.get("/deadletters")
    assert "Quillfeather" not in page.text
    shown = await visitor.post("/deadletters/1/show")
    assert "Quillfeather" in shown.text
    assert console.entries("deadletter.read")[-1]["detail"] == {"number": 1}
    again = await visitor.post("/deadletters/1/resubmit")
    assert "Dead letter 1: refused" in again.text
    assert console.entries("deadletter.resubmitted")[-1]["actor"] == "officer:administrator"
    assert (await visitor.post("/deadletters/77/show")).status_code == 404
    assert (await visitor.post("/deadletters/77/resubmit")).status_code == 404


async def test_policy_says_provisions_beside_rules_when_counsel_reads_it(console, visitor):
    page = await visitor.get("/policy/lansing-eo-2017-01", params={"other": "ma-welcoming-community"})
    for words in (
        "Provisions",
        "Compared with ma-welcoming-community",
        "L5",
        "permit",
        "deny",
        "booked on an immigration",
    ):
        assert words in page.text
    assert (await visitor.get("/policy/none")).status_code == 404
    assert (await visitor.get("/policy/..%2f..%2fetc")).status_code == 404


@pytest.mark.parametrize("body", [b"\xff", b"[]", b'{"detail":{}}', b'{"kind":7,"detail":[]}'])
async def test_other_entries_stay_readable_when_one_was_overwritten(console, visitor, body):
    """Somebody with the database can spoil an entry; he must not thereby close the pages that would show it."""
    await visitor.get("/audit")
    spoiled = console.parts.records.log_size() - 1
    kept = console.parts.records.entry(spoiled)
    database = sqlite3.connect(console.parts.settings.site.state_dir / "holdwatch.sqlite")
    with database:
        database.execute("UPDATE entries SET body = ? WHERE leaf_index = ?", (body, spoiled))
    database.close()
    console.parts.search.catch_up()
    page = await visitor.get("/audit", params={"kind": kept.kind})
    assert page.status_code == 200
    assert spoiled in indices(page)
    assert "somebody has changed them" in (await visitor.get(f"/audit/entry/{spoiled}")).text
    # Found under its own kind and booking still, and in an export.
    answer = await visitor.post("/audit/export", page="/audit", kind=kept.kind, format="csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert any(row["index"] == str(spoiled) and "somebody has changed them" in row["detail"] for row in rows)
