"""Documents that are refused whole, and proof that no document does anything else than map or be refused."""

import time
from contextlib import suppress

import pytest
from lxml import etree

from connectors.jms_niem import MappingError
from tests.connectors.jms_niem.documents import Charge, Document, springfield
from tests.connectors.jms_niem.reading import SPRINGFIELD, mapped

LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY e "&c;&c;&c;&c;&c;&c;&c;&c;">]><d x="&e;">&e;</d>"""
EXTERNAL = b"""<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><BookingReport>&x;</BookingReport>"""
PARAMETER = b"""<!DOCTYPE d SYSTEM "http://127.0.0.1:1/x.dtd"><BookingReport/>"""


def refused(document: bytes, mapping=SPRINGFIELD) -> MappingError:
    with pytest.raises(MappingError) as caught:
        mapped(document, mapping)
    return caught.value


@pytest.mark.parametrize("document", [LAUGHS, EXTERNAL, PARAMETER, b"<!DOCTYPE html><html/>"])
def test_document_type_declaration_is_refused_unread(document):
    assert refused(document).reason == "xml_entities"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_declaration_in_a_wide_encoding_is_refused_too(encoding):
    text = LAUGHS.decode().replace('<?xml version="1.0"?>', f'<?xml version="1.0" encoding="{encoding}"?>')

    assert refused(text.encode(encoding)).reason == "xml_entities"


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"   ",
        b"{}",
        b"<BookingReport>",
        b"<BookingReport>&undefined;</BookingReport>",
        b"<BookingReport>\x00</BookingReport>",
        b"\xff\xfe\x00",
        b'<?xml version="1.0" encoding="no-such"?><BookingReport/>',
        Document().xml()[:-40],
        b"<BookingReport>\xe4\xf6</BookingReport>",
    ],
)
def test_what_is_not_xml_is_refused(document):
    assert refused(document).reason == "not_xml"


def test_message_of_a_refusal_names_the_line_and_repeats_nothing():
    broken = Document().xml().replace(b"Quillon</nc:PersonGivenName>", b"Quillon</nc:Other>")

    error = refused(broken)
    assert "line" in error.message
    assert "Quillon" not in str(error)


def test_deep_nesting_is_refused():
    document = Document(more="<x:A>" * 80 + "</x:A>" * 80).xml()

    assert refused(document).reason == "too_deep"


def test_nesting_beyond_the_parser_is_refused():
    assert refused(b"<a>" * 100_000).reason in {"not_xml", "too_deep"}


def test_large_document_is_refused_by_the_mappings_limit():
    mapping = springfield(limits={"max_bytes": 1000})

    assert refused(Document().xml(), mapping).reason == "too_large"


def test_largest_document_is_read_in_seconds():
    charges = [Charge(f"THEFT {at}", "", agency="ICE", amount="5", bond_status="ODD") for at in range(1150)]
    document = Document(charges=charges, more="<j:Warrant><x:A/></j:Warrant>" * 1150).xml()
    started = time.monotonic()

    mapped(document)

    assert len(document) > SPRINGFIELD.limits.max_bytes * 0.8
    assert time.monotonic() - started < 20


@pytest.mark.parametrize(
    "document",
    [
        b"<IncidentReport/>",
        b'<BookingReport xmlns="http://www.w3.org/1999/xhtml"/>',
        b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"/>',
    ],
)
def test_other_document_is_refused(document):
    assert refused(document).reason == "unknown_root"


@pytest.mark.parametrize("number", ["", "  \n "])
def test_document_that_cannot_be_tied_to_a_booking_is_refused(number):
    error = refused(Document(number=number).xml())

    assert error.reason == "no_booking"
    assert error.place == "/d:BookingReport/j:Booking/j:BookingAgencyRecordIdentification/nc:IdentificationID"


def test_number_of_the_person_is_no_booking_number_until_the_county_says_so():
    document = Document(number="")
    mapping = springfield(subject_number_is_booking_number=True)

    assert {event["subject"] for event in mapped(document, mapping).events} == {"SUBJ-9"}


def test_two_bookings_in_one_element_are_refused():
    number = "<nc:IdentificationID>26-00418</nc:IdentificationID>"
    number = f"<j:BookingAgencyRecordIdentification>{number}</j:BookingAgencyRecordIdentification>"
    more = f"<j:Booking>{number}</j:Booking>"

    assert refused(Document(more=more).xml()).reason == "several_bookings"


def test_two_custody_elements_are_two_bookings():
    first, second = (Document(root="CustodyStatusChangeReport", number=number) for number in ("26-1", "26-2"))
    text = first.xml().decode()
    custody = (
        second.xml().decode().split("<x:Custody>")[1].split("</x:Custody>")[0].replace('="Charge_1"', '="Charge_2"')
    )
    custody = custody.replace('_1"', '_9"')
    both = text.replace("</x:Custody>", f"</x:Custody><x:Custody>{custody}</x:Custody>")

    subjects = [event["subject"] for event in mapped(both.encode()).events]
    assert subjects == ["26-1", "26-1", "26-2", "26-2"]


def test_document_without_any_time_is_refused():
    with pytest.raises(MappingError) as caught:
        mapped(Document(booked="", created=""), received_at=None)

    assert caught.value.reason == "no_time"


def test_references_in_a_circle_end():
    more = '<j:Arrest structures:id="P" structures:ref="Q"/><j:Arrest structures:id="Q" structures:ref="P"/>'

    assert mapped(Document(more=more)).events == mapped(Document()).events


def test_dangling_reference_is_noted_by_its_place():
    outcome = mapped(Document(more='<x:Charging><j:Charge structures:ref="Charge_77"/></x:Charging>'))

    assert "/d:BookingReport/x:Charging/j:Charge" in {note.place for note in outcome.notes}


RICH = Document(
    root="CustodyStatusChangeReport",
    flag="true",
    charges=[Charge(agency="ICE", amount="500", bond_status="POST", bond_dated="2026-03-02"), Charge("HOLD WSI", "")],
    eligible="2026-04-01",
    set_release="2026-04-02T08:00:00",
    release="2026-04-03",
    custody_status="Sentenced",
    more="<j:Warrant><j:CourtOrderIssuingCourt><j:CourtName>Court</j:CourtName></j:CourtOrderIssuingCourt></j:Warrant>",
)


def _maps_or_is_refused(root) -> None:
    with suppress(MappingError):
        mapped(etree.tostring(root))


def _elements() -> range:
    return range(sum(1 for _ in etree.fromstring(RICH.xml()).iter()))


def test_document_without_any_one_element_maps_or_is_refused():
    for at in _elements():
        root = etree.fromstring(RICH.xml())
        node = list(root.iter())[at]
        if node is not root:
            node.getparent().remove(node)
        _maps_or_is_refused(root)


@pytest.mark.parametrize("text", ["", "\u202e\U0001f600", "9" * 5000, "2026-03-02", "true", "<&>", "-1"])
def test_document_with_any_one_text_replaced_maps_or_is_refused(text):
    for at in _elements():
        root = etree.fromstring(RICH.xml())
        list(root.iter())[at].text = text
        _maps_or_is_refused(root)


def test_document_with_any_one_element_twice_maps_or_is_refused():
    for at in _elements():
        root = etree.fromstring(RICH.xml())
        node = list(root.iter())[at]
        if (parent := node.getparent()) is not None:
            parent.append(etree.fromstring(etree.tostring(node)))
        _maps_or_is_refused(root)
