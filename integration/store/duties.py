"""Duties in the database."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, Select, and_, func, or_, select, update

from integration.domain.instants import Instant
from integration.errors import StaleReadError
from integration.services.alertports import DutyRow
from integration.services.dutyports import DutyRows, Expiring, Locked, Quarantined, Unknown
from integration.services.letters import CLOSED, State
from integration.services.ports import BookingRow, EntryRow, FindingRow, Write
from integration.store import tables
from integration.store.bulk import BulkWrite
from integration.store.database import sorted_errors
from schemas.kinds import Rule, Status, Verdict

_CLOSED = tuple(state.value for state in CLOSED)


class SqlDuties:
    """See `DutyStore`."""

    def __init__(self, engine: Engine) -> None:
        """Args: ``engine`` from `database.open_engine`."""
        self._engine = engine
        self._duties = BulkWrite(engine, tables.duties, DutyRow._fields, keys=("duty_id",))

    def _all(self, statement: Select[Any]) -> Sequence[Any]:
        with sorted_errors(), self._engine.connect() as connection:
            return connection.execution_options(isolation_level="AUTOCOMMIT").execute(statement).all()

    def duties_entry(self) -> int:
        """See `DutyStore.duties_entry`."""
        return int(self._all(select(tables.alerting.c.duties_entry))[0][0])

    def log_size(self) -> int:
        """See `DutyStore.log_size`."""
        return int(self._all(select(tables.log_state.c.size))[0][0])

    def accepted(self, first: int, last: int) -> Iterable[EntryRow]:
        """See `DutyStore.accepted`."""
        table = tables.entries
        chosen = (table.c.leaf_index >= first, table.c.leaf_index < last, table.c.kind == "event.accepted")
        return [EntryRow(*row) for row in self._all(select(table).where(*chosen).order_by(table.c.leaf_index))]

    def is_retracted(self, source: str, event_id: str) -> bool:
        """See `DutyStore.is_retracted`."""
        table = tables.retractions
        chosen = (table.c.source == source, table.c.retracts == event_id)
        return bool(self._all(select(table.c.event_id).where(*chosen).limit(1)))

    def duty(self, duty_id: str) -> DutyRow | None:
        """See `DutyStore.duty`."""
        table = tables.duties
        return next((DutyRow(*row) for row in self._all(select(table).where(table.c.duty_id == duty_id))), None)

    def duties_of_event(self, source: str, event_id: str) -> Sequence[DutyRow]:
        """See `DutyStore.duties_of_event`."""
        table = tables.duties
        concerns = or_(table.c.event_id == event_id, table.c.done_by == f"event:{event_id}")
        return [DutyRow(*row) for row in self._all(select(table).where(table.c.source == source, concerns))]

    def open_duties(self) -> Sequence[DutyRow]:
        """See `DutyStore.open_duties`."""
        table = tables.duties
        return [DutyRow(*row) for row in self._all(select(table).where(table.c.done_at.is_(None)))]

    def open_notices(self) -> Sequence[FindingRow]:
        """See `DutyStore.open_notices`."""
        table = tables.findings
        chosen = (table.c.status == Status.OPEN.value, table.c.rule == Rule.NOTICE_NOT_SERVED.value)
        return [FindingRow(*row) for row in self._all(select(table).where(*chosen))]

    def next_due(self, until: Instant, limit: int) -> Sequence[BookingRow]:
        """See `DutyStore.next_due`."""
        table = tables.bookings
        chosen = select(table).where(table.c.next_at <= until).order_by(table.c.next_at).limit(limit)
        return [BookingRow(*row) for row in self._all(chosen)]

    def booking(self, source: str, number: str) -> BookingRow | None:
        """See `DutyStore.booking`."""
        table = tables.bookings
        rows = self._all(select(table).where(table.c.source == source, table.c.number == number))
        if not rows:
            return None
        row = BookingRow(*rows[0])
        return row if row.home is None else self.booking(source, row.home)

    def is_permitted(self, source: str, message_id: str) -> bool:
        """See `DutyStore.is_permitted`."""
        table = tables.decisions
        asked = (table.c.source == source, table.c.request == "message_id", table.c.request_id == message_id)
        return bool(self._all(select(table.c.source).where(*asked, table.c.decision == Verdict.PERMIT.value)))

    def quarantined(self, most: int) -> Sequence[Quarantined]:
        """See `DutyStore.quarantined`."""
        table, mails = tables.deliveries, tables.mails
        joined = table.join(mails, mails.c.mail_id == table.c.mail_id)
        blocked = table.c.state == State.BLOCKED.value
        held = select(mails.c.source, func.count(), func.min(mails.c.received_at)).select_from(joined).where(blocked)
        found = []
        for source, waiting, oldest_at in self._all(held.group_by(mails.c.source).order_by(mails.c.source)):
            beyond = select(mails.c.received_at).select_from(joined).where(blocked, mails.c.source == source)
            beyond = beyond.order_by(mails.c.received_at).offset(most).limit(1)
            rows = self._all(beyond) if waiting > most else []
            found.append(Quarantined(source, waiting, oldest_at, rows[0][0] if rows else None))
        return found

    def unknown_deliveries(self) -> Sequence[Unknown]:
        """See `DutyStore.unknown_deliveries`."""
        table, mails = tables.deliveries, tables.mails
        joined = table.outerjoin(mails, mails.c.mail_id == table.c.mail_id)
        chosen = select(table.c.message_id, mails.c.source, table.c.booking, table.c.changed_at).select_from(joined)
        chosen = chosen.where(table.c.state == State.UNKNOWN.value)
        found = self._all(chosen.order_by(table.c.changed_at, table.c.message_id))
        return [Unknown(row[0], row[1] or "", row[2], row[3]) for row in found]

    def locked_accounts(self) -> Sequence[Locked]:
        """See `DutyStore.locked_accounts`."""
        table = tables.accounts
        since = func.coalesce(table.c.locked_at, table.c.shut_at)
        chosen = select(table.c.name, since).where(since.is_not(None), table.c.disabled == 0)
        return [Locked(*row) for row in self._all(chosen.order_by(since, table.c.name))]

    def expiring_approvals(self, now: Instant, until: Instant) -> Sequence[Expiring]:
        """See `DutyStore.expiring_approvals`."""
        table, sent, mails = tables.approvals, tables.deliveries, tables.mails
        joined = table.outerjoin(sent, sent.c.message_id == table.c.message_id)
        joined = joined.outerjoin(mails, mails.c.mail_id == sent.c.mail_id)
        ends = and_(table.c.expires_at > now, table.c.expires_at <= until, table.c.withdrawn_at.is_(None))
        to_leave = or_(sent.c.state.is_(None), sent.c.state.not_in(_CLOSED))
        chosen = select(table.c.approval_id, mails.c.source, sent.c.booking, table.c.expires_at).select_from(joined)
        found = self._all(chosen.where(ends, to_leave).order_by(table.c.expires_at, table.c.approval_id))
        return [Expiring(row[0], row[1] or "", row[2] or "", row[3]) for row in found]

    def first_entry_at(self) -> Instant | None:
        """See `DutyStore.first_entry_at`."""
        table = tables.entries
        found: Instant | None = self._all(select(func.min(table.c.at)).where(table.c.leaf_index == 0))[0][0]
        return found

    def write_duties(self, rows: DutyRows) -> Write:
        """See `DutyStore.write_duties`."""

        def write(connection: Connection) -> None:
            table = tables.alerting
            moved = update(table).where(table.c.one == 1, table.c.duties_entry == rows.first)
            if connection.execute(moved.values(duties_entry=rows.last)).rowcount != 1:
                raise StaleReadError("another process has read the log for duties meanwhile")
            self._duties(connection, rows.rows)

        return write

    def write_duty(self, row: DutyRow) -> Write:
        """See `DutyStore.write_duty`."""

        def write(connection: Connection) -> None:
            self._duties(connection, [row])

        return write
