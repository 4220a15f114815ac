"""The weekly review of the log (CJISSECPOL 6.0 AU-6): somebody looks through a period and signs for it.

What stands in the log is a closed list of what was looked at and what came of it; no free text, which may hold a name.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Protocol

from integration.audit.entry import JSON, Entry, text_of
from integration.domain.instants import Duration, Instant
from integration.errors import UsageError
from integration.services.alertports import DutyRow
from integration.services.auditing import Desk
from integration.services.duties import AUDIT_REVIEW
from integration.services.ports import Changes, Write
from schemas.entries import EntryKind as Kind

REVIEWED: Final = Kind.AUDIT_REVIEWED.value
_REFERENCE: Final = re.compile(r"(?=.*[0-9])[A-Za-z0-9][A-Za-z0-9./#-]{0,39}")


class Looked(StrEnum):
    """What somebody has looked at."""

    LOGINS = "logins"
    ACCOUNTS = "accounts"
    FINDINGS = "findings"
    DECISIONS = "decisions"
    APPROVALS = "approvals"
    REFUSED_INPUTS = "refused_inputs"
    READINGS = "readings"
    INTEGRITY = "integrity"


WORDS: Final = {
    Looked.LOGINS: "log-ins, refused log-ins, locked accounts",
    Looked.ACCOUNTS: "accounts, roles, keys for programs",
    Looked.FINDINGS: "findings, and who took them on",
    Looked.DECISIONS: "decisions on messages, access, assistance",
    Looked.APPROVALS: "approvals, and messages read in quarantine",
    Looked.REFUSED_INPUTS: "refused inputs",
    Looked.READINGS: "who read, searched and exported",
    Looked.INTEGRITY: "verifications, sealings, restored backups",
}
KINDS: Final = {
    Looked.LOGINS: (Kind.SESSION_OPENED, Kind.SESSION_PROVEN, Kind.LOGIN_REFUSED, Kind.ACCOUNT_LOCKED),
    Looked.ACCOUNTS: (
        Kind.ACCOUNT_CREATED,
        Kind.ACCOUNT_CHANGED,
        Kind.ACCOUNT_UNLOCKED,
        Kind.TOKEN_CREATED,
        Kind.TOKEN_REVOKED,
    ),
    Looked.FINDINGS: (Kind.FINDING_RAISED, Kind.FINDING_WITHDRAWN, Kind.FINDING_ACKNOWLEDGED, Kind.ALERT_FAILED),
    Looked.DECISIONS: (Kind.MESSAGE_DECIDED, Kind.ACCESS_DECIDED, Kind.ASSISTANCE_DECIDED, Kind.MESSAGE_UNKNOWN),
    Looked.APPROVALS: (Kind.APPROVAL_GRANTED, Kind.APPROVAL_WITHDRAWN, Kind.QUARANTINE_VIEWED, Kind.QUARANTINE_DENIED),
    Looked.REFUSED_INPUTS: (Kind.INPUT_REFUSED, Kind.DEADLETTER_READ, Kind.DEADLETTER_RESUBMITTED),
    Looked.READINGS: (Kind.AUDIT_READ, Kind.AUDIT_EXPORTED, Kind.REPORT_MADE, Kind.REPORT_FILED),
    Looked.INTEGRITY: (Kind.AUDIT_VERIFIED, Kind.ENTRY_SEALED, Kind.BACKUP_RESTORED, Kind.SOURCE_DIFFERENCE),
}
"""The kinds of entries that belong to each."""


class Result(StrEnum):
    """What came of a review."""

    NOTHING_UNUSUAL = "nothing_unusual"
    FOLLOWED_UP = "followed_up"
    """Something is being looked into; the reference says where."""


@dataclass(frozen=True, slots=True)
class Signed:
    """What somebody signs."""

    since: Instant
    until: Instant
    looked_at: tuple[Looked, ...]
    result: Result
    reference: str
    """A case or ticket number; empty only where nothing was unusual."""


@dataclass(frozen=True, slots=True)
class Due:
    """The next review."""

    since: Instant
    """Where the last one ended; the log's first entry, if there was none."""
    due_at: Instant


class ReviewStore(Protocol):
    """What reviews need of a store."""

    def duty(self, duty_id: str) -> DutyRow | None:
        """Return one duty."""
        ...

    def first_entry_at(self) -> Instant | None:
        """Return the time of the log's first entry."""
        ...

    def write_duty(self, row: DutyRow) -> Write:
        """Return what writes one duty."""
        ...


class Reviews:
    """Any thread."""

    def __init__(self, store: ReviewStore, desk: Desk, now: Callable[[], Instant], every: Duration) -> None:
        """Args: ``every`` is how often the log is to be reviewed."""
        self._store, self._desk, self._now, self._every = store, desk, now, every

    def due(self) -> Due:
        """Return what the next review is of, and by when."""
        row, now = self._store.duty(AUDIT_REVIEW), self._now()
        begun = self._store.first_entry_at() or now
        if row is None:
            return Due(begun, begun + self._every)
        return Due(row.opened_at, now if row.due_at is None else row.due_at)

    def sign(self, signed: Signed, size: int, root: str, by: str) -> None:
        """Record that somebody has reviewed the log of a period.

        Args:
            signed: what he signs.
            size: entries of the log as he saw it.
            root: its root hash, hexadecimal.
            by: who.

        Raises:
            UsageError: nothing was looked at, the reference is missing or no number, the period is not the one that
                comes next, or somebody else has signed meanwhile.
        """
        if not signed.looked_at:
            raise UsageError("say what was looked at")
        if (signed.reference or signed.result is Result.FOLLOWED_UP) and not _REFERENCE.fullmatch(signed.reference):
            raise UsageError("give the number of the case, as in IR-2026-04, with at least one figure")

        def prepare() -> tuple[list[Entry], Changes]:
            now = self._now()
            if self.due().since != signed.since:
                raise UsageError("somebody has signed a review meanwhile: load the page again")
            if not signed.since < signed.until <= now:
                raise UsageError("a review ends after it begins, and not later than now")
            detail: dict[str, JSON] = {
                "since": text_of(signed.since),
                "until": text_of(signed.until),
                "entries": size,
                "root": root,
                "looked_at": [each.value for each in signed.looked_at],
                "reference": signed.reference,
            }
            row = DutyRow(AUDIT_REVIEW, AUDIT_REVIEW, "", "", "", "", now + self._every, signed.until, None, "")
            entry = self._desk.entry(REVIEWED, signed.result.value, by, detail)
            return [entry], Changes(also=[self._store.write_duty(row)])

        self._desk.write(prepare)


def said_of(detail: dict[str, Any]) -> str:
    """Return what was looked at, in words."""
    known = set(Looked)
    return "; ".join(WORDS[Looked(each)] for each in detail["looked_at"] if each in known)
