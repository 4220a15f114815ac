"""Immigration holds that counties write where the schema has no place for one: none is lost, none passes for a charge.

A row that is taken for a charge, or for another agency's hold, gives authority to keep the person.
"""

import pytest

from tests.connectors.jms_niem.documents import Charge, Document, organisation
from tests.connectors.jms_niem.reading import codes, kinds, mapped, of_type

IMMIGRATION = ["charge", "immigration_detainer"]
CHARGES = ["charge", "charge"]


def beside(**changed):
    """A booking with one ordinary charge and one more row."""
    return Document(charges=[Charge(), Charge(**{"code": "9", **changed})])


def inside(element, where="</j:Charge>"):
    """A booking whose only charge holds one element more."""
    return Document().xml().replace(where.encode(), element.encode() + where.encode(), 1)


WORDS = [
    ("ICE HLD", IMMIGRATION, "hold, abbreviated"),
    ("HLD IMMIGRATION", IMMIGRATION, "the same the other way round"),
    ("IMMIG DET", IMMIGRATION, "detainer, cut off"),
    ("ICE DETAINEE", IMMIGRATION, "whom, instead of what"),
    ("ICE BOARDER", IMMIGRATION, "a bed that is rented"),
    ("ICEHOLD", IMMIGRATION, "no blank between"),
    ("ALIEN DETAINER", IMMIGRATION, "no authority is named, and only one issues such papers"),
    ("ILLEGAL ALIEN HOLD", IMMIGRATION, "was an agency called ILLEGAL ALIEN"),
    ("NO PROOF OF INS", CHARGES, "insurance"),
    ("POSSESS ICE", CHARGES, "a drug"),
    ("ALIEN SMUGGLING", CHARGES, "a crime"),
    ("ASSAULT ON DETAINEE", CHARGES, "a victim"),
    ("ASSAULT ON POLICE DET", CHARGES, "a detective"),
    ("PAROLE HOLD", ["agency_hold", "charge"], "somebody else's"),
]


@pytest.mark.parametrize(("words", "expected", "because"), WORDS, ids=[row[0] for row in WORDS])
def test_row_is_what_its_words_say_when_a_clerk_shortens_them(words, expected, because):
    outcome = mapped(beside(description=words))
    assert kinds(outcome) == expected, because
    assert not outcome.refusals


CATEGORY = "<j:ChargeCategoryDescriptionText>{}</j:ChargeCategoryDescriptionText>"
COURT = "<j:CourtName>IMMIGRATION CUSTOMS ENFORCEMENT</j:CourtName>"
BOND = "<nc:ActivityCategoryText>IMMIGRATION</nc:ActivityCategoryText>"
PLACES = [
    (beside(description="HOLD", code="ICE"), IMMIGRATION, "the code says for whom"),
    (beside(description="HOLD FOR OTHER AGENCY", code="IMMIG"), IMMIGRATION, "so does this one"),
    (inside(CATEGORY.format("ICE HOLD")), IMMIGRATION, "the category, beside a charge"),
    (inside(CATEGORY.format("IMMIGRATION")), ["charge"], "a category of crimes is no hold"),
    (Document(charges=[Charge(status="Open")]).xml().replace(b"<j:ChargeStatute>", b"""<j:ChargeDisposition>
      <nc:DispositionText>IMMIGRATION</nc:DispositionText></j:ChargeDisposition><j:ChargeStatute>"""),
     IMMIGRATION, "the disposition, behind a status that says something, too"),
    (Document(charges=[Charge(status="Open")]).xml().replace(b"</j:ChargeStatus>", b"""</j:ChargeStatus><j:ChargeStatus>
      <nc:StatusDescriptionText>ICE HOLD</nc:StatusDescriptionText></j:ChargeStatus>"""),
     IMMIGRATION, "the second of two statuses"),
    (inside(organisation("x:HoldForAgency", "FORT COLLINS PD") + organisation("x:HoldForAgency", "ICE")),
     ["agency_hold", *IMMIGRATION], "the second of two agencies"),
    (inside(organisation("x:HoldForAgency", "FORT COLLINS PD</nc:OrganizationName><nc:OrganizationName>ICE")),
     ["agency_hold", *IMMIGRATION], "the second name of one"),
    (inside(f"<x:ChargeJurisdictionCourt>{COURT}</x:ChargeJurisdictionCourt>"),
     IMMIGRATION, "a published table of jurisdictions has it among the courts"),
    (Document(charges=[], arrest="", more=f"<j:BailBond>{BOND}</j:BailBond>"),
     ["immigration_detainer"], "a bond that belongs to no charge"),
    (Document(custody_status="ICE HOLD"), IMMIGRATION, "the custody status"),
    (Document(custody_status="NO ICE HOLD"), ["charge"], "it says that there is none"),
    (inside("""<x:SubjectLocationStatus><nc:StatusDescriptionText>HELD FOR ICE</nc:StatusDescriptionText>
      </x:SubjectLocationStatus>""", "</j:BookingSubject>"), IMMIGRATION, "where the person is"),
    (inside("""<j:SupervisionCondition><nc:ActivityDescriptionText>HOLD FOR ICE</nc:ActivityDescriptionText>
      </j:SupervisionCondition>""", "</j:SupervisionAugmentation>"), IMMIGRATION, "a condition"),
    (Document(flag="Y", flag_name="x:ICEHoldIndicator"), IMMIGRATION, "a county's own flag"),
    (Document(flag="true", flag_name="x:ImmigrationDetainerIndicator"), IMMIGRATION, "another"),
    (Document(flag="true", flag_name="x:PoliceHoldIndicator"), ["charge"], "ice stands inside police"),
    (Document(more=f"<j:Holding>{organisation('j:HoldingAgency', 'ICE')}</j:Holding>"), IMMIGRATION, "NIEM's own"),
    (beside(agency="N/A"), CHARGES, "nobody's hold gives no authority"),
]  # fmt: skip


