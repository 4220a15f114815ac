"""A finding whose policy pack is gone: it stands while any pack could say it, and ends with the last of them."""

from dataclasses import replace

import pytest

from integration.domain.agencies import Directory
from integration.domain.anypack import changes_at, judged
from integration.domain.facts import Fact
from integration.domain.findings import Finding, assess
from integration.domain.instants import DAY, HOUR, NEVER
from integration.domain.parameters import Parameters
from schemas.kinds import Rule, Status
from tests.unit.bookings import PARAMETERS, detainer, due, h, lifted, opened, placed, released, transferred, warrant
from tests.unit.bookings import verified as confirmed

NOW = 100
NARROW: Parameters = replace(
    PARAMETERS,
    release_processing_detainer=1000 * DAY,
    release_processing_other=1000 * DAY,
    notice_within=None,
    citation_offences=frozenset(),
    identification_bases=frozenset(),
    warn_before=HOUR,
)
"""A pack in force that raises next to nothing."""
OLD: Parameters = replace(
    NARROW,
    release_processing_detainer=HOUR,
    release_processing_other=HOUR,
    notice_within=HOUR,
    citation_offences=frozenset({"1234", "loitering"}),
    identification_bases=frozenset({"identity"}),
    warn_before=3 * HOUR,
)
"""The one that is gone."""
DESK = Directory(names=("=Border Desk",), oris=frozenset({"XX0000001"}))
AT_ONCE = replace(OLD, release_processing_detainer=0, release_processing_other=0, notice_within=0)
MOMENT = 1 / HOUR
"""One microsecond, in hours."""
UNASKED = replace(OLD, require_warrant_verification=False)
COURTS = tuple(warrant(0, n, court=f"Court {n}") for n in "012345")
CHARGED = (opened(0), placed("C", 0))
FREE = (*CHARGED, lifted("C", 10))


def assessed(facts: tuple[Fact, ...], parameters: Parameters, now: float) -> tuple[Finding, ...]:
    return assess("/a", "B", facts, parameters, now=h(now)).findings


def told(rule: str, facts: tuple[Fact, ...], parameters: Parameters = OLD, now: float = NOW) -> Finding:
    """The finding of this rule as its own pack has it."""
    [found] = [each for each in assessed(facts, parameters, now) if each.rule is Rule(rule)]
    return found


def again(kept: Finding, facts: tuple[Fact, ...], parameters: Parameters = NARROW, now: float = NOW) -> Finding | None:
    return judged(kept, facts, parameters, lambda reading: assess("/a", "B", facts, reading, now=h(now)))


