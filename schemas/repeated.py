"""Field names that stand twice in one JSON object with different values.

Which of them counts, RFC 8259 (section 4) leaves to each parser: we would decide on one value and whoever else reads
the same bytes, such as the program that sends a message, would act on the other.
"""

import json
from typing import Any, Final

import orjson

_GAPS: Final = (b" :", b"\t:", b"\n:", b"\r:")


class _Pairs(list[tuple[str, Any]]):
    """An object as it was written: every name with its value, in order."""


def repeated_name(raw: bytes, content: dict[str, Any] | list[Any]) -> tuple[str | int, ...] | None:
    """Return the path of a name that stands twice in one object with different values; None if there is none.

    Args:
        raw: JSON that has been read without error.
        content: what it was read as; nested no deeper than an event may be.
    """
    if not _may_repeat(raw, content):
        return None
    try:
        # Numbers as bytes: 1 is not "1", and an endless one costs nothing.
        written = json.loads(raw, object_pairs_hook=_Pairs, parse_int=str.encode, parse_float=str.encode)
        return _first(written, ())
    except RecursionError:
        # What was read is not so deep: something deeper stood under a name that came again.
        return ()


def _may_repeat(raw: bytes, content: dict[str, Any] | list[Any]) -> bool:
    """Tell whether a closer look is needed: reading keeps one of each name, so writing again yields fewer of them.

    A quote before a colon is the end of a name or the start of a text; nothing else, where nothing is escaped and no
    name is followed by a space. Both become fewer, if anything, when one of two values is dropped.
    """
    if b"\\" in raw or any(gap in raw for gap in _GAPS):
        return True
    return raw.count(b'":') != orjson.dumps(content).count(b'":')


def _first(node: Any, path: tuple[str | int, ...]) -> tuple[str | int, ...] | None:
    if isinstance(node, _Pairs):
        values: dict[str, Any] = {}
        for name, value in node:
            if name in values and values[name] != value:
                return (*path, name)
            values[name] = value
        children: list[tuple[str | int, Any]] = list(values.items())
    elif isinstance(node, list):
        children = list(enumerate(node))
    else:
        return None
    found = (_first(child, (*path, step)) for step, child in children)
    return next((each for each in found if each is not None), None)
