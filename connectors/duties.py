"""Settings of duties, ``[alerts.duties]``: how grave each kind is, how early it is told, how patiently."""

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from integration.domain.alerts.topics import DutyKind, Patience
from integration.domain.instants import HOUR, MINUTE
from schemas.kinds import Severity

Minutes = Annotated[float, Field(ge=1)]
_DAY: Final = 1440.0


class DutyTerms(BaseModel):
    """One kind of duty. Its route says who is told; this says when."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    before_hours: Annotated[float, Field(ge=0)] = 24.0
    """How long before it is due people are told for the first time. 0: not before it is due."""
    coming: Severity = Severity.ADVICE
    """How grave it is until it is due."""
    late: Severity = Severity.WARNING
    """How grave it is from then on. People are told anew then, whatever was acknowledged."""
    wait_minutes: Minutes = 480.0
    """In place of the route's own; so are the next two."""
    repeat_minutes: Minutes = _DAY
    reopen_minutes: Minutes = _DAY

    @property
    def patience(self) -> Patience:
        """These settings as the planner needs them."""
        wait, repeat, reopen = (
            int(each * MINUTE) for each in (self.wait_minutes, self.repeat_minutes, self.reopen_minutes)
        )
        return Patience(int(self.before_hours * HOUR), self.coming, self.late, wait, repeat, reopen)


class NoticeTerms(DutyTerms):
    """Copies for persons: until they are late; then the finding `notice_not_served` is told by its own route."""

    before_hours: Annotated[float, Field(ge=0, le=24)] = 4.0
    wait_minutes: Minutes = 30.0
    repeat_minutes: Minutes = 60.0
    reopen_minutes: Minutes = 240.0


class CertificationTerms(DutyTerms):
    """Certifications."""

    before_hours: Annotated[float, Field(ge=0)] = 72.0


class ApprovalTerms(DutyTerms):
    """Approvals that end. One that has ended is no duty any more."""

    before_hours: Annotated[float, Field(ge=0, le=168)] = 24.0
    coming: Severity = Severity.WARNING


class QuarantineTerms(DutyTerms):
    """Blocked messages that wait for a person."""

    before_hours: Annotated[float, Field(ge=0)] = 0.0
    wait_minutes: Minutes = 60.0
    repeat_minutes: Minutes = 240.0
    reopen_minutes: Minutes = 480.0


class DeliveryTerms(DutyTerms):
    """Messages of which nobody knows whether they have left: due at once."""

    before_hours: Annotated[float, Field(ge=0)] = 0.0
    wait_minutes: Minutes = 30.0
    repeat_minutes: Minutes = 60.0
    reopen_minutes: Minutes = 480.0


class AccountTerms(DutyTerms):
    """Accounts of the console that are locked: due at once."""

    before_hours: Annotated[float, Field(ge=0)] = 0.0
    wait_minutes: Minutes = 30.0
    repeat_minutes: Minutes = 240.0
    reopen_minutes: Minutes = 480.0


class DutySettings(BaseModel):
    """What people are reminded of."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    quarantine_hours: Annotated[float, Field(gt=0)] = 24.0
    """For how long a blocked message may wait before that is a duty that is late."""
    quarantine_messages: Annotated[int, Field(gt=0)] = 100
    """How many blocked messages of a facility may wait."""
    notice: NoticeTerms = NoticeTerms()
    certification: CertificationTerms = CertificationTerms()
    approval_expires: ApprovalTerms = ApprovalTerms()
    audit_review: DutyTerms = DutyTerms()
    quarantine: QuarantineTerms = QuarantineTerms()
    delivery_unknown: DeliveryTerms = DeliveryTerms()
    account_locked: AccountTerms = AccountTerms()

    @property
    def patience(self) -> dict[DutyKind, Patience]:
        """The patience of every kind."""
        return {kind: getattr(self, kind.value).patience for kind in DutyKind}
