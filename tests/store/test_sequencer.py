"""The sequencer: one log whoever dies and when, whoever tries at once, and whoever else writes."""

import os
import signal
import threading
from collections import Counter
from multiprocessing import get_context

import pytest
from sqlalchemy import event

from integration.audit.merkle import Tree
from integration.errors import LogConflictError, LogGrewError, TransientError
from integration.services.auditing import AuditDesk
from integration.services.intake import Intake
from integration.services.sequencer import Sequencer
from integration.store import sequencing as sequencing_module
from integration.store.queries import Records
from integration.store.sequencing import SqlSequencing
from tests.differential import test_pack
from tests.scenarios.laws import drawn, inputs_of
from tests.store.racing import sequence_all, worker_desk
from tests.store.servers import child, go_on, is_stopped, opened, until, wrong_in_database

NOW = 2 * 10**15
COLUMNS = "at, kind, source, booking, outcome, body, salt, leaf_hash"


def filled(url: str, *seeds: int) -> int:
    """Take histories in as a worker does; returns how many entries wait."""
    store = opened(url)
    for seed in seeds:
        events = [
            {**each, "id": f"{seed}-{each['id']}", "subject": f"{seed}-{each['subject']}"} for each in drawn(seed)
        ]
        Intake(worker_desk(store, test_pack())).take(inputs_of(events), lambda _event: NOW, pass_time=lambda _now: None)
    waiting = Records(store.engine).counts()["unsequenced"]
    store.close()
    return waiting


# -- death -------------------------------------------------------------------------------------------------------------


def dies(url: str, at: int) -> None:
    """Sequence in this process and be killed before statement number ``at`` of the sequencer, commits included."""
    store = opened(url)
    count = 0

    def counted(*_: object) -> None:
        nonlocal count
        count += 1
        if count == at:
            os.kill(os.getpid(), signal.SIGKILL)

    sequencing = SqlSequencing(store)
    event.listen(store.engine, "before_cursor_execute", counted)
    event.listen(store.engine, "commit", counted)
    sequencing.hold()
    Sequencer(sequencing).sequence()
    os._exit(0)


def test_the_log_is_whole_when_the_sequencer_is_killed_between_any_two_statements(server):
    url = server.new_database()
    expected, killed, at = filled(url, 1, 2, 3, 4, 5, 6, 7, 8), 0, 0
    assert expected > 300  # More than a tile.
    store = opened(url)
    while True:
        at += 1
        process = get_context("fork").Process(target=dies, args=(url, at))
        process.start()
        process.join(60)
        assert not wrong_in_database(store)
        if process.exitcode == 0:
            break
        assert process.exitcode == -signal.SIGKILL
        killed += 1
        assert store.tree_size() + Records(store.engine).counts()["unsequenced"] == expected
        if store.tree_size() == expected:
            expected += filled(url, 100 + at)  # It died after its commit: there is nothing left to do, so give it more.
    assert killed > 8
    assert store.tree_size() == expected
    store.close()


# -- two at once -------------------------------------------------------------------------------------------------------


def test_one_holds_the_right_until_it_lets_go_when_two_want_it(server):
    url = server.new_database()
    stores = [opened(url), opened(url)]
    one, other = map(SqlSequencing, stores)
    assert one.hold()
    assert one.hold()
    assert not other.hold()
    with pytest.raises(TransientError):
        Sequencer(other).sequence()
    one.release()
    assert other.hold()
    assert not one.hold()
    for each in (one, other):
        each.release()
    for store in stores:
        store.close()


