"""The store on SQLAlchemy Core: the same statements for SQLite and PostgreSQL."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, cast

from sqlalchemy import Connection, Engine, Table, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from integration.audit.merkle import TILE_WIDTH, fold, split_hashes
from integration.domain.instants import Instant
from integration.errors import LogConflictError
from integration.services.ports import (
    BookingKey,
    BookingRow,
    Changes,
    DecisionRow,
    EntryRow,
    EventKey,
    FindingRow,
    InboxRow,
    OutboxRow,
    RetractionRow,
)
from integration.services.refused import Refused
from integration.store import tables
from integration.store.bulk import BulkWrite, PairLookup
from integration.store.database import sorted_errors
from integration.store.sealing import scrub, seal_rows
from integration.store.vault import Vault


class SqlStore:
    """Durable state in one database. One writer; not to be shared between threads."""

    def __init__(self, engine: Engine, vault: Vault) -> None:
        """Args: ``engine`` from `database.open_engine`, migrated; ``vault`` encrypts refused inputs."""
        self.engine = engine
        self._vault = vault
        self._idle: Connection | None = None
        # The same input at the same place again, after it was taken up once: it waits again.
        self._keep_refused = self._upsert(tables.dead_letters, keys=["digest"], also={"resubmitted": 0})
        self._find_inbox = PairLookup(engine, tables.inbox, ("source", "event_id"))
        self._find_retraction = PairLookup(engine, tables.retractions, ("source", "event_id"))
        self._find_retracting = PairLookup(engine, tables.retractions, ("source", "retracts"))
        self._find_bookings = PairLookup(engine, tables.bookings, ("source", "number"))
        self._write_inbox = BulkWrite(engine, insert(tables.inbox), InboxRow._fields)
        self._write_entries = BulkWrite(engine, insert(tables.entries), EntryRow._fields)
        self._write_bookings = BulkWrite(engine, self._upsert(tables.bookings), BookingRow._fields)
        self._write_findings = BulkWrite(engine, self._upsert(tables.findings), FindingRow._fields)
        self._write_decisions = BulkWrite(engine, self._upsert(tables.decisions), DecisionRow._fields)
        self._write_outbox = BulkWrite(engine, insert(tables.outbox), OutboxRow._fields)
        self._write_retractions = BulkWrite(engine, insert(tables.retractions), RetractionRow._fields)

    def close(self) -> None:
        """Give the connections back."""
        if self._idle is not None:
            self._idle.close()
        self.engine.dispose()

    def _upsert(self, table: Table, keys: list[str] | None = None, also: Mapping[str, Any] | None = None) -> Any:
        dialect = {"sqlite": sqlite, "postgresql": postgresql}[self.engine.dialect.name]
        statement = cast("Any", dialect).insert(table)
        primary = [column.name for column in table.primary_key]
        keys = keys or primary
        kept = {*keys, *primary, *(also or {})}
        changed = {column.name: statement.excluded[column.name] for column in table.c if column.name not in kept}
        return statement.on_conflict_do_update(index_elements=keys, set_=changed | dict(also or {}))

    # -- reading ----------------------------------------------------------------------------------------------------

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        """Lend the one connection that reads; a broken one is given back, and the next reader gets a new one."""
        with sorted_errors():
            connection, self._idle = self._idle, None
            if connection is None:
                connection = self.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            try:
                yield connection
            except BaseException:
                connection.close()
                raise
            if self._idle is None:
                self._idle = connection
            else:
                connection.close()  # A reading inside a reading has given its own back.

    def seen(self, keys: Sequence[EventKey]) -> Mapping[EventKey, InboxRow]:
        """See `Store.seen`."""
        with self._reading() as reading:
            rows = [InboxRow(*row) for row in self._find_inbox(reading, keys)]
        return {EventKey(row.source, row.event_id): row for row in rows}

    def is_refused(self, digest: bytes) -> bool:
        """See `Store.is_refused`."""
        table = tables.dead_letters
        with self._reading() as reading:
            found = reading.execute(select(table.c.number).where(table.c.digest == digest, table.c.resubmitted == 0))
            return found.scalar_one_or_none() is not None

    def retractions_of(self, keys: Sequence[EventKey]) -> Iterable[RetractionRow]:
        """See `Store.retractions_of`."""
        with self._reading() as reading:
            return [RetractionRow(*row) for row in self._find_retracting(reading, keys)]

    def retraction(self, key: EventKey) -> RetractionRow | None:
        """See `Store.retraction`."""
        with self._reading() as reading:
            return next((RetractionRow(*row) for row in self._find_retraction(reading, [key])), None)

    def bookings(self, keys: Sequence[BookingKey]) -> Iterable[BookingRow]:
        """See `Store.bookings`."""
        with self._reading() as reading:
            return [BookingRow(*row) for row in self._find_bookings(reading, keys)]

    def deadlines(self, limit: int) -> Sequence[tuple[Instant, str, str]]:
        """See `Store.deadlines`."""
        table = tables.bookings
        statement = (
            select(table.c.next_at, table.c.source, table.c.number)
            .where(table.c.next_at.is_not(None))
            .order_by(table.c.next_at, table.c.source, table.c.number)
            .limit(limit)
        )
        with self._reading() as reading:
            return [(row.next_at, row.source, row.number) for row in reading.execute(statement)]

    def tree_size(self) -> int:
        """See `Store.tree_size`."""
        with self._reading() as reading:
            return reading.execute(select(tables.log_state.c.size)).scalar_one_or_none() or 0

    def tile(self, level: int, index: int, width: int, /) -> bytes:
        """See `Store.tile`: a full tile is stored; of one still growing, level 0 is read from the entries."""
        table, entries = tables.tiles, tables.entries
        with self._reading() as reading:
            stored = reading.execute(
                select(table.c.hashes).where(table.c.level == level, table.c.tile_index == index)
            ).scalar_one_or_none()
            if stored is not None:
                return cast("bytes", stored)
            if level > 0:
                # The nodes of a growing upper tile are the roots of the full tiles below it.
                return b"".join(self._tile_root(level - 1, index * TILE_WIDTH + at) for at in range(width))
            first = index * TILE_WIDTH
            rows = reading.execute(
                select(entries.c.leaf_hash)
                .where(entries.c.leaf_index >= first, entries.c.leaf_index < first + width)
                .order_by(entries.c.leaf_index)
            )
            return b"".join(row.leaf_hash for row in rows)

    def _tile_root(self, level: int, index: int) -> bytes:
        hashes = self.tile(level, index, TILE_WIDTH)
        return fold(split_hashes(hashes))

    # -- writing ----------------------------------------------------------------------------------------------------

    def commit(self, changes: Changes) -> None:
        """See `Store.commit`."""
        with sorted_errors(), self.engine.begin() as connection:
            self._claim_log(connection, changes)
            self._write_inbox(connection, changes.inbox)
            self._write_retractions(connection, changes.retractions)
            self._write_bookings(connection, changes.bookings)
            self._write_findings(connection, changes.findings)
            self._write_decisions(connection, changes.decisions)
            self._write_entries(connection, changes.entries)
            self._write_outbox(connection, changes.outbox)
            if changes.tiles:
                rows = [{"level": t.level, "tile_index": t.number, "hashes": t.hashes} for t in changes.tiles]
                connection.execute(insert(tables.tiles), rows)
            if changes.refused:
                connection.execute(self._keep_refused, [self._sealed(each) for each in changes.refused])
            if changes.resubmitted:
                letters = tables.dead_letters
                connection.execute(
                    update(letters).where(letters.c.number.in_(changes.resubmitted)).values(resubmitted=1)
                )
            if changes.sealed:
                seal_rows(connection, changes)
        if changes.sealed:
            scrub(self.engine)

    def _claim_log(self, connection: Connection, changes: Changes) -> None:
        """Compare and swap the log's size: whoever lost sight of the log must not extend it."""
        state = tables.log_state
        swapped = connection.execute(
            update(state).where(state.c.one == 1, state.c.size == changes.old_size).values(size=changes.new_size)
        )
        if swapped.rowcount != 1:
            raise LogConflictError(
                f"the audit log does not end at entry {changes.old_size}, where this process left it"
            )

    def _sealed(self, refused: Refused) -> dict[str, Any]:
        return {
            "place": refused.place,
            "reason": refused.reason.value,
            "message": refused.message,
            "digest": refused.digest,
            "sealed": self._vault.seal(refused.raw),
            "received_at": refused.at,
        }
