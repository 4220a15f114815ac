"""The SQL connector at work: pages of what has changed, each with its position in one transaction; or the whole list.

A commit in the jail's database may become visible after one with a later time. So each look begins a little before the
last position. Rows that were read already are known by their content and cost nothing; after a restart they are read
again, and their events are duplicates. A position that lies in the future is not gone on from: it is told, as are rows
that have none.
"""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final
from zoneinfo import ZoneInfo

import structlog

from connectors.jms_sql.config import SqlSource
from connectors.jms_sql.database import Found, Table
from connectors.jms_sql.positions import Position, SourceError, is_beyond, position_of, read_position
from connectors.mapping.apply import Mapper
from connectors.mapping.coverage import columns_of
from connectors.mapping.rows import Row, inputs_of, kept
from integration.domain.instants import SECOND, Instant
from integration.runners.connect.dumps import Dumps
from integration.runners.connect.memory import Memory
from integration.runners.connect.taker import Taker
from integration.services.intake import Input
from integration.services.ports import Write
from integration.services.roster import Difference, DifferenceKind

_log = structlog.get_logger()
_REMEMBERED: Final = 200_000
"""Rows whose content is known again without being mapped."""
_SHOWN: Final = 12
_COUNT_EVERY: Final = timedelta(minutes=10)
"""Between two counts of the rows that have no position: the database may have to go through all of them."""


class SqlFeed:
    """One query."""

    def __init__(self, settings: SqlSource, mapper: Mapper, taker: Taker, table: Table, dumps: Dumps) -> None:
        """Args: ``dumps`` compares whole lists."""
        self.name = settings.name
        self._settings = settings
        self._mapper = mapper
        self._taker = taker
        self._table = table
        self._dumps = dumps
        self._store = taker.ports.sources
        self._memory = Memory(settings.name, mapper, self._store)
        self._known: dict[bytes, None] = {}
        self._counted_at: datetime | None = None
        self._unplaced = 0
        self._told: dict[DifferenceKind, int] = {}

    async def run(self) -> None:
        """Look again and again until the process stops.

        Raises:
            SourceError: the database cannot be read.
            StoppedError, FatalError: see `Taker`.
        """
        while not self._taker.stopping.is_set():
            if self._settings.mode == "snapshot":
                await self._whole()
            else:
                await self._changes()
            await self._taker.sleep(self._settings.every_seconds)

    def close(self) -> None:
        """Close connections to the jail's database."""
        self._table.close()

    async def _whole(self) -> None:
        observed = datetime.now(UTC)
        found = await asyncio.to_thread(self._table.everything)
        self._check(found)
        await self._dumps.take_rows(self.name, [Row("", each) for each in found], observed)

    async def _changes(self) -> None:
        settings = self._settings
        text, version = await self._taker.again(lambda: self._store.position(self.name))
        position = read_position(text)
        if position is not None and self._is_ahead(position):
            # What came after it was passed over: all is read again, and what is known is a duplicate.
            position = None
        since = (
            None if position is None else position.before(seconds=settings.overlap_seconds, rows=settings.overlap_rows)
        )
        after: Sequence[Any] | None = None
        ahead = 0
        while not self._taker.stopping.is_set():
            found = await asyncio.to_thread(self._table.page, since, after)
            if not found:
                break
            self._check(found)
            values = [self._place(row)[0] for row in found]
            # A position without end is ahead for ever: its row is read, and nothing is put behind it.
            places = [None if is_beyond(each) else position_of(each, settings.position or "") for each in values]
            past = [each for each in places if each is not None and not self._is_ahead(each)]
            ahead += len(places) - len(past)
            reached = past[-1] if past else position
            fresh = {mark: row for row in found if (mark := sha256(kept(row)).digest()) not in self._known}
            moved = reached is not None and (position is None or reached.at > position.at)  # type: ignore[operator]
            if fresh or moved:
                position, version = await self._take(list(fresh.values()), reached if moved else position, version)
            self._remember(fresh)  # only now: what failed on its way in has to be looked at again
            after = self._place(found[-1])
            if len(found) < settings.batch_rows:
                break
        await self._tell(ahead)

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._taker.ports.clock.now() / SECOND, UTC)

    def _is_ahead(self, position: Position) -> bool:
        zone = ZoneInfo(self._mapper.mapping.zone)
        return position.is_ahead(self._now(), zone, seconds=self._settings.overlap_seconds)

    async def _tell(self, ahead: int) -> None:
        """Tell of rows that positions do not put in their order: nobody else would notice."""
        now = self._now()
        if self._counted_at is None or now - self._counted_at >= _COUNT_EVERY:
            self._unplaced = await asyncio.to_thread(self._table.unplaced)
            self._counted_at = now
        counts = {DifferenceKind.AHEAD: ahead, DifferenceKind.UNPLACED: self._unplaced}
        told = {kind: count for kind, count in counts.items() if count}
        if told != self._told:
            _log.error("rows.out_of_order", source=self.name, ahead=ahead, without_position=self._unplaced)
        self._told = told
        source, differences = self._mapper.mapping.source, [Difference(kind, "") for kind in told]
        await self._taker.again(lambda: self._taker.ports.roster.tell(self.name, source, differences))

    async def _take(
        self, rows: Sequence[Found], position: Position | None, version: int
    ) -> tuple[Position | None, int]:
        at = self._taker.ports.clock.now()
        inputs, also = await self._taker.again(lambda: self._read(rows, at))
        if position is not None:
            also.append(self._store.write_position(self.name, position.written(), version, at))
            version += 1
        if inputs or also:
            tally = await self._taker.patiently(inputs, also)
            if tally.accepted or tally.refused:
                _log.info("rows.read", source=self.name, accepted=tally.accepted, refused=tally.refused)
        return position, version

    def _read(self, rows: Sequence[Found], now: Instant) -> tuple[list[Input], list[Write]]:
        """Map rows, with what they gave before where that can be known."""
        if self._mapper.mapping.keeps_rows:
            found = self._memory.read([(Row("", row), None) for row in rows], now)
            return found.inputs, [self._store.write_rows(found.rows)] if found.rows else []
        inputs: list[Input] = []
        for row in rows:
            key = sha256(repr(self._place(row)[1:]).encode()).hexdigest()[:_SHOWN]
            inputs += inputs_of(f"{self.name}:{key}", Row("", row), self._mapper, observed=None)
        return inputs, []

    def _remember(self, marks: Iterable[bytes]) -> None:
        self._known |= dict.fromkeys(marks)
        while len(self._known) > _REMEMBERED:
            del self._known[next(iter(self._known))]

    def _place(self, row: Found) -> list[Any]:
        settings = self._settings
        try:
            return [row[name] for name in (settings.position or "", *settings.key)]
        except KeyError as error:
            raise SourceError(f"{self.name}: the query has no column {error.args[0]}") from None

    def _check(self, found: Sequence[Found]) -> None:
        if found and (missing := [name for name in columns_of(self._mapper.mapping) if name not in found[0]]):
            # These names are the mapping's own.
            _log.error("columns.missing", source=self.name, columns=missing[:10])
            raise SourceError(f"{self.name}: the query lacks {', '.join(missing[:10])}")
