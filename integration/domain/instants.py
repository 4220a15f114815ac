"""Instants and half-open intervals.

An instant is an ``int``: microseconds since 1970-01-01T00:00:00Z. It has no zone to get wrong, orders and
subtracts exactly, and is stored as it is. Text and zones exist only at the edge (``schemas``, console).
"""

from collections.abc import Iterable
from typing import Final, TypeAlias

Instant: TypeAlias = int
"""Microseconds since the Unix epoch, UTC."""

Duration: TypeAlias = int
"""Microseconds."""

MILLISECOND: Final = 1_000
SECOND: Final = 1_000_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR

NEVER: Final[Instant] = 2**62
"""Later than every instant a fact may carry: the end of an interval whose end is not known."""

Interval: TypeAlias = tuple[Instant, Instant]
"""Half-open [start, end). EVENTS.md section 4: every interval is half-open, so an empty one has start >= end."""


def union(intervals: Iterable[Interval]) -> list[Interval]:
    """Join intervals that overlap or touch; sorted, disjoint, without empty ones."""
    joined: list[Interval] = []
    for start, end in sorted(intervals):
        if start >= end:
            continue
        if joined and start <= joined[-1][1]:
            if end > joined[-1][1]:
                joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def gaps(within: Interval, covered: list[Interval]) -> list[Interval]:
    """Return the maximal parts of ``within`` that ``covered`` (sorted, disjoint: see `union`) leaves open."""
    start, end = within
    open_parts: list[Interval] = []
    for covered_start, covered_end in covered:
        if covered_start >= end:
            break
        if covered_start > start:
            open_parts.append((start, covered_start))
        start = max(start, covered_end)
    if start < end:
        open_parts.append((start, end))
    return open_parts


def overlap(within: Interval, intervals: list[Interval]) -> list[Interval]:
    """Return the parts of ``intervals`` (sorted, disjoint) that lie inside ``within``."""
    start, end = within
    return [(max(start, a), min(end, b)) for a, b in intervals if max(start, a) < min(end, b)]
