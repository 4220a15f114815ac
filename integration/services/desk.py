"""Where a batch is worked on: case files in memory, and everything that will be committed together.

Nothing here is true until `Desk.commit` returns. After any error the desk is cleared (`Desk.forget`) and the next
batch starts from what the store has.
"""

from collections.abc import Callable, Iterable

from integration.audit.entry import JSON
from integration.domain.facts import Fact, Moved, Retracted
from integration.domain.findings import Finding
from integration.domain.instants import NEVER, Instant
from integration.errors import FatalError, LogConflictError, LogGrewError
from integration.policy.pack import Pack
from integration.services import gate
from integration.services.cabinet import Cabinet
from integration.services.casefile import CaseFile
from integration.services.deadlines import DeadlineQueue
from integration.services.outcomes import Outcomes
from integration.services.ports import BookingKey, Changes, EventKey, InboxRow, RetractionRow, Store
from integration.services.reading import facts_of, logged_detail
from integration.services.recorder import Recorder
from integration.services.refused import Refused
from integration.services.retractions import Retractions
from schemas.bookings import EventRetracted
from schemas.events import Event, Received
from schemas.refusals import InvalidEventError, Reason
from schemas.requests import MessageRequested

PackFor = Callable[[str, Instant], Pack]
"""From a source and the current time to the policy pack in force at that facility.

Raises InvalidEventError (`Reason.UNKNOWN_SOURCE`) for a feed that no facility is set up for.
"""

_PREFETCH = 256


