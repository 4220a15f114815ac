"""An approval that is withdrawn counts for nothing, under whatever booking number the withdrawal was sent (section 6).

Approvals are known by their own id within a feed. So a withdrawal is filed as what retracts the approval: it waits for
one that is still to come, finds one of another booking, and can be retracted itself (`retractions`).
"""

from typing import Final

from integration.domain.custody import Standing
from integration.domain.facts import ApprovalTakenBack, Retracted
from integration.domain.instants import Instant
from integration.services.ports import EventKey, InboxRow, RetractionRow

_PREFIX: Final = "\u0001approval/"
"""Marks the key of an approval among the ids of events. A feed that uses it can only withdraw its own approvals."""
_DIGEST: Final = bytes(16)


def key_of(source: str, approval_id: str) -> EventKey:
    """Return the key under which an approval is known."""
    return EventKey(source, f"{_PREFIX}{approval_id}")


def known_as(source: str, approval_id: str, booking: str) -> InboxRow:
    """Return the row that says which booking an approval was granted for."""
    return InboxRow(*key_of(source, approval_id), _DIGEST, booking)


def withdrawal(source: str, event_id: str, time: Instant, approval_id: str) -> RetractionRow:
    """Return a withdrawal as what retracts its approval."""
    return RetractionRow(source, event_id, time, f"{_PREFIX}{approval_id}")


def withdrawn(standing: Standing) -> set[str]:
    """Return the ids of the approvals that are withdrawn, among the standing facts of a booking."""
    elsewhere = {
        fact.retracts.removeprefix(_PREFIX) for fact in standing.of(Retracted) if fact.retracts.startswith(_PREFIX)
    }
    return elsewhere | {fact.approval_id for fact in standing.of(ApprovalTakenBack)}
