"""Exports of the log: whole or refused, inert, with the root; and entries as OCSF events."""

import csv
import io

import openpyxl
import orjson
import pytest

from integration.audit.checkpoint import parse
from integration.console import exporting
from integration.console.access import Scope
from integration.services.ocsf import PLACES, VERSION, Class
from integration.store.search import Wanted
from schemas.entries import EntryKind
from tests.console.site import HOSTILE, THERE

NUMBERS = ("=1+1", "+1", "-1", "@x", "\t=1", "plain", HOSTILE)
NEUTRAL = {"'=1+1", "'+1", "'-1", "'@x", "'\t=1", "plain", HOSTILE.replace("\u202e", "⟨U+202E⟩")}
FORMS = ("csv", "jsonl", "xlsx", "ocsf")


@pytest.fixture
async def visitor(console):
    return await console.visitor("compliance")


async def exported(visitor, form, **filters):
    answer = await visitor.post("/audit/export", page="/audit", format=form, **filters)
    assert answer.status_code == 200, answer.text
    return answer


def indices_in(form: str, content: bytes) -> list[int]:
    """Read which entries a file has, by code that did not write it."""
    if form == "csv":
        return [int(row["index"]) for row in csv.DictReader(io.StringIO(content.decode()))]
    if form == "xlsx":
        sheet = openpyxl.load_workbook(io.BytesIO(content))["entries"]
        return [row[0] for row in sheet.iter_rows(min_row=2, values_only=True)]
    lines = [orjson.loads(line) for line in content.splitlines()]
    if form == "jsonl":
        return [line["index"] for line in lines[1:]]
    return [line["metadata"]["sequence"] for line in lines]


@pytest.mark.parametrize("form", FORMS)
async def test_export_is_whole_when_it_takes_many_steps(console, visitor, form, monkeypatch):
    monkeypatch.setattr(exporting, "_AT_ONCE", 3)
    answer = await exported(visitor, form)
    size = int(answer.headers["x-log-size"])
    assert indices_in(form, answer.content) == list(range(size - 1, -1, -1)), "every entry, the one about it first"
    assert answer.headers["x-log-root"][:12] in answer.headers["content-disposition"]
    assert console.parts.records.entry(size - 1).kind == "audit.exported"


@pytest.mark.parametrize("form", ["csv", "xlsx"])
async def test_no_cell_is_a_formula_when_the_export_is_a_table(console, visitor, form):
    for number in NUMBERS:
        console.parts.pen.record("deadletter.read", "read", number, {"note": number}, booking=number)
    content = (await exported(visitor, form, kind="deadletter.read")).content
    if form == "csv":
        rows = list(csv.reader(io.StringIO(content.decode())))
    else:
        book = openpyxl.load_workbook(io.BytesIO(content))
        cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
        assert {cell.data_type for cell in cells} <= {"s", "n"}, "text and numbers: no formula, no link"
        assert not [cell for cell in cells if cell.hyperlink]
        rows = [[str(cell.value) for cell in row] for row in book["entries"].iter_rows()]
    assert len(rows) == len(NUMBERS) + 1
    assert not [cell for row in rows for cell in row if cell[:1] in set("=+-@\t\r")]
    assert {row[6] for row in rows[1:]} == NEUTRAL


async def test_log_is_named_in_the_file_when_it_is_taken_away(console, visitor):
    for form in FORMS:
        answer = await exported(visitor, form, kind="finding.raised")
        root, size = answer.headers["x-log-root"], int(answer.headers["x-log-size"])
        if form == "csv":
            told = {(row["log_root"], int(row["log_size"])) for row in csv.DictReader(io.StringIO(answer.text))}
            assert told == {(root, size)}
        elif form == "jsonl":
            head = parse(orjson.loads(answer.content.splitlines()[0])["checkpoint"].encode())
            assert (head.root.hex(), head.size) == (root, size)
        elif form == "xlsx":
            about = dict(openpyxl.load_workbook(io.BytesIO(answer.content))["log"].iter_rows(values_only=True))
            assert (about["Root hash"], about["Entries of the log"]) == (root, str(size))
            assert parse(about["Checkpoint"].encode()).size == size
        else:
            lines = [orjson.loads(line)["unmapped"] for line in answer.content.splitlines()]
            assert {(line["log_root"], line["log_size"]) for line in lines} == {(root, size)}


async def test_workbook_is_refused_with_its_limit_when_there_is_more(console, visitor, monkeypatch):
    monkeypatch.setattr(exporting, "MOST_IN_BOOK", 5)
    answer = await visitor.post("/audit/export", page="/audit", format="xlsx")
    assert answer.status_code == 413
    assert "More than 5 entries were found" in answer.text
    assert (await exported(visitor, "csv")).text.count("\n") > 30, "the others have no limit"


async def test_export_is_refused_when_not_all_can_be_searched_yet(console, visitor, monkeypatch):
    monkeypatch.setattr(console.parts.search, "follow", lambda *_args, **_more: False)
    answer = await visitor.post("/audit/export", page="/audit", format="csv")
    assert answer.status_code == 503
    assert "entries can be searched yet" in answer.text


