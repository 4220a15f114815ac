"""The contract of `Store`, held against a store in memory, a SQLite file and a PostgreSQL server."""

import random
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from integration.audit.merkle import Tree, leaf_hash
from integration.errors import FatalError, LogConflictError
from integration.services.ports import (
    BookingKey,
    BookingRow,
    Changes,
    EntryRow,
    EventKey,
    FindingRow,
    InboxRow,
    OutboxRow,
    RetractionRow,
)
from integration.services.refused import Refused
from schemas.refusals import Reason
from tests.differential import test_pack
from tests.memory_store import MemoryStore
from tests.scenarios.laws import drawn, inputs_of, staged

AWKWARD = ("B'1", 'B"2', "B%3", "B\\4", "Ü-5", "\U0001f511", "a b", "A", "a", "%s", ":name", "$1", "?")
"""Booking numbers that a careless statement would stumble over."""


def inbox(number: int, source: str = "/a") -> InboxRow:
    return InboxRow(source, f"e{number}", number.to_bytes(16, "big"), f"B{number}")


def booking(number: str, next_at: int | None = None, facts: bytes = b"{}", version: int = 0) -> BookingRow:
    return BookingRow("/a", number, None, facts, b"", next_at, version)


def kept(rows: Iterable[BookingRow]) -> list[BookingRow]:
    """What the store has of rows that were written: each has the next version."""
    return sorted(row._replace(version=row.version + 1) for row in rows)


def entry(index: int) -> EntryRow:
    return EntryRow(
        index, index, "event.accepted", "/a", "B", "accepted", b"{}", bytes(32), leaf_hash(bytes([index % 251]))
    )


def finding(number: int, status: str = "open", booking: str = "B") -> FindingRow:
    values: dict[str, Any] = dict.fromkeys(("provisions", "evidence", "names"), b"[]")
    values |= {"finding_id": f"{number:032x}", "source": "/a", "booking": booking, "rule": "overdue_release"}
    values |= {"about": "", "since": 5, "until": None, "raised_at": 6, "status": status, "severity": "violation"}
    return FindingRow(**values, pack="p", pack_revision="0" * 64)


def grown(tree: Tree, count: int, **more: list) -> Changes:
    """Changes that extend a log, with everything that belongs to its new entries."""
    old = tree.size
    rows = [entry(index) for index in range(old, old + count)]
    for row in rows:
        tree.append(row.leaf_hash)
    return Changes(entries=rows, tiles=tree.take_tiles(), old_size=old, new_size=old + count, **more)


# -- reading what was written ------------------------------------------------------------------------------------------


def test_nothing_is_known_when_the_store_is_new(store):
    assert store.tree_size() == 0
    assert not store.seen([EventKey("/a", "e1")])
    assert not list(store.bookings([BookingKey("/a", "B1")]))
    assert not list(store.retractions_of([EventKey("/a", "e1")]))
    assert store.retraction(EventKey("/a", "e1")) is None
    assert not list(store.deadlines(10))


def test_nothing_is_asked_when_no_key_is_given(store):
    assert not store.seen([])
    assert not list(store.bookings([]))
    assert not list(store.retractions_of([]))


def test_every_row_is_found_when_thousands_of_keys_are_asked_for(again):
    count = 12_000
    rows = [inbox(number) for number in range(count)]
    bookings = [booking(f"B{number}") for number in range(count)]
    again().commit(Changes(inbox=rows, bookings=bookings))
    store = again()
    keys = [EventKey("/a", f"e{number}") for number in range(-500, count)]
    assert store.seen(keys) == {EventKey("/a", row.event_id): row for row in rows}
    assert not store.seen([EventKey("/b", "e1"), EventKey("/a", "E1"), EventKey("/a", "e1 ")])
    asked = [BookingKey("/a", row.number) for row in bookings]
    assert sorted(store.bookings(asked)) == kept(bookings)
    assert len(list(store.bookings([*asked[:3], *asked[:3]]))) == 3


def test_texts_come_back_as_they_were_when_they_are_awkward(again):
    rows = [booking(number, facts=number.encode()) for number in AWKWARD]
    events = [InboxRow("/a", number, bytes(16), number) for number in AWKWARD]
    again().commit(Changes(bookings=rows, inbox=events))
    store = again()
    assert sorted(store.bookings([BookingKey("/a", number) for number in AWKWARD])) == kept(rows)
    assert store.seen([EventKey("/a", number) for number in AWKWARD]).keys() == {("/a", each) for each in AWKWARD}


def test_every_retraction_is_found_by_its_target_and_by_itself(again):
    rows = [RetractionRow("/a", f"r{number}", number, f"e{number % 700}") for number in range(2100)]
    again().commit(Changes(retractions=rows))
    store = again()
    targets = [EventKey("/a", f"e{number}") for number in range(700)]
    assert sorted(store.retractions_of(targets)) == sorted(rows)
    assert store.retraction(EventKey("/a", "r7")) == rows[7]
    assert not list(store.retractions_of([EventKey("/b", "e1")]))


