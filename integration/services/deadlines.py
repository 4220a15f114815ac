"""Which booking comes due next: a window of the store's deadlines, kept in order."""

import heapq
from collections.abc import Callable

from integration.domain.instants import NEVER, SECOND, Instant
from integration.services.ports import BookingKey, Store

_WINDOW = 4096


class DeadlineQueue:
    """The earliest deadlines, without holding a million of them in memory.

    The window holds every deadline before ``horizon`` that the store had when it was filled, and every one set
    since. Beyond the horizon the store knows more, so the queue must be filled again, which needs everything set
    since to be committed. An item may be out of date: whoever takes it compares it with the case file.
    """

    def __init__(self, owns: Callable[[BookingKey], bool] | None = None) -> None:
        """Start empty, with a horizon that makes the first look fill it.

        Args:
            owns: tells whose deadlines are this queue's; None: everybody's.
        """
        self._owns = owns
        self._heap: list[tuple[Instant, BookingKey]] = []
        self.horizon: Instant = -1
        self._most = 4 * _WINDOW

    def fill(self, store: Store, to: Instant = NEVER) -> None:
        """Read the earliest deadlines. Everything set so far MUST be committed.

        Args:
            store: has them.
            to: how far time is to pass. The window then reaches past it, or has one of ours that can be taken.
        """
        limit = _WINDOW
        while True:
            rows = store.deadlines(limit)
            keys = ((at, BookingKey(source, number)) for at, source, number in rows)
            self._heap = [item for item in keys if self._owns is None or self._owns(item[1])]
            heapq.heapify(self._heap)
            self.horizon = NEVER if len(rows) < limit else rows[-1][0]
            # What lies at the horizon is not taken: thousands of sentences end at the same midnight. And thousands of
            # deadlines may be those of other desks, which are behind. A window of nothing else would never move on.
            if self.horizon > min(to, NEVER - 1) or (self._heap and self._heap[0][0] < self.horizon):
                return
            limit *= 2

    def set(self, at: Instant, key: BookingKey) -> None:
        """Take note of a new deadline. One past the horizon is found in the store when the time comes."""
        if at < self.horizon and (self._owns is None or self._owns(key)):
            heapq.heappush(self._heap, (at, key))
            if len(self._heap) > self._most:
                self._shorten()

    def _shorten(self) -> None:
        """Let go of what comes due last: once committed, the store knows it."""
        earliest = heapq.nsmallest(_WINDOW, self._heap)
        if earliest[0][0] == earliest[-1][0]:
            self._most *= 2  # One instant alone fills the window: it cannot be cut.
            return
        self._heap, self.horizon = earliest, earliest[-1][0]

    def take(self, to: Instant) -> tuple[Instant, BookingKey] | None:
        """Take the earliest deadline that is not after ``to`` and before the horizon."""
        if self._heap and self._heap[0][0] <= to and self._heap[0][0] < self.horizon:
            return heapq.heappop(self._heap)
        return None

    def upcoming(self, to: Instant, limit: int) -> list[BookingKey]:
        """Return some keys that come due not after ``to``, to be loaded together."""
        first: list[tuple[Instant, BookingKey]] = []
        while len(first) < limit and self._heap and self._heap[0][0] <= to:
            first.append(heapq.heappop(self._heap))
        # Put back: looking through the whole heap for them would square the cost of a midnight with 100,000 of them.
        for item in first:
            heapq.heappush(self._heap, item)
        return [key for _, key in first]

    def next_at(self) -> Instant:
        """Return the earliest known deadline or the horizon, whichever comes first."""
        return min(self._heap[0][0] if self._heap else NEVER, self.horizon)


class Reminders:
    """Which bookings' owners are to be reminded that a deadline has come, without telling them every moment."""

    def __init__(self, store: Store, *, again_after: Instant = 5 * SECOND, at_once: int = _WINDOW) -> None:
        """Set up without a memory: everything that is due is told.

        Args:
            store: has the deadlines.
            again_after: microseconds after which an unanswered reminder is given again: it may have been lost.
            at_once: how many of the earliest deadlines are looked at; the others wait until those are answered.
        """
        self._store = store
        self._again_after = again_after
        self._at_once = at_once
        self._given: dict[tuple[Instant, BookingKey], Instant] = {}

    def due(self, now: Instant) -> list[tuple[Instant, BookingKey]]:
        """Return what is to be told now: each deadline with its booking, earliest first."""
        given, self._given = self._given, {}
        told = []
        for at, source, number in self._store.deadlines_due(now, self._at_once):
            item = (at, BookingKey(source, number))
            last = given.get(item)
            if last is None or now - last >= self._again_after:
                told.append(item)
                last = now
            self._given[item] = last  # What is not due any more is forgotten here.
        return told
