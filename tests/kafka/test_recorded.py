"""Recorded time with many desks: whose deadlines fire where."""

import pytest

from integration.bootstrap import open_store
from integration.services.deadlines import DeadlineQueue
from integration.services.ports import BookingKey, BookingRow, Changes
from integration.store.vault import Vault

OTHERS = 9_000
"""More than a window holds."""


@pytest.fixture
def store(tmp_path):
    """Nine thousand deadlines of a desk that is behind, and one of ours, all earlier than the time that is to pass."""
    opened = open_store(f"sqlite:///{tmp_path / 'test.sqlite'}", Vault.throwaway(), durable=False)
    rows = [BookingRow("/jms/a", f"other-{number}", None, b"{}", b"", number % 7) for number in range(OTHERS)]
    opened.commit(Changes(bookings=[*rows, BookingRow("/jms/a", "ours", None, b"{}", b"", 6)]))
    yield opened
    opened.close()


def test_our_deadline_is_found_when_thousands_of_others_come_first(store):
    queue = DeadlineQueue(lambda key: key.number == "ours")
    queue.fill(store, to=100)
    assert queue.take(100) == (6, BookingKey("/jms/a", "ours"))


def test_time_passes_when_all_that_is_due_belongs_to_others(store):
    queue = DeadlineQueue(lambda key: key.number == "nobody's")
    queue.fill(store, to=100)
    assert queue.take(100) is None
    assert queue.horizon > 100  # or the desk would look again for ever
