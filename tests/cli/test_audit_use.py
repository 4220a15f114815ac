"""Showing, exporting, proving and sealing: each is itself an entry, and none tells a name."""

from base64 import b64decode

import orjson
import pytest
from pydantic import TypeAdapter

from integration.audit.verify import verify_proof
from schemas.entries import AuditLine, Entry
from tests.cli.conftest import CANARIES, Site

ORDER = ("--authority", "30th Circuit Court 26-1234", "--actor", "officer:clerk")


def entries(on_site, *arguments) -> list[dict]:
    ran = on_site("audit", "show", *arguments, "--json")
    assert ran.status == 0
    return ran.json


def last(on_site, kind: str) -> dict:
    return entries(on_site, "--kind", kind)[-1]


def files_in(folder):
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]


def test_entries_have_the_schema_form_when_shown(on_site):
    shown = entries(on_site)
    for each in shown:
        TypeAdapter(Entry).validate_json(orjson.dumps(each["entry"]))
    assert [each["index"] for each in shown] == list(range(len(shown)))


def test_only_what_was_asked_for_is_shown_when_filtered(on_site):
    shown = entries(on_site, "--booking", "B-2", "--kind", "event.accepted", "--last", 2)
    assert [each["entry"]["detail"]["event_id"] for each in shown] == ["e-8", "e-9"]


def test_reading_is_logged_first_when_entries_are_shown(on_site):
    entries(on_site, "--booking", "B-2", "--actor", "officer:reader")
    read = last(on_site, "audit.read")["entry"]
    assert (read["actor"], read["booking"], read["outcome"]) == ("officer:reader", "B-2", "read")


def test_the_systems_user_is_named_when_no_actor_is_given(on_site, monkeypatch):
    monkeypatch.setenv("LOGNAME", "jdoe")
    entries(on_site)
    assert last(on_site, "audit.read")["entry"]["actor"] == "officer:jdoe"


def test_export_holds_valid_lines_and_its_own_entry_when_written(on_site, tmp_path):
    told = on_site("audit", "export", tmp_path / "out", "--json").json
    lines = (tmp_path / "out" / "audit.jsonl").read_bytes().splitlines()
    rows = [AuditLine.model_validate_json(line) for line in lines]
    assert len(rows) == told["entries"]
    assert rows[told["entry"]].entry.kind == "audit.exported"


def test_nothing_is_overwritten_when_the_folder_holds_something_else(on_site, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("keep me")
    ran = on_site("audit", "export", tmp_path / "mine")
    assert (ran.status, "is not empty" in ran.err) == (2, True)


def test_export_is_brought_up_to_date_when_it_is_there_already(on_site, holdwatch, tmp_path):
    first = on_site("audit", "export", tmp_path / "out", "--json").json
    again = on_site("audit", "export", tmp_path / "out", "--json").json
    assert again["entries"] == first["entries"] + 1
    assert holdwatch("audit", "verify", tmp_path / "out").status == 0


def test_proof_verifies_by_others_when_an_entry_is_proved(on_site, tmp_path):
    file = tmp_path / "e.tlog-proof"
    assert on_site("audit", "prove", 3, "--out", file).status == 0
    opened = orjson.loads(file.with_suffix(".json").read_bytes())
    salt, body = b64decode(opened["salt"]), opened["body"].encode()
    report = verify_proof(file.read_bytes(), opened["vkey"], opened["leaf"].encode(), salt=salt, body=body)
    assert report.ok
    assert not verify_proof(file.read_bytes(), opened["vkey"], opened["leaf"].encode(), salt=salt, body=body + b" ").ok


def test_proof_stays_valid_when_its_entry_is_sealed(on_site, tmp_path):
    before, after = tmp_path / "before.tlog-proof", tmp_path / "after.tlog-proof"
    on_site("audit", "prove", 3, "--out", before)
    assert on_site("audit", "seal", 3, *ORDER).status == 0
    on_site("audit", "prove", 3, "--out", after)
    opened = orjson.loads(after.with_suffix(".json").read_bytes())
    assert (opened["salt"], opened["body"]) == (None, None)
    for file in (before, after):
        assert verify_proof(file.read_bytes(), opened["vkey"], opened["leaf"].encode()).ok


@pytest.mark.parametrize("kind", ["event.accepted", "finding.raised", "finding.resolved", "message.decided"])
def test_log_verifies_when_an_entry_of_any_kind_is_sealed(on_site, holdwatch, tmp_path, kind):
    index = last(on_site, kind)["index"]
    told = on_site("audit", "seal", index, *ORDER, "--json").json
    assert on_site("audit", "verify").status == 0
    assert on_site("audit", "export", tmp_path / "out").status == 0
    assert holdwatch("audit", "verify", tmp_path / "out").status == 0
    record = last(on_site, "entry.sealed")
    assert record["index"] == told["by"]
    assert record["entry"]["detail"] == {
        "actor": "officer:clerk",
        "authority": "30th Circuit Court 26-1234",
        "leaf_index": index,
    }
    row = AuditLine.model_validate_json((tmp_path / "out" / "audit.jsonl").read_bytes().splitlines()[index])
    assert (row.entry, row.salt) == (None, None)


def test_finding_falls_back_when_its_entries_are_sealed_one_by_one(on_site):
    def statuses() -> list[str]:
        found = on_site("findings", "--booking", "B-2", "--json").json
        return [each["status"] for each in found if each["finding_id"] == finding]

    finding = last(on_site, "finding.resolved")["entry"]["detail"]["finding_id"]
    told = [
        each for each in entries(on_site, "--booking", "B-2") if each["entry"]["detail"].get("finding_id") == finding
    ]
    assert statuses() == ["resolved"]
    for left in (["open"], []):
        on_site("audit", "seal", told.pop()["index"], *ORDER)
        assert statuses() == left
    assert on_site("audit", "verify").status == 0


def test_nothing_of_a_sealed_entry_is_left_when_the_database_is_searched(site: Site, on_site):
    shown = last(on_site, "message.decided")
    on_site("audit", "seal", shown["index"], *ORDER)
    policy = orjson.dumps(shown["entry"]["detail"]["policies"])
    for path in (site.root / "state").iterdir():
        assert path.is_dir() or policy not in path.read_bytes(), path.name


SEAL_FAULTS = [(999, "has no entry 999", "beyond the end"), (3, "is sealed already", "a second time")]


@pytest.mark.parametrize(("index", "said", "because"), SEAL_FAULTS)
def test_sealing_is_refused_when_there_is_nothing_to_seal(on_site, index, said, because):
    on_site("audit", "seal", 3, *ORDER)
    ran = on_site("audit", "seal", index, *ORDER)
    assert (ran.status, said in ran.err) == (2, True), because


def test_no_name_comes_out_when_the_log_is_shown_verified_or_exported(on_site, holdwatch, tmp_path):
    told = [on_site("audit", "show").out, on_site("audit", "show", "--json").out, on_site("audit", "verify").out]
    told += [on_site("findings").out, on_site("findings", "--json").out]
    told += [on_site("deadletters", "list").out, on_site("deadletters", "list", "--json").out]
    on_site("audit", "prove", 0, "--out", tmp_path / "p.tlog-proof")
    on_site("audit", "export", tmp_path / "out")
    told += [*files_in(tmp_path / "out"), (tmp_path / "p.json").read_bytes()]
    for canary in CANARIES:
        assert not any(canary.encode() in each for each in told)
