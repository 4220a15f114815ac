"""What a finding rests on: its evidence, in the order in which it took effect, and its id.

Whoever checks a flag reads these; the oracle says nothing of them.
"""

import pytest

from integration.domain.facts import BailTurnedDown, Fact, Opened, Served, StatusReceived, Transferred
from integration.domain.findings import Finding, assess, finding_id
from integration.domain.instants import HOUR
from schemas.kinds import Rule
from tests.unit.bookings import (
    PARAMETERS,
    detainer,
    due,
    h,
    hours,
    lifted,
    opened,
    placed,
    released,
    transferred,
    verified,
    warrant,
)

CHARGED = (opened(0), placed("C", 0))


def found(rule: str, *facts: Fact, now: float = 10_000) -> list[Finding]:
    return [each for each in assess("/a", "B", facts, PARAMETERS, now=h(now)).findings if each.rule == rule]


def evidence(rule: str, *facts: Fact) -> tuple[str, ...]:
    [finding] = found(rule, *facts)
    return finding.evidence


OVERDUE = [
    ([lifted("C", 10)], ("+C", "open", "-C@10"), "the opening, the charge, and what ended it"),
    ([lifted("C", 10, "z"), lifted("C", 10, "y")], ("+C", "open", "y"), "of two liftings at one time the smaller id"),
    ([lifted("C", 10, "y"), lifted("C", 10, "z")], ("+C", "open", "y"), "in whatever order they came"),
    ([due(1, 10)], ("+C", "open", "due"), "a due ends the hold"),
    ([lifted("C", 10), due(1, 10)], ("+C", "open", "-C@10"), "it was lifted by then: the due ends nothing more"),
    ([placed("A", 1, "arrest", until=9), lifted("C", 10)], ("+C", "open", "-C@10"), "not what had ended before"),
    ([placed("A", 1, until=10), lifted("C", 10)], ("+C", "open", "+A", "-C@10"), "all that gave way at that time"),
    ([placed("A", 1, until=10), placed("C2", 2), lifted("C", 5), lifted("C2", 10)], ("open", "+A", "+C2", "-C2@10"),
     "an expiry has no event of its own"),
    ([lifted("C", 10), released(20)], ("+C", "open", "-C@10", "released"), "and the release that ended the stretch"),
    ([lifted("C", 10), transferred(20)], ("+C", "open", "-C@10", "transferred"), "or the transfer"),
    ([lifted("C", 10), placed("X", 20)], ("+C", "open", "-C@10", "+X"), "or the new authority that ended it"),
    ([lifted("C", 10), warrant(12), verified("W", 20)], ("+C", "open", "-C@10", "+W"), "from when it counts"),
    ([lifted("C", 10), placed("X", 20), placed("Y", 21)], ("+C", "open", "-C@10", "+X"), "not a later one"),
    ([lifted("C", 10), placed("X", 20, until=20), placed("Y", 20)], ("+C", "open", "-C@10", "+Y"),
     "not one that never was active"),
    ([placed("L", 3, until=2), due(0, 10)], ("+C", "open", "+L", "due"), "and a local hold that came to nothing"),
    ([placed("L", 3, until=3), due(0, 10)], ("+C", "open", "+L", "due"), "or that ended as it began"),
    ([placed("A", 10, "agency_hold", until=10), lifted("C", 10)], ("+C", "open", "-C@10"), "not one that never held"),
    ([lifted("C", 10), placed("X", 20), released(30)], ("+C", "open", "-C@10", "+X"), "not a release that came later"),
    ([placed("L", 12, until=11), due(0, 10)], ("+C", "open", "due"), "not one that came to nothing after"),
    ([placed("W", 3, "agency_hold", until=2), due(0, 10)], ("+C", "open", "due"), "not another agency's"),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "expected", "because"), OVERDUE, ids=[row[2] for row in OVERDUE])
