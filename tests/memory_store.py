"""A store in memory: the contract of `Store`, without a database. For laws that run thousands of histories."""

from collections.abc import Iterable, Mapping, Sequence

from integration.audit.merkle import Tile, stored_tiles
from integration.errors import FatalError, FencedError, LogConflictError, StaleReadError
from integration.services.ports import (
    Beside,
    BookingKey,
    BookingRow,
    Changes,
    Claim,
    DecisionRow,
    EntryRow,
    EventKey,
    FindingRow,
    InboxRow,
    OutboxRow,
    PositionRow,
    RetractionRow,
    UnsequencedRow,
)
from integration.services.refused import Refused
from integration.services.sequencer import Waiting


class MemoryStore:
    def __init__(self) -> None:
        self.inbox: dict[EventKey, InboxRow] = {}
        self.retraction_rows: dict[EventKey, RetractionRow] = {}
        self.booking_rows: dict[BookingKey, BookingRow] = {}
        self.findings: dict[str, FindingRow] = {}
        self.decisions: dict[tuple[str, str, str], DecisionRow] = {}
        self.entries: list[EntryRow] = []
        self.outbox: list[OutboxRow] = []
        self.refused: list[Refused] = []
        self.tiles: dict[tuple[int, int], bytes] = {}
        self.unsequenced: dict[int, UnsequencedRow] = {}
        self.positions: dict[tuple[str, int], Claim] = {}
        self._numbered = 0

    def seen(self, keys: Sequence[EventKey]) -> Mapping[EventKey, InboxRow]:
        return {key: self.inbox[key] for key in keys if key in self.inbox}

    def is_refused(self, digest: bytes) -> bool:
        return any(refused.digest == digest for refused in self.refused)

    def retractions_of(self, keys: Sequence[EventKey]) -> Iterable[RetractionRow]:
        wanted = set(keys)
        return [row for row in self.retraction_rows.values() if EventKey(row.source, row.retracts) in wanted]

    def retraction(self, key: EventKey) -> RetractionRow | None:
        return self.retraction_rows.get(key)

    def bookings(self, keys: Sequence[BookingKey]) -> Iterable[BookingRow]:
        return [self.booking_rows[key] for key in dict.fromkeys(keys) if key in self.booking_rows]

    def deadlines(self, limit: int) -> Sequence[tuple[int, str, str]]:
        due = [(r.next_at, r.source, r.number) for r in self.booking_rows.values() if r.next_at is not None]
        return sorted(due)[:limit]

    def deadlines_due(self, now: int, limit: int) -> Sequence[tuple[int, str, str]]:
        return [row for row in self.deadlines(limit) if row[0] <= now]

    def entry_kinds(self, first: int, last: int) -> set[str]:
        return {row.kind for row in self.entries[first:last]}

    def tree_size(self) -> int:
        return len(self.entries)

    def tile(self, level: int, index: int, width: int, /) -> bytes:
        read = stored_tiles(
            lambda tile_level, number: self.tiles.get((tile_level, number)),
            lambda first, count: b"".join(row.leaf_hash for row in self.entries[first : first + count]),
        )
        return read(level, index, width)

    def claim(self, topic: str, partition: int, owner: str) -> Claim:
        before = self.positions.get((topic, partition), Claim(0, None))
        self.positions[topic, partition] = claim = Claim(before.epoch + 1, before.next_offset)
        return claim

    def commit(self, changes: Changes) -> None:
        new = {EventKey(row.source, row.event_id): row for row in changes.inbox}
        self._check_log(changes)
        for row in changes.positions:
            self._check_fence(row)
        if len(new) < len(changes.inbox) or not self.inbox.keys().isdisjoint(new):
            raise (FatalError if changes.beside is None else StaleReadError)("an event is in the inbox already")
        for row in changes.bookings:
            kept = self.booking_rows.get(BookingKey(row.source, row.number))
            if row.version != (0 if kept is None else kept.version):
                raise StaleReadError("a booking was changed meanwhile")
        retractions = self.retraction_rows | {EventKey(row.source, row.event_id): row for row in changes.retractions}
        if changes.beside is not None:
            self._check_again(changes.beside, retractions)
        self.inbox |= new
        self.retraction_rows = retractions
        self.booking_rows |= {
            BookingKey(row.source, row.number): row._replace(version=row.version + 1) for row in changes.bookings
        }
        self.findings |= {row.finding_id: row for row in changes.findings}
        self.decisions |= {(row.source, row.request, row.request_id): row for row in changes.decisions}
        self.entries += changes.entries
        self.outbox += changes.outbox
        self.refused += changes.refused
        self.tiles |= {(tile.level, tile.number): tile.hashes for tile in changes.tiles}
        for each in changes.positions:
            self.positions[each.topic, each.partition] = Claim(each.epoch, each.after)
        for entry in () if changes.beside is None else changes.beside.entries:
            self._numbered += 1
            self.unsequenced[self._numbered] = entry

    def _check_log(self, changes: Changes) -> None:
        if changes.beside is None:
            if changes.old_size != len(self.entries) or self.unsequenced:
                raise LogConflictError("the log has another size, or entries wait")
            assert changes.new_size == len(self.entries) + len(changes.entries)

    def _check_fence(self, row: PositionRow) -> None:
        claim = self.positions.get((row.topic, row.partition), Claim(0, None))
        if claim.epoch != row.epoch or claim.next_offset not in {None, row.before}:
            raise FencedError("another worker owns the partition")

    def _check_again(self, beside: Beside, retractions: dict[EventKey, RetractionRow]) -> None:
        targets = set(beside.targets)
        found = sum(EventKey(row.source, row.retracts) in targets for row in retractions.values())
        if found != beside.retractions or not self.inbox.keys().isdisjoint(beside.absent):
            raise StaleReadError("an event was retracted meanwhile")

    # -- the sequencer's side ------------------------------------------------------------------------------------------

    def hold(self) -> bool:
        return True

    def release(self) -> None:
        return

    def waiting(self, limit: int) -> list[Waiting]:
        return [Waiting(number, self.unsequenced[number].leaf_hash) for number in sorted(self.unsequenced)[:limit]]

    def sequence(self, taken: Sequence[Waiting], tiles: Sequence[Tile], old_size: int) -> None:
        if old_size != len(self.entries) or not self.unsequenced.keys() >= {each.number for each in taken}:
            raise LogConflictError("the log has another size, or an entry waits no more")
        for each in taken:
            self.entries.append(EntryRow(len(self.entries), *self.unsequenced.pop(each.number)))
        self.tiles |= {(tile.level, tile.number): tile.hashes for tile in tiles}
