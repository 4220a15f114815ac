"""Instances that no sample shows: odd times, other zones, deletes, merges, ways to write a hold. All synthetic.

Each row says what the connector's README and the contract ask for, written as type, kind and time (of 2026, UTC).
"""

import json

import pytest

from connectors.jms_niem import MappingError, map_document
from schemas.events import parse
from tests.connectors.jms_niem.documents import Charge, Document
from tests.connectors.jms_niem.reading import RECEIVED, SPRINGFIELD
from tests.connectors.jms_niem.test_jtmp import CODES, MAPPING, SENT, document, release

S, R = "CustodyStatusChangeReport", "CustodyReleaseReport"
DELETED, UPDATED = ' structures:ref="delete"', ' structures:ref="update"'
NIL = '<j:BookingRelease xsi:nil="true"/>'
STATUS = b"<j:ChargeStatus><nc:StatusDescriptionText>%s</nc:StatusDescriptionText></j:ChargeStatus>"
SHORT = {"hold.placed": "held", "hold.lifted": "lifted", "booking.opened": "opened"}
SHORT |= {"release.due": "due", "release.completed": "released", ":00Z": "Z"}
PLAIN = {"document_time_unknown", "immigration_hold_seen", "date_only"}
"""Notes of many instances, left out here."""
HELD = "opened 03-02T21:05Z; held charge 03-02T21:05Z"
TWO = "opened 03-02T14:00Z; held charge 03-02T14:00Z; held charge 03-02T14:00Z"

