"""Filing outgoing messages: examined, decided for each recipient by itself, and kept, in one transaction.

What is permitted waits to be sent (`sending`); what is blocked waits in quarantine (`quarantine`). Nobody is told that
a message was accepted before all of it is on the disk.
"""

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from integration.audit.entry import JSON
from integration.domain.facts import Fact, MessageAsked
from integration.domain.instants import Instant
from integration.policy.pack import Pack
from integration.services import explaining
from integration.services.authors import sender_of
from integration.services.clerk import Act
from integration.services.examining import Envelope, Examine, Examined, examine_mail
from integration.services.gate import Request, asked_of, decide_message
from integration.services.letters import (
    AlreadyFiledError,
    DeliveryRow,
    Letter,
    MailRow,
    Safe,
    State,
    seal_letter,
    write_asked,
)
from integration.services.maildesk import MailDesk
from integration.services.neverheld import never_held
from schemas.kinds import RecipientClass


@dataclass(frozen=True, slots=True)
class Filing:
    """What became of one recipient."""

    message_id: str
    state: State
    request: Request


@dataclass(frozen=True, slots=True)
class Filed:
    """What became of a message."""

    mail_id: str
    deliveries: tuple[Filing, ...]
    due: tuple[DeliveryRow, ...] = ()
    """Recipients to whom it may be sent at once: those of ordinary mail."""


class Mailroom:
    """Takes outgoing messages in. Any thread."""

    def __init__(self, desk: MailDesk, examine: Examine = examine_mail) -> None:
        """Put it together.

        Args:
            desk: shared with `Sending` and `Quarantine`.
            examine: does what `examine_mail` does, in another process maybe.
        """
        self._desk = desk
        self._examine = examine

    def examine(self, letter: Letter) -> tuple[Examined, ...]:
        """Examine a mail for each of its recipients. Takes processor time and nothing else; any thread.

        Raises:
            TransientError: another process examines, and it is gone. Nothing was examined.
        """
        desk = self._desk
        parameters = desk.pack_for(letter.source, letter.received_at).parameters
        examined = self._examine(
            letter.raw, Envelope(letter.recipients, letter.sender or None), parameters, roster=desk.roster()
        )
        return tuple(examined.alone(number) for number in range(len(letter.recipients)))

    def file(self, letter: Letter, examined: Sequence[Examined]) -> "Future[Filed]":
        """Decide a message for each recipient, and keep it.

        Args:
            letter: the message.
            examined: as it is for each recipient, in their order.

        Returns:
            What was decided, once it is durable. Else `AlreadyFiledError`, or an error of the store: nothing was kept.
        """
        mail = _mail_row(letter, self._desk.safe)  # Encrypted here, not where everybody waits for one thread.
        return self._desk.clerk.submit(lambda: self._act(letter, mail, examined))

    def turn_away(self, reason: str, source: str, message_id: str = "") -> "Future[None]":
        """Record that a message was refused before it was judged.

        Args:
            reason: a word of a closed list.
            source: the facility's feed.
            message_id: of one that came under another message's id.
        """
        desk = self._desk

        def act() -> Act[None]:
            detail: dict[str, JSON] = {"reason": reason, **({"message_id": message_id} if message_id else {})}
            return Act(None, [desk.entry("message.turned_away", "refused", detail, at=desk.now(), source=source)])

        return desk.clerk.submit(act)

    def _act(self, letter: Letter, mail: MailRow, examined: Sequence[Examined]) -> Act[Filed]:
        desk = self._desk
        _see_that_it_is_new(desk, letter, mail)
        now = desk.now()
        # By whose directories it was examined, by that pack it is decided, should another come into force meanwhile.
        pack = desk.pack_for(letter.source, letter.received_at)
        known = desk.facts_of(letter.source, letter.booking)
        decided = [_decide(letter, number, each, known.facts, pack, now=now) for number, each in enumerate(examined)]
        act = _filing(desk, letter, mail, decided, pack, now=now)
        act.writes = [*act.writes, desk.book.unchanged(known.rows)]
        blocked = [(number, request) for number, (_, request) in enumerate(decided) if not request.permit]
        if blocked:
            add_notice(desk, act, explaining.blocked(letter, blocked, pack, desk.terms, now=now), letter, now=now)
        return act


