"""Writing what a batch changes: the statements of the one transaction, in the order that many workers need."""

from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, exists, insert, select, update
from sqlalchemy.exc import IntegrityError

from integration.domain.instants import Instant
from integration.errors import LogConflictError, StaleReadError
from integration.services.ports import (
    BookingRow,
    Changes,
    DecisionRow,
    EntryRow,
    FindingRow,
    InboxRow,
    OutboxRow,
    RetractionRow,
    UnsequencedRow,
)
from integration.store import tables
from integration.store.beside import ReadAgain
from integration.store.bulk import BulkWrite
from integration.store.positions import move_positions
from integration.store.sealing import seal_rows
from integration.store.vault import Vault


class _LetterRow(NamedTuple):
    place: str
    reason: str
    message: str
    digest: bytes
    sealed: bytes
    received_at: Instant


class Writer:
    """The statements that write, made once for a database."""

    def __init__(self, engine: Engine, vault: Vault) -> None:
        """Args: ``vault`` encrypts refused inputs."""
        self._vault = vault
        self._inbox = BulkWrite(engine, tables.inbox, InboxRow._fields)
        self._retractions = BulkWrite(engine, tables.retractions, RetractionRow._fields)
        self._bookings = BulkWrite(
            engine, tables.bookings, BookingRow._fields, keys=("source", "number"), versioned=True
        )
        self._findings = BulkWrite(engine, tables.findings, FindingRow._fields, keys=("finding_id",))
        self._decisions = BulkWrite(
            engine, tables.decisions, DecisionRow._fields, keys=("source", "request", "request_id")
        )
        # The same input at the same place again, after it was taken up once: it waits again.
        self._letters = BulkWrite(
            engine, tables.dead_letters, _LetterRow._fields, keys=("digest",), also={"resubmitted": "0"}
        )
        self._entries = BulkWrite(engine, tables.entries, EntryRow._fields)
        self._unsequenced = BulkWrite(engine, tables.unsequenced, UnsequencedRow._fields)
        self._outbox = BulkWrite(engine, tables.outbox, OutboxRow._fields)
        self._read_again = ReadAgain(engine)

    def __call__(self, connection: Connection, changes: Changes) -> None:
        """Write everything inside the connection's transaction.

        Raises:
            LogConflictError: see `Store.commit`; also the others.
        """
        letters = [self._letter(each) for each in changes.refused]  # Encrypted before anything is locked.
        if changes.beside is None:
            _claim_log(connection, changes)
        move_positions(connection, changes.positions)
        self._write_inbox(connection, changes)
        self._retractions(connection, changes.retractions)
        if self._bookings(connection, changes.bookings) != len(changes.bookings):
            raise StaleReadError("a booking was changed by another process since it was read")
        self._findings(connection, changes.findings)
        self._decisions(connection, changes.decisions)
        self._letters(connection, letters)
        if changes.resubmitted:
            table = tables.dead_letters
            connection.execute(update(table).where(table.c.number.in_(changes.resubmitted)).values(resubmitted=1))
        self._entries(connection, changes.entries)
        write_tiles(connection, changes.tiles)
        self._outbox(connection, changes.outbox)
        for write in changes.also:
            write(connection)
        if changes.sealed:
            seal_rows(connection, changes)
        if changes.beside is not None:
            # Numbered only now, when every row that is written twice is held: of two batches that tell of one
            # finding, the later has the higher numbers, and the log's last word is the projection's.
            self._unsequenced(connection, changes.beside.entries)
            self._read_again(connection, changes)

    def _write_inbox(self, connection: Connection, changes: Changes) -> None:
        if changes.beside is None:
            self._inbox(connection, changes.inbox)
            return
        try:
            # In order: two workers with the same events wait for each other and do not lock each other out.
            self._inbox(connection, sorted(changes.inbox))
        except IntegrityError as error:
            raise StaleReadError("another process has taken in an event of this batch") from error

    def _letter(self, refused: Any) -> _LetterRow:
        sealed = self._vault.seal(refused.raw)
        return _LetterRow(refused.place, refused.reason.value, refused.message, refused.digest, sealed, refused.at)


def write_tiles(connection: Connection, tiles: Any) -> None:
    """Write tiles that have become full."""
    if tiles:
        rows = [{"level": tile.level, "tile_index": tile.number, "hashes": tile.hashes} for tile in tiles]
        connection.execute(insert(tables.tiles), rows)


def _claim_log(connection: Connection, changes: Changes) -> None:
    """Compare and swap the log's size: whoever lost sight of the log must not extend it."""
    state, told = tables.log_state, update(tables.log_state)
    told = told.where(state.c.one == 1, state.c.size == changes.old_size)
    if changes.bookings:
        # An entry that waits may be about the same booking, and happened before.
        told = told.where(~exists(select(tables.unsequenced.c.number)))
    if connection.execute(told.values(size=changes.new_size)).rowcount != 1:
        raise LogConflictError(
            f"the audit log does not end at entry {changes.old_size}, where this process left it, "
            "or entries of workers wait for their place in it"
        )