def test_overdue_release_rests_on_what_began_and_ended_it_when(facts, expected, because):
    [first, *_] = found("overdue_release", *CHARGED, *facts)
    assert first.evidence == expected, because


HELD = [
    ([detainer(5), lifted("C", 10)], ("+C", "open", "+D", "-C@10"), "the paper that was active"),
    ([detainer(5, until=10), detainer(10, "E"), lifted("C", 10)], ("+C", "open", "+E", "-C@10"), "not one then over"),
    ([detainer(5), detainer(20, "E"), lifted("C", 10)], ("+C", "open", "+D", "-C@10", "+E"), "each in the stretch"),
    ([detainer(5), lifted("C", 10), released(15), detainer(15, "E")], ("+C", "open", "+D", "-C@10", "released"),
     "not one that came as it ended"),
    ([detainer(5), placed("N", 5, "notification_request"), lifted("C", 10)], ("+C", "open", "+D", "-C@10"),
     "a request keeps nobody"),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "expected", "because"), HELD, ids=[row[2] for row in HELD])
def test_overdue_detainer_hold_rests_on_the_papers_in_it_when(facts, expected, because):
    assert evidence("overdue_detainer_hold", *CHARGED, *facts) == expected, because


def test_local_holds_that_a_due_made_void_are_named_when_they_left_nothing_to_stand_on():
    # because the due ended the charge before it began: without both nobody sees why release was due at once
    facts = (opened(2), placed("C", 2), due(3, 1), detainer(2))
    assert evidence("booked_without_authority", *facts) == ("due", "+C", "+D", "open")


def test_a_warning_rests_on_what_will_end_authority_and_the_paper_when_release_is_near():
    assert evidence("release_approaching", *CHARGED, detainer(0), due(1, 10)) == ("+C", "+D", "open", "due")


def test_a_warning_names_only_its_own_paper_when_another_is_over():
    # because two papers that do not touch are two warnings
    facts = (*CHARGED, detainer(9.1, until=9.2), detainer(9.5, "E"), due(1, 10))
    warnings = {hours(each.since): each.evidence for each in found("release_approaching", *facts)}
    assert warnings == {9.1: ("+C", "open", "+D", "due"), 9.5: ("+C", "open", "+E", "due")}


def test_the_later_warning_stands_when_two_start_at_one_instant():
    # section 4: of two with one ``since``, the one that ends later stands
    facts = (opened(0), placed("C", 0, until=0.4), placed("X", 0.5, until=0.8), detainer(0))
    [warning] = found("release_approaching", *facts)
    assert (hours(warning.since), hours(warning.until)) == (0, 0.8)


def test_booking_on_a_paper_rests_on_opening_and_paper_when_there_was_nothing_else():
    just = 1 / HOUR
    facts = (opened(1), detainer(0.5), detainer(1, "E"), detainer(1 + just, "F"))
    assert evidence("booked_without_authority", *facts) == ("+D", "+E", "open")


def test_a_missing_notice_rests_on_the_placing_that_stands_when_there_are_several():
    assert evidence("notice_not_served", *CHARGED, detainer(0), detainer(1, event_id="again")) == ("again",)


def test_holding_for_identity_rests_on_openings_that_state_it_when_there_are_several():
    words = "establishing identity"
    facts = (opened(2, "b", words), opened(2, "a", words), opened(1, "c"), opened(3, "d", words))
    assert evidence("held_for_identification", *facts) == ("a", "b", "d")


def test_a_summons_rests_on_every_charge_in_order_of_time_when_all_are_listed():
    said = {"charge_code": "MCL 257.904"}
    facts = (opened(0), placed("B", 2, **said), placed("A", 2, **said), placed("Z", 1, **said))
    assert evidence("cite_not_custody", *facts) == ("+Z", "+A", "+B")


def test_refused_bail_rests_on_every_active_paper_and_the_refusal_when_there_are_several():
    facts = (*CHARGED, detainer(2), detainer(1, "E"), detainer(1, "D2"), detainer(0, "F", until=3))
    assert evidence("bail_refused_on_detainer", *facts, BailTurnedDown("no", h(4))) == ("+D2", "+E", "+D", "no")


