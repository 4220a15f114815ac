"""Finding a booking's standing facts: in the store, or in a file of events."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from integration.domain.facts import Fact
from integration.domain.groups import standing_bookings
from integration.errors import UsageError
from integration.services.casefile import CaseFile
from integration.services.intake import Input
from integration.services.ports import BookingKey, Store
from integration.services.reading import facts_of
from schemas.events import parse
from schemas.refusals import InvalidEventError


@dataclass(frozen=True, slots=True)
class Found:
    """One booking, and the facts that count for it."""

    source: str
    booking: str
    facts: Sequence[Fact]


def in_store(store: Store, sources: Iterable[str], booking: str) -> Found:
    """Look a booking up, at each feed.

    Raises:
        UsageError: no feed knows the number, or several do.
    """
    found = []
    for source in sources:
        rows = list(store.bookings([BookingKey(source, booking)]))
        homes = [row.home for row in rows if row.home is not None]
        if homes:  # the facts of bookings that a move ties are kept under one of their numbers
            rows = list(store.bookings([BookingKey(source, home) for home in homes]))
        for row in rows:
            found += _standing(source, CaseFile.from_row(row).standing(), booking)
    return _one(found, booking)


@dataclass(slots=True)
class Read:
    """What a file of events says, by feed and booking."""

    facts: dict[str, dict[str, list[Fact]]] = field(default_factory=dict)
    refused: int = 0
    """Lines that are no events."""


def read_events(inputs: Iterable[Input]) -> Read:
    """Read events; the same one twice counts once."""
    told, seen = Read(), set()
    for each in inputs:
        try:
            received = parse(each.raw)
        except InvalidEventError:
            told.refused += 1
            continue
        event = received.event
        if (event.source, event.id) not in seen:
            seen.add((event.source, event.id))
            told.facts.setdefault(event.source, {}).setdefault(event.subject, []).extend(facts_of(received))
    return told


def in_events(told: Read, booking: str | None, source: str | None = None) -> Found:
    """Look a booking up in a file of events. Without a number it has to be the only one there.

    Raises:
        UsageError: there is no such booking, or more than one.
    """
    found: list[Found] = []
    for feed, group in told.facts.items():
        if source in {None, feed}:
            found += _standing(feed, standing_bookings(group), booking)
    return _one(found, booking)


def _standing(source: str, bookings: Mapping[str, Sequence[Fact]], booking: str | None) -> list[Found]:
    return [Found(source, number, facts) for number, facts in bookings.items() if booking in {None, number} and facts]


def _one(found: list[Found], booking: str | None) -> Found:
    if len(found) == 1:
        return found[0]
    asked = "" if booking is None else f"--booking {booking!r}: "
    if not found:
        raise UsageError(f"{asked}there is no such booking")
    raise UsageError(f"{asked}{len(found)} bookings could be meant; name it with --booking and --source")
