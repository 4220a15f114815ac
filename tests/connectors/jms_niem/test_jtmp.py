"""New Orleans' form: operations on elements, releases inside bookings, envelopes, acknowledgements. All synthetic."""

from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from connectors.jms_niem.inputs import inputs_of
from connectors.jms_niem.jtmp import Status, read_envelope, response
from connectors.jms_webhook.bodies import jtmp_body
from schemas.events import parse
from schemas.refusals import InvalidEventError, Reason
from tests.connectors.jms_niem.documents import springfield
from tests.connectors.jms_niem.reading import mapped, of_type, one

SENT = datetime(2026, 3, 5, 12, tzinfo=UTC)
MAPPING = springfield(source="/jms/bayou", zone="America/Chicago")
NAMESPACES = (
    'xmlns:nc="http://release.niem.gov/niem/niem-core/5.0/" xmlns:j="http://release.niem.gov/niem/domains/jxdm/7.2/" '
    'xmlns:structures="http://release.niem.gov/niem/structures/5.0/" xmlns:x="http://bayou.example/ext/1.0/" '
    'xmlns:hs="http://release.niem.gov/niem/domains/humanServices/5.2/" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
)
CODES = "".join(
    f'<x:MessageOperationCode structures:id="{one}">{one}</x:MessageOperationCode>'
    for one in ("add", "delete", "update")
)
CHARGE = """<j:ArrestCharge{mark}><j:ChargeStatute><j:StatuteCodeIdentification><nc:IdentificationID>14:67
</nc:IdentificationID></j:StatuteCodeIdentification></j:ChargeStatute><hs:ChargeAugmentation><j:BailBond>
<j:BailBondAmount><nc:Amount>500</nc:Amount></j:BailBondAmount></j:BailBond></hs:ChargeAugmentation>
<x:ChargeAugmentation><x:ChargeKey>{key}</x:ChargeKey></x:ChargeAugmentation></j:ArrestCharge>"""


def release(done="true", at="<nc:DateTime>2026-03-04T16:00:00Z</nc:DateTime>", planned="", mark=""):
    return f"""<j:BookingRelease{mark}><nc:ActivityComment><nc:CommentText>ROR</nc:CommentText></nc:ActivityComment>
    <nc:ActivityCompletedIndicator>{done}</nc:ActivityCompletedIndicator><nc:ActivityDate>{at}</nc:ActivityDate>
    <nc:ActivityScheduledDate>{planned}</nc:ActivityScheduledDate></j:BookingRelease>"""


def document(*, operation="add", charges=("1", "2"), marks=None, released="", person=""):
    rows = "".join(CHARGE.format(key=key, mark=(marks or {}).get(key, "")) for key in charges)
    return f"""<x:BookingExchange {NAMESPACES}>{CODES}<j:Booking structures:ref="{operation}">
    <nc:ActivityDate><nc:DateTime>2026-03-02T08:00:00</nc:DateTime></nc:ActivityDate>
    <j:BookingAgency><nc:OrganizationName>Bayou PD</nc:OrganizationName></j:BookingAgency>
    <j:BookingAgencyRecordIdentification><nc:IdentificationID>S-1</nc:IdentificationID></j:BookingAgencyRecordIdentification>
    {released}<j:BookingSubject><nc:RoleOfPerson>{person}</nc:RoleOfPerson></j:BookingSubject>
    <j:Arrest><nc:ActivityDate><nc:DateTime>2026-03-02T07:00:00</nc:DateTime></nc:ActivityDate>{rows}</j:Arrest>
    </j:Booking></x:BookingExchange>""".encode()


def said(raw):
    return [(each["type"][5:-3], each["time"]) for each in mapped(raw, MAPPING, SENT).events]


def test_booking_is_read_when_it_is_marked_as_added():
    booked = "2026-03-02T14:00:00Z"
    assert said(document()) == [
        ("booking.opened", booked),
        *[("hold.placed", booked)] * 2,
        ("bail.set", booked),  # two bonds of one amount set at one time say the same
    ]


def test_same_booking_is_the_same_events_when_it_is_told_as_an_update():
    first, again = mapped(document(), MAPPING, SENT), mapped(document(operation="update"), MAPPING, SENT)
    assert [each["id"] for each in first.events] == [each["id"] for each in again.events]


def test_charges_stay_the_same_when_one_before_them_is_gone():
    first, later = mapped(document(), MAPPING, SENT), mapped(document(charges=("2",)), MAPPING, SENT)
    holds = [each["data"]["hold_id"] for each in of_type(first, "hold.placed")]
    assert one(later, "hold.placed")["data"]["hold_id"] == holds[1]


def test_release_ends_custody_when_it_is_completed():
    outcome = mapped(document(released=release()), MAPPING, SENT)
    told = one(outcome, "release.completed")
    assert (told["time"], told["data"]) == ("2026-03-04T16:00:00Z", {"reason": "ROR"})


