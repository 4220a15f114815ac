"""The five encodings of an immigration hold, and what only looks like one."""

import pytest

from tests.connectors.jms_niem.documents import BOOKED_UTC, Charge, Document, riverton, springfield
from tests.connectors.jms_niem.reading import codes, kinds, mapped, of_type, one

DETAINER = "immigration_detainer"


def detainer_of(outcome):
    (event,) = [e for e in of_type(outcome, "hold.placed") if e["data"]["kind"] == DETAINER]
    return event


@pytest.mark.parametrize("name", ["x:DetentiontImmigrationHoldIndicator", "x:DetentionImmigrationHoldIndicator"])
def test_flag_is_a_detainer_in_either_spelling(name):
    outcome = mapped(Document(flag="true", flag_name=name))

    assert kinds(outcome) == ["charge", DETAINER]
    assert detainer_of(outcome)["time"] == BOOKED_UTC
    assert "immigration_hold_seen" in codes(outcome)


def test_false_flag_in_a_booking_report_says_nothing():
    outcome = mapped(Document(flag="false"))

    assert kinds(outcome) == ["charge"]
    assert of_type(outcome, "hold.lifted") == []


def test_flag_that_is_no_boolean_is_refused_by_name_and_hides_nothing_else():
    outcome = mapped(Document(flag="perhaps"))

    (refusal,) = outcome.refusals
    assert refusal.place == "/d:BookingReport/j:Detention/x:DetentiontImmigrationHoldIndicator"
    assert refusal.reason == "bad_value"
    assert "perhaps" not in refusal.message
    assert kinds(outcome) == ["charge"]


def test_agency_on_a_real_charge_adds_a_detainer_and_leaves_the_charge():
    outcome = mapped(Document(charges=[Charge(agency="Immigration and Customs Enforc")]))

    assert kinds(outcome) == ["charge", DETAINER]
    assert detainer_of(outcome)["data"]["issuer"] == {"agency": "Immigration and Customs Enforc"}


@pytest.mark.parametrize("row", ["HOLD", "DETAINER", "ICE HOLD", "HOLD FOR OTHER AGENCY"])
def test_agency_on_a_row_that_is_only_a_hold_is_no_charge(row):
    assert kinds(mapped(Document(charges=[Charge(row, "", agency="ICE")]))) == [DETAINER]


@pytest.mark.parametrize(
    "row",
    [
        "HOLD IMMIGRAT",
        "IMMIGRATION HOLD",
        "Hold for I.C.E.",
        "ICE DETAINER - 48 HRS",
        "DETAINER/US DEPT OF HOMELAND SECURITY",
        "BORDER PATROL HOLD",
        "IMMIGRATION HOLD - DO NOT RELEASE",
        "US IMMIGRATION & NATURALIZATION",
        "FEDERAL HOLD - INS",
        "I-247A",
    ],
)
def test_pseudo_charge_is_an_immigration_hold_and_no_charge(row):
    assert kinds(mapped(Document(charges=[Charge(row, "")]))) == [DETAINER]


@pytest.mark.parametrize(
    "row",
    [
        "IMMIGRATION FRAUD",
        "ASSAULT ON ICE OFFICER",
        "POSSESS ICE W/ INTENT",
        "NO PROOF OF INS",
        "OBSTRUCTING JUSTICE",
        "IMPERSONATING A POLICE OFFICER",
        "THEFT OF SERVICE",
        "UNLAWFUL HOLD OF PROPERTY",
        "HOLDING A HOSTAGE",
        "FAIL TO CLEAR SNOW AND ICE",
    ],
)
def test_charge_that_mentions_such_a_word_stays_a_charge(row):
    assert kinds(mapped(Document(charges=[Charge(row)]))) == ["charge"]


@pytest.mark.parametrize("row", ["HOLD US MARSHAL", "HOLD WSI", "COURTESY HOLD", "STATE PATROL HOLD", "PROBATION HOLD"])
def test_hold_for_somebody_else_is_an_agency_hold(row):
    assert kinds(mapped(Document(charges=[Charge(row, "")]))) == ["agency_hold"]


@pytest.mark.parametrize(
    "charge",
    [
        Charge(status="IMMIGRATION"),
        Charge(status="ICE HOLD"),
        Charge(bond_type="IMMIGRATION", amount="0"),
        Charge(bond_status="Immigration", bond_type="CASH"),
        Charge(bond_type="HOLD ICE"),
    ],
)
def test_status_or_bond_type_adds_a_detainer(charge):
    assert kinds(mapped(Document(charges=[charge]))) == ["charge", DETAINER]


