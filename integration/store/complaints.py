"""The register of complaints in the database."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Engine, Select, insert, select, update
from sqlalchemy.exc import IntegrityError

from integration.errors import StaleReadError
from integration.services.complaints import ComplaintRow
from integration.services.ports import Write
from integration.store.console_tables import complaints
from integration.store.database import sorted_errors


class SqlComplaints:
    """See `ComplaintStore`. Any thread."""

    def __init__(self, engine: Engine) -> None:
        """Args: ``engine`` from `database.open_engine`, migrated."""
        self._engine = engine

    def _all(self, statement: Select[Any]) -> list[ComplaintRow]:
        with sorted_errors(), self._engine.connect() as connection:
            found = connection.execution_options(isolation_level="AUTOCOMMIT").execute(statement).all()
            return [ComplaintRow(*row) for row in found]

    def complaint(self, source: str, complaint_id: str) -> ComplaintRow | None:
        """See `ComplaintStore.complaint`."""
        chosen = (complaints.c.source == source, complaints.c.complaint_id == complaint_id)
        return next(iter(self._all(select(complaints).where(*chosen))), None)

    def complaints(self, limit: int) -> Sequence[ComplaintRow]:
        """See `ComplaintStore.complaints`."""
        table = complaints
        are_open = select(table).where(table.c.closed_at.is_(None)).order_by(table.c.received_at, table.c.complaint_id)
        closed = select(table).where(table.c.closed_at.is_not(None)).order_by(table.c.closed_at.desc())
        return [*self._all(are_open), *self._all(closed.limit(limit))]

    def add(self, row: ComplaintRow) -> Write:
        """See `ComplaintStore.add`."""

        def write(connection: Connection) -> None:
            try:
                connection.execute(insert(complaints).values(row._asdict()))
            except IntegrityError as error:
                raise StaleReadError("somebody has filed a complaint of that number meanwhile") from error

        return write

    def change(self, row: ComplaintRow, **values: object) -> Write:
        """See `ComplaintStore.change`."""

        def write(connection: Connection) -> None:
            table = complaints
            chosen = (table.c.source == row.source, table.c.complaint_id == row.complaint_id)
            changed = update(table).where(*chosen, table.c.version == row.version)
            if connection.execute(changed.values(**values, version=row.version + 1)).rowcount != 1:
                raise StaleReadError("the complaint has changed since it was read")

        return write
