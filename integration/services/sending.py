"""Sending messages on, from durable rows. Two rules that share no retry.

Ordinary mail goes out at least once: after a crash or a lost answer it is tried again, as every mail server does.
A message to an immigration authority goes out at most once: that it is about to be sent is recorded before the first
byte leaves, and where nobody knows what became of it, it waits for a person (section 6).
"""

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from integration.audit.entry import JSON, Entry
from integration.domain.instants import HOUR, MINUTE, SECOND, Duration, Instant
from integration.errors import StaleReadError
from integration.services import explaining
from integration.services.authors import sender_of
from integration.services.clerk import Act
from integration.services.gate import Request, decide_message
from integration.services.letters import DeliveryRow, Letter, MailRow, State, open_letter, read_asked
from integration.services.maildesk import MailDesk, approval_facts
from integration.services.mailroom import add_notice
from integration.services.ports import Write


class Outcome(StrEnum):
    """How an attempt to send ended."""

    SENT = "sent"
    """The next server said that it has it."""
    REFUSED = "refused"
    """It said that it will never take it."""
    PUT_OFF = "put_off"
    """It certainly has not taken it, and may take it later."""
    UNKNOWN = "unknown"
    """It may have it."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How often ordinary failures are tried again."""

    first: Duration = 2 * SECOND
    longest: Duration = 15 * MINUTE
    give_up: Duration = 48 * HOUR
    """After it was received or approved, a message that was only put off is refused for good."""

    def next_at(self, attempts: int, now: Instant) -> Instant:
        """Return when to try again. Args: ``attempts`` so far."""
        return now + min(self.longest, self.first << min(attempts, 20))


@dataclass(frozen=True, slots=True)
class Begun:
    """A message that may be sent now, to one recipient."""

    row: DeliveryRow
    letter: Letter

    @property
    def recipient(self) -> str:
        """Whom to."""
        return self.letter.recipients[self.row.number]


