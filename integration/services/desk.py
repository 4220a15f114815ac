"""Where a batch is worked on: case files in memory, and everything that will be committed together.

Nothing here is true until `Desk.commit` returns. After any error the desk is cleared (`Desk.forget`) and the next
batch starts from what the store has.
"""

from collections.abc import Callable, Iterable, Sequence

from integration.audit.entry import JSON
from integration.domain.anypack import changes_at, judged
from integration.domain.facts import ApprovalTakenBack, Fact, Moved, Retracted
from integration.domain.findings import Finding
from integration.domain.instants import NEVER, Instant
from integration.errors import FatalError, LogConflictError, LogGrewError
from integration.policy.pack import Pack
from integration.services import gate, withdrawals
from integration.services.cabinet import Cabinet
from integration.services.casefile import CaseFile
from integration.services.deadlines import DeadlineQueue
from integration.services.outcomes import Outcomes
from integration.services.ports import BookingKey, Changes, EventKey, InboxRow, PositionRow, RetractionRow, Store, Write
from integration.services.reading import facts_of, logged_detail, scan_of
from integration.services.recorder import Log
from integration.services.refused import Refused
from integration.services.retractions import Retractions
from schemas.bookings import EventRetracted
from schemas.events import Event, Received
from schemas.refusals import InvalidEventError, Reason
from schemas.requests import ApprovalGranted, MessageRequested

PackFor = Callable[[str, Instant], Pack]
"""From a source and the current time to the policy pack in force at that facility.

Raises InvalidEventError (`Reason.UNKNOWN_SOURCE`) for a feed that no facility is set up for.
"""

Owns = Callable[[BookingKey], bool]
"""Tells whether a booking's deadlines are this desk's to fire."""

_PREFETCH = 256
_RACES = 50
"""For the log's end, with others who write a few entries at a time."""


