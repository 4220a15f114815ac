"""The database as the sequencer sees it: one lock, what waits, and the log's end."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import orjson
from sqlalchemy import Connection, select, update

from integration.audit.merkle import Tile
from integration.errors import LogConflictError, TransientError
from integration.services.ports import EntryRow
from integration.services.sequencer import Waiting
from integration.store import tables
from integration.store.database import sorted_errors
from integration.store.sql_store import SqlStore
from integration.store.writing import write_tiles

_TRY_LOCK: Final = f"SELECT pg_try_advisory_lock({0x686F6C6477617463})"
"""Of one database: "holdwatc"."""
_SILENCE: Final = "10s"
"""After which PostgreSQL ends the connection of a sequencer that has stopped without dying: its lock goes with it."""


class SqlSequencing:
    """Extends a log on one connection of its own. On PostgreSQL that connection holds the lock; one thread."""

    def __init__(self, store: SqlStore) -> None:
        """Args: ``store`` has the log."""
        self._store = store
        self._connection: Connection | None = None
        self._held = False
        quote = store.engine.dialect.identifier_preparer.quote
        columns = ", ".join(map(quote, EntryRow._fields[1:]))
        self._postgresql = store.engine.dialect.name == "postgresql"
        chosen = "= ANY(%b::bigint[])" if self._postgresql else "IN (SELECT value FROM json_each(?))"
        mark = "%s" if self._postgresql else "?"
        self._move = (
            f"INSERT INTO entries (leaf_index, {columns}) "  # noqa: S608  names come from our own tables
            f"SELECT {mark} + row_number() OVER (ORDER BY number) - 1, {columns} FROM unsequenced WHERE number {chosen}"
        )
        self._drop = f"DELETE FROM unsequenced WHERE number {chosen}"  # noqa: S608

    def tree_size(self) -> int:
        """See `Store.tree_size`."""
        return self._store.tree_size()

    def tile(self, level: int, index: int, width: int, /) -> bytes:
        """See `Store.tile`."""
        return self._store.tile(level, index, width)

    def hold(self) -> bool:
        """See `Sequencing.hold`. SQLite has no such lock; compare-and-swap alone keeps two from extending the log."""
        if self._connection is None:
            with sorted_errors():
                self._connection = self._store.engine.connect()
        if not self._postgresql:
            self._held = True
            return True
        with self._transaction() as connection:
            if self._held:
                connection.exec_driver_sql("SELECT 1")
            else:
                connection.exec_driver_sql(f"SET idle_session_timeout = '{_SILENCE}'")
                self._held = bool(connection.exec_driver_sql(_TRY_LOCK).scalar_one())
        return self._held

    def release(self) -> None:
        """See `Sequencing.release`."""
        self._held = False
        if self._connection is not None:
            # Ended, not given back: the next user of a pooled connection would hold the lock without knowing.
            connection, self._connection = self._connection, None
            with sorted_errors():
                connection.invalidate()
                connection.close()

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        """Begin on the connection that holds the lock, or will: without it, nothing is done."""
        assert self._connection is not None
        try:
            with sorted_errors(), self._connection.begin():
                yield self._connection
        except BaseException:
            if self._connection.invalidated:
                self.release()
            raise

    @contextmanager
    def _holding(self) -> Iterator[Connection]:
        if not self._held:
            raise TransientError("this process does not hold the right to extend the log")
        with self._transaction() as connection:
            yield connection

    def waiting(self, limit: int) -> Sequence[Waiting]:
        """See `Sequencing.waiting`."""
        table = tables.unsequenced
        with self._holding() as connection:
            rows = connection.execute(select(table.c.number, table.c.leaf_hash).order_by(table.c.number).limit(limit))
            return [Waiting(row.number, row.leaf_hash) for row in rows]

    def sequence(self, taken: Sequence[Waiting], tiles: Sequence[Tile], old_size: int) -> None:
        """See `Sequencing.sequence`."""
        numbers = [each.number for each in taken]
        chosen = numbers if self._postgresql else orjson.dumps(numbers).decode()
        state = tables.log_state
        with self._holding() as connection:
            swapped = connection.execute(
                update(state).where(state.c.one == 1, state.c.size == old_size).values(size=old_size + len(taken))
            ).rowcount
            if swapped != 1:
                raise LogConflictError(f"the audit log does not end at entry {old_size}, where this process left it")
            moved = connection.exec_driver_sql(self._move, (old_size, chosen)).rowcount
            dropped = connection.exec_driver_sql(self._drop, (chosen,)).rowcount
            if not moved == dropped == len(taken):
                raise LogConflictError(f"{len(taken)} entries were to get their place in the log, {moved} were there")
            write_tiles(connection, tiles)