class Sending:
    """The way out. Any thread."""

    def __init__(self, desk: MailDesk, *, owner: str, patience: Patience = Patience()) -> None:
        """Args: ``owner`` names this process."""
        self._desk = desk
        self._owner = owner
        self._patience = patience
        self._out: set[str] = set()
        """Messages that `begin` has given out and `finish` has not taken back. Changed by the clerk's thread alone."""

    def ready(self, limit: int, channels: Sequence[str], *, not_of: str = "") -> Sequence[DeliveryRow]:
        """Return what waits to be sent and is due, oldest first. Args: ``not_of`` as in `MailBook.ready`."""
        return self._desk.book.ready(self._desk.now(), limit, channels, not_of=not_of)

    def letter(self, mail_id: str) -> Letter:
        """Return a message as it came."""
        mail = self._desk.book.mail(mail_id)
        assert mail is not None
        return open_letter(mail, self._desk.safe)

    def begin(self, message_id: str) -> "Future[Begun | None]":
        """Decide a message anew, and record that it is about to be sent. To be called before its first byte leaves.

        Returns:
            The message, once that is durable. None: it may not be sent (any more), or somebody else sends it. After an
            error ask again: where the database had it and only its answer was lost, it is given out now.
        """
        begun = self._desk.clerk.submit(lambda: self._begin(message_id))
        begun.add_done_callback(self._given_out)
        return begun

    def _given_out(self, begun: "Future[Begun | None]") -> None:
        if not begun.cancelled() and begun.exception() is None and (given := begun.result()) is not None:
            self._out.add(given.row.message_id)

    def _begin(self, message_id: str) -> Act[Begun | None]:
        desk = self._desk
        row = desk.book.delivery(message_id)
        if row is None:
            return Act(None)
        if row.state == State.SENDING.value and row.owner == self._owner and message_id not in self._out:
            return Act(Begun(row, self.letter(row.mail_id)))  # Begun here, and nobody heard of it.
        if row.state != State.TO_SEND.value:
            return Act(None)
        now = desk.now()
        letter = self.letter(row.mail_id)
        writes: list[Write] = []
        if row.at_most_once:
            known = desk.facts_of(letter.source, row.booking)
            request = judge_again(desk, row, letter, now)
            writes.append(desk.book.unchanged(known.rows))
            if not request.permit:
                return self._block(row, letter, request, writes, now)
        after = replace_row(row, State.SENDING, now, owner=self._owner)
        detail: dict[str, JSON] = {"message_id": message_id, "attempt": row.attempts + 1}
        entry = desk.entry("message.sending", "begun", detail, at=now, source=letter.source, booking=row.booking)
        writes.append(desk.book.change(row, after))
        return Act(Begun(after, letter), [entry] if row.at_most_once else [], writes)

    def _block(
        self, row: DeliveryRow, letter: Letter, request: Request, writes: list[Write], now: Instant
    ) -> Act[Begun | None]:
        desk = self._desk
        pack = desk.pack_for(letter.source, now)
        entry, decision = desk.decided(request, pack, at=now, source=letter.source, booking=row.booking)
        after = replace_row(row, State.BLOCKED, now, next_at=now + desk.terms.retention)
        return Act(None, [entry], [*writes, desk.book.change(row, after)], [decision])

    def finish(
        self, rows: Sequence[DeliveryRow], outcome: Outcome, why: str = "", *, source: str | None = None
    ) -> "Future[None]":
        """Record how an attempt ended.

        Args:
            rows: recipients of one message, as `begin` or, for ordinary mail, `ready` or `Filed.due` gave them.
            outcome: of all of them. An unknown one of ordinary mail counts as put off.
            why: a reply code or a word of a closed list.
            source: the message's facility, from those who know it and have other things to do meanwhile: that ordinary
                mail was sent is then recorded with whatever is written next (`clerk.PATIENCE`).
        """
        ordinary = outcome is Outcome.SENT and not any(row.at_most_once for row in rows)
        known = source if ordinary else None

        def act() -> Act[None]:
            nonlocal known
            if known is None:
                return self._finish(rows, outcome, why)
            # Nothing has to be read for it: that the rows are as they were is seen when they are written. Where they
            # are not, the second attempt reads them, and says which.
            of, known = known, None
            return self._sent(rows, of, why)

        done = self._desk.clerk.submit(act, can_wait=known is not None)
        done.add_done_callback(lambda ended: self._taken_back(ended, rows))
        return done

    def _taken_back(self, ended: "Future[None]", rows: Sequence[DeliveryRow]) -> None:
        # Not after an error: what has left, and is still on record as being sent, is never given out again.
        if not ended.cancelled() and ended.exception() is None:
            self._out.difference_update(row.message_id for row in rows)

    def _sent(self, rows: Sequence[DeliveryRow], source: str, why: str) -> Act[None]:
        act: Act[None] = Act(None)
        now = self._desk.now()
        for row in rows:
            self._note(act, row, source, Outcome.SENT, why, now=now)
        return act

    def _finish(self, rows: Sequence[DeliveryRow], outcome: Outcome, why: str) -> Act[None]:
        desk = self._desk
        now = desk.now()
        act: Act[None] = Act(None)
        refused: list[int] = []
        mail_id = rows[0].mail_id
        head = desk.book.head(mail_id)
        known = {row.message_id: row for row in desk.book.deliveries_of(mail_id)}
        for read in rows:
            row = known.get(read.message_id)
            if head is None or row is None or row.version != read.version:
                raise StaleReadError("a message that was being sent was changed meanwhile")
            came_to = self._came_to(row, head, outcome, now)
            if came_to is Outcome.REFUSED:
                refused.append(row.number)
            self._note(act, row, head.source, came_to, why, now=now)
        if refused:
            letter = self.letter(mail_id)
            notice = explaining.refused(letter, refused, why or "it gave no reason", desk.terms, now=now)
            add_notice(desk, act, notice, letter, now=now)
        return act

    def _came_to(self, row: DeliveryRow, head: MailRow, outcome: Outcome, now: Instant) -> Outcome:
        if outcome is Outcome.UNKNOWN and not row.at_most_once:
            outcome = Outcome.PUT_OFF
        if outcome is Outcome.PUT_OFF:
            # What waited for an approval has its time from then on.
            given = [each.granted_at for each in self._desk.book.approvals_of(row.message_id)]
            if now - max([head.received_at, *given]) > self._patience.give_up:
                return Outcome.REFUSED
        return outcome

    def _note(self, act: Act[Any], row: DeliveryRow, source: str, outcome: Outcome, why: str, *, now: Instant) -> None:
        desk = self._desk
        kept = now + desk.terms.retention
        match outcome:
            case Outcome.SENT:
                after = replace_row(row, State.SENT, now)
            case Outcome.REFUSED:
                after = replace_row(row, State.REFUSED, now, next_at=kept)
            case Outcome.UNKNOWN:
                after = replace_row(row, State.UNKNOWN, now, next_at=kept)
            case _:
                again = self._patience.next_at(row.attempts, now)
                after = replace_row(row, State.TO_SEND, now, next_at=again)._replace(attempts=row.attempts + 1)
        act.writes = [*act.writes, desk.book.change(row, after)]
        # That ordinary mail has to wait for its next server is no act of the gate.
        if row.at_most_once or outcome is not Outcome.PUT_OFF:
            act.entries = [*act.entries, self._told(row, source, outcome, why, now=now)]

    def _told(self, row: DeliveryRow, source: str, outcome: Outcome, why: str, *, now: Instant) -> Entry:
        detail: dict[str, JSON] = {"message_id": row.message_id, "attempt": row.attempts + 1}
        if why:
            detail["why"] = why
        return self._desk.entry(_KINDS[outcome], outcome.value, detail, at=now, source=source, booking=row.booking)

    def recover(self, channels: Sequence[str]) -> "Future[list[str]]":
        """Take note of what a process that died was sending. Once, before anything is sent.

        Returns:
            Ids of messages to immigration authorities whose outcome nobody knows: they wait for a person.
        """
        return self._desk.clerk.submit(lambda: self._recover(channels))

    def _recover(self, channels: Sequence[str]) -> Act[list[str]]:
        now = self._desk.now()
        act: Act[list[str]] = Act([])
        for row in self._desk.book.in_states([State.SENDING.value], channels):
            head = self._desk.book.head(row.mail_id)
            outcome = Outcome.UNKNOWN if row.at_most_once else Outcome.PUT_OFF
            self._note(act, row, head.source if head else "", outcome, "crash", now=now)
            if row.at_most_once:
                act.result.append(row.message_id)
        return act


def judge_again(desk: MailDesk, row: DeliveryRow, letter: Letter, now: Instant) -> Request:
    """Decide a filed message as of now: approvals expire and are withdrawn, warrants end. In acts only."""
    asked = read_asked(row, sender_of(letter))
    facts = [*desk.facts_of(letter.source, row.booking).facts, *approval_facts(desk.book, row.message_id)]
    return decide_message(asked, desk.pack_for(letter.source, now), now=now, facts=facts)


def replace_row(
    row: DeliveryRow, state: State, now: Instant, *, owner: str = "", next_at: Instant | None = None
) -> DeliveryRow:
    """Return a recipient's row in another state."""
    return row._replace(
        state=state.value,
        changed_at=now,
        owner=owner,
        next_at=row.next_at if next_at is None else next_at,
        version=row.version + 1,
    )


_KINDS = {
    Outcome.SENT: "message.sent",
    Outcome.REFUSED: "message.refused",
    Outcome.PUT_OFF: "message.put_off",
    Outcome.UNKNOWN: "message.unknown",
}
