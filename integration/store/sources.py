"""What connectors keep in the database: positions, rows of dumps, deliveries, replies, differences."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import Connection, Engine, Row, Select, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from integration.domain.instants import Instant
from integration.errors import StaleReadError
from integration.services.ports import BookingRow, Write
from integration.services.roster import Difference, DifferenceKind, RosterRow
from integration.store import tables
from integration.store.bulk import BulkWrite
from integration.store.database import sorted_errors

_PAGE: Final = 2000
_AT_ONCE: Final = 250
"""Values in one query."""


class SqlSources:
    """The rows of connectors (`SourceStore`). Each method has a connection of its own."""

    def __init__(self, engine: Engine) -> None:
        """Args: ``engine`` from `database.open_engine`."""
        self._engine = engine
        self._rows = BulkWrite(engine, tables.source_rows, RosterRow._fields, keys=("name", "key"))

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with sorted_errors(), self._engine.connect() as connection:
            yield connection.execution_options(isolation_level="AUTOCOMMIT")

    def _all(self, statement: Select[Any]) -> list[Row[Any]]:
        with self._reading() as reading:
            return list(reading.execute(statement).all())

    # -- reading ----------------------------------------------------------------------------------------------------

    def position(self, name: str) -> tuple[str, int]:
        """See `SourceStore.position`."""
        table = tables.source_positions
        found = self._all(select(table.c.position, table.c.version).where(table.c.name == name))
        return (found[0].position, found[0].version) if found else ("", 0)

    def rows(self, name: str) -> Iterator[RosterRow]:
        """See `SourceStore.rows`."""
        table = tables.source_rows
        last = ""
        while found := self._all(
            select(table).where(table.c.name == name, table.c.key > last).order_by(table.c.key).limit(_PAGE)
        ):
            yield from (RosterRow(*row) for row in map(tuple, found))
            last = found[-1].key

    def rows_of(self, name: str, bookings: Collection[str]) -> list[RosterRow]:
        """See `SourceStore.rows_of`."""
        table = tables.source_rows
        found = [
            row
            for some in _parts(sorted(set(bookings)), _AT_ONCE)
            for row in self._all(select(table).where(table.c.name == name, table.c.booking.in_(some)))
        ]
        return [RosterRow(*row) for row in map(tuple, found)]

    def takes_back(self, source: str, by: str) -> bool:
        """See `SourceStore.takes_back`."""
        table = tables.retractions
        found = select(table.c.event_id).where(
            table.c.source == source, table.c.event_id.startswith(by, autoescape=True)
        )
        return bool(self._all(found.limit(1)))

    def taken_back(self, source: str, ids: Collection[str], by: str) -> set[str]:
        """See `SourceStore.taken_back`."""
        table = tables.retractions
        return {
            row.retracts
            for some in _parts(sorted(set(ids)), _AT_ONCE)
            for row in self._all(
                select(table.c.retracts, table.c.event_id).where(table.c.source == source, table.c.retracts.in_(some))
            )
            if row.event_id.startswith(by)
        }

    def booking_rows(self, source: str) -> Iterator[BookingRow]:
        """See `SourceStore.booking_rows`."""
        table = tables.bookings
        chosen = (table.c.source == source, table.c.home.is_(None))
        last = ""
        while found := self._all(
            select(table).where(*chosen, table.c.number > last).order_by(table.c.number).limit(_PAGE)
        ):
            yield from (BookingRow(*row) for row in map(tuple, found))
            last = found[-1].number

    def differences(self, name: str) -> Mapping[Difference, Instant]:
        """See `SourceStore.differences`."""
        table = tables.source_differences
        found = self._all(select(table).where(table.c.name == name))
        return {Difference(DifferenceKind(row.kind), row.booking, row.about): row.since for row in found}

    def delivery(self, name: str, delivery: str) -> bytes | None:
        """Return the digest of a message that was taken in; None for one that was not."""
        table = tables.source_deliveries
        found = self._all(select(table.c.digest).where(table.c.name == name, table.c.delivery == delivery))
        return bytes(found[0].digest) if found else None

    def replies(self, name: str, limit: int) -> list[tuple[int, str]]:
        """Return the first acknowledgements that wait, with their numbers."""
        table = tables.source_replies
        found = self._all(
            select(table.c.number, table.c.body).where(table.c.name == name).order_by(table.c.number).limit(limit)
        )
        return [(row.number, row.body) for row in found]

    def replied(self, number: int) -> None:
        """Forget an acknowledgement that was taken."""
        with sorted_errors(), self._engine.begin() as connection:
            connection.execute(delete(tables.source_replies).where(tables.source_replies.c.number == number))

    # -- writing, in the transaction of the events ------------------------------------------------------------------

    def write_position(self, name: str, position: str, version: int, at: Instant) -> Write:
        """See `SourceStore.write_position`."""
        table = tables.source_positions

        def write(connection: Connection) -> None:
            values = {"position": position, "version": version + 1, "changed_at": at}
            if version:
                moved = update(table).where(table.c.name == name, table.c.version == version).values(**values)
                if connection.execute(moved).rowcount != 1:
                    raise StaleReadError(f"another process moved the position of {name}")
                return
            _insert_once(connection, insert(table).values(name=name, **values), f"the position of {name}")

        return write

    def write_rows(self, rows: Collection[RosterRow], gone: Collection[tuple[str, str]] = ()) -> Write:
        """See `SourceStore.write_rows`."""
        table = tables.source_rows
        kept = list(rows)

        def write(connection: Connection) -> None:
            self._rows(connection, kept)
            for name, key in gone:
                connection.execute(delete(table).where(table.c.name == name, table.c.key == key))

        return write

    def write_differences(
        self, name: str, found: Collection[Difference], gone: Collection[Difference], at: Instant
    ) -> Write:
        """See `SourceStore.write_differences`."""
        table = tables.source_differences

        def write(connection: Connection) -> None:
            for each in gone:
                key = (table.c.kind == each.kind.value, table.c.booking == each.booking, table.c.about == each.about)
                if connection.execute(delete(table).where(table.c.name == name, *key)).rowcount != 1:
                    raise StaleReadError(f"another process compared {name}")
            for each in found:
                values = {"name": name, "kind": each.kind.value, "booking": each.booking, "about": each.about}
                _insert_once(connection, insert(table).values(**values, since=at), f"the differences of {name}")

        return write

    def write_delivery(self, name: str, delivery: str, digest: bytes, at: Instant, *, forget_before: Instant) -> Write:
        """Return what remembers a message, and forgets those that nobody sends again."""
        table = tables.source_deliveries

        def write(connection: Connection) -> None:
            connection.execute(delete(table).where(table.c.at < forget_before))
            row = {"name": name, "delivery": delivery, "digest": digest, "at": at}
            _insert_once(connection, insert(table).values(**row), f"the deliveries of {name}")

        return write

    def write_reply(self, name: str, body: str, at: Instant) -> Write:
        """Return what keeps an acknowledgement until the sender has it."""

        def write(connection: Connection) -> None:
            connection.execute(insert(tables.source_replies).values(name=name, body=body, created_at=at))

        return write


def _parts(values: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    """Yield parts of a list."""
    return (values[at : at + size] for at in range(0, len(values), size))


def _insert_once(connection: Connection, statement: Any, what: str) -> None:
    try:
        with connection.begin_nested():
            connection.execute(statement)
    except IntegrityError as error:
        raise StaleReadError(f"another process wrote {what}") from error
