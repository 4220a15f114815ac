"""What people do with messages that wait: look, ask, approve, withdraw, deny, settle. Each is an entry first.

The pack stays the judge: an approval is a fact that it is given, as one from a feed would be.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import uuid4

import orjson

from integration.audit.entry import JSON, Entry, text_of
from integration.domain.facts import Approved
from integration.domain.instants import Instant
from integration.domain.persons import may_be_one, names_of
from integration.errors import UsageError
from integration.services.authors import names_in, sender_of
from integration.services.clerk import Act
from integration.services.gate import Request, decide_message
from integration.services.letters import ApprovalRow, DeliveryRow, Letter, State, open_letter, read_asked
from integration.services.maildesk import MailDesk, approval_facts
from integration.services.sending import replace_row
from schemas.kinds import LegalBasis

WAITING = (State.BLOCKED.value, State.UNKNOWN.value, State.REFUSED.value)
"""States in which a message waits for a person."""
EXPIRING = (State.BLOCKED.value, State.REFUSED.value)
"""Of those, the states in which it waits no longer than the retention. An unknown outcome waits for ever."""


_AT_ONCE = 500
"""Messages that are forgotten in one transaction."""


@dataclass(frozen=True, slots=True)
class Basis:
    """What an approval rests on."""

    legal_basis: LegalBasis
    citation: str
    """Kept beside the message, and not in the log: it may name somebody."""
    expires_at: Instant
    booking: str = ""
    """The booking that the message is about, as whoever approves it has seen."""


class Quarantine:
    """Acts of people. Any thread; each returns once it is durable."""

    def __init__(self, desk: MailDesk) -> None:
        """Args: ``desk`` is shared with `Mailroom`."""
        self._desk = desk

    def waiting(self, states: Sequence[str] = WAITING) -> Sequence[DeliveryRow]:
        """Return what waits, longest first."""
        return self._desk.book.in_states(states)

    def view(self, message_id: str, *, actor: str) -> tuple[DeliveryRow, Letter]:
        """Return a message whole. That somebody read it is in the log before they do.

        Raises:
            UsageError: there is no such message, or it was purged.
        """

        def act() -> Act[tuple[DeliveryRow, Letter]]:
            row, letter = self._read(message_id)
            return Act((row, letter), [self._entry("quarantine.viewed", "viewed", row, letter, actor)])

        return self._desk.clerk.submit(act).result()

    def ask(self, message_id: str, *, actor: str) -> None:
        """Record that somebody asks for an approval: they do not give it.

        Raises:
            UsageError: the message is not blocked.
        """

        def act() -> Act[None]:
            row, letter = self._read(message_id, State.BLOCKED)
            asked_by = sorted({*orjson.loads(row.asked_by), actor})
            after = replace_row(row, State.BLOCKED, self._desk.now())._replace(asked_by=orjson.dumps(asked_by).decode())
            entry = self._entry("approval.asked", "asked", row, letter, actor)
            return Act(None, [entry], [self._desk.book.change(row, after)])

        self._desk.clerk.submit(act).result()

    def approve(self, message_id: str, basis: Basis, *, actor: str) -> tuple[str, Request]:
        """Give an approval to the pack. If that lets the message pass, it will be sent.

        Returns:
            The approval's id, and what the pack decided. Where it blocks, the approval is recorded and not kept.

        Raises:
            UsageError: the message is not blocked; the approval expires in the past or cites nothing; or it is given
                by the sender or by somebody who asked for it.
        """
        approval_id = f"gate-{uuid4().hex}"
        return self._desk.clerk.submit(lambda: self._approve(message_id, approval_id, basis, actor)).result()

    def _approve(self, message_id: str, approval_id: str, basis: Basis, actor: str) -> Act[tuple[str, Request]]:
        desk = self._desk
        row, letter = self._read(message_id, State.BLOCKED)
        now = desk.now()
        _check_basis(basis, now)
        _check_other_person(actor, row, letter)
        booking = basis.booking or row.booking
        known = desk.facts_of(letter.source, booking)
        given = Approved(approval_id, now, approval_id, message_id, basis.legal_basis.value, actor, basis.expires_at)
        pack = desk.pack_for(letter.source, now)
        request = decide_message(
            read_asked(row, sender_of(letter)),
            pack,
            now=now,
            facts=[*known.facts, *approval_facts(desk.book, message_id), given],
        )
        told: dict[str, JSON] = {
            "approval_id": approval_id,
            "legal_basis": basis.legal_basis.value,
            "expires_at": text_of(basis.expires_at),
        }
        outcome = "granted" if request.permit else "not_accepted"
        decided, decision = desk.decided(request, pack, at=now, source=letter.source, booking=booking)
        entries = [self._entry("approval.granted", outcome, row, letter, actor, booking=booking, detail=told), decided]
        if not request.permit:
            return Act((approval_id, request), entries, [desk.book.unchanged(known.rows)], [decision])
        kept = ApprovalRow(
            approval_id,
            message_id,
            basis.legal_basis.value,
            basis.citation,
            actor,
            now,
            basis.expires_at,
            None,
            "",
        )
        after = replace_row(row, State.TO_SEND, now, next_at=now)._replace(booking=booking)
        writes = [desk.book.unchanged(known.rows), desk.book.approve(kept), desk.book.change(row, after)]
        return Act((approval_id, request), entries, writes, [decision])

    def withdraw(self, message_id: str, *, actor: str) -> bool:
        """Take every approval of a message back.

        Returns:
            Whether that came in time: the message has not been sent, and waits in quarantine again.

        Raises:
            UsageError: no approval of it stands.
        """

        def act() -> Act[bool]:
            desk = self._desk
            row = self._row(message_id)
            standing = [each for each in desk.book.approvals_of(message_id) if each.withdrawn_at is None]
            if not standing:
                raise UsageError(f"no approval of {message_id} stands")
            now = desk.now()
            in_time = row.state in (State.TO_SEND.value, State.BLOCKED.value)
            writes = [desk.book.withdraw(each.approval_id, now, actor) for each in standing]
            if row.state == State.TO_SEND.value:
                kept = now + desk.terms.retention
                writes.append(desk.book.change(row, replace_row(row, State.BLOCKED, now, next_at=kept)))
            told: dict[str, JSON] = {"approval_ids": [each.approval_id for each in standing]}
            entry = self._entry(
                "approval.withdrawn", "in_time" if in_time else "too_late", row, None, actor, detail=told
            )
            return Act(in_time, [entry], writes)

        return self._desk.clerk.submit(act).result()

    def deny(self, message_id: str, *, actor: str) -> None:
        """Decide that a message does not leave. Its content goes, unless other recipients still need it.

        Raises:
            UsageError: it does not wait for such a decision.
        """
        self._close(message_id, State.DENIED, "quarantine.denied", actor)

    def purge(self, message_id: str, *, actor: str) -> None:
        """Let a message expire before its time, content and all.

        Raises:
            UsageError: it does not wait.
        """
        self._close(message_id, State.EXPIRED, "quarantine.purged", actor)

    def _close(self, message_id: str, state: State, kind: str, actor: str) -> None:
        def act() -> Act[None]:
            row = self._row(message_id)
            _expect(row, State.BLOCKED, State.REFUSED)
            after = replace_row(row, state, self._desk.now())
            entry = self._entry(kind, state.value, row, None, actor)
            return Act(None, [entry], [self._desk.book.change(row, after)])

        self._desk.clerk.submit(act).result()

    def settle(self, message_id: str, *, arrived: bool, actor: str) -> None:
        """Record what a person found out about a message whose outcome was unknown.

        One that did not arrive is in quarantine again, its approvals withdrawn: it needs a new one to be sent.

        Raises:
            UsageError: its outcome is known.
        """

        def act() -> Act[None]:
            desk = self._desk
            row = self._row(message_id)
            _expect(row, State.UNKNOWN)
            now = desk.now()
            state = State.SENT if arrived else State.BLOCKED
            after = replace_row(row, state, now, next_at=now + desk.terms.retention)
            standing = [each for each in desk.book.approvals_of(message_id) if each.withdrawn_at is None]
            writes = [desk.book.change(row, after)]
            if not arrived:
                writes += [desk.book.withdraw(each.approval_id, now, actor) for each in standing]
            outcome = "arrived" if arrived else "did_not_arrive"
            return Act(None, [self._entry("message.settled", outcome, row, None, actor)], writes)

        self._desk.clerk.submit(act).result()

    def expire(self, *, actor: str = "service:gate") -> int:
        """Let go of everything that nobody decided in time. Returns how many recipients that were."""

        def act() -> Act[int]:
            now = self._desk.now()
            late = self._desk.book.in_states(EXPIRING, before=now)
            writes = [self._desk.book.change(row, replace_row(row, State.EXPIRED, now)) for row in late]
            entries = [self._entry("quarantine.expired", "expired", row, None, actor) for row in late]
            return Act(len(late), entries, writes)

        return self._desk.clerk.submit(act).result()

    def forget(self, *, actor: str = "service:gate") -> int:
        """Delete the rows of messages that were done with a retention ago. Returns how many, at the most some."""

        def act() -> Act[int]:
            now = self._desk.now()
            old = self._desk.book.done_before(now - self._desk.terms.retention, _AT_ONCE)
            if not old:
                return Act(0)
            entry = self._desk.entry("quarantine.purged", "forgotten", {"mails": len(old)}, at=now, actor=actor)
            return Act(len(old), [entry], [self._desk.book.forget(old)])

        return self._desk.clerk.submit(act).result()

    def _row(self, message_id: str) -> DeliveryRow:
        row = self._desk.book.delivery(message_id)
        if row is None:
            raise UsageError(f"there is no message {message_id}")
        return row

    def _read(self, message_id: str, *states: State) -> tuple[DeliveryRow, Letter]:
        row = self._row(message_id)
        if states:
            _expect(row, *states)
        mail = self._desk.book.mail(row.mail_id)
        if mail is None or mail.content is None:
            raise UsageError(f"message {message_id} was purged")
        return row, open_letter(mail, self._desk.safe)

    def _entry(
        self,
        kind: str,
        outcome: str,
        row: DeliveryRow,
        letter: Letter | None,
        actor: str,
        *,
        booking: str = "",
        detail: Mapping[str, JSON] | None = None,
    ) -> Entry:
        head = self._desk.book.head(row.mail_id) if letter is None else None
        source = letter.source if letter else head.source if head else ""
        return self._desk.entry(
            kind,
            outcome,
            {"message_id": row.message_id, **(detail or {})},
            at=self._desk.now(),
            actor=actor,
            source=source,
            booking=booking or row.booking,
        )


def _expect(row: DeliveryRow, *states: State) -> None:
    if row.state not in {state.value for state in states}:
        wanted = " or ".join(state.value for state in states)
        # Two people look at one list: what the other did meanwhile counts.
        raise UsageError(f"message {row.message_id} is {row.state}, not {wanted} (any more)")


def _check_basis(basis: Basis, now: Instant) -> None:
    if not basis.citation.strip():
        raise UsageError("an approval cites what it rests on")
    if basis.expires_at <= now:
        raise UsageError("an approval expires in the future")


def _check_other_person(actor: str, row: DeliveryRow, letter: Letter) -> None:
    """See that a second person approves: not the sender by any name known here, and nobody who asked for it."""
    if not names_of(actor):
        raise UsageError("an approval names who gives it")
    # Where nobody can tell who wrote it, nobody is shown to be another person: then the pack accepts no approval.
    if names_of(actor) & names_of(names_in(letter)):
        raise UsageError("nobody approves a message of their own")
    if any(may_be_one(actor, each) for each in orjson.loads(row.asked_by)):
        raise UsageError("whoever asked for an approval does not give it")
