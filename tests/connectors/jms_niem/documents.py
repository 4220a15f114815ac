"""Writes synthetic messages of the exchange's structure. Everybody in them is invented.

Two counties: Springfield writes everything and misspells the immigration flag as the schema does; Riverton writes
little, with other prefixes and another version's namespaces.
"""

from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from connectors.jms_niem import Mapping, mapping_from

BOOKED = "2026-03-02T14:05:00"
"""07 hours behind UTC in Denver: 21:05Z."""
BOOKED_UTC = "2026-03-02T21:05:00Z"
CREATED = "2026-03-02T21:30:00Z"

_EXTENSIONS = {
    "BookingReport": "BookingReportExtension",
    "CustodyStatusChangeReport": "CustodyStatusChangeReportExtension",
    "CustodyReleaseReport": "CustodyReleaseReportExtension",
}
_NAMESPACES = """xmlns:d="http://ojbc.org/IEPD/Exchange/{root}/1.0"
 xmlns:x="http://ojbc.org/IEPD/Extensions/{extension}/1.0"
 xmlns:j="http://release.niem.gov/niem/domains/jxdm/5.1/" xmlns:nc="http://release.niem.gov/niem/niem-core/3.0/"
 xmlns:im="http://release.niem.gov/niem/domains/immigration/3.1/"
 xmlns:structures="http://release.niem.gov/niem/structures/3.0/" """
_OTHER_NAMESPACES = {
    "http://release.niem.gov/niem/domains/jxdm/5.1/": "http://release.niem.gov/niem/domains/jxdm/7.2/",
    "http://release.niem.gov/niem/niem-core/3.0/": "http://yes...niem.gov/niem/niem-core/5.0/",
    "http://release.niem.gov/niem/structures/3.0/": "http://release.niem.gov/niem/structures/5.0/",
}


def springfield(**settings: object) -> Mapping:
    return mapping_from({"source": "/jms/springfield", "zone": "America/Denver"} | settings)


@dataclass
class Charge:
    description: str = "BURGLARY"
    code: str = "18-4-202"
    agency: str = ""
    status: str = ""
    bond_type: str = ""
    bond_status: str = ""
    amount: str = ""
    bond_dated: str = ""
    sequence: str = ""

    def xml(self, number: int) -> str:
        status = f"<j:ChargeStatus>{_status(self.status)}</j:ChargeStatus>" if self.status else ""
        sequence = f"<j:ChargeSequenceID>{self.sequence}</j:ChargeSequenceID>" if self.sequence else ""
        return f"""
<j:Charge structures:id="Charge_{number}">
  <j:ChargeDescriptionText>{escape(self.description)}
  </j:ChargeDescriptionText>{sequence}{status}
  <j:ChargeStatute><j:StatuteCodeSectionIdentification>{_id(self.code)}</j:StatuteCodeSectionIdentification></j:ChargeStatute>
  {organisation("x:HoldForAgency", self.agency)}
</j:Charge>"""

    def bond_xml(self, number: int) -> str:
        if not (self.bond_type or self.bond_status or self.amount):
            return ""
        kind = f"<nc:ActivityCategoryText>{self.bond_type}</nc:ActivityCategoryText>" if self.bond_type else ""
        dated = f"<nc:StatusDate>{date(self.bond_dated)}</nc:StatusDate>" if self.bond_dated else ""
        amount = f"<j:BailBondAmount><nc:Amount>{self.amount}</nc:Amount></j:BailBondAmount>" if self.amount else ""
        return f"""
<j:BailBond structures:id="Bond_{number}">{kind}
  <nc:ActivityStatus>{dated}{_status(self.bond_status)}</nc:ActivityStatus>{amount}
</j:BailBond>
<j:BailBondChargeAssociation>
  <j:BailBond structures:ref="Bond_{number}"/><j:Charge structures:ref="Charge_{number}"/>
</j:BailBondChargeAssociation>"""


