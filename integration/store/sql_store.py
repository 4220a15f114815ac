"""The store on SQLAlchemy Core: the same statements for SQLite and PostgreSQL."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Connection, Engine, Table, insert, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite

from integration.audit.merkle import TILE_WIDTH, fold, split_hashes
from integration.domain.instants import Instant
from integration.errors import LogConflictError
from integration.services.ports import BookingKey, BookingRow, Changes, EventKey, InboxRow, RetractionRow
from integration.services.refused import Refused
from integration.store import tables
from integration.store.database import sorted_errors
from integration.store.vault import Vault

_AT_ONCE = 5000
"""Keys in one query: both databases allow more parameters than that needs."""


class SqlStore:
    """Durable state in one database. One writer; not to be shared between threads."""

    def __init__(self, engine: Engine, vault: Vault) -> None:
        """Args: ``engine`` from `database.open_engine`, migrated; ``vault`` encrypts refused inputs."""
        self.engine = engine
        self._vault = vault
        with sorted_errors():
            self._reading = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        self._upsert_bookings = self._upsert(tables.bookings)
        self._upsert_findings = self._upsert(tables.findings)
        self._upsert_decisions = self._upsert(tables.decisions)

    def close(self) -> None:
        """Give the connections back."""
        self._reading.close()
        self.engine.dispose()

    def _upsert(self, table: Table) -> Any:
        dialect = {"sqlite": sqlite, "postgresql": postgresql}[self.engine.dialect.name]
        statement = cast("Any", dialect).insert(table)
        keys = [column.name for column in table.primary_key]
        changed = {column.name: statement.excluded[column.name] for column in table.c if column.name not in keys}
        return statement.on_conflict_do_update(index_elements=keys, set_=changed)

    # -- reading ----------------------------------------------------------------------------------------------------

    def seen(self, keys: Sequence[EventKey]) -> Mapping[EventKey, InboxRow]:
        """See `Store.seen`."""
        rows = self._by_pairs(tables.inbox, ("source", "event_id"), keys)
        return {EventKey(row.source, row.event_id): InboxRow(*row) for row in rows}

    def retractions_of(self, keys: Sequence[EventKey]) -> Iterable[RetractionRow]:
        """See `Store.retractions_of`."""
        return [RetractionRow(*row) for row in self._by_pairs(tables.retractions, ("source", "retracts"), keys)]

    def retraction(self, key: EventKey) -> RetractionRow | None:
        """See `Store.retraction`."""
        rows = self._by_pairs(tables.retractions, ("source", "event_id"), [key])
        return RetractionRow(*rows[0]) if rows else None

    def bookings(self, keys: Sequence[BookingKey]) -> Iterable[BookingRow]:
        """See `Store.bookings`."""
        return [BookingRow(*row) for row in self._by_pairs(tables.bookings, ("source", "number"), keys)]

    def _by_pairs(self, table: Table, names: tuple[str, str], keys: Sequence[tuple[str, str]]) -> list[Any]:
        found: list[Any] = []
        pair = tuple_(table.c[names[0]], table.c[names[1]])
        with sorted_errors():
            for at in range(0, len(keys), _AT_ONCE):
                statement = select(table).where(pair.in_([tuple(key) for key in keys[at : at + _AT_ONCE]]))
                found += self._reading.execute(statement).all()
        return found

    def deadlines(self, limit: int) -> Sequence[tuple[Instant, str, str]]:
        """See `Store.deadlines`."""
        table = tables.bookings
        statement = (
            select(table.c.next_at, table.c.source, table.c.number)
            .where(table.c.next_at.is_not(None))
            .order_by(table.c.next_at, table.c.source, table.c.number)
            .limit(limit)
        )
        with sorted_errors():
            return [(row.next_at, row.source, row.number) for row in self._reading.execute(statement)]

    def tree_size(self) -> int:
        """See `Store.tree_size`."""
        with sorted_errors():
            return self._reading.execute(select(tables.log_state.c.size)).scalar_one_or_none() or 0

    def tile(self, level: int, index: int, width: int, /) -> bytes:
        """See `Store.tile`: a full tile is stored; of one still growing, level 0 is read from the entries."""
        table, entries = tables.tiles, tables.entries
        with sorted_errors():
            stored = self._reading.execute(
                select(table.c.hashes).where(table.c.level == level, table.c.tile_index == index)
            ).scalar_one_or_none()
            if stored is not None:
                return cast("bytes", stored)
            if level > 0:
                # The nodes of a growing upper tile are the roots of the full tiles below it.
                return b"".join(self._tile_root(level - 1, index * TILE_WIDTH + at) for at in range(width))
            first = index * TILE_WIDTH
            rows = self._reading.execute(
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
            _insert(connection, tables.inbox, changes.inbox)
            _insert(connection, tables.retractions, changes.retractions)
            _execute(connection, self._upsert_bookings, changes.bookings)
            _execute(connection, self._upsert_findings, changes.findings)
            _execute(connection, self._upsert_decisions, changes.decisions)
            _insert(connection, tables.entries, changes.entries)
            _insert(connection, tables.outbox, changes.outbox)
            if changes.tiles:
                rows = [{"level": t.level, "tile_index": t.number, "hashes": t.hashes} for t in changes.tiles]
                connection.execute(insert(tables.tiles), rows)
            if changes.refused:
                connection.execute(insert(tables.dead_letters), [self._sealed(each) for each in changes.refused])
            if changes.resubmitted:
                letters = tables.dead_letters
                connection.execute(
                    update(letters).where(letters.c.number.in_(changes.resubmitted)).values(resubmitted=1)
                )

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
            "sealed": self._vault.seal(refused.raw),
            "received_at": refused.at,
        }


def _insert(connection: Connection, table: Table, rows: Sequence[Any]) -> None:
    _execute(connection, insert(table), rows)


def _execute(connection: Connection, statement: Any, rows: Sequence[Any]) -> None:
    if rows:
        connection.execute(statement, [row._asdict() for row in rows])
