"""From a database of an earlier version to this one, with everything that a real site has: what was signed stays so.

Ten thousand rows in the suite; a million by hand (``-m by_hand -s``), with the time.
"""

import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, inspect

from integration.audit.checkpoint import sign_checkpoint
from integration.audit.entry import Entry
from integration.audit.merkle import Tree
from integration.audit.note import SigningKey
from integration.audit.proofs import root_at
from integration.bootstrap import open_store
from integration.services.ports import Changes, InboxRow
from integration.services.recorder import Recorder, salts_of_content
from integration.services.verification import verify_kept
from integration.store import tables
from integration.store.database import open_engine
from integration.store.queries import Records
from integration.store.sql_store import SqlStore
from integration.store.vault import Vault
from tests.store.test_migrations import copied, migrate_to

FIRST = "0001"
BATCH = 5000
NOW = 1_790_000_000_000_000
ORIGIN = "audit.example/upgrade"


def entries(count: int) -> Iterator[Entry]:
    """Acceptances as the service logs them: the bulk of every log."""
    for number in range(count):
        detail = {
            "event_id": f"e-{number}",
            "type": "jail.hold.placed.v1",
            "time": "2026-01-01T00:00:00.000000Z",
            "data": {},
        }
        yield Entry(
            kind="event.accepted", at=NOW + number, source="/jms/a", booking=f"B-{number % 5000}",
            actor="service:intake", outcome="accepted", place="test", pack="p", pack_revision="0" * 64, detail=detail,
        )  # fmt: skip


def filled(path: Path, count: int) -> SqlStore:
    """A database of today with ``count`` entries, written by the service's own recorder and store."""
    store = open_store(f"sqlite:///{path}", Vault.throwaway(), durable=False)
    recorder = Recorder(Tree.restore(0, store.tile), salts_of_content)
    log = entries(count)
    while batch := list(islice(log, BATCH)):
        changes = Changes()
        for entry in batch:
            recorder.write(entry)
            changes.inbox.append(InboxRow(entry.source, entry.detail["event_id"], b"0" * 16, entry.booking))
        recorder.fill(changes)
        store.commit(changes)
        recorder.committed()
    return store


def upgraded(tmp_path: Path, count: int) -> tuple[float, float]:
    """Seconds of the migration alone, and of verifying the whole log after it."""
    source = filled(tmp_path / "today.sqlite", count)
    engine: Engine = open_engine(f"sqlite:///{tmp_path / 'before.sqlite'}")
    migrate_to(engine, FIRST)
    if count > 100_000:
        streamed(engine, source.engine)
    else:
        copied(engine, source.engine)
    engine.dispose()
    key = SigningKey.generate(ORIGIN)
    note = sign_checkpoint(ORIGIN, count, root_at(count, source.tile), key)
    source.close()

    began = time.perf_counter()
    store = open_store(f"sqlite:///{tmp_path / 'before.sqlite'}", Vault.throwaway())
    migrated = time.perf_counter() - began
    began = time.perf_counter()
    report = verify_kept(Records(store.engine).kept(), note, key.vkey)
    verified = time.perf_counter() - began
    assert report.ok, report.problems[:3]
    assert report.entries == count
    names = set(inspect(store.engine).get_table_names())
    assert {table.name for table in tables.metadata.sorted_tables} <= names
    store.close()
    return migrated, verified


def streamed(engine: Engine, source: Engine) -> None:
    """As `copied`, without holding a million rows at once."""
    with source.connect() as reading, engine.begin() as writing:
        for table in (tables.entries, tables.tiles, tables.inbox):
            known = [column["name"] for column in inspect(writing).get_columns(table.name)]
            columns = [table.c[name] for name in known]
            rows = reading.execution_options(yield_per=BATCH).execute(table.select().with_only_columns(*columns))
            for part in rows.partitions(BATCH):
                writing.execute(insert(table), [dict(zip(known, row, strict=True)) for row in part])
        size = reading.exec_driver_sql("SELECT size FROM log_state").scalar_one()
        writing.exec_driver_sql(f"UPDATE log_state SET size = {size}")


def test_a_log_verifies_whole_when_its_database_was_of_the_first_version(tmp_path):
    upgraded(tmp_path, 10_000)


@pytest.mark.by_hand
@pytest.mark.timeout(3000)
def test_a_million_rows_are_upgraded_when_somebody_waits(tmp_path):
    migrated, verified = upgraded(tmp_path, 1_000_000)
    size = (tmp_path / "before.sqlite").stat().st_size / 2**20
    print(f"1,000,000 entries, {size:.0f} MiB: migrated in {migrated:.1f} s, verified in {verified:.1f} s")
