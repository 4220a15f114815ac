"""The booking itself, and what never leaves this connector."""

import pytest

from tests.connectors.jms_niem.documents import BOOKED_UTC, CREATED, Charge, Document, springfield
from tests.connectors.jms_niem.reading import codes, mapped, of_type, one


def test_booking_is_opened_with_key_language_and_arrest():
    outcome = mapped(Document(), springfield(languages={"span": "Spanish"}))

    opened = one(outcome, "booking.opened")
    assert (opened["subject"], opened["source"], opened["time"]) == ("26-00417", "/jms/springfield", BOOKED_UTC)
    assert opened["data"] == {
        "person": {"person_id": "c0ffee00c0ffee00", "preferred_language": "Spanish"},
        "arrested_at": "2026-03-02T20:20:00Z",
        "booked_by": "Springfield County Sheriff",
        "basis": ["PC"],
    }


def test_arrest_on_a_bare_date_gives_no_time_of_arrest():
    assert "arrested_at" not in one(mapped(Document(arrest="2026-03-02")), "booking.opened")["data"]


def test_names_birth_dates_and_numbers_never_leave():
    number = "<nc:IdentificationID>000-00-0001</nc:IdentificationID>"
    person = f"<nc:PersonSSNIdentification>{number}</nc:PersonSSNIdentification>"
    said = str(mapped(Document(person=person, booked="bad", flag="bad", charges=[Charge(amount="bad")])))

    assert all(value not in said for value in ("Quillon", "Fictive", "1971", "000-00", "SUBJ-9"))


@pytest.mark.parametrize(
    ("element", "field"),
    [
        ("<nc:PersonUSCitizenIndicator>false</nc:PersonUSCitizenIndicator>", "citizenship"),
        ("<nc:PersonCitizenshipISO3166Alpha2Code>ZZ</nc:PersonCitizenshipISO3166Alpha2Code>", "citizenship"),
        ("<nc:PersonNationalityText>Ruritania</nc:PersonNationalityText>", "nationality"),
        (
            "<nc:PersonBirthLocation><nc:LocationName>Strelsau</nc:LocationName></nc:PersonBirthLocation>",
            "place_of_birth",
        ),
        ("<x:PlaceOfBirth>Strelsau</x:PlaceOfBirth>", "place_of_birth"),
        (
            "<im:AlienIdentification><nc:IdentificationID>A0</nc:IdentificationID></im:AlienIdentification>",
            "alien_number",
        ),
        ("<im:ImmigrationStatus>unknown</im:ImmigrationStatus>", "immigration_status"),
    ],
)
def test_status_field_is_named_and_its_value_stays_behind(element, field):
    outcome = mapped(Document(person=element))

    assert one(outcome, "booking.opened")["data"][field] == "[removed by connector]"
    assert all(value not in str(outcome) for value in ("Ruritania", "Strelsau", "A0", "ZZ"))
    assert "status_field_removed" in codes(outcome)


@pytest.mark.parametrize("element", ["<nc:PersonNationalityText/>", "<x:PlaceOfBirth>  </x:PlaceOfBirth>"])
def test_empty_status_field_tells_nothing(element):
    assert mapped(Document(person=element)).events == mapped(Document()).events


def test_status_field_in_a_message_that_opens_nothing_is_reported_too():
    document = Document(
        root="CustodyReleaseReport", charges=[], arrest="", person="<x:PlaceOfBirth>Strelsau</x:PlaceOfBirth>"
    )

    assert one(mapped(document), "release.completed")["data"] == {"place_of_birth": "[removed by connector]"}


def test_mistaken_booking_is_voided_and_says_nothing_else():
    outcome = mapped(Document(status_code="Mistaken ", flag="true"))

    assert [event["type"] for event in outcome.events] == ["jail.booking.voided.v1"]
    assert one(outcome, "booking.voided")["time"] == CREATED


@pytest.mark.parametrize(("status", "noted"), [("InProcess", False), ("Correct", False), ("Pondering", True)])
def test_other_booking_statuses_void_nothing(status, noted):
    outcome = mapped(Document(status_code=status))

    assert len(of_type(outcome, "booking.opened")) == 1
    assert ("unknown_code" in codes(outcome)) is noted


def test_charges_of_a_criminal_history_are_not_this_booking():
    more = """<j:PersonCriminalHistorySummary><j:Charge>
      <j:ChargeDescriptionText>ICE HOLD</j:ChargeDescriptionText></j:Charge></j:PersonCriminalHistorySummary>"""

    assert mapped(Document(more=more)).events == mapped(Document()).events


def test_document_older_than_its_booking_speaks_for_the_booking():
    outcome = mapped(Document(created="2012-12-17T09:30:47.0Z", eligible="2026-04-01"))

    assert one(outcome, "release.due")["time"] == BOOKED_UTC
    assert "document_older_than_booking" in codes(outcome)
