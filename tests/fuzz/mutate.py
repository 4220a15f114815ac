"""Ways to damage an input: in its bytes, in its JSON values, in its XML elements. All decided by the dice given."""

import random
from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Any

import orjson

from tests.fuzz.corpus import CANARY, places, put, value_at

Dice = random.Random
ODD_TEXTS: tuple[str, ...] = (
    "", " ", "\x7f", "\u0085\u2028\u2029", "\u202e\U0001f511", "e\u0301" * 50, "\u0130\u0131\u00df\ufb03", "\ufeff",
    "\ufdfa" * 40, "\u0661\u0662\u0663\u0664-01-01T00:00:00Z", "\U000e0041\U0010ffff", "x" * 600, "@" * 300,
    "a." * 4000, "I-247" * 900, "Form " * 900 + "I-247A (", "judge of " * 700, "#" * 3000, "1" * 5000, "-" * 4000,
    "1e400", "NaN", "../../etc/passwd", "%s%n{0}", "'; DROP TABLE x; --", "<b>&amp;", "null", "\\u0000", "I.C.E." * 400,
)  # fmt: skip
TIMES: tuple[str, ...] = (
    "1970-01-01T00:00:00Z", "1969-12-31T23:59:59.999999Z", "2199-12-31T23:59:59.999999Z", "2200-01-01T00:00:00Z",
    "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2016-12-31T23:59:60Z", "2025-02-29T00:00:00Z",
    "2024-02-29T24:00:00Z", "2025-03-09T02:30:00-05:00", "2025-11-02T01:30:00-04:00", "2025-01-01T00:00:00",
    "2025-01-01t00:00:00z", "2025-01-01T00:00:00.1234567890123Z", "2025-01-01T00:00:00+24:00", "20250101T000000Z",
)  # fmt: skip
ODD_VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**53, 2**63 - 1, -(2**63), 0.1, -0.0, 1e308, [], {}, [[]], [None], {"": {}},
    {"a": {"b": [1, {"c": None}]}}, ["x"] * 500, [[[[]]]] * 60,
)  # fmt: skip
FORBIDDEN = ("citizenship", "Nationality", "alien-number", "A_Number", "PlaceOfBirth", "immigration status", "pob")
BOUNDARY = (b"0", b"-1", b"1e999", b"9" * 400, b"18446744073709551616", b"-0", b"0.0000000001", b"NaN", b"1E+5", b"007")
TOKENS = (
    b"\x00", b"\xff\xfe", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\\ud800", b"\\u0000", b'"', b"\\",
    b"{", b"}", b"[", b"]", b",", b":", b"\r", b"\n", b"\x1a", b"\xef\xbb\xbf", b"<", b">", b"&", b"]]>", b"<!--",
)  # fmt: skip


# -- bytes -------------------------------------------------------------------------------------------------------------


def flip(raw: bytes, dice: Dice, _pool: Sequence[bytes]) -> bytes:
    data = bytearray(raw)
    for _ in range(dice.choice((1, 1, 1, 2, 8))):
        if data:
            data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
    return bytes(data)


def cut(raw: bytes, dice: Dice, _pool: Sequence[bytes]) -> bytes:
    first, last = sorted(dice.randrange(len(raw) + 1) for _ in range(2))
    return dice.choice((raw[:first], raw[first:], raw[:first] + raw[last:]))


def repeat(raw: bytes, dice: Dice, _pool: Sequence[bytes]) -> bytes:
    first, last = sorted(dice.randrange(len(raw) + 1) for _ in range(2))
    part = raw[first:last][:2000]
    return raw[:first] + part * dice.choice((2, 2, 3, 30)) + raw[last:]


def splice(raw: bytes, dice: Dice, pool: Sequence[bytes]) -> bytes:
    other = dice.choice(pool)
    return raw[: dice.randrange(len(raw) + 1)] + other[dice.randrange(len(other) + 1) :]


def insert(raw: bytes, dice: Dice, _pool: Sequence[bytes]) -> bytes:
    at = dice.randrange(len(raw) + 1)
    return raw[:at] + dice.choice((*TOKENS, *BOUNDARY)) * dice.choice((1, 1, 3)) + raw[at:]


