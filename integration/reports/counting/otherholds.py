"""Holds that are passed over because their label and form are no immigration paper's.

Nearly all of them never matter. But a hold may be placed again under the same ``hold_id`` with another label, and then
all its placings are one paper (EVENTS.md section 4, rule 2): those that were passed over have to be read after all.
Sixteen bytes are kept of each, so that a log of many years need not be parsed whole.
"""

from array import array
from collections.abc import Iterable, Mapping, Sequence
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
    def booking(self) -> str: ...

    @property
    def data(self) -> Mapping[str, object]: ...


class OtherHolds:
    """What was passed over."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._keys, self._leaves = array("q"), array("q")

    def note(self, body: bytes, leaf: int) -> None:
        """Take note of an entry that places a hold."""
        # A third of a jail's entries come here: what is looked up or called once more is a second in ten million.
        booking, hold = body.find(_BOOKING) + _TO_BOOKING, body.find(_HOLD) + _TO_HOLD
        booking_end, hold_end = body.find(b'"', booking), body.find(b'"', hold)
        if body[booking_end - 1] == _BACKSLASH or body[hold_end - 1] == _BACKSLASH:
            booking_end, hold_end = _end(body, booking), _end(body, hold)
        self._keys.append(hash((body[booking:booking_end], body[hold:hold_end])))
        self._leaves.append(leaf)

    def placed_as_well(self, events: Mapping[str, Sequence[_Event]]) -> set[int]:
        """Return the entries that place a hold which some event of ``events`` places, too.

        Bookings that any move ever tied together are looked at as one; feeds are not told apart. Both may only name
        an entry too many.
        """
        together = _tied(events.get(_MOVED, ()))
        wanted = {
            hash((_written(booking), _written(str(event.data["hold_id"]))))
            for event in events.get(_PLACED, ())
            for booking in together.get(event.booking, {event.booking})
        }
        return {leaf for key, leaf in zip(self._keys, self._leaves, strict=True) if key in wanted}


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


def _end(body: bytes, start: int) -> int:
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
