"""A feed's full roster against what is on record here: differences are told to the IT person, never applied.

Absence is never taken for a release: a person who is missing from a list may have been released, moved, merged with
another record, or left out by a broken export. Which, only the jail can say.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol

from integration.domain.custody import Standing, timeline_of
from integration.domain.facts import Voided
from integration.domain.instants import Instant
from integration.domain.parameters import Parameters
from integration.services.casefile import CaseFile
from integration.services.ports import BookingRow, Write


class DifferenceKind(StrEnum):
    """How a roster and the picture here differ."""

    MISSING = "missing"
    """In custody here, not listed there."""
    EXTRA = "extra"
    """Listed there, and here unknown or not in custody."""
    MOVED = "moved"
    """Not listed under its number any more; the same person is listed under another one."""
    MERGED = "merged"
    """Two numbers of what were two people are now one person's."""
    ROWS_GONE = "rows_gone"
    """The booking is listed, with fewer rows than before: charges or holds are gone without an end."""
    SHRUNK = "shrunk"
    """The whole list is so much shorter than the last that it is not believed."""
    AHEAD = "ahead"
    """Rows of a polled table have a position that lies in the future."""
    UNPLACED = "unplaced"
    """Rows of a polled table have no position, or lack a part of their key: they may never be read."""


class RosterRow(NamedTuple):
    """One row of the last dump, without what it said."""

    name: str
    key: str
    booking: str
    person: str
    marks: str
    given: str = "[]"
    """JSON: the events that it gave (`connectors.mapping.corrections`)."""


class Difference(NamedTuple):
    """One difference. Booking numbers only, no names."""

    kind: DifferenceKind
    booking: str
    about: str = ""


class SourceStore(Protocol):
    """What connectors keep."""

    def position(self, name: str) -> tuple[str, int]:
        """Return a connector's position (JSON) and its version; ("", 0) where it has none yet."""
        ...

    def rows(self, name: str) -> Iterator[RosterRow]:
        """Yield what the last dump listed."""
        ...

    def rows_of(self, name: str, bookings: Collection[str]) -> list[RosterRow]:
        """Return what is remembered of some bookings."""
        ...

    def takes_back(self, source: str, by: str) -> bool:
        """Tell whether anything was retracted by an event whose id begins with ``by``."""
        ...

    def taken_back(self, source: str, ids: Collection[str], by: str) -> set[str]:
        """Return which events were retracted by an event whose id begins with ``by``."""
        ...

    def booking_rows(self, source: str) -> Iterator[BookingRow]:
        """Yield every case file of a feed."""
        ...

    def differences(self, name: str) -> Mapping[Difference, Instant]:
        """Return the differences that stand, and since when."""
        ...

    def write_position(self, name: str, position: str, version: int, at: Instant) -> Write:
        """Return what moves a position on; ``version`` is the one that was read."""
        ...

    def write_rows(self, rows: Collection[RosterRow], gone: Collection[tuple[str, str]] = ()) -> Write:
        """Return what writes rows, and forgets those of the (name, key) pairs."""
        ...

    def write_differences(
        self, name: str, found: Collection[Difference], gone: Collection[Difference], at: Instant
    ) -> Write:
        """Return what writes new differences, and takes away those that are no more."""
        ...


@dataclass(frozen=True, slots=True)
class Listed:
    """A roster as a feed tells it."""

    bookings: Mapping[str, str]
    """Booking numbers, each with a hash of its person's key; empty where none is told."""
    rows: Mapping[str, int]
    """How many rows each booking has."""

    @classmethod
    def of(cls, rows: Iterable[RosterRow]) -> "Listed":
        """Sum rows up by booking."""
        bookings: dict[str, str] = {}
        counts: defaultdict[str, int] = defaultdict(int)
        for row in rows:
            bookings[row.booking] = row.person or bookings.get(row.booking, "")
            counts[row.booking] += 1
        return cls(bookings, counts)


def in_custody(case: CaseFile, parameters: Parameters, now: Instant) -> Iterator[str]:
    """Yield the booking numbers of a case file whose custody has begun and is not over."""
    for number, facts in case.standing().items():
        standing = Standing(facts)
        if standing.of(Voided):
            continue
        timeline = timeline_of(standing, parameters)
        if timeline.opening_id is not None and timeline.start <= now < timeline.end:
            yield number


def compare(now: Listed, before: Listed, held: Collection[str]) -> list[Difference]:
    """Compare a complete roster with the one before and with who is in custody here.

    Args:
        now: what the feed lists.
        before: what it listed the last time; empty the first time.
        held: booking numbers in custody here.
    """
    people: defaultdict[str, list[str]] = defaultdict(list)
    for booking, person in now.bookings.items():
        if person:
            people[person].append(booking)
    found: list[Difference] = []
    for booking in sorted(set(held) - set(now.bookings)):
        person = before.bookings.get(booking, "")
        onward = [each for each in people.get(person, ()) if each != booking] if person else []
        found += [Difference(DifferenceKind.MOVED, booking, each) for each in sorted(onward)]
        if not onward:
            found.append(Difference(DifferenceKind.MISSING, booking))
    held_now = set(held)
    found += [Difference(DifferenceKind.EXTRA, each) for each in sorted(set(now.bookings) - held_now)]
    found += _merged(before, people)
    for booking in sorted(held_now & set(now.rows)):
        fewer = before.rows.get(booking, 0) - now.rows[booking]
        if fewer > 0:
            found.append(Difference(DifferenceKind.ROWS_GONE, booking, str(fewer)))
    return found


def _merged(before: Listed, people: Mapping[str, list[str]]) -> Iterator[Difference]:
    for _, bookings in sorted(people.items()):
        first, *others = sorted(bookings)
        for other in others:
            earlier = {before.bookings.get(each, "") for each in (first, other)}
            if len(earlier - {""}) > 1:
                yield Difference(DifferenceKind.MERGED, first, other)
