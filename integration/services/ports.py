"""What the services need of a store, as one contract for SQLite and PostgreSQL."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from integration.audit.merkle import Tile
from integration.domain.instants import Instant
from integration.services.refused import Refused


class EventKey(NamedTuple):
    """(``source``, ``id``): unique for ever (section 1)."""

    source: str
    event_id: str


class BookingKey(NamedTuple):
    """(``source``, ``subject``)."""

    source: str
    number: str


class InboxRow(NamedTuple):
    """An event that was accepted. Equal digests mean equal content."""

    source: str
    event_id: str
    digest: bytes
    subject: str


class RetractionRow(NamedTuple):
    """``event_id`` retracts ``retracts``; kept apart because either may come first."""

    source: str
    event_id: str
    time: Instant
    retracts: str


class BookingRow(NamedTuple):
    """All that is known of a group of bookings, under the number it was first known by (its home)."""

    source: str
    number: str
    home: str | None
    """Set on a number whose facts live with another one; then everything else is empty."""
    facts: bytes
    recorded: bytes
    next_at: Instant | None
    version: int = 0
    """The version that was read, 0 for a number that was not known. What is written gets the next one."""


class FindingRow(NamedTuple):
    """A finding as last recorded: the projection of its audit entries."""

    finding_id: str
    source: str
    booking: str
    rule: str
    about: str
    since: Instant
    until: Instant | None
    raised_at: Instant
    status: str
    severity: str
    provisions: bytes
    evidence: bytes
    names: bytes
    pack: str
    pack_revision: str


class DecisionRow(NamedTuple):
    """The last decision on one request: the projection of its audit entries."""

    source: str
    request: str
    """``message_id``, ``access_id`` or ``assistance_id``."""
    request_id: str
    booking: str
    decision: str
    reasons: bytes
    provisions: bytes
    categories: bytes
    recipient_class: str
    decided_at: Instant
    pack: str
    pack_revision: str


class EntryRow(NamedTuple):
    """An audit entry in the log. Sealed ones have neither salt nor body."""

    leaf_index: int
    at: Instant
    kind: str
    source: str
    booking: str
    outcome: str
    body: bytes | None
    salt: bytes | None
    leaf_hash: bytes


class UnsequencedRow(NamedTuple):
    """An audit entry that is committed and has no place in the log yet."""

    at: Instant
    kind: str
    source: str
    booking: str
    outcome: str
    body: bytes
    salt: bytes
    leaf_hash: bytes


class PositionRow(NamedTuple):
    """How far a worker has processed one partition, and by what right it says so."""

    topic: str
    partition: int
    epoch: int
    """As `Store.claim` gave it to this worker."""
    before: int
    """The offset that was next before this batch. Not looked at where nothing was stored yet."""
    after: int
    """The offset that is next after it."""


class Claim(NamedTuple):
    """The right to commit for a partition, until somebody else claims it."""

    epoch: int
    next_offset: int | None
    """The first offset that is not processed; None where nothing was stored yet."""


class SealedRow(NamedTuple):
    """An entry that loses salt and body. Its leaf says nothing about anybody and is kept for the proofs."""

    leaf_index: int
    leaf: bytes


class OutboxRow(NamedTuple):
    """Something to tell the outside once this transaction is committed. At least once."""

    key: str
    """Deterministic: a consumer that sees a key twice has seen the same thing twice."""
    topic: str
    created_at: Instant
    payload: bytes


class Write(Protocol):
    """Rows of a table that the engine knows nothing of, made by the store's module for them."""

    def __call__(self, connection: Any, /) -> None:
        """Write them on the connection of the transaction at hand.

        Raises:
            StaleReadError: another process changed what they were made from; nothing of the transaction is kept.
        """
        ...


