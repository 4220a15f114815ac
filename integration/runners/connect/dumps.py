"""One dump: its rows become events, its changes are told from the last dump, what is missing is told as a difference.

Rows are remembered without what they said: a hash for the row, its booking, a hash of what each rule on a change
watches. They are written in the transaction that takes their events in, so that a process that dies in the middle
goes on at the row where it stopped.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import orjson
import structlog

from connectors.mapping.apply import Mapper, digest, stale
from connectors.mapping.files import file_rows
from connectors.mapping.history import changed_since
from connectors.mapping.rows import Row, inputs_of
from integration.runners.connect.taker import Taker
from integration.services.intake import Input, Tally
from integration.services.roster import Listed, RosterRow
from integration.services.roster_desk import RosterDesk
from schemas.refusals import InvalidEventError, Reason

_log = structlog.get_logger()
_AT_ONCE: Final = 100
"""Rows between two looks at what else has come."""
_SHOWN: Final = 12
"""Digits of a row's hash in a place."""


@dataclass(slots=True)
class _Batch:
    inputs: list[Input] = field(default_factory=list)
    rows: list[RosterRow] = field(default_factory=list)


@dataclass(slots=True)
class _Dump:
    """What is found out while a dump is read."""

    listed: dict[str, RosterRow] = field(default_factory=dict)
    unreadable: int = 0


class Dumps:
    """Reads the dumps of one connector, one after the other."""

    def __init__(self, name: str, mapper: Mapper, taker: Taker, roster: RosterDesk) -> None:
        """Args: ``roster`` compares; ``taker`` takes in."""
        self._name = name
        self._mapper = mapper
        self._mapping = mapper.mapping
        self._taker = taker
        self._roster = roster
        self._store = taker.ports.sources

    async def take(self, place: str, raw: bytes, observed: datetime) -> Tally:
        """Take a dump in.

        Args:
            place: the file.
            raw: its bytes.
            observed: when it was written.

        Raises:
            StoppedError: it was told to stop; what is taken in already will be duplicates.
            FatalError: stop.
        """
        rows = await asyncio.to_thread(lambda: list(file_rows(raw, self._mapping)))
        return await self.take_rows(place, rows, observed)

    async def take_rows(self, place: str, rows: Sequence[Row], observed: datetime) -> Tally:
        """Take the rows of a dump in. Raises as `take` does."""
        keeps = self._mapping.keeps_rows
        before = await self._taker.again(self._before) if keeps else {}
        position, version = await self._taker.again(lambda: self._store.position(self._name))
        last = orjson.loads(position).get("observed", "") if position else ""
        # One that is older than the last says nothing new about what has changed or is missing.
        is_old = keeps and bool(last) and observed < datetime.fromisoformat(last)
        dump, tally, batch = _Dump(), Tally(), _Batch()
        for number, row in enumerate(rows):
            if number % _AT_ONCE == 0:
                await asyncio.sleep(0)  # a long list must keep neither messages nor a stop waiting
            self._add(batch, row, place, before, dump, observed=observed, is_old=is_old)
            if len(batch.inputs) >= self._taker.ports.batch_size:
                tally.add(await self._flush(batch))
                batch = _Batch()
        tally.add(await self._flush(batch))
        if keeps and not is_old:
            await self._finish(before, dump, observed, version)
        _log.info("dump.read", source=self._name, rows=len(rows), accepted=tally.accepted, refused=tally.refused)
        return tally

    def _before(self) -> Mapping[str, RosterRow]:
        return {row.key: row for row in self._store.rows(self._name)}

    async def _flush(self, batch: _Batch) -> Tally:
        also = [self._store.write_rows(batch.rows)] if batch.rows else []
        if not batch.inputs and not also:
            return Tally()
        return await self._taker.patiently(batch.inputs, also)

    def _add(
        self,
        batch: _Batch,
        row: Row,
        place: str,
        before: Mapping[str, RosterRow],
        dump: _Dump,
        *,
        observed: datetime,
        is_old: bool,
    ) -> None:
        if row.refusal is not None:
            dump.unreadable += 1
            # Named without the file: the same bad row of the next dump is the same dead letter.
            error = InvalidEventError(row.refusal.reason, f"{place}: {row.refusal.message}")
            batch.inputs += inputs_of(f"{self._name}:rows", Row("", row.record, error), self._mapper, observed=observed)
            return
        if not self._mapping.keeps_rows:
            batch.inputs += inputs_of(f"{self._name}:{place}", row, self._mapper, observed=observed)
            return
        key = self._mapper.key(row.record)
        known = before.get(key)
        if key in dump.listed:
            dump.unreadable += 1
            error = InvalidEventError(Reason.BAD_ROW, f"{place}: {row.place}: record.key is that of an earlier row")
            batch.inputs += inputs_of(f"{self._name}:rows", Row("", row.record, error), self._mapper, observed=observed)
            return
        marks = self._mapper.marks(row.record)
        if known is not None and orjson.loads(known.marks) == marks:
            # Every event of it was taken in when it was written down.
            dump.listed[key] = known
            return
        changed = changed_since(None if known is None else orjson.loads(known.marks))
        at = f"{self._name}:{key[:_SHOWN]}"
        judged = stale if is_old else changed
        found = inputs_of(at, Row("", row.record), self._mapper, observed=observed, changed=judged)
        batch.inputs += [_with_line(each, f"{place}: {row.place}") for each in found]
        booking, person = self._mapper.booking(row.record), self._mapper.person(row.record)
        kept = RosterRow(self._name, key, booking, person, orjson.dumps(marks).decode())
        dump.listed[key] = kept
        if kept != known and not is_old:
            batch.rows.append(kept)
            if known is not None and known.booking != booking:
                # Whose the old number was: as long as somebody is in custody under it, that may have to be told.
                batch.rows.append(known._replace(key=f"was-{digest(known.booking)}", marks="{}"))

    async def _finish(self, before: Mapping[str, RosterRow], dump: _Dump, observed: datetime, version: int) -> None:
        """Say how far it has read, and what is missing. Raises StoppedError."""
        snapshot = self._mapping.snapshot
        gone: list[tuple[str, str]] = []
        if snapshot is not None and snapshot.complete:
            believed = dump.unreadable == 0 and len(dump.listed) >= snapshot.least_share * len(before)
            gone = await self._taker.again(lambda: self._compare(before, dump, believed=believed))
        at = self._taker.ports.clock.now()
        position = orjson.dumps({"observed": observed.astimezone(UTC).isoformat()}).decode()
        also = [self._store.write_position(self._name, position, version, at), self._store.write_rows([], gone)]
        await self._taker.patiently([], also)

    def _compare(self, before: Mapping[str, RosterRow], dump: _Dump, *, believed: bool) -> list[tuple[str, str]]:
        """Tell what differs; returns the rows that may be forgotten."""
        source = self._mapping.source
        if not believed:
            self._roster.doubt(self._name, source, len(dump.listed))
            return []
        held = self._roster.held(source)
        now, earlier = Listed.of(dump.listed.values()), Listed.of(before.values())
        self._roster.tell(self._name, source, self._roster.compared(self._name, now, earlier, held))
        # What is known of a person who is still in custody here stays: by it a missing one is known again.
        return [(self._name, key) for key in before.keys() - dump.listed.keys() if before[key].booking not in held]


def _with_line(each: Input, place: str) -> Input:
    if each.refusal is None:
        return each
    error = InvalidEventError(each.refusal.reason, f"{place}: {each.refusal.message}")
    return Input(each.place, each.raw, refusal=error)
