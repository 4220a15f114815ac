"""Entries that are passed over at first, and read after all where their booking turns out to matter.

Most bookings never do: who was booked, held on a charge and released is in no figure of a council's report, and of no
consequence for a comparison of releases unless something was told late. Twenty-four bytes are kept of each entry, so
that a log of many years need not be parsed whole. Which ones matter may only be answered with some too many:

* a hold may be placed again under the same ``hold_id`` with another label, and then all its placings are one paper
  (docs/events.md section 4, rule 2);
* what began and ended custody (rule 1) has to be known for some bookings: those that `Wanted` names, or those of which
  something that was passed over is later than an end or an entitlement.
"""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Final, Protocol

import orjson

_BOOKING: Final = b',"booking":"'
_HOLD: Final = b'"hold_id":"'
_TO_BOOKING: Final = len(_BOOKING)
_TO_HOLD: Final = len(_HOLD)
_BACKSLASH: Final = ord("\\")
_PLACED: Final = "jail.hold.placed.v1"
_MOVED: Final = "jail.booking.moved.v1"


class _Event(Protocol):
    @property
    def source(self) -> str: ...

    @property
    def booking(self) -> str: ...

    @property
    def time(self) -> str: ...

    @property
    def data(self) -> Mapping[str, object]: ...


_Events = Mapping[str, Sequence[_Event]]
"""What was read, by type."""
_Number = tuple[str, str]
"""Source and booking number."""


class Later:
    """What was passed over."""

    def __init__(self, about: Iterable[str], before: Iterable[str]) -> None:
        """Begin with nothing.

        Args:
            about: types of events; a booking with one that was read matters.
            before: types of events; a booking matters, if something was passed over, or placed a hold, that is later
                than one of them.
        """
        self._about, self._before = tuple(about), tuple(before)
        self._noted = array("q")
        """Three numbers an entry: what stands for its hold, for its booking, and its place."""
        self._latest: dict[int, bytes] = {}

    def told(self, body: bytes, source: bytes, time: bytes) -> int:
        """Take note of when something was of a booking; returns what stands for that booking."""
        start = body.find(_BOOKING) + _TO_BOOKING
        end = body.find(b'"', start)
        booking = hash((source, body[start : end if body[end - 1] != _BACKSLASH else text_end(body, start)]))
        if self._before and time > self._latest.get(booking, b""):
            self._latest[booking] = time
        return booking

    def pass_over(self, body: bytes, leaf: int, source: bytes, time: bytes, *, hold: bool) -> None:
        """Take note of an entry that is passed over. Args: ``hold``: whether it places a hold."""
        # Two thirds of a jail's entries come here: what is looked up or called once more is seconds in ten million.
        start = body.find(_BOOKING) + _TO_BOOKING
        end = body.find(b'"', start)
        booking = hash((source, body[start : end if body[end - 1] != _BACKSLASH else text_end(body, start)]))
        if self._before and time > self._latest.get(booking, b""):
            self._latest[booking] = time
        key = 0
        if hold:
            start = body.find(_HOLD) + _TO_HOLD
            end = body.find(b'"', start)
            key = hash((booking, body[start : end if body[end - 1] != _BACKSLASH else text_end(body, start)]))
        self._noted.extend((key, booking, leaf))

    def to_read(self, events: _Events, numbers: Iterable[_Number]) -> set[int]:
        """Return the entries that matter after all.

        Bookings that any move ever tied together are looked at as one.

        Args:
            events: what was read, by type.
            numbers: bookings that matter.
        """
        together = _tied(events.get(_MOVED, ()))
        wanted = {
            hash((booking, _written(str(event.data["hold_id"]))))
            for event in events.get(_PLACED, ())
            for booking in _standing_for((event.source, event.booking), together)
        }
        named = ((each.source, each.booking) for kind in self._about for each in events.get(kind, ()))
        matter = {booking for number in chain(named, numbers) for booking in _standing_for(number, together)}
        matter.update(self._overtaken(events, together))
        numbers_of = iter(self._noted)
        noted = zip(numbers_of, numbers_of, numbers_of, strict=True)
        return {leaf for key, booking, leaf in noted if key in wanted or booking in matter}

    def _overtaken(self, events: _Events, together: Mapping[_Number, set[_Number]]) -> Iterator[int]:
        latest = self._latest
        if not latest:
            return
        sources: dict[str, bytes] = {}
        for event in chain.from_iterable(events.get(kind, ()) for kind in self._before):
            number = source, name = event.source, event.booking
            if number in together:
                yield from _standing_for(number, together)
                continue
            written = sources.get(source)
            if written is None:
                written = sources[source] = _written(source)
            booking = hash((written, _written(name)))
            if latest.get(booking, b"") > event.time.encode():
                yield booking


def _standing_for(number: _Number, together: Mapping[_Number, set[_Number]]) -> list[int]:
    return [hash((_written(source), _written(booking))) for source, booking in together.get(number, (number,))]


def _tied(moves: Iterable[_Event]) -> dict[_Number, set[_Number]]:
    together: dict[_Number, set[_Number]] = {}
    for move in moves:
        one, other = (move.source, move.booking), (move.source, str(move.data["into"]))
        both = together.get(one, {one}) | together.get(other, {other})
        together.update(dict.fromkeys(both, both))
    return together


def _written(text: str) -> bytes:
    """Write a text as an entry does, without its quotes."""
    return orjson.dumps(text)[1:-1]


def text_end(body: bytes, start: int) -> int:
    """Return where a JSON text ends that starts there."""
    end = body.find(b'"', start)
    while _escaped(body, end):
        end = body.find(b'"', end + 1)
    return end


def _escaped(body: bytes, at: int) -> bool:
    slashes = at
    while body[slashes - 1 : slashes] == b"\\":
        slashes -= 1
    return (at - slashes) % 2 == 1