async def test_long_cell_says_that_it_is_cut_when_a_workbook_cannot_hold_it(console, visitor):
    console.parts.pen.record("deadletter.read", "read", "officer:x", {"note": "x" * 60_000})
    book = openpyxl.load_workbook(io.BytesIO((await exported(visitor, "xlsx", kind="deadletter.read")).content))
    cell = book["entries"]["J2"].value
    assert cell.endswith("characters: the other formats have them all)")
    assert len(cell) < 32_767


async def test_only_own_facilitys_entries_leave_when_somebody_has_no_role_elsewhere(console):
    local = await console.visitor("local")
    for form in FORMS:
        found = indices_in(form, (await exported(local, form)).content)
        assert {console.parts.records.entry(index).source for index in found} == {THERE}


# -- OCSF -----------------------------------------------------------------------------------------------------------

REQUIRED = {"class_uid", "category_uid", "activity_id", "type_uid", "severity_id", "time", "metadata"}
"""Of every class: schema.ocsf.io/1.3.0, Base Event."""
OF_CLASS = {
    Class.COMPLIANCE_FINDING: {"finding_info", "compliance"},
    Class.ACCOUNT_CHANGE: {"user"},
    Class.AUTHENTICATION: {"user", "service"},
    Class.ENTITY_MANAGEMENT: {"entity"},
    Class.APPLICATION_LIFECYCLE: {"app"},
    Class.DATASTORE_ACTIVITY: {"actor", "src_endpoint", "table"},
}
"""What each class requires besides; of "at least one of" those that we give."""
ACTIVITIES = {
    Class.COMPLIANCE_FINDING: {1, 2, 3},
    Class.ACCOUNT_CHANGE: set(range(1, 12)),
    Class.AUTHENTICATION: {1, 2, 3, 4, 5},
    Class.ENTITY_MANAGEMENT: {1, 2, 3, 4},
    Class.APPLICATION_LIFECYCLE: {1, 2, 3, 4},
    Class.DATASTORE_ACTIVITY: set(range(1, 11)),
}


def test_every_kind_of_entry_has_a_class_and_an_activity_of_it():
    assert set(PLACES) == set(EntryKind)
    for place in PLACES.values():
        assert place.activity in ACTIVITIES[place.of] | {99}


async def test_event_has_what_its_class_requires_when_it_is_exported(console, visitor):
    for kind in EntryKind:
        console.parts.pen.record(kind.value, "done", "officer:x", {"severity": "violation", "account": "x"})
    lines = [orjson.loads(line) for line in (await exported(visitor, "ocsf")).content.splitlines()]
    assert {line["metadata"]["event_code"] for line in lines} >= set(EntryKind)
    for line in lines:
        of = Class(line["class_uid"])
        assert line.keys() >= REQUIRED | OF_CLASS[of], line["metadata"]["event_code"]
        assert line["category_uid"] == of // 1000
        assert line["type_uid"] == of * 100 + line["activity_id"]
        assert line["metadata"]["version"] == VERSION
        assert line["metadata"]["product"].keys() >= {"name", "vendor_name"}
        index = line["metadata"]["sequence"]
        row = console.parts.records.entry(index)
        entry = orjson.loads(row.body)
        assert line["time"] == row.at // 1000
        assert line["unmapped"]["detail"] == entry["detail"], "nothing is lost"
        assert line["unmapped"]["leaf_hash"] == row.leaf_hash.hex()


ACTS = [
    ("account.changed", ("disabled", 5, 1)),
    ("account.changed", ("roles_set", 7, 1)),
    ("account.changed", ("sessions_ended", 99, 1)),
    ("account.locked", ("locked", 9, 1)),
    ("login.refused", ("refused", 1, 2)),
    ("message.decided", ("block", 3, 2)),
    ("finding.raised", ("open", 1, 1)),
    ("audit.verified", ("not_verified", 99, 2)),
]


async def test_activity_and_status_say_what_happened_when_it_is_exported(console, visitor):
    for kind, (outcome, _, _) in ACTS:
        console.parts.pen.record(kind, outcome, "officer:acts", {"account": "y", "provisions": ["L5"]})
    lines = (await exported(visitor, "ocsf", actor="officer:acts")).content.splitlines()
    for (kind, told), line in zip(ACTS, reversed(lines), strict=True):
        event = orjson.loads(line)
        assert event["message"] == f"{kind}: {told[0]}"
        assert (event["activity_id"], event["status_id"]) == told[1:]
        if kind.startswith(("account", "login")):
            assert event["user"] == {"name": "y"}
        assert ("activity_name" in event) == (event["activity_id"] == 99)


async def test_program_exports_everything_when_its_key_allows(console):
    key = console.parts.people.make_token("auditor", [Scope.EXPORT], 1, by="test")
    client = console.client(authorization=f"Bearer {key}")
    for form in FORMS:
        answer = await client.get("/api/v1/export", params={"format": form, "kind": "finding.raised"})
        assert answer.status_code == 200, answer.text
        wanted = Wanted(kind="finding.raised")
        assert indices_in(form, answer.content) == console.parts.search.find(wanted, limit=500)
    assert (await client.get("/api/v1/export", params={"format": "exe"})).status_code == 400
    assert [each["detail"]["format"] for each in console.entries("audit.exported")] == list(FORMS)
