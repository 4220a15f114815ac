"""Messages of Debezium that speak of no row: boundaries of transactions, heartbeats, changed tables.

Each is known by its whole shape, never by one name: a jail's table may well have a column ``status`` or ``ddl``, and a
flattened row that passed for one of these would be lost without a word. The shapes are those of Debezium's own schemas
(``io.debezium.schema.SchemaFactory``: TransactionMetadataValue, Heartbeat, SchemaChangeValue), in which JSON writes
every field, ``null`` ones too. What comes with a message besides (``ts_us``, ``ts_ns``) is a time.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

_Shape: TypeAlias = Mapping[str, Callable[[Any], bool]]


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _may_be(kind: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: value is None or kind(value)


def _is_object(value: Any) -> bool:
    return isinstance(value, Mapping)


def _is_list(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_object, value))


_TIMES: Final[_Shape] = dict.fromkeys(("ts_ms", "ts_us", "ts_ns"), _is_number)
_BOUNDARY: Final[_Shape] = {
    "status": lambda value: value in ("BEGIN", "END"),
    "id": _is_text,
    "event_count": _may_be(_is_number),
    "data_collections": _may_be(_is_list),
}
_HEARTBEAT: Final[_Shape] = {"ts_ms": _is_number}
_CHANGED_TABLE: Final[_Shape] = {
    "source": _is_object,
    "databaseName": _may_be(_is_text),
    "ddl": _may_be(_is_text),
    "tableChanges": _may_be(_is_list),
}
_SCHEMA: Final[_Shape] = {"schemaName": _may_be(_is_text)}
"""Beside it, of databases that have such."""


def speaks_of_no_row(content: Mapping[str, Any]) -> bool:
    """Tell whether a message is one of these three, by all of its names and the kinds of their values."""
    return _fits(content, _BOUNDARY, {}) or _fits(content, _HEARTBEAT, {}) or _fits(content, _CHANGED_TABLE, _SCHEMA)


def _fits(content: Mapping[str, Any], needed: _Shape, beside: _Shape) -> bool:
    known = {**_TIMES, **beside, **needed}
    return content.keys() >= needed.keys() and all(name in known and known[name](content[name]) for name in content)
