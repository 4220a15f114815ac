"""The SQL connector at work: pages of what has changed, each with its position in one transaction; or the whole list.

A commit in the jail's database may become visible after one with a later time. So each look begins a little before the
last position. Rows that were read already are known by their content and cost nothing; after a restart they are read
again, and their events are duplicates.
"""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final

import structlog

from connectors.jms_sql.config import SqlSource
from connectors.jms_sql.database import Found, Table
from connectors.jms_sql.positions import Position, SourceError, position_of, read_position
from connectors.mapping.apply import Mapper
from connectors.mapping.coverage import columns_of
from connectors.mapping.rows import Row, inputs_of, kept
from integration.runners.connect.dumps import Dumps
from integration.runners.connect.taker import Taker
from integration.services.intake import Input

_log = structlog.get_logger()
_REMEMBERED: Final = 200_000
"""Rows whose content is known again without being mapped."""
_SHOWN: Final = 12


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
        self._known: dict[bytes, None] = {}

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
        since = (
            None if position is None else position.before(seconds=settings.overlap_seconds, rows=settings.overlap_rows)
        )
        after: Sequence[Any] | None = None
        while not self._taker.stopping.is_set():
            found = await asyncio.to_thread(self._table.page, since, after)
            if not found:
                return
            self._check(found)
            last = self._place(found[-1])
            reached = position_of(last[0], settings.position or "")
            fresh = {mark: row for row in found if (mark := sha256(kept(row)).digest()) not in self._known}
            inputs = [each for row in fresh.values() for each in self._inputs(row)]
            moved = position is None or reached.at > position.at  # type: ignore[operator]
            if inputs or moved:
                position, version = await self._take(inputs, reached if moved else position, version)
            self._remember(fresh)  # only now: what failed on its way in has to be looked at again
            after = last
            if len(found) < settings.batch_rows:
                return

    async def _take(
        self, inputs: Sequence[Input], position: Position | None, version: int
    ) -> tuple[Position | None, int]:
        assert position is not None
        at = self._taker.ports.clock.now()
        also = [self._store.write_position(self.name, position.written(), version, at)]
        tally = await self._taker.patiently(inputs, also)
        if tally.accepted or tally.refused:
            _log.info("rows.read", source=self.name, accepted=tally.accepted, refused=tally.refused)
        return position, version + 1

    def _inputs(self, row: Found) -> list[Input]:
        key = sha256(repr(self._place(row)[1:]).encode()).hexdigest()[:_SHOWN]
        return list(inputs_of(f"{self.name}:{key}", Row("", row), self._mapper, observed=None))

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