KEPT = [
    ("overdue_release", FREE, OLD, NARROW, "how long a release may take"),
    ("overdue_detainer_hold", (*FREE, detainer(5)), OLD, NARROW, "the same on a paper"),
    ("notice_not_served", (*CHARGED, detainer(5)), OLD, NARROW, "whether a copy is owed"),
    ("overdue_release", (*FREE, released(10 + MOMENT)), AT_ONCE, NARROW, "that it may take no time at all"),
    ("overdue_detainer_hold", (*FREE, detainer(5), released(10 + MOMENT)), AT_ONCE, NARROW, "nor on a paper"),
    ("notice_not_served", (*CHARGED, detainer(5), lifted("D", 5 + MOMENT)), AT_ONCE, NARROW, "a copy is owed at once"),
    ("held_for_identification", (opened(0, "open", "Identity"),), OLD, NARROW, "which bases mean identity alone"),
    ("cite_not_custody", (opened(0), placed("C", 0, charge_code="1234")), OLD, NARROW, "which charges, by code"),
    ("cite_not_custody", (opened(0), placed("C", 0, charge_description="Loitering")), OLD, NARROW, "and by words"),
    ("release_approaching", (*FREE, detainer(0)), OLD, NARROW, "how early to warn"),
    ("release_approaching", (*FREE, detainer(0)), NARROW, OLD, "and how late"),
    ("overdue_release", (opened(0), warrant(0), released(20)), replace(OLD, require_warrant_verification=True),
     replace(NARROW, require_warrant_verification=False), "that a warrant has to be verified"),
    ("overdue_release", (opened(0), warrant(0), lifted("W", 10)), replace(OLD, require_warrant_verification=False),
     replace(NARROW, require_warrant_verification=True), "that it has not"),
    ("booked_without_authority", (opened(0), placed("X", 0, "judicial_warrant", agency="Border Desk")),
     replace(OLD, immigration_authorities=DESK), NARROW, "who is an authority, by the agency's name"),
    ("booked_without_authority", (opened(0), placed("X", 0, "judicial_warrant", ori="XX0000001")),
     replace(OLD, immigration_authorities=DESK), NARROW, "by its identifier"),
    ("booked_without_authority", (opened(0), warrant(0, court="Border Desk")),
     replace(OLD, immigration_authorities=DESK), NARROW, "by the court that a paper names"),
    ("booked_without_authority", (opened(0), warrant(0, official_title="Border Desk")),
     replace(OLD, immigration_authorities=DESK), NARROW, "by the office"),
    ("transfer_without_warrant", (*CHARGED, transferred(20, "Border Desk")),
     replace(OLD, immigration_authorities=DESK), NARROW, "by whom somebody was handed to"),
    ("overdue_release", (opened(0), warrant(0, court="Elm Court"), lifted("W", 10)), UNASKED,
     replace(NARROW, immigration_authorities=Directory(names=("Elm",))), "and who is none"),
    ("overdue_detainer_hold", (opened(0), warrant(0), lifted("W", 10), warrant(0, "X", court="ICE")),
     UNASKED, NARROW, "one court is none, and another is"),
    ("overdue_detainer_hold", (opened(0), warrant(0), lifted("W", 10), warrant(0, "X", court="Border Desk")),
     replace(UNASKED, immigration_authorities=DESK), NARROW, "though no list in force has either"),
    ("overdue_detainer_hold",
     (opened(0), warrant(0), lifted("W", 10), warrant(0, "X", agency="Border Desk", court=None)),
     replace(UNASKED, immigration_authorities=DESK), NARROW, "whose name stands elsewhere"),
    ("overdue_detainer_hold", (opened(0), warrant(0), lifted("W", 10), warrant(0, "X", ori="XX0000001", court=None)),
     replace(UNASKED, immigration_authorities=DESK), NARROW, "who is known by an identifier"),
    ("overdue_detainer_hold", (opened(0), *COURTS, *(lifted(n, 10) for n in "02345")),
     replace(UNASKED, immigration_authorities=Directory(names=("Court 1",))), NARROW, "one of many is"),
    ("overdue_detainer_hold",
     (opened(0), warrant(0), lifted("W", 10), warrant(0, "X", court="Border Desk"),
      warrant(0, "Y", court="Border Desk", ori="XX0000002")),
     replace(UNASKED, immigration_authorities=DESK), NARROW, "who is named in two ways"),
    ("overdue_detainer_hold",
     (opened(0), *COURTS[:4], lifted("0", 10), lifted("3", 10), detainer(0, agency="Elsewhere")),
     replace(UNASKED, immigration_authorities=Directory(names=("Court 1", "Court 2"))), NARROW, "two of four are"),
    ("overdue_release", (opened(0), *COURTS, confirmed("0", 0), lifted("0", 10)),
     replace(OLD, require_warrant_verification=True),
     replace(NARROW, immigration_authorities=Directory(names=("Court 1",))), "none of many is"),
    ("overdue_detainer_hold", (opened(0), *COURTS, lifted("0", 10)),
     replace(UNASKED, immigration_authorities=Directory(names=tuple(f"Court {n}" for n in "12345"))), NARROW,
     "all of many are but one"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "facts", "old", "new", "because"), KEPT, ids=[row[4] for row in KEPT])
def test_a_finding_stands_as_it_was_told_when_its_own_pack_would_still_say_it(rule, facts, old, new, because):
    kept = told(rule, facts, old)
    # Words and evidence are its own, too: nobody here could write them again as its pack had them.
    kept = replace(kept, evidence=("as", "told"), names=(("paper", "as told"),))
    assert again(kept, facts, new) is kept, because


