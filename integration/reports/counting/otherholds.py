"""Holds that are passed over because their label and form are no immigration paper's.

Nearly all of them never matter. But a hold may be placed again under the same ``hold_id`` with another label, and then
all its placings are one paper (EVENTS.md section 4, rule 2): those that were passed over have to be read after all. So
have those of a booking with a transfer whose opening may not stand: its custody began with a hold (rule 1).
Twenty-four bytes are kept of each, so that a log of many years need not be parsed whole.
"""

from array import array
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Final, Protocol

import orjson

_BOOKING: Final = b',"booking":"'
_HOLD: Final = b'"hold_id":"'
_TO_BOOKING: Final = len(_BOOKING)
_TO_HOLD: Final = len(_HOLD)
_BACKSLASH: Final = ord("\\")
_PLACED: Final = "jail.hold.placed.v1"
_MOVED: Final = "jail.booking.moved.v1"
_OPENED: Final = "jail.booking.opened.v1"
_TRANSFERRED: Final = "jail.custody.transferred.v1"
_RETRACTED: Final = "jail.event.retracted.v1"


class _Event(Protocol):
    @property
    def leaf(self) -> int: ...

    @property
    def source(self) -> str: ...

    @property
    def event_id(self) -> str: ...

    @property
    def booking(self) -> str: ...

    @property
    def data(self) -> Mapping[str, object]: ...


class OtherHolds:
    """What was passed over."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._keys, self._bookings, self._leaves = array("q"), array("q"), array("q")

    def note(self, body: bytes, leaf: int) -> None:
        """Take note of an entry that places a hold."""
        # A third of a jail's entries come here: what is looked up or called once more is a second in ten million.
        booking, hold = body.find(_BOOKING) + _TO_BOOKING, body.find(_HOLD) + _TO_HOLD
        booking_end, hold_end = body.find(b'"', booking), body.find(b'"', hold)
        if body[booking_end - 1] == _BACKSLASH or body[hold_end - 1] == _BACKSLASH:
            booking_end, hold_end = text_end(body, booking), text_end(body, hold)
        number = body[booking:booking_end]
        self._keys.append(hash((number, body[hold:hold_end])))
        self._bookings.append(hash(number))
        self._leaves.append(leaf)

    def to_read(self, events: Mapping[str, Sequence[_Event]], aside: Container[tuple[str, str]]) -> set[int]:
        """Return the entries that matter after all.

        They place a hold which some event of ``events`` places, too, or one on a booking with a transfer whose opening
        may not stand, or did not when the transfer was told. Bookings that any move ever tied together are looked at
        as one; feeds are not told apart. Both may only name an entry too many.

        Args:
            events: what was read, by type.
            aside: source and id of events that were set aside.
        """
        together = _tied(events.get(_MOVED, ()))
        wanted = {
            hash((_written(booking), _written(str(event.data["hold_id"]))))
            for event in events.get(_PLACED, ())
            for booking in together.get(event.booking, {event.booking})
        }
        begun = {
            hash(_written(number))
            for booking in _perhaps_unopened(events, aside)
            for number in together.get(booking, {booking})
        }
        noted = zip(self._keys, self._bookings, self._leaves, strict=True)
        return {leaf for key, booking, leaf in noted if key in wanted or booking in begun}


def _perhaps_unopened(events: Mapping[str, Sequence[_Event]], aside: Container[tuple[str, str]]) -> set[str]:
    """Return the bookings with a transfer and no opening that was told before it and stands for sure."""
    transfers = events.get(_TRANSFERRED, ())
    if not transfers:
        return set()
    retracted = {(event.source, str(event.data["retracts"])) for event in events.get(_RETRACTED, ())}
    opened: dict[tuple[str, str], int] = {}
    for event in events.get(_OPENED, ()):
        told = event.source, event.event_id
        if told not in retracted and told not in aside:
            key = event.source, event.booking
            opened[key] = min(opened.get(key, event.leaf), event.leaf)
    return {each.booking for each in transfers if opened.get((each.source, each.booking), each.leaf) >= each.leaf}


def _tied(moves: Iterable[_Event]) -> dict[str, set[str]]:
    together: dict[str, set[str]] = {}
    for move in moves:
        one, other = move.booking, str(move.data["into"])
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
