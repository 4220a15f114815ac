"""What a policy pack tells the rules: durations, duties, directories, and each rule's provisions."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from integration.domain.agencies import Directory
from integration.domain.instants import Duration


class Rule(StrEnum):
    """Every rule of EVENTS.md section 4."""

    OVERDUE_DETAINER_HOLD = "overdue_detainer_hold"
    OVERDUE_RELEASE = "overdue_release"
    RELEASE_APPROACHING = "release_approaching"
    TRANSFER_WITHOUT_WARRANT = "transfer_without_warrant"
    BOOKED_WITHOUT_AUTHORITY = "booked_without_authority"
    BAIL_REFUSED_ON_DETAINER = "bail_refused_on_detainer"
    NOTICE_NOT_SERVED = "notice_not_served"
    MISLABELLED_DOCUMENT = "mislabelled_document"
    STATUS_INFORMATION_RECEIVED = "status_information_received"
    HELD_FOR_IDENTIFICATION = "held_for_identification"
    CITE_NOT_CUSTODY = "cite_not_custody"


class Severity(StrEnum):
    """How loudly a finding speaks: only a violation says that somebody's right is being broken."""

    VIOLATION = "violation"
    WARNING = "warning"
    ADVICE = "advice"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a pack says of one rule."""

    severity: Severity
    provisions: tuple[str, ...]
    """Numbers of the clauses the finding rests on, as POLICY.md numbers them (``L5``, ``M-d``)."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """A pack, as the pure rules need it. Durations in microseconds."""

    pack: str
    revision: str
    """SHA-256 over the pack's files, hexadecimal."""
    release_processing_detainer: Duration
    release_processing_other: Duration
    warn_before: Duration
    notice_within: Duration | None
    """None: this policy knows no duty to give the person a copy (then `Rule.NOTICE_NOT_SERVED` is never raised)."""
    require_warrant_verification: bool
    citation_offences: frozenset[str]
    """Charge codes and descriptions, as `charge_key` writes them, that call for a summons in place of custody."""
    identification_bases: frozenset[str]
    """Stated bases of custody, as `charge_key` writes them, that mean only "to establish identity"."""
    immigration_authorities: Directory
    partner_agencies_287g: Directory
    terms: Mapping[Rule, Terms]


def charge_key(text: str) -> str:
    """Write a charge code, a charge description or a stated basis comparably: lower case, letters and digits only."""
    return "".join(character for character in text.casefold() if character.isalnum())