@dataclass
class Document:
    root: str = "BookingReport"
    charges: list[Charge] = field(default_factory=lambda: [Charge()])
    booked: str = BOOKED
    created: str = CREATED
    number: str = "26-00417"
    flag: str = ""
    flag_name: str = "x:DetentiontImmigrationHoldIndicator"
    status_code: str = ""
    eligible: str = ""
    set_release: str = ""
    release: str = ""
    custody_status: str = ""
    arrest: str = "2026-03-02T13:20:00"
    arrest_agency: str = "Springfield Police"
    person: str = ""
    more: str = ""
    """Further XML inside the element that holds the booking."""

    def xml(self) -> bytes:
        namespaces = _NAMESPACES.format(root=self.root, extension=_EXTENSIONS.get(self.root, "Other"))
        created = f"<nc:DocumentCreationDate>{date(self.created)}</nc:DocumentCreationDate>" if self.created else ""
        body = self._body()
        if self.root != "BookingReport":
            body = f"<x:Custody>{body}</x:Custody>"
        text = f'<?xml version="1.0" encoding="UTF-8"?>\n<d:{self.root} {namespaces}>{created}{body}</d:{self.root}>'
        return text.encode()

    def _body(self) -> str:
        rows = list(enumerate(self.charges, start=1))
        number = f"<j:BookingAgencyRecordIdentification>{_id(self.number)}</j:BookingAgencyRecordIdentification>"
        refers = '<j:Arrest structures:ref="Arrest_1"/>' if self.arrest else ""
        code = f"<x:BookingStatusCode>{self.status_code}</x:BookingStatusCode>" if self.status_code else ""
        return f"""
<j:Booking structures:id="Booking_1">
  {f"<nc:ActivityDate>{date(self.booked)}</nc:ActivityDate>" if self.booked else ""}
  {organisation("j:BookingAgency", "Springfield County Sheriff")}{number if self.number else ""}
  <j:BookingSubject>
    <nc:RoleOfPerson structures:ref="Person_1"/>
    <j:SubjectIdentification>{_id("SUBJ-9")}</j:SubjectIdentification>
  </j:BookingSubject>{refers}{code}
</j:Booking>{self._detention()}{self._arrest(rows)}
{"".join(charge.xml(at) for at, charge in rows)}{"".join(charge.bond_xml(at) for at, charge in rows)}
<nc:Person structures:id="Person_1">
  <nc:PersonBirthDate><nc:Date>1971-01-02</nc:Date></nc:PersonBirthDate>
  <nc:PersonName><nc:PersonGivenName>Quillon</nc:PersonGivenName><nc:PersonSurName>Fictive</nc:PersonSurName></nc:PersonName>
  <nc:PersonPrimaryLanguage><nc:LanguageName>SPAN</nc:LanguageName></nc:PersonPrimaryLanguage>
  <x:PersonPersistentIdentification><nc:IdentificationID>c0ffee00c0ffee00
  </nc:IdentificationID></x:PersonPersistentIdentification>{self.person}
</nc:Person>{self.more}"""

    def _detention(self) -> str:
        flag = f"<{self.flag_name}>{self.flag}\n  </{self.flag_name}>" if self.flag else ""
        eligible = _element("j:SupervisionReleaseEligibilityDate", self.eligible)
        set_release = _element("j:SupervisionReleaseDate", self.set_release)
        status = (
            f"<nc:SupervisionCustodyStatus>{_status(self.custody_status)}</nc:SupervisionCustodyStatus>"
            if self.custody_status
            else ""
        )
        release = f"<nc:Release>{_element('nc:ActivityDate', self.release)}</nc:Release>" if self.release else ""
        return f"""
<j:Detention>{status}
  <j:SupervisionAugmentation>{eligible}{set_release}</j:SupervisionAugmentation>{flag}
</j:Detention>{release}"""

    def _arrest(self, rows: list[tuple[int, Charge]]) -> str:
        if not self.arrest:
            return ""
        charged = "".join(f'<j:ArrestCharge structures:ref="Charge_{at}"/>' for at, _ in rows)
        return f"""
<j:Arrest structures:id="Arrest_1"><nc:ActivityCategoryText>PC</nc:ActivityCategoryText>
  <nc:ActivityDate>{date(self.arrest)}</nc:ActivityDate>{organisation("j:ArrestAgency", self.arrest_agency)}{charged}
</j:Arrest>"""


def riverton(document: Document) -> bytes:
    """The same message as another county writes it: other prefixes, other versions, the corrected spelling."""
    text = document.xml().decode()
    for old, new in _OTHER_NAMESPACES.items():
        text = text.replace(old, new)
    for old, new in (("d:", "riv-doc:"), ("x:", "riv:"), ("j:", "jxdm:"), ("nc:", "niem:")):
        text = text.replace(f"<{old}", f"<{new}").replace(f"</{old}", f"</{new}")
        text = text.replace(f"xmlns:{old[:-1]}=", f"xmlns:{new[:-1]}=")
    return text.replace("DetentiontImmigration", "DetentionImmigration").encode()


def date(value: str) -> str:
    kind = "DateTime" if "T" in value else "Date"
    return f"<nc:{kind}>{value}</nc:{kind}>"


def organisation(name: str, value: str) -> str:
    return f"<{name}><nc:OrganizationName>{value}</nc:OrganizationName></{name}>" if value else ""


def _element(name: str, value: str) -> str:
    return f"<{name}>{date(value)}</{name}>" if value else ""


def _id(value: str) -> str:
    return f"<nc:IdentificationID>{value}</nc:IdentificationID>"


def _status(value: str) -> str:
    return f"<nc:StatusDescriptionText>{value}</nc:StatusDescriptionText>"