def test_release_is_only_set_when_it_is_not_completed():
    planned = "<nc:DateTime>2026-03-06T10:00:00</nc:DateTime>"
    outcome = mapped(document(released=release(done="false", at="", planned=planned)), MAPPING, SENT)
    assert not of_type(outcome, "release.completed")
    assert one(outcome, "release.due")["data"]["due_at"] == "2026-03-06T16:00:00Z"
    dated = mapped(document(released=release(done="false")), MAPPING, SENT)
    assert one(dated, "release.due")["data"]["due_at"] == "2026-03-04T16:00:00Z"


def test_release_counts_from_the_message_when_it_has_no_time():
    outcome = mapped(document(released=release(at='<nc:DateTime xsi:nil="true"/>')), MAPPING, SENT)
    told = one(outcome, "release.completed")
    assert told["time"] == "2026-03-05T12:00:00Z"
    assert told["id"].endswith("-time-unknown")


def test_booking_is_voided_when_it_is_deleted():
    assert said(document(operation="delete")) == [("booking.voided", "2026-03-02T14:00:00Z")]


def test_charge_keeps_nobody_any_more_when_it_is_deleted():
    outcome = mapped(document(marks={"1": ' structures:ref="delete"'}), MAPPING, SENT)
    holds = [each["data"]["hold_id"] for each in of_type(mapped(document(), MAPPING, SENT), "hold.placed")]
    assert one(outcome, "hold.lifted")["data"]["hold_id"] == holds[0]
    assert {each["data"]["hold_id"] for each in of_type(outcome, "hold.placed")} == set(holds), "it did until then"
    assert one(outcome, "hold.lifted")["time"] == "2026-03-05T12:00:00Z"


@pytest.mark.parametrize(
    "mark", [' structures:uri="#delete"', ' structures:metadata="delete"', ' structures:ref=" delete "']
)
def test_mark_is_no_reference_however_it_is_written(mark):
    plain = mapped(document(marks={"1": ' structures:ref="delete"'}), MAPPING, SENT)
    assert mapped(document(marks={"1": mark}), MAPPING, SENT).events == plain.events


def test_release_never_counted_when_it_is_deleted():
    told = one(mapped(document(released=release()), MAPPING, SENT), "release.completed")
    outcome = mapped(document(released=release(mark=' structures:ref="delete"')), MAPPING, SENT)
    assert one(outcome, "event.retracted")["data"]["retracts"] == told["id"]
    assert not of_type(outcome, "release.completed")


def test_status_fields_are_named_and_never_repeated():
    person = (
        "<nc:PersonUSCitizenIndicator>true</nc:PersonUSCitizenIndicator><nc:PersonNationality><nc:CountryName>Zebulonia"
        "</nc:CountryName></nc:PersonNationality><hs:AlienIdentification><nc:IdentificationID>A123</nc:IdentificationID>"
        "</hs:AlienIdentification><nc:PersonBirthLocation><nc:StateName>Zebulonia</nc:StateName></nc:PersonBirthLocation>"
    )
    outcome = mapped(document(person=person), MAPPING, SENT)
    assert "Zebulonia" not in str(outcome)
    assert "A123" not in str(outcome)
    data = one(outcome, "booking.opened")["data"]
    assert {"citizenship", "nationality", "alien_number", "place_of_birth"} <= set(data)


def envelope(data, **metadata):
    known = {
        "AgencyId": "BPSO",
        "MessageId": "142",
        "TransactionId": "t-1",
        "MessageSentTimestamp": "2026-03-05T12:00:00+00:00",
    }
    return orjson.dumps({"Metadata": known | metadata, "ExchangeData": data})


def test_document_is_taken_out_of_its_envelope():
    text = "<?xml version='1.0' encoding='utf-16'?>\n" + document().decode()
    read = read_envelope(envelope(text))
    assert (read.message_id, read.transaction_id, read.agency, read.sent_at) == ("142", "t-1", "BPSO", SENT)
    assert mapped(read.document, MAPPING, read.sent_at).events


def test_message_id_stands_in_when_there_is_no_transaction():
    assert read_envelope(envelope("<a/>", TransactionId=None)).transaction_id == "142"
    assert read_envelope(envelope("<a/>", TransactionId=None, InternalMessageId="i")).transaction_id == "i"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"<x/>", Reason.NOT_JSON),
        (b"[]", Reason.MISSING_FIELD),
        (b'{"Metadata": 1}', Reason.MISSING_FIELD),
        (b'{"Metadata": {}}', Reason.MISSING_FIELD),
        (b'{"Metadata": {}, "ExchangeData": {}}', Reason.MISSING_FIELD),
    ],
)
def test_envelope_is_refused_when_it_is_none(raw, reason):
    with pytest.raises(InvalidEventError) as refused:
        read_envelope(raw)
    assert refused.value.reason is reason


