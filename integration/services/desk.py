"""Where a batch is worked on: case files in memory, and everything that will be committed together.

Nothing here is true until `Desk.commit` returns. After any error the desk is cleared (`Desk.forget`) and the next
batch starts from what the store has.
"""

from collections.abc import Callable, Iterable

from integration.audit.entry import JSON
from integration.domain.facts import Moved, Retracted
from integration.domain.groups import destinations, retracted_ids
from integration.domain.instants import NEVER, Instant
from integration.errors import LogConflictError, LogGrewError
from integration.policy.pack import Pack
from integration.services import gate
from integration.services.casefile import CaseFile, merge
from integration.services.deadlines import DeadlineQueue
from integration.services.outcomes import Outcomes
from integration.services.ports import (
    BookingKey,
    BookingRow,
    Changes,
    EventKey,
    InboxRow,
    RetractionRow,
    Store,
)
from integration.services.reading import facts_of, logged_detail
from integration.services.recorder import Recorder
from integration.services.refused import Refused
from schemas.bookings import EventRetracted
from schemas.events import Received
from schemas.refusals import InvalidEventError, Reason
from schemas.requests import MessageRequested

PackFor = Callable[[str, Instant], Pack]
"""From a source and the current time to the policy pack in force at that facility.

Raises InvalidEventError (`Reason.UNKNOWN_SOURCE`) for a feed that no facility is set up for.
"""

_CACHED = 5_000
"""Case files kept between batches: those of people booked lately, whom the next events speak of."""
_PREFETCH = 256


