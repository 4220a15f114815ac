"""Filing each retraction with the event it speaks of in the end, whichever came first.

A retraction may retract a retraction, and may be sent under another booking number than its target. What counts is
worked out from the facts of one group of bookings (`domain.groups`), so every retraction has to lie there.
"""

from collections.abc import Iterable

from integration.domain.facts import Retracted
from integration.services.cabinet import Cabinet
from integration.services.casefile import CaseFile
from integration.services.ports import Beside, BookingKey, EventKey, InboxRow, RetractionRow, Store


class Retractions:
    """The retractions that a batch needs to know, and where they belong."""

    def __init__(self, store: Store, cabinet: Cabinet) -> None:
        """Args: ``cabinet`` has the case files that retractions are filed in."""
        self._store = store
        self._cabinet = cabinet
        self._of_target: dict[EventKey, list[RetractionRow]] = {}
        self._own: dict[EventKey, RetractionRow] = {}
        self._absent: dict[EventKey, None] = {}

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

    def file(self, key: EventKey, seen: dict[EventKey, InboxRow]) -> list[CaseFile]:
        """File what retracts an event, directly or not, with the event, and with each event that it retracts itself.

        Args:
            key: the event that arrived; its inbox row is in ``seen``.
            seen: inbox rows at hand.

        Returns:
            The case files that may say something else now.
        """
        touched = []
        for each in self._downward(key):
            target = seen.get(each) or self._store.seen([each]).get(each)
            if target is None:
                self._absent[each] = None
                break  # Waits in the store until its target comes.
            case = self._cabinet.case(BookingKey(each.source, target.subject))
            if self._file_above(each, case, target.subject):
                touched.append(case)
        return touched

    def _file_above(self, key: EventKey, case: CaseFile, subject: str) -> bool:
        """File what retracts an event, and what retracts that. Returns whether any of it is new."""
        new = [fact for fact in self.above(key) if not case.holds_retraction(fact.id)]
        for fact in new:
            case.add(subject, fact)
        return bool(new)

    def above(self, key: EventKey) -> list[Retracted]:
        """Return what retracts an event, and what retracts that, and so on, each once; the event may be one to come."""
        found: dict[EventKey, Retracted] = {}
        level = [key]
        while level:
            above = [row for each in level for row in self._retracting(each)]
            new = {EventKey(row.source, row.event_id): row for row in above}
            level = [by for by in new if by not in found]
            found |= {by: Retracted(row.event_id, row.time, row.retracts) for by, row in new.items()}
        return list(found.values())

    def _downward(self, key: EventKey) -> list[EventKey]:
        """Return an event, what it retracts, what that retracts, and so on, each once."""
        passed = [key]
        while (row := self._retraction(passed[-1])) is not None:
            below = EventKey(row.source, row.retracts)
            if below in passed:
                break
            passed.append(below)
        return passed

    def _retraction(self, key: EventKey) -> RetractionRow | None:
        return self._own.get(key) or self._store.retraction(key)

    def _retracting(self, key: EventKey) -> list[RetractionRow]:
        known = self._of_target.get(key)
        if known is None:
            known = self._of_target[key] = list(self._store.retractions_of([key]))
        return known

    def check(self, beside: Beside, new: Iterable[InboxRow]) -> None:
        """Say what has to be found again when the batch is committed, for other workers may have changed it.

        A retraction and its target may be taken in by two workers at once: each would miss the other's.

        Args:
            beside: gets what was looked for and not found, and what was found.
            new: events that the batch takes in.
        """
        taken = {EventKey(row.source, row.event_id) for row in new}
        for key in taken:
            self._absent.pop(key, None)
        beside.absent = [*self._absent]
        beside.targets = [*taken | self._of_target.keys()]
        beside.retractions = sum(len({row.event_id for row in rows}) for rows in self._of_target.values())

    def forget(self) -> None:
        """Let go of everything: the store has the truth."""
        self._of_target = {}
        self._own = {}
        self._absent = {}