REPORTS = [
    (
        Document(booked="2026-03-02T14:05:00.1234567"),
        "opened 03-02T21:05:00.123456Z; held charge 03-02T21:05:00.123456Z",
        "a seventh digit of a second goes",
    ),
    (
        Document(booked="2026-03-02T14:05:00+05:30"),
        "opened 03-02T08:35Z; held charge 03-02T08:35Z",
        "half hours of offset",
    ),
    (Document(booked="2026-03-02T14:05:00-07"), HELD, "an offset without minutes"),
    (
        Document(booked="2026-03-02t14:05:00z"),
        "opened 03-02T14:05Z; held charge 03-02T14:05Z",
        "small letters",
    ),
    (
        Document(booked="2026-03-02T24:00:00", created="2026-03-04T00:00Z"),
        "opened 03-03T07:00Z; held charge 03-03T07:00Z",
        "the end of a day",
    ),
    (
        Document(booked="2026-03-02-07:00"),
        "opened 03-02T07:00Z; held charge 03-02T07:00Z",
        "a day with an offset is a day",
    ),
    (Document(booked=" 2026-03-02T14:05 "), HELD, "blanks around, no seconds"),
    (
        Document(booked="2026-11-01T01:30:00", created="2026-11-02T00:00Z"),
        "opened 11-01T07:30Z; held charge 11-01T07:30Z; repeated_hour",
        "an hour that came twice",
    ),
    (
        Document(booked="2026-03-08T02:30:00", created="2026-03-09T00:00Z"),
        "opened 03-08T08:30Z; held charge 03-08T08:30Z; skipped_hour",
        "an hour that never was",
    ),
    (
        Document(booked="20260302T140500"),
        "held charge 03-02T21:30Z; refused bad_time; refused no_time",
        "no form of XML Schema: the booking is not opened, the charge still counts",
    ),
    (
        Document(booked="2026-03-02T14:05:60"),
        "held charge 03-02T21:30Z; refused bad_time; refused no_time",
        "a leap second is none",
    ),
    (Document(flag="1"), HELD + "; held immigration_detainer 03-02T21:05Z", "XML Schema's other way to say true"),
    (Document(flag="Y"), HELD + "; held immigration_detainer 03-02T21:05Z", "a county's way to say it"),
    (Document(flag="maybe"), HELD + "; refused bad_value", "nobody knows"),
    (Document(root=S, flag="N"), HELD + "; lifted 03-02T21:30Z", "taken back"),
    (Document(charges=[Charge(agency="I.C.E.")]), HELD + "; held immigration_detainer 03-02T21:05Z", "with points"),
    (Document(charges=[Charge(agency="I C E")]), HELD + "; held immigration_detainer 03-02T21:05Z", "with blanks"),
    (
        Document(charges=[Charge(agency="ICE/ERO Detroit")]),
        HELD + "; held immigration_detainer 03-02T21:05Z",
        "with a field office",
    ),
    (
        Document(charges=[Charge(agency="NICE COUNTY SHERIFF")]),
        HELD + "; held agency_hold 03-02T21:05Z",
        "a word that holds the letters",
    ),
    (
        Document(charges=[Charge(agency="Office of the Sheriff")]),
        HELD + "; held agency_hold 03-02T21:05Z",
        "another one",
    ),
    (
        Document(charges=[Charge(agency="Department of Human Services (DHS)")]),
        HELD + "; held agency_hold 03-02T21:05Z",
        "the same letters, other people",
    ),
    (
        Document(charges=[Charge(agency="U.S. Marshals Service")]),
        HELD + "; held agency_hold 03-02T21:05Z",
        "federal, and no immigration authority",
    ),
    (
        Document(charges=[Charge(), Charge(description="HOLD FOR BORDER PATROL", code="", sequence="2")]),
        HELD + "; held immigration_detainer 03-02T21:05Z",
        "a hold as a charge",
    ),
    (
        Document(charges=[Charge(), Charge(description="DHS ADMIN WARRANT I-200", code="", sequence="2")]),
        HELD + "; held administrative_warrant 03-02T21:05Z",
        "a paper by its form",
    ),
    (
        Document(charges=[Charge(), Charge(description="HARBORING ALIENS", code="", sequence="2")]),
        HELD + "; held charge 03-02T21:05Z",
        "a crime",
    ),
    (
        Document(charges=[Charge(), Charge(description="POSSESSION OF ICE (METH)", code="", sequence="2")]),
        HELD + "; held charge 03-02T21:05Z",
        "another crime",
    ),
    (
        Document(root=S, charges=[Charge(status="dismissed ")]),
        HELD + "; lifted 03-02T21:30Z; due 03-02T21:30Z",
        "small, with a blank",
    ),
    (
        Document(root=S, charges=[Charge(status="DISMISSED WITHOUT PREJUDICE")]),
        HELD + "; unknown_code",
        "not listed: counts as active, with a note",
    ),
    (
        Document(root=S, charges=[Charge(status="Dismissed"), Charge(code="x", status="Pending")]),
        HELD + "; lifted 03-02T21:30Z; held charge 03-02T21:30Z",
        "one of two",
    ),
    (
        Document(root=S, charges=[Charge(bond_status="POST", amount="500", bond_dated="2026-03-02T14:20:00")]),
        HELD + "; lifted 03-02T21:20Z; bail.set 500 03-02T21:30Z; bail.posted 500 03-02T21:20Z; due 03-02T21:20Z",
        "bail for all there is",
    ),
    (
        Document(charges=[Charge(amount="1,000.00")]),
        HELD + "; bail.set 1000.00 03-02T21:05Z",
        "a comma between thousands",
    ),
    (Document(charges=[Charge(amount="5E3")]), HELD + "; bail.set 5000 03-02T21:05Z", "an exponent"),
    (Document(charges=[Charge(amount="-5")]), HELD + "; refused bad_value", "no money"),
    (Document(status_code="MISTAKEN"), "booking.voided 03-02T21:30Z", "a booking that never was"),
    (
        Document(root=S, charges=[], arrest=""),
        "no_authority_stated",
        "a status report that says on nothing what keeps the person",
    ),
    (
        Document(root=R, release="2026-03-04T10:00:00-07:00"),
        "held charge 03-02T21:05Z; released 03-04T17:00Z",
        "released, with an offset",
    ),
    (
        Document(root=R, release="2026-03-08T02:30:00", created="2026-03-09T00:00Z"),
        "held charge 03-02T21:05Z; released 03-08T08:30Z; skipped_hour",
        "released in an hour that never was",
    ),
    (
        Document(root=R, release="2026-11-01T01:30:00", created="2026-11-02T00:00Z"),
        "held charge 03-02T21:05Z; released 11-01T07:30Z; repeated_hour",
        "released in an hour that came twice",
    ),
    (
        Document(root=R, release="2026-03-01T10:00:00"),
        "held charge 03-02T21:05Z; released 03-01T17:00Z; release_before_booking",
        "released before the booking, as it stands there",
    ),
    (Document(root=S, eligible="2026-03-04"), HELD + "; due 03-05T07:00Z", "due some day"),
    (
        Document(root=S, set_release="2026-05-01T09:00:00"),
        HELD + "; due 05-01T15:00Z",
        "to be released in two months, by summer's clock",
    ),
    (Document(number="000417"), HELD, "leading zeros belong to a number"),
    (Document(number="N\u00ba 7/26-a"), HELD, "a number with signs"),
    (Document(number="  "), "refused no_booking", "no number"),
]
EXCHANGES = [
    (document(operation="update"), TWO + "; bail.set 500 03-02T14:00Z", "an update"),
    (document(operation="delete"), "booking.voided 03-02T14:00Z", "the booking deleted"),
    (document(operation="delete").replace(b">delete<", b">DELETE<"), "booking.voided 03-02T14:00Z", "in capitals"),
    (document(operation="delete", released=release()), "booking.voided 03-05T12:00Z", "deleted with its release"),
    (
        document(operation="merge"),
        "refused no_booking",
        "an operation that nobody listed: which booking it speaks of is not known",
    ),
    (document().replace(CODES.encode(), b""), "refused no_booking", "no list of operations: the same"),
    (
        document().replace(b'<j:Booking structures:ref="add">', b'<j:Booking structures:metadata="delete">'),
        "booking.voided 03-02T14:00Z",
        "the mark in the other attribute",
    ),
    (
        document(charges=()),
        "opened 03-02T14:00Z; held arrest 03-02T14:00Z",
        "no charge: the arrest keeps",
    ),
    (
        document(charges=("3", "4", "5")),
        TWO + "; held charge 03-02T14:00Z; bail.set 500 03-02T14:00Z",
        "merged with another one: its charges are further ones",
    ),
    (document(charges=("1", "1")), TWO + "; bail.set 500 03-02T14:00Z", "a key that two charges share"),
    (
        document(charges=("",)),
        "opened 03-02T14:00Z; held charge 03-02T14:00Z; bail.set 500 03-02T14:00Z",
        "no key",
    ),
    (
        document(marks={"1": DELETED}),
        TWO + "; lifted 03-05T12:00Z; bail.set 500 03-05T12:00Z",
        "a charge deleted: it keeps until the message was sent",
    ),
    (
        document(marks={"1": DELETED, "2": DELETED}),
        (
            "opened 03-02T14:00Z; held charge 03-02T14:00Z; "
            "lifted 03-05T12:00Z; held charge 03-02T14:00Z; lifted 03-05T12:00Z"
        ),
        "all charges deleted",
    ),
    (document(marks={"1": UPDATED}), TWO + "; bail.set 500 03-02T14:00Z", "a charge updated"),
    (
        document(released=release(mark=DELETED)),
        TWO + "; bail.set 500 03-05T12:00Z; event.retracted release 03-05T12:00Z",
        "a release deleted",
    ),
    (
        document(released=release(mark=UPDATED)),
        TWO + "; bail.set 500 03-05T12:00Z; released 03-04T16:00Z",
        "a release updated",
    ),
    (
        document(released=release(at="<nc:DateTime>2026-03-04T16:00:00</nc:DateTime>")),
        TWO + "; bail.set 500 03-05T12:00Z; released 03-04T22:00Z",
        "by the jail's clock",
    ),
    (
        document(released=release(at="<nc:DateTime>2026-03-04T16:00:00.25-06:00</nc:DateTime>")),
        TWO + "; bail.set 500 03-05T12:00Z; released 03-04T22:00:00.250000Z",
        "with an offset and a fraction",
    ),
    (
        document(released=release(at="<nc:Date>2026-03-04</nc:Date>")),
        TWO + "; bail.set 500 03-05T12:00Z; released 03-05T06:00Z",
        "a day: not guessed early",
    ),
    (document(released="<j:BookingRelease/>"), TWO + "; bail.set 500 03-02T14:00Z", "an empty release is none"),
    (document(released=NIL), TWO + "; bail.set 500 03-02T14:00Z", "neither is a nil one"),
    (
        document(released=release(done="1")),
        TWO + "; bail.set 500 03-05T12:00Z; released 03-04T16:00Z",
        "completed",
    ),
    (
        document(released=release(done="")),
        TWO + "; bail.set 500 03-05T12:00Z; released 03-04T16:00Z",
        "completed, for all that is said",
    ),
    (
        document(released=release(done="0")),
        TWO + "; bail.set 500 03-05T12:00Z; due 03-04T16:00Z",
        "not completed: due",
    ),
    (
        document(released=release(done="FALSE")),
        TWO + "; bail.set 500 03-05T12:00Z; due 03-04T16:00Z",
        "in capitals",
    ),
    (
        document(released=release(planned="<nc:DateTime>2026-03-06T10:00:00</nc:DateTime>")),
        TWO + "; bail.set 500 03-05T12:00Z; due 03-06T16:00Z; released 03-04T16:00Z",
        "completed before it was due",
    ),
    (
        document(released=release(done="false", at="", planned="<nc:Date>2026-03-06</nc:Date>")),
        TWO + "; bail.set 500 03-05T12:00Z; due 03-07T06:00Z",
        "due some day",
    ),
    (
        document(released=release(at="<nc:DateTime>2026-04-05T16:00Z</nc:DateTime>")),
        TWO + "; bail.set 500 03-05T12:00Z; due 04-05T16:00Z",
        "completed in a month: then it is due",
    ),
    (
        document(released=release() + release(at="<nc:DateTime>2026-03-04T17:00Z</nc:DateTime>")),
        TWO + "; bail.set 500 03-05T12:00Z; released 03-04T16:00Z; released 03-04T17:00Z",
        "two releases",
    ),
    (
        document(released=release(at="<nc:DateTime>2026-03-01T01:30:00</nc:DateTime>")),
        TWO + "; bail.set 500 03-05T12:00Z; released 03-01T07:30Z; release_before_booking",
        "before the booking, as it stands there",
    ),
    (
        document(released=release().replace("ROR", "RELEASED TO ICE")),
        TWO + "; bail.set 500 03-05T12:00Z; custody.transferred ICE 03-04T16:00Z",
        "to an immigration authority",
    ),
    (
        document(released=release().replace("ROR", "TOT BORDER PATROL")),
        TWO + "; bail.set 500 03-05T12:00Z; custody.transferred Border Patrol 03-04T16:00Z",
        "turned over to one",
    ),
    (
        document(released=release().replace("ROR", "ICE CREAM VENDOR BOND")),
        TWO + "; bail.set 500 03-05T12:00Z; released 03-04T16:00Z",
        "a word of many meanings",
    ),
    (
        document(released=release().replace("ROR", "BOND POSTED BY HSI AGENTS WIFE")),
        TWO + "; bail.set 500 03-05T12:00Z; released 03-04T16:00Z",
        "no authority took anybody",
    ),
    (document().replace(b"S-1", b""), "refused no_booking", "no number"),
    (
        document().replace(b"2026-03-02T08:00:00", b"2026-03-02T08:00:00-05:00"),
        "opened 03-02T13:00Z; held charge 03-02T13:00Z; held charge 03-02T13:00Z; bail.set 500 03-02T13:00Z",
        "an offset that is not the zone's",
    ),
    (
        document().replace(b"2026-03-02T08:00:00", b"2026-03-08T02:30:00"),
        (
            "opened 03-08T07:30Z; held charge 03-08T07:30Z; "
            "held charge 03-08T07:30Z; bail.set 500 03-08T07:30Z; skipped_hour"
        ),
        "booked in an hour that never was",
    ),
    (
        document().replace(b"2026-03-02T08:00:00", b"March 2nd"),
        (
            "held charge 03-05T12:00Z; held charge 03-05T12:00Z; "
            "bail.set 500 03-05T12:00Z; refused bad_time; refused no_time"
        ),
        "booked at no time that can be read",
    ),
    (
        document().replace(b"</j:ArrestCharge>", STATUS % b"Sentenced" + b"</j:ArrestCharge>"),
        "opened 03-02T14:00Z; held sentence 03-02T14:00Z; held sentence 03-02T14:00Z; bail.set 500 03-05T12:00Z",
        "sentenced",
    ),
    (
        document().replace(b"</j:ArrestCharge>", STATUS % b"Dismissed" + b"</j:ArrestCharge>"),
        (
            "opened 03-02T14:00Z; held charge 03-02T14:00Z; lifted 03-05T12:00Z; "
            "held charge 03-02T14:00Z; lifted 03-05T12:00Z; bail.set 500 03-05T12:00Z; due 03-05T12:00Z"
        ),
        "dismissed when it was sent, not when booked",
    ),
    (
        document().replace(b"</j:ArrestCharge>", STATUS % b"Continued" + b"</j:ArrestCharge>"),
        TWO + "; bail.set 500 03-05T12:00Z; unknown_code",
        "not listed",
    ),
    (b"\n  " + document(), TWO + "; bail.set 500 03-02T14:00Z", "an empty line first"),
    (document().replace(b"BookingExchange", b"CaseExchange"), "refused unknown_root", "another exchange"),
]


