"""The oracle against cases worked out by hand from EVENTS.md: sections 3 and 4.1 to 4.6."""

import pytest

from tests.oracle.cases import DETAINER, EXACT_ID, JUDGE, at, due, ev, hold, lifted, opened, released, rows, verified

# ---------------------------------------------------------------- sections 4.3 to 4.6: the two overdue rules


def test_overdue_detainer_hold_is_open_when_the_charge_ends_under_a_detainer():
    # because the charge is lifted at 10, the detainer from 5 gives no authority, and nothing ends custody;
    # the hour before release time is warned of
    assert rows(opened(), hold(0, "C", "charge"), hold(5, "D", **DETAINER), lifted(10, "C")) == [
        ("overdue_detainer_hold", "", 10, None, "open"),
        ("release_approaching", "", 9, 10, "resolved"),
    ]


def test_overdue_detainer_hold_is_resolved_when_the_person_has_left():
    # because custody ends at 12
    events = opened(), hold(0, "C", "charge"), hold(5, "D", **DETAINER), lifted(10, "C"), released(12)
    assert ("overdue_detainer_hold", "", 10, 12, "resolved") in rows(*events)


def test_overdue_detainer_hold_is_still_open_when_its_end_lies_ahead():
    # because at 11 the end at 12 is later than the current time (4.9)
    events = opened(), hold(0, "C", "charge"), hold(5, "D", **DETAINER), lifted(10, "C"), released(12)
    assert ("overdue_detainer_hold", "", 10, 12, "open") in rows(*events, now=11)
    assert ("overdue_detainer_hold", "", 10, 12, "resolved") in rows(*events, now=12)


def test_overdue_release_is_listed_at_the_sixth_hour_when_no_paper_is_there():
    # because the allowance of six hours ends at 16, and a finding ahead is not listed (4.9)
    events = opened(), hold(0, "C", "charge"), lifted(10, "C")
    assert rows(*events, now=15.99) == []
    assert rows(*events, now=16) == [("overdue_release", "", 10, None, "open")]


def test_overdue_release_is_absent_when_the_stretch_ends_at_the_allowance():
    # because [10, 16) does not contain 16: intervals are half-open
    assert rows(opened(), hold(0, "C", "charge"), lifted(10, "C"), released(16)) == []


def test_both_parts_are_findings_when_a_detainer_comes_seven_hours_into_the_stretch():
    # because the part [10, 17) contains 16, and the detainer's part runs from 17 to the end at 20
    events = opened(), hold(0, "C", "charge"), lifted(10, "C"), hold(17, "D", **DETAINER), released(20)
    assert rows(*events) == [
        ("overdue_detainer_hold", "", 17, 20, "resolved"),
        ("overdue_release", "", 10, 17, "resolved"),
    ]


def test_only_the_detainer_part_is_a_finding_when_it_comes_within_the_six_hours():
    # because [10, 16) does not contain 16
    events = opened(), hold(0, "C", "charge"), lifted(10, "C"), hold(16, "D", **DETAINER), released(20)
    assert rows(*events) == [("overdue_detainer_hold", "", 16, 20, "resolved")]


def test_the_detainer_finding_goes_on_when_the_paper_is_lifted_and_another_comes():
    # because neither the lift at 12 nor the second paper at 14 changes the stretch (4.5)
    events = (opened(), hold(0, "C", "charge"), lifted(10, "C"), hold(11, "D", **DETAINER), lifted(12, "D"))
    events += (hold(14, "W", "administrative_warrant"), released(20))
    assert rows(*events) == [("overdue_detainer_hold", "", 11, 20, "resolved")]


def test_the_detainer_finding_waits_when_the_pack_allows_an_hour():
    # because the allowance of one hour is contained in [10, 12) but not in [10, 11)
    start = opened(), hold(0, "C", "charge"), hold(10, "D", **DETAINER), lifted(10, "C")
    hour = {"release_processing_detainer": 3600}
    assert rows(*start, released(12), **hour) == [("overdue_detainer_hold", "", 10, 12, "resolved")]
    assert rows(*start, released(11), **hour) == []


