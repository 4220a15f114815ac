"""Migrations of databases that hold something: from each released version to the last, on both databases."""

import threading

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, inspect

from integration.audit.merkle import Tree
from integration.bootstrap import open_desk, open_store
from integration.services.intake import Intake
from integration.services.ports import BookingKey, EventKey
from integration.store import migrate as migrate_module
from integration.store.database import open_engine
from integration.store.queries import Records
from integration.store.vault import Vault
from tests.differential import test_pack
from tests.scenarios.laws import drawn, inputs_of
from tests.store.servers import opened, wrong_in_database

NOW = 2 * 10**15


def migrate_to(engine: Engine, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(migrate_module.SCRIPTS))
    config.set_main_option("path_separator", "os")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def copied(engine: Engine, source: Engine) -> dict[str, int]:
    """Fill the tables of an older version with what a service of today has written; returns how many rows each got."""
    counts = {}
    with source.connect() as reading, engine.begin() as writing:
        seen = inspect(writing)
        for name in seen.get_table_names():
            # Numbers that the database gives itself are given anew, in the same order.
            columns = [column["name"] for column in seen.get_columns(name)]
            if name in {"outbox", "dead_letters"}:
                columns.remove("number")
            quoted = ", ".join(map(engine.dialect.identifier_preparer.quote, columns))
            rows = [tuple(row) for row in reading.exec_driver_sql(f"SELECT {quoted} FROM {name}")]
            counts[name] = len(rows)
            if name in {"log_state", "alembic_version"} or not rows:
                continue
            mark = "?" if engine.dialect.name == "sqlite" else "%s"
            writing.exec_driver_sql(f"INSERT INTO {name} ({quoted}) VALUES ({', '.join([mark] * len(columns))})", rows)
        size = reading.exec_driver_sql("SELECT size FROM log_state").scalar_one()
        writing.exec_driver_sql(f"UPDATE log_state SET size = {size}")
    return counts


@pytest.mark.parametrize("revision", ["0001", "0002", "0003"])
def test_a_service_goes_on_when_its_database_was_of_an_earlier_version(revision, url, tmp_path):
    pack, vault = test_pack(), Vault.throwaway()
    events = drawn(11) + [{**each, "source": "/jms/z"} for each in drawn(12)]
    half = len(events) // 2
    before = open_store(f"sqlite:///{tmp_path / 'before.sqlite'}", vault)
    desk = open_desk(before, lambda _source, _at: pack, place="w")
    Intake(desk).take(inputs_of(events[:half]), lambda _event: NOW, pass_time=lambda _now: None)

    engine = open_engine(url)
    migrate_to(engine, revision)
    counts = copied(engine, before.engine)
    engine.dispose()
    assert min(counts[name] for name in ("bookings", "findings", "entries", "inbox", "outbox")) > 0

    store = open_store(url, vault)
    assert not wrong_in_database(store)
    numbers = {BookingKey(each["source"], each["subject"]) for each in events[:half]}
    assert {row.version for row in store.bookings(list(numbers))} == {1}
    again = open_desk(store, lambda _source, _at: pack, place="w")
    tally = Intake(again).take(inputs_of(events), lambda _event: NOW, pass_time=lambda _now: None)
    assert tally.duplicates >= half
    assert not wrong_in_database(store)
    keys = [EventKey(each["source"], each["id"]) for each in events]
    assert len(store.seen(keys)) == tally.accepted + len(before.seen(keys))
    outbox = [row for _, row in Records(store.engine).outbox(10_000)]
    assert outbox[: counts["outbox"]] == [row for _, row in Records(before.engine).outbox(10_000)]
    before.close()
    store.close()


def test_each_finds_all_tables_when_many_workers_start_at_once(server):
    url, sizes, start = server.new_database(), [], threading.Barrier(4)

    def begin() -> None:
        start.wait()
        store = opened(url)
        sizes.append(Tree.restore(store.tree_size(), store.tile).size)
        store.close()

    threads = [threading.Thread(target=begin) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sizes == [0, 0, 0, 0]
