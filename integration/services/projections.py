"""Findings and decisions rebuilt from audit entries alone: what their tables have to equal, and are rebuilt from."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple, TypeAlias

import orjson
from pydantic_core import PydanticCustomError

from integration.services.ports import DecisionRow, EntryRow, FindingRow
from schemas.base import instant_of

FINDING_KINDS: Final = frozenset(
    {"finding.raised", "finding.changed", "finding.resolved", "finding.reopened", "finding.withdrawn"}
)
DECISION_KINDS: Final = frozenset({"message.decided", "access.decided", "assistance.decided"})

Key: TypeAlias = tuple[str, ...]
"""``(finding_id,)`` or ``(source, request, request_id)``."""


class Told(NamedTuple):
    """The last that the log tells of one finding or decision."""

    leaf_index: int
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
    except (KeyError, TypeError, PydanticCustomError) as error:
        raise ValueError(f"the entry does not tell a whole {kind}: {error}") from error
    return None


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
        since=instant_of(detail["since"]),
        until=None if until is None else instant_of(until),
        raised_at=instant_of(detail["raised_at"]),
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
        decided_at=instant_of(body["at"]),
        pack=body["pack"],
        pack_revision=body["pack_revision"],
    )
