"""Backup and restore: whole or not there, never older than what was signed without saying so, killed at any moment."""

import multiprocessing
import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import orjson
import pytest
from sqlalchemy import create_engine

from integration.errors import FatalError, UsageError
from integration.runners import restore as restoring
from integration.runners.backup import prune
from integration.runners.keysafe import lock_keys, put_keys, unlock_keys
from tests.cli.conftest import CANARIES, EVENTS, Site, end, event
from tests.operations.refused import later_anchor

PHRASE = b"correct horse battery staple"
NOW = 1_790_000_000_000_000


@pytest.fixture
def saved(site: Site, on_site) -> Path:
    """A backup of an installation, its keys beside it."""
    phrase = site.root / "phrase"
    phrase.write_bytes(PHRASE)
    phrase.chmod(0o600)
    ran = on_site("backup", site.root / "saved", "--keys", site.root / "keys.safe", "--passphrase-file", phrase)
    assert ran.status == 0, ran.err
    return site.root / "saved"


@pytest.fixture
def put_back(site: Site, holdwatch, saved):
    """Restore that backup, with the keys, unless the test says otherwise."""

    def run(to: Path, *more: object, keys: bool = True):
        safe = ["--keys", site.root / "keys.safe", "--passphrase-file", site.root / "phrase"] if keys else []
        return holdwatch("restore", saved, "--to", to, *safe, *more)

    return run


def settings_over(site: Site, state: Path) -> Path:
    """Settings of the same installation with another state folder."""
    path = site.root / "restored.toml"
    path.write_text(site.settings.read_text().replace(str(site.root / "state"), str(state)))
    return path


def kinds(holdwatch, settings: Path) -> list[str]:
    shown = holdwatch("audit", "show", "--settings", settings, "--last", "500", "--json")
    return [row["entry"]["kind"] for row in shown.json]


def test_the_service_goes_on_and_verifies_when_a_backup_was_put_back(site, holdwatch, put_back, saved):
    state = site.root / "elsewhere"
    ran = put_back(state, "--json")
    assert ran.status == 0, ran.err
    manifest = orjson.loads((saved / "manifest.json").read_bytes())
    assert ran.json["entries"] == manifest["size"] + 1
    settings = settings_over(site, state)
    site.drop("again.jsonl", [*EVENTS, event(99, "booking.opened", "21:00", {}, booking="B-9")])
    shutil.rmtree(site.root / "state")
    settings.replace(site.settings)
    service = site.serve()
    try:
        site.wait_for("again.jsonl")
    finally:
        assert end(service) == 0
    assert holdwatch("audit", "verify", "--settings", site.settings, "--earlier", saved / "checkpoint").status == 0
    told = kinds(holdwatch, site.settings)
    assert told.count("backup.made") == told.count("backup.restored") == 1, "the copy was made before its end was told"
    with sqlite3.connect(state / "holdwatch.sqlite") as link:
        assert link.execute("SELECT count(*) FROM inbox").fetchone() == (len(EVENTS) + 1,)


def test_a_copy_is_of_one_moment_when_the_service_writes_meanwhile(site, on_site, holdwatch):
    service = site.serve()
    try:
        site.drop("first.jsonl", [])
        site.wait_for("first.jsonl")
        for number in range(4):
            site.drop(f"{number}.jsonl", [event(200 + number, "booking.opened", "22:00", {}, booking=f"C-{number}")])
            assert on_site("backup", site.root / f"copy-{number}", "--json").json["verified"] is True
    finally:
        assert end(service) == 0
    assert on_site("audit", "verify").status == 0


def test_nobody_else_can_read_it_and_no_key_is_in_it_when_it_was_made(site, saved):
    private = [stat.S_IMODE(path.stat().st_mode) for path in saved.iterdir()]
    assert set(private) == {0o600}
    assert stat.S_IMODE(saved.stat().st_mode) == 0o700
    secrets = [path.read_bytes().strip() for path in (site.root / "state/keys").iterdir()]
    everything = b"".join(path.read_bytes() for path in [*saved.iterdir(), site.root / "keys.safe"])
    assert [secret for secret in secrets if secret in everything] == []
    assert [word for word in CANARIES if word.encode() in (site.root / "keys.safe").read_bytes()] == []


