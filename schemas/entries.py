"""The audit entry, version 1, and the row of ``audit.jsonl`` that carries it.

An entry is canonical JSON (RFC 8785). Its leaf in the log is a salted commitment, so that a sealed entry loses body
and salt and every proof stays valid. Entries name bookings, ids, agencies and officers; no person in custody.
"""

from enum import StrEnum
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, JsonValue, model_validator

from schemas.base import Identifier, Strict
from schemas.kinds import Category, RecipientClass, Rule, Severity, Verdict
from schemas.outputs import Count, FindingId, Provision, Sha256, UtcText, Word
from schemas.refusals import Reason


class EntryKind(StrEnum):
    """What an entry can tell."""

    EVENT_ACCEPTED = "event.accepted"
    EVENT_SET_ASIDE = "event.set_aside"
    INPUT_REFUSED = "input.refused"
    FINDING_RAISED = "finding.raised"
    FINDING_CHANGED = "finding.changed"
    FINDING_RESOLVED = "finding.resolved"
    FINDING_REOPENED = "finding.reopened"
    FINDING_WITHDRAWN = "finding.withdrawn"
    FINDING_ACKNOWLEDGED = "finding.acknowledged"
    MESSAGE_DECIDED = "message.decided"
    ACCESS_DECIDED = "access.decided"
    ASSISTANCE_DECIDED = "assistance.decided"
    MESSAGE_ACCEPTED = "message.accepted"
    MESSAGE_TURNED_AWAY = "message.turned_away"
    MESSAGE_CHECKED = "message.checked"
    MESSAGE_SENDING = "message.sending"
    MESSAGE_SENT = "message.sent"
    MESSAGE_REFUSED = "message.refused"
    MESSAGE_PUT_OFF = "message.put_off"
    MESSAGE_UNKNOWN = "message.unknown"
    MESSAGE_SETTLED = "message.settled"
    QUARANTINE_VIEWED = "quarantine.viewed"
    QUARANTINE_DENIED = "quarantine.denied"
    QUARANTINE_EXPIRED = "quarantine.expired"
    QUARANTINE_PURGED = "quarantine.purged"
    APPROVAL_ASKED = "approval.asked"
    APPROVAL_GRANTED = "approval.granted"
    APPROVAL_WITHDRAWN = "approval.withdrawn"
    ALERT_OPENED = "alert.opened"
    ALERT_QUEUED = "alert.queued"
    ALERT_SENT = "alert.sent"
    ALERT_FAILED = "alert.failed"
    ALERT_ACKNOWLEDGED = "alert.acknowledged"
    ALERT_CLOSED = "alert.closed"
    ALERT_SILENCED = "alert.silenced"
    ALERT_UNSILENCED = "alert.unsilenced"
    ALERT_DRILLED = "alert.drilled"
    ALERT_TESTED = "alert.tested"
    DUTY_DONE = "duty.done"
    DEADLETTER_READ = "deadletter.read"
    DEADLETTER_RESUBMITTED = "deadletter.resubmitted"
    ENTRY_SEALED = "entry.sealed"
    AUDIT_READ = "audit.read"
    AUDIT_EXPORTED = "audit.exported"
    AUDIT_VERIFIED = "audit.verified"
    AUDIT_REVIEWED = "audit.reviewed"
    SEARCH_SAVED = "search.saved"
    SEARCH_REMOVED = "search.removed"
    COMPLAINT_FILED = "complaint.filed"
    COMPLAINT_READ = "complaint.read"
    COMPLAINT_CLOSED = "complaint.closed"
    REPORT_MADE = "report.made"
    REPORT_COMPARED = "report.compared"
    REPORT_FILED = "report.filed"
    REPORT_DELIVERED = "report.delivered"
    BACKUP_MADE = "backup.made"
    BACKUP_RESTORED = "backup.restored"
    SOURCE_DIFFERENCE = "source.difference"
    SCAN_READ = "scan.read"
    KEY_ROTATED = "key.rotated"
    SERVICE_STARTED = "service.started"
    SERVICE_STOPPED = "service.stopped"
    SESSION_OPENED = "session.opened"
    SESSION_PROVEN = "session.proven"
    SESSION_CLOSED = "session.closed"
    LOGIN_REFUSED = "login.refused"
    ACCOUNT_CREATED = "account.created"
    ACCOUNT_CHANGED = "account.changed"
    ACCOUNT_LOCKED = "account.locked"
    ACCOUNT_UNLOCKED = "account.unlocked"
    TOKEN_CREATED = "token.created"  # noqa: S105  a kind of entry
    TOKEN_REVOKED = "token.revoked"  # noqa: S105


