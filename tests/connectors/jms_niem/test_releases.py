"""Bail, entitlement to release, and release."""

from datetime import UTC, datetime

import pytest

from tests.connectors.jms_niem.documents import BOOKED_UTC, CREATED, Charge, Document, riverton, springfield
from tests.connectors.jms_niem.reading import RECEIVED, codes, mapped, of_type, one

STATUS, RELEASE = "CustodyStatusChangeReport", "CustodyReleaseReport"


@pytest.mark.parametrize("status", ["Posted Bond", "POST", "Bond Posted", "BNDP", "bond posted\n"])
def test_posted_bail_that_frees_from_everything_covers_all(status):
    outcome = mapped(Document(root=STATUS, charges=[Charge(amount="500.00", bond_status=status)]))

    assert one(outcome, "bail.set")["data"] == {"amount": "500.00"}
    posted = one(outcome, "bail.posted")
    assert posted["data"] == {"amount": "500.00", "covers_all": True}
    assert posted["time"] == CREATED
    assert of_type(outcome, "release.due") == []


@pytest.mark.parametrize(
    ("other", "because"),
    [
        (Charge("THEFT", "18-4-401"), "a charge without a bond"),
        (Charge("THEFT", "18-4-401", amount="900", bond_status="Active"), "a bond that is not posted"),
        (Charge("THEFT", "18-4-401", bond_type="NO BOND", bond_status="Active"), "held without bond"),
        (Charge("THEFT", "18-4-401", bond_type="HOLD"), "a bond type that only says hold"),
        (Charge("THEFT", "18-4-401", bond_status="Gubernatorial Whim"), "a status nobody listed"),
        (Charge("THEFT", "18-4-401", bond_status="SENT"), "a sentence"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_posted_bail_does_not_cover_what_anything_else_may_keep(other, because):
    posted = Charge(amount="500", bond_status="POST")
    outcome = mapped(Document(root=STATUS, charges=[posted, other]))

    assert one(outcome, "bail.posted")["data"] == {"amount": "500"}, because
    assert of_type(outcome, "release.due") == []


def test_bond_that_is_joined_to_no_charge_counts_for_all_of_them():
    status = "<nc:StatusDescriptionText>{}</nc:StatusDescriptionText>"
    loose = f"<j:BailBond><nc:ActivityStatus>{status}</nc:ActivityStatus></j:BailBond>"

    assert one(mapped(Document(root=STATUS, more=loose.format("POST"))), "bail.posted")["data"]["covers_all"] is True
    unpaid = Document(root=STATUS, charges=[Charge(bond_status="POST")], more=loose.format("ACTI"))
    assert one(mapped(unpaid), "bail.posted")["data"] == {}


def test_bond_beside_an_immigration_bond_is_judged_alone():
    """An ICE row without bond must not make posted bail look as if it freed nobody."""
    charges = [Charge(amount="500", bond_status="POST"), Charge("ICE HOLD", "", bond_type="NO BOND")]

    assert one(mapped(Document(root=STATUS, charges=charges)), "bail.posted")["data"]["covers_all"] is True


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        ("ROR", "own_recognizance"),
        ("Release/Own Recognizance", "own_recognizance"),
        ("Released Order of Court", "court_order"),
        ("CORD", "court_order"),
        ("Served Time Release", "sentence_served"),
        ("CTS", "sentence_served"),
        ("No Charges", "no_charges_filed"),
        ("Vacated Charges", "charges_dropped"),
        ("No Probable Cause", "charges_dropped"),
        ("Watch Commander Release", "other"),
        ("AD", "other"),
    ],
)
def test_status_that_frees_is_a_release_due_at_the_message(status, reason):
    due = one(mapped(Document(root=STATUS, charges=[Charge(bond_status=status)])), "release.due")

    assert due["data"] == {"due_at": CREATED, "reason": reason}
    assert due["time"] == CREATED


@pytest.mark.parametrize(
    ("status", "reason"), [("DISMISSED", "charges_dropped"), ("Not Guilty", "acquitted"), ("Diversion", "diversion")]
)
def test_charge_status_frees_whatever_its_bond_says(status, reason):
    document = Document(root=STATUS, charges=[Charge(status=status, amount="500", bond_status="ACTI")])

    assert one(mapped(document), "release.due")["data"]["reason"] == reason


def test_mixed_reasons_are_a_release_due_and_no_bail_that_covers_all():
    charges = [Charge(amount="5", bond_status="POST"), Charge("THEFT", "18-4-401", bond_status="NOPC")]
    outcome = mapped(Document(root=STATUS, charges=charges))

    assert one(outcome, "bail.posted")["data"] == {"amount": "5"}
    assert one(outcome, "release.due")["data"]["reason"] == "bail_posted"


def test_charge_that_was_combined_with_another_neither_keeps_nor_frees():
    combined = Charge("THEFT", "18-4-401", bond_status="COMB")

    both = mapped(Document(root=STATUS, charges=[Charge(bond_status="ROR"), combined]))
    assert one(both, "release.due")["data"]["reason"] == "own_recognizance"
    alone = mapped(Document(root=STATUS, charges=[Charge(), combined]))
    assert of_type(alone, "release.due") == []


def test_settled_row_is_lifted_when_its_status_came_about():
    charge = Charge(bond_status="POST", amount="500", bond_dated="2026-03-02T14:20:00")
    outcome = mapped(Document(root=STATUS, charges=[charge]))

    assert one(outcome, "hold.lifted")["time"] == "2026-03-02T21:20:00Z"
    assert one(outcome, "bail.posted")["time"] == "2026-03-02T21:20:00Z"
    assert one(outcome, "release.due")["data"] == {"due_at": "2026-03-02T21:20:00Z", "reason": "bail_posted"}


def test_status_of_the_future_is_taken_at_the_message():
    charge = Charge(bond_status="POST", bond_dated="2027-01-01T00:00:00Z")
    outcome = mapped(Document(root=STATUS, charges=[charge]))

    assert one(outcome, "bail.posted")["time"] == CREATED
    assert "dated_after_document" in codes(outcome)


@pytest.mark.parametrize(
    ("rule", "due_at"),
    [
        ("end_of_day", "2026-03-21T06:00:00Z"),
        ("noon", "2026-03-20T18:00:00Z"),
        ("start_of_day", "2026-03-20T06:00:00Z"),
    ],
)
def test_bare_date_is_due_by_the_facilitys_rule_and_its_id_says_so(rule, due_at):
    due = one(mapped(Document(eligible="2026-03-20"), springfield(date_only_due=rule)), "release.due")

    assert due["data"] == {"due_at": due_at, "reason": "other"}
    assert due["id"].endswith("-date-only")
    assert due["time"] == CREATED, "not before the holds of the same message, or it would not end them"


def test_bare_date_on_the_day_of_booking_is_not_before_the_booking():
    due = one(mapped(Document(eligible="2026-03-02"), springfield(date_only_due="start_of_day")), "release.due")

    assert due["data"]["due_at"] == BOOKED_UTC


def test_release_due_before_the_booking_is_refused_by_name():
    outcome = mapped(Document(eligible="2026-02-01"))

    assert of_type(outcome, "release.due") == []
    (refusal,) = outcome.refusals
    assert refusal.reason == "dated_before_booking"
    assert refusal.place.endswith("j:SupervisionReleaseEligibilityDate")


def test_reason_of_a_set_date_follows_the_custody_status():
    outcome = mapped(Document(eligible="2026-03-20", custody_status="Sentenced"))

    assert one(outcome, "release.due")["data"]["reason"] == "sentence_served"
    assert one(outcome, "hold.placed")["data"]["kind"] == "sentence"


def test_earliest_entitlement_of_a_message_has_the_greatest_id():
    """The contract takes the greatest id among dues of one time."""
    outcome = mapped(Document(root=STATUS, charges=[Charge(bond_status="POST")], eligible="2026-04-01"))

    dues = {event["id"]: event["type"] for event in outcome.events if event["id"].startswith("release-due")}
    assert len(dues) == 2
    assert dues[max(dues)] == "jail.bail.posted.v1"


@pytest.mark.parametrize(
    ("stated", "kind", "instant"),
    [
        ("2026-03-02T14:25:00", "release.completed", "2026-03-02T21:25:00Z"),
        ("2026-03-09T10:30:00", "release.due", "2026-03-09T16:30:00Z"),
        ("2026-03-09", "release.due", "2026-03-10T06:00:00Z"),
    ],
)
def test_release_date_of_the_detention_is_a_release_once_it_has_passed(stated, kind, instant):
    event = one(mapped(Document(root=STATUS, set_release=stated)), kind)

    assert (event["data"]["due_at"] if kind == "release.due" else event["time"]) == instant


@pytest.mark.parametrize("stated", ["2026-03-20", "2026-03-20T10:00:00"])
def test_release_to_come_in_a_status_report_is_due_and_not_done(stated):
    outcome = mapped(Document(root=STATUS, release=stated))

    assert of_type(outcome, "release.completed") == []
    assert len(of_type(outcome, "release.due")) == 1


def test_release_report_says_when():
    outcome = mapped(Document(root=RELEASE, release="2026-03-02T14:25:00", charges=[], arrest=""))

    assert [event["type"] for event in outcome.events] == ["jail.release.completed.v1"]
    assert one(outcome, "release.completed")["time"] == "2026-03-02T21:25:00Z"


def test_release_without_a_time_is_at_the_message_and_its_id_says_so():
    outcome = mapped(Document(root=RELEASE, charges=[], arrest=""))

    event = one(outcome, "release.completed")
    assert event["time"] == CREATED
    assert event["id"].endswith("-time-unknown")
    assert "time_unknown" in codes(outcome)


def test_release_without_any_time_is_when_it_was_received():
    document = Document(root=RELEASE, created="", charges=[], arrest="")

    event = one(mapped(riverton(document)), "release.completed")
    assert event["time"] == "2026-03-05T12:00:00Z"
    assert event["id"].endswith("-time-unknown")


def test_release_that_no_clock_dates_is_refused_and_not_guessed_early():
    outcome = mapped(Document(root=RELEASE, created="", charges=[], arrest=""), received_at=None)

    assert outcome.events == ()
    assert [refusal.reason for refusal in outcome.refusals] == ["no_time"]


def test_release_on_a_bare_date_is_at_the_end_of_that_day_or_the_message():
    late = Document(root=RELEASE, release="2026-03-03", created="2026-03-09T00:00:00Z")
    same_day = Document(root=RELEASE, release="2026-03-02")

    assert one(mapped(late), "release.completed")["time"] == "2026-03-04T07:00:00Z"
    assert one(mapped(same_day), "release.completed")["time"] == CREATED


def test_release_before_the_booking_is_passed_on_as_it_stands():
    outcome = mapped(Document(root=STATUS, release="2001-12-17T09:30:47.0Z"))

    assert one(outcome, "release.completed")["time"] == "2001-12-17T09:30:47Z"
    assert "release_before_booking" in codes(outcome)


def test_booking_release_of_other_versions_is_read():
    more = """<j:BookingRelease><nc:ActivityDate><nc:DateTime>2026-03-02T21:25:00Z</nc:DateTime></nc:ActivityDate>
      <nc:ActivityReasonText>ROR</nc:ActivityReasonText></j:BookingRelease>"""
    event = one(mapped(Document(root=RELEASE, more=more)), "release.completed")

    assert event["time"] == "2026-03-02T21:25:00Z"
    assert event["data"] == {"reason": "ROR"}


def _released(inside: str) -> Document:
    date = "<nc:ActivityDate><nc:DateTime>2026-03-02T21:25:00Z</nc:DateTime></nc:ActivityDate>"
    return Document(root=RELEASE, more=f"<nc:Release>{date}{inside}</nc:Release>")


@pytest.mark.parametrize(
    ("name", "to"),
    [("Springfield Municipal Court", "court"), ("Mercy Hospital", "hospital"), ("Weld County Sheriff", "agency")],
)
def test_kind_of_place_is_told_and_the_address_is_not(name, to):
    place = f"""<nc:ReleaseToLocation><nc:LocationName>{name}</nc:LocationName><nc:Address>
      <nc:LocationStreet><nc:StreetName>Nowhere Lane</nc:StreetName></nc:LocationStreet></nc:Address>
      </nc:ReleaseToLocation>"""
    outcome = mapped(_released(place))

    assert one(outcome, "release.completed")["data"] == {"released_to": to}
    assert "Nowhere" not in str(outcome)


@pytest.mark.parametrize(
    ("reason", "name"),
    [("Released to ICE", "ICE"), ("IMMIGRATION", "immigration"), ("US Border Patrol", "Border Patrol")],
)
def test_release_to_an_immigration_authority_is_a_transfer(reason, name):
    outcome = mapped(_released(f"<nc:ActivityReasonText>{reason}</nc:ActivityReasonText>"))

    assert one(outcome, "custody.transferred")["data"] == {"to_agency": name, "temporary": False}
    assert of_type(outcome, "release.completed") == []


@pytest.mark.parametrize("reason", ["ICE declined; to self", "ICE detainer cancelled, picked up by mother"])
def test_release_is_a_release_when_its_reason_only_speaks_of_an_immigration_authority(reason):
    outcome = mapped(_released(f"<nc:ActivityReasonText>{reason}</nc:ActivityReasonText>"))

    assert of_type(outcome, "custody.transferred") == []
    assert one(outcome, "release.completed")


def test_long_reason_is_free_text_and_stays_out():
    story = "Released to the custody of an invented aunt who promised to drive straight home and to call every day"
    document = _released(f"<nc:ActivityReasonText>{story}</nc:ActivityReasonText>")

    assert one(mapped(document), "release.completed")["data"] == {}


@pytest.mark.parametrize("amount", ["$1,500.00", "1500.00"])
def test_amount_is_decimal_text(amount):
    assert one(mapped(Document(charges=[Charge(amount=amount)])), "bail.set")["data"] == {"amount": "1500.00"}


@pytest.mark.parametrize("amount", ["plenty", "-5", "NaN", "1e999999999999999999999"])
def test_amount_that_is_no_money_is_refused_by_name(amount):
    outcome = mapped(Document(charges=[Charge(amount=amount)]))

    assert of_type(outcome, "bail.set") == []
    assert [refusal.place for refusal in outcome.refusals] == ["/d:BookingReport/j:BailBond/j:BailBondAmount/nc:Amount"]


def test_received_at_without_an_offset_is_a_programming_error():
    with pytest.raises(ValueError, match="offset"):
        mapped(Document(), received_at=datetime(2026, 3, 5))  # noqa: DTZ001  # the point of the test


def test_received_at_is_not_used_where_the_document_says_its_time():
    assert (
        mapped(Document(), received_at=RECEIVED).events
        == mapped(Document(), received_at=datetime(2030, 1, 1, tzinfo=UTC)).events
    )
