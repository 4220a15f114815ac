"""Outgoing messages that the gate has accepted: what is kept of them, and the states of each recipient."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final, NamedTuple, Protocol
from uuid import uuid4

import orjson

from integration.domain.facts import Fact, MessageAsked, from_row, to_row
from integration.domain.instants import Instant
from integration.errors import FatalError, UsageError
from integration.services.ports import Write
from schemas.kinds import RecipientClass


class State(StrEnum):
    """How far one recipient of a message has come."""

    TO_SEND = "to_send"
    """Permitted, and not sent yet."""
    SENDING = "sending"
    """Recorded before the first byte left. Only messages that go out at most once."""
    SENT = "sent"
    """The next server has taken it."""
    REFUSED = "refused"
    """The next server will not take it. Its sender has been told, or could not be."""
    UNKNOWN = "unknown"
    """It may have been taken. A person finds out; nothing is tried again by itself."""
    BLOCKED = "blocked"
    """In quarantine."""
    DENIED = "denied"
    """A person decided that it does not leave."""
    EXPIRED = "expired"
    """Nobody approved it in time."""


CLOSED: Final = (State.SENT, State.DENIED, State.EXPIRED)
"""Nothing more can happen: envelope and content go once every recipient has come here."""


class Channel(StrEnum):
    """By which enforcer a message came."""

    SMTP = "smtp"
    HTTP = "http"
    KAFKA = "kafka"
    NOTICE = "notice"
    """Our own: it tells a sender why a message did not leave."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One outgoing message as it came, with what its channel said beside it."""

    mail_id: str
    channel: Channel
    source: str
    """The facility's feed: its pack decides."""
    received_at: Instant
    raw: bytes = field(repr=False)
    """What was judged, and what leaves: byte for byte."""
    sender: str = field(repr=False)
    """Where a bounce goes; empty: nowhere."""
    recipients: tuple[str, ...] = field(repr=False)
    """Of the envelope, in its order, as they were given."""
    user: str = field(default="", repr=False)
    """Who logged in to send it; empty: nobody did."""
    options: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What the channel needs to send it on."""
    booking: str = ""
    """The booking that it is about, where the channel says so for certain."""
    message_ids: tuple[str, ...] = ()
    """One for each recipient, where the channel has its own; else they are made from ``mail_id``."""

    def message_id(self, number: int) -> str:
        """Return what approvals call the message to one recipient. Args: ``number`` counts from 0."""
        return self.message_ids[number] if self.message_ids else f"{self.mail_id}-{number + 1}"


ASKED: Final = "asked-"
"""How the ids of messages begin whose sender asks here, and sends by itself."""


def new_mail_id() -> str:
    """Return an id that nothing else has, and that nobody can guess."""
    return uuid4().hex


class AlreadyFiledError(UsageError):
    """A message with this id is filed already, or was once."""

    def __init__(self, message: str, *, same: bool = False) -> None:
        """Say which.

        Args:
            message: what to tell.
            same: whether it is the same message, byte for byte. Otherwise another one took its id.
        """
        super().__init__(message)
        self.same = same


class MailRow(NamedTuple):
    """A message as stored."""

    mail_id: str
    channel: str
    source: str
    received_at: Instant
    size: int
    sha256: bytes
    envelope: bytes | None
    """Encrypted (`seal_envelope`); None once purged."""
    content: bytes | None
    """Encrypted; None once purged."""


class DeliveryRow(NamedTuple):
    """One recipient of a message."""

    message_id: str
    mail_id: str
    number: int
    state: str
    recipient_class: str
    booking: str
    asked: bytes
    asked_by: str
    attempts: int
    next_at: Instant
    """Of one to be sent: not before. Of one that waits for a person: until when it is kept."""
    changed_at: Instant
    owner: str
    version: int

    @property
    def at_most_once(self) -> bool:
        """Whether a doubt about its sending waits for a person: all but ordinary mail."""
        return self.recipient_class != RecipientClass.OTHER.value


class ApprovalRow(NamedTuple):
    """An approval that was given here."""

    approval_id: str
    message_id: str
    legal_basis: str
    citation: str
    approved_by: str
    granted_at: Instant
    expires_at: Instant
    withdrawn_at: Instant | None
    withdrawn_by: str


class BookingFacts(NamedTuple):
    """What is known of a booking, and what has to be unchanged when a decision from it is written."""

    rows: tuple[tuple[str, str, int], ...]
    """(source, number, version) of every row read."""
    facts: tuple[Fact, ...]


class MailBook(Protocol):
    """The mailroom's tables. Reading: any thread. A `Write` raises `StaleReadError` where its row has changed since."""

    def mail(self, mail_id: str) -> MailRow | None:
        """Return a message."""
        ...

    def head(self, mail_id: str) -> MailRow | None:
        """Return a message without envelope and content."""
        ...

    def digest_of(self, mail_id: str) -> bytes | None:
        """Return the SHA-256 of a message, also of one whose rows are gone if its channel gave it its id."""
        ...

    def delivery(self, message_id: str) -> DeliveryRow | None:
        """Return one recipient's row."""
        ...

    def deliveries_of(self, mail_id: str) -> Sequence[DeliveryRow]:
        """Return all recipients of a message, in the envelope's order."""
        ...

    def ready(self, now: Instant, limit: int, channels: Sequence[str], *, not_of: str = "") -> Sequence[DeliveryRow]:
        """Return what is to be sent and due, oldest first. Args: ``not_of``: so begin ids of mails to leave out."""
        ...

    def in_states(
        self, states: Sequence[str], channels: Sequence[str] = (), *, before: Instant | None = None
    ) -> Sequence[DeliveryRow]:
        """Return what is in some states, by time of change. Args: ``before``: only with an earlier ``next_at``."""
        ...

    def approvals_of(self, message_id: str) -> Sequence[ApprovalRow]:
        """Return the approvals of a message that were given here, oldest first."""
        ...

    def counts(self) -> Mapping[str, int]:
        """Return how many recipients there are in each state."""
        ...

    def done_before(self, instant: Instant, limit: int) -> Sequence[str]:
        """Return ids of messages of which every recipient came to its end before an instant."""
        ...

    def forget(self, mail_ids: Sequence[str]) -> Write:
        """Delete the rows of messages, and of their recipients and approvals. The log keeps what it says of them.

        Ids that a channel gave are kept, so that no message is filed, and sent, a second time.
        """
        ...

    def add(self, mail: MailRow, deliveries: Sequence[DeliveryRow]) -> Write:
        """Write a new message."""
        ...

    def change(self, before: DeliveryRow, after: DeliveryRow) -> Write:
        """Write a recipient's row over the version that was read; and drop the content that nobody needs any more."""
        ...

    def approve(self, row: ApprovalRow) -> Write:
        """Write a new approval."""
        ...

    def withdraw(self, approval_id: str, at: Instant, by: str) -> Write:
        """Mark a standing approval as withdrawn."""
        ...

    def unchanged(self, rows: Sequence[tuple[str, str, int]]) -> Write:
        """See that bookings still have the versions that were read."""
        ...


