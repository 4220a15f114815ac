"""A duty, and what the list of duties needs of a store."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from integration.domain.alerts.topics import DutyKind, Owed
from integration.domain.instants import DAY, Duration, Instant
from integration.services.alertports import DutyRow
from integration.services.ports import BookingRow, EntryRow, FindingRow, Write


@dataclass(frozen=True, slots=True)
class Duty:
    """Something that somebody owes."""

    duty_id: str
    kind: DutyKind
    source: str
    booking: str
    about: str
    """A hold, a certification, an approval."""
    due_at: Instant | None
    """None: nobody has named a time."""
    rests_on: tuple[str, ...]
    waiting: int = 1
    """How many things wait: of the quarantine, its messages."""


class Quarantined(NamedTuple):
    """What a facility's quarantine holds."""

    source: str
    waiting: int
    oldest_at: Instant
    """When the oldest of them came."""
    beyond_at: Instant | None
    """When the first one beyond the limit came; None while they are not too many."""


class Unknown(NamedTuple):
    """A message of which nobody knows whether it has left."""

    message_id: str
    source: str
    booking: str
    since: Instant


class Locked(NamedTuple):
    """An account of the console, after too many log-ins failed."""

    account: str
    since: Instant


class Expiring(NamedTuple):
    """An approval given here that ends while its message is still to leave."""

    approval_id: str
    source: str
    booking: str
    ends_at: Instant


@dataclass(frozen=True, slots=True)
class WaitingLimits:
    """From when on what the gate has blocked is somebody's duty."""

    longest: Duration = DAY
    """How long the oldest may wait."""
    most: int = 100
    """How many may wait at a time."""


@dataclass(frozen=True, slots=True)
class Owing:
    """What alerting reminds people of, at an instant."""

    owed: tuple[Owed, ...]
    put_off: frozenset[str]
    """Ids of duties that are not done and not told of now: it is too early, or a finding tells of them."""
    next_at: Instant
    """When the answer next changes by itself, as far as it is known now."""


@dataclass(frozen=True, slots=True)
class DutyRows:
    """What was learned from a stretch of the log."""

    first: int
    """The first entry of the stretch. Where somebody else has read it already, nothing is written."""
    last: int
    rows: tuple[DutyRow, ...]


class DutyStore(Protocol):
    """What duties need of a store."""

    def duties_entry(self) -> int:
        """Return the first entry that the list does not know."""
        ...

    def log_size(self) -> int:
        """Return the number of entries."""
        ...

    def accepted(self, first: int, last: int) -> Iterable[EntryRow]:
        """Return the ``event.accepted`` entries from ``first`` to before ``last``, in leaf order."""
        ...

    def is_retracted(self, source: str, event_id: str) -> bool:
        """Tell whether an event was retracted, before it came or after."""
        ...

    def duty(self, duty_id: str) -> DutyRow | None:
        """Return one duty."""
        ...

    def duties_of_event(self, source: str, event_id: str) -> Sequence[DutyRow]:
        """Return the duties that an event asks for, or fulfils."""
        ...

    def open_duties(self) -> Sequence[DutyRow]:
        """Return the duties that are not done."""
        ...

    def open_notices(self) -> Sequence[FindingRow]:
        """Return the open findings of `notice_not_served`."""
        ...

    def booking(self, source: str, number: str) -> BookingRow | None:
        """Return the case file that a booking's facts are in."""
        ...

    def is_permitted(self, source: str, message_id: str) -> bool:
        """Tell whether a message was permitted: then it has left, and what becomes of its approvals is no matter."""
        ...

    def quarantined(self, most: int) -> Sequence[Quarantined]:
        """Return what each facility's quarantine holds. Args: ``most`` may wait there."""
        ...

    def unknown_deliveries(self) -> Sequence[Unknown]:
        """Return the messages of which nobody knows whether they have left, the oldest first."""
        ...

    def locked_accounts(self) -> Sequence[Locked]:
        """Return the accounts of the console that are locked, if only to browsers they were not used from."""
        ...

    def next_due(self, until: Instant, limit: int) -> Sequence[BookingRow]:
        """Return the bookings whose findings change by themselves until an instant."""
        ...

    def expiring_approvals(self, now: Instant, until: Instant) -> Sequence[Expiring]:
        """Return approvals given here that end between the two, were not withdrawn, and whose message has not left."""
        ...

    def first_entry_at(self) -> Instant | None:
        """Return the time of the log's first entry."""
        ...

    def write_duties(self, rows: DutyRows) -> Write:
        """Return what writes what was learned. It raises `StaleReadError` where another process has learned it."""
        ...

    def write_duty(self, row: DutyRow) -> Write:
        """Return what writes one duty."""
        ...