@pytest.mark.parametrize(
    ("named", "expected", "because"),
    [
        (None, ("t",), "it names no warrant"),
        ("W", ("again", "t"), "the latest placing of the one it names"),
        ("X", ("t",), "nobody knows that one"),
    ],
)
def test_a_transfer_rests_on_the_warrant_it_names_when_it_is_known(named, expected, because):
    facts = (
        *CHARGED,
        warrant(0),
        warrant(1, event_id="again"),
        warrant(0.5, event_id="mid"),
        Transferred("t", h(5), "ICE", False, named),
    )
    assert evidence("transfer_without_warrant", *facts) == expected, because


def test_a_moment_is_about_its_event_when_it_is_found():
    facts = (*CHARGED, detainer(0), BailTurnedDown("no", h(1)), StatusReceived("s", h(2), ("citizenship", "born")))
    [bail], [status] = found("bail_refused_on_detainer", *facts), found("status_information_received", *facts)
    assert (bail.about, status.about, status.evidence) == ("no", "s", ("s",))
    assert status.names == (("fields", "citizenship, born"),)
    [transfer] = found("transfer_without_warrant", *CHARGED, transferred(5, "ICE"))
    assert (transfer.about, transfer.names) == ("transferred", ())


@pytest.mark.parametrize(
    ("hold", "names", "because"),
    [
        (
            placed("H", 0, form="form i-247a (2/17)"),
            (("labelled", "charge"), ("paper", "immigration_detainer"), ("form", "I-247A")),
            "label, paper, and the form's own number, not what somebody typed",
        ),
        (
            warrant(0, "H", court=None, agency="ICE"),
            (("labelled", "judicial_warrant"), ("paper", "administrative_warrant")),
            "no form",
        ),
        (
            warrant(0, "H", court=None),
            (("labelled", "judicial_warrant"), ("paper", "no_valid_warrant")),
            "it is nothing at all",
        ),
    ],
)
def test_both_values_are_named_when_a_paper_is_mislabelled(hold, names, because):
    [finding] = found("mislabelled_document", opened(0), placed("A", 0), hold)
    assert (finding.about, finding.evidence, finding.names) == ("H", ("+H",), names), because


def test_an_id_is_the_documented_one_when_anybody_computes_it():
    # docs/events.md, section 4, rule 8: the example there
    example = ("/jms/lansing-pd", "LPD-2026-00417", Rule.OVERDUE_DETAINER_HOLD, 1_772_478_000_000_000, "")
    assert finding_id(*example) == "b741d15e2b098ec93de10a05526a215f"


def test_an_id_is_over_raw_text_when_it_is_not_ascii():
    # because \u00f1 written as an escape is another text, and others hash the bytes of UTF-8
    assert finding_id("/ñ", 'B"1', Rule.OVERDUE_RELEASE, 5, "") == "d7aac9fdb61c000b98eaf33396104658"


def test_ids_differ_when_two_facilities_use_one_booking_number():
    facts = (*CHARGED, lifted("C", 10))
    for source, booking in (("/a", "B"), ("/b", "B"), ("/a", "C")):
        [finding] = assess(source, booking, facts, PARAMETERS, now=h(99)).findings
        assert (finding.source, finding.booking) == (source, booking)
        assert finding.finding_id == finding_id(source, booking, finding.rule, finding.since, finding.about)


def test_notice_stops_at_the_earliest_serving_when_a_copy_was_given_twice():
    [finding] = found("notice_not_served", *CHARGED, detainer(0), Served("s", h(40), "D"), Served("r", h(30), "D"))
    assert hours(finding.until) == 30


def test_custody_that_began_with_the_paper_counts_when_another_opening_came_later():
    facts = (Opened("late", h(3), (), None), opened(1), detainer(1))
    assert evidence("booked_without_authority", *facts) == ("+D", "open")