def test_bookings_are_replaced_when_they_are_written_again(store):
    store.commit(Changes(bookings=[booking("B1", 50), booking("B2", 60)]))
    changed = [booking("B1", None, b"new", 1), BookingRow("/a", "B2", "B1", b"", b"", None, 1)]
    store.commit(Changes(bookings=changed))
    rows = {row.number: row for row in store.bookings([BookingKey("/a", "B1"), BookingKey("/a", "B2")])}
    assert rows["B1"] == booking("B1", None, b"new", 2)
    assert rows["B2"].home == "B1"
    assert not list(store.deadlines(10))


def test_the_earliest_deadlines_come_first_when_there_are_many(store):
    dice = random.Random(1)
    rows = [booking(f"B{number}", dice.choice((None, dice.randrange(50), 2**61))) for number in range(3000)]
    store.commit(Changes(bookings=rows))
    expected = sorted((row.next_at, row.source, row.number) for row in rows if row.next_at is not None)
    assert [tuple(row) for row in store.deadlines(700)] == expected[:700]
    assert [tuple(row) for row in store.deadlines(5000)] == expected


def test_ties_are_ordered_alike_everywhere_when_deadlines_are_the_same(store):
    store.commit(Changes(bookings=[booking(number, 7) for number in AWKWARD]))
    assert [row[2] for row in store.deadlines(100)] == sorted(AWKWARD)


# -- the log -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("sizes", [(1,), (255, 1, 1), (256,), (257, 255), (300, 700), (65_536, 300)], ids=str)
def test_the_tree_is_the_same_when_it_is_restored(again, sizes):
    tree = Tree()
    for size in sizes:
        again().commit(grown(tree, size))
    store = again()
    restored = Tree.restore(store.tree_size(), store.tile)
    assert (restored.size, restored.root()) == (tree.size, tree.root())
    restored.append(bytes(32))
    tree.append(bytes(32))
    assert restored.root() == tree.root()


@pytest.mark.parametrize("old", [0, 2, 4, 1000])
def test_the_log_is_not_extended_when_it_ends_elsewhere(store, old):
    tree = Tree()
    store.commit(grown(tree, 3))
    changes = replace(grown(tree, 1), old_size=old, new_size=old + 1, inbox=[inbox(1)], bookings=[booking("B1", 5)])
    with pytest.raises(LogConflictError):
        store.commit(changes)
    assert store.tree_size() == 3
    assert not store.seen([EventKey("/a", "e1")])
    assert not list(store.deadlines(10))


def test_one_of_two_wins_when_both_extend_the_same_log(again):
    one, other = again(), again()
    tree, copy = Tree(), Tree()
    one.commit(grown(tree, 2, inbox=[inbox(1)]))
    with pytest.raises(LogConflictError):
        other.commit(grown(copy, 5, inbox=[inbox(2)]))
    assert other.tree_size() == 2
    assert set(again().seen([EventKey("/a", "e1"), EventKey("/a", "e2")])) == {EventKey("/a", "e1")}


# -- all or nothing ----------------------------------------------------------------------------------------------------


def test_nothing_is_written_when_any_row_cannot_be(again):
    # because an event that is in the inbox already must never come in twice
    tree = Tree()
    again().commit(grown(tree, 1, inbox=[inbox(1)], bookings=[booking("B1", 5)]))
    refused = Refused("f:1", Reason.NOT_JSON, "said", b"raw", 1)
    told = OutboxRow("findings-1", "findings", 1, b"{}")
    changes = grown(
        tree, 300, inbox=[inbox(2), inbox(1)], bookings=[booking("B1", 9, version=1), booking("B2", 3)],
        retractions=[RetractionRow("/a", "e2", 1, "e1")], findings=[finding(1)], refused=[refused], outbox=[told],
    )  # fmt: skip
    store = again()
    with pytest.raises(FatalError):
        store.commit(changes)
    for each in (store, again()):
        assert each.tree_size() == 1
        assert not each.seen([EventKey("/a", "e2")])
        assert [tuple(row) for row in each.deadlines(9)] == [(5, "/a", "B1")]
        assert each.retraction(EventKey("/a", "e2")) is None


def test_the_store_goes_on_when_a_commit_failed(again):
    tree = Tree()
    store = again()
    store.commit(grown(tree, 1, inbox=[inbox(1)]))
    with pytest.raises(FatalError):
        store.commit(replace(grown(tree.copy(), 1), inbox=[inbox(1)]))
    store.commit(grown(tree, 1, inbox=[inbox(2)]))
    assert again().tree_size() == 2


def test_the_pipeline_says_the_same_when_it_runs_on_any_store(again):
    events, memory, pack = drawn(31), MemoryStore(), test_pack()
    staged(events, pack, lambda: 1000, store=memory)
    for at in range(0, len(inputs_of(events)), 15):
        staged(events[at : at + 15], pack, lambda: 4, store=again())
    store = again()
    tree = Tree.restore(store.tree_size(), store.tile)
    assert tree.size > 0
    assert set(store.seen(list(memory.inbox))) == set(memory.inbox)
