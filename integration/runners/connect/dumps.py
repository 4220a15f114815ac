"""One dump: its rows become events, its changes are told from the last dump, what is missing is told as a difference.

Rows are remembered without what they said: a hash for the row, its booking, a hash of what each rule on a change
watches, and the ids of their events. They are written in the transaction that takes their events in, so that a process
that dies in the middle goes on at the booking where it stopped.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import orjson
import structlog

from connectors.mapping.apply import Mapper, stale
from connectors.mapping.corrections import Settled, Told
from connectors.mapping.files import file_rows
from connectors.mapping.history import changed_since
from connectors.mapping.rows import Row, inputs_of
from integration.domain.instants import SECOND
from integration.runners.connect.memory import Memory
from integration.runners.connect.taker import Taker
from integration.services.intake import Input, Tally
from integration.services.roster import Listed, RosterRow
from integration.services.roster_desk import RosterDesk
from schemas.refusals import InvalidEventError, Reason

_log = structlog.get_logger()
_AT_ONCE: Final = 100
"""Rows, or bookings, between two looks at what else has come."""


@dataclass(slots=True)
class _Batch:
    inputs: list[Input] = field(default_factory=list)
    rows: list[RosterRow] = field(default_factory=list)


@dataclass(slots=True)
class _Dump:
    """What is found out while a dump is read."""

    place: str
    observed: datetime
    is_old: bool
    before: Mapping[str, RosterRow]
    listed: dict[str, RosterRow] = field(default_factory=dict)
    told: dict[str, dict[str, Told]] = field(default_factory=dict)
    """Rows that are new or changed, by booking and key."""
    lines: dict[str, str] = field(default_factory=dict)
    unreadable: int = 0
    batch: _Batch = field(default_factory=_Batch)
    _known: defaultdict[str, dict[str, RosterRow]] | None = None

    def known(self, booking: str) -> dict[str, RosterRow]:
        """Return what is remembered of a booking, as far as the dump is read."""
        if self._known is None:
            self._known = defaultdict(dict)
            for row in self.before.values():
                self._known[row.booking][row.key] = row
        return self._known[booking]


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
        self._memory = Memory(name, mapper, self._store)

    async def take(self, place: str, raw: bytes, observed: datetime) -> Tally:
        """Take a dump in.

        Args:
            place: the file.
            raw: its bytes.
            observed: when it was written; a time that has not come counts as now.

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
        now = datetime.fromtimestamp(self._taker.ports.clock.now() / SECOND, UTC)
        if observed > now:
            # Every dump that comes until then would be older than this one, and what is new in it lost.
            _log.warning("dump.dated_ahead", source=self._name)
            observed = now
        # One that is older than the last says nothing new about what has changed or is missing.
        is_old = keeps and bool(last) and observed < datetime.fromisoformat(last) <= now
        dump, tally = _Dump(place, observed, is_old, before), Tally()
        batch = dump.batch
        for number, row in enumerate(rows):
            if number % _AT_ONCE == 0:
                await asyncio.sleep(0)  # a long list must keep neither messages nor a stop waiting
            for told in self._sorted_in(dump, row):
                await self._settle(dump, [told])
            tally.add(await self._flush_full(batch))
        bookings = list(dump.told.values())
        for at in range(0, len(bookings), _AT_ONCE):
            await self._settle(dump, bookings[at : at + _AT_ONCE])
            tally.add(await self._flush_full(batch))
        tally.add(await self._flush(batch))
        if keeps and not is_old:
            await self._finish(before, dump, observed, version)
        _log.info("dump.read", source=self._name, rows=len(rows), accepted=tally.accepted, refused=tally.refused)
        return tally

    def _before(self) -> Mapping[str, RosterRow]:
        return {row.key: row for row in self._store.rows(self._name)}

    async def _flush_full(self, batch: _Batch) -> Tally:
        return await self._flush(batch) if len(batch.inputs) >= self._taker.ports.batch_size else Tally()

    async def _flush(self, batch: _Batch) -> Tally:
        also = [self._store.write_rows(list(batch.rows))] if batch.rows else []
        if not batch.inputs and not also:
            return Tally()
        tally = await self._taker.patiently(list(batch.inputs), also)
        batch.inputs.clear()
        batch.rows.clear()
        return tally

    def _sorted_in(self, dump: _Dump, row: Row) -> Iterator[dict[str, Told]]:
        """File a row with its booking; yields what has to be settled before it."""
        if row.refusal is not None:
            self._refuse(dump, row, row.refusal.reason, row.refusal.message)
            return
        if not self._mapping.keeps_rows:
            dump.batch.inputs += inputs_of(f"{self._name}:{dump.place}", row, self._mapper, observed=dump.observed)
            return
        key, booking = self._mapper.key(row.record), self._mapper.booking(row.record)
        if key in dump.listed and self._mapping.compares:
            self._refuse(dump, row, Reason.BAD_ROW, f"{row.place}: record.key is that of an earlier row")
            return
        if key in dump.told.get(booking, {}):
            yield dump.told.pop(booking)  # a journal: the row comes again, as it was later
        known = dump.known(booking).get(key) or dump.before.get(key)
        if known is not None and (dump.is_old or orjson.loads(known.marks) == self._mapper.marks(row.record)):
            # Every event of it was taken in when it was written down; or what it was later is known already.
            dump.listed[key] = known
            return
        marks = None if known is None else orjson.loads(known.marks)
        judged = stale if dump.is_old else changed_since(marks)
        dump.told.setdefault(booking, {})[key] = Told(key, self._memory.place(key), Row("", row.record), judged)
        dump.lines[key] = row.place
        dump.listed[key] = RosterRow(self._name, key, booking, self._mapper.person(row.record), "{}")

    def _refuse(self, dump: _Dump, row: Row, reason: Reason, message: str) -> None:
        dump.unreadable += 1
        # Named without the file: the same bad row of the next dump is the same dead letter.
        named = Row("", row.record, InvalidEventError(reason, f"{dump.place}: {message}"))
        dump.batch.inputs += inputs_of(f"{self._name}:rows", named, self._mapper, observed=dump.observed)

    async def _settle(self, dump: _Dump, bookings: Sequence[Mapping[str, Told]]) -> None:
        """Map the rows of some bookings, with what they gave before."""
        numbers = [self._mapper.booking(next(iter(told.values())).row.record) for told in bookings]
        now = self._taker.ports.clock.now()

        def settle() -> list[Settled]:
            self._memory.look()
            return [
                self._memory.settled(dump.known(number).values(), list(told.values()), dump.observed, now)
                for number, told in zip(numbers, bookings, strict=True)
            ]

        found = await self._taker.again(settle)
        for number, told, settled in zip(numbers, bookings, found, strict=True):
            self._keep(dump, number, told, settled)

    def _keep(self, dump: _Dump, booking: str, told: Mapping[str, Told], settled: Settled) -> None:
        lines = {self._memory.place(key): f"{dump.place}: {dump.lines[key]}" for key in told}
        dump.batch.inputs += [_with_line(each, lines) for each in settled.inputs]
        if dump.is_old:
            return
        known = dump.known(booking)
        kept = self._memory.kept(settled, told, known)
        known |= {row.key: row for row in kept}
        dump.listed |= {row.key: row for row in kept if row.key in dump.listed}
        dump.batch.rows += kept
        earlier = [dump.before[key] for key in told if key in dump.before]
        dump.batch.rows += [self._memory.moved_from(row) for row in earlier if row.booking != booking]

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


def _with_line(each: Input, lines: Mapping[str, str]) -> Input:
    if each.refusal is None:
        return each
    line = lines[each.place.partition("#")[0]]
    return Input(
        each.place, each.raw, refusal=InvalidEventError(each.refusal.reason, f"{line}: {each.refusal.message}")
    )