def nest(raw: bytes, dice: Dice, _pool: Sequence[bytes]) -> bytes:
    at = dice.randrange(len(raw) + 1)
    depth = dice.choice((5, 15, 16, 17, 60, 300, 1100, 20_000))
    opening, closing = dice.choice(((b"[", b"]"), (b'{"a":', b"}"), (b"<a>", b"</a>"), (b"<x:A>", b"</x:A>")))
    return raw[:at] + opening * depth + closing * dice.choice((depth, 0)) + raw[at:]


BYTES = (flip, flip, cut, repeat, splice, insert, nest)


# -- JSON --------------------------------------------------------------------------------------------------------------


def _odd(dice: Dice) -> Any:
    # A copy: the next mutation may reach into it.
    return deepcopy(dice.choice((dice.choice(ODD_TEXTS), dice.choice(TIMES), dice.choice(ODD_VALUES), CANARY)))


def swap_value(event: Any, dice: Dice, _other: Any) -> None:
    put(event, dice.choice(places(event)), _odd(dice))


def swap_type(event: Any, dice: Dice, _other: Any) -> None:
    place = dice.choice(places(event))
    value = value_at(event, place)
    put(event, place, dice.choice(([value], {"value": value}, str(value)[:500], len(str(value)), None)))


def rename_key(event: Any, dice: Dice, _other: Any) -> None:
    place = dice.choice([each for each in places(event) if isinstance(each[-1], str)] or [()])
    if place:
        holder = value_at(event, place[:-1])
        old = place[-1]
        new = dice.choice((old.upper(), old + "_", old[::-1], "", "\u202e" + old, "__proto__", *FORBIDDEN, "x" * 300))
        holder[new] = holder.pop(old)


def drop_key(event: Any, dice: Dice, _other: Any) -> None:
    place = dice.choice(places(event))
    del value_at(event, place[:-1])[place[-1]]


def add_key(event: Any, dice: Dice, _other: Any) -> None:
    holders = [event, *(value_at(event, place) for place in places(event))]
    holder = dice.choice([each for each in holders if isinstance(each, dict)])
    holder[dice.choice((*FORBIDDEN, "extra", "text", "person", "data", "recordedtime", "é"))] = _odd(dice)


def borrow(event: Any, dice: Dice, other: Any) -> None:
    """A part of another event in place of one of this."""
    theirs = deepcopy(value_at(other, dice.choice(places(other))))
    put(event, dice.choice(places(event)), theirs)


def stretch(event: Any, dice: Dice, _other: Any) -> None:
    place = dice.choice(places(event))
    value = value_at(event, place)
    if isinstance(value, str):
        put(event, place, (value[:200] or "x") * dice.choice((20, 400, 4000)))
    elif isinstance(value, list) and len(value) < 50:
        put(event, place, value * dice.choice((2, 50, 400)))


def retime(event: Any, dice: Dice, _other: Any) -> None:
    event[dice.choice(("time", "time", "recordedtime"))] = dice.choice(TIMES)


JSON: tuple[Callable[[Any, Dice, Any], None], ...] = (
    swap_value, swap_value, swap_type, rename_key, drop_key, add_key, borrow, stretch, retime,
)  # fmt: skip


def mutated_event(dice: Dice, pool: Sequence[bytes]) -> bytes:
    """An event with one to four things wrong; now and then none."""
    raw = dice.choice(pool)
    if dice.random() < 0.8:
        raw = _inside(raw, dice, pool)
    if dice.random() < 0.25:
        raw = dice.choice(BYTES)(raw, dice, pool)
    return raw


def _inside(raw: bytes, dice: Dice, pool: Sequence[bytes]) -> bytes:
    event, other = _object(raw), _object(dice.choice(pool))
    if event is None or other is None:
        return raw
    event["id"] = f"f{dice.randrange(900)}" if dice.random() < 0.9 else event.get("id")
    event["subject"] = f"B{dice.randrange(4)}" if dice.random() < 0.9 else event.get("subject")
    event["source"] = "/jms/a" if dice.random() < 0.95 else event.get("source")
    for _ in range(dice.choice((0, 0, 1, 1, 2, 3))):
        if event:
            dice.choice(JSON)(event, dice, other)
    try:
        return orjson.dumps(event)
    except (TypeError, orjson.JSONEncodeError):
        return raw


def _object(raw: bytes) -> dict[str, Any] | None:
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict) and value else None
