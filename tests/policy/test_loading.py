"""Where a pack is looked for, and how its faults are told: in which file, at which key, all at once."""

import shutil
import tomllib
from pathlib import Path

import pytest

from integration.policy.contexts import AccessContext
from integration.policy.pack import (
    FILES,
    Pack,
    PolicyPackError,
    _summary,
    load,
    revision_of,
    shipped_heads,
    shipped_packs,
)
from integration.policy.proof import CounterExample, Invariant
from schemas.kinds import Rule
from tests.policy.conftest import LANSING, PACKS

FOLDER = Path("mine")


def faults(where: Path | str) -> list[tuple[str, str, str]]:
    with pytest.raises(PolicyPackError) as refused:
        load(where)
    error = refused.value
    assert error.where == str(where)
    lines = "".join(f"\n  {fault}" for fault in error.faults)
    assert str(error) == f"policy pack {where} does not load ({len(error.faults)} faults):{lines}"
    return [(fault.file, fault.key, fault.message) for fault in error.faults]


def test_a_folder_is_looked_for_where_one_stands_when_its_path_is_relative(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(PACKS / LANSING, FOLDER)
    for where in (FOLDER, str(FOLDER), tmp_path / FOLDER):
        assert load(where).id == LANSING


def test_a_path_is_never_taken_for_the_id_of_a_shipped_pack(tmp_path, monkeypatch):
    # because somebody who names a folder means that folder, also where it has not been copied yet
    monkeypatch.chdir(tmp_path)
    assert load(LANSING).id == LANSING
    assert len(faults(Path(LANSING))) == len(FILES) + 1


def test_every_missing_file_is_named_and_what_ships_when_a_folder_is_no_pack(tmp_path):
    assert faults(tmp_path) == [
        ("cases.toml", "", "cannot be read: No such file or directory"),
        ("pack.toml", "", "cannot be read: No such file or directory"),
        ("policy.cedar", "", "cannot be read: No such file or directory"),
        (str(tmp_path), "", f"is not a pack (shipped packs: {', '.join(shipped_packs())})"),
    ]


@pytest.mark.parametrize("name", ["pack.toml", "cases.toml"])
def test_a_file_is_named_without_a_key_when_it_cannot_be_read_at_all(name, massachusetts):
    whole = (massachusetts / name).read_bytes()
    (massachusetts / name).write_bytes(b"\xff" + whole)
    assert faults(massachusetts) == [(name, "", "is not UTF-8: invalid start byte at byte 0")]
    (massachusetts / name).write_bytes(b"= 1\n" + whole)
    [(file, key, message)] = faults(massachusetts)
    assert (file, key, message.startswith("is not TOML: ")) == (name, "", True)


def test_a_policy_file_is_refused_when_it_is_not_text(massachusetts):
    whole = (massachusetts / "policy.cedar").read_bytes()
    (massachusetts / "policy.cedar").write_bytes(b"// \xff\n" + whole)
    assert faults(massachusetts) == [("policy.cedar", "(text)", "holds characters that are not ASCII")]


def test_a_key_is_dotted_when_it_lies_deep(massachusetts, edit):
    edit(massachusetts / "pack.toml", "suppress_below = ", "suppress_below = -9")
    edit(massachusetts / "cases.toml", 'action = "', 'action = "No')
    found = {(file, key) for file, key, _ in faults(massachusetts)}
    assert ("pack.toml", "parameters.report.suppress_below") in found
    assert ("cases.toml", "case.0.action") in found


def test_policies_are_read_also_when_the_manifest_is_not(massachusetts, edit):
    # because all faults are told at once
    edit(massachusetts / "pack.toml", "version = 1", "version = 0")
    edit(massachusetts / "policy.cedar", '@reason("court_order")', '@reason("whim")')
    assert {file for file, _, _ in faults(massachusetts)} == {"pack.toml", "policy.cedar"}


def test_cases_are_numbered_from_one_when_one_cannot_be_asked(massachusetts, edit):
    edit(massachusetts / "cases.toml", "{ immigration_paper = true }", "{ detainer = true }")
    keys = [key for file, key, _ in faults(massachusetts) if file == "cases.toml"]
    assert keys[0] == "case 1"


@pytest.mark.parametrize("means", ["rule:overdue_release", "action:Assist"])
def test_a_promise_is_told_when_nothing_keeps_it(means, massachusetts, edit):
    edit(massachusetts / "pack.toml", '["action:GrantAccess"]', f'["action:GrantAccess", "{means}"]')
    assert faults(massachusetts) == [("pack.toml", "provisions.M-h", f"says {means}, which does not cite it")]


def test_a_slip_is_told_once_however_many_contexts_it_breaks():
    contexts = [AccessContext(judicial_warrant=w, court_order=c) for w in (False, True) for c in (False, True)]
    broken = [
        CounterExample(Invariant.ACCESS_NEEDS_COURT, contexts[0], ("a", "b"), "is permitted"),
        CounterExample(Invariant.MONOTONE, contexts[1], ("a", "b"), "is denied"),
        CounterExample(Invariant.ACCESS_NEEDS_COURT, contexts[2], ("a", "b"), "is permitted"),
        CounterExample(Invariant.ACCESS_NEEDS_COURT, contexts[3], ("b",), "is permitted"),
        CounterExample(Invariant.ACCESS_NEEDS_COURT, contexts[1], ("a", "b"), "is permitted"),
    ]
    assert [(each.file, each.key, each.message) for each in _summary(broken)] == [
        ("policy.cedar", "a, b", f"{broken[0]} (and 2 contexts more)"),
        ("policy.cedar", "a, b", str(broken[1])),
        ("policy.cedar", "b", str(broken[3])),
    ]


def test_a_pack_is_refused_with_what_the_proof_found(massachusetts, monkeypatch):
    found = CounterExample(
        Invariant.ACCESS_NEEDS_COURT, AccessContext(judicial_warrant=False, court_order=False), (), ""
    )
    monkeypatch.setattr("integration.policy.pack.prove", lambda _: [found])
    with (massachusetts / "pack.toml").open("a", encoding="utf-8") as file:
        file.write("\n# Other bytes: what was proved already is not proved again.\n")
    assert faults(massachusetts) == [("policy.cedar", "", str(found))]


def test_a_pack_says_what_its_file_says(pack: Pack):
    table = pack.settings
    assert (pack.approval_bases, pack.retention) == (table.approval_bases, table.retention)
    assert (pack.report, pack.accepted_identification) == (table.report, table.accepted_identification)
    assert pack.place_of_birth_rides_with_status is table.place_of_birth_rides_with_status
    rules = pack.parameters
    assert (rules.pack, rules.revision) == (pack.id, pack.revision)
    assert rules.release_processing_detainer == table.release_processing.detainer
    assert rules.release_processing_other == table.release_processing.other
    assert (rules.warn_before, rules.notice_within) == (table.warn_before, table.notice_within)
    assert rules.require_warrant_verification is table.require_warrant_verification
    assert rules.citation_offences == table.citation_offences
    assert rules.identification_bases == table.identification_bases
    assert rules.immigration_authorities.names == table.immigration_authorities.names
    assert rules.partner_agencies_287g.names == table.partner_agencies_287g.names
    assert pack.engine.settings.pack == pack.id
    assert pack.engine.settings.approval_bases == table.approval_bases
    assert pack.engine.settings.place_of_birth_rides_with_status is table.place_of_birth_rides_with_status


def test_a_rule_has_a_note_only_when_its_file_says_one(massachusetts):
    said = tomllib.loads((massachusetts / "pack.toml").read_text(encoding="utf-8"))["rules"]
    assert load(massachusetts).notes == {Rule(name): row["note"] for name, row in said.items() if row.get("note")}


@pytest.mark.parametrize("domain", ["courts.example", "ice.gov"])
def test_who_is_never_held_is_read_and_no_authority_is_among_them(domain, massachusetts):
    before = len(load(massachusetts).parameters.never_held)
    entry = f'[[parameters.never_held]]\nservice = "court"\nbecause = "B"\ndomains = ["{domain}"]\n'
    with (massachusetts / "pack.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n{entry}")
    if domain == "ice.gov":
        [(file, key, message)] = faults(massachusetts)
        assert (file, key) == ("pack.toml", f"parameters.never_held.{before}.domains")
        assert message.startswith("ice.gov is an immigration authority")
    else:
        assert [each.domains for each in load(massachusetts).parameters.never_held[before:]] == [(domain,)]


def test_a_revision_does_not_hang_on_the_order_of_files():
    files = (("b", b"2"), ("a", b"1"))
    assert revision_of(files) == revision_of(files[::-1]) != revision_of((("b", b"1"), ("a", b"2")))


def test_only_folders_with_a_manifest_ship(tmp_path, monkeypatch):
    monkeypatch.setattr("integration.policy.pack._SHIPPED", tmp_path)
    for name in ("z", "a", "empty"):
        (tmp_path / name).mkdir()
    for name in ("z", "a"):
        (tmp_path / name / "pack.toml").touch()
    (tmp_path / "README").touch()
    assert shipped_packs() == ("a", "z")


def test_each_pack_is_listed_with_its_head_and_revision_when_nothing_is_proved():
    listed = shipped_heads()
    assert tuple(head.id for head, _ in listed) == shipped_packs()
    for head, revision in listed:
        folder = PACKS / head.id
        assert head.title == tomllib.loads((folder / "pack.toml").read_text(encoding="utf-8"))["pack"]["title"]
        assert revision == revision_of(tuple((name, (folder / name).read_bytes()) for name in FILES))


@pytest.mark.parametrize(
    ("change", "key"),
    [(("version = 1", "version = 0"), "pack.version"), (("[pack]", "[pack"), "")],
    ids=["its head has a fault", "it is no TOML"],
)
def test_no_list_is_given_when_a_head_cannot_be_read(tmp_path, monkeypatch, edit, change, key):
    # because a list with a pack left out would look whole
    shutil.copytree(PACKS / LANSING, tmp_path / "mine")
    monkeypatch.setattr("integration.policy.pack._SHIPPED", tmp_path)
    [(head, _)] = shipped_heads()
    assert head.id == LANSING
    edit(tmp_path / "mine" / "pack.toml", *change)
    with pytest.raises(PolicyPackError) as refused:
        shipped_heads()
    assert refused.value.where == "mine"
    assert [(fault.file, fault.key) for fault in refused.value.faults] == [("pack.toml", key)]