def test_response_is_correlated_and_says_what_became_of_the_message():
    read = read_envelope(envelope("<a/>", TransactionId='<&"\u0001'))
    root = etree.fromstring(response(read, Status.CONTENT_ERROR, SENT, "/x: no <booking>"))
    texts = [element.text for element in root.iter() if element.text]
    assert texts[:4] == ["2026-03-05T12:00:00Z", "Content Error", "142", "InvalidSchema"]
    assert texts[-1] == '<&"'
    assert "/x: no <booking>" in texts
    approved = etree.fromstring(response(read, Status.APPROVED, SENT))
    assert not [element for element in approved.iter() if "MessageContentError" in str(element.tag)]


@settings(max_examples=100, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=200),
        st.recursive(
            st.none() | st.text(max_size=20) | st.integers(0, 9),
            lambda inner: st.dictionaries(
                st.sampled_from(["Metadata", "ExchangeData", "MessageId", "MessageSentTimestamp"]), inner
            ),
        ),
    )
)
def test_any_message_is_an_envelope_or_refused(content):
    raw = content if isinstance(content, bytes) else orjson.dumps(content)
    try:
        read = read_envelope(raw)
    except InvalidEventError:
        return
    etree.fromstring(response(read, Status.RECEIVED, SENT, "x"))


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_any_variant_is_mapped_or_refused(data):
    """Elements gone, doubled, emptied, marked or renamed: never anything but events and refusals."""
    root = etree.fromstring(document(released=release(planned="<nc:DateTime>2026-03-06T10:00:00</nc:DateTime>")))
    nodes = [node for node in root.iter() if node.getparent() is not None]
    for _ in range(data.draw(st.integers(1, 6))):
        node = data.draw(st.sampled_from(nodes))
        parent = node.getparent()
        if parent is None:
            continue
        act = data.draw(st.sampled_from(["gone", "twice", "empty", "text", "mark", "id", "nil"]))
        if act == "gone":
            parent.remove(node)
        elif act == "twice":
            parent.append(etree.fromstring(etree.tostring(node)))
        elif act == "nil":
            node.set("{http://www.w3.org/2001/XMLSchema-instance}nil", "true")
        elif act in {"mark", "id"}:
            name = "ref" if act == "mark" else "id"
            value = data.draw(st.sampled_from(["add", "delete", "update", "nowhere"]))
            node.set("{http://release.niem.gov/niem/structures/5.0/}" + name, value)
        else:
            node.text = data.draw(st.sampled_from(["", "delete", "9" * 40, "2026-11-01T01:30:00", "-1", "false"]))
    inputs = list(inputs_of("p", etree.tostring(root), MAPPING, received_at=SENT))
    for each in inputs:
        assert each.refusal is not None or parse(each.raw)


SENT_AT = [
    ("2026-03-05T12:00:00Z", None, "as it should be"),
    ("2026-03-05T12:00:00.1234567Z", None, "finer than it can be read"),
    ("2026-03-05T12:00:00", None, "without a zone it says nothing"),
    ("03/05/2026", None, "nor does what is no time"),
    (1772712000, None, "nor a number"),
    ("2026-03-06T11:59:00Z", None, "a clock that is wrong by hours"),
    ("2026-03-06T12:01:00Z", "time_out_of_range", "or by more: until then no later message would count"),
    ("2126-03-05T12:00:00Z", "time_out_of_range", "another century"),
    ("9999-12-31T23:59:59-12:00", "time_out_of_range", "later than there are times"),
    ("0001-01-01T00:00:00+14:00", "time_out_of_range", "what some systems write for no time, earlier than there are"),
    ("0001-01-01T00:00:00Z", "time_out_of_range", "the same"),
]


@pytest.mark.parametrize(("sent_at", "reason", "because"), SENT_AT, ids=[row[-1] for row in SENT_AT])
def test_message_is_refused_when_it_cannot_have_been_sent_then(sent_at, reason, because):
    envelope = {"Metadata": {"MessageSentTimestamp": sent_at}, "ExchangeData": document().decode()}
    body = jtmp_body(MAPPING, lambda: SENT)("p", orjson.dumps(envelope))
    assert [fault.reason for fault in body.faults] == ([reason] if reason else []), because
    assert [each.refusal is None for each in body.inputs] == ([False] if reason else [True] * len(body.inputs))


def test_message_is_refused_when_it_holds_two_documents_under_one_name():
    raw = orjson.dumps({"Metadata": {}, "ExchangeData": document().decode()})
    with pytest.raises(InvalidEventError) as refused:
        read_envelope(raw[:-1] + b',"ExchangeData":"<a/>"}')
    assert refused.value.reason is Reason.REPEATED_FIELD
