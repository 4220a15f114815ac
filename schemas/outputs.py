"""One line of each file that a replay writes (section 7). Read with these models what ``holdwatch`` wrote.

Times are text, as written: UTC with ``Z`` and six decimals, so that text order is time order.
"""

from typing import Annotated, Self, TypeAlias

from pydantic import Field, model_validator

from schemas.base import Identifier, Strict, Text
from schemas.kinds import Category, RecipientClass, Rule, Severity, Status, Verdict
from schemas.refusals import Reason

UtcText = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z$")]
"""An instant as outputs write it."""

Word = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
"""A code from some list that this contract leaves open, such as the reasons that a policy names."""

FindingId = Annotated[str, Field(pattern="^[0-9a-f]{32}$")]
"""The first 128 bits of SHA-256 over what makes a finding the same everywhere (rule 8)."""

Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]

Provision = Annotated[str, Field(min_length=1, max_length=64)]
"""The number of a clause, as the policy pack numbers them: ``L5``, ``M-d``."""

Count = Annotated[int, Field(ge=0)]


class FindingLine(Strict):
    """A line of ``findings.jsonl``: a finding in its final state.

    ``about`` is the hold or event that the rule speaks of, or empty. ``until`` is null while no end is known.
    ``evidence`` are event ids in order of their time. ``names`` stands only where they show words: the label and the
    paper of a mislabelled document, the names of forbidden fields. ``acknowledged_at`` and ``acknowledged_by`` stand
    only where an installation's staff have taken note of a finding about one moment; a replay has none.
    """

    finding_id: FindingId
    rule: Rule
    about: Annotated[str, Field(max_length=512)]
    source: Identifier
    booking: Identifier
    since: UtcText
    until: UtcText | None
    raised_at: UtcText
    status: Status
    severity: Severity
    provisions: list[Provision]
    evidence: Annotated[list[Identifier], Field(min_length=1)]
    names: dict[Word, str] | None = None
    acknowledged_at: UtcText | None = None
    acknowledged_by: Identifier | None = None
    pack: Identifier
    pack_revision: Sha256


class _Decision(Strict):
    decision: Verdict
    reasons: Annotated[list[Word], Field(min_length=1)]
    provisions: list[Provision]
    categories: list[Category]
    recipient_class: RecipientClass
    decided_at: UtcText
    source: Identifier
    booking: Identifier
    pack: Identifier
    pack_revision: Sha256


class MessageDecisionLine(_Decision):
    """A line of ``decisions.jsonl`` about an outgoing message. ``categories``: stated or found in its text."""

    message_id: Identifier


class AccessDecisionLine(_Decision):
    """A line of ``decisions.jsonl`` about an interview or call."""

    access_id: Identifier


class AssistanceDecisionLine(_Decision):
    """A line of ``decisions.jsonl`` about help that an agency asked for."""

    assistance_id: Identifier


DecisionLine: TypeAlias = MessageDecisionLine | AccessDecisionLine | AssistanceDecisionLine


class _Rejected(Strict):
    place: Identifier
    reason: Reason
    message: Text


class RejectedTextLine(_Rejected):
    """A line of ``rejected.jsonl``: an input that is UTF-8, as it was received."""

    input: str


class RejectedBytesLine(_Rejected):
    """A line of ``rejected.jsonl``: an input that is not UTF-8, in base64."""

    input_base64: Annotated[
        str, Field(pattern=r"^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$", min_length=4)
    ]


RejectedLine: TypeAlias = RejectedTextLine | RejectedBytesLine


class Summary(Strict):
    """``summary.json``: counts that add up, and what they were counted under.

    ``findings`` counts all by status, ``findings_by_rule`` those not withdrawn, ``decisions`` the last on each
    request. ``entries`` is the number of audit entries, ``root_hash`` the RFC 6962 root over them, in hexadecimal.
    ``until`` is where simulated time was told to end, or null.
    """

    read: Count
    accepted: Count
    duplicates: Count
    refused: Count
    refused_by_reason: dict[Reason, Count]
    findings: dict[Status, Count]
    findings_by_rule: dict[Rule, Count]
    decisions: dict[Verdict, Count]
    entries: Count
    root_hash: Sha256
    pack: Identifier
    pack_revision: Sha256
    until: UtcText | None

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        standing = sum(count for status, count in self.findings.items() if status is not Status.WITHDRAWN)
        if (
            self.read != self.accepted + self.duplicates + self.refused
            or self.refused != sum(self.refused_by_reason.values())
            or standing != sum(self.findings_by_rule.values())
        ):
            raise ValueError("the counts do not add up")
        return self
