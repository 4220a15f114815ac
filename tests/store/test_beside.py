"""The contract of `Store` for workers beside others: versions, fences, and looking again. Held against every store."""

from typing import Any

import pytest

from integration.audit.merkle import Tree
from integration.errors import FencedError, LogConflictError, StaleReadError
from integration.services.desk import Desk
from integration.services.intake import Input, Intake
from integration.services.ports import Beside, BookingKey, Changes, EventKey, PositionRow, RetractionRow, UnsequencedRow
from integration.services.recorder import Appender
from integration.services.sequencer import Waiting
from integration.store.queries import Records
from integration.store.sequencing import SqlSequencing
from schemas.refusals import InvalidEventError, Reason
from tests.differential import test_pack
from tests.memory_store import MemoryStore
from tests.store.racing import sequence_all
from tests.store.test_contract import booking, grown, inbox

EVENT, OTHER = EventKey("/a", "e1"), EventKey("/a", "e2")
NEXT = BookingKey("/a", "B1")


def waiting(number: int) -> UnsequencedRow:
    return UnsequencedRow(number, "event.accepted", "/a", "B", "accepted", b"{}", bytes(32), bytes([number]) * 32)


def beside(**more: Any) -> Beside:
    return Beside([waiting(1)], **more)


def sequencing(store: Any) -> Any:
    return store if isinstance(store, MemoryStore) else SqlSequencing(store)


# -- versions ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", [0, 1, 3], ids=["new", "older", "newer"])
def test_nothing_is_written_when_a_booking_has_another_version(again, version):
    for facts in (b"1", b"2"):
        again().commit(Changes(bookings=[booking("B1", 5, facts, version=int(facts) - 1)]))
    changes = Changes(inbox=[inbox(1)], bookings=[booking("B0", 3), booking("B1", 9, version=version)])
    with pytest.raises(StaleReadError):
        again().commit(changes)
    store = again()
    assert [(row.facts, row.version) for row in store.bookings([NEXT])] == [(b"2", 2)]
    assert not store.seen([EVENT])
    assert not list(store.bookings([BookingKey("/a", "B0")]))


# -- the fence ---------------------------------------------------------------------------------------------------------


def test_a_partition_begins_anywhere_when_nothing_is_stored(store):
    assert store.claim("t", 0, "me") == (1, None)
    store.commit(Changes(positions=[PositionRow("t", 0, 1, 700, 705)]))
    assert store.claim("t", 0, "me") == (2, 705)
    assert store.claim("t", 1, "me") == (1, None)


def test_nothing_is_written_when_another_worker_claimed_the_partition(again):
    mine = again().claim("t", 0, "me")
    again().commit(Changes(positions=[PositionRow("t", 0, mine.epoch, 0, 5)]))
    assert again().claim("t", 0, "you") == (2, 5)
    changes = Changes(beside=beside(), inbox=[inbox(1)], positions=[PositionRow("t", 0, mine.epoch, 5, 9)])
    with pytest.raises(FencedError):
        again().commit(changes)
    assert not again().seen([EVENT])
    assert again().claim("t", 0, "me") == (3, 5)


@pytest.mark.parametrize(("before", "after"), [(0, 5), (4, 9), (6, 9)], ids=["again", "overlapping", "gap"])
def test_nothing_is_written_when_the_position_is_another(again, before, after):
    epoch = again().claim("t", 0, "me").epoch
    again().commit(Changes(positions=[PositionRow("t", 0, epoch, 0, 5)]))
    with pytest.raises(FencedError):
        again().commit(Changes(inbox=[inbox(1)], positions=[PositionRow("t", 0, epoch, before, after)]))
    assert not again().seen([EVENT])
    assert again().claim("t", 0, "me").next_offset == 5


def test_no_partition_moves_when_one_of_several_is_fenced(again):
    epochs = [again().claim("t", partition, "me").epoch for partition in range(3)]
    again().claim("t", 1, "you")
    rows = [PositionRow("t", partition, epoch, 0, 4) for partition, epoch in enumerate(epochs)]
    with pytest.raises(FencedError):
        again().commit(Changes(positions=rows))
    assert [again().claim("t", partition, "x").next_offset for partition in range(3)] == [None] * 3


