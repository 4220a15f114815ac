"""Each finding rule of section 4, at its boundaries."""

from dataclasses import replace

import pytest

from integration.domain.facts import BailTurnedDown, Moved, Served, StatusReceived, Voided
from integration.domain.findings import assess, finding_id
from integration.domain.instants import HOUR, NEVER
from schemas.kinds import Rule
from tests.unit.bookings import (
    PARAMETERS,
    detainer,
    due,
    h,
    lifted,
    opened,
    placed,
    released,
    rules,
    transferred,
    verified,
    warrant,
)

JUST = 1 / HOUR
"""One microsecond, in hours."""
CHARGED = (opened(0), placed("C", 0))
HELD = (*CHARGED, detainer(0))


@pytest.mark.parametrize(
    ("now", "expected", "because"),
    [
        (16 - JUST, None, "six hours are not over"),
        (16, (10, None, "open"), "they are over at 16"),
        (99, (10, None, "open"), "no end is known"),
    ],
)
def test_overdue_release_is_raised_when_its_allowance_is_over(now, expected, because):
    assert rules(*CHARGED, lifted("C", 10), now=now).get("overdue_release") == expected, because


@pytest.mark.parametrize(
    ("end", "expected", "because"),
    [(16, None, "[10, 16) does not contain 16"), (16 + JUST, (10, 16 + JUST, "resolved"), "it does now")],
)
def test_overdue_release_is_raised_when_the_stretch_contains_the_instant(end, expected, because):
    assert rules(*CHARGED, lifted("C", 10), released(end)).get("overdue_release") == expected, because


@pytest.mark.parametrize(
    ("facts", "detained", "other", "because"),
    [
        ([detainer(5)], (10, None, "open"), None, "the paper was there: any amount of time"),
        ([detainer(10)], (10, None, "open"), None, "it came at that instant"),
        ([detainer(18)], (18, None, "open"), (10, 18, "resolved"), "it came after eight hours"),
        ([detainer(12)], (12, None, "open"), None, "before that two hours: less than six"),
        ([detainer(5), lifted("D", 11)], (10, None, "open"), None, "lifting the paper does not end it"),
        ([detainer(5), detainer(12, "E")], (10, None, "open"), None, "a second paper starts nothing new"),
        ([detainer(5, until=10)], None, (10, None, "open"), "it expired as the stretch began"),
        ([detainer(5), released(10 + JUST)], (10, 10 + JUST, "resolved"), None, "one microsecond is some time"),
        ([detainer(5), released(10)], None, None, "none is none"),
        ([detainer(5), placed("X", 12)], (10, 12, "resolved"), None, "new authority ends it"),
    ],
)
def test_the_two_parts_of_a_stretch_are_told_apart(facts, detained, other, because):
    found = rules(*CHARGED, lifted("C", 10), *facts, now=100)
    assert (found.get("overdue_detainer_hold"), found.get("overdue_release")) == (detained, other), because


@pytest.mark.parametrize(
    ("now", "expected", "because"),
    [
        (9 - JUST, None, "more than an hour is left"),
        (9, (9, 10, "open"), "an hour is left"),
        (10 - JUST, (9, 10, "open"), "release lies ahead"),
        (10, (9, 10, "resolved"), "release time is here"),
    ],
)
def test_a_warning_comes_when_release_is_near(now, expected, because):
    assert rules(*HELD, due(1, 10), now=now).get("release_approaching") == expected, because


@pytest.mark.parametrize(
    ("to", "facts", "expected", "because"),
    [
        ("ICE", [], True, "no warrant at all"),
        ("ice/ero", [warrant(0), verified("W", 1)], False, "a valid warrant is active"),
        ("ICE", [warrant(0)], True, "nobody verified it"),
        ("ICE", [warrant(0), verified("W", 1), lifted("W", 5)], True, "it was lifted at that instant"),
        ("ICE", [warrant(5), verified("W", 5)], False, "it is active from that instant on"),
        ("Justice Department", [], False, "not an immigration authority"),
        ("VTICE0900", [], True, "named by its ORI"),
    ],
)
def test_a_transfer_is_found_when_no_warrant_is_active(to, facts, expected, because):
    assert ("transfer_without_warrant" in rules(*CHARGED, *facts, transferred(5, to))) is expected, because


@pytest.mark.parametrize(
    ("facts", "expected", "because"),
    [
        ([opened(1), detainer(1)], (1, None, "open"), "custody starts with a detainer alone"),
        ([opened(1), detainer(1), placed("C", 1)], None, "there is a charge"),
        ([opened(1), detainer(1), placed("C", 3)], (1, 3, "resolved"), "the charge came two hours later"),
        ([opened(1), detainer(2)], None, "the detainer came later"),
        ([detainer(1)], (1, None, "open"), "the hold itself starts custody"),
        ([opened(1), detainer(0, until=1)], None, "it had expired"),
    ],
)
def test_booking_without_authority_is_found_when_custody_starts_on_a_detainer(facts, expected, because):
    assert rules(*facts).get("booked_without_authority") == expected, because


