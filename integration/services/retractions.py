"""Filing each retraction with the event it speaks of in the end, whichever came first.

A retraction may retract a retraction, and may be sent under another booking number than its target. What counts is
worked out from the facts of one group of bookings (`domain.groups`), so every retraction has to lie there.
"""

from collections.abc import Iterable

from integration.domain.facts import Retracted
from integration.services.cabinet import Cabinet
from integration.services.casefile import CaseFile
from integration.services.ports import BookingKey, EventKey, InboxRow, RetractionRow, Store


class Retractions:
    """The retractions that a batch needs to know, and where they belong."""

    def __init__(self, store: Store, cabinet: Cabinet) -> None:
        """Args: ``cabinet`` has the case files that retractions are filed in."""
        self._store = store
        self._cabinet = cabinet
        self._of_target: dict[EventKey, list[RetractionRow]] = {}
        self._own: dict[EventKey, RetractionRow] = {}

    def preload(self, ids: Iterable[EventKey]) -> None:
        """Find out which events of a batch are already retracted."""
        self.forget()
        for row in self._store.retractions_of(list(ids)):
            self._of_target.setdefault(EventKey(row.source, row.retracts), []).append(row)

    def note(self, row: RetractionRow) -> None:
        """Take note of a new retraction."""
        self._own[EventKey(row.source, row.event_id)] = row
        self._of_target.setdefault(EventKey(row.source, row.retracts), []).append(row)

    def concern(self, key: EventKey) -> bool:
        """Tell whether an event is retracted, or retracts."""
        return key in self._of_target or key in self._own

    def file(self, key: EventKey, subject: str, seen: dict[EventKey, InboxRow]) -> CaseFile:
        """File what retracts an event, directly or not, with the event; returns the case file that changed.

        Args:
            key: the event that arrived, already filed itself unless it is a retraction.
            subject: the booking number it was sent for.
            seen: inbox rows at hand.
        """
        bottom = self._bottom(key)
        if bottom is None:
            return self._cabinet.case(BookingKey(key.source, subject))
        if bottom != key:
            target = seen.get(bottom) or self._store.seen([bottom]).get(bottom)
            if target is None:
                # Waits in the store until its target comes.
                return self._cabinet.case(BookingKey(key.source, subject))
            subject = target.subject
        case = self._cabinet.case(BookingKey(key.source, subject))
        filed, level = {bottom}, [bottom]
        while level:
            above = [row for each in level for row in self._retracting(each)]
            level = []
            for row in above:
                by = EventKey(row.source, row.event_id)
                if by not in filed:
                    filed.add(by)
                    level.append(by)
                    if not case.holds_event(row.event_id):
                        case.add(subject, Retracted(row.event_id, row.time, row.retracts))
        return case

    def _bottom(self, key: EventKey) -> EventKey | None:
        """Follow retractions down to the event they speak of; None where they go round in a circle."""
        passed = {key}
        row = self._retraction(key)
        while row is not None:
            key = EventKey(row.source, row.retracts)
            if key in passed:
                return None
            passed.add(key)
            row = self._retraction(key)
        return key

    def _retraction(self, key: EventKey) -> RetractionRow | None:
        return self._own.get(key) or self._store.retraction(key)

    def _retracting(self, key: EventKey) -> list[RetractionRow]:
        known = self._of_target.get(key)
        if known is None:
            known = self._of_target[key] = list(self._store.retractions_of([key]))
        return known

    def forget(self) -> None:
        """Let go of everything: the store has the truth."""
        self._of_target = {}
        self._own = {}
