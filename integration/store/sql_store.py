"""The store on SQLAlchemy Core: the same statements for SQLite and PostgreSQL."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import cast

from sqlalchemy import Connection, Engine, select

from integration.audit.merkle import TILE_WIDTH, fold, split_hashes
from integration.domain.instants import NEVER, Instant
from integration.services.ports import (
    BookingKey,
    BookingRow,
    Changes,
    Claim,
    EventKey,
    InboxRow,
    RetractionRow,
)
from integration.store import tables
from integration.store.bulk import PairLookup
from integration.store.database import sorted_errors
from integration.store.positions import claim_position
from integration.store.sealing import scrub
from integration.store.vault import Vault
from integration.store.writing import Writer


class SqlStore:
    """Durable state in one database. Any number of processes may write; not to be shared between threads."""

    def __init__(self, engine: Engine, vault: Vault) -> None:
        """Args: ``engine`` from `database.open_engine`, migrated; ``vault`` encrypts refused inputs."""
        self.engine = engine
        self._idle: Connection | None = None
        self._find_inbox = PairLookup(engine, tables.inbox, ("source", "event_id"))
        self._find_retraction = PairLookup(engine, tables.retractions, ("source", "event_id"))
        self._find_retracting = PairLookup(engine, tables.retractions, ("source", "retracts"))
        self._find_bookings = PairLookup(engine, tables.bookings, ("source", "number"))
        self._write = Writer(engine, vault)

    def close(self) -> None:
        """Give the connections back."""
        if self._idle is not None:
            self._idle.close()
        self.engine.dispose()

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
        return self.deadlines_due(NEVER, limit)

    def deadlines_due(self, now: Instant, limit: int) -> Sequence[tuple[Instant, str, str]]:
        """See `Store.deadlines_due`."""
        table = tables.bookings
        statement = (
            select(table.c.next_at, table.c.source, table.c.number)
            .where(table.c.next_at.is_not(None), table.c.next_at <= now)
            .order_by(table.c.next_at, table.c.source, table.c.number)
            .limit(limit)
        )
        with self._reading() as reading:
            return [(row.next_at, row.source, row.number) for row in reading.execute(statement)]

    def tree_size(self) -> int:
        """See `Store.tree_size`."""
        with self._reading() as reading:
            return reading.execute(select(tables.log_state.c.size)).scalar_one_or_none() or 0

    def entry_kinds(self, first: int, last: int) -> set[str]:
        """See `Store.entry_kinds`."""
        table = tables.entries
        within = (table.c.leaf_index >= first) & (table.c.leaf_index < last)
        with self._reading() as reading:
            return set(reading.execute(select(table.c.kind).where(within)).scalars())

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
            self._write(connection, changes)
        if changes.sealed:
            scrub(self.engine)

    def claim(self, topic: str, partition: int, owner: str) -> Claim:
        """See `Store.claim`."""
        with sorted_errors(), self.engine.begin() as connection:
            return claim_position(connection, topic, partition, owner)
