"""What an assessment changes: entries, projections and outbox, from the difference to what is on record (rule 7)."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import orjson

from integration.audit.entry import JSON, Entry, text_of
from integration.domain.facts import Fact
from integration.domain.findings import Finding
from integration.domain.instants import Instant
from integration.policy.decisions import Decision
from integration.policy.pack import Pack
from integration.services import gate
from integration.services.casefile import CaseFile, Recorded
from integration.services.ports import Changes, DecisionRow, FindingRow, OutboxRow
from integration.services.recorder import Log
from integration.services.refused import Refused
from schemas.kinds import Status, Verdict

PackOf = Callable[[str], Pack]
"""From a revision to its pack."""


class Outcomes:
    """Turns differences into rows of one batch. Nothing is ever deleted: each change is a new entry."""

    def __init__(self, log: Log, changes: Changes, place: str) -> None:
        """Args: ``changes`` collects the rows; ``place`` names this installation."""
        self._log = log
        self._changes = changes
        self._place = place

    def write(
        self,
        kind: str,
        outcome: str,
        source: str,
        booking: str,
        at: Instant,
        *,
        detail: dict[str, JSON],
        pack: Pack | None = None,
        actor: str = "service:intake",
    ) -> bytes:
        """Write one entry and return its leaf hash. Args: ``actor`` is who did it, where a person did."""
        return self._log.write(
            Entry(
                kind=kind,
                at=at,
                source=source,
                booking=booking,
                actor=actor,
                outcome=outcome,
                place=self._place,
                pack=pack.id if pack else "",
                pack_revision=pack.revision if pack else "",
                detail=detail,
            )
        )

    def compare(self, case: CaseFile, found: Mapping[str, tuple[Finding, Pack]], packs: PackOf, now: Instant) -> None:
        """Record what changed between the findings on record and those that stand now.

        Args:
            case: the case file.
            found: what stands, by id, each with the pack it stands under.
            packs: from a revision to its pack; the one in force for a revision that is not loaded any more.
            now: the current time.
        """
        for finding_id, recorded in list(case.findings.items()):
            if finding_id not in found:
                del case.findings[finding_id]
                withdrawn = _with_status(recorded.finding, Status.WITHDRAWN)
                self._tell("finding.withdrawn", withdrawn, recorded.raised_at, packs(recorded.pack_revision), now)
        for finding_id, (finding, pack) in found.items():
            before = case.findings.get(finding_id)
            if before is None:
                case.findings[finding_id] = Recorded(finding, now, pack.revision)
                self._tell("finding.raised", finding, now, pack, now)
            elif before.finding != finding:
                is_loaded = packs(before.pack_revision).revision == before.pack_revision
                revision = pack.revision if is_loaded else before.pack_revision
                case.findings[finding_id] = Recorded(finding, before.raised_at, revision)
                self._tell(_kind_of_change(before.finding, finding), finding, before.raised_at, pack, now)

    def _tell(self, kind: str, finding: Finding, raised_at: Instant, pack: Pack, now: Instant) -> None:
        terms = pack.parameters.terms[finding.rule]
        detail: dict[str, JSON] = {
            "finding_id": finding.finding_id,
            "rule": finding.rule.value,
            "about": finding.about,
            "since": text_of(finding.since),
            "until": None if finding.until is None else text_of(finding.until),
            "raised_at": text_of(raised_at),
            "severity": terms.severity.value,
            "provisions": list(terms.provisions),
            "evidence": list(finding.evidence),
        }
        if finding.names:
            detail["names"] = dict(finding.names)
        leaf = self.write(kind, finding.status.value, finding.source, finding.booking, now, detail=detail, pack=pack)
        self._changes.findings.append(
            FindingRow(
                finding_id=finding.finding_id,
                source=finding.source,
                booking=finding.booking,
                rule=finding.rule.value,
                about=finding.about,
                since=finding.since,
                until=finding.until,
                raised_at=raised_at,
                status=finding.status.value,
                severity=terms.severity.value,
                provisions=orjson.dumps(list(terms.provisions)),
                evidence=orjson.dumps(finding.evidence),
                names=orjson.dumps(dict(finding.names), option=orjson.OPT_SORT_KEYS),  # as the log writes it
                pack=pack.id,
                pack_revision=pack.revision,
            )
        )
        self._announce(
            "findings", leaf, now, {"kind": kind, "source": finding.source, "booking": finding.booking}, detail
        )

    def decide(self, case: CaseFile, booking: str, facts: Iterable[Fact], pack: Pack, now: Instant) -> None:
        """Decide every request that is not permitted yet. What was permitted has left: that stands."""
        for request in gate.decide(facts, pack, now=now):
            key = orjson.dumps([request.kind, request.request_id, *request.asked_by]).decode()
            before = case.decisions.get(key)
            if before is not None and before.decision == Verdict.PERMIT.value:
                continue
            row = gate.to_row(request, case.source, booking, pack, now=now)
            if before is not None and _says(before) == _says(row):
                continue
            case.decisions[key] = row
            decided = request.decision if isinstance(request.decision, Decision) else None
            self._changes.decisions.append(row)
            detail: dict[str, JSON] = {
                row.request: row.request_id,
                "reasons": orjson.loads(row.reasons),
                "provisions": orjson.loads(row.provisions),
                "categories": list(request.categories),
                "recipient_class": row.recipient_class,
                "policies": list(decided.policies) if decided else [],
                "errors": list(decided.errors) if decided else [],
            }
            kind = f"{row.request.removesuffix('_id')}.decided"
            leaf = self.write(kind, row.decision, case.source, booking, now, detail=detail, pack=pack)
            self._announce("decisions", leaf, now, {"kind": kind, "source": case.source, "booking": booking}, detail)

    def refuse(self, refused: Refused, *, tell: bool) -> None:
        """Keep a refused input, count it in the log, and tell the outside that there is one, but not what it says."""
        self._changes.refused.append(refused)
        detail: dict[str, JSON] = {"place": refused.place, "reason": refused.reason.value, "bytes": len(refused.raw)}
        leaf = self.write("input.refused", "refused", "", "", refused.at, detail=detail)
        if tell:
            self._announce("deadletters", leaf, refused.at, {"kind": "input.refused"}, detail)

    def _announce(self, topic: str, leaf: bytes, now: Instant, about: dict[str, Any], detail: dict[str, JSON]) -> None:
        # The key points into the log: the hash is known before the entry has its place, and never changes.
        self._changes.outbox.append(OutboxRow(f"{topic}-{leaf.hex()}", topic, now, orjson.dumps({**about, **detail})))


def _kind_of_change(before: Finding, after: Finding) -> str:
    if after.status is before.status:
        return "finding.changed"
    return "finding.resolved" if after.status is Status.RESOLVED else "finding.reopened"


def _with_status(finding: Finding, status: Status) -> Finding:
    return Finding(
        finding.finding_id,
        finding.rule,
        finding.about,
        finding.source,
        finding.booking,
        finding.since,
        finding.until,
        status,
        finding.evidence,
        finding.names,
    )


def _says(row: DecisionRow) -> tuple[Any, ...]:
    return row.decision, row.reasons, row.provisions, row.categories, row.recipient_class