def test_two_stretches_are_two_findings_when_another_county_holds_in_between():
    # because an agency_hold is authority over [12, 14) and parts the time without authority
    events = (opened(), hold(0, "C", "charge"), hold(10, "D", **DETAINER), lifted(10, "C"))
    events += (hold(12, "A", "agency_hold"), lifted(14, "A"), released(15))
    assert rows(*events) == [
        ("overdue_detainer_hold", "", 10, 12, "resolved"),
        ("overdue_detainer_hold", "", 14, 15, "resolved"),
        ("release_approaching", "", 13, 14, "resolved"),
    ]


def test_there_is_no_gap_when_one_authority_begins_as_the_other_ends():
    # because [0, 10) and [10, …) touch
    events = (opened(), hold(0, "C", "charge"), lifted(10, "C"), hold(10, "A", "agency_hold"))
    assert rows(*events, hold(5, "D", **DETAINER), released(20)) == []


# ---------------------------------------------------------------- section 4.3: the due


def test_every_earlier_local_hold_ends_when_a_release_is_due():
    # because both began not after the due's time 8 (one exactly then), so authority ends at due_at 10
    events = (
        opened(),
        hold(0, "C", "charge"),
        hold(8, "S", "sentence"),
        hold(9, "D", **DETAINER),
        due(8, 10),
    )
    assert rows(*events, released(11)) == [
        ("overdue_detainer_hold", "", 10, 11, "resolved"),
        ("release_approaching", "", 9, 10, "resolved"),
    ]


def test_a_local_hold_stays_when_it_was_placed_after_the_due():
    # because 8.5 is after the due's time 8
    events = (opened(), hold(0, "C", "charge"), hold(8.5, "S", "sentence"), hold(9, "D", **DETAINER))
    assert rows(*events, due(8, 10), released(11)) == []


def test_the_due_falls_when_it_is_rescinded_at_the_same_time():
    # because a rescission of later or equal time cancels it
    events = (opened(), hold(0, "C", "charge"), hold(9, "D", **DETAINER), due(8, 10), released(11))
    assert rows(*events, ev("release.rescinded", 8)) == []


def test_the_due_stands_when_the_rescission_is_earlier():
    # because 7 is before 8
    events = (opened(), hold(0, "C", "charge"), hold(10, "D", **DETAINER), due(8, 10), released(11))
    assert rows(*events, ev("release.rescinded", 7)) == [("overdue_detainer_hold", "", 10, 11, "resolved")]


def test_the_latest_due_counts_when_there_are_two_and_ties_go_to_the_greatest_id():
    # because e5 and e4 have the same time and e5 is greater: the person is due at 12, not at 10
    events = (
        opened(),
        hold(0, "C", "charge"),
        hold(9, "D", **DETAINER),
        due(8, 10),
        due(8, 12),
        released(13),
    )
    assert rows(*events) == [
        ("overdue_detainer_hold", "", 12, 13, "resolved"),
        ("release_approaching", "", 11, 12, "resolved"),
    ]


def test_bail_posted_is_a_due_when_it_covers_all():
    # because it then counts as release.due at its own time 10 (section 2); without covers_all it does not
    events = (opened(), hold(0, "C", "charge"), hold(10, "D", **DETAINER), released(11))
    assert rows(*events, ev("bail.posted", 10, covers_all=True)) == [("overdue_detainer_hold", "", 10, 11, "resolved")]
    assert rows(*events, ev("bail.posted", 10)) == []


# ---------------------------------------------------------------- sections 4.1 and 4.2: custody and holds