class Desk:
    """The working memory between a stream of events and the store. One at a time, one thread."""

    def __init__(
        self, store: Store, recorder: Recorder, pack_for: PackFor, *, place: str, earlier: Iterable[Pack] = ()
    ) -> None:
        """Set up an empty desk.

        Args:
            store: where everything is kept.
            recorder: the log.
            pack_for: the pack in force.
            place: names this installation in audit entries (AU-3 "where").
            earlier: packs that findings on record may have been raised under.
        """
        self._store = store
        self._recorder = recorder
        self._pack_for = pack_for
        self._earlier = {pack.revision: pack for pack in earlier}
        self._place = place
        self._queue = DeadlineQueue()
        self._cabinet = Cabinet(store)
        self._retractions = Retractions(store, self._cabinet)
        self._seen: dict[EventKey, InboxRow] = {}
        self._touched: dict[BookingKey, None] = {}
        self._touched_at: Instant = 0
        self._start_batch()

    def _start_batch(self) -> None:
        self._changes = Changes()
        self._refused: set[bytes] = set()
        self._outcomes = Outcomes(self._recorder, self._changes, self._place)

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
        self._retractions.preload(ids)
        self._cabinet.load(bookings)

    # -- one event --------------------------------------------------------------------------------------------------

    def is_duplicate(self, received: Received) -> bool:
        """Tell whether an event was accepted before: then it changes nothing.

        Raises:
            InvalidEventError: its id was used for other content.
        """
        earlier = self._seen.get(EventKey(received.event.source, received.event.id))
        if earlier is not None and earlier.digest != received.digest:
            raise InvalidEventError(Reason.CONFLICTING_DUPLICATE, "/id: this id was received before with other content")
        return earlier is not None

    def accept(self, received: Received, now: Instant) -> None:
        """Take one valid event in that is no duplicate.

        Raises:
            InvalidEventError: it comes from a feed nobody set up, or closes a circle of moves.
        """
        event = received.event
        key = EventKey(event.source, event.id)
        pack = self._pack_for(event.source, now)
        if now != self._touched_at:
            self._settle()
        facts = facts_of(received)
        if isinstance(event, MessageRequested):
            facts.append(gate.judge(event, pack=pack))
        case, set_aside = self._file(event, facts)
        self._seen[key] = row = InboxRow(event.source, event.id, received.digest, event.subject)
        self._changes.inbox.append(row)
        touched = [case] if facts else []
        if self._retractions.concern(key):
            touched += self._retractions.file(key, self._seen)
        write = self._outcomes.write
        write("event.accepted", "accepted", event.source, event.subject, now, detail=logged_detail(received), pack=pack)
        for move in set_aside:
            detail: dict[str, JSON] = {"event_id": move.id, "reason": Reason.MOVE_CYCLE.value}
            write("event.set_aside", "set_aside", event.source, event.subject, now, detail=detail, pack=pack)
        for each in touched:
            self._cabinet.mark(each)
            self._touched[each.key] = None
            self._touched_at = now

    def _file(self, event: Event, facts: Iterable[Fact]) -> tuple[CaseFile, list[Moved]]:
        """File the facts of an event; returns its case file, and earlier moves that its move sets aside."""
        case = self._cabinet.case(BookingKey(event.source, event.subject))
        set_aside: list[Moved] = []
        for fact in facts:
            if type(fact) is Moved:
                set_aside = self._cabinet.tie(case, event.subject, fact)
            elif type(fact) is Retracted:
                row = RetractionRow(event.source, fact.id, fact.time, fact.retracts)
                self._changes.retractions.append(row)
                self._retractions.note(row)
            else:
                case.add(event.subject, fact)
        return case, set_aside

    def refuse(self, refused: Refused) -> bool:
        """Keep a refused input, and count it in the log. Returns False for the same one read again."""
        if refused.digest in self._refused or self._store.is_refused(refused.digest):
            return False
        self._refused.add(refused.digest)
        self._changes.refused.append(refused)
        detail: dict[str, JSON] = {
            "place": refused.place,
            "reason": refused.reason.value,
            "bytes": len(refused.raw),
        }
        self._outcomes.write("input.refused", "refused", "", "", refused.at, detail=detail)
        return True

    # -- time -------------------------------------------------------------------------------------------------------

    def advance(self, to: Instant, *, at: Instant | None = None) -> None:
        """Let time pass: fire every deadline not after ``to``, earliest first.

        Args:
            to: the current time.
            at: the time at which to say they fired; None: each at its own instant (a replay).
        """
        if to >= self._touched_at:
            self._settle()
        while True:
            if to >= self._queue.horizon:
                self.commit()
                self._queue.fill(self._store)
            while (due := self._queue.take(to)) is not None:
                moment, key = due
                if not self._cabinet.holds(key):
                    self._cabinet.load([key, *self._queue.upcoming(to, _PREFETCH)])
                case = self._cabinet.case(key)
                # Of a group that a move tied, only its home's deadline counts: the order is then the store's, too.
                if case.key == key and case.next_at == moment:
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

    def _settle(self) -> None:
        """Assess what was touched at the last instant.

        What becomes known at one instant is assessed together, so that an opening and the hold that comes with it do
        not raise a finding between them.
        """
        touched, self._touched = self._touched, {}
        for case in {case.key: case for case in map(self._cabinet.case, touched)}.values():
            self._reassess(case, self._touched_at)

    # -- outcomes ---------------------------------------------------------------------------------------------------

    def _reassess(self, case: CaseFile, now: Instant) -> None:
        pack = self._pack_of(case, now)
        standing = case.standing()
        assessment = case.assess(standing, pack.parameters, now)
        next_at = assessment.next_at
        if assessment.findings or case.findings:
            found = {finding.finding_id: (finding, pack) for finding in assessment.findings}
            next_at = min(next_at, self._judge_by_earlier_packs(case, standing, found, pack, now))
            self._outcomes.compare(case, found, lambda revision: self._earlier.get(revision, pack), now)
        for booking, facts in standing.items():
            if any(isinstance(fact, gate.REQUESTS) for fact in facts):
                self._outcomes.decide(case, booking, facts, pack, now)
        case.next_at = next_at
        if case.next_at != NEVER:
            self._queue.set(case.next_at, case.key)
        self._cabinet.mark(case)

    def _judge_by_earlier_packs(
        self,
        case: CaseFile,
        standing: dict[str, list[Fact]],
        found: dict[str, tuple[Finding, Pack]],
        pack: Pack,
        now: Instant,
    ) -> Instant:
        """Keep what was raised under an earlier pack to that pack: a later one never rewrites it (POLICY "Engine").

        Adds to ``found``; returns the next instant at which that pack's findings change.
        """
        next_at = NEVER
        for revision in {kept.pack_revision for kept in case.findings.values()} - {pack.revision}:
            raised = {each: kept for each, kept in case.findings.items() if kept.pack_revision == revision}
            earlier = self._earlier.get(revision)
            if earlier is None:
                # Nobody can judge it anew: where the pack in force says nothing of it, it stands as it was told.
                for each, kept in raised.items():
                    found.setdefault(each, (kept.finding, pack))
                continue
            again = case.assess(standing, earlier.parameters, now)
            found |= {each.finding_id: (each, earlier) for each in again.findings if each.finding_id in raised}
            next_at = min(next_at, again.next_at)
        return next_at

    def _pack_of(self, case: CaseFile, now: Instant) -> Pack:
        try:
            return self._pack_for(case.source, now)
        except InvalidEventError as error:
            raise FatalError(
                f"people of the feed {case.source} are on record, but no facility is set up for it any more: "
                "put it back into the settings"
            ) from error

    # -- the transaction --------------------------------------------------------------------------------------------

    def commit(self) -> None:
        """Write everything in one transaction. On an error the desk is cleared and nothing was written."""
        self._settle()
        changes = self._changes
        changes.old_size, changes.entries, changes.tiles = self._recorder.pending()
        changes.new_size = self._recorder.size
        changes.bookings = list(self._cabinet.rows())
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
        self._cabinet.written()
        self._start_batch()

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
        self._cabinet.forget()
        self._retractions.forget()
        self._seen = {}
        self._touched = {}
        self._queue = DeadlineQueue()
        self._start_batch()

    def resubmitted(self, dead_letter: int) -> None:
        """Mark a dead letter as taken up again, in the transaction that takes it up."""
        self._changes.resubmitted.append(dead_letter)
