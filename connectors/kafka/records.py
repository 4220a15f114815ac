"""What a record of the events topic is: one event, several in a JSON array, or a note of ours that time passed.

A note is not an event: it is never logged and changes nothing by itself. It makes a worker look at the clock.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import orjson

from integration.audit.entry import text_of
from integration.domain.instants import Instant
from integration.services.intake import Input
from integration.services.ports import BookingKey
from schemas.base import instant_of
from schemas.refusals import InvalidEventError, Reason

DUE = "holdwatch.deadline.due.v1"
ADVANCED = "holdwatch.clock.advanced.v1"
_NOTE = b'{"type":"holdwatch.'
"""How a note begins, as `orjson` writes it. Whatever looks like one and is none is taken as an event, and refused."""
_WHITESPACE = b" \t\r\n"
_MOST = 10_000
"""Events in one record. A megabyte of ``[1,1,1,...]`` would become half a million dead letters."""


@dataclass(frozen=True, slots=True)
class Advanced:
    """Recorded time has come this far in a partition: sent at the end of an imported history."""

    to: Instant


def key_of(booking: BookingKey) -> bytes:
    """Return the key that puts a booking's events and its notes into one partition, in one order."""
    return f"{booking.source}|{booking.number}".encode()


def due_note(booking: BookingKey, due_at: Instant) -> bytes:
    """Return the note that a booking's deadline has come."""
    return orjson.dumps({"type": DUE, "source": booking.source, "subject": booking.number, "due_at": text_of(due_at)})


def advanced_note(to: Instant) -> bytes:
    """Return the note that recorded time has come as far as ``to``."""
    return orjson.dumps({"type": ADVANCED, "to": text_of(to)})


def read_record(place: str, value: bytes | None) -> Iterator[Input | Advanced]:
    """Yield what a record holds. Never fails: what cannot be read is an input to refuse.

    Args:
        place: topic, partition and offset; an event of an array gets its number there after a ``#``.
        value: as fetched; None for a record that has none.
    """
    if value is None:
        yield Input(place, b"", refusal=InvalidEventError(Reason.NOT_JSON, "/: the record has no value"))
    elif value.startswith(_NOTE) and (note := _note(place, value)) is not None:
        yield note
    elif value.lstrip(_WHITESPACE)[:1] == b"[":
        yield from _several(place, value)
    else:
        yield Input(place, value)


def _note(place: str, value: bytes) -> Input | Advanced | None:
    try:
        content = orjson.loads(value)
        if content["type"] == DUE:
            return Input(place, value, due=BookingKey(_text(content["source"]), _text(content["subject"])))
        if content["type"] == ADVANCED:
            return Advanced(instant_of(content["to"]))
    except (ValueError, KeyError, TypeError):
        return None
    return None


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("no text")
    return value


def _several(place: str, value: bytes) -> Iterator[Input]:
    """Yield the events of a JSON array, each as it stands there, so that its digest is that of the same event alone."""
    try:
        parts = list(islice(_elements(value.decode()), _MOST + 1))
    except (ValueError, RecursionError):
        yield Input(place, value, refusal=InvalidEventError(Reason.NOT_JSON, "/: not a JSON array of events"))
        return
    if not parts:
        yield Input(place, value, refusal=InvalidEventError(Reason.NOT_JSON, "/: an array without events"))
    if len(parts) > _MOST:
        yield Input(
            place, value, refusal=InvalidEventError(Reason.TOO_LARGE, f"/: an array of more than {_MOST} events")
        )
        return
    for number, part in enumerate(parts):
        yield Input(f"{place}#{number}", part.encode())


_decode = json.JSONDecoder().raw_decode


def _elements(text: str) -> Iterator[str]:
    """Yield the elements of an array as they are written.

    Raises:
        ValueError: it is no JSON array.
    """
    at = _skip(text, 0) + 1
    at = _skip(text, at)
    if text[at : at + 1] == "]":
        return _end(text, at + 1)
    while True:
        _value, end = _decode(text, at)
        yield text[at:end]
        at = _skip(text, end)
        mark = text[at : at + 1]
        if mark == "]":
            return _end(text, at + 1)
        if mark != ",":
            raise ValueError("neither comma nor end")
        at = _skip(text, at + 1)


def _end(text: str, at: int) -> None:
    if _skip(text, at) != len(text):
        raise ValueError("more after the array")


def _skip(text: str, at: int) -> int:
    while text[at : at + 1] and text[at] in " \t\r\n":
        at += 1
    return at
