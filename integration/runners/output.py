"""Writing what came out, in the forms that section 7 fixes. Times are UTC with ``Z`` and microseconds."""

from base64 import b64encode
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO, Final

import orjson

from integration.audit.entry import jsonl_row, leaf, text_of
from integration.services.intake import Tally
from integration.services.ports import DecisionRow, EntryRow, FindingRow
from integration.services.refused import Refused

FINDINGS: Final = "findings.jsonl"
DECISIONS: Final = "decisions.jsonl"
AUDIT: Final = "audit.jsonl"
CHECKPOINT: Final = "checkpoint"
VKEY: Final = "vkey"
REJECTED: Final = "rejected.jsonl"
SUMMARY: Final = "summary.json"
OUTPUTS: Final = frozenset({FINDINGS, DECISIONS, AUDIT, CHECKPOINT, VKEY, REJECTED, SUMMARY})
"""Every file that a replay writes."""


def finding_line(row: FindingRow) -> dict[str, Any]:
    """Return a finding as one line of ``findings.jsonl``; ``names`` only where the evidence shows words."""
    line = {
        "finding_id": row.finding_id,
        "rule": row.rule,
        "about": row.about,
        "source": row.source,
        "booking": row.booking,
        "since": text_of(row.since),
        "until": None if row.until is None else text_of(row.until),
        "raised_at": text_of(row.raised_at),
        "status": row.status,
        "severity": row.severity,
        "provisions": orjson.loads(row.provisions),
        "evidence": orjson.loads(row.evidence),
        "pack": row.pack,
        "pack_revision": row.pack_revision,
    }
    names = orjson.loads(row.names)
    return {**line, "names": names} if names else line


def decision_line(row: DecisionRow) -> dict[str, Any]:
    """Return a decision as one line of ``decisions.jsonl``."""
    return {
        row.request: row.request_id,
        "decision": row.decision,
        "reasons": orjson.loads(row.reasons),
        "provisions": orjson.loads(row.provisions),
        "categories": orjson.loads(row.categories),
        "recipient_class": row.recipient_class,
        "decided_at": text_of(row.decided_at),
        "source": row.source,
        "booking": row.booking,
        "pack": row.pack,
        "pack_revision": row.pack_revision,
    }


def rejected_line(refused: Refused) -> dict[str, Any]:
    """Return a refused input as one line of ``rejected.jsonl``, whole."""
    line: dict[str, Any] = {"place": refused.place, "reason": refused.reason.value, "message": refused.message}
    try:
        return {**line, "input": refused.raw.decode()}
    except UnicodeDecodeError:
        return {**line, "input_base64": b64encode(refused.raw).decode()}


def audit_line(row: EntryRow) -> bytes:
    """Return a log entry as one line of ``audit.jsonl``."""
    if row.body is None or row.salt is None:
        raise ValueError(f"entry {row.leaf_index} is sealed: its leaf cannot be made anew")
    return jsonl_row(row.leaf_index, leaf(row.salt, row.body), row.salt, row.body)


def write_jsonl(path: Path, lines: Iterable[dict[str, Any]]) -> int:
    """Write one JSON object a line; returns how many."""
    count = 0
    with path.open("wb") as stream:
        for line in lines:
            write_line(stream, line)
            count += 1
    return count


def write_line(stream: BinaryIO, line: dict[str, Any]) -> None:
    """Write one JSON object and a line feed."""
    stream.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))


def summary(
    tally: Tally, findings: Iterable[FindingRow], decisions: Iterable[DecisionRow], **about: Any
) -> dict[str, Any]:
    """Return the counts of a run; ``read`` is the sum of accepted, duplicates and refused."""
    by_status: Counter[str] = Counter()
    by_rule: Counter[str] = Counter()
    for row in findings:
        by_status[row.status] += 1
        if row.status != "withdrawn":
            by_rule[row.rule] += 1
    return {
        "read": tally.read,
        "accepted": tally.accepted,
        "duplicates": tally.duplicates,
        "refused": tally.refused,
        "refused_by_reason": dict(sorted(tally.reasons.items())),
        "findings": dict(sorted(by_status.items())),
        "findings_by_rule": dict(sorted(by_rule.items())),
        "decisions": dict(sorted(Counter(row.decision for row in decisions).items())),
        **about,
    }
