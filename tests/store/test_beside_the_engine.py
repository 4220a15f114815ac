"""Acts beside the engine: entries and rows of further tables in one transaction, whoever else extends the log."""

import pytest
from sqlalchemy import Connection, text

from integration.errors import StaleReadError, UsageError
from integration.services.auditing import AuditDesk
from integration.services.ports import Changes
from integration.store.queries import Records
from integration.store.sequencing import SqlSequencing
from tests.store.servers import opened, wrong_in_database
from tests.store.test_sequencer import sequence_all

NOW = 2 * 10**15


@pytest.fixture
def open_(request):
    def opening(address):
        store = opened(address)
        request.addfinalizer(store.close)
        return store

    return opening


def desk_on(store, *, beside=False):
    return AuditDesk(store, place="here", now=lambda: NOW, beside=beside)


def noted(key):
    """A row of a table that the engine does not write this way."""

    def write(connection: Connection) -> None:
        connection.execute(
            text("INSERT INTO retractions (source, event_id, time, retracts) VALUES ('/x', :key, 1, 'none')"),
            {"key": key},
        )

    return write


def notes(store):
    with store.engine.connect() as connection:
        return [row[0] for row in connection.exec_driver_sql("SELECT event_id FROM retractions ORDER BY event_id")]


def act(desk, key):
    return lambda: ([desk.entry("audit.read", "read", "officer:x", {"key": key})], Changes(also=[noted(key)]))


def test_row_and_entry_are_there_together_when_an_act_is_written(url, open_):
    store = open_(url)
    desk = desk_on(store)
    assert desk.write(act(desk, "a")) == [0]
    assert desk.write(act(desk, "b")) == [1]
    assert notes(store) == ["a", "b"]
    assert [row.kind for row in Records(store.engine).entries()] == ["audit.read"] * 2
    assert not wrong_in_database(store)


def test_neither_is_there_when_the_row_was_made_from_something_stale(url, open_, monkeypatch):
    monkeypatch.setattr("integration.services.auditing._PAUSE", 0)
    store = open_(url)
    desk = desk_on(store)
    asked = []

    def prepare():
        asked.append(1)

        def fail(_connection: Connection) -> None:
            raise StaleReadError("it has changed")

        entry = desk.entry("audit.read", "read", "officer:x", {})
        return [entry], Changes(also=[noted("a"), fail])

    with pytest.raises(StaleReadError):
        desk.write(prepare)
    assert len(asked) > 1, "it is asked anew what to write"
    assert notes(store) == []
    assert store.tree_size() == 0


def test_both_go_on_when_two_desks_extend_one_log_in_turn(url, open_):
    one, two = open_(url), open_(url)
    desks = [desk_on(one), desk_on(two)]
    places = [desks[number % 2].write(act(desks[number % 2], f"{number:02}")) for number in range(6)]
    assert places == [[number] for number in range(6)]
    assert not wrong_in_database(one)


def test_nothing_is_kept_when_the_entry_has_no_exact_form(url, open_):
    store = open_(url)
    desk = desk_on(store)
    with pytest.raises(UsageError, match="cannot be recorded"):
        desk.write(lambda: ([desk.entry("audit.read", "read", "\ud800", {})], Changes(also=[noted("a")])))
    assert notes(store) == []
    assert desk.write(act(desk, "b")) == [0]


def test_the_sequencer_gives_the_place_when_workers_share_the_log(server, open_):
    store = open_(server.new_database())
    desk = desk_on(store, beside=True)
    assert desk.write(act(desk, "a")) == []
    assert notes(store) == ["a"]
    assert store.tree_size() == 0
    sequence_all(SqlSequencing(store))
    assert store.tree_size() == 1
    assert not wrong_in_database(store)