@pytest.mark.parametrize(
    ("rule", "facts", "left", "because"),
    [
        ("overdue_release", FREE, CHARGED, "the authority never ended"),
        ("overdue_release", FREE, (*CHARGED, lifted("C", 11)), "it ended at another time"),
        ("overdue_detainer_hold", (*FREE, detainer(5)), FREE, "there was no paper"),
        ("notice_not_served", (*CHARGED, detainer(5)), CHARGED, "nor one to give a copy of"),
        ("held_for_identification", (opened(0, "open", "Identity"),), (opened(0),), "nobody stated a basis"),
        ("cite_not_custody", (opened(0), placed("C", 0, charge_code="1234")), CHARGED, "the charge has no name"),
        ("release_approaching", (*FREE, detainer(0)), FREE, "nobody was to be warned of a paper"),
        ("overdue_release", FREE, (), "nothing is known at all"),
        (
            "booked_without_authority",
            (opened(0), detainer(0)),
            (opened(0), placed("D", 0, "judicial_warrant", ori="")),
            "a paper from nobody is no authority's",
        ),
        (
            "booked_without_authority",
            (opened(0), detainer(0)),
            (opened(0), placed("D", 0, "judicial_warrant"), warrant(50)),
            "whatever else is known",
        ),
    ],
)
def test_a_finding_is_untrue_when_no_pack_could_say_it(rule, facts, left, because):
    assert again(told(rule, facts), left) is None, because


def test_a_finding_ends_when_the_facts_say_so():
    kept = told("overdue_release", FREE)
    assert (kept.until, kept.status) == (None, Status.OPEN)
    ended = again(kept, (*FREE, released(20)))
    assert ended == replace(kept, until=h(20), status=Status.RESOLVED, evidence=(*kept.evidence, "released"))


def test_a_finding_is_open_again_when_its_end_was_untrue():
    kept = told("overdue_release", (*FREE, released(20)))
    assert again(kept, FREE) == replace(kept, until=None, status=Status.OPEN, evidence=kept.evidence[:-1])


def test_a_finding_is_resolved_when_its_end_has_come():
    facts = (*FREE, released(20))
    kept = told("overdue_release", facts, now=15)
    assert (kept.until, kept.status) == (h(20), Status.OPEN)
    assert again(kept, facts, now=15) is kept
    assert again(kept, facts, now=20) == replace(kept, status=Status.RESOLVED)


@pytest.mark.parametrize(
    ("facts", "until", "because"),
    [
        ((warrant(12),), None, "a pack may ask for a verification that nobody gave"),
        ((warrant(12), confirmed("W", 14)), 14, "or that came later"),
        ((warrant(12), released(20)), 20, "or until the person left"),
        ((placed("X", 12),), 12, "a charge is authority in every pack"),
    ],
)
def test_a_finding_ends_with_the_last_pack_that_says_it(facts, until, because):
    # so that nobody counts as free sooner than the finding's own pack would have it
    kept = told("overdue_release", FREE)
    found = again(kept, (*FREE, *facts))
    assert found is not None
    assert found.until == (None if until is None else h(until)), because


def test_a_finding_has_no_end_when_one_pack_would_see_none():
    kept = told("overdue_detainer_hold", (*FREE, detainer(5)))
    court = warrant(12, court="Border Desk")
    assert again(kept, (*FREE, detainer(5), court, confirmed("W", 14))) is kept


def test_a_warning_of_the_usual_length_stands_when_paper_and_release_are_moved():
    kept = told("release_approaching", (*CHARGED, detainer(5), due(1, 6)), now=5.5)
    assert (kept.since, kept.until) == (h(5), h(6))
    facts = (*CHARGED, detainer(0), due(1, 8))
    found = again(kept, facts, replace(NARROW, warn_before=OLD.warn_before), now=5.5)
    assert found is not None
    assert (found.since, found.until) == (h(5), h(8))


def test_a_warning_is_kept_to_its_paper_when_the_release_is_put_off():
    # because a pack that warns earlier still would have begun with the paper, then as now
    facts = (*CHARGED, detainer(8), due(1, 10))
    kept = told("release_approaching", facts, now=9)
    assert (kept.since, kept.until) == (h(8), h(10))
    later = again(kept, (*CHARGED, detainer(8), due(2, 500)), now=9)
    assert later == replace(kept, until=h(500), evidence=later.evidence)


@pytest.mark.parametrize(
    ("until", "status", "expected", "because"),
    [
        (20, Status.OPEN, 20, "when it ends"),
        (None, Status.OPEN, None, "no end is known"),
        (20, Status.RESOLVED, None, "it has ended"),
        (0, Status.OPEN, 0, "an instant like any other"),
    ],
)
def test_a_finding_changes_by_itself_when_it_is_open_and_has_an_end(until, status, expected, because):
    kept = replace(told("overdue_release", FREE), until=None if until is None else h(until), status=status)
    assert changes_at(kept) == (NEVER if expected is None else h(expected)), because
