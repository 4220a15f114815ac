"""What is told on the outgoing topics. At least once: a consumer drops a key that it has seen.

The Kafka key of a notice is the topic's short name and the leaf index of the entry that it tells of.
"""

from typing import Literal

from schemas.base import Identifier, Strict
from schemas.entries import (
    AccessDecidedDetail,
    AssistanceDecidedDetail,
    EntryKind,
    FindingDetail,
    MessageDecidedDetail,
    RefusedDetail,
)
from schemas.kinds import Rule, Severity
from schemas.outputs import Count, FindingId, Provision, UtcText


class FindingNotice(FindingDetail):
    """On ``jail.findings``: what became of a finding. A notice of the same finding with a later offset replaces it."""

    kind: Literal[
        EntryKind.FINDING_RAISED,
        EntryKind.FINDING_CHANGED,
        EntryKind.FINDING_RESOLVED,
        EntryKind.FINDING_REOPENED,
        EntryKind.FINDING_WITHDRAWN,
    ]
    source: Identifier
    booking: Identifier


class MessageDecisionNotice(MessageDecidedDetail):
    """On ``jail.decisions``: an outgoing message was decided."""

    kind: Literal[EntryKind.MESSAGE_DECIDED]
    source: Identifier
    booking: Identifier


class AccessDecisionNotice(AccessDecidedDetail):
    """On ``jail.decisions``: a request for access was decided."""

    kind: Literal[EntryKind.ACCESS_DECIDED]
    source: Identifier
    booking: Identifier


class AssistanceDecisionNotice(AssistanceDecidedDetail):
    """On ``jail.decisions``: a request for assistance was decided."""

    kind: Literal[EntryKind.ASSISTANCE_DECIDED]
    source: Identifier
    booking: Identifier


class AlertNotice(Strict):
    """On ``jail.alerts``: staff have to look at a finding. ``repeat`` is 0 the first time and counts reminders."""

    finding_id: FindingId
    rule: Rule
    source: Identifier
    booking: Identifier
    since: UtcText
    until: UtcText | None
    severity: Severity
    provisions: list[Provision]
    sent_at: UtcText
    repeat: Count


class DeadLetterNotice(RefusedDetail):
    """On ``jail.deadletters``: an input was refused at ``at`` and is kept. The input itself is never told here."""

    at: UtcText