class EntryBase(Strict):
    """The facts of every entry. ``booking``, ``pack`` and ``source`` are empty where there is none.

    ``actor`` is who did it (``service:intake``, ``officer:`` and a login), ``place`` the component and host,
    ``outcome`` how it ended.
    """

    v: Literal[1]
    at: UtcText
    actor: Annotated[str, Field(min_length=1)]
    source: str
    booking: str
    outcome: Annotated[str, Field(min_length=1)]
    place: Annotated[str, Field(min_length=1)]
    pack: str
    pack_revision: Annotated[str, Field(pattern="^([0-9a-f]{64})?$")]


class AcceptedDetail(Strict):
    """Which event came in. ``data`` repeats keys, kinds and times only; ``stripped`` names what was taken out.

    ``scan``, of a paper that a person typed in, is the SHA-256 of the scan that was attached. ``received_as`` is the
    type as it was sent, where that was an older version.
    """

    event_id: Identifier
    type: Identifier
    time: UtcText
    data: dict[str, JsonValue]
    stripped: Annotated[list[str], Field(min_length=1)] | None = None
    received_as: Identifier | None = None
    scan: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = None


class EventAccepted(EntryBase):
    """An event counts from now on."""

    kind: Literal[EntryKind.EVENT_ACCEPTED]
    outcome: Literal["accepted"]
    detail: AcceptedDetail


class SetAsideDetail(Strict):
    """Which event, and why."""

    event_id: Identifier
    reason: Reason


class EventSetAside(EntryBase):
    """An event accepted earlier no longer counts, because a later one contradicts it."""

    kind: Literal[EntryKind.EVENT_SET_ASIDE]
    outcome: Literal["set_aside"]
    detail: SetAsideDetail


class RefusedDetail(Strict):
    """Where the input came from, why it was refused, its length in bytes."""

    place: Identifier
    reason: Reason
    bytes: Count


class InputRefused(EntryBase):
    """An input was kept as a dead letter."""

    kind: Literal[EntryKind.INPUT_REFUSED]
    outcome: Literal["refused"]
    detail: RefusedDetail


class FindingDetail(Strict):
    """The finding as it now stands; ``outcome`` is its status."""

    finding_id: FindingId
    rule: Rule
    about: str
    since: UtcText
    until: UtcText | None
    raised_at: UtcText
    severity: Severity
    provisions: list[Provision]
    evidence: Annotated[list[Identifier], Field(min_length=1)]
    names: dict[str, str] | None = None


class FindingTold(EntryBase):
    """A finding was raised, or something about it changed without its status changing."""

    kind: Literal[EntryKind.FINDING_RAISED, EntryKind.FINDING_CHANGED]
    outcome: Literal["open", "resolved"]
    detail: FindingDetail


class FindingResolved(EntryBase):
    """The stretch that a finding speaks of has ended."""

    kind: Literal[EntryKind.FINDING_RESOLVED]
    outcome: Literal["resolved"]
    detail: FindingDetail


class FindingReopened(EntryBase):
    """Later facts say that a stretch has not ended."""

    kind: Literal[EntryKind.FINDING_REOPENED]
    outcome: Literal["open"]
    detail: FindingDetail


class FindingWithdrawn(EntryBase):
    """Later facts make a finding untrue."""

    kind: Literal[EntryKind.FINDING_WITHDRAWN]
    outcome: Literal["withdrawn"]
    detail: FindingDetail


class _DecidedDetail(Strict):
    reasons: Annotated[list[Word], Field(min_length=1)]
    provisions: list[Provision]
    categories: list[Category]
    recipient_class: RecipientClass
    policies: list[str]
    errors: list[str]


class MessageDecidedDetail(_DecidedDetail):
    """Why a message may leave or not. ``policies`` decided, ``errors`` are the engine's."""

    message_id: Identifier


class AccessDecidedDetail(_DecidedDetail):
    """Why somebody may reach the person or not."""

    access_id: Identifier


class AssistanceDecidedDetail(_DecidedDetail):
    """Why staff may help or not."""

    assistance_id: Identifier


class MessageDecided(EntryBase):
    """An outgoing message was decided."""

    kind: Literal[EntryKind.MESSAGE_DECIDED]
    outcome: Verdict
    detail: MessageDecidedDetail


class AccessDecided(EntryBase):
    """A request for access was decided."""

    kind: Literal[EntryKind.ACCESS_DECIDED]
    outcome: Verdict
    detail: AccessDecidedDetail


class AssistanceDecided(EntryBase):
    """A request for assistance was decided."""

    kind: Literal[EntryKind.ASSISTANCE_DECIDED]
    outcome: Verdict
    detail: AssistanceDecidedDetail


class SealedDetail(Strict):
    """Which leaf lost its body, on whose authority, by whom. No booking: that would tell whose entry it was."""

    actor: Annotated[str, Field(min_length=1)]
    authority: Annotated[str, Field(min_length=1)]
    leaf_index: Count


