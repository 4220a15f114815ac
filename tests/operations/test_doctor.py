"""`holdwatch doctor`: what is broken on a real installation is found, what is well is left in peace."""

import os
import re
import sqlite3
import time
from pathlib import Path

import pytest

from integration.cli.doctor import CHECKS
from integration.domain.instants import DAY, HOUR, SECOND
from integration.services.doctor import Level, judge_days, judge_drift, judge_room, judge_silence, judge_step
from tests.cli.conftest import CANARIES, Site, end
from tests.docs.pages import ROOT, rows

NOW = 1_700_000_000 * SECOND


def levels(ran) -> dict[str, str]:
    return {each["check"]: each["level"] for each in ran.json["checks"]}


def test_nothing_is_a_fault_when_the_service_runs(site, on_site):
    service = site.serve()
    try:
        site.drop("night.jsonl", [])
        site.wait_for("night.jsonl")
        ran = on_site("doctor", "all", "--json")
    finally:
        assert end(service) == 0
    found = levels(ran)
    assert [name for name, level in found.items() if level == "fault"] == []
    assert found["sources.engine"] == found["audit.head"] == found["keys.match"] == "ok"
    assert not [word for word in CANARIES if word in ran.text]


def corrupt_entry(site: Site) -> None:
    with sqlite3.connect(site.database) as link:
        link.execute("UPDATE entries SET body = replace(body, 'accepted', 'accepteD') WHERE leaf_index = 1")


def cut_log(site: Site) -> None:
    with sqlite3.connect(site.database) as link:
        link.execute("DELETE FROM entries WHERE leaf_index = (SELECT size - 1 FROM log_state)")
        link.execute("UPDATE log_state SET size = size - 1")


def older_tables(site: Site) -> None:
    with sqlite3.connect(site.database) as link:
        link.execute("UPDATE alembic_version SET version_num = '0001'")


def newer_tables(site: Site) -> None:
    with sqlite3.connect(site.database) as link:
        link.execute("UPDATE alembic_version SET version_num = '9999'")


def another_key(site: Site) -> None:
    path = site.root / "state/keys/log.key"
    path.unlink()
    from integration.audit.note import SigningKey

    SigningKey.generate("audit.example/test-2026").write(path)


def future_file(site: Site) -> None:
    later = time.time() + 3600
    os.utime(site.anchor, (later, later))


def waiting_file(site: Site) -> None:
    path = site.drop("stuck.jsonl", [])
    os.utime(path, (1, 1))


BROKEN = [
    ("audit", corrupt_entry, "audit.head", "fault"),
    ("audit", cut_log, "audit.head", "fault"),
    ("audit", lambda site: site.anchor.unlink(), "audit.anchor", "fault"),
    ("audit", lambda site: site.anchor.write_bytes(b"x"), "audit.anchor", "fault"),
    ("audit", older_tables, "audit.migrations", "fault"),
    ("audit", newer_tables, "audit.migrations", "fault"),
    ("audit", lambda site: site.database.unlink(), "audit.database", "fault"),
    ("keys", lambda site: (site.root / "state/keys/log.key").chmod(0o640), "keys.log", "fault"),
    ("keys", lambda site: (site.root / "state").chmod(0o755), "keys.folder", "fault"),
    ("keys", lambda site: (site.root / "state/keys/vault.key").unlink(), "keys.vault", "fault"),
    ("keys", another_key, "keys.match", "fault"),
    ("clock", future_file, "clock.step", "fault"),
    ("sources", lambda site: None, "sources.engine", "fault"),
    ("sources", lambda site: None, "sources.dead_letters", "warning"),
    ("sources", waiting_file, "sources.folder.drop", "warning"),
    ("settings", lambda site: None, "settings.channels", "warning"),
    ("settings", lambda site: None, "settings.origin", "warning"),
]


