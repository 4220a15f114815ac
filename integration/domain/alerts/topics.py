"""What an alert can be about: a finding's rule, or a kind of duty."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple, TypeAlias

from integration.domain.instants import Duration, Instant
from schemas.kinds import Rule, Severity


class DutyKind(StrEnum):
    """What is owed."""

    NOTICE = "notice"
    """The person is owed a copy of a paper (`notice_not_served`)."""
    CERTIFICATION = "certification"
    """Somebody asked for a certification, and it was not decided."""
    APPROVAL_EXPIRES = "approval_expires"
    """An approval to send ends soon: what still waits for it stays blocked then."""
    AUDIT_REVIEW = "audit_review"
    """The audit log is to be looked through."""
    QUARANTINE = "quarantine"
    """Blocked messages wait for a person: the oldest for too long, or too many of them."""
    DELIVERY_UNKNOWN = "delivery_unknown"
    """Nobody knows whether a message has left. A person finds out; nothing is tried again by itself."""
    ACCOUNT_LOCKED = "account_locked"
    """Too many log-ins of an account failed: somebody has forgotten something, or is guessing."""


Topic: TypeAlias = Rule | DutyKind
"""Their values never meet: `topic_of` reads either."""

_RULES: Final = {rule.value: rule for rule in Rule}


def topic_of(word: str) -> Topic:
    """Read a topic as it is stored.

    Raises:
        ValueError: it is neither a rule nor a kind of duty.
    """
    return _RULES.get(word) or DutyKind(word)


class Owed(NamedTuple):
    """A duty that people are told of now: it comes due soon, or is late."""

    duty_id: str
    """As `holdwatch duties list` names it; in an alert it stands where a finding's id does."""
    kind: DutyKind
    source: str
    """The facility; empty for a duty of the whole installation."""
    booking: str
    about: str
    """A hold, a certification, an approval, a message."""
    due_at: Instant
    waiting: int
    """How many things wait; 1 where it is one."""
    rests_on: tuple[str, ...]
    severity: Severity
    """How grave it is now: a duty that is late may be graver than one that is not."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How a kind of duty is told: in hours and days, where a finding is told in minutes."""

    before: Duration
    """How long before it is due people are told for the first time."""
    coming: Severity
    """How grave it is until then."""
    late: Severity
    """How grave it is from the instant at which it is due."""
    wait: Duration
    """The next step of its route is told after this, whatever the route says; so are the next two."""
    repeat: Duration
    reopen: Duration

    def severity_at(self, due_at: Instant, now: Instant) -> Severity | None:
        """Return how grave a duty is; None while it is too early to tell anybody."""
        if now >= due_at:
            return self.late
        return self.coming if now >= due_at - self.before else None

    def changes_after(self, due_at: Instant, now: Instant) -> Instant | None:
        """Return when `severity_at` next changes; None: never again."""
        return next((at for at in (due_at - self.before, due_at) if at > now), None)