def _see_that_it_is_new(desk: MailDesk, letter: Letter, mail: MailRow) -> None:
    """Raise `AlreadyFiledError` for a message under an id that its channel gave before, to it or to another."""
    if not letter.message_ids:
        return
    known = desk.book.digest_of(mail.mail_id)
    if known is not None:
        raise AlreadyFiledError("a message with this id was filed before", same=known == mail.sha256)
    if any(desk.book.delivery(each) is not None for each in letter.message_ids):
        raise AlreadyFiledError("another message's recipient has this id")


def _mail_row(letter: Letter, safe: Safe) -> MailRow:
    envelope, content = seal_letter(letter, safe)
    digest = sha256(letter.raw).digest()
    size = len(letter.raw)
    at = letter.received_at
    return MailRow(letter.mail_id, letter.channel.value, letter.source, at, size, digest, envelope, content)


def _decide(
    letter: Letter, number: int, examined: Examined, facts: Sequence[Fact], pack: Pack, *, now: Instant
) -> tuple[MessageAsked, Request]:
    message_id = letter.message_id(number)
    asked = asked_of(
        examined,
        event_id=message_id,
        time=letter.received_at,
        message_id=message_id,
        channel=letter.channel.value,
        # Whoever sends matters to approvals alone, and those are among the facts.
        sender=sender_of(letter) if facts else None,
    )
    request = decide_message(asked, pack, now=now, facts=facts)
    spared = never_held(examined)
    return asked, request if spared is None else replace(request, decision=spared)


def _filing(
    desk: MailDesk,
    letter: Letter,
    mail: MailRow,
    decided: Sequence[tuple[MessageAsked, Request]],
    pack: Pack,
    *,
    now: Instant,
    about: str = "",
) -> Act[Filed]:
    """Return what files a decided message. Args: ``about``: the message that a notice is about."""
    rows = [
        DeliveryRow(
            message_id=asked.message_id,
            mail_id=letter.mail_id,
            number=number,
            state=(State.TO_SEND if request.permit else State.BLOCKED).value,
            recipient_class=asked.recipient_class,
            booking=letter.booking,
            asked=write_asked(asked),
            asked_by="[]",
            attempts=0,
            next_at=now if request.permit else now + desk.terms.retention,
            changed_at=now,
            owner="",
            version=1,
        )
        for number, (asked, request) in enumerate(decided)
    ]
    told = [desk.decided(request, pack, at=now, source=letter.source, booking=letter.booking) for _, request in decided]
    accepted: dict[str, JSON] = {
        "mail_id": mail.mail_id,
        "channel": mail.channel,
        "bytes": mail.size,
        "sha256": mail.sha256.hex(),
        "message_ids": [row.message_id for row in rows],
    }
    if about:
        accepted["about"] = about
    entry = desk.entry("message.accepted", "accepted", accepted, at=now, source=letter.source)
    filings = (
        Filing(row.message_id, State(row.state), request) for row, (_, request) in zip(rows, decided, strict=True)
    )
    due = tuple(row for row in rows if row.state == State.TO_SEND.value and not row.at_most_once)
    return Act(
        Filed(letter.mail_id, tuple(filings), due),
        entries=[entry, *(each for each, _ in told)],
        writes=[desk.book.add(mail, rows)],
        decisions=[row for _, row in told],
    )


def add_notice(desk: MailDesk, act: Act[Any], notice: Letter | None, letter: Letter, *, now: Instant) -> None:
    """Put a notice to a message's sender into an act: filed like any message, and judged like any.

    One that the gate would not let out to anybody but an ordinary recipient is left out.

    Args:
        desk: the mailroom's.
        act: what it is written with.
        notice: as `explaining` makes it; None: nobody is to be told.
        letter: the message it is about.
        now: the current time.
    """
    if notice is None:
        return
    pack = desk.pack_for(notice.source, now)
    examined = examine_mail(notice.raw, Envelope(notice.recipients), pack.parameters)
    asked, request = _decide(notice, 0, examined.alone(0), (), pack, now=now)
    if not request.permit or request.recipient_class != RecipientClass.OTHER.value:
        return
    filing = _filing(
        desk, notice, _mail_row(notice, desk.safe), [(asked, request)], pack, now=now, about=letter.mail_id
    )
    act.entries = [*act.entries, *filing.entries]
    act.writes = [*act.writes, *filing.writes]
    act.decisions = [*act.decisions, *filing.decisions]
