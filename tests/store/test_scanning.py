"""A count gets every body in order and nothing for a sealed entry, whatever the database."""

import pytest

from integration.bootstrap import open_desk, open_store
from integration.errors import FatalError
from integration.policy.pack import load
from integration.runners.replay import replay
from integration.services.auditing import AuditDesk
from integration.services.intake import Input
from integration.store import scanning
from integration.store.queries import Records
from integration.store.vault import Vault
from tests.reports.story import EVENTS


@pytest.fixture
def store(url):
    store = open_store(url, Vault.throwaway(), durable=False)
    pack = load("ma-welcoming-community")
    desk = open_desk(store, lambda _source, _now: pack, place="x")
    replay((Input(f"x:{number}", line) for number, line in enumerate(EVENTS)), desk)
    yield store
    store.close()


@pytest.mark.parametrize("chunk", [1, 7, 10_000])
def test_bodies_are_those_of_the_log_when_they_are_scanned(store, monkeypatch, chunk):
    AuditDesk(store, place="x", now=lambda: 1).seal(Records(store.engine), 3, authority="order", actor="clerk")
    monkeypatch.setattr(scanning, "_CHUNK", chunk)
    rows = [row.body for row in Records(store.engine).entries()]
    assert list(scanning.bodies(store.engine, len(rows))) == rows
    assert rows[3] is None
    assert list(scanning.bodies(store.engine, 5)) == rows[:5]
    assert list(scanning.bodies(store.engine, len(rows) + 30)) == rows
    monkeypatch.setattr(scanning, "_MOST_AT_ONCE", chunk)
    some = [len(rows) - 1, 0, 3, 5]
    assert list(scanning.some_bodies(store.engine, some)) == [(leaf, rows[leaf]) for leaf in sorted(some)]


def test_a_failing_database_is_told_when_the_table_is_gone(store):
    with store.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE entries")
    with pytest.raises(FatalError):
        list(scanning.bodies(store.engine, 5))