class Desk:
    """The working memory between a stream of events and the store. One at a time, one thread."""

    def __init__(self, store: Store, recorder: Recorder, pack_for: PackFor, *, place: str) -> None:
        """Args: ``place`` names this installation in audit entries (AU-3 "where")."""
        self._store = store
        self._recorder = recorder
        self._pack_for = pack_for
        self._place = place
        self._queue = DeadlineQueue()
        self._cases: dict[BookingKey, CaseFile] = {}
        self._homes: dict[BookingKey, BookingKey] = {}
        self._seen: dict[EventKey, InboxRow] = {}
        self._retractions: dict[EventKey, list[RetractionRow]] = {}
        self._clear_batch()

    def _clear_batch(self) -> None:
        self._changes = Changes()
        self._dirty: dict[BookingKey, CaseFile] = {}
        self._outcomes = Outcomes(self._recorder, self._changes, self._place)

    # -- loading ----------------------------------------------------------------------------------------------------

    def preload(self, batch: Iterable[Received]) -> None:
        """Load everything a batch speaks of: one query for the inbox, one for retractions, one for bookings."""
        ids: list[EventKey] = []
        bookings: list[BookingKey] = []
        for received in batch:
            event = received.event
            ids.append(EventKey(event.source, event.id))
            bookings.append(BookingKey(event.source, event.subject))
            if isinstance(event, EventRetracted):
                ids.append(EventKey(event.source, event.data.retracts))
        self._seen = dict(self._store.seen(ids))
        self._retractions = {}
        for row in self._store.retractions_of(ids):
            self._retractions.setdefault(EventKey(row.source, row.retracts), []).append(row)
        self._load(bookings)

    def _load(self, keys: Iterable[BookingKey]) -> None:
        """Bring case files into memory; numbers that the store does not know get an empty one."""
        wanted = [key for key in dict.fromkeys(keys) if key not in self._cases and key not in self._homes]
        while wanted:
            elsewhere = []
            for row in self._store.bookings(wanted):
                key = BookingKey(row.source, row.number)
                if row.home is None:
                    self._cases[key] = CaseFile.from_row(row)
                else:
                    self._homes[key] = home = BookingKey(row.source, row.home)
                    elsewhere.append(home)
            for key in wanted:
                if key not in self._cases and key not in self._homes:
                    self._cases[key] = CaseFile(key.source, key.number, {})
            wanted = [key for key in elsewhere if key not in self._cases]

    def _case(self, key: BookingKey) -> CaseFile:
        if key not in self._cases and key not in self._homes:
            self._load([key])
        return self._cases[self._homes.get(key, key)]

    # -- one event --------------------------------------------------------------------------------------------------

    def accept(self, received: Received, digest: bytes, now: Instant) -> bool:
        """Take one valid event in. Returns False for a duplicate, which changes nothing.

        Raises:
            InvalidEventError: its id was used for other content, or it closes a circle of moves.
        """
        event = received.event
        key = EventKey(event.source, event.id)
        if (earlier := self._seen.get(key)) is not None:
            if earlier.digest != digest:
                raise InvalidEventError(
                    Reason.CONFLICTING_DUPLICATE, "/id: this id was received before with other content"
                )
            return False
        pack = self._pack_for(event.source, now)
        case = self._case(BookingKey(event.source, event.subject))
        facts = facts_of(received)
        if isinstance(event, MessageRequested):
            facts.append(gate.judge(event, pack=pack))
        set_aside: list[Moved] = []
        for fact in facts:
            if type(fact) is Moved:
                case, set_aside = self._tie(case, event.subject, fact)
        for fact in facts:
            if type(fact) is Retracted:
                self._note_retraction(RetractionRow(event.source, fact.id, fact.time, fact.retracts))
            elif type(fact) is not Moved:
                case.add(event.subject, fact)
        self._seen[key] = row = InboxRow(event.source, event.id, digest, event.subject)
        self._changes.inbox.append(row)
        if key in self._retractions or isinstance(event, EventRetracted):
            case = self._file_retractions(key, case, event.subject)
        write = self._outcomes.write
        write("event.accepted", "accepted", event.source, event.subject, now, detail=logged_detail(received), pack=pack)
        for move in set_aside:
            detail: dict[str, JSON] = {"event_id": move.id, "reason": Reason.MOVE_CYCLE.value}
            write("event.set_aside", "set_aside", event.source, event.subject, now, detail=detail, pack=pack)
        if facts:
            self._reassess(case, now)
        return True

    def _tie(self, case: CaseFile, subject: str, move: Moved) -> tuple[CaseFile, list[Moved]]:
        """Join the groups that a move ties together; refuse the move if it is the one that closes a circle."""
        trial = {number: list(facts) for number, facts in case.facts.items()}
        other = self._case(BookingKey(case.source, move.into))
        if other is not case:
            trial.update(other.facts)
        trial.setdefault(subject, []).append(move)
        gone = retracted_ids(fact for facts in trial.values() for fact in facts)
        alive = {number: [fact for fact in facts if fact.id not in gone] for number, facts in trial.items()}
        _, dropped = destinations(alive)
        if move in dropped:
            raise InvalidEventError(Reason.MOVE_CYCLE, "/data/into: the booking would move in a circle")
        if other is not case:
            merge(case, other)
            other.facts, other.findings, other.decisions, other.next_at = {}, {}, {}, NEVER
            del self._cases[other.key]
            self._dirty.pop(other.key, None)
            for known, home in list(self._homes.items()):
                if home == other.key:
                    self._homes[known] = case.key
            self._homes[other.key] = case.key
        case.facts.setdefault(move.into, [])
        self._homes.setdefault(BookingKey(case.source, move.into), case.key)
        self._homes.pop(case.key, None)
        case.add(subject, move)
        return case, dropped

    def _note_retraction(self, row: RetractionRow) -> None:
        self._changes.retractions.append(row)
        self._retractions.setdefault(EventKey(row.source, row.retracts), []).append(row)

    def _file_retractions(self, key: EventKey, case: CaseFile, subject: str) -> CaseFile:
        """File every retraction with the event it speaks of in the end, whichever came first.

        A retraction may retract a retraction, and may be sent under another booking number than its target.
        """
        bottom, passed = key, {key}
        row = self._own_retraction(key)
        while row is not None:
            bottom = EventKey(row.source, row.retracts)
            if bottom in passed:
                return case  # Retractions that retract each other in a circle speak of nothing.
            passed.add(bottom)
            row = self._own_retraction(bottom)
        if bottom != key:
            target = self._seen.get(bottom) or self._store.seen([bottom]).get(bottom)
            if target is None:
                return case  # Waits in the retractions table until its target comes.
            subject = target.subject
            case = self._case(BookingKey(key.source, subject))
        level, filed = [bottom], {bottom}
        while level:
            above = [retraction for each in level for retraction in self._retracting(each)]
            level = []
            for row in above:
                by = EventKey(row.source, row.event_id)
                if by not in filed:
                    filed.add(by)
                    level.append(by)
                    if not case.holds_event(row.event_id):
                        case.add(subject, Retracted(row.event_id, row.time, row.retracts))
        return case

    def _own_retraction(self, key: EventKey) -> RetractionRow | None:
        for row in self._changes.retractions:
            if (row.source, row.event_id) == key:
                return row
        return self._store.retraction(key)

    def _retracting(self, key: EventKey) -> list[RetractionRow]:
        known = self._retractions.get(key)
        if known is None:
            known = self._retractions[key] = list(self._store.retractions_of([key]))
        return known

    def refuse(self, refused: Refused) -> None:
        """Keep a refused input, and count it in the log."""
        self._changes.refused.append(refused)
        detail: dict[str, JSON] = {
            "place": refused.place,
            "reason": refused.reason.value,
            "bytes": len(refused.raw),
        }
        self._outcomes.write("input.refused", "refused", "", "", refused.at, detail=detail)

    # -- time -------------------------------------------------------------------------------------------------------

    def advance(self, to: Instant, *, at: Instant | None = None) -> None:
        """Let time pass: fire every deadline not after ``to``, earliest first.

        Args:
            to: the current time.
            at: the time at which to say they fired; None: each at its own instant (a replay).
        """
        while True:
            if to >= self._queue.horizon:
                if self._dirty or self._queue.horizon < 0:
                    self.commit()
                self._queue.fill(self._store)
            while (due := self._queue.take(to)) is not None:
                moment, key = due
                if key not in self._cases and key not in self._homes:
                    self._load([key, *self._queue.upcoming(to, _PREFETCH)])
                case = self._cases.get(self._homes.get(key, key))
                if case is not None and case.next_at == moment:
                    self._reassess(case, moment if at is None else at)
            if to < self._queue.horizon:
                return

    @property
    def size(self) -> int:
        """Number of log entries, with those not yet committed."""
        return self._recorder.size

    def next_deadline(self) -> Instant:
        """Return an instant not after the next deadline; `NEVER` if there is none."""
        return self._queue.next_at()

    # -- outcomes ---------------------------------------------------------------------------------------------------

    def _reassess(self, case: CaseFile, now: Instant) -> None:
        pack = self._pack_for(case.source, now)
        standing = case.standing()
        assessment = case.assess(standing, pack.parameters, now)
        if assessment.findings or case.findings:
            self._outcomes.compare(case, assessment.findings, pack, now)
        for booking, facts in standing.items():
            if any(isinstance(fact, gate.REQUESTS) for fact in facts):
                self._outcomes.decide(case, booking, facts, pack, now)
        case.next_at = assessment.next_at
        if case.next_at != NEVER:
            self._queue.set(case.next_at, case.key)
        if not case.dirty:
            case.dirty = True
            self._dirty[case.key] = case

    # -- the transaction --------------------------------------------------------------------------------------------

    def commit(self) -> None:
        """Write everything in one transaction. On an error the desk is cleared and nothing was written."""
        changes = self._changes
        changes.old_size, changes.entries, changes.tiles = self._recorder.pending()
        changes.new_size = self._recorder.size
        changes.bookings = [case.to_row() for case in self._dirty.values()]
        changes.bookings += [
            BookingRow(key.source, key.number, home.number, b"", b"", None)
            for key, home in self._homes.items()
            if home in self._dirty
        ]
        try:
            if changes.entries or changes.bookings or changes.refused or changes.resubmitted:
                self._store.commit(changes)
        except LogConflictError as conflict:
            self.forget()
            if self._recorder.catch_up(self._store):
                raise LogGrewError(f"{conflict}: another process has extended it") from conflict
            raise
        except BaseException:
            self.forget()
            raise
        self._recorder.committed()
        for case in self._dirty.values():
            case.dirty = False
        self._clear_batch()
        self._evict()

    def _evict(self) -> None:
        while len(self._cases) > _CACHED:
            del self._cases[next(iter(self._cases))]
        if len(self._homes) > _CACHED:
            self._homes.clear()

    def catch_up(self) -> None:
        """Take note of what another process has written, such as deadlines of resubmitted events.

        Call it between batches only.

        Raises:
            LogConflictError: the store's log is not an extension of the one this desk knows.
        """
        if self._recorder.catch_up(self._store):
            self.forget()

    def forget(self) -> None:
        """Go back to what the store has."""
        self._recorder.forget()
        self._cases.clear()
        self._homes.clear()
        self._seen = {}
        self._retractions = {}
        self._queue = DeadlineQueue()
        self._clear_batch()

    def resubmitted(self, dead_letter: int) -> None:
        """Mark a dead letter as taken up again, in the transaction that takes it up."""
        self._changes.resubmitted.append(dead_letter)
