"""The register of complaints (model ordinance, section 3): received, sent to the right office, investigated.

What was said, and against whom, is encrypted and never stands in the log; the log tells kind, office and outcome.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from secrets import randbelow
from typing import Final, NamedTuple, Protocol

import orjson

from integration.audit.entry import JSON, Entry, text_of
from integration.domain.instants import Instant
from integration.errors import UsageError
from integration.services.auditing import Desk
from integration.services.ports import Changes, Write

FILED: Final = "complaint.filed"
READ: Final = "complaint.read"
CLOSED: Final = "complaint.closed"
_ID: Final = re.compile(r"(?=.*[0-9])[A-Za-z0-9][A-Za-z0-9._/-]{0,63}")
"""It stands in the log: a number, not somebody's name."""
LONGEST: Final = 4000
"""Characters of what somebody says."""
_MOST_ENTRIES: Final = 50


def new_number() -> str:
    """Return a number for a complaint that no feed has numbered: twelve figures, so that two never meet."""
    return f"C-{randbelow(10**12):012}"


class ComplaintKind(StrEnum):
    """What a complaint is about: it decides which office investigates."""

    DETENTION = "detention"
    """Somebody was kept past release."""
    DISCLOSURE = "disclosure"
    """Immigration authorities were told something."""
    ACCESS = "access"
    """They were let in to somebody, or helped."""
    STATUS_ASKED = "status_asked"
    """Somebody was asked about immigration status."""
    NOTICE = "notice"
    """A paper was not handed over."""
    CONDUCT = "conduct"
    """How an officer behaved."""
    OTHER = "other"


class ComplaintOutcome(StrEnum):
    """What an investigation came to."""

    SUBSTANTIATED = "substantiated"
    NOT_SUBSTANTIATED = "not_substantiated"
    NOT_ESTABLISHED = "not_established"
    WITHDRAWN = "withdrawn"


class ComplaintRow(NamedTuple):
    """A complaint as it is kept."""

    source: str
    complaint_id: str
    kind: str
    office: str
    booking: str
    entries: str
    """JSON list of leaf indices."""
    sealed: bytes
    """Encrypted JSON: ``summary``, ``against``."""
    received_at: Instant
    received_by: str
    outcome: str
    """Empty while it is investigated."""
    closed_at: Instant | None
    closed_by: str
    version: int


@dataclass(frozen=True, slots=True)
class Filed:
    """What somebody files."""

    source: str
    complaint_id: str
    """As the jail's feed numbered it; empty: it gets a number here."""
    kind: ComplaintKind
    booking: str
    summary: str
    against: str
    entries: tuple[int, ...]
    """Leaf indices of the entries that it concerns."""
    received_at: Instant
    from_feed: bool = False
    """Whether a feed brought it under this number: then its words may be in the jail's own system alone."""


class Sealer(Protocol):
    """Encrypts."""

    def seal(self, content: bytes) -> bytes:
        """Encrypt."""
        ...

    def open_sealed(self, sealed: bytes) -> bytes:
        """Decrypt."""
        ...


class ComplaintStore(Protocol):
    """What the register needs of a store."""

    def complaint(self, source: str, complaint_id: str) -> ComplaintRow | None:
        """Return one."""
        ...

    def complaints(self, limit: int) -> Sequence[ComplaintRow]:
        """Return those that are open, the oldest first, then the last that were closed."""
        ...

    def add(self, row: ComplaintRow) -> Write:
        """Return what adds one. It raises `StaleReadError` where it is there already."""
        ...

    def change(self, row: ComplaintRow, **values: object) -> Write:
        """Return what changes one. It raises `StaleReadError` where it is not as it was read."""
        ...


