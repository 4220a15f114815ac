"""A record: a row of a table, or a JSON object with lists and objects inside, read by paths.

A path is a column's name, or names parted by dots for what lies inside objects: ``charge.code``. A column whose own
name holds a dot is found by that name first. A path that begins with ``^`` starts at the whole record, also where a
rule goes through one of its lists.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, TypeAlias

from connectors.mapping.result import ValueRefusedError
from schemas.refusals import Reason

Value: TypeAlias = Any
"""Text, number, truth, None, or what a database's driver gives for dates and decimals."""
Data: TypeAlias = Mapping[str, Value]

BEFORE: Final = "__before"
"""A connector's own column: the row as it was before its change."""
UNKNOWN: Final = "__unknown"
"""A connector's own column: the names of those that the source left out, although they may say something."""
_DEEPEST: Final = 16
_NESTED: Final = (list, Mapping, bytes, bytearray, memoryview)
_WHOLE: Final = 2**53
"""Below it, a number with a fraction of nothing is the whole number that was meant."""


class Record:
    """One record, or one element of a list in it."""

    __slots__ = ("_root", "_whole")

    def __init__(self, whole: Data, root: Data | None = None) -> None:
        """Args: ``root`` is where paths start; the whole record, if not given."""
        self._whole = whole
        self._root = whole if root is None else root

    def value(self, path: str) -> Value:
        """Return what lies at a path; None where nothing does."""
        if path.startswith("^"):
            return _follow(self._whole, path[1:])
        return _follow(self._root, path)

    def text(self, path: str) -> str:
        """Return what lies at a path as text, trimmed; empty for nothing, and for what is a list or object."""
        return text_of(self.value(path))

    def plain(self, path: str) -> str:
        """Return what lies at a path as text, trimmed.

        Raises:
            ValueRefusedError: ``wrong_type``: something lies there that is no text: it must not read as nothing.
        """
        value = self.value(path)
        if is_nested(value):
            raise ValueRefusedError(Reason.WRONG_TYPE, f"{path.removeprefix('^')}: a list, an object or bytes")
        return text_of(value)

    def items(self, path: str) -> Iterator["Record"]:
        """Yield the elements of a list of objects. An object alone counts as a list of one; anything else as none."""
        found = self.value(path)
        for each in found if isinstance(found, list) else [found]:
            if isinstance(each, Mapping):
                yield Record(self._whole, each)


def is_nested(value: Value) -> bool:
    """Tell whether a value is no plain one, and says something: a list or an object that holds any, or bytes."""
    if value is None or isinstance(value, str):
        return False  # Nearly every value: looked at first, because it is asked for each that is read.
    return isinstance(value, _NESTED) and len(value) > 0


def text_of(value: Value) -> str:
    """Write a plain value as text."""
    if isinstance(value, str):
        return value.strip()
    if value is None or isinstance(value, _NESTED):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < _WHOLE:
        return str(int(value))  # JSON has one kind of number: 1.0 is 1
    if isinstance(value, Decimal):
        return format(value, "f") if value.is_finite() else ""
    return value.isoformat() if isinstance(value, datetime | date) else str(value).strip()


def leaves(data: Data) -> Iterator[tuple[str, Value]]:
    """Yield every plain value with its path; elements of lists share a path that ends in ``[]``."""
    yield from _leaves("", data, 0)


def _leaves(path: str, node: Value, depth: int) -> Iterator[tuple[str, Value]]:
    if depth > _DEEPEST:
        return
    if isinstance(node, Mapping):
        for name, each in node.items():
            yield from _leaves(f"{path}.{name}" if path else str(name), each, depth + 1)
    elif isinstance(node, list):
        for each in node:
            yield from _leaves(f"{path}[]", each, depth + 1)
    else:
        yield path, node


def _follow(node: Value, path: str) -> Value:
    if isinstance(node, Mapping) and path in node:
        return node[path]
    for name in path.split("."):
        if not isinstance(node, Mapping) or name not in node:
            return None
        node = node[name]
    return node
