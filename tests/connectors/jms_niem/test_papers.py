"""Typed records: who issued a paper decides what it is."""

import pytest

from tests.connectors.jms_niem.documents import BOOKED_UTC, CREATED, Charge, Document
from tests.connectors.jms_niem.reading import codes, kinds, mapped, of_type

COURT = "<j:CourtOrderIssuingCourt><j:CourtName>Springfield District Court</j:CourtName></j:CourtOrderIssuingCourt>"
JUDGE = """<j:CourtOrderIssuingJudicialOfficial>
  <nc:RoleOfPerson><nc:PersonName><nc:PersonFullName>Ada Invented</nc:PersonFullName></nc:PersonName></nc:RoleOfPerson>
  <j:JudicialOfficialCategoryText>Magistrate Judge</j:JudicialOfficialCategoryText>
</j:CourtOrderIssuingJudicialOfficial>"""
ICE = "<x:IssuingAgency><nc:OrganizationName>Immigration &amp; Customs Enforcem</nc:OrganizationName></x:IssuingAgency>"
COUNTY = "<x:IssuingAgency><nc:OrganizationName>WELD COUNTY SO</nc:OrganizationName></x:IssuingAgency>"


def papers(outcome):
    return [e for e in of_type(outcome, "hold.placed") if e["data"]["hold_id"].startswith("paper-")]


@pytest.mark.parametrize(
    ("record", "inside", "kind"),
    [
        ("j:DetainerOrder", ICE, "immigration_detainer"),
        ("j:DetainerOrder", COUNTY, "agency_hold"),
        ("j:DetainerNotificationRequest", ICE, "notification_request"),
        ("j:Warrant", COURT + JUDGE, "judicial_warrant"),
        ("j:ArrestWarrant", COURT + JUDGE + COUNTY, "judicial_warrant"),
        ("j:ArrestWarrant", ICE, "administrative_warrant"),
        (
            "j:Warrant",
            "<j:WarrantCategoryText>I-200 Warrant for Arrest</j:WarrantCategoryText>",
            "administrative_warrant",
        ),
        ("j:Warrant", COUNTY, "agency_hold"),
        (
            "j:Warrant",
            "<j:CourtOrderIssuingCourt><j:CourtName>Immigration Court Denver</j:CourtName></j:CourtOrderIssuingCourt>"
            + JUDGE,
            "administrative_warrant",
        ),
    ],
)
def test_issuer_decides_what_a_record_is(record, inside, kind):
    (event,) = papers(mapped(Document(more=f"<{record}>{inside}</{record}>")))

    assert event["data"]["kind"] == kind


def test_judicial_warrant_names_court_and_office():
    (event,) = papers(mapped(Document(more=f"<j:Warrant>{COURT}{JUDGE}</j:Warrant>")))

    assert event["data"]["issuer"] == {
        "court": "Springfield District Court",
        "official_name": "Ada Invented",
        "official_title": "Magistrate Judge",
    }


def test_form_is_handed_over_and_the_paper_number_is_not():
    number = (
        "<nc:ActivityIdentification><nc:IdentificationID>A000000042</nc:IdentificationID></nc:ActivityIdentification>"
    )
    form = "<nc:ActivityCategoryText>Form I-247 A</nc:ActivityCategoryText>"
    outcome = mapped(Document(more=f"<j:DetainerOrder>{number}{form}{ICE}</j:DetainerOrder>"))

    assert papers(outcome)[0]["data"]["document"] == {"form": "I-247A"}
    assert "A000000042" not in str(outcome)


def test_record_without_an_issuer_gives_nobody_authority():
    outcome = mapped(Document(more="<j:DetainerOrder><nc:ActivityName>Detainer</nc:ActivityName></j:DetainerOrder>"))

    assert papers(outcome) == []
    assert [refusal.reason for refusal in outcome.refusals] == ["issuer_unknown"]


def test_flag_beside_a_recorded_detainer_is_not_a_second_one():
    outcome = mapped(Document(flag="true", more=f"<j:DetainerOrder>{ICE}</j:DetainerOrder>"))

    assert kinds(outcome) == ["charge", "immigration_detainer"]


@pytest.mark.parametrize(
    "ending",
    [
        "<im:DetainerLiftReason><im:DetentionDetainerLiftCode>L</im:DetentionDetainerLiftCode></im:DetainerLiftReason>",
        "<j:WarrantStatusCode>RECALLED</j:WarrantStatusCode>",
        "<j:CourtOrderRecallDate><nc:DateTime>2026-03-02T21:20:00Z</nc:DateTime></j:CourtOrderRecallDate>",
    ],
)
def test_ended_record_is_lifted(ending):
    outcome = mapped(
        Document(root="CustodyStatusChangeReport", more=f"<j:DetainerOrder>{ICE}{ending}</j:DetainerOrder>")
    )

    (placed,) = papers(outcome)
    (lifted,) = of_type(outcome, "hold.lifted")
    assert lifted["data"]["hold_id"] == placed["data"]["hold_id"]
    assert lifted["time"] == ("2026-03-02T21:20:00Z" if "Recall" in ending else CREATED)


def test_lodged_warrant_is_not_lifted():
    more = f"<j:Warrant>{COURT}{JUDGE}<j:WarrantStatusCode>LODGED</j:WarrantStatusCode></j:Warrant>"

    assert of_type(mapped(Document(more=more)), "hold.lifted") == []


@pytest.mark.parametrize(
    ("dated", "expected"),
    [
        (
            "<j:CourtOrderServiceDate><nc:DateTime>2026-03-04T10:00:00</nc:DateTime></j:CourtOrderServiceDate>",
            "2026-03-04T17:00:00Z",
        ),
        ("<j:CourtOrderIssuingDate><nc:Date>2019-05-06</nc:Date></j:CourtOrderIssuingDate>", BOOKED_UTC),
        ("", "2026-03-05T08:00:00Z"),
    ],
    ids=["its own", "not before the booking", "the message's"],
)
def test_record_starts_when_it_reached_the_jail(dated, expected):
    document = Document(
        root="CustodyStatusChangeReport",
        created="2026-03-05T08:00:00Z",
        more=f"<j:DetainerOrder>{ICE}{dated}</j:DetainerOrder>",
    )

    assert papers(mapped(document))[0]["time"] == expected


def test_warrant_that_the_arrest_rests_on_is_the_local_case():
    """As a hold of its own no bail could end it."""
    more = f'<j:Arrest structures:id="A9"><j:ArrestWarrant>{COURT}{JUDGE}</j:ArrestWarrant></j:Arrest>'
    outcome = mapped(Document(charges=[Charge()], more=more))

    assert kinds(outcome) == ["charge"]
    assert "basis_of_arrest" in codes(outcome)
