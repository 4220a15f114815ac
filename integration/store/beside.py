"""Looking again, at the end of a transaction, at what a batch had found or not found before it began.

A retraction and the event it speaks of may be taken in by two workers at the same time. Neither sees the other's rows,
and no row is written by both, so no database would notice. Therefore each looks again under a lock.
"""

from collections.abc import Iterable
from hashlib import sha256

from sqlalchemy import Connection, Engine

from integration.errors import StaleReadError
from integration.services.ports import Changes
from integration.store import tables
from integration.store.bulk import PairLookup

# The lock is kept to the end of the transaction. A batch that looked for an event and did not find it has it alone;
# the others, which take events in, have it together. So the second of two that matter to each other looks after the
# first has ended. Taken last, when nothing else is waited for any more, and in one order: nobody is locked out.
_LOCK = (
    "SELECT CASE WHEN alone THEN pg_advisory_xact_lock(key)::text ELSE pg_advisory_xact_lock_shared(key)::text END "
    "FROM unnest(%b::bigint[], %b::boolean[]) AS wanted(key, alone)"
)


class ReadAgain:
    """Checks that nobody retracted or took in meanwhile what matters to a batch."""

    def __init__(self, engine: Engine) -> None:
        """Make the statements."""
        self._locks = engine.dialect.name == "postgresql"  # SQLite lets one transaction write at a time.
        self._find_inbox = PairLookup(engine, tables.inbox, ("source", "event_id"))
        self._find_retracting = PairLookup(engine, tables.retractions, ("source", "retracts"))

    def __call__(self, connection: Connection, changes: Changes) -> None:
        """Look again. The batch's own rows MUST be written already.

        Raises:
            StaleReadError: something has changed.
        """
        beside = changes.beside
        if beside is None or not (beside.targets or beside.absent):
            return
        if self._locks:
            alone = {key.source for key in beside.absent}
            _lock(connection, {key.source for key in beside.targets} - alone, alone)
        if next(self._find_inbox(connection, beside.absent), None) is not None:
            raise StaleReadError("an event that a retraction waits for was taken in by another process")
        if sum(1 for _ in self._find_retracting(connection, beside.targets)) != beside.retractions:
            raise StaleReadError("an event of this batch was retracted by another process")


def _lock(connection: Connection, together: Iterable[str], alone: Iterable[str]) -> None:
    wanted = {_key(source): False for source in together} | {_key(source): True for source in alone}
    keys = sorted(wanted)
    connection.exec_driver_sql(_LOCK, (keys, [wanted[key] for key in keys])).fetchall()


def _key(source: str) -> int:
    """Return the number of a source's lock. Two sources with one number only wait for each other."""
    return int.from_bytes(sha256(b"holdwatch/retractions\n" + source.encode()).digest()[:8], "big", signed=True)
