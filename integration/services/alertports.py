"""What alerting needs of a store, and the rows that it keeps there."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, Protocol

from integration.domain.alerts.alert import Alert, Member
from integration.domain.alerts.silences import Silence
from integration.domain.alerts.topics import Owed
from integration.domain.instants import Instant
from integration.services.ports import BookingRow, FindingRow, Write


class NoticeState(StrEnum):
    """What has become of a notice."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    """It will not be taken: somebody has to mend the receiver."""
    SUPERSEDED = "superseded"
    """A later one to the same receiver about the same alert says more."""


class NoticeRow(NamedTuple):
    """Something to tell somebody."""

    notice_id: str
    alert_id: str
    receiver: str
    stage: str
    cycle: int
    step: int
    repeat: int
    due_at: Instant
    told: str
    """JSON list: all receivers of this round."""
    new: str
    """JSON list: findings that it tells for the first time."""
    state: str
    attempts: int
    changed_at: Instant
    why: str


class Ack(NamedTuple):
    """Somebody has taken an alert on."""

    number: int
    alert_id: str
    by: str
    at: Instant
    covers: tuple[str, ...]
    """Findings that they were told of."""


class SilenceRow(NamedTuple):
    """A silence as it is kept."""

    silence_id: str
    source: str
    rule: str
    booking: str
    start_at: Instant
    end_at: Instant
    author: str
    reason: str


class DutyRow(NamedTuple):
    """Something that somebody owes."""

    duty_id: str
    kind: str
    source: str
    booking: str
    about: str
    event_id: str
    due_at: Instant | None
    opened_at: Instant
    done_at: Instant | None
    done_by: str


class Mark(NamedTuple):
    """How far alerting has come, and how far the log."""

    next_entry: int
    """The first entry that alerts do not know; -1: they know none."""
    version: int
    signal: int
    log_size: int


class LoggedFinding(NamedTuple):
    """An entry about a finding."""

    leaf_index: int
    kind: str
    body: bytes | None
    """None: sealed."""


class Adrift(NamedTuple):
    """What alerts and findings do not agree on: an entry that was sealed before it was read, or a first start."""

    untold: Sequence[FindingRow]
    """Open, and in no alert."""
    ended: Sequence[tuple[str, str]]
    """(finding_id, status): open in an alert, and not among the findings, or no longer open."""


@dataclass(slots=True)
class AlertRows:
    """What one turn of alerting changes."""

    before: Mark
    """As it was read. Where another process has changed it since, nothing is written."""
    next_entry: int
    alerts: list[Alert] = field(default_factory=list)
    members: list[tuple[str, Member]] = field(default_factory=list)
    """(alert_id, member) of those that changed."""
    moved: list[tuple[str, str]] = field(default_factory=list)
    """(alert_id, finding_id) of findings that went to another alert."""
    notices: list[NoticeRow] = field(default_factory=list)
    applied: list[int] = field(default_factory=list)
    """Acknowledgements that are taken note of."""
    owed: list[Owed] = field(default_factory=list)
    """Duties as people are told of them now: those that changed."""


class AlertStore(Protocol):
    """Durable state of alerting. Every method MUST raise `TransientError` or `FatalError` for a failing database."""

    def mark(self) -> Mark:
        """Return how far alerting and the log have come."""
        ...

    def finding_entries(self, first: int, last: int) -> Iterable[LoggedFinding]:
        """Return the entries about findings from ``first`` to before ``last``, in leaf order."""
        ...

    def adrift(self, limit: int) -> Adrift:
        """Return what alerts and findings do not agree on."""
        ...

    def open_alerts(self) -> list[Alert]:
        """Return every alert that is not closed, whole."""
        ...

    def alert(self, alert_id: str) -> Alert | None:
        """Return one alert, closed ones too."""
        ...

    def acks(self) -> list[Ack]:
        """Return the acknowledgements that were not taken note of yet, in their order."""
        ...

    def silences(self, since: Instant) -> list[Silence]:
        """Return the silences that had not ended at an instant, those that have ended after it too."""
        ...

    def waiting(self) -> list[NoticeRow]:
        """Return the notices that wait to be sent, the oldest first."""
        ...

    def findings(self, finding_ids: Collection[str]) -> list[FindingRow]:
        """Return those findings that are on record."""
        ...

    def owed(self, duty_ids: Collection[str]) -> list[Owed]:
        """Return those duties as people were told of them last."""
        ...

    def booking(self, source: str, number: str) -> BookingRow | None:
        """Return the case file that a booking's facts are in."""
        ...

    def write(self, rows: AlertRows) -> Write:
        """Return what writes a turn.

        It raises `StaleReadError` where another process has written meanwhile.
        """
        ...
