"""The oracle against cases worked out by hand from EVENTS.md: the other rules, retractions, moves, and histories."""

import pytest

from tests.oracle.cases import (
    DETAINER,
    JUDGE,
    all_rows,
    at,
    due,
    ev,
    hold,
    hour_of,
    lifted,
    opened,
    released,
    retracted,
    rows,
    verified,
)
from tests.oracle.words import LOOKALIKES, SPELLINGS

# ---------------------------------------------------------------- the other rules


def test_release_approaching_starts_with_the_hold_when_it_comes_within_the_hour():
    # because the due at 10 is known, and the detainer of 9.5 is lifted at 9.75
    events = (opened(), hold(0, "C", "charge"), due(1, 10), hold(9.5, "D", **DETAINER), lifted(9.75, "D"))
    assert rows(*events, released(10)) == []  # no stretch without authority: custody ends with the charge
    assert rows(*events, released(11)) == [("release_approaching", "", 9.5, 9.75, "resolved")]


def test_release_approaching_is_open_when_release_lies_ahead():
    # because at 9.5 the release time 10 is known from the due, and the finding ends only then
    events = (opened(), hold(0, "C", "charge"), due(1, 10), hold(2, "D", **DETAINER))
    assert rows(*events, now=8.99) == []
    assert rows(*events, now=9.5) == [("release_approaching", "", 9, 10, "open")]


def test_transfer_is_found_when_no_judicial_warrant_is_active_at_its_time():
    # because the verified warrant is lifted at 5, as the transfer happens: [0, 5) does not contain 5
    start = (opened(), hold(0, "W", "judicial_warrant", issuer=JUDGE), verified(0, "W"))
    gone = ev("custody.transferred", 5, to_agency="us border patrol", temporary=False)
    assert rows(*start, gone) == []
    assert rows(*start, gone, lifted(5, "W")) == [("transfer_without_warrant", "e4", 5, None, "open")]


def test_transfer_is_not_found_when_it_is_temporary_or_to_somebody_else():
    # because the rule speaks of non-temporary transfers to an immigration authority
    for to, temporary in (("ICE", True), ("Fort Collins Police Service", False)):
        gone = ev("custody.transferred", 5, to_agency=to, temporary=temporary)
        assert rows(opened(), hold(0, "A", "agency_hold"), gone) == []


def test_bail_refusal_is_found_when_an_immigration_hold_is_active():
    # because the detainer runs over [2, 4): refusals at 2 and 3 are in it, those at 1 and 4 are not
    events = (opened(), hold(0, "A", "agency_hold"), hold(2, "D", **DETAINER), lifted(4, "D"))
    events += tuple(ev("bail.refused", hour) for hour in (1, 2, 3, 4))
    assert rows(*events) == [
        ("bail_refused_on_detainer", "e6", 2, None, "open"),
        ("bail_refused_on_detainer", "e7", 3, None, "open"),
    ]


def test_notice_is_missing_when_a_day_goes_by_without_one():
    # because the request (a notification_request counts too) came at 1, and the notice of 30 came after 25
    events = (opened(), hold(0, "A", "agency_hold"), hold(1, "N", "notification_request"))
    served = ev("notice.served", 30, hold_id="N", served_by="officer")
    day = {"notice_within": 24 * 3600}
    assert rows(*events, now=24.99, **day) == []
    assert rows(*events, now=25, **day) == [("notice_not_served", "N", 1, None, "open")]
    assert rows(*events, served, **day) == [("notice_not_served", "N", 1, 30, "resolved")]
    assert rows(*events, served | {"time": at(25)}, **day) == []  # [1, 25) does not contain 25
    assert rows(*events, served | {"time": at(0)}, **day) == []  # served before the start
    assert rows(*events, served, notice_within=None) == []  # no such duty


def test_notice_counts_from_custody_when_the_paper_was_there_before():
    # because a person can be served only from 10 on, and custody ends at 40
    events = (opened(10), hold(10, "A", "agency_hold"), hold(1, "D", **DETAINER), released(40))
    assert rows(*events, notice_within=24 * 3600) == [("notice_not_served", "D", 10, 40, "resolved")]


def test_held_for_identification_when_identity_is_the_only_stated_basis():
    # because case and punctuation do not matter, and a second opened event adds nothing else
    events = (opened(basis=["Establishing IDENTITY."]), hold(0, "A", "agency_hold"), released(5))
    assert rows(*events) == [("held_for_identification", "", 0, 5, "resolved")]
    assert rows(*events, opened(1, basis=["warrant"])) == []
    assert rows(opened(basis=[]), *events[1:]) == []


def test_cite_not_custody_when_every_local_hold_is_a_listed_offence():
    # because the code or the description is listed; one local hold without a charge makes it untrue
    minor = hold(0, "C", "charge", charge={"code": "mcl 257.904"})
    other = hold(1, "S", "arrest", charge={"description": "driving without a licence!"})
    assert rows(opened(), minor, other, released(5)) == [("cite_not_custody", "", 0, 5, "resolved")]
    assert rows(opened(), minor, other, hold(2, "X", "sentence"), released(5)) == []