def test_custody_starts_with_the_earliest_hold_when_no_booking_was_opened():
    # because the detainer of 3 is the earliest hold.placed, and a release before it does not count
    events = (released(1), hold(3, "D", **DETAINER), released(5))
    assert rows(*events) == [
        ("booked_without_authority", "", 3, 5, "resolved"),
        ("overdue_detainer_hold", "", 3, 5, "resolved"),
    ]


def test_nothing_lasting_is_found_when_custody_ends_as_it_starts():
    # because a release at the start is "not before that start": custody [3, 3) is empty, the release at 20 is too late
    events = (opened(3, basis=["no identification"]), hold(3, "D", **DETAINER), released(3), released(20))
    assert rows(*events) == []


def test_custody_goes_on_when_a_transfer_is_temporary():
    # because only a non-temporary transfer ends it, at 14
    events = (opened(), hold(0, "C", "charge"), hold(10, "D", **DETAINER), lifted(10, "C"))
    events += (ev("custody.transferred", 11, to_agency="Court", temporary=True),)
    events += (ev("custody.transferred", 14, to_agency="Ingham County Sheriff", temporary=False),)
    assert rows(*events) == [("overdue_detainer_hold", "", 10, 14, "resolved")]


def test_the_latest_placement_stands_in_when_a_hold_id_is_placed_twice():
    # because the placement of 8 (no expiry) stands in from 0, so the expiry at 5 is gone; it ends at 10
    events = (opened(), hold(0, "C", "charge", expires_at=at(5)), hold(8, "C", "charge"), lifted(10, "C"))
    assert rows(*events, hold(10, "D", **DETAINER), released(11)) == [("overdue_detainer_hold", "", 10, 11, "resolved")]


def test_the_earliest_lift_not_before_the_start_counts_when_there_are_several():
    # because the lift at 1 is before the hold's start 2; of 9 and 7 the earlier counts
    events = (opened(), hold(0, "A", "arrest"), lifted(3, "A"), hold(2, "C", "charge"))
    events += (lifted(1, "C"), lifted(9, "C"), lifted(7, "C"), hold(6, "D", **DETAINER), released(8))
    assert rows(*events) == [
        ("overdue_detainer_hold", "", 7, 8, "resolved"),
        ("release_approaching", "", 6, 7, "resolved"),
    ]


def test_a_hold_is_never_active_when_it_expires_before_it_starts():
    # because [5, 4) is empty: nobody is under a detainer, and six hours go by from 0
    events = (opened(), hold(5, "D", **DETAINER, expires_at=at(4)), released(10))
    assert rows(*events) == [("overdue_release", "", 0, 10, "resolved")]


def test_nothing_is_found_when_the_booking_is_voided():
    # because nothing about a voided booking stands
    events = (opened(**EXACT_ID), hold(0, "D", **DETAINER), ev("bail.refused", 1), ev("booking.voided", 2))
    assert rows(*events) == []


# ---------------------------------------------------------------- section 3: papers


def test_a_warrant_gives_no_authority_until_it_is_verified():
    # because the pack asks for verification, which comes at 4: nothing holds over [0, 4); no label is wrong
    events = (opened(), hold(0, "W", "judicial_warrant", issuer=JUDGE), hold(0, "D", **DETAINER))
    assert rows(*events, verified(4, "W"), released(9)) == [
        ("booked_without_authority", "", 0, 4, "resolved"),
        ("overdue_detainer_hold", "", 0, 4, "resolved"),
    ]
    assert rows(*events, released(9), require_warrant_verification=False) == []


def test_an_unverified_warrant_is_no_immigration_hold_when_it_stands_alone():
    # because it only awaits verification: plain overdue_release
    events = (opened(), hold(0, "W", "judicial_warrant", issuer=JUDGE), released(9))
    assert rows(*events) == [("overdue_release", "", 0, 9, "resolved")]


