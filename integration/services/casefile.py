"""A case file: the facts of one group of bookings, and what is on record about them."""

from dataclasses import dataclass, field
from typing import Any

import orjson

from integration.domain.facts import Fact, Moved, Retracted, from_row, to_row
from integration.domain.findings import Assessment, Finding, assess
from integration.domain.groups import standing_bookings
from integration.domain.instants import NEVER, Instant
from integration.domain.parameters import Parameters
from integration.services.ports import BookingKey, BookingRow, DecisionRow
from schemas.kinds import Rule, Status


@dataclass(frozen=True, slots=True)
class Recorded:
    """A finding as the log last told it."""

    finding: Finding
    raised_at: Instant
    pack_revision: str
    """The pack it was raised under: a later one never rewrites it."""


@dataclass(slots=True)
class CaseFile:
    """Mutable while a batch is worked on; written back whole.

    ``facts`` holds every fact under the number it was sent for, retracted and superseded ones too: what counts
    is decided anew each time (`groups`), so the order of arrival cannot matter.
    """

    key: BookingKey
    """Where it is kept: the feed, and the number that this group of bookings was first known by."""
    facts: dict[str, list[Fact]]
    findings: dict[str, Recorded] = field(default_factory=dict)
    """Those that stand, by id. Withdrawn ones live in the log and its projection."""
    decisions: dict[str, DecisionRow] = field(default_factory=dict)
    """The last decision on each request, by its kind, id and the events that ask for it."""
    next_at: Instant = NEVER
    version: int = 0
    """As the store has it; 0: it has none yet."""
    dirty: bool = False
    tangled: bool = False
    """Some fact retracts or moves: what counts has to be worked out first."""

    @property
    def source(self) -> str:
        """The facility's feed."""
        return self.key.source

    def add(self, subject: str, fact: Fact) -> None:
        """File a fact under the number it speaks of."""
        if type(fact) is Retracted or type(fact) is Moved:
            self.tangled = True
        facts = self.facts.get(subject)
        if facts is None:
            self.facts[subject] = [fact]
        else:
            facts.append(fact)

    def holds_retraction(self, event_id: str) -> bool:
        """Tell whether the retraction is on file here; another fact of the same event does not count."""
        return any(type(fact) is Retracted and fact.id == event_id for facts in self.facts.values() for fact in facts)

    def standing(self) -> dict[str, list[Fact]]:
        """Return the facts that count, under the booking they count for."""
        if self.tangled or len(self.facts) != 1:
            return standing_bookings(self.facts)
        return self.facts

    def assess(self, bookings: dict[str, list[Fact]], parameters: Parameters, now: Instant) -> Assessment:
        """Assess every booking of the group, given the facts that stand."""
        found: list[Finding] = []
        next_at = NEVER
        for number, facts in bookings.items():
            assessment = assess(self.source, number, facts, parameters, now=now)
            found += assessment.findings
            next_at = min(next_at, assessment.next_at)
        return Assessment(tuple(found), next_at)

    def to_row(self) -> BookingRow:
        """Write the case file as a row."""
        facts = {subject: [to_row(fact) for fact in facts] for subject, facts in self.facts.items()}
        recorded: bytes = b""
        if self.findings or self.decisions:
            recorded = orjson.dumps(
                {
                    "findings": [_finding_to_list(kept) for kept in self.findings.values()],
                    "decisions": {
                        key: [part.decode() if isinstance(part, bytes) else part for part in row]
                        for key, row in self.decisions.items()
                    },
                }
            )
        next_at = None if self.next_at == NEVER else self.next_at
        return BookingRow(*self.key, None, orjson.dumps(facts), recorded, next_at, self.version)

    @classmethod
    def from_row(cls, row: BookingRow) -> "CaseFile":
        """Read a case file from its row."""
        case = cls(BookingKey(row.source, row.number), {}, version=row.version)
        for subject, facts in orjson.loads(row.facts).items():
            case.facts[subject] = [from_row(fact) for fact in facts]
            if any(type(fact) is Retracted or type(fact) is Moved for fact in case.facts[subject]):
                case.tangled = True
        if row.recorded:
            recorded = orjson.loads(row.recorded)
            case.findings = {kept.finding.finding_id: kept for kept in map(_finding_from_list, recorded["findings"])}
            case.decisions = {key: _decision_from_list(parts) for key, parts in recorded["decisions"].items()}
        case.next_at = NEVER if row.next_at is None else row.next_at
        return case


def merge(into: CaseFile, other: CaseFile) -> None:
    """Put two groups of bookings together, because a move ties them."""
    for subject, facts in other.facts.items():
        into.facts.setdefault(subject, []).extend(facts)
    into.findings.update(other.findings)
    into.decisions.update(other.decisions)
    into.tangled = True


def _finding_to_list(kept: Recorded) -> list[Any]:
    found = kept.finding
    return [
        found.finding_id,
        found.rule.value,
        found.about,
        found.source,
        found.booking,
        found.since,
        found.until,
        found.status.value,
        found.evidence,
        found.names,
        kept.raised_at,
        kept.pack_revision,
    ]


def _finding_from_list(parts: list[Any]) -> Recorded:
    finding_id, rule, about, source, booking, since, until, status, evidence, names, raised_at, pack_revision = parts
    finding = Finding(
        finding_id,
        Rule(rule),
        about,
        source,
        booking,
        since,
        until,
        Status(status),
        tuple(evidence),
        tuple((name, value) for name, value in names),
    )
    return Recorded(finding, raised_at, pack_revision)


_DECISION_BYTES = frozenset({"reasons", "provisions", "categories"})


def _decision_from_list(parts: list[Any]) -> DecisionRow:
    named = dict(zip(DecisionRow._fields, parts, strict=True))
    return DecisionRow(**{name: part.encode() if name in _DECISION_BYTES else part for name, part in named.items()})
