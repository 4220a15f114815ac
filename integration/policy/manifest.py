"""What ``pack.toml`` may hold. Nothing else is let in, and no parameter has a default: a pack says it all."""

import json
import re
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Final, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from integration.domain.agencies import Directory
from integration.domain.alerts.said import Missing
from integration.domain.instants import DAY
from integration.domain.neverheld import NeverHeld, Service
from integration.domain.parameters import charge_key
from integration.policy.contexts import Action
from integration.policy.durations import DurationText, MonthsText, OptionalDurationText
from schemas.base import Strict
from schemas.kinds import LegalBasis, Rule, Severity

_MINIMUM_AUDIT_RETENTION: Final = 365 * DAY
_TEN_DIGITS: Final = 10


class Checked(StrEnum):
    """How far the text of the law was checked when the pack was written."""

    FULL_TEXT = "full_text"
    EXCERPTS = "excerpts"
    SECONDARY_SOURCES = "secondary_sources"
    NOT_CHECKED = "not_checked"


class Means(StrEnum):
    """What carries out a provision, apart from rules (``rule:…``) and decisions (``action:…``)."""

    STRIP_STATUS_FIELDS = "intake:strip_status_fields"
    CLASSIFY_PAPERS = "intake:classify_papers"
    REGISTER_NOTICES = "register:notices"
    REGISTER_CERTIFICATIONS = "register:certifications"
    REGISTER_COMPLAINTS = "register:complaints"
    REGISTER_REIMBURSEMENTS = "register:reimbursements"
    REPORT_REQUESTS = "report:requests"
    REPORT_RELEASE_PARITY = "report:release_parity"
    APPROVAL_BASES = "parameter:approval_bases"
    ACCEPTED_IDENTIFICATION = "parameter:accepted_identification"
    CITATION_OFFENCES = "parameter:citation_offences"
    PARTNER_AGENCIES_287G = "parameter:partner_agencies_287g"


KNOWN_MEANS: Final = frozenset({*Means, *(f"rule:{rule}" for rule in Rule), *(f"action:{action}" for action in Action)})


def _means(text: str) -> str:
    if text not in KNOWN_MEANS:
        raise PydanticCustomError("unknown_means", 'nothing in the product is called "{text}"', {"text": text})
    return text


def _digits(text: str) -> str:
    digits = re.sub(r"\D", "", text, flags=re.ASCII)
    national = digits[1:] if len(digits) == _TEN_DIGITS + 1 and digits.startswith("1") else digits
    if len(national) != _TEN_DIGITS:
        raise PydanticCustomError("bad_number", "not a ten digit telephone or fax number")
    return national


def _year_or_more(duration: int) -> int:
    if duration < _MINIMUM_AUDIT_RETENTION:
        raise PydanticCustomError("retention_too_short", "the audit log is kept for one year (365 d) at least")
    return duration


def _charge(text: str) -> str:
    key = charge_key(text)
    if not key:
        raise PydanticCustomError("empty_text", "holds neither a letter nor a digit")
    return key


Line = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]*$")]
ChargeKeys = frozenset[Annotated[str, AfterValidator(_charge)]]


class Head(Strict):
    """What the pack is, and which law it restates."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    title: Line
    version: Annotated[int, Field(ge=1)]
    effective_from: date | None = None
    """The day from which the law binds; left out in a model text, which binds from the day of its adoption."""
    source: Line
    """Which text, of which day, published where."""
    checked: Checked
    checked_note: Line


Domain = Annotated[str, StringConstraints(pattern=r"^([a-z0-9-]+\.)+[a-z]{2,}$")]
Address = Annotated[str, StringConstraints(pattern=r"^[a-z0-9.!#$&'*/=?^_`{|}~-]+@([a-z0-9-]+\.)+[a-z]{2,}$")]
Ori = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{2,9}$")]
Number = Annotated[str, AfterValidator(_digits)]


class DirectoryTable(Strict):
    """Who is known as one kind of agency."""

    names: tuple[Line, ...]
    not_names: tuple[Line, ...]
    domains: tuple[Domain, ...]
    oris: frozenset[Ori]
    numbers: frozenset[Number]
    addresses: frozenset[Address] = frozenset()
    """Lists, aliases and forwards that lead to one, without ``+tag``. They are a site's own, so a law names none."""

    def directory(self) -> Directory:
        """Return it as the rules read it."""
        return Directory(self.names, self.domains, self.oris, self.numbers, self.not_names, self.addresses)


