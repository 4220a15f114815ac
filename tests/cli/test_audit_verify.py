"""``holdwatch audit verify``: every change is found and located, and the verdict says what it stands on."""

import shutil
import sqlite3

import pytest

from tests.cli.conftest import EVENTS, ORIGIN, Site, event

WITHOUT_KEY = "the key came from the log's own folder"


@pytest.fixture
def exported(on_site, tmp_path):
    folder = tmp_path / "export"
    assert on_site("audit", "export", folder).status == 0
    return folder


def test_verdict_is_clear_when_an_installation_is_whole(on_site):
    ran = on_site("audit", "verify")
    assert ran.status == 0
    verdict = ran.text.splitlines()[-1]
    assert verdict.startswith("verified: ")
    assert f"signed by {ORIGIN}+" in verdict
    assert "entries past the checkpoint are not yet anchored: 0" in verdict
    assert "tail loss past" in verdict


def test_installation_verifies_by_the_published_key_when_it_is_given(on_site, exported):
    told = on_site("audit", "verify", "--vkey", exported / "vkey", "--json").json
    assert (told["ok"], told["key_from"], told["checkpoint"]["size"]) == (True, "given", told["entries"])


def test_export_verifies_when_nothing_was_changed(holdwatch, exported):
    ran = holdwatch("audit", "verify", exported)
    assert ran.status == 0
    assert WITHOUT_KEY in ran.text
    given = holdwatch("audit", "verify", exported, "--vkey", (exported / "vkey").read_text())
    assert (given.status, WITHOUT_KEY in given.text) == (0, False)


@pytest.mark.parametrize("names", [["audit.jsonl"], ["tile"]])
def test_half_an_export_verifies_when_only_rows_or_tiles_are_left(holdwatch, exported, names):
    for name in names:
        path = exported / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert holdwatch("audit", "verify", exported).status == 0


def test_flipped_byte_is_located_when_an_exported_row_was_changed(holdwatch, exported):
    rows = (exported / "audit.jsonl").read_bytes().splitlines(keepends=True)
    flipped = rows[2].replace(b'"outcome":"accepted"', b'"outcome":"bccepted"')
    assert flipped != rows[2]
    rows[2] = flipped
    (exported / "audit.jsonl").write_bytes(b"".join(rows))
    ran = holdwatch("audit", "verify", exported, "--json")
    assert ran.status == 1
    assert {(each["index"], each["what"]) for each in ran.json["problems"]} == {(2, "commitment_differs")}
    assert ran.json["verdict"].startswith("NOT VERIFIED, 1 problems")


def test_row_is_located_when_it_was_forged_with_a_leaf_of_its_own(holdwatch, exported):
    rows = (exported / "audit.jsonl").read_bytes().splitlines(keepends=True)
    forged = rows[3].replace(b'"index":3', b'"index":4')
    (exported / "audit.jsonl").write_bytes(b"".join([*rows[:4], forged, *rows[5:]]))
    problems = holdwatch("audit", "verify", exported, "--json").json["problems"]
    assert (4, "tile_differs") in {(each["index"], each["what"]) for each in problems}


def test_history_is_checked_when_earlier_checkpoints_are_given(site: Site, on_site, exported, tmp_path):
    early = tmp_path / "early"
    early.write_bytes((exported / "checkpoint").read_bytes())
    ran = on_site("audit", "verify", "--earlier", early)
    assert (ran.status, "tail loss past the last external anchor" in ran.text) == (0, True)
    early.write_bytes(early.read_bytes().replace(b"\n\n", b"\n\n\n", 1))
    assert on_site("audit", "verify", "--earlier", early).status == 1


TAMPERINGS = {
    "body": ("UPDATE entries SET body = replace(body, 'B-1', 'B-9') WHERE leaf_index = 2", 2, "stored_hash_differs"),
    "column": ("UPDATE entries SET booking = 'B-9' WHERE leaf_index = 2", 2, "columns_differ"),
    "time": ("UPDATE entries SET at = at + 1 WHERE leaf_index = 2", 2, "columns_differ"),
    "kind": ("UPDATE entries SET kind = 'audit.read' WHERE leaf_index = 2", 2, "columns_differ"),
    "gone": ("DELETE FROM entries WHERE leaf_index = 2", 2, "missing"),
    "unlawfully sealed": (
        "UPDATE entries SET body = NULL, salt = NULL WHERE leaf_index = 2",
        2,
        "sealed_without_entry",
    ),
    "finding closed": ("UPDATE findings SET status = 'resolved' WHERE booking = 'B-1'", None, "projection_differs"),
    "finding gone": ("DELETE FROM findings WHERE booking = 'B-2'", None, "projection_differs"),
    "decision": ("UPDATE decisions SET decision = 'permit'", None, "projection_differs"),
    "invented tile": ("INSERT INTO tiles VALUES (1, 0, x'00')", None, "tile_differs"),
    "size": ("UPDATE log_state SET size = size + 1", None, "size_differs"),
}