def told(raw, mapping, received_at):
    """What a document says, in its order; what was refused; what was noted."""
    try:
        outcome = map_document(raw, mapping, received_at=received_at)
    except MappingError as error:
        return f"refused {error.reason.value}"
    said = []
    for event in outcome.events:
        parse(json.dumps(event).encode())
        data, kind = event["data"], event["type"][5:-3]
        what = data.get("kind") or data.get("to_agency") or data.get("due_at") or data.get("amount")
        what = what or ("release" if "retracts" in data else "")
        time = "" if kind == "release.due" else event["time"]
        said.append(" ".join(each for each in (kind, what, time) if each).replace("2026-", ""))
    said += [f"refused {refusal.reason.value}" for refusal in outcome.refusals]
    text = "; ".join(said + sorted({note.code.value for note in outcome.notes} - PLAIN))
    for word, short in SHORT.items():
        text = text.replace(word, short)
    return text


@pytest.mark.parametrize(("instance", "expected", "because"), REPORTS, ids=[row[2] for row in REPORTS])
def test_report_says_what_it_means_when_no_sample_is_like_it(instance, expected, because):
    assert told(instance.xml(), SPRINGFIELD, RECEIVED) == expected, because


@pytest.mark.parametrize(("instance", "expected", "because"), EXCHANGES, ids=[row[2] for row in EXCHANGES])
def test_exchange_says_what_it_means_when_no_sample_is_like_it(instance, expected, because):
    assert told(instance, MAPPING, SENT) == expected, because


@pytest.mark.parametrize("instance", [row[0] for row in EXCHANGES if "refused" not in row[1]])
def test_exchange_is_the_same_events_when_it_is_sent_again(instance):
    first, again = (map_document(instance, MAPPING, received_at=SENT).events for _ in range(2))
    assert first == again
