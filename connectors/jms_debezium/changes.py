"""Change events as Debezium writes them: before and after a row's change, and what was done to it.

``{"op": "c"|"u"|"d"|"r"|"t", "before": {...}, "after": {...}, "ts_ms": ..., "source": {...}}``, with or without the
``{"schema": ..., "payload": ...}`` around it. The mapping reads the row after the change; of a deleted row the one
before, with ``__deleted`` beside its columns. What was there before is under ``__before``, what was done: ``__op``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson

from connectors.jms_debezium.decimals import decoded
from schemas.refusals import InvalidEventError, Reason

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DELETED: Final = "d"
_ROWS: Final = frozenset({"c", "u", "r", _DELETED})
"""Created, updated, read in a first snapshot, deleted."""


_SPEAKS_OF_NO_ROW: Final = frozenset({"status", "ddl", "tableChanges"})


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one row."""

    record: Mapping[str, Any]
    at: datetime | None
    """When the database committed it, as far as Debezium says."""


def read_change(value: bytes | None) -> Change | None:
    """Read a message; None for one that says nothing of a row: a tombstone, a heartbeat.

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
        if _SPEAKS_OF_NO_ROW & set(content) or content.keys() <= {"ts_ms"}:
            return None  # the boundary of a transaction, a changed schema, or a heartbeat
        raise InvalidEventError(
            Reason.MISSING_FIELD, "/op: not there; a flattened row (ExtractNewRecordState) is not read"
        )
    if not isinstance(operation, str) or operation not in _ROWS:
        # A truncation is among them: what was in the table nobody can say.
        raise InvalidEventError(Reason.WRONG_TYPE, "/op: not the creation, change, reading or deletion of a row")
    before, after = (decoded(content.get(part), schema, part) for part in ("before", "after"))
    row = before if operation == _DELETED else after
    if not isinstance(row, dict):
        part = "before" if operation == _DELETED else "after"
        raise InvalidEventError(
            Reason.MISSING_FIELD, f"/{part}: the row is not there; a deleted one needs REPLICA IDENTITY FULL"
        )
    record = {**row, "__op": operation, "__deleted": operation == _DELETED}
    if isinstance(before, dict):
        record["__before"] = before
    return Change(record, _time(content))


def _payload(value: bytes) -> tuple[Any, Any]:
    """Return what a message says, and the schema around it, if any."""
    try:
        content = orjson.loads(value)
    except orjson.JSONDecodeError as error:
        raise InvalidEventError(Reason.NOT_JSON, f"line {error.lineno} column {error.colno}: not JSON") from None
    if isinstance(content, dict) and "payload" in content:
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