@pytest.mark.parametrize(("statement", "index", "what"), TAMPERINGS.values(), ids=TAMPERINGS)
def test_tampering_is_found_when_the_database_was_changed(site: Site, on_site, statement, index, what):
    with sqlite3.connect(site.database) as database:
        assert database.execute(statement).rowcount
    database.close()
    ran = on_site("audit", "verify", "--json")
    assert ran.status == 1
    found = [each for each in ran.json["problems"] if each["what"] == what]
    assert found
    assert index is None or index in {each["index"] for each in found}


def test_cut_tail_is_found_when_the_anchor_is_ahead(site: Site, on_site):
    with sqlite3.connect(site.database) as database:
        last = database.execute("SELECT max(leaf_index) FROM entries").fetchone()[0]
        database.execute("DELETE FROM entries WHERE leaf_index = ?", (last,))
        database.execute("UPDATE log_state SET size = ?", (last,))
    database.close()
    ran = on_site("audit", "verify", "--json")
    assert ran.status == 1
    assert "size_differs" in {each["what"] for each in ran.json["problems"]}


def test_missing_anchor_is_a_problem_when_an_installation_is_verified(site: Site, on_site):
    site.anchor.unlink()
    ran = on_site("audit", "verify", "--json")
    assert (ran.status, ran.json["problems"][0]["what"]) == (1, "checkpoint_invalid")


def test_every_command_refuses_when_the_database_was_rolled_back(site: Site, on_site):
    old = site.database.with_suffix(".backup")
    shutil.copy(site.database, old)
    assert on_site("audit", "show").status == 0
    for suffix in ("", "-wal", "-shm"):
        site.database.with_name(site.database.name + suffix).unlink(missing_ok=True)
    shutil.copy(old, site.database)
    for command in (["audit", "show"], ["findings"], ["deadletters", "list"], ["audit", "export", site.root / "x"]):
        ran = on_site(*command)
        assert ran.status == 3, command
        assert "but a checkpoint over" in ran.err
        assert ran.err.count("\n") == 1
    assert on_site("audit", "verify").status == 1


def test_service_refuses_to_start_when_the_database_was_rolled_back(site: Site, on_site):
    old = site.database.read_bytes()
    assert on_site("audit", "show").status == 0
    for suffix in ("-wal", "-shm"):
        site.database.with_name(site.database.name + suffix).unlink(missing_ok=True)
    site.database.write_bytes(old)
    service = site.serve()
    assert service.wait(timeout=60) == 3
    assert "but a checkpoint over" in (site.root / "service.log").read_text()


def test_replay_verifies_when_it_was_just_written(holdwatch, site: Site, tmp_path):
    file = site.drop("replayed.jsonl", [*EVENTS, event(90, "booking.opened", "08:00", {}, booking="B-9")])
    out = tmp_path / "replay"
    assert holdwatch("replay", file, "--policy", "lansing-eo-2017-01", "--out", out).status == 0
    assert holdwatch("audit", "verify", out).status == 0


USAGE = [
    (["no-such-folder"], "holds no log"),
    ([".", "--vkey", "nonsense"], "--vkey is neither"),
    ([".", "--earlier", "no-such-file"], "--earlier no-such-file"),
]


@pytest.mark.parametrize(("arguments", "said"), USAGE)
def test_usage_is_told_when_verify_is_asked_wrongly(holdwatch, arguments, said):
    ran = holdwatch("audit", "verify", *arguments)
    assert ran.status == 2
    assert said in ran.err


def test_nothing_is_made_when_there_is_no_installation(holdwatch, tmp_path):
    site = Site(tmp_path)
    site.write_settings()
    ran = holdwatch("audit", "verify", "--settings", site.settings)
    assert (ran.status, "there is no database yet" in ran.err) == (2, True)
    assert not (tmp_path / "state").exists()


def test_nothing_is_decided_when_the_database_or_key_cannot_be_read(site: Site, on_site):
    key = site.root / "state" / "keys" / "log.key"
    key.chmod(0o644)
    ran = on_site("audit", "verify")
    assert (ran.status, "chmod 600" in ran.err) == (3, True)
    key.chmod(0o600)
    site.database.write_bytes(b"no database at all" * 1000)
    ran = on_site("audit", "verify")
    assert (ran.status, ran.err.count("\n")) == (3, 1)


def test_log_can_be_read_when_a_pack_is_broken(site: Site, on_site):
    site.settings.write_text(site.settings.read_text().replace("lansing-eo-2017-01", "no-such-pack"))
    assert on_site("audit", "show").status == on_site("audit", "verify").status == on_site("findings").status == 0
    ran = on_site("deadletters", "resubmit", 1)
    assert (ran.status, "no-such-pack" in ran.err) == (3, True)