class NeverHeldTable(Strict):
    """Recipients of one service whose mail is never held up, and why."""

    service: Service
    because: Line
    domains: tuple[Domain, ...] = ()
    addresses: frozenset[Address] = frozenset()
    oris: frozenset[Ori] = frozenset()
    numbers: frozenset[Number] = frozenset()

    @model_validator(mode="after")
    def _names_somebody(self) -> Self:
        if not (self.domains or self.addresses or self.oris or self.numbers):
            raise PydanticCustomError("names_nobody", "names no domain, address, ORI or number")
        return self

    def entry(self) -> NeverHeld:
        """Return it as the rules read it."""
        return NeverHeld(self.service, self.because, self.domains, self.addresses, self.oris, self.numbers)


class ReleaseProcessing(Strict):
    """How long a person without authority may still be in custody before a finding is raised, microseconds."""

    detainer: DurationText
    other: DurationText


class ReportTerms(Strict):
    """How often the public report is due, to whom, and which counts its public copy leaves out."""

    period: MonthsText
    recipient: Line
    suppress_below: Annotated[int, Field(ge=0)]
    """Counts from 1 to one below this are not printed in the public copy; 0 prints every count."""


class Retention(Strict):
    """How long things are kept, microseconds."""

    audit: Annotated[DurationText, AfterValidator(_year_or_more)]
    quarantine: DurationText
    """Bodies of blocked messages, encrypted."""
    dead_letters: DurationText
    """Refused inputs, whole and encrypted."""
    bookings: DurationText
    """Facts of a booking, counted from its end."""


class ParameterTable(Strict):
    """Everything that differs between policies and is not a decision."""

    release_processing: ReleaseProcessing
    warn_before: DurationText
    notice_within: OptionalDurationText
    require_warrant_verification: bool
    approval_bases: frozenset[LegalBasis]
    place_of_birth_rides_with_status: bool
    citation_offences: ChargeKeys
    identification_bases: ChargeKeys
    accepted_identification: ChargeKeys
    report: ReportTerms
    retention: Retention
    immigration_authorities: DirectoryTable
    partner_agencies_287g: DirectoryTable
    never_held: tuple[NeverHeldTable, ...] = ()
    """They are a site's own for the most part, so a law need name none."""


class RuleTable(Strict):
    """How loudly a rule speaks under this pack, and on which provisions."""

    severity: Severity
    provisions: tuple[Key, ...]
    note: str = ""
    """Why, where no provision stands; required there."""


class Provision(Strict):
    """One provision that the product carries out, in our own words."""

    summary: Line
    enforced_by: Annotated[tuple[Annotated[str, AfterValidator(_means)], ...], Field(min_length=1)]
    guidance: bool = False
    """True: advice that does not bind here. The product helps with it; no finding or decision may cite it."""


class NotEnforceable(Strict):
    """One provision that has no effect on a jail's data."""

    summary: Line
    reason: Line


class Step(Strict):
    """Something that staff may and should do about a finding, in words that an alert repeats."""

    do: Annotated[str, StringConstraints(min_length=1, max_length=300, strip_whitespace=True)]
    provisions: tuple[Key, ...] = ()
    """What it rests on; guidance too, since a step advises and decides nothing."""
    when: Missing | None = None
    """Only while this paper is missing."""
    short: Annotated[str, StringConstraints(max_length=50, pattern=r"^[A-Za-z0-9 .,;:'/()-]*$")] = ""
    """In few words, for a telephone. The first step of a rule has it."""


class Manifest(Strict):
    """The whole of ``pack.toml``."""

    pack: Head
    parameters: ParameterTable
    rules: dict[Rule, RuleTable]
    steps: dict[Rule, tuple[Step, ...]]
    provisions: dict[Key, Provision]
    not_enforceable: dict[Key, NotEnforceable]


def as_json(table: dict[str, Any]) -> bytes:
    """Write a TOML table as JSON, the form in which strict validation reads words, lists and dates."""
    return json.dumps(table, default=str).encode()