def test_return_to_other_jurisdiction_is_an_agency_hold():
    outcome = mapped(Document(charges=[Charge(bond_status="RTOJ", agency="BOULDER COUNTY SO")]))

    assert kinds(outcome) == ["agency_hold"]
    assert one(outcome, "hold.placed")["data"]["issuer"] == {"agency": "BOULDER COUNTY SO"}


def test_return_to_other_jurisdiction_is_immigration_only_where_the_agency_says_so():
    assert kinds(mapped(Document(charges=[Charge(bond_type="RTOJ", agency="US Border Patrol")]))) == [DETAINER]


def test_all_encodings_of_one_hold_are_one_hold():
    charges = [Charge("ICE HOLD", ""), Charge(agency="ICE", bond_type="IMMIGRATION")]
    outcome = mapped(Document(flag="true", charges=charges))

    assert kinds(outcome) == ["charge", DETAINER]
    assert detainer_of(outcome)["data"]["hold_id"] == "immigration-hold"


def test_row_that_says_only_hold_is_not_taken_for_a_second_agency_beside_the_flag():
    """A nameless hold that counted as another agency's would give authority to keep the person."""
    row = Charge("HOLD", "")

    assert kinds(mapped(Document(flag="true", charges=[row]))) == [DETAINER]
    assert kinds(mapped(Document(charges=[row]))) == ["agency_hold"]


def test_forms_named_in_rows_are_papers_of_their_own():
    charges = [Charge("ICE DETAINER I-247A", ""), Charge("ICE WARRANT FORM I-200", ""), Charge("NOTIFY ICE I-247N", "")]
    outcome = mapped(Document(charges=charges))

    assert kinds(outcome) == ["administrative_warrant", DETAINER, "notification_request"]
    forms = {e["data"]["hold_id"]: e["data"]["document"]["form"] for e in of_type(outcome, "hold.placed")}
    assert forms["immigration-hold"] == "I-247A"
    assert set(forms.values()) == {"I-247A", "I-200", "I-247N"}


def test_arrest_by_an_immigration_authority_without_a_charge_is_no_local_arrest():
    assert kinds(mapped(Document(charges=[], arrest_agency="US Border Patrol"))) == [DETAINER]


def test_arrest_stands_where_no_charge_is_known():
    outcome = mapped(Document(charges=[]))

    assert kinds(outcome) == ["arrest"]
    assert one(outcome, "hold.placed")["data"]["issuer"] == {"agency": "Springfield Police"}


@pytest.mark.parametrize("agency", ["Springfield County Sheriff", "springfield county sheriff ", "Springfield Police"])
def test_holding_for_the_booking_or_arresting_agency_is_the_local_case(agency):
    assert kinds(mapped(Document(charges=[Charge(agency=agency)]))) == ["charge"]


def test_one_agency_named_on_two_charges_is_one_hold():
    charges = [Charge(agency="Thornton PD"), Charge("THEFT", "18-4-401", agency="Thornton PD")]

    assert kinds(mapped(Document(charges=charges))) == ["agency_hold", "charge", "charge"]


def test_county_table_decides_over_the_name():
    table = {
        "agencies": {
            "DHS": {"name": "Human Services", "class": "other"},
            "FTO": {"name": "ICE", "class": "immigration"},
        }
    }
    mapping = springfield(**table)

    assert kinds(mapped(Document(charges=[Charge(agency="dhs")]), mapping)) == ["agency_hold", "charge"]
    assert kinds(mapped(Document(charges=[Charge(agency="FTO")]), mapping)) == ["charge", DETAINER]


def test_another_county_says_the_same_in_other_namespaces():
    document = Document(flag="true", charges=[Charge(agency="ICE"), Charge("HOLD WSI", "")], eligible="2026-04-01")

    assert mapped(riverton(document)).events == mapped(document).events


def test_agency_in_a_nested_organisation_is_found():
    more = """<j:Charge><j:ChargeDescriptionText>HOLD</j:ChargeDescriptionText><x:HoldForAgency><nc:EntityOrganization>
      <nc:OrganizationName>ICE</nc:OrganizationName></nc:EntityOrganization></x:HoldForAgency></j:Charge>"""

    assert kinds(mapped(Document(more=more))) == ["charge", DETAINER]


def test_agency_on_the_detention_as_older_versions_have_it():
    more = (
        "<j:Detention><x:HoldForAgency><nc:OrganizationName>ICE</nc:OrganizationName></x:HoldForAgency></j:Detention>"
    )

    assert kinds(mapped(Document(more=more))) == ["charge", DETAINER]