def test_entries_get_one_place_each_when_two_sequence_at_once(server, monkeypatch):
    # because the lock is not what the log's wholeness rests on: here each believes that it holds it
    url = server.new_database()
    expected, met, failed = filled(url, *range(20, 32)), Counter(), []
    monkeypatch.setattr("integration.services.sequencer._AT_ONCE", 7)

    def work(number: int) -> None:
        store = opened(url)
        sequencing = SqlSequencing(store)
        try:
            assert sequencing.hold()
            sequencer = Sequencer(sequencing)
            while True:
                try:
                    if not sequencer.sequence():
                        return
                except (LogGrewError, TransientError) as error:
                    met[type(error).__name__] += 1
        except BaseException as error:
            failed.append(error)
            raise
        finally:
            sequencing.release()
            store.close()

    monkeypatch.setattr(sequencing_module, "_TRY_LOCK", "SELECT true")
    threads = [threading.Thread(target=work, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failed
    assert met["LogGrewError"] > 0
    store = opened(url)
    assert store.tree_size() == expected
    assert Records(store.engine).counts()["unsequenced"] == 0
    assert not wrong_in_database(store)
    store.close()


FREEZES = """
import os, signal, sys
from integration.store import sequencing
sequencing._SILENCE = "2s"
from integration.errors import TransientError
from integration.services.sequencer import Sequencer
from tests.store.servers import opened

keeper = sequencing.SqlSequencing(opened(sys.argv[1]))
assert keeper.hold()
sequencer = Sequencer(keeper)
os.kill(os.getpid(), signal.SIGSTOP)
try:
    print(sequencer.sequence())
except TransientError:
    print("lost it", keeper.hold())
"""


def test_a_standby_takes_over_when_the_sequencer_stops_without_dying(server):
    url = server.new_database()
    expected = filled(url, 3)
    store = opened(url)
    standby = SqlSequencing(store)
    stopped = child(FREEZES, url)
    try:
        until(lambda: is_stopped(stopped), "the sequencer to stop")
        until(standby.hold, "the server to end the connection of the first")
        assert Sequencer(standby).sequence() == expected
        assert go_on(stopped) == "lost it False"
    finally:
        stopped.kill()
        stopped.wait()
    standby.release()
    assert not wrong_in_database(store)
    store.close()


# -- others who write to the log ---------------------------------------------------------------------------------------


def test_the_sequencer_goes_on_when_an_officer_wrote_to_the_log(server):
    url = server.new_database()
    store = opened(url)
    sequencing = SqlSequencing(store)
    assert sequencing.hold()
    sequencer = Sequencer(sequencing)
    waiting = filled(url, 5)
    AuditDesk(store, place="here", now=lambda: NOW).record("audit.read", "done", "officer:x", {})
    with pytest.raises(LogGrewError):
        sequencer.sequence()
    assert sequencer.sequence() == waiting
    assert store.tree_size() == waiting + 1
    assert not wrong_in_database(store)
    sequencing.release()
    store.close()


def test_a_sealing_waits_when_entries_about_the_same_booking_wait(server, monkeypatch):
    url = server.new_database()
    filled(url, 5)
    store, records = opened(url), None
    sequence_all(SqlSequencing(store))
    records = Records(store.engine)
    raised = next(iter(records.entries_of_kinds(["finding.raised"])))
    with store.engine.begin() as connection:
        connection.exec_driver_sql(
            f"INSERT INTO unsequenced ({COLUMNS}) SELECT {COLUMNS} FROM entries WHERE leaf_index = {raised.leaf_index}"
        )
    desk = AuditDesk(store, place="here", now=lambda: NOW)
    monkeypatch.setattr("integration.services.auditing._ATTEMPTS", 2)
    with pytest.raises(LogConflictError, match="wait for their place"):
        desk.seal(records, raised.leaf_index, authority="order", actor="officer:x")
    sequence_all(SqlSequencing(store))
    assert desk.seal(records, raised.leaf_index, authority="order", actor="officer:x") == store.tree_size() - 1
    assert not wrong_in_database(store)
    store.close()


# -- verification ------------------------------------------------------------------------------------------------------

EDITS = {
    "UPDATE unsequenced SET outcome = 'x' WHERE number = 1": "columns_differ",
    "UPDATE unsequenced SET salt = decode(repeat('00', 32), 'hex') WHERE number = 1": "stored_hash_differs",
    "UPDATE unsequenced SET leaf_hash = decode(repeat('00', 32), 'hex') WHERE number = 1": "stored_hash_differs",
    "DELETE FROM unsequenced WHERE kind = 'finding.raised'": "projection_differs",
}


@pytest.mark.parametrize("edit", EDITS, ids=list(EDITS.values()))
def test_an_edit_is_found_when_the_entry_has_no_place_yet(edit, server):
    url = server.new_database()
    filled(url, 5)
    store = opened(url)
    assert not wrong_in_database(store)
    with store.engine.begin() as connection:
        connection.exec_driver_sql(edit)
    assert any(each.startswith(EDITS[edit]) for each in wrong_in_database(store))
    store.close()


def test_waiting_entries_are_told_when_a_database_is_verified(server):
    url = server.new_database()
    waiting = filled(url, 5)
    store = opened(url)
    with Records(store.engine).snapshot() as records:
        kept = records.kept()
        assert (kept.size, len(list(kept.unsequenced))) == (0, waiting)
    assert Tree.restore(store.tree_size(), store.tile).size == 0
    store.close()


# -- the outbox --------------------------------------------------------------------------------------------------------


def test_only_what_was_delivered_goes_when_a_lower_number_is_committed_later(server):
    store = opened(server.new_database())
    records = Records(store.engine)
    insert = "INSERT INTO outbox (key, topic, created_at, payload) VALUES ('{0}-00', '{0}', 1, '{{}}')"
    slow = store.engine.connect()
    slow.exec_driver_sql(insert.format("slow"))
    with store.engine.begin() as quick:
        quick.exec_driver_sql(insert.format("quick"))
    rows = records.outbox(10)
    assert [row.topic for _, row in rows] == ["quick"]
    slow.commit()
    slow.close()
    records.told([number for number, _ in rows])
    (left,) = records.outbox(10)
    assert left[1].topic == "slow"
    assert left[0] < rows[0][0]
    store.close()


def test_nothing_is_told_before_its_entry_has_its_place(server):
    url = server.new_database()
    filled(url, 5)
    store = opened(url)
    records = Records(store.engine)
    assert records.outbox(10) == []
    sequence_all(SqlSequencing(store))
    leaves = {row.leaf_hash.hex() for row in records.entries()}
    told = [row.key for _, row in records.outbox(1000)]
    assert told
    assert {key.rpartition("-")[2] for key in told} <= leaves
    filled(url, 6)
    assert [row.key for _, row in records.outbox(1000)] == told
    store.close()
