"""Events that ask for something the gate decides: access, assistance, outgoing messages; and their approvals."""

from typing import Annotated, Any, Literal

from pydantic import Field

from schemas.base import Identifier, InstantText, Strict, Text
from schemas.envelope import Envelope
from schemas.kinds import AccessMode, AssistanceKind, Category, Channel, LegalBasis, Purpose


class AccessRequestedData(Strict):
    """Which agency wants to reach the person, how, and on what warrant."""

    access_id: Identifier
    agency: Text
    mode: AccessMode
    warrant_hold_id: Identifier | None = None
    purpose: Text | None = None


class AccessRequested(Envelope):
    """An agency asked to interview a person in custody."""

    type: Literal["jail.access.requested.v1"]
    data: AccessRequestedData


class AssistanceRequestedData(Strict):
    """Which agency asks staff for what."""

    assistance_id: Identifier
    agency: Text
    kind: AssistanceKind


class AssistanceRequested(Envelope):
    """An agency asked staff to take part or to help."""

    type: Literal["jail.assistance.requested.v1"]
    data: AssistanceRequestedData


class Sender(Strict):
    """Who wants to send."""

    user: Text | None = None
    agency: Text | None = None


class Recipient(Strict):
    """One recipient, by whatever the channel knows of it."""

    address: Text | None = None
    agency: Text | None = None
    ori: Text | None = None
    number: Text | None = None


class MessageRequestedData(Strict):
    """An outgoing message (section 6). Values of ``content`` and the ``text`` are judged and not kept."""

    message_id: Identifier
    channel: Channel
    sender: Sender
    recipients: Annotated[list[Recipient], Field(min_length=1)]
    purpose: Purpose | None = None
    content: dict[Category, Any]
    text: Text | None = None
    raw_sha256: Text | None = None


class MessageRequested(Envelope):
    """Staff or a system want to send a message."""

    type: Literal["jail.message.requested.v1"]
    data: MessageRequestedData


class ApprovalGrantedData(Strict):
    """On what legal basis, by citation, by whom, until when."""

    approval_id: Identifier
    message_id: Identifier
    legal_basis: LegalBasis
    citation: Text
    approved_by: Text
    expires_at: InstantText


class ApprovalGranted(Envelope):
    """A second person approved one message."""

    type: Literal["jail.approval.granted.v1"]
    data: ApprovalGrantedData


class ApprovalWithdrawnData(Strict):
    """Which approval no longer stands."""

    approval_id: Identifier
    reason: Text | None = None


class ApprovalWithdrawn(Envelope):
    """An approval was taken back."""

    type: Literal["jail.approval.withdrawn.v1"]
    data: ApprovalWithdrawnData
