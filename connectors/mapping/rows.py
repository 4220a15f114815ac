"""Records on their way in: each with its place, and as it is kept when nothing can be made of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from connectors.mapping.apply import Changed, Mapper, first_sight
from connectors.mapping.record import Record
from connectors.mapping.result import Mapped
from integration.services.intake import Input
from schemas.refusals import InvalidEventError, Reason
from schemas.repeated import repeated_name


@dataclass(frozen=True, slots=True)
class Row:
    """One record, or why there is none."""

    place: str
    """``line 17``, counted from 1; of several lines the first."""
    record: Mapping[str, Any]
    refusal: InvalidEventError | None = None

    @property
    def raw(self) -> bytes:
        """Return the record as it is kept when it is refused."""
        return kept(self.record)


def kept(record: Mapping[str, Any]) -> bytes:
    """Write a record for the dead-letter store. What JSON has no form for is written as text."""
    try:
        return orjson.dumps(record, default=str, option=orjson.OPT_NON_STR_KEYS)
    except (TypeError, ValueError):  # lone surrogates, and numbers of more than 64 bits
        return repr(dict(record)).encode(errors="backslashreplace")


def inputs_of(
    place: str, row: Row, mapper: Mapper, *, observed: datetime | None, changed: Changed = first_sight
) -> Iterator[Input]:
    """Yield the inputs of one record: its events, and the record itself once for each rule that was refused.

    Args:
        place: what the record came in: a file, a table, a message.
        row: the record.
        mapper: the mapping.
        observed: when the record was written.
        changed: see `Mapper.map`.
    """
    at = f"{place}:{row.place}" if row.place else place
    if row.refusal is not None:
        # What lacks a column can be mapped once the mapping is mended; a row that is no row cannot.
        mendable = row.refusal.reason is Reason.MISSING_FIELD
        yield Input(f"{at}#record" if mendable else at, row.raw, refusal=row.refusal)
        return
    mapped = mapper.map(row.record, observed=observed, changed=changed)
    for event in mapped.events:
        yield Input(f"{at}#{event['id']}", written(event))
    yield from refused_inputs(at, row, mapped)


def refused_inputs(at: str, row: Row, mapped: Mapped) -> Iterator[Input]:
    """Yield the record itself once for each rule that was refused."""
    for refusal in mapped.refusals:
        error = InvalidEventError(refusal.reason, f"{refusal.place}: {refusal.message}")
        yield Input(f"{at}#{refusal.place}", row.raw, refusal=error)


def written(event: Mapping[str, Any]) -> bytes:
    """Write an event; one that JSON has no form for is refused by the intake as what it is."""
    try:
        return orjson.dumps(event)
    except (TypeError, ValueError):  # lone surrogates
        return repr(event).encode(errors="backslashreplace")


def json_rows(raw: bytes, path: str) -> Iterator[Row]:
    """Yield the records of a JSON document: an object, or the list at a path.

    Raises:
        InvalidEventError: ``not_json``, ``repeated_field`` or ``wrong_type``: nothing of the document is used.
    """
    try:
        content = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise InvalidEventError(Reason.NOT_JSON, f"line {error.lineno} column {error.colno}: not JSON") from None
    if isinstance(content, dict | list) and (repeated := repeated_name(raw, content)) is not None:
        # Of two holds under one name a reader keeps one. Its own name may name somebody.
        place = "".join(f"/{step}" if isinstance(step, int) else "/…" for step in repeated)
        raise InvalidEventError(Reason.REPEATED_FIELD, f"{place or '/'}: stands twice, with different values")
    if path:
        content = Record(content).value(path) if isinstance(content, dict) else None
    if not isinstance(content, dict | list):
        raise InvalidEventError(Reason.WRONG_TYPE, f"/{path}: neither a record nor a list of records")
    for number, each in enumerate(content if isinstance(content, list) else [content], start=1):
        place = f"record {number}" if isinstance(content, list) else ""
        if isinstance(each, dict):
            yield Row(place, each)
        else:
            yield Row(place, {"value": each}, InvalidEventError(Reason.WRONG_TYPE, f"{place}: not an object"))