@pytest.mark.parametrize(("at", "expected"), [(2 - JUST, False), (2, True), (4 - JUST, True), (4, False)])
def test_a_refusal_of_bail_is_found_when_a_detainer_is_active(at, expected):
    found = rules(*CHARGED, detainer(2), lifted("D", 4), BailTurnedDown("bail", h(at)))
    assert ("bail_refused_on_detainer" in found) is expected


@pytest.mark.parametrize(
    ("facts", "now", "expected", "because"),
    [
        ([], 24 - JUST, None, "a day is not over"),
        ([], 24, (0, None, "open"), "it is"),
        ([Served("s", h(24), "D")], 99, None, "the copy came in time"),
        ([Served("s", h(30), "D")], 99, (0, 30, "resolved"), "it came late"),
        ([Served("s", h(5), "E")], 99, (0, None, "open"), "it was another paper's"),
        ([released(24)], 99, None, "nobody is there to be served"),
    ],
)
def test_a_missing_notice_is_found_when_its_time_is_over(facts, now, expected, because):
    assert rules(*HELD, *facts, now=now).get("notice_not_served") == expected, because


def test_no_notice_is_owed_when_the_policy_knows_no_such_duty():
    assert "notice_not_served" not in rules(*HELD, parameters=replace(PARAMETERS, notice_within=None))


def test_status_information_is_found_when_only_a_bare_event_brought_it():
    assert rules(StatusReceived("s", h(3), ("citizenship",))) == {"status_information_received": (3, None, "open")}


def test_nothing_stands_when_the_booking_was_voided():
    facts = [*HELD, lifted("C", 1), StatusReceived("s", h(3), ("citizenship",)), Voided("v", h(99))]
    assert rules(*facts) == {}
    assert assess("/a", "B", facts, PARAMETERS, now=0).next_at == NEVER


@pytest.mark.parametrize(
    ("basis", "expected"),
    [(["Establishing IDENTITY."], True), (["establishing identity", "warrant"], False), ([], False), ([""], False)],
)
def test_holding_for_identity_is_found_when_nothing_else_is_stated(basis, expected):
    assert ("held_for_identification" in rules(opened(0, "o", *basis), placed("A", 0, "agency_hold"))) is expected


@pytest.mark.parametrize(
    ("charges", "expected"),
    [
        ([{"charge_code": "mcl 257.904"}], True),
        ([{"charge_description": "Driving without a licence!"}], True),
        ([{"charge_code": "MCL 257.904"}, {"charge_code": "MCL 750.82"}], False),
        ([{}], False),
    ],
)
def test_a_summons_would_have_done_when_every_charge_is_listed(charges, expected):
    holds = [placed(f"C{number}", 0, **charge) for number, charge in enumerate(charges)]
    assert ("cite_not_custody" in rules(opened(0), *holds)) is expected


@pytest.mark.parametrize(
    ("now", "expected"), [(0, 9), (9, 10), (10, 24), (24, NEVER / HOUR)], ids=["warn", "release", "notice", "nothing"]
)
def test_the_next_deadline_is_the_next_change_when_no_event_comes(now, expected):
    assessment = assess("/a", "B", [*HELD, due(1, 10)], PARAMETERS, now=h(now))
    assert assessment.next_at == (NEVER if expected == NEVER / HOUR else h(expected))


def test_the_end_of_what_is_open_is_a_deadline_when_nothing_else_comes_then():
    # The paper expires before the release time: the warning ends without an event.
    facts = [*CHARGED, detainer(0, until=9.5), due(1, 10)]
    assessment = assess("/a", "B", facts, replace(PARAMETERS, notice_within=None), now=h(9))
    assert (assessment.findings[0].rule, assessment.next_at) == (Rule.RELEASE_APPROACHING, h(9.5))


def test_an_id_is_the_same_everywhere_and_differs_with_each_part():
    base = ("/a", "B", Rule.OVERDUE_RELEASE, 5, "")
    assert finding_id(*base) == finding_id(*base)
    assert len(finding_id(*base)) == 32
    others = [("/b", *base[1:]), ("/a", "C", *base[2:]), (*base[:3], 6, ""), (*base[:4], "x")]
    assert len({finding_id(*each) for each in [base, *others]}) == 5


def test_a_move_says_nothing_by_itself():
    assert rules(Moved("m", 0, "B2")) == {}