class Safe(Protocol):
    """Encryption at rest."""

    def seal(self, content: bytes, about: str) -> bytes:
        """Encrypt. Args: ``about`` has to be given again to decrypt: a row cannot pass for another one."""
        ...

    def open_sealed(self, sealed: bytes, about: str) -> bytes:
        """Decrypt.

        Raises:
            FatalError: another key, another ``about``, or changed since.
        """
        ...


def seal_letter(letter: Letter, safe: Safe) -> tuple[bytes, bytes]:
    """Return envelope and content, encrypted."""
    envelope = orjson.dumps(
        {
            "sender": letter.sender,
            "recipients": letter.recipients,
            "user": letter.user,
            "options": dict(letter.options),
        }
    )
    return safe.seal(envelope, f"{letter.mail_id}/envelope"), safe.seal(letter.raw, f"{letter.mail_id}/content")


def open_letter(mail: MailRow, safe: Safe) -> Letter:
    """Return a message as it came.

    Raises:
        FatalError: it was purged, or cannot be decrypted.
    """
    if mail.envelope is None or mail.content is None:
        raise FatalError(f"message {mail.mail_id} was purged")
    envelope = orjson.loads(safe.open_sealed(mail.envelope, f"{mail.mail_id}/envelope"))
    return Letter(
        mail_id=mail.mail_id,
        channel=Channel(mail.channel),
        source=mail.source,
        received_at=mail.received_at,
        raw=safe.open_sealed(mail.content, f"{mail.mail_id}/content"),
        sender=envelope["sender"],
        recipients=tuple(envelope["recipients"]),
        user=envelope["user"],
        options=envelope["options"],
    )


def write_asked(asked: MessageAsked) -> bytes:
    """Write what was asked as it is stored: without the sender, who stands in the envelope."""
    return orjson.dumps(to_row(replace(asked, sender=None)))


def read_asked(row: DeliveryRow, sender: str | None) -> MessageAsked:
    """Read what was asked. Args: ``sender`` as in `authors.sender_of`."""
    fact = from_row(orjson.loads(row.asked))
    assert isinstance(fact, MessageAsked)
    return replace(fact, sender=sender)