@dataclass(slots=True)
class Changes:
    """Everything one batch changes. A store writes all of it, or nothing."""

    inbox: list[InboxRow] = field(default_factory=list)
    retractions: list[RetractionRow] = field(default_factory=list)
    bookings: list[BookingRow] = field(default_factory=list)
    findings: list[FindingRow] = field(default_factory=list)
    decisions: list[DecisionRow] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    resubmitted: list[int] = field(default_factory=list)
    """Dead letters that have been taken up again."""
    entries: list[EntryRow] = field(default_factory=list)
    tiles: list[Tile] = field(default_factory=list)
    outbox: list[OutboxRow] = field(default_factory=list)
    positions: list[PositionRow] = field(default_factory=list)
    also: list[Write] = field(default_factory=list)
    """What the gate, alerting and others keep, in the same transaction as the entries that tell of it."""
    sealed: list[SealedRow] = field(default_factory=list)
    """Earlier entries that a court ordered out of sight."""
    gone_findings: list[str] = field(default_factory=list)
    """Findings of which no readable entry is left."""
    gone_decisions: list[tuple[str, str, str]] = field(default_factory=list)
    """(source, request, request_id) of decisions of which no readable entry is left."""
    old_size: int = 0
    """Tree size before: the commit fails where the log has another one (compare and swap)."""
    new_size: int = 0
    beside: "Beside | None" = None
    """Set by a worker that is not alone: the log's size is left alone, and what was read is checked again."""


@dataclass(slots=True)
class Beside:
    """What a batch needs besides its rows where other workers commit at the same time."""

    entries: list[UnsequencedRow]
    absent: list[EventKey] = field(default_factory=list)
    """Events that were looked for and are in no inbox: a retraction of theirs waits. They MUST still be in none."""
    targets: list[EventKey] = field(default_factory=list)
    """Events whose retractions were looked up, or that are new."""
    retractions: int = 0
    """How many retractions those have together, with this batch's own. There MUST be no other."""


class LogReader(Protocol):
    """The log's end as the store has it."""

    def tree_size(self) -> int:
        """Return the number of entries in the log."""
        ...

    def tile(self, level: int, index: int, width: int, /) -> bytes:
        """Return the first ``width`` hashes of a tile (a `TileReader`)."""
        ...


class Store(LogReader, Protocol):
    """Durable state. Every method MUST raise `TransientError` or `FatalError` for a failing database."""

    def entry_kinds(self, first: int, last: int) -> set[str]:
        """Return the kinds of the entries from ``first`` to before ``last``."""
        ...

    def seen(self, keys: Sequence[EventKey]) -> Mapping[EventKey, InboxRow]:
        """Return the inbox rows of those keys that were accepted before."""
        ...

    def is_refused(self, digest: bytes) -> bool:
        """Tell whether an input with this `Refused.digest` is kept already and waits."""
        ...

    def retractions_of(self, keys: Sequence[EventKey]) -> Iterable[RetractionRow]:
        """Return every retraction whose ``retracts`` is among the keys."""
        ...

    def retraction(self, key: EventKey) -> RetractionRow | None:
        """Return the retraction that an event makes, if it is one."""
        ...

    def bookings(self, keys: Sequence[BookingKey]) -> Iterable[BookingRow]:
        """Return the rows of those numbers that are known."""
        ...

    def deadlines(self, limit: int) -> Sequence[tuple[Instant, str, str]]:
        """Return the earliest ``(next_at, source, number)``, in that order."""
        ...

    def deadlines_due(self, now: Instant, limit: int) -> Sequence[tuple[Instant, str, str]]:
        """Return the earliest of those that are not after ``now``."""
        ...

    def commit(self, changes: Changes) -> None:
        """Write everything in one transaction, durable on return.

        On an error nothing is written. MUST NOT extend a log whose size is not ``old_size``, nor past entries that
        have no place in it yet.

        Raises:
            LogConflictError: the log has another size than ``old_size``, or entries wait for a place in it.
            StaleReadError: another process changed what was read.
            FencedError: another worker owns one of the partitions, or has moved its position.
        """
        ...

    def claim(self, topic: str, partition: int, owner: str) -> Claim:
        """Take a partition over, durably: from now on nobody who claimed it before can commit for it."""
        ...