class Complaints:
    """Any thread."""

    def __init__(
        self,
        store: ComplaintStore,
        desk: Desk,
        vault: Sealer,
        now: Callable[[], Instant],
        office_of: Callable[[ComplaintKind], str],
    ) -> None:
        """Args: ``office_of`` names the office that investigates a kind."""
        self._store, self._desk, self._vault, self._now, self.office_of = store, desk, vault, now, office_of

    def listed(self, limit: int) -> Sequence[ComplaintRow]:
        """Return those that are open, the oldest first, then the last that were closed."""
        return self._store.complaints(limit)

    def complaint(self, source: str, complaint_id: str) -> ComplaintRow | None:
        """Return one."""
        return self._store.complaint(source, complaint_id)

    def file(self, filed: Filed, by: str) -> str:
        """Put a complaint into the register and send it to its office; returns its number.

        Raises:
            UsageError: it says nothing, its number is none or is taken, or it was received later than now.
        """
        now = self._now()
        if not filed.from_feed and not filed.summary.strip():
            raise UsageError("say what the complaint is")
        if max(len(filed.summary), len(filed.against)) > LONGEST or len(filed.entries) > _MOST_ENTRIES:
            raise UsageError(f"a complaint has up to {LONGEST} characters and concerns up to {_MOST_ENTRIES} entries")
        if filed.complaint_id and not filed.from_feed and not _ID.fullmatch(filed.complaint_id):
            raise UsageError("the number of a complaint has up to 64 letters, dots and dashes, and at least one figure")
        if not 0 < filed.received_at <= now:
            raise UsageError("it cannot have been received later than now, or before 1970")
        number = filed.complaint_id or new_number()
        office = self.office_of(filed.kind)
        said = orjson.dumps({"summary": filed.summary, "against": filed.against})
        row = ComplaintRow(
            source=filed.source,
            complaint_id=number,
            kind=filed.kind.value,
            office=office,
            booking=filed.booking,
            entries=orjson.dumps(sorted(set(filed.entries))).decode(),
            sealed=self._vault.seal(said),
            received_at=filed.received_at,
            received_by=by,
            outcome="",
            closed_at=None,
            closed_by="",
            version=1,
        )

        def prepare() -> tuple[list[Entry], Changes]:
            if self._store.complaint(row.source, number) is not None:
                raise UsageError("the register has a complaint of that number already")
            detail = {**_told(row), "office": office, "received_at": text_of(row.received_at)}
            entry = self._desk.entry(FILED, "sent", by, detail, source=row.source, booking=row.booking)
            return [entry], Changes(also=[self._store.add(row)])

        self._desk.write(prepare)
        return number

    def read(self, source: str, complaint_id: str, by: str) -> tuple[ComplaintRow, Mapping[str, str]]:
        """Return a complaint with what it says. That somebody read it goes into the log first.

        Raises:
            UsageError: there is none.
        """
        row = self._known(source, complaint_id)
        entry = self._desk.entry(READ, "read", by, _told(row), source=row.source, booking=row.booking)
        self._desk.write(lambda: ([entry], Changes()))
        said: Mapping[str, str] = orjson.loads(self._vault.open_sealed(row.sealed))
        return row, said

    def close(self, source: str, complaint_id: str, outcome: ComplaintOutcome, by: str) -> None:
        """Record what an investigation came to.

        Raises:
            UsageError: there is no such complaint, or it is closed.
        """

        def prepare() -> tuple[list[Entry], Changes]:
            row = self._known(source, complaint_id)
            if row.closed_at is not None:
                raise UsageError("it is closed already")
            entry = self._desk.entry(CLOSED, outcome.value, by, _told(row), source=source, booking=row.booking)
            changed = self._store.change(row, outcome=outcome.value, closed_at=self._now(), closed_by=by)
            return [entry], Changes(also=[changed])

        self._desk.write(prepare)

    def _known(self, source: str, complaint_id: str) -> ComplaintRow:
        row = self._store.complaint(source, complaint_id)
        if row is None:
            raise UsageError("there is no such complaint")
        return row


def _told(row: ComplaintRow) -> dict[str, JSON]:
    return {"complaint_id": row.complaint_id, "kind": row.kind, "entries": orjson.loads(row.entries)}
