"""Reading what is recorded: projections, the log, dead letters, the outbox. All in a fixed order."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Column, ColumnElement, Connection, Engine, Select, delete, exists, func, select

from integration.audit.merkle import Tile
from integration.domain.instants import Instant
from integration.errors import UsageError
from integration.services.ports import BookingRow, DecisionRow, EntryRow, FindingRow, OutboxRow, UnsequencedRow
from integration.services.verification import Kept
from integration.store import tables
from integration.store.database import sorted_errors
from integration.store.vault import Vault

_CHUNK = 5000
_AT_ONCE = 500
"""Places in the log that one statement asks for."""
_NO_HURRY = "SET LOCAL idle_in_transaction_session_timeout = 0"
"""For PostgreSQL: a transaction that only reads keeps nobody waiting, and whoever reads may take his time."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A refused input as kept."""

    number: int
    place: str
    reason: str
    message: str
    sealed: bytes
    received_at: Instant
    resubmitted: bool


class Acknowledged(NamedTuple):
    """Who has taken note of a finding about one moment."""

    by: str
    at: Instant


class StoredPosition(NamedTuple):
    """How far a partition is processed."""

    topic: str
    partition: int
    next_offset: int | None
    """The first offset that is not processed; None: none is."""
    epoch: int
    """How often it was claimed."""
    owner: str
    """Who claimed it last."""


def _dead_letter(row: Any) -> DeadLetter:
    return DeadLetter(
        row.number, row.place, row.reason, row.message, row.sealed, row.received_at, bool(row.resubmitted)
    )


