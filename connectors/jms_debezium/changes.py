"""Change events as Debezium writes them: before and after a row's change, and what was done to it.

``{"op": "c"|"u"|"d"|"r"|"t", "before": {...}, "after": {...}, "ts_ms": ..., "source": {...}}``, with or without the
``{"schema": ..., "payload": ...}`` around it. The mapping reads the row after the change; of a deleted row the one
before, with ``__deleted`` beside its columns. What was there before is under ``__before``, what was done: ``__op``.
"""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson

from connectors.jms_debezium.decimals import decoded
from connectors.jms_debezium.rowless import speaks_of_no_row
from connectors.mapping.record import BEFORE, UNKNOWN
from schemas.refusals import InvalidEventError, Reason

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DELETED: Final = "d"
_ROWS: Final = frozenset({"c", "u", "r", _DELETED})
"""Created, updated, read in a first snapshot, deleted."""
_PLACEHOLDER: Final = "__debezium_unavailable_value"
_LEFT_OUT: Final = (_PLACEHOLDER, b64encode(_PLACEHOLDER.encode()).decode())
"""``unavailable.value.placeholder``, as it is unless set otherwise: of texts, and of bytes."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one row."""

    record: Mapping[str, Any]
    at: datetime | None
    """When the database committed it, as far as Debezium says."""


def read_change(value: bytes | None, key: bytes | None = None) -> Change | None:
    """Read a message; None for one that says nothing of a row: a tombstone, or what `speaks_of_no_row`.

    Args:
        value: of the message.
        key: of the message: it names the columns that make the row the same row.

    Raises:
        InvalidEventError: ``not_json``, ``wrong_type`` or ``missing_field``.
    """
    content, schema = (None, None) if value is None else _payload(value)
    if content is None:
        return None
    if not isinstance(content, dict):
        raise InvalidEventError(Reason.WRONG_TYPE, "/: not a change event")
    operation = content.get("op")
    if operation is None and "before" not in content and "after" not in content:
        if speaks_of_no_row(content):
            return None
        raise InvalidEventError(
            Reason.MISSING_FIELD, "/op: not there; a flattened row (ExtractNewRecordState) is not read"
        )
    if not isinstance(operation, str) or operation not in _ROWS:
        # A truncation is among them: what was in the table nobody can say.
        raise InvalidEventError(Reason.WRONG_TYPE, "/op: not the creation, change, reading or deletion of a row")
    before, after = (decoded(content.get(part), schema, part) for part in ("before", "after"))
    row = before if operation == _DELETED else after
    if not isinstance(row, dict) or (operation == _DELETED and _is_key_alone(row, key)):
        part = "before" if operation == _DELETED else "after"
        raise InvalidEventError(
            Reason.MISSING_FIELD, f"/{part}: the row is not there; a deleted one needs REPLICA IDENTITY FULL"
        )
    row, unknown = _known(row, before)
    record = {**row, "__op": operation, "__deleted": operation == _DELETED}
    if isinstance(before, dict):
        record[BEFORE] = before
    if unknown:
        record[UNKNOWN] = unknown
    return Change(record, _time(content))


def _known(row: dict[str, Any], before: Any) -> tuple[dict[str, Any], list[str]]:
    """Return a row without the values that were left out, and the names of those; what was there before stands in.

    Of a large value that has not changed (TOAST, LOB) the database tells nothing, and Debezium writes a placeholder:
    read as the value it would be a charge of that name.
    """
    earlier = before if isinstance(before, dict) else {}
    known = {name: earlier.get(name, value) if _is_left_out(value) else value for name, value in row.items()}
    unknown = [name for name, value in known.items() if _is_left_out(value)]
    return {name: value for name, value in known.items() if name not in unknown}, unknown


def _is_left_out(value: Any) -> bool:
    if isinstance(value, list | dict):
        return len(value) > 0 and all(map(_is_left_out, value))
    return value in _LEFT_OUT


def _is_key_alone(row: Mapping[str, Any], key: bytes | None) -> bool:
    """Tell whether a deleted row has nothing but its key: without REPLICA IDENTITY FULL the rest is null, or zero.

    It would read as a row that says no hold any more.
    """
    try:
        named = None if key is None else _payload(key)[0]
    except InvalidEventError:
        return False
    if not isinstance(named, dict) or not named.keys() <= row.keys() or named.keys() == row.keys():
        return False
    return not any(value for name, value in row.items() if name not in named)


def _payload(value: bytes) -> tuple[Any, Any]:
    """Return what a message says, and the schema around it, if any."""
    try:
        content = orjson.loads(value)
    except orjson.JSONDecodeError as error:
        raise InvalidEventError(Reason.NOT_JSON, f"line {error.lineno} column {error.colno}: not JSON") from None
    # A table, too, may have a column of that name.
    if isinstance(content, dict) and "payload" in content and content.keys() <= {"schema", "payload"}:
        return content["payload"], content.get("schema")
    return content, None


def _time(content: Mapping[str, Any]) -> datetime | None:
    source = content.get("source")
    said = source.get("ts_ms") if isinstance(source, dict) else None
    said = said or content.get("ts_ms")
    if isinstance(said, bool) or not isinstance(said, int | float):
        return None
    try:
        return _EPOCH + timedelta(milliseconds=said)
    except (OverflowError, ValueError):
        return None
