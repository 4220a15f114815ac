"""How far each partition has been processed, and what of a fetch comes next. No I/O.

Kafka numbers the records of a partition one by one. A number that is missing between what was processed and what was
fetched is either a record that was lost on the way here (fetch it again), one that the broker threw away because its
time was up (stop: it has to be had from the source), or a number that never was an event (marks of transactions, and
what compaction removed: go on). Only asking again, and then asking the broker where its log begins, tells them apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Generic, NamedTuple, Protocol, TypeVar

from integration.services.ports import PositionRow


class Partition(NamedTuple):
    """One partition of a topic."""

    topic: str
    number: int


class Numbered(Protocol):
    """A record, as far as this module looks at it."""

    offset: int


_R = TypeVar("_R", bound=Numbered)


@dataclass(frozen=True, slots=True)
class Admitted(Generic[_R]):
    """What of a fetch may be processed now."""

    records: Sequence[_R]
    """Those that come next, without a gap. Empty: all was processed before, or a gap comes first."""
    gap: "Gap | None" = None
    """What is missing before the rest, which is left out."""


Gap = tuple[int, int]
"""The first offset that is missing, and the first that is there after it."""


@dataclass(slots=True)
class _Held:
    epoch: int
    committed: int
    taken: int
    """Where the batch at hand ends; `committed` where there is none."""
    seen: frozenset[Gap] = frozenset()
    """Gaps of the fetch that was thrown away and asked for again."""
    real: frozenset[Gap] = frozenset()
    """Gaps in which the broker has nothing."""


class Positions:
    """The partitions this worker holds. Owned by one thread."""

    def __init__(self) -> None:
        """Hold nothing."""
        self._held: dict[Partition, _Held] = {}

    def __contains__(self, partition: Partition) -> bool:
        """Tell whether the partition is held."""
        return partition in self._held

    def claimed(self, partition: Partition, *, epoch: int, next_offset: int) -> None:
        """Hold a partition from an offset on. What was taken of it and not committed is forgotten."""
        self._held[partition] = _Held(epoch, next_offset, next_offset)

    def lost(self, partition: Partition) -> None:
        """Hold it no more."""
        self._held.pop(partition, None)

    def held(self) -> dict[Partition, int]:
        """Return what is held, each with the offset that has to be processed next."""
        return {partition: held.committed for partition, held in self._held.items()}

    def taken(self, partition: Partition) -> int:
        """Return the offset after the batch at hand."""
        return self._held[partition].taken

    def admit(self, partition: Partition, records: Sequence[_R]) -> Admitted[_R]:
        """Take what comes next from a fetch into the batch at hand. The rest of it, after a gap, is left out."""
        held = self._held[partition]
        start = next((at for at, record in enumerate(records) if record.offset >= held.taken), len(records))
        for at, record in enumerate(records[start:], start):
            gap = (held.taken, record.offset)
            if record.offset != held.taken and gap not in held.real:
                return Admitted(records[start:at], gap)
            held.taken = record.offset + 1
        return Admitted(records[start:])

    def fetch_again(self, partition: Partition, gap: Gap, records: Sequence[Numbered], *, first: bool) -> bool:
        """Tell whether a gap has to be asked for again; False: that was done, and it is still there.

        Args:
            partition: where it is.
            gap: what `admit` returned.
            records: the fetch that it was found in.
            first: whether that is the first fetch since the place before the gap was looked up. A later one proves
                nothing: the first may have been dropped on its way.
        """
        held = self._held[partition]
        if first and gap in held.seen:
            return False
        rest = [record.offset for record in records if record.offset >= gap[1]]
        held.seen = frozenset([gap, *((before + 1, after) for before, after in pairwise(rest) if after > before + 1)])
        return True

    def pass_over(self, partition: Partition) -> None:
        """Let gaps be jumped over that were there twice: the broker has nothing in them."""
        held = self._held[partition]
        held.real = held.seen

    def rows(self) -> list[PositionRow]:
        """Return what the transaction of the batch at hand has to move."""
        return [
            PositionRow(partition.topic, partition.number, held.epoch, held.committed, held.taken)
            for partition, held in sorted(self._held.items())
            if held.taken != held.committed
        ]

    def committed(self) -> None:
        """Take note that the batch at hand is in the database."""
        for held in self._held.values():
            held.committed = held.taken

    def forget(self) -> None:
        """Drop the batch at hand: it has to be fetched again."""
        for held in self._held.values():
            held.taken = held.committed