@pytest.mark.parametrize("row", BROKEN, ids=[f"{row[2]}-{number}" for number, row in enumerate(BROKEN)])
def test_it_is_found_when_something_is_broken(site, on_site, row):
    group, broken, check, level = row
    broken(site)
    ran = on_site("doctor", group, "--json")
    assert levels(ran)[check] == level
    assert ran.status == 1
    [todo] = [each["todo"] for each in ran.json["checks"] if each["check"] == check]
    assert todo


def test_a_secret_that_others_can_read_is_found_when_the_settings_name_it(site, on_site):
    secret = site.root / "hook.secret"
    secret.write_text("whsec_")
    secret.chmod(0o644)
    site.write_settings(f'[[watch.webhooks]]\nurl = "https://alerts.example.gov/in"\nsecret_file = "{secret}"\n')
    assert levels(on_site("doctor", "keys", "--json"))["keys.watch.webhooks.webhook.secret_file"] == "fault"


def test_a_password_is_found_and_not_told_when_it_stands_in_the_url(site, on_site):
    site.write_settings('[database]\nurl = "postgresql+psycopg://u:geheim@127.0.0.1:1/x?connect_timeout=1"\n')
    ran = on_site("doctor", "keys", "--json")
    assert levels(ran)["keys.database"] == "warning"
    assert "geheim" not in ran.text + ran.err
    assert levels(on_site("doctor", "audit", "--json"))["audit.database"] == "fault"


def test_nothing_is_changed_when_it_looks(site, on_site):
    def state() -> dict[Path, bytes]:
        skipped = {"holdwatch.sqlite-wal", "holdwatch.sqlite-shm"}
        return {
            path: path.read_bytes()
            for path in (site.root / "state").rglob("*")
            if path.is_file() and path.name not in skipped
        }

    before = state()
    on_site("doctor", "all")
    assert state() == before


def test_every_group_stands_on_the_page_when_it_exists():
    assert set(CHECKS) <= set(rows(ROOT / "docs/operations.md", "doctor"))


@pytest.mark.parametrize(
    ("judged", "level", "because"),
    [
        (judge_step(NOW, [("x", NOW + 2 * SECOND)], 2 * SECOND), Level.OK, "as far ahead as allowed"),
        (judge_step(NOW, [("x", NOW + 2 * SECOND + 1)], 2 * SECOND), Level.FAULT, "one microsecond further"),
        (judge_step(NOW, [("x", NOW - DAY)], 0), Level.OK, "the past is no step"),
        (judge_drift("disk", -SECOND, SECOND), Level.OK, "as far as allowed"),
        (judge_drift("disk", -SECOND - 1, SECOND), Level.WARNING, "further, behind"),
        (judge_drift("disk", SECOND + 1, SECOND), Level.WARNING, "further, ahead"),
        (judge_room(79.99, 1), Level.OK, "below the first mark"),
        (judge_room(80.0, 1), Level.WARNING, "AU-4, warning at 80 %"),
        (judge_room(90.0, 1), Level.FAULT, "AU-4, alert at 90 %"),
        (judge_days(10, 10, DAY, least=7, retention=365 * DAY), Level.FAULT, "one day left, a week is the least"),
        (judge_days(70, 10, DAY, least=7, retention=365 * DAY), Level.WARNING, "a week left, a year is to be kept"),
        (judge_days(3650, 10, DAY, least=7, retention=365 * DAY), Level.OK, "room for the retention"),
        (judge_days(1, 10, HOUR - 1, least=7, retention=DAY), Level.NOTE, "an hour tells nothing"),
        (judge_silence("/a", NOW - HOUR, NOW, HOUR), Level.OK, "silent for exactly its limit"),
        (judge_silence("/a", NOW - HOUR - 1, NOW, HOUR), Level.WARNING, "for longer"),
        (judge_silence("/a", None, NOW, HOUR), Level.WARNING, "never heard of"),
    ],
)
def test_boundary_is_where_it_is_said_when_something_is_judged(judged, level, because):
    assert judged.level is level, because
    assert bool(re.search(r"\w", judged.todo)) is (level in {Level.WARNING, Level.FAULT})
