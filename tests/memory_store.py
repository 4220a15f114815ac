"""A store in memory: the contract of `Store`, without a database. For laws that run thousands of histories."""

from collections.abc import Iterable, Mapping, Sequence

from integration.audit.merkle import stored_tiles
from integration.errors import FatalError, LogConflictError
from integration.services.ports import (
    BookingKey,
    BookingRow,
    Changes,
    DecisionRow,
    EntryRow,
    EventKey,
    FindingRow,
    InboxRow,
    OutboxRow,
    RetractionRow,
)
from integration.services.refused import Refused


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

    def tree_size(self) -> int:
        return len(self.entries)

    def tile(self, level: int, index: int, width: int, /) -> bytes:
        read = stored_tiles(
            lambda tile_level, number: self.tiles.get((tile_level, number)),
            lambda first, count: b"".join(row.leaf_hash for row in self.entries[first : first + count]),
        )
        return read(level, index, width)

    def commit(self, changes: Changes) -> None:
        if changes.old_size != len(self.entries):
            raise LogConflictError("the log has another size")
        new = {EventKey(row.source, row.event_id): row for row in changes.inbox}
        if len(new) < len(changes.inbox) or not self.inbox.keys().isdisjoint(new):
            raise FatalError("an event is in the inbox already")
        assert changes.new_size == len(self.entries) + len(changes.entries)
        self.inbox |= new
        self.retraction_rows |= {EventKey(row.source, row.event_id): row for row in changes.retractions}
        self.booking_rows |= {BookingKey(row.source, row.number): row for row in changes.bookings}
        self.findings |= {row.finding_id: row for row in changes.findings}
        self.decisions |= {(row.source, row.request, row.request_id): row for row in changes.decisions}
        self.entries += changes.entries
        self.outbox += changes.outbox
        self.refused += changes.refused
        self.tiles |= {(tile.level, tile.number): tile.hashes for tile in changes.tiles}
