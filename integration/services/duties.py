"""What people owe, in one list by due time: notices to persons, certifications, approvals that expire, log reviews.

Notices are findings and facts; certifications and approvals are events; the review comes back by itself. Nothing here
is law of its own: each duty names what it rests on, or none.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Protocol

import orjson

from integration.audit.entry import JSON, Entry, text_of
from integration.domain.custody import Standing, timeline_of
from integration.domain.instants import DAY, Duration, Instant
from integration.domain.stretches import stretch_findings
from integration.errors import StaleReadError, UsageError
from integration.policy.pack import Pack
from integration.services.alertports import DutyRow
from integration.services.auditing import AuditDesk
from integration.services.casefile import CaseFile
from integration.services.desk import PackFor
from integration.services.ports import BookingRow, Changes, EntryRow, FindingRow, Write
from integration.services.projections import instant_told
from schemas.kinds import Rule

AUDIT_REVIEW: Final = "audit_review"
REVIEW_RESTS_ON: Final = "CJISSECPOL 6.0 AU-6"
_SOON: Final = DAY
"""Notices to persons are listed so long before their deadline."""
_APPROVALS_SOON: Final = 7 * DAY
_ENTRIES_AT_ONCE: Final = 5000
_MOST_BOOKINGS: Final = 5000
_ACCEPTED: Final = "event.accepted"
_NAMES: Final = (b"jail.certification.", b"jail.approval.", b"jail.event.retracted")


class DutyKind(StrEnum):
    """What is owed."""

    NOTICE = "notice"
    """The person is owed a copy of a paper (`notice_not_served`)."""
    CERTIFICATION = "certification"
    """Somebody asked for a certification, and it was not decided."""
    APPROVAL_EXPIRES = "approval_expires"
    """An approval to send ends soon: what still waits for it stays blocked then."""
    AUDIT_REVIEW = "audit_review"
    """The audit log is to be looked through."""


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

    def next_due(self, until: Instant, limit: int) -> Sequence[BookingRow]:
        """Return the bookings whose findings change by themselves until an instant."""
        ...

    def expiring_approvals(self, now: Instant, until: Instant) -> Sequence[tuple[str, str, Instant]]:
        """Return (approval, message, end) of approvals given here that end between the two and were not withdrawn."""
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


class Duties:
    """One thread."""

    def __init__(
        self, store: DutyStore, desk: AuditDesk, pack_for: PackFor, now: Callable[[], Instant], review: Duration
    ) -> None:
        """Args: ``review`` is how often the log is to be reviewed."""
        self._store = store
        self._desk = desk
        self._pack_for = pack_for
        self._now = now
        self._review = review

    def catch_up(self) -> None:
        """Take note of what the log tells since the last time. Long only the first time."""
        while (first := self._store.duties_entry()) < (size := self._store.log_size()):
            last = min(size, first + _ENTRIES_AT_ONCE)
            learned: dict[str, DutyRow] = {}
            for entry in self._store.accepted(first, last):
                if entry.body is not None and any(name in entry.body for name in _NAMES):
                    for row in self._learn(orjson.loads(entry.body), learned):
                        learned[row.duty_id] = row
            rows = DutyRows(first, last, tuple(learned.values()))
            try:
                self._desk.write(lambda rows=rows: self._noted(rows))  # type: ignore[misc]
            except StaleReadError:
                continue  # Somebody else has: go on from where they came to.

    def _noted(self, rows: DutyRows) -> tuple[list[Entry], Changes]:
        if self._store.duties_entry() != rows.first:
            raise StaleReadError("another process has read the log for duties meanwhile")
        return [], Changes(also=[self._store.write_duties(rows)])

    def _learn(self, entry: dict[str, Any], learned: dict[str, DutyRow]) -> list[DutyRow]:
        """Return the duties that an entry changes."""
        detail, source = entry["detail"], entry["source"]
        event_id, data, at = detail["event_id"], detail["data"], instant_told(detail["time"])
        of = detail["type"].removeprefix("jail.").removesuffix(".v1")
        if of == "event.retracted":
            found = [*self._store.duties_of_event(source, data["retracts"]), *learned.values()]
            return [_without(learned.get(row.duty_id, row), source, data["retracts"], at) for row in found]
        if self._store.is_retracted(source, event_id):
            return []
        about = data.get("certification_id") or data.get("approval_id")
        if about is None:
            return []
        kind = DutyKind.CERTIFICATION if of.startswith("certification") else DutyKind.APPROVAL_EXPIRES
        duty_id = f"{kind.value}:{source}:{about}"
        known = learned.get(duty_id) or self._store.duty(duty_id)
        fresh = DutyRow(duty_id, kind.value, source, entry["booking"], about, "", None, at, None, "")
        row = known or fresh
        match of:
            case "certification.requested" | "approval.granted":
                due = data.get("due_at") or data.get("expires_at")
                return [row._replace(event_id=event_id, due_at=None if due is None else instant_told(due))]
            case "certification.decided" | "approval.withdrawn":
                return [row._replace(done_at=at, done_by=f"event:{event_id}")]
        return []

    def listed(self) -> list[Duty]:
        """Return what is owed now, by due time; what nobody has named a time for comes last."""
        self.catch_up()
        now = self._now()
        found = [*self._notices(now), *self._kept(now), self._next_review(now)]
        found += [
            Duty(f"approval:{approval}", DutyKind.APPROVAL_EXPIRES, "", "", approval, until, ())
            for approval, _, until in self._store.expiring_approvals(now, now + _APPROVALS_SOON)
        ]
        return sorted(found, key=lambda each: (each.due_at is None, each.due_at or 0, each.duty_id))

    def _kept(self, now: Instant) -> Iterable[Duty]:
        for row in self._store.open_duties():
            kind = DutyKind(row.kind)
            ends = row.due_at is not None and now < row.due_at <= now + _APPROVALS_SOON
            asked = row.event_id != ""  # A decision may be known before what it decides.
            if (kind is DutyKind.CERTIFICATION and asked) or (kind is DutyKind.APPROVAL_EXPIRES and asked and ends):
                yield Duty(row.duty_id, kind, row.source, row.booking, row.about, row.due_at, ())

    def _next_review(self, now: Instant) -> Duty:
        row = self._store.duty(AUDIT_REVIEW)
        begun = row.due_at if row is not None else None
        due = begun if begun is not None else (self._store.first_entry_at() or now) + self._review
        return Duty(AUDIT_REVIEW, DutyKind.AUDIT_REVIEW, "", "", "", due, (REVIEW_RESTS_ON,))

    def _notices(self, now: Instant) -> Iterable[Duty]:
        """Those that are late are findings; those that come due within a day follow from the facts."""
        for row in self._store.open_notices():
            within = self._pack_for(row.source, now).parameters.notice_within
            due = row.raised_at if within is None else row.since + within
            yield _notice(row.source, row.booking, row.about, due, tuple(orjson.loads(row.provisions)))
        for stored in self._store.next_due(now + _SOON, _MOST_BOOKINGS):
            case = CaseFile.from_row(stored)
            pack = self._pack_for(case.source, now)
            for booking, facts in case.standing().items():
                yield from _coming(case.source, booking, Standing(facts), pack, now)

    def done(self, duty_id: str, by: str) -> None:
        """Note that a certification or a review is done; the log has who said so.

        Raises:
            UsageError: there is no such duty, or it is not for a person to say so: a notice is done when the jail's
                system records that it was served, an approval ends by itself.
        """
        self.catch_up()

        def prepare() -> tuple[list[Entry], Changes]:
            now = self._now()
            row = self._store.duty(duty_id)
            if duty_id == AUDIT_REVIEW:
                opened = now if row is None else row.opened_at
                review = DutyRow(duty_id, duty_id, "", "", "", "", now + self._review, opened, None, "")
                return [self._said(review, by, now)], Changes(also=[self._store.write_duty(review)])
            if row is None or row.done_at is not None or row.kind != DutyKind.CERTIFICATION.value:
                raise UsageError(
                    f"{duty_id} is no duty that can be marked as done; `holdwatch duties list` shows them. A notice is "
                    "done when the jail's system records that it was served"
                )
            changes = Changes(also=[self._store.write_duty(row._replace(done_at=now, done_by=by))])
            return [self._said(row, by, now)], changes

        self._desk.write(prepare)

    def _said(self, row: DutyRow, by: str, now: Instant) -> Entry:
        due = None if row.due_at is None else text_of(row.due_at)
        detail: dict[str, JSON] = {"duty": row.duty_id, "kind": row.kind, "due_at": due}
        return self._desk.entry("duty.done", "done", by, detail, source=row.source, booking=row.booking, at=now)


def _without(row: DutyRow, source: str, event_id: str, at: Instant) -> DutyRow:
    """Return a duty as it stands once an event never counted."""
    if row.source != source:
        return row
    if row.event_id == event_id:
        return row._replace(event_id="", done_at=at, done_by=f"retracted:{event_id}")
    if row.done_by == f"event:{event_id}":
        return row._replace(done_at=None, done_by="")
    return row


def _coming(source: str, booking: str, facts: Standing, pack: Pack, now: Instant) -> Iterable[Duty]:
    parameters = pack.parameters
    for each in stretch_findings(facts, timeline_of(facts, parameters), parameters):
        if each.rule is Rule.NOTICE_NOT_SERVED and now < each.raise_at <= now + _SOON and each.raise_at < each.until:
            yield _notice(source, booking, each.about, each.raise_at, parameters.terms[each.rule].provisions)


def _notice(source: str, booking: str, about: str, due: Instant, rests_on: tuple[str, ...]) -> Duty:
    return Duty(f"notice:{source}:{booking}:{about}", DutyKind.NOTICE, source, booking, about, due, rests_on)
