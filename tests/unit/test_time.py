"""The clock that never steps back, and the queue of what comes due."""

import random

import pytest
from structlog.testing import capture_logs

from integration.clock import WallClock
from integration.domain.instants import NEVER
from integration.services.deadlines import _WINDOW, DeadlineQueue
from integration.services.ports import BookingKey, BookingRow, Changes
from tests.memory_store import MemoryStore


def test_the_clock_waits_when_the_system_steps_back():
    readings = iter([5_000_000_000, 9_000_000_000, 2_000_000_000, 8_999_999_999, 9_000_001_000, 10_000_000_000])
    clock = WallClock(lambda: next(readings))
    assert [clock.now() for _ in range(6)] == [5_000_000, 9_000_000, 9_000_000, 9_000_000, 9_000_001, 10_000_000]


def test_a_step_back_is_told_once_when_it_lasts():
    readings = iter([9_000_000_000, 1_000_000_000, 1_000_000_000, 1_000_000_000])
    clock = WallClock(lambda: next(readings))
    with capture_logs() as told:
        for _ in range(4):
            clock.now()
    assert [each["event"] for each in told] == ["clock.stepped_back"]


def stored(deadlines: dict[str, int | None]) -> MemoryStore:
    store = MemoryStore()
    store.commit(Changes(bookings=[BookingRow("/a", name, None, b"", b"", at) for name, at in deadlines.items()]))
    return store


def all_taken(queue: DeadlineQueue, to: int) -> list[tuple[int, str]]:
    taken = []
    while (due := queue.take(to)) is not None:
        taken.append((due[0], due[1].number))
    return taken


def test_deadlines_come_in_order_when_some_are_set_later():
    queue = DeadlineQueue()
    queue.fill(stored({"A": 5, "B": 3, "C": None, "D": 9}))
    queue.set(4, BookingKey("/a", "E"))
    assert queue.next_at() == 3
    assert all_taken(queue, 5) == [(3, "B"), (4, "E"), (5, "A")]
    assert queue.next_at() == 9
    assert all_taken(queue, 8) == []


def test_nothing_is_known_when_the_queue_was_never_filled():
    queue = DeadlineQueue()
    assert queue.next_at() == -1
    assert queue.take(NEVER) is None


@pytest.mark.parametrize("spread", [1, 2, 3, 50, 10**6])
def test_every_deadline_is_taken_when_there_are_more_than_fit(spread):
    # because thousands of sentences end at the same midnight
    dice = random.Random(spread)
    deadlines = {f"B{number:05}": 100 + dice.randrange(spread) for number in range(2 * _WINDOW + 7)}
    store, queue, taken = stored(dict(deadlines)), DeadlineQueue(), []
    while queue.horizon <= 10**7:
        queue.fill(store)
        part = all_taken(queue, 10**7)
        assert part
        taken += part
        store.commit(Changes(bookings=[BookingRow("/a", name, None, b"", b"", None, 1) for _, name in part]))
    assert taken == sorted((at, name) for name, at in deadlines.items())


def test_a_deadline_past_the_horizon_waits_in_the_store():
    queue = DeadlineQueue()
    queue.fill(stored({f"B{number}": number for number in range(_WINDOW)}))
    queue.set(_WINDOW + 5, BookingKey("/a", "late"))
    queue.set(7, BookingKey("/a", "soon"))
    names = [name for _, name in all_taken(queue, 10**9)]
    assert "soon" in names
    assert "late" not in names
    assert queue.next_at() == queue.horizon == _WINDOW - 1