def test_status_information_is_found_when_a_forbidden_field_came_in():
    # because the field is named by section 5, however deep it stands; about is the event's id
    found = rows(opened(person={"Alien Number": "A0"}), hold(0, "A", "agency_hold"))
    assert found == [("status_information_received", "e1", 0, None, "open")]


# ---------------------------------------------------------------- retractions and moves


def test_a_release_does_not_count_when_it_is_retracted():
    # because the release e4 at 12 never counted
    events = (opened(), hold(0, "C", "charge"), lifted(10, "C"), released(12), retracted(12.5, "e4"))
    assert rows(*events) == [("overdue_release", "", 10, None, "open")]


def test_a_release_counts_when_its_retraction_is_retracted():
    # because e6 takes e5 back; e7 would take e6 back again
    events = (opened(), hold(0, "C", "charge"), lifted(4, "C"), released(12), retracted(12.5, "e4"))
    events += (retracted(13, "e5"),)
    assert rows(*events) == [("overdue_release", "", 4, 12, "resolved")]
    assert rows(*events, retracted(14, "e6")) == [("overdue_release", "", 4, None, "open")]


def test_retractions_do_not_count_when_they_retract_each_other():
    # because e4 and e5 take each other back, so only e3 counts: the agency hold never was; e6 takes e3 back
    events = (
        opened(),
        hold(0, "A", "agency_hold"),
        retracted(1, "e2"),
        retracted(1, "e5"),
        retracted(1, "e4"),
    )
    assert rows(*events) == [("overdue_release", "", 0, None, "open")]
    assert rows(*events, retracted(2, "e3")) == []


def test_a_retraction_works_when_its_subject_is_another_booking_but_not_in_another_source():
    # because an id is unique within the source, not within the booking
    events = (opened(), hold(0, "A", "agency_hold"))
    elsewhere = retracted(1, "e2")
    assert rows(*events, elsewhere | {"subject": "B9"}) == [("overdue_release", "", 0, None, "open")]
    assert rows(*events, elsewhere | {"source": "/jms/b"}) == []


def test_facts_follow_when_a_booking_moves_in_a_chain():
    # because B1 counts for B2, and B2 for B3; a detainer on B3 meets the end of B1's charge
    events = (opened(), hold(0, "C", "charge"), ev("booking.moved", 1, into="B2"))
    events += (ev("booking.moved", 2, subject="B2", into="B3"), hold(5, "D", **DETAINER) | {"subject": "B3"})
    found = all_rows(*events, lifted(5, "C"), released(6))
    assert [(r["rule"], r["booking"], hour_of(r["since"]), hour_of(r["until"])) for r in found] == [
        ("overdue_detainer_hold", "B3", 5, 6)
    ]


def test_the_latest_move_counts_when_a_booking_was_moved_twice():
    # because of e2 (at 3) and e3 (at 1) the one with the latest time counts: B2
    events = (opened(), ev("booking.moved", 3, into="B2"), ev("booking.moved", 1, into="B3"))
    assert [r["booking"] for r in all_rows(*events)] == ["B2"]


def test_the_last_move_of_a_cycle_does_not_count_when_moves_go_round():
    # because B2 -> B1 has the greatest time of the cycle; what is left moves B1 into B2
    events = (opened(), ev("booking.moved", 1, into="B2"), ev("booking.moved", 2, subject="B2", into="B1"))
    assert [(r["rule"], r["booking"]) for r in all_rows(*events)] == [("overdue_release", "B2")]


def test_a_move_does_not_count_when_it_is_retracted_or_names_itself():
    # because neither changes the number
    for last in (retracted(2, "e2"), ev("booking.moved", 2, into="B1")):
        events = (opened(), ev("booking.moved", 1, into="B2" if last["data"].get("retracts") else "B1"), last)
        assert [r["booking"] for r in all_rows(*events)] == ["B1"]


def test_a_retraction_counts_when_the_circle_it_stands_in_is_broken_from_outside():
    # because e3 and e4 take each other back, but e5 takes e3 back: e4 stands, with what it says besides
    status = {"citizenship": "XX"}
    events = (opened(), hold(0, "A", "agency_hold"), retracted(1, "e4"), retracted(1, "e3"))
    events[3]["data"] |= status
    assert ("status_information_received", "e4", 1, None, "open") in rows(*events)  # in a circle: not taken back
    events[3]["data"].pop("citizenship")
    events[2]["data"] |= status
    assert ("status_information_received", "e3", 1, None, "open") in rows(*events)
    assert rows(*events, retracted(2, "e3")) == []


@pytest.mark.parametrize("agency", [*SPELLINGS, *LOOKALIKES])
def test_an_agency_is_known_when_people_write_it_in_their_own_way(agency: str):
    # because names are compared by whole words, whatever joins them, and letters one by one are a word
    gone = ev("custody.transferred", 5, to_agency=agency, temporary=False)
    expected = [("transfer_without_warrant", "e3", 5, None, "open")] if agency in SPELLINGS else []
    assert rows(opened(), hold(0, "A", "agency_hold"), gone) == expected