def test_a_position_is_stored_when_the_batch_changes_nothing_else(store):
    desk = Desk(store, Appender(), lambda _source, _at: test_pack(), place="w")
    epoch = store.claim("t", 0, "me").epoch
    Intake(desk).take([], lambda _event: 1, pass_time=lambda _now: None, positions=[PositionRow("t", 0, epoch, 3, 8)])
    assert store.claim("t", 0, "me").next_offset == 8


# -- looking again -----------------------------------------------------------------------------------------------------


def test_nothing_is_written_when_an_event_was_taken_in_elsewhere(again):
    again().commit(Changes(beside=beside(), inbox=[inbox(1)]))
    with pytest.raises(StaleReadError):
        again().commit(Changes(beside=beside(), inbox=[inbox(2), inbox(1)], bookings=[booking("B1", 5)]))
    assert not again().seen([OTHER])
    assert not list(again().bookings([NEXT]))


def test_nothing_is_written_when_an_event_was_retracted_elsewhere(again):
    again().commit(Changes(beside=beside(), retractions=[RetractionRow("/a", "r", 1, "e1")]))
    changes = Changes(beside=beside(targets=[EVENT, OTHER]), inbox=[inbox(1)])
    with pytest.raises(StaleReadError):
        again().commit(changes)
    assert not again().seen([EVENT])
    changes.beside = beside(targets=[EVENT, OTHER], retractions=1)
    again().commit(changes)
    assert again().seen([EVENT])


def test_nothing_is_written_when_what_a_retraction_waits_for_came_elsewhere(again):
    again().commit(Changes(beside=beside(), inbox=[inbox(1)]))
    row = RetractionRow("/a", "r", 1, "e1")
    with pytest.raises(StaleReadError):
        again().commit(Changes(beside=beside(absent=[EVENT], targets=[EVENT], retractions=1), retractions=[row]))
    assert again().retraction(EventKey("/a", "r")) is None


# -- beside the log ----------------------------------------------------------------------------------------------------


def test_the_log_is_left_alone_when_a_worker_commits(store):
    store.commit(grown(Tree(), 3))
    store.commit(Changes(beside=beside(), inbox=[inbox(1)]))
    assert store.tree_size() == 3
    assert sequence_all(sequencing(store)) == 1
    assert store.tree_size() == 4


def test_a_desk_of_one_is_refused_when_entries_of_workers_wait(again):
    # because an entry that waits may be about the same booking, and happened before
    store, tree = again(), Tree()
    store.commit(grown(tree, 2))
    store.commit(Changes(beside=beside()))
    changes = grown(tree.copy(), 1, bookings=[booking("B1", 5)])
    with pytest.raises(LogConflictError):
        store.commit(changes)
    sequence_all(sequencing(store))
    assert store.tree_size() == 3
    again().commit(Changes(old_size=3, new_size=3, bookings=[booking("B1", 5)]))


def test_a_refusal_is_told_without_content_when_a_worker_is_asked_to(store):
    desk = Desk(store, Appender(), lambda _source, _at: test_pack(), place="w", tell_refused=True)
    refused = Input("t/0/7", b"-canary-", refusal=InvalidEventError(Reason.NOT_JSON, "/: no JSON"))
    Intake(desk).take([refused], lambda _event: 1, pass_time=lambda _now: None)
    assert desk.size == 1
    assert sequence_all(sequencing(store)) == 1
    (row,) = store.outbox if isinstance(store, MemoryStore) else [row for _, row in Records(store.engine).outbox(9)]
    assert row.topic == "deadletters"
    assert b"t/0/7" in row.payload
    assert b"canary" not in row.payload


def test_nothing_gets_a_place_when_an_entry_waits_no_more(store):
    # because a place in the log for an entry that somebody took away would be a hole
    store.commit(Changes(beside=Beside([waiting(1), waiting(2)])))
    keeper = sequencing(store)
    assert keeper.hold()
    taken = [*keeper.waiting(9), Waiting(77, bytes(32))]
    with pytest.raises(LogConflictError):
        keeper.sequence(taken, [], 0)
    assert store.tree_size() == 0
    assert list(keeper.waiting(9)) == taken[:2]
    keeper.release()
