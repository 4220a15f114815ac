"""Findings and decisions rebuilt from audit entries alone: what their tables have to equal, and are rebuilt from."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple, TypeAlias

import orjson

from integration.domain.instants import Instant
from integration.services.ports import DecisionRow, EntryRow, FindingRow

FINDING_KINDS: Final = frozenset(
    {"finding.raised", "finding.changed", "finding.resolved", "finding.reopened", "finding.withdrawn"}
)
DECISION_KINDS: Final = frozenset({"message.decided", "access.decided", "assistance.decided"})

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

Key: TypeAlias = tuple[str, ...]
"""``(finding_id,)`` or ``(source, request, request_id)``."""


class Told(NamedTuple):
    """The last that the log tells of one finding or decision."""

    leaf_index: int | None
    """None: the entry waits for its place."""
    row: FindingRow | DecisionRow


def key_of(row: FindingRow | DecisionRow) -> Key:
    """Return what a row is known by, the same in every entry about it."""
    if isinstance(row, FindingRow):
        return (row.finding_id,)
    return row.source, row.request, row.request_id


def projected(body: Mapping[str, Any]) -> FindingRow | DecisionRow | None:
    """Return the row that an entry makes; None for entries that make none.

    Args:
        body: the entry, parsed.

    Raises:
        ValueError: an entry of such a kind lacks a field, or holds one that cannot be read.
    """
    kind = body.get("kind")
    try:
        if kind in FINDING_KINDS:
            return _finding(body, body["detail"])
        if kind in DECISION_KINDS:
            return _decision(body, body["detail"])
    except (KeyError, TypeError) as error:
        raise ValueError(f"the entry does not tell a whole {kind}: {error}") from error
    return None


def instant_told(text: object) -> Instant:
    """Read a time of an entry. Any year: a deadline may lie past the last year that input may name.

    Raises:
        ValueError: it is no time with an offset.
    """
    if not isinstance(text, str):
        raise ValueError("a time is text")  # noqa: TRY004  a wrong value in a log, not a wrong call
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time has an offset")
    return (moment - _EPOCH) // timedelta(microseconds=1)


def rebuild(entries: Iterable[EntryRow]) -> dict[Key, Told]:
    """Return the last row of each finding and decision that readable entries tell of, in the entries' order.

    Raises:
        ValueError: an entry is not readable JSON, or not whole.
    """
    rows: dict[Key, Told] = {}
    for entry in entries:
        if entry.body is not None and (row := projected(orjson.loads(entry.body))) is not None:
            rows[key_of(row)] = Told(entry.leaf_index, row)
    return rows


def _finding(body: Mapping[str, Any], detail: Mapping[str, Any]) -> FindingRow:
    until = detail["until"]
    return FindingRow(
        finding_id=detail["finding_id"],
        source=body["source"],
        booking=body["booking"],
        rule=detail["rule"],
        about=detail["about"],
        since=instant_told(detail["since"]),
        until=None if until is None else instant_told(until),
        raised_at=instant_told(detail["raised_at"]),
        status=body["outcome"],
        severity=detail["severity"],
        provisions=orjson.dumps(detail["provisions"]),
        evidence=orjson.dumps(detail["evidence"]),
        names=orjson.dumps(detail.get("names", {})),
        pack=body["pack"],
        pack_revision=body["pack_revision"],
    )


def _decision(body: Mapping[str, Any], detail: Mapping[str, Any]) -> DecisionRow:
    request = f"{body['kind'].removesuffix('.decided')}_id"
    return DecisionRow(
        source=body["source"],
        request=request,
        request_id=detail[request],
        booking=body["booking"],
        decision=body["outcome"],
        reasons=orjson.dumps(detail["reasons"]),
        provisions=orjson.dumps(detail["provisions"]),
        categories=orjson.dumps(detail["categories"]),
        recipient_class=detail["recipient_class"],
        decided_at=instant_told(body["at"]),
        pack=body["pack"],
        pack_revision=body["pack_revision"],
    )
