"""What a policy pack tells the rules: durations, duties, directories, and each rule's provisions."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from integration.domain.agencies import Directory
from integration.domain.instants import Duration
from integration.domain.neverheld import NeverHeld
from schemas.kinds import Rule, Severity


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
    never_held: tuple[NeverHeld, ...] = ()
    """Recipients whose mail waits for nobody. An immigration authority is none, whatever stands here."""


@lru_cache(maxsize=4096)
def charge_key(text: str) -> str:
    """Write a charge code, a charge description or a stated basis comparably: lower case, letters and digits only."""
    return "".join(character for character in text.casefold() if character.isalnum())