class EntrySealed(EntryBase):
    """A court ordered an entry out of sight."""

    kind: Literal[EntryKind.ENTRY_SEALED]
    outcome: Literal["sealed"]
    booking: Literal[""]
    detail: SealedDetail


class OtherEntry(EntryBase):
    """Kinds whose detail is not fixed: what staff and the service itself did."""

    kind: Literal[
        EntryKind.FINDING_ACKNOWLEDGED,
        EntryKind.MESSAGE_ACCEPTED,
        EntryKind.MESSAGE_TURNED_AWAY,
        EntryKind.MESSAGE_CHECKED,
        EntryKind.MESSAGE_SENDING,
        EntryKind.MESSAGE_SENT,
        EntryKind.MESSAGE_REFUSED,
        EntryKind.MESSAGE_PUT_OFF,
        EntryKind.MESSAGE_UNKNOWN,
        EntryKind.MESSAGE_SETTLED,
        EntryKind.QUARANTINE_VIEWED,
        EntryKind.QUARANTINE_DENIED,
        EntryKind.QUARANTINE_EXPIRED,
        EntryKind.QUARANTINE_PURGED,
        EntryKind.APPROVAL_ASKED,
        EntryKind.APPROVAL_GRANTED,
        EntryKind.APPROVAL_WITHDRAWN,
        EntryKind.ALERT_OPENED,
        EntryKind.ALERT_QUEUED,
        EntryKind.ALERT_SENT,
        EntryKind.ALERT_FAILED,
        EntryKind.ALERT_ACKNOWLEDGED,
        EntryKind.ALERT_CLOSED,
        EntryKind.ALERT_SILENCED,
        EntryKind.ALERT_UNSILENCED,
        EntryKind.ALERT_DRILLED,
        EntryKind.ALERT_TESTED,
        EntryKind.DUTY_DONE,
        EntryKind.DEADLETTER_READ,
        EntryKind.DEADLETTER_RESUBMITTED,
        EntryKind.AUDIT_READ,
        EntryKind.AUDIT_EXPORTED,
        EntryKind.AUDIT_VERIFIED,
        EntryKind.AUDIT_REVIEWED,
        EntryKind.SEARCH_SAVED,
        EntryKind.SEARCH_REMOVED,
        EntryKind.COMPLAINT_FILED,
        EntryKind.COMPLAINT_READ,
        EntryKind.COMPLAINT_CLOSED,
        EntryKind.REPORT_MADE,
        EntryKind.REPORT_COMPARED,
        EntryKind.REPORT_FILED,
        EntryKind.REPORT_DELIVERED,
        EntryKind.BACKUP_MADE,
        EntryKind.BACKUP_RESTORED,
        EntryKind.SOURCE_DIFFERENCE,
        EntryKind.SCAN_READ,
        EntryKind.KEY_ROTATED,
        EntryKind.SERVICE_STARTED,
        EntryKind.SERVICE_STOPPED,
        EntryKind.SESSION_OPENED,
        EntryKind.SESSION_PROVEN,
        EntryKind.SESSION_CLOSED,
        EntryKind.LOGIN_REFUSED,
        EntryKind.ACCOUNT_CREATED,
        EntryKind.ACCOUNT_CHANGED,
        EntryKind.ACCOUNT_LOCKED,
        EntryKind.ACCOUNT_UNLOCKED,
        EntryKind.TOKEN_CREATED,
        EntryKind.TOKEN_REVOKED,
    ]
    detail: dict[str, JsonValue]


Entry: TypeAlias = Annotated[
    EventAccepted
    | EventSetAside
    | InputRefused
    | FindingTold
    | FindingResolved
    | FindingReopened
    | FindingWithdrawn
    | MessageDecided
    | AccessDecided
    | AssistanceDecided
    | EntrySealed
    | OtherEntry,
    Field(discriminator="kind"),
]
"""One audit entry."""


class AuditLine(Strict):
    """A row of ``audit.jsonl``. A sealed entry has neither ``salt`` nor ``entry``; ``hash`` is its stored leaf hash.

    ``leaf`` is the leaf data; ``commit`` in it is SHA-256 over the 32 bytes of salt and the entry's canonical bytes.
    """

    index: Count
    hash: Sha256 | None = None
    leaf: Annotated[str, Field(pattern=r'^\{"alg":"sha256-salted","commit":"[0-9a-f]{64}","v":1\}$')]
    salt: Annotated[str, Field(pattern="^[A-Za-z0-9+/]{43}=$")] | None
    entry: Entry | None

    @model_validator(mode="after")
    def _both_or_neither(self) -> Self:
        if (self.salt is None) != (self.entry is None):
            raise ValueError("a row has both salt and entry, or neither")
        return self