class Desk:
    """The working memory between a stream of events and the store. One at a time, one thread."""

    def __init__(
        self,
        store: Store,
        log: Log,
        pack_for: PackFor,
        *,
        place: str,
        earlier: Iterable[Pack] = (),
        owns: Owns | None = None,
        tell_refused: bool = False,
    ) -> None:
        """Set up an empty desk.

        Args:
            store: where everything is kept.
            log: a `Recorder` for the one desk of a database, an `Appender` for one of many.
            pack_for: the pack in force.
            place: names this installation in audit entries (AU-3 "where").
            earlier: packs that findings on record may have been raised under.
            owns: whose deadlines `advance` fires here; None: everybody's. For one of many desks in recorded time.
            tell_refused: whether the outbox tells of refused inputs, too.
        """
        self._store = store
        self._log = log
        self._pack_for = pack_for
        self._earlier = {pack.revision: pack for pack in earlier}
        self._place = place
        self._owns = owns
        self._tell_refused = tell_refused
        self._queue = DeadlineQueue(owns)
        self._cabinet = Cabinet(store)
        self._retractions = Retractions(store, self._cabinet)
        self._seen: dict[EventKey, InboxRow] = {}
        self._touched: dict[BookingKey, None] = {}
        self._touched_at: Instant = 0
        self._start_batch()

    def _start_batch(self) -> None:
        self._changes = Changes()
        self._refused: set[bytes] = set()
        self._outcomes = Outcomes(self._log, self._changes, self._place)

    def preload(self, batch: Iterable[Received], due: Iterable[BookingKey] = ()) -> None:
        """Load everything a batch speaks of: one query for the inbox, one for retractions, one for bookings.

        Args:
            batch: its events.
            due: bookings that it says are due. What is in memory of them is read again: another worker may have
                set their deadline, and a reminder that is passed over comes back only after seconds.
        """
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
        self._cabinet.refresh(due)
        if self._owns is not None:
            self._queue = DeadlineQueue(self._owns)  # Other desks set deadlines of ours, by moves and retractions.

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

    def accept(self, received: Received, now: Instant, actor: str = "") -> None:
        """Take one valid event in that is no duplicate.

        Args:
            received: the event.
            now: the current time.
            actor: who typed it in, as in ``officer:jdoe``; empty: a feed told it.

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
        if isinstance(event, ApprovalGranted):
            touched += self._know(event, case)
        write = self._outcomes.write
        logged = logged_detail(received, pack.parameters)
        by: dict[str, str] = {"actor": actor} if actor else {}
        if actor and (scan := scan_of(event)) is not None:
            logged["scan"] = scan
        write("event.accepted", "accepted", event.source, event.subject, now, detail=logged, pack=pack, **by)
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
                key = EventKey(event.source, event.id)
                against = self._retractions.above(key) if self._retractions.concern(key) else ()
                set_aside = self._cabinet.tie(case, event.subject, fact, against)
            elif type(fact) is Retracted:
                row = RetractionRow(event.source, fact.id, fact.time, fact.retracts)
                self._changes.retractions.append(row)
                self._retractions.note(row)
            else:
                case.add(event.subject, fact)
                if type(fact) is ApprovalTakenBack:
                    row = withdrawals.withdrawal(event.source, fact.id, fact.time, fact.approval_id)
                    self._changes.retractions.append(row)
                    self._retractions.note(row)
        return case, set_aside

    def _know(self, approval: ApprovalGranted, case: CaseFile) -> list[CaseFile]:
        """Take note of an approval by its id; returns the case files in which it is withdrawn already."""
        key = withdrawals.key_of(approval.source, approval.data.approval_id)
        if self._seen.get(key) is None and key not in self._store.seen([key]):
            self._seen[key] = row = withdrawals.known_as(approval.source, approval.data.approval_id, approval.subject)
            self._changes.inbox.append(row)
        elif missing := [fact for fact in self._retractions.above(key) if not case.holds_retraction(fact.id)]:
            # The same id for another booking: what withdraws the one withdraws the other.
            for fact in missing:
                case.add(approval.subject, fact)
        return [case, *self._retractions.file(key, self._seen)]

    def refuse(self, refused: Refused) -> bool:
        """Keep a refused input, and count it in the log. Returns False for the same one read again."""
        if refused.digest in self._refused or self._store.is_refused(refused.digest):
            return False
        self._refused.add(refused.digest)
        self._outcomes.refuse(refused, tell=self._tell_refused)
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
                self._queue.fill(self._store, to)
            while (due := self._queue.take(to)) is not None:
                moment, key = due
                if not self._cabinet.holds(key):
                    self._cabinet.load([key, *self._queue.upcoming(to, _PREFETCH)])
                if (case := self._due_at(key, moment)) is not None:
                    self._reassess(case, moment if at is None else at)
            if to < self._queue.horizon:
                return

    def _due_at(self, key: BookingKey, moment: Instant) -> CaseFile | None:
        """Return the case file that comes due at an instant, unless its deadline has changed."""
        case = self._cabinet.case(key)
        if self._owns is not None and case.next_at != moment:
            self._cabinet.refresh([key])
            case = self._cabinet.case(key)
        # Of a group that a move tied, only its home's deadline counts: the order is then the store's, too.
        return case if case.key == key and case.next_at == moment else None

    def due(self, key: BookingKey, now: Instant) -> bool:
        """Take a reminder that a booking's deadline has come. Returns False where nothing is due: it changes nothing.

        Args:
            key: the booking; `preload` MUST have been told of it in this batch.
            now: the current time.
        """
        if now != self._touched_at:
            self._settle()
        case = self._cabinet.case(key)
        if case.next_at > now:
            return False
        # Assessed with what becomes known at the same time, as everywhere.
        self._touched[case.key] = None
        self._touched_at = now
        return True

    @property
    def size(self) -> int:
        """Number of log entries, with those not yet committed."""
        return self._log.size

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
                # Nobody can judge it as it was judged: it stands as it was told, as far as the facts let it.
                facts = [fact for each in standing.values() for fact in each]
                for each, kept in raised.items():
                    by_facts = judged(
                        kept.finding, facts, pack.parameters, lambda reading: case.assess(standing, reading, now)
                    )
                    if by_facts is not None:
                        found[each] = by_facts, pack
                        next_at = min(next_at, changes_at(by_facts))
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
                f"people of the feed {case.source} are on record, but the settings this process began with have no "
                "facility for it: put it into the settings, or start again if it is there by now"
            ) from error

    # -- the transaction --------------------------------------------------------------------------------------------

    def commit(self, positions: Sequence[PositionRow] = (), also: Sequence[Write] = ()) -> None:
        """Write everything in one transaction. On an error the desk is cleared and nothing was written.

        Args:
            positions: how far the partitions of the batch are processed once this is committed.
            also: what a connector keeps with it.

        Raises:
            TransientError: see `Store.commit`; `StaleReadError` and `LogGrewError`: run the batch again.
            FatalError: stop.
        """
        self._settle()
        changes = self._changes
        self._log.fill(changes)
        if changes.beside is not None:
            self._retractions.check(changes.beside, changes.inbox)
        changes.bookings = list(self._cabinet.rows())
        changes.positions = [*positions]
        changes.also += also
        try:
            if _says_anything(changes):
                self._write(changes)
        except LogConflictError as conflict:
            self.forget()
            if self._log.catch_up(self._store):
                raise LogGrewError(f"{conflict}: another process has extended it") from conflict
            raise
        except BaseException:
            self.forget()
            raise
        self._log.committed()
        self._cabinet.written()
        self._start_batch()

    def _write(self, changes: Changes) -> None:
        """Commit; where others only wrote beside it meanwhile, behind what they wrote.

        The gate writes every few milliseconds, and a midnight's deadlines take longer than that: working them anew each
        time would never end.
        """
        for _ in range(_RACES):
            try:
                self._store.commit(changes)
            except LogConflictError:
                if not self._log.move_on(self._store):
                    raise
                self._log.fill(changes)
            else:
                return
        self._store.commit(changes)

    def catch_up(self) -> bool:
        """Take note of what another process has written, such as deadlines of resubmitted events; tell whether it has.

        Call it between batches only.

        Raises:
            LogConflictError: the store's log is not an extension of the one this desk knows.
        """
        if self._log.move_on(self._store):
            return True  # Nothing of it is in memory here.
        grown = self._log.catch_up(self._store)
        if grown:
            self.forget()
        return grown

    def forget(self) -> None:
        """Go back to what the store has."""
        self._log.forget()
        self._cabinet.forget()
        self._retractions.forget()
        self._seen = {}
        self._touched = {}
        self._queue = DeadlineQueue(self._owns)
        self._start_batch()

    def resubmitted(self, dead_letter: int) -> None:
        """Mark a dead letter as taken up again, in the transaction that takes it up."""
        self._changes.resubmitted.append(dead_letter)


def _says_anything(changes: Changes) -> bool:
    beside = changes.beside is not None and changes.beside.entries
    return bool(
        beside
        or changes.entries
        or changes.bookings
        or changes.refused
        or changes.resubmitted
        or changes.positions
        or changes.also
    )
