"""What only databases have: migrations, projections, dead letters, and failures that pass or do not."""

import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from integration.audit.merkle import Tree
from integration.bootstrap import open_store
from integration.errors import FatalError, TransientError
from integration.services.dispatch import dispatch
from integration.services.ports import Changes, EventKey, OutboxRow
from integration.services.refused import Refused
from integration.store import database, tables
from integration.store import migrate as migrate_module
from integration.store.database import open_engine
from integration.store.migrate import migrate
from integration.store.queries import Records
from integration.store.sql_store import SqlStore
from integration.store.vault import Vault
from schemas.refusals import Reason
from tests.store.test_contract import AWKWARD, finding, grown, inbox

SCRIPTS = ScriptDirectory(str(Path(migrate_module.__file__).parent / "migrations"))


@pytest.fixture
def sql_store(url):
    store = open_store(url, Vault.throwaway(), durable=False)
    yield store
    store.close()


def test_migrations_and_tables_agree_when_a_database_is_made_from_nothing(url):
    engine = open_engine(url)
    migrate(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, tables.metadata) == []
        assert context.get_current_revision() == SCRIPTS.get_current_head()
    engine.dispose()


def test_migrating_changes_nothing_when_it_is_done_again(url):
    engine = open_engine(url)
    migrate(engine)
    store = SqlStore(engine, Vault.throwaway())
    store.commit(grown(Tree(), 3))
    migrate(engine)
    assert store.tree_size() == 3
    store.close()


def test_no_table_is_left_when_a_migration_fails(url, monkeypatch):
    # because a half-made schema is found by nobody until it is used
    engine = open_engine(url)
    real = Operations.create_table
    made = []

    def fails(operations, name, *columns, **named):
        if len(made) == 3:
            raise FatalError("in the middle")
        made.append(name)
        return real(operations, name, *columns, **named)

    monkeypatch.setattr(Operations, "create_table", fails)
    with pytest.raises(FatalError, match="in the middle"):
        migrate(engine)
    assert inspect(engine).get_table_names() == []
    engine.dispose()


def test_there_is_one_line_of_migrations():
    assert len(SCRIPTS.get_heads()) == 1


def test_rows_are_sorted_alike_when_the_server_speaks_a_language(server):
    # because many servers are set up to sort "a" before "B"; outputs are the same everywhere
    store = open_store(server.new_database("--locale-provider=icu", "--icu-locale=en-US"), Vault.throwaway())
    rows = [finding(number, booking=name) for number, name in enumerate(AWKWARD)]
    store.commit(Changes(findings=rows))
    assert [row.booking for row in Records(store.engine).findings()] == sorted(AWKWARD)
    store.close()


def test_a_finding_is_replaced_when_it_is_told_again(sql_store):
    sql_store.commit(Changes(findings=[finding(1), finding(2)]))
    sql_store.commit(Changes(findings=[finding(1, "resolved")]))
    records = Records(sql_store.engine)
    assert [row.finding_id for row in records.findings(status="open")] == [finding(2).finding_id]
    assert [row.finding_id for row in records.findings(status="resolved")] == [finding(1).finding_id]


def test_the_last_one_counts_when_a_batch_tells_of_a_finding_twice(sql_store):
    sql_store.commit(Changes(findings=[finding(1), finding(1, "resolved")]))
    assert [row.status for row in Records(sql_store.engine).findings()] == ["resolved"]


def test_a_dead_letter_is_sealed_and_comes_back_whole(sql_store, url):
    raw = bytes(range(256)) * 300
    sql_store.commit(Changes(refused=[Refused("f:1", Reason.NOT_JSON, "said", raw, 5)]))
    records, vault = Records(sql_store.engine), sql_store._write._vault
    (letter,) = records.dead_letters()
    assert records.raw_of(letter.number, vault) == raw
    assert raw[:40] not in letter.sealed
    with pytest.raises(FatalError):
        records.raw_of(letter.number, Vault.throwaway())


def test_the_outbox_is_told_in_order_and_again_when_telling_fails(sql_store):
    rows = [OutboxRow(f"k{number}", "t", number, b"{}") for number in range(1200)]
    sql_store.commit(Changes(outbox=rows, new_size=0, refused=[Refused("f:1", Reason.NOT_JSON, "", b"x", 1)]))
    records, told = Records(sql_store.engine), []

    def deliver(batch):
        told.extend(row.key for row in batch)
        if len(told) == 1000:
            raise TransientError("the receiver is gone")

    with pytest.raises(TransientError):
        dispatch(records, deliver)
    dispatch(records, deliver)
    keys = [row.key for row in rows]
    assert told == keys[:1000] + keys[500:]
    assert records.outbox(1) == []


def test_nothing_is_lost_when_another_program_holds_the_file(tmp_path, monkeypatch):
    url = f"sqlite:///{tmp_path / 'test.sqlite'}"
    quick = tuple(each.replace("busy_timeout=5000", "busy_timeout=50") for each in database._SQLITE_PRAGMAS)
    monkeypatch.setattr(database, "_SQLITE_PRAGMAS", quick)
    store = open_store(url, Vault.throwaway())
    tree = Tree()
    store.commit(grown(tree, 1))
    other = sqlite3.connect(tmp_path / "test.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(TransientError, match="locked"):
        store.commit(grown(tree.copy(), 1))
    assert store.tree_size() == 1
    other.close()
    store.commit(grown(tree, 1))
    assert store.tree_size() == 2
    store.close()


def test_work_goes_on_when_the_server_was_restarted(server, request):
    request.addfinalizer(server.start_again)
    store = open_store(server.new_database(), Vault.throwaway())
    tree = Tree()
    store.commit(grown(tree, 1, inbox=[inbox(1)]))
    server.stop()
    for attempt in (lambda: store.seen([EventKey("/a", "e1")]), lambda: store.commit(grown(tree.copy(), 1))):
        with pytest.raises(TransientError):
            attempt()
    server.start_again()
    assert store.seen([EventKey("/a", "e1")])
    store.commit(grown(tree, 1, inbox=[inbox(2)]))
    assert store.tree_size() == 2
    store.close()


def test_the_file_is_refused_when_it_is_no_database(tmp_path):
    (tmp_path / "test.sqlite").write_bytes(b"not a database, " * 500)
    with pytest.raises(FatalError):
        open_store(f"sqlite:///{tmp_path / 'test.sqlite'}", Vault.throwaway())