def test_it_says_that_keys_are_left_out_when_they_are(site, on_site):
    ran = on_site("backup", site.root / "plain")
    assert "keys are NOT in this backup" in ran.err
    assert orjson.loads((site.root / "plain/manifest.json").read_bytes())["keys"] == "left_out"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--keys", "{root}/k"], "go together"),
        (["--keys", "{root}/saved/k", "--passphrase-file", "{root}/phrase"], "apart"),
        (["--keys", "{root}/phrase", "--passphrase-file", "{root}/phrase"], "never written over"),
        (["--keys", "{root}/k", "--passphrase-file", "{root}/short"], "at least 16"),
        (["--keys", "{root}/k", "--passphrase-file", "{root}/open"], "chmod 600"),
    ],
)
def test_nothing_is_left_under_its_name_when_it_was_asked_wrongly(site, on_site, arguments, said):
    for name, content, mode in [("phrase", PHRASE, 0o600), ("short", b"short", 0o600), ("open", PHRASE, 0o644)]:
        (site.root / name).write_bytes(content)
        (site.root / name).chmod(mode)
    ran = on_site("backup", site.root / "saved", *[each.format(root=site.root) for each in arguments])
    assert ran.status == 2
    assert said in ran.err
    assert not (site.root / "saved").exists()


def test_a_backup_is_refused_when_its_log_was_changed(site, on_site):
    with sqlite3.connect(site.database) as link:
        link.execute("UPDATE findings SET severity = 'advice'")
    ran = on_site("backup", site.root / "saved")
    assert ran.status == 3
    assert not (site.root / "saved").exists()


def test_the_oldest_go_when_a_series_is_kept(site, tmp_path):
    for name in ("2026-01-01T000000Z", "2026-01-02T000000Z", "2026-01-03T000000Z", "mine"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "manifest.json").write_text("{}")
    (tmp_path / "2025-01-01T000000Z").mkdir()  # half a backup: somebody has to look
    assert prune(tmp_path, 2) == ["2026-01-01T000000Z"]
    left = {path.name for path in tmp_path.iterdir()} & {"2025-01-01T000000Z", "2026-01-03T000000Z", "mine"}
    assert len(left) == 3


def test_each_has_a_folder_of_its_own_when_a_series_is_kept(site, on_site):
    ran = on_site("backup", "--keep", "1", site.root / "series", "--json")
    assert ran.status == 0, ran.err
    [made] = (site.root / "series").iterdir()
    assert ran.json["folder"] == str(made)


