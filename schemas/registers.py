"""Events that only a register keeps: reimbursements, visa certifications, complaints."""

from typing import Literal

from schemas.base import Amount, Identifier, InstantText, Strict, Text
from schemas.envelope import Envelope
from schemas.kinds import CertificationOutcome, VisaKind


class ReimbursementReceivedData(Strict):
    """Money the federal government paid for a granted request."""

    amount: Amount
    currency: Text
    agency: Text
    hold_id: Identifier | None = None


class ReimbursementReceived(Envelope):
    """A reimbursement came in."""

    type: Literal["jail.reimbursement.received.v1"]
    data: ReimbursementReceivedData


class CertificationRequestedData(Strict):
    """No person is named; ``subject`` may be a register number."""

    certification_id: Identifier
    kind: VisaKind
    due_at: InstantText | None = None


class CertificationRequested(Envelope):
    """A victim of crime asked for a U or T visa certification."""

    type: Literal["jail.certification.requested.v1"]
    data: CertificationRequestedData


class CertificationDecidedData(Strict):
    """What became of the request."""

    certification_id: Identifier
    outcome: CertificationOutcome


class CertificationDecided(Envelope):
    """A certification was signed or declined."""

    type: Literal["jail.certification.decided.v1"]
    data: CertificationDecidedData


class ComplaintFiledData(Strict):
    """What is alleged, against whom, who took it down."""

    complaint_id: Identifier
    summary: Text
    against: Text | None = None
    received_by: Text


class ComplaintFiled(Envelope):
    """Somebody complained that the policy was broken."""

    type: Literal["jail.complaint.filed.v1"]
    data: ComplaintFiledData