class Records:
    """The read side of a store. Every method opens a connection of its own, so any thread or process may read."""

    def __init__(self, engine: Engine, *, moment: Connection | None = None) -> None:
        """Args: ``engine`` from `database.open_engine`; ``moment`` is for `snapshot`."""
        self._engine = engine
        self._moment = moment

    @contextmanager
    def snapshot(self) -> Iterator["Records"]:
        """Read everything as it was at one moment, while others go on writing. One thread."""
        with sorted_errors(), self._engine.connect() as connection:
            if connection.dialect.name == "sqlite":
                reading = connection.execution_options(isolation_level="AUTOCOMMIT")
                # Not IMMEDIATE: this one only reads, and must not keep the writer waiting.
                reading.exec_driver_sql("BEGIN")
            else:
                reading = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
                reading.exec_driver_sql(_NO_HURRY)
            try:
                yield Records(self._engine, moment=reading)
            finally:
                if connection.dialect.name == "sqlite":
                    reading.exec_driver_sql("ROLLBACK")

    def _stream(self, statement: Select[Any]) -> Iterator[Any]:
        if self._moment is not None:
            # Closed also where only the first row is asked for.
            with sorted_errors(), self._moment.execute(statement, execution_options={"yield_per": _CHUNK}) as rows:
                yield from rows
            return
        with sorted_errors(), self._engine.connect() as connection:
            if connection.dialect.name == "sqlite":
                # A transaction would take the write lock (see `open_engine`); PostgreSQL streams only inside one.
                connection.execution_options(isolation_level="AUTOCOMMIT")
            else:
                connection.exec_driver_sql(_NO_HURRY)
            with connection.execution_options(yield_per=_CHUNK).execute(statement) as rows:
                yield from rows

    def _all(self, statement: Select[Any]) -> Sequence[Any]:
        """Return a few rows at once: what is asked for many times a second needs no cursor."""
        with sorted_errors():
            if self._moment is not None:
                return self._moment.execute(statement).all()
            with self._engine.connect() as connection:
                return connection.execution_options(isolation_level="AUTOCOMMIT").execute(statement).all()

    def _by_bytes(self, *columns: Column[str]) -> list[ColumnElement[str]]:
        """Order text as SQLite and Python do, whatever language a server's database sorts by."""
        if self._engine.dialect.name == "postgresql":
            return [column.collate("C") for column in columns]
        return [*columns]

    def findings(self, *, status: str | None = None, booking: str | None = None) -> Iterator[FindingRow]:
        """Yield findings sorted by source, booking, rule, since (section 7), then id."""
        table = tables.findings
        statement = select(table).order_by(
            *self._by_bytes(table.c.source, table.c.booking, table.c.rule), table.c.since, table.c.finding_id
        )
        if status is not None:
            statement = statement.where(table.c.status == status)
        if booking is not None:
            statement = statement.where(table.c.booking == booking)
        return (FindingRow(*row) for row in self._stream(statement))

    def acknowledged(self) -> dict[str, Acknowledged]:
        """Return the findings about one moment that somebody has taken note of, by id: open until then (rule 9).

        One that was taken back and raised anew since is among them only once it was acknowledged anew.
        """
        members, alerts, findings = tables.alert_findings, tables.alerts, tables.findings
        again = members.alias()
        rings = exists().where(again.c.finding_id == members.c.finding_id, again.c.ended_at.is_(None))
        joined = members.join(alerts, alerts.c.alert_id == members.c.alert_id)
        joined = joined.join(findings, findings.c.finding_id == members.c.finding_id)
        chosen = select(members.c.finding_id, alerts.c.acked_by, members.c.ended_at).select_from(joined)
        settled = (members.c.state == "acknowledged", alerts.c.drill == 0, findings.c.status == "open", ~rings)
        rows = self._all(chosen.where(*settled).order_by(members.c.ended_at))
        return {row[0]: Acknowledged(row[1], row[2]) for row in rows}

    def booking(self, source: str, number: str) -> BookingRow | None:
        """Return the row that holds a booking's facts; of one that lives with another, that other's."""
        table = tables.bookings
        statement = select(table).where(table.c.source == source, table.c.number == number)
        row = next((BookingRow(*each) for each in self._all(statement)), None)
        return self.booking(source, row.home) if row is not None and row.home is not None else row

    def next_due(self, until: Instant, limit: int, sources: frozenset[str] | None = None) -> list[BookingRow]:
        """Return the bookings whose findings change by themselves until an instant, the soonest first.

        Args:
            until: the instant.
            limit: how many at the most.
            sources: of these feeds alone; None: of all.
        """
        table = tables.bookings
        statement = select(table).where(table.c.next_at <= until).order_by(table.c.next_at).limit(limit)
        if sources is not None:
            statement = statement.where(table.c.source.in_(sorted(sources)))
        return [BookingRow(*row) for row in self._all(statement)]

    def decisions(self) -> Iterator[DecisionRow]:
        """Yield the last decision on each request, sorted by source, kind of request and id."""
        table = tables.decisions
        statement = select(table).order_by(*self._by_bytes(table.c.source, table.c.request, table.c.request_id))
        return (DecisionRow(*row) for row in self._stream(statement))

    def entries(self, first: int = 0, last: int | None = None) -> Iterator[EntryRow]:
        """Yield log entries from ``first`` to before ``last``, in leaf order."""
        table = tables.entries
        statement = select(table).where(table.c.leaf_index >= first).order_by(table.c.leaf_index)
        if last is not None:
            statement = statement.where(table.c.leaf_index < last)
        return (EntryRow(*row) for row in self._stream(statement))

    def entries_of(self, booking: str) -> Iterator[EntryRow]:
        """Yield the log entries about one booking number, in leaf order."""
        table = tables.entries
        return (
            EntryRow(*row)
            for row in self._stream(select(table).where(table.c.booking == booking).order_by(table.c.leaf_index))
        )

    def entry(self, index: int) -> EntryRow | None:
        """Return one log entry."""
        return next(self.entries(index, index + 1), None)

    def entries_of_kinds(self, kinds: Collection[str]) -> Iterator[EntryRow]:
        """Yield the log entries of some kinds, in leaf order."""
        table = tables.entries
        statement = select(table).where(table.c.kind.in_(kinds)).order_by(table.c.leaf_index)
        return (EntryRow(*row) for row in self._stream(statement))

    def entries_at(self, indices: Sequence[int]) -> list[EntryRow]:
        """Return the log entries at some indices, in the order of these; those that are not there are left out."""
        table = tables.entries
        found: dict[int, EntryRow] = {}
        for first in range(0, len(indices), _AT_ONCE):
            chosen = table.c.leaf_index.in_(indices[first : first + _AT_ONCE])
            found |= {row.leaf_index: EntryRow(*row) for row in self._all(select(table).where(chosen))}
        return [found[index] for index in indices if index in found]

    def newest_of_kinds(self, kinds: Collection[str], limit: int) -> list[EntryRow]:
        """Return the last ``limit`` log entries of some kinds, newest first."""
        table = tables.entries
        chosen = select(table).where(table.c.kind.in_(kinds)).order_by(table.c.leaf_index.desc()).limit(limit)
        return [EntryRow(*row) for row in self._all(chosen)]

    def counts_by_kind(self, kinds: Collection[str], since: Instant, until: Instant) -> dict[tuple[str, str], int]:
        """Return how many log entries of some kinds, by kind and outcome, tell of a time from one instant to another.

        By the index on kind and place: the one on time would read every entry of the time, whatever its kind.
        """
        table = tables.entries
        begun = self._all(select(table.c.at).where(table.c.leaf_index == 0))
        first = 0
        if begun and begun[0][0] < since:
            first = self._all(select(func.coalesce(func.min(table.c.leaf_index), 0)).where(table.c.at >= since))[0][0]
        chosen = (table.c.kind.in_(kinds), table.c.leaf_index >= first, table.c.at + 0 >= since, table.c.at + 0 < until)
        statement = select(table.c.kind, table.c.outcome, func.count()).where(*chosen)
        rows = self._all(statement.group_by(table.c.kind, table.c.outcome))
        return {(kind, outcome): count for kind, outcome, count in rows}

    def last_entries(
        self, before: int, limit: int, *, booking: str | None, kind: str | None, source: str | None = None
    ) -> list[EntryRow]:
        """Return the last ``limit`` entries before an index, in leaf order; of a booking, kind or feed, if given."""
        table = tables.entries
        statement = select(table).where(table.c.leaf_index < before).order_by(table.c.leaf_index.desc()).limit(limit)
        if booking is not None:
            statement = statement.where(table.c.booking == booking)
        if kind is not None:
            statement = statement.where(table.c.kind == kind)
        if source is not None:
            statement = statement.where(table.c.source == source)
        return [EntryRow(*row) for row in self._stream(statement)][::-1]

    def sealed_leaves(self) -> dict[int, bytes]:
        """Return the leaf data of sealed entries, by leaf index."""
        return {row.leaf_index: row.leaf for row in self._stream(select(tables.sealed_leaves))}

    def tiles(self) -> Iterator[Tile]:
        """Yield every stored tile, lowest level first."""
        table = tables.tiles
        return (Tile(*row) for row in self._stream(select(table).order_by(table.c.level, table.c.tile_index)))

    def kept(self) -> Kept:
        """Return all that is to be verified; meant for a `snapshot`."""
        return Kept(
            self.log_size(),
            self.entries(),
            self.sealed_leaves(),
            self.tiles(),
            self.findings(),
            self.decisions(),
            self.unsequenced(),
        )

    def unsequenced(self) -> Iterator[UnsequencedRow]:
        """Yield the entries that wait for their place in the log, in their order."""
        table = tables.unsequenced
        return (UnsequencedRow(*row[1:]) for row in self._stream(select(table).order_by(table.c.number)))

    def unsequenced_count(self) -> int:
        """Return how many entries wait for their place in the log."""
        counted = select(func.count().label("waiting")).select_from(tables.unsequenced)
        return next((int(row.waiting) for row in self._all(counted)), 0)

    def positions(self) -> list[StoredPosition]:
        """Return how far each partition is processed."""
        table = tables.positions
        return [StoredPosition(*row) for row in self._stream(select(table).order_by(table.c.topic, table.c.partition))]

    def log_size(self) -> int:
        """Return the number of entries that the log says it has."""
        return next((row.size for row in self._stream(select(tables.log_state.c.size))), 0)

    def dead_letter(self, number: int) -> DeadLetter:
        """Return one refused input as kept.

        Raises:
            UsageError: there is no such dead letter.
        """
        statement = select(tables.dead_letters).where(tables.dead_letters.c.number == number)
        row = next(self._stream(statement), None)
        if row is None:
            raise UsageError(f"there is no dead letter {number}; `holdwatch deadletters list` shows them")
        return _dead_letter(row)

    def dead_letters(self, *, waiting_only: bool = False) -> Iterator[DeadLetter]:
        """Yield refused inputs in the order in which they came."""
        table = tables.dead_letters
        statement = select(table).order_by(table.c.number)
        if waiting_only:
            statement = statement.where(table.c.resubmitted == 0)
        for row in self._stream(statement):
            yield _dead_letter(row)

    def raw_of(self, number: int, vault: Vault) -> bytes:
        """Return a refused input as it was received.

        Raises:
            UsageError: there is no such dead letter.
            FatalError: the vault's key is not the one it was sealed with.
        """
        return vault.open_sealed(self.dead_letter(number).sealed)

    def outbox(self, limit: int) -> list[tuple[int, OutboxRow]]:
        """Return the oldest rows still to be told, of those whose entries have their place in the log."""
        table, leaf = tables.outbox, tables.unsequenced.c.leaf_hash
        # A key ends with the leaf hash of the entry that it stands for.
        hashed = func.encode(leaf, "hex") if self._engine.dialect.name == "postgresql" else func.lower(func.hex(leaf))
        entry = func.substr(table.c.key, func.length(table.c.topic) + 2)
        statement = select(table).where(entry.not_in(select(hashed))).order_by(table.c.number).limit(limit)
        return [
            (row.number, OutboxRow(row.key, row.topic, row.created_at, row.payload)) for row in self._all(statement)
        ]

    def told(self, numbers: Sequence[int]) -> None:
        """Take exactly these rows off the outbox: they have been told."""
        with sorted_errors(), self._engine.begin() as connection:
            connection.execute(delete(tables.outbox).where(tables.outbox.c.number.in_(numbers)))

    def counts(self) -> dict[str, int]:
        """Count events, bookings, waiting dead letters and entries."""
        letters = tables.dead_letters
        with sorted_errors(), self._engine.connect() as connection:
            reading = connection.execution_options(isolation_level="AUTOCOMMIT")

            def count(statement: Select[Any]) -> int:
                return int(reading.execute(statement).scalar_one())

            return {
                "events": count(select(func.count()).select_from(tables.inbox)),
                "bookings": count(select(func.count()).select_from(tables.bookings)),
                "dead_letters": count(select(func.count()).select_from(letters).where(letters.c.resubmitted == 0)),
                "entries": count(select(func.count()).select_from(tables.entries)),
                "unsequenced": count(select(func.count()).select_from(tables.unsequenced)),
            }
