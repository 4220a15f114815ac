"""What people owe, in one list by due time: notices, certifications, approvals, log reviews, messages that wait.

Notices are findings and facts; certifications and approvals are events; the review comes back by itself; what waits is
what the gate has blocked or lost sight of. Nothing here is law of its own: each duty names what it rests on, or none.

`Duties.listed` is what command line and console show; `Duties.owing` is what alerting reminds people of. Both are put
together by `integration/runners/alerting/owing.py:duties_of`.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import orjson
import structlog

from integration.audit.entry import JSON, Entry, text_of
from integration.domain.alerts.topics import DutyKind as DutyKind  # noqa: PLC0414  part of what is told here
from integration.domain.alerts.topics import Owed, Patience
from integration.domain.custody import Standing, timeline_of
from integration.domain.facts import Approved
from integration.domain.instants import DAY, NEVER, Duration, Instant
from integration.domain.stretches import stretch_findings
from integration.errors import StaleReadError, UsageError
from integration.policy.pack import Pack
from integration.services.alertports import DutyRow
from integration.services.auditing import AuditDesk
from integration.services.casefile import CaseFile
from integration.services.desk import PackFor
from integration.services.dutyports import Duty as Duty  # noqa: PLC0414  part of what is told here
from integration.services.dutyports import DutyRows, DutyStore, Owing, WaitingLimits
from integration.services.ports import Changes, EntryRow
from integration.services.projections import instant_told
from schemas.kinds import Rule
from schemas.refusals import InvalidEventError

_log = structlog.get_logger()

AUDIT_REVIEW: Final = "audit_review"
REVIEW_RESTS_ON: Final = "CJISSECPOL 6.0 AU-6"
LOCK_RESTS_ON: Final = "CJISSECPOL 6.0 AC-7"
_SOON: Final = DAY
"""Notices to persons are listed so long before their deadline."""
_APPROVALS_SOON: Final = 7 * DAY
_ENTRIES_AT_ONCE: Final = 5000
_MOST_BOOKINGS: Final = 5000
_LIMITS: Final = WaitingLimits()
_NAMES: Final = (b"jail.certification.", b"jail.approval.", b"jail.event.retracted")


class Duties:
    """One thread."""

    def __init__(
        self,
        store: DutyStore,
        desk: AuditDesk,
        pack_for: PackFor,
        now: Callable[[], Instant],
        review: Duration,
        *,
        limits: WaitingLimits = _LIMITS,
    ) -> None:
        """Args: ``review`` is how often the log is to be reviewed; ``limits`` are those of the quarantine."""
        self._store = store
        self._desk = desk
        self._pack_for = pack_for
        self._now = now
        self._review = review
        self._limits = limits

    def catch_up(self, most: int | None = None) -> bool:
        """Take note of what the log tells since the last time. Long only the first time.

        Args:
            most: stretches of the log to read at the most; None: all there are.

        Returns:
            Whether everything was read.
        """
        while (first := self._store.duties_entry()) < (size := self._store.log_size()):
            if most == 0:
                return False
            most = None if most is None else most - 1
            last = min(size, first + _ENTRIES_AT_ONCE)
            learned: dict[str, DutyRow] = {}
            for entry in self._store.accepted(first, last):
                for row in self._read(entry, learned):
                    learned[row.duty_id] = row
            rows = DutyRows(first, last, tuple(learned.values()))
            try:
                self._desk.write(lambda rows=rows: self._noted(rows))  # type: ignore[misc]
            except StaleReadError:
                continue  # Somebody else has: go on from where they came to.
        return True

    def _noted(self, rows: DutyRows) -> tuple[list[Entry], Changes]:
        if self._store.duties_entry() != rows.first:
            raise StaleReadError("another process has read the log for duties meanwhile")
        return [], Changes(also=[self._store.write_duties(rows)])

    def _read(self, entry: EntryRow, learned: dict[str, DutyRow]) -> list[DutyRow]:
        """Return the duties that an entry changes; none where it is sealed, or cannot be read any more."""
        try:
            if entry.body is not None and any(name in entry.body for name in _NAMES):
                return self._learn(orjson.loads(entry.body), learned)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            # Somebody has changed it. That must not keep every other duty, and every alert, from being told.
            _log.error("duties.entry_unreadable", leaf_index=entry.leaf_index, error=type(error).__name__)
        return []

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
        return self._listed(self._now())

    def owing(self, patience: Mapping[DutyKind, Patience], now: Instant) -> Owing | None:
        """Return what people are to be reminded of; None while the log was not read to its end: ask again soon.

        A copy that is late is left out: the finding `notice_not_served` tells of it.

        Args:
            patience: of every kind.
            now: the current time.
        """
        if not self.catch_up(most=1):
            return None
        owed, put_off, next_at = [], set(), NEVER
        for duty in self._listed(now):
            if duty.kind is not DutyKind.AUDIT_REVIEW:  # One that is not owed now was done: the next one is another.
                put_off.add(duty.duty_id)
            if duty.due_at is None or (duty.kind is DutyKind.NOTICE and duty.due_at <= now):
                continue
            terms = patience[duty.kind]
            severity = terms.severity_at(duty.due_at, now)
            next_at = min(next_at, terms.changes_after(duty.due_at, now) or NEVER)
            if severity is not None:
                told = (duty.duty_id, duty.kind, duty.source, duty.booking, duty.about, duty.due_at, duty.waiting)
                owed.append(Owed(*told, duty.rests_on, severity))
        return Owing(tuple(owed), frozenset(put_off - {each.duty_id for each in owed}), next_at)

    def _listed(self, now: Instant) -> list[Duty]:
        found = [*self._notices(now), *self._kept(now), self._next_review(now), *self._waiting(), *self._locked()]
        found += [
            Duty(
                f"approval:{each.approval_id}",
                DutyKind.APPROVAL_EXPIRES,
                each.source,
                each.booking,
                each.approval_id,
                each.ends_at,
                (),
            )
            for each in self._store.expiring_approvals(now, now + _APPROVALS_SOON)
        ]
        # A copy whose deadline has just passed may be known both from the facts and as a finding.
        only = {each.duty_id: each for each in found}
        return sorted(only.values(), key=lambda each: (each.due_at is None, each.due_at or 0, each.duty_id))

    def _kept(self, now: Instant) -> Iterable[Duty]:
        for row in self._store.open_duties():
            kind = DutyKind(row.kind)
            if row.event_id == "":
                continue  # A decision may be known before what it decides.
            if kind is DutyKind.APPROVAL_EXPIRES:
                ends = row.due_at is not None and now < row.due_at <= now + _APPROVALS_SOON
                if not ends or self._is_used(row):
                    continue
            yield Duty(row.duty_id, kind, row.source, row.booking, row.about, row.due_at, ())

    def _is_used(self, row: DutyRow) -> bool:
        """Tell whether the message that an approval of the feed is for has left."""
        stored = self._store.booking(row.source, row.booking)
        if stored is None:
            return False
        facts = CaseFile.from_row(stored).standing().get(row.booking, [])
        messages = [fact.message_id for fact in facts if isinstance(fact, Approved) and fact.approval_id == row.about]
        return any(self._store.is_permitted(row.source, message_id) for message_id in messages)

    def _waiting(self) -> Iterable[Duty]:
        """What the gate has blocked for too long, or too much of it, and what it has lost sight of."""
        for held in self._store.quarantined(self._limits.most):
            due = held.oldest_at + self._limits.longest
            due = due if held.beyond_at is None else min(due, held.beyond_at)
            name = f"quarantine:{held.source}"
            yield Duty(name, DutyKind.QUARANTINE, held.source, "", "", due, (), held.waiting)
        for lost in self._store.unknown_deliveries():
            name = f"delivery:{lost.message_id}"
            yield Duty(name, DutyKind.DELIVERY_UNKNOWN, lost.source, lost.booking, lost.message_id, lost.since, ())

    def _locked(self) -> Iterable[Duty]:
        """Accounts of the console that somebody has to ask about, and unlock."""
        for each in self._store.locked_accounts():
            name, rests_on = f"account:{each.account}", (LOCK_RESTS_ON,)
            yield Duty(name, DutyKind.ACCOUNT_LOCKED, "", "", each.account, each.since, rests_on)

    def _next_review(self, now: Instant) -> Duty:
        row = self._store.duty(AUDIT_REVIEW)
        begun = row.due_at if row is not None else None
        due = begun if begun is not None else (self._store.first_entry_at() or now) + self._review
        return Duty(AUDIT_REVIEW, DutyKind.AUDIT_REVIEW, "", "", "", due, (REVIEW_RESTS_ON,))

    def _notices(self, now: Instant) -> Iterable[Duty]:
        """Those that are late are findings; those that come due within a day follow from the facts."""
        for stored in self._store.next_due(now + _SOON, _MOST_BOOKINGS):
            case = CaseFile.from_row(stored)
            pack = self._pack_in_force(case.source, now)
            if pack is not None:
                for booking, facts in case.standing().items():
                    yield from _coming(case.source, booking, Standing(facts), pack, now)
        for row in self._store.open_notices():
            pack = self._pack_in_force(row.source, now)
            within = None if pack is None else pack.parameters.notice_within
            due = row.raised_at if within is None else row.since + within
            yield _notice(row.source, row.booking, row.about, due, tuple(orjson.loads(row.provisions)))

    def _pack_in_force(self, source: str, now: Instant) -> Pack | None:
        """Return a facility's pack; None where the settings no longer have the facility."""
        try:
            return self._pack_for(source, now)
        except InvalidEventError:
            return None

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
                opened = (self._store.first_entry_at() or now) if row is None else row.opened_at
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
    """Yield the copies that are owed within a day, and those whose finding is not on record yet."""
    parameters = pack.parameters
    for each in stretch_findings(facts, timeline_of(facts, parameters), parameters):
        owed = each.rule is Rule.NOTICE_NOT_SERVED and each.raise_at < each.until and now < each.until
        if owed and each.raise_at <= now + _SOON:
            yield _notice(source, booking, each.about, each.raise_at, parameters.terms[each.rule].provisions)


def _notice(source: str, booking: str, about: str, due: Instant, rests_on: tuple[str, ...]) -> Duty:
    return Duty(f"notice:{source}:{booking}:{about}", DutyKind.NOTICE, source, booking, about, due, rests_on)
