"""Duties in the database."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, Select, func, or_, select, update

from integration.domain.instants import Instant
from integration.errors import StaleReadError
from integration.services.alertports import DutyRow
from integration.services.duties import DutyRows
from integration.services.ports import BookingRow, EntryRow, FindingRow, Write
from integration.store import tables
from integration.store.bulk import BulkWrite
from integration.store.database import sorted_errors
from schemas.kinds import Rule, Status


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

    def expiring_approvals(self, now: Instant, until: Instant) -> Sequence[tuple[str, str, Instant]]:
        """See `DutyStore.expiring_approvals`."""
        table = tables.approvals
        chosen = (table.c.expires_at > now, table.c.expires_at <= until, table.c.withdrawn_at.is_(None))
        found = self._all(select(table.c.approval_id, table.c.message_id, table.c.expires_at).where(*chosen))
        return [(row.approval_id, row.message_id, row.expires_at) for row in found]

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