@pytest.mark.parametrize("name", ["checkpoint", "holdwatch.sqlite", "holdwatch.toml", "vkey"])
def test_a_restore_is_refused_when_a_file_was_changed(put_back, site, saved, name):
    content = bytearray((saved / name).read_bytes())
    content[len(content) // 2] ^= 1
    (saved / name).write_bytes(content)
    ran = put_back(site.root / "elsewhere")
    assert ran.status == 2
    assert name in ran.err
    assert not (site.root / "elsewhere/holdwatch.sqlite").exists()


def test_a_restore_is_refused_when_manifest_and_log_were_changed_together(put_back, site, saved):
    with sqlite3.connect(saved / "holdwatch.sqlite") as link:
        link.execute("UPDATE entries SET outcome = 'refused' WHERE leaf_index = 2")
    from integration.runners.backup import digest_of
    from integration.services.backup import read_manifest, write_manifest

    manifest = read_manifest((saved / "manifest.json").read_bytes())
    manifest.files["holdwatch.sqlite"] = digest_of(saved / "holdwatch.sqlite")
    (saved / "manifest.json").write_bytes(write_manifest(manifest))
    ran = put_back(site.root / "elsewhere")
    assert ran.status == 3
    assert "does not verify" in ran.err


def test_an_older_backup_is_refused_when_the_anchor_is_newer(site, on_site, put_back):
    later_anchor(site, on_site)
    ran = put_back(site.root / "state")
    assert ran.status == 2
    assert "--accept-loss-after" in ran.err
    assert not site.database.exists()


def test_an_older_backup_is_refused_when_a_checkpoint_from_elsewhere_is_newer(site, on_site, put_back):
    later_anchor(site, on_site)
    assert put_back(site.root / "elsewhere", "--known", site.anchor).status == 2


def test_the_log_says_what_was_lost_when_somebody_accepts_it(site, on_site, holdwatch, put_back, saved):
    signed = later_anchor(site, on_site)
    assert put_back(site.root / "state", "--accept-loss-after", site.anchor).status == 2  # not the backup's own
    ran = put_back(site.root / "state", "--accept-loss-after", saved / "checkpoint", "--json", "--actor", "officer:kit")
    assert ran.status == 0, ran.err
    kept = orjson.loads((saved / "manifest.json").read_bytes())["checkpoint_size"]
    assert ran.json["lost"] == {"after": kept, "signed": signed}
    shown = holdwatch("audit", "show", "--kind", "backup.restored", "--json", "--settings", site.settings).json
    [entry] = [row["entry"] for row in shown]
    assert (entry["actor"], entry["outcome"]) == ("officer:kit", "loss_accepted")
    assert (entry["detail"]["lost_after"], entry["detail"]["signed_size"]) == (kept, signed)
    assert on_site("audit", "verify").status == 0
    assert (site.root / f"state/anchor.before-restore-{signed}").exists()


def test_nothing_is_signed_or_changed_when_it_is_a_drill(site, holdwatch, saved, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    before = {path: path.read_bytes() for path in (site.root / "state").rglob("*") if path.is_file()}
    size = orjson.loads((saved / "manifest.json").read_bytes())["size"]
    for more in ([], ["--to", site.root / "state"], ["--known", site.anchor]):
        ran = holdwatch("restore", saved, "--drill", *more, "--json")
        assert (ran.status, ran.json["entries"]) == (0, size), ran.err
    assert {path: path.read_bytes() for path in (site.root / "state").rglob("*") if path.is_file()} == before


def test_a_drill_fails_when_the_backup_is_older_than_the_log(site, on_site, holdwatch, saved):
    later_anchor(site, on_site)
    assert holdwatch("restore", saved, "--drill", "--to", site.root / "state").status == 2
    assert holdwatch("restore", saved).status == 2  # neither a drill nor a place to restore to


def test_the_service_refuses_when_a_newer_version_has_migrated_the_database(site, on_site):
    with sqlite3.connect(site.database) as link:
        link.execute("UPDATE alembic_version SET version_num = '9999'")
    ran = on_site("audit", "show")
    assert ran.status == 3
    assert "newer version" in ran.err


def test_nobody_can_accept_a_loss_when_there_is_none(site, put_back, saved):
    ran = put_back(site.root / "elsewhere", "--accept-loss-after", saved / "checkpoint")
    assert ran.status == 2
    assert "nothing is lost" in ran.err


def test_nothing_is_written_over_when_there_is_a_log(site, put_back):
    before = site.database.read_bytes()
    assert put_back(site.root / "state").status == 2
    assert site.database.read_bytes() == before


def test_a_restore_is_refused_when_keys_are_missing_or_others(site, put_back, tmp_path):
    assert put_back(site.root / "elsewhere", keys=False).status == 2
    shutil.copytree(site.root / "state/keys", site.root / "third/keys")
    (site.root / "third/keys/log.key").unlink()
    from integration.audit.note import SigningKey

    SigningKey.generate("audit.example/test-2026").write(site.root / "third/keys/log.key")
    (site.root / "third").chmod(0o700)
    ran = put_back(site.root / "third", keys=False)
    assert ran.status == 2
    assert "not the key of this log" in ran.err


def test_the_right_keys_can_follow_when_the_wrong_ones_were_given_first(site, put_back, holdwatch, saved, tmp_path):
    from integration.audit.note import SigningKey

    other = tmp_path / "other"
    other.mkdir()
    SigningKey.generate("audit.example/test-2026").write(other / "log.key")
    (other / "vault.key").write_bytes(b"x" * 32)
    lock_keys(other, tmp_path / "wrong.safe", PHRASE)
    state = site.root / "elsewhere"
    given = ("--keys", tmp_path / "wrong.safe", "--passphrase-file", site.root / "phrase")
    ran = holdwatch("restore", saved, "--to", state, *given)
    assert ran.status == 2
    assert "the key of another log" in ran.err
    assert list((state / "keys").iterdir()) == []
    assert put_back(state).status == 0


@pytest.mark.parametrize("how", ["a file of the folder is open", "the folder is where it works"])
def test_a_restore_is_refused_when_anything_works_over_the_folder(site, put_back, how):
    """The console, the gate or a connector, over a database that was moved away."""
    state = site.root / "elsewhere"
    state.mkdir(mode=0o700)
    (state / "moved.sqlite").touch()
    (site.root / "holdwatch").write_text("import time; print('up', flush=True); time.sleep(60)")
    opened = {"stdin": (state / "moved.sqlite").open("r+b")} if how.startswith("a file") else {"cwd": state}
    worker = subprocess.Popen(
        [sys.executable, site.root / "holdwatch", "console"], stdout=subprocess.PIPE, text=True, **opened
    )
    try:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "up\n"
        if "stdin" in opened:
            opened["stdin"].close()
        ran = put_back(state)
    finally:
        worker.kill()
        worker.communicate()
    assert ran.status == 2
    assert f"process {worker.pid} works in" in ran.err
    assert put_back(state).status == 0


def test_a_restore_is_refused_when_the_service_runs(site, put_back):
    service = site.serve()
    try:
        site.drop("x.jsonl", [])
        site.wait_for("x.jsonl")
        ran = put_back(site.root / "state")
    finally:
        assert end(service) == 0
    assert ran.status == 2
    assert "stop it first" in ran.err


def test_sessions_end_and_messages_wait_for_a_person_when_time_was_lost(site, put_back, saved, on_site):
    with sqlite3.connect(saved / "holdwatch.sqlite") as link:
        link.execute("INSERT INTO sessions VALUES (x'01', 'kit', 1, 1, 1, NULL)")
        link.execute("INSERT INTO api_tokens VALUES ('t', 'kit', x'02', '[]', 1, 9, NULL)")
        link.execute("INSERT INTO mails VALUES ('m', 'smtp', '/jms/lansing-pd', 1, 1, x'00', NULL, NULL)")
        for number, (state, to) in enumerate(
            [("to_send", "immigration_authority"), ("to_send", "other"), ("sent", "immigration_authority")]
        ):
            link.execute(
                "INSERT INTO deliveries VALUES (?, 'm', ?, ?, ?, '', x'7b7d', '[]', 0, 1, 1, '', 1)",
                (f"m-{number}", number, state, to),
            )
    from integration.runners.backup import digest_of
    from integration.services.backup import read_manifest, write_manifest

    manifest = read_manifest((saved / "manifest.json").read_bytes())
    manifest.files["holdwatch.sqlite"] = digest_of(saved / "holdwatch.sqlite")
    (saved / "manifest.json").write_bytes(write_manifest(manifest))
    ran = put_back(site.root / "elsewhere", "--json")
    assert ran.json["messages_held"] == 1
    with sqlite3.connect(site.root / "elsewhere/holdwatch.sqlite") as link:
        assert link.execute("SELECT state FROM deliveries ORDER BY number").fetchall() == [
            ("unknown",),
            ("to_send",),
            ("sent",),
        ]
        assert link.execute("SELECT count(*) FROM sessions WHERE revoked_at IS NULL").fetchone() == (0,)
        assert link.execute("SELECT count(*) FROM api_tokens WHERE revoked_at IS NULL").fetchone() == (0,)
        assert link.execute("SELECT count(*) FROM entries WHERE kind = 'message.unknown'").fetchone() == (1,)


def test_keys_come_back_when_the_passphrase_is_right_and_never_else(tmp_path):
    folder, again = tmp_path / "keys", tmp_path / "again"
    folder.mkdir()
    again.mkdir()
    (folder / "log.key").write_bytes(b"\x00\xff secret")
    lock_keys(folder, tmp_path / "safe", PHRASE)
    with pytest.raises(UsageError, match="does not open"):
        unlock_keys(tmp_path / "safe", PHRASE[:-1])
    changed = bytearray((tmp_path / "safe").read_bytes())
    changed[-1] ^= 1
    (tmp_path / "changed").write_bytes(changed)
    with pytest.raises(UsageError, match="does not open"):
        unlock_keys(tmp_path / "changed", PHRASE)
    assert put_keys(unlock_keys(tmp_path / "safe", PHRASE), again) == ["log.key"]
    assert (again / "log.key").read_bytes() == b"\x00\xff secret"
    assert put_keys({"log.key": b"other"}, again) == []


# -- killed at any moment ---------------------------------------------------------------------------------------


def _killed_at(order: restoring.Order, step: int) -> None:
    """Restore in this process, and die before the given step of those that change what is on the disk."""
    left = step

    def mortal(act):
        def acting(*given, **named):
            nonlocal left
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left -= 1
            return act(*given, **named)

        return acting

    for name in ("fsync", "rename", "unlink", "mkdir", "rmdir"):
        setattr(os, name, mortal(getattr(os, name)))
    restoring.restore(order)


@pytest.mark.parametrize("loss", [False, True], ids=["whole", "with loss"])
def test_the_same_command_ends_it_when_it_was_killed_at_any_step(site, on_site, saved, loss):
    if loss:
        later_anchor(site, on_site)
    fork = multiprocessing.get_context("fork")
    step, state = 0, site.root / "target"
    while True:
        shutil.rmtree(state, ignore_errors=True)
        shutil.copytree(site.root / "state/keys", state / "keys")
        state.chmod(0o700)
        if loss:
            shutil.copyfile(site.anchor, state / "anchor")
        order = restoring.Order(
            saved, state, "officer:kit", lambda: NOW, accept=(saved / "checkpoint").read_bytes() if loss else None
        )
        child = fork.Process(target=_killed_at, args=(order, step))
        child.start()
        child.join(60)
        if child.exitcode == 0:
            break
        assert child.exitcode == -signal.SIGKILL
        _refuses_or_works(site, state)
        if (state / "restoring").exists() or not (state / "holdwatch.sqlite").exists():
            restoring.restore(order)
        assert not (state / "restoring").exists()
        _verifies(site, on_site, state)
        step += 1
    assert step >= 15  # because a loop that kills nothing would pass


def _refuses_or_works(site: Site, state: Path) -> None:
    """What the service would find: it opens the log whole, refuses it, or begins one where there was none signed."""
    from integration.audit.anchor import AnchorError
    from integration.bootstrap import open_log
    from integration.settings import load_settings

    copy = state.with_name("copy")
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(state, copy)
    signed = (copy / "anchor").exists()
    try:
        log = open_log(load_settings(settings_over(site, copy)))
    except (AnchorError, FatalError):
        return
    size = log.store.tree_size()
    log.store.close()
    assert not (state / "restoring").exists()
    assert size > 0 or not signed


def _verifies(site: Site, on_site, state: Path) -> None:
    from integration.audit.note import SigningKey
    from integration.services.verification import verify_kept
    from integration.store.database import open_engine
    from integration.store.queries import Records

    vkey = SigningKey.load(state / "keys/log.key", "audit.example/test-2026").vkey
    engine = open_engine(f"sqlite:///{state / 'holdwatch.sqlite'}")
    report = verify_kept(Records(engine).kept(), (state / "anchor").read_bytes(), vkey)
    engine.dispose()
    assert report.ok, report.problems
    assert report.head is not None
    assert report.head.size == report.entries


# -- PostgreSQL --------------------------------------------------------------------------------------------------


def test_the_log_goes_on_when_a_postgresql_database_was_put_back(site, server, holdwatch):
    first, second = server.new_database(), server.new_database()
    site.write_settings(f'[database]\nurl = "{first}"\n')
    state = site.root / "state"
    shutil.rmtree(state)
    site.drop("day.jsonl", EVENTS)
    service = site.serve()
    try:
        site.wait_for("day.jsonl")
    finally:
        assert end(service) == 0
    ran = holdwatch("backup", site.root / "saved", "--settings", site.settings, "--json")
    assert ran.status == 0, ran.err
    entries = ran.json["entries"]
    assert (
        subprocess.run(
            ["pg_restore", "--list", site.root / "saved/holdwatch.dump"], capture_output=True, check=False
        ).returncode
        == 0
    )
    refused = holdwatch("restore", site.root / "saved", "--to", state, "--database", first)
    assert refused.status == 2
    assert "not empty" in refused.err
    assert holdwatch("restore", site.root / "saved", "--to", state).status == 2  # no database given
    ran = holdwatch("restore", site.root / "saved", "--to", state, "--database", second, "--json")
    assert ran.status == 0, ran.err
    assert ran.json["entries"] == entries + 1
    site.write_settings(f'[database]\nurl = "{second}"\n')
    assert holdwatch("audit", "verify", "--settings", site.settings).status == 0
    engine = create_engine(second)
    with engine.connect() as link:
        assert link.exec_driver_sql("SELECT count(*) FROM inbox").scalar_one() == len(EVENTS)
    engine.dispose()