@pytest.mark.parametrize(("instance", "expected", "because"), PLACES, ids=[row[2] for row in PLACES])
def test_hold_is_seen_when_it_stands_in_a_place_of_the_countys_own(instance, expected, because):
    outcome = mapped(instance)
    assert kinds(outcome) == expected, because
    assert not outcome.refusals


UNREAD = [
    ("<x:HousingRemark>ICE HOLD</x:HousingRemark>", 1, "says a hold, and no rule reads it"),
    ("<x:Screen><x:Line>I-247A</x:Line></x:Screen>", 1, "a form's number is a hold, too"),
    ("<x:HousingRemark>ICE</x:HousingRemark>", 0, "may be anything"),
    ("<x:PersonNickName>Ice Hold</x:PersonNickName>", 0, "what a person is called"),
]


@pytest.mark.parametrize(("element", "refused", "because"), UNREAD, ids=[row[2] for row in UNREAD])
def test_element_is_refused_when_it_says_a_hold_that_no_rule_reads(element, refused, because):
    outcome = mapped(Document(more=element))
    assert [refusal.reason.value for refusal in outcome.refusals] == ["unmapped_code"] * refused, because
    assert kinds(outcome) == ["charge"]


def test_charge_is_settled_when_it_is_held_for_immigration_and_dismissed():
    row = Charge(status="IMMIGRATION")
    dismissed = b"<j:ChargeDisposition><nc:DispositionText>Dismissed</nc:DispositionText></j:ChargeDisposition>"
    raw = (
        Document(root="CustodyStatusChangeReport", charges=[row])
        .xml()
        .replace(b"<j:ChargeStatute>", dismissed + b"<j:ChargeStatute>")
    )
    outcome = mapped(raw)
    assert kinds(outcome) == IMMIGRATION
    assert [event["data"]["reason"] for event in of_type(outcome, "release.due")] == ["charges_dropped"]


ELSEWHERE = ["RTOJ", "Return to Other Jurisdiction", "RRTJ", "FEDERAL INMATE", "WAIVED EXTRADITION"]


@pytest.mark.parametrize("word", ELSEWHERE)
@pytest.mark.parametrize("place", ["status", "bond_type", "bond_status"])
def test_row_is_another_agencys_when_it_says_so_in_whichever_place(place, word):
    outcome = mapped(Document(charges=[Charge(**{place: word})]))
    assert kinds(outcome) == ["agency_hold"]
    assert "unknown_code" not in codes(outcome)
