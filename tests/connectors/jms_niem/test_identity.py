"""Ids: the same fact is the same event, whatever message says it, and anything else is another event."""

import json
from itertools import permutations

import pytest

from integration.domain.agencies import Directory
from integration.domain.custody import Standing, timeline_of
from integration.domain.instants import HOUR
from integration.domain.parameters import Parameters
from integration.services.reading import facts_of
from schemas.base import instant_of
from schemas.events import parse
from tests.connectors.jms_niem.documents import Charge, Document
from tests.connectors.jms_niem.reading import mapped, of_type, one

STATUS = "CustodyStatusChangeReport"
PACK = Parameters(
    pack="test",
    revision="0",
    release_processing_detainer=0,
    release_processing_other=6 * HOUR,
    warn_before=HOUR,
    notice_within=None,
    require_warrant_verification=False,
    citation_offences=frozenset(),
    identification_bases=frozenset(),
    immigration_authorities=Directory(names=("ICE",)),
    partner_agencies_287g=Directory(),
    terms={},
)


def stretches(*documents):
    """When the product would say that nothing gave authority to keep the person."""
    events = {event["id"]: event for document in documents for event in mapped(document).events}
    facts = [fact for event in events.values() for fact in facts_of(parse(json.dumps(event).encode()))]
    return timeline_of(Standing(facts), PACK).stretches


def at(day, hour, minute=0):
    return f"2026-03-{day:02d}T{hour:02d}:{minute:02d}:00Z"


def instant(day, hour, minute=0):
    return instant_of(at(day, hour, minute))


def test_same_message_twice_gives_the_same_events():
    charges = [Charge(agency="ICE", amount="500", bond_status="POST"), Charge("HOLD WSI", "")]
    document = Document(root=STATUS, flag="true", charges=charges, eligible="2026-04-01")

    assert mapped(document).events == mapped(document).events


def test_fact_that_a_later_message_repeats_is_the_same_event():
    first, later = Document(), Document(root=STATUS, created="2026-03-04T08:00:00Z")

    assert mapped(first).events == mapped(later).events


def test_new_document_ids_and_order_change_nothing():
    charges = [Charge(), Charge("THEFT", "18-4-401")]
    one_way, other_way = mapped(Document(charges=charges)), mapped(Document(charges=charges[::-1]))

    assert {event["id"] for event in one_way.events} == {event["id"] for event in other_way.events}


def test_reworded_charge_is_another_event_about_the_same_hold():
    old = one(mapped(Document()), "hold.placed")
    new = one(mapped(Document(charges=[Charge("BURGLARY 2ND DEGREE")])), "hold.placed")

    assert old["id"] != new["id"]
    assert old["data"]["hold_id"] == new["data"]["hold_id"]


def test_two_alike_charges_are_two_holds():
    placed = of_type(mapped(Document(charges=[Charge(), Charge()])), "hold.placed")

    assert len({event["data"]["hold_id"] for event in placed}) == 2


def test_hold_ids_repeat_no_text_of_the_record():
    placed = of_type(
        mapped(Document(charges=[Charge("SECRET DESCRIPTION", "SECRET-1", agency="SECRET PD")])), "hold.placed"
    )

    assert all("secret" not in event["data"]["hold_id"].casefold() for event in placed)


def test_no_event_carries_a_recorded_time():
    assert all("recordedtime" not in event for event in mapped(Document(flag="true")).events)


def test_other_booking_other_source_other_ids():
    assert {e["id"] for e in mapped(Document()).events}.isdisjoint(
        e["id"] for e in mapped(Document(number="26-00418")).events
    )


def test_flag_that_turns_false_lifts_the_hold():
    placed = one_detainer(Document(flag="true"))
    outcome = mapped(Document(root=STATUS, flag="false", created=at(3, 9)))

    lifted = one(outcome, "hold.lifted")
    assert lifted["data"]["hold_id"] == placed["data"]["hold_id"]
    assert lifted["time"] == at(3, 9)


def test_flag_that_is_false_lifts_nothing_while_a_row_still_says_immigration():
    outcome = mapped(Document(root=STATUS, flag="false", charges=[Charge(agency="ICE")]))

    assert of_type(outcome, "hold.lifted") == []


def test_flag_that_turned_false_at_no_known_time_is_refused():
    outcome = mapped(Document(root=STATUS, flag="false", created=""), received_at=None)

    assert of_type(outcome, "hold.lifted") == []
    assert [refusal.reason for refusal in outcome.refusals] == ["no_time"]


def test_detainer_that_a_later_message_shows_starts_at_that_message():
    assert one_detainer(Document(root=STATUS, flag="true", created=at(4, 8)))["time"] == at(4, 8)


def one_detainer(document):
    (event,) = [e for e in of_type(mapped(document), "hold.placed") if e["data"]["kind"] == "immigration_detainer"]
    return event


POSTED = Charge(amount="500", bond_status="POST")


def test_status_that_every_later_message_repeats_ends_authority_when_it_was_first_told():
    history = [
        Document(charges=[Charge(amount="500", bond_status="ACTI")]),
        Document(root=STATUS, created=at(3, 9), charges=[POSTED], flag="true"),
        Document(root=STATUS, created=at(4, 9), charges=[POSTED], flag="true", eligible="2026-04-01"),
        Document(root="CustodyReleaseReport", created=at(5, 9), release=at(5, 8), charges=[], arrest=""),
    ]

    for order in permutations(history):
        assert stretches(*order) == ((instant(3, 9), instant(5, 8)),)


def test_charge_that_comes_after_the_release_time_gives_authority_from_then_on():
    history = [
        Document(charges=[Charge(amount="500", bond_status="ACTI")]),
        Document(root=STATUS, created=at(3, 9), charges=[POSTED]),
        Document(root=STATUS, created=at(4, 9), charges=[POSTED, Charge("THEFT", "18-4-401")]),
    ]

    for order in permutations(history):
        assert stretches(*order) == ((instant(3, 9), instant(4, 9)),)


@pytest.mark.parametrize("charges", [[Charge()], [POSTED, Charge("THEFT", "18-4-401")], [Charge("HOLD WSI", "")]])
def test_status_report_without_its_booking_report_leaves_no_gap_before_it(charges):
    assert stretches(Document(root=STATUS, created=at(6, 9), charges=charges)) == ()


def test_message_that_is_silent_about_authority_claims_no_custody_on_nothing():
    assert stretches(Document(root=STATUS, charges=[], arrest="", created=at(6, 9))) == ()
    assert stretches(Document(root="CustodyReleaseReport", charges=[], arrest="", release=at(6, 8))) == ()


def test_person_held_for_another_agency_is_not_overdue_and_one_held_for_ice_is():
    posted = {"amount": "500", "bond_status": "POST"}
    other = Document(root=STATUS, created=at(3, 9), charges=[Charge(**posted), Charge("HOLD US MARSHAL", "")])
    ice = Document(root=STATUS, created=at(3, 9), charges=[Charge(**posted), Charge("HOLD IMMIGRAT", "")])

    assert stretches(Document(), other) == ()
    ((since, _),) = stretches(Document(), ice)
    assert since == instant(3, 9)


def test_agency_named_on_a_row_goes_with_the_row():
    """Where "hold for agency" names who sent the person, bail on the row frees them of both."""
    charge = Charge(amount="500", bond_status="POST", agency="THORNTON PD")
    ((since, _),) = stretches(
        Document(charges=[Charge(agency="THORNTON PD")]), Document(root=STATUS, created=at(3, 9), charges=[charge])
    )

    assert since == instant(3, 9)
