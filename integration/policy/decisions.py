"""The answer to a request: permit or deny, why, and on which provisions."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Reason(StrEnum):
    """Why a request is permitted or denied. A policy names its own with ``@reason``; the last three nobody may name."""

    # permits
    LOCAL_AUTHORITY = "local_authority"
    OTHER_AGENCY_CRIMINAL_AUTHORITY = "other_agency_criminal_authority"
    JUDICIAL_WARRANT = "judicial_warrant"
    COURT_ORDER = "court_order"
    ACCEPTED_APPROVAL = "accepted_approval"
    STATUS_EXCHANGE = "status_exchange"
    RECIPIENT_NOT_GOVERNED = "recipient_not_governed"
    PURPOSE_NOT_GOVERNED = "purpose_not_governed"
    SAFETY_SUPPORT = "safety_support"
    REQUESTER_NOT_GOVERNED = "requester_not_governed"

    # denials
    IMMIGRATION_PAPER_IS_NO_AUTHORITY = "immigration_paper_is_no_authority"
    NO_AUTHORITY = "no_authority"
    MORE_THAN_STATUS = "more_than_status"
    PLACE_OF_BIRTH = "place_of_birth"
    NO_CATEGORY = "no_category"
    APPROVAL_BASIS_NOT_ACCEPTED = "approval_basis_not_accepted"
    APPROVAL_EXPIRED = "approval_expired"
    APPROVAL_BY_SENDER = "approval_by_sender"
    APPROVAL_WITHDRAWN = "approval_withdrawn"
    ACCESS_WITHOUT_COURT = "access_without_court"
    IMMIGRATION_FUNCTION = "immigration_function"
    JOINT_OPERATION = "joint_operation"
    HELP_FOR_IMMIGRATION_AUTHORITY = "help_for_immigration_authority"

    # the engine's own
    NEVER_HELD = "never_held"
    """The pack lists the recipient among those whose mail waits for nobody: it was not asked any further."""
    NO_PERMIT = "no_permit"
    """Nothing permits it and nothing forbids it: denied, and no provision can be cited."""
    POLICY_ERROR = "policy_error"
    """The policies could not be evaluated without error. Denied; somebody has to be told."""


ENGINE_REASONS: Final = frozenset({Reason.NEVER_HELD, Reason.NO_PERMIT, Reason.POLICY_ERROR})


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision. Equal contexts under one pack revision always have equal decisions."""

    permit: bool
    reasons: tuple[Reason, ...]
    """Never empty."""
    provisions: tuple[str, ...]
    """Numbers of the clauses it rests on, in the order in which the pack states its policies."""
    policies: tuple[str, ...]
    """Ids of the deciding policies, in the pack's order."""
    errors: tuple[str, ...] = ()
    """With `Reason.POLICY_ERROR`: what the engine said. Holds words of the policy, never data of a person."""

    @property
    def failed(self) -> bool:
        """Tell whether this denial is an error that somebody has to be told of."""
        return Reason.POLICY_ERROR in self.reasons


def failure(*errors: str) -> Decision:
    """Return the denial that stands for every kind of error."""
    return Decision(permit=False, reasons=(Reason.POLICY_ERROR,), provisions=(), policies=(), errors=errors)