def test_verification_counts_from_the_start_when_it_is_recorded_earlier():
    # because authority cannot begin before the hold: [0, 2) is without
    events = (
        opened(),
        verified(1, "W"),
        hold(2, "W", "judicial_warrant", issuer=JUDGE),
        hold(0, "D", **DETAINER),
    )
    assert rows(*events, released(9)) == [
        ("booked_without_authority", "", 0, 2, "resolved"),
        ("overdue_detainer_hold", "", 0, 2, "resolved"),
    ]


@pytest.mark.parametrize("title", ["Justice of the Peace", "MAGISTRATE", "Court Commissioner", "Hon. Chief Judge"])
def test_a_warrant_is_authority_when_a_judicial_officer_of_a_court_issued_it(title: str):
    # because section 3 names these offices; the verified warrant holds over the whole of custody
    warrant = hold(0, "W", "judicial_warrant", issuer={"court": "30th Circuit Court", "official_title": title})
    assert rows(opened(), warrant, verified(0, "W"), hold(0, "D", **DETAINER), released(9)) == []


@pytest.mark.parametrize(
    "issuer",
    [
        {"court": "Detroit Immigration Court", "official_title": "Judge"},
        {"court": "U.S. District Court", "official_title": "Immigration Judge"},
        {"agency": "ICE", "official_title": "Deportation Officer"},
        {"official_title": "Judge", "ori": "vtice0900"},
    ],
)
def test_a_warrant_is_administrative_when_an_immigration_authority_issued_it(issuer: dict[str, str]):
    # because it is invalid (no court, or no judicial office) and its issuer is an immigration authority
    events = (opened(), hold(0, "W", "judicial_warrant", issuer=issuer), verified(0, "W"), released(9))
    assert rows(*events) == [
        ("booked_without_authority", "", 0, 9, "resolved"),
        ("mislabelled_document", "W", 0, None, "open"),
        ("overdue_detainer_hold", "", 0, 9, "resolved"),
    ]


@pytest.mark.parametrize(
    "issuer",
    [
        {},
        {"court": " ", "official_title": "District Judge"},
        {"court": "54-A District Court", "official_title": "Clerk", "agency": "Justice Police Office"},
        {"court": "54-A District Court", "official_title": "Justice Department Attorney"},
    ],
)
def test_a_warrant_gives_nothing_when_it_is_invalid_and_nobody_of_immigration_issued_it(
    issuer: dict[str, str],
):
    # because it is neither authority nor an immigration hold ("ICE" is a whole word, not a part of Justice)
    events = (opened(), hold(0, "W", "judicial_warrant", issuer=issuer), verified(0, "W"), released(9))
    assert rows(*events) == [
        ("mislabelled_document", "W", 0, None, "open"),
        ("overdue_release", "", 0, 9, "resolved"),
    ]


def test_the_form_decides_when_the_label_says_charge():
    # because "i 247-a" is an I-247A: a detainer, whatever its kind says
    events = (opened(), hold(0, "C", "charge", document={"form": "i 247-a"}), released(2))
    assert rows(*events) == [
        ("booked_without_authority", "", 0, 2, "resolved"),
        ("mislabelled_document", "C", 0, None, "open"),
        ("overdue_detainer_hold", "", 0, 2, "resolved"),
    ]


def test_a_request_is_no_immigration_hold_when_its_form_is_i_247n():
    # because an I-247N holds nobody: no detainer finding, and release is overdue after six hours
    events = (opened(), hold(0, "D", "immigration_detainer", document={"form": "I-247N"}), released(7))
    assert rows(*events) == [
        ("mislabelled_document", "D", 0, None, "open"),
        ("overdue_release", "", 0, 7, "resolved"),
    ]


def test_no_label_is_wrong_when_form_and_kind_agree():
    # because a detainer on form I-247X and a warrant on I-205 are what they say
    events = (opened(), hold(0, "A", "agency_hold"))
    events += (hold(1, "D", **DETAINER, document={"form": "I-247X"}),)
    assert rows(*events, hold(1, "W", "administrative_warrant", document={"form": "i205"})) == []
