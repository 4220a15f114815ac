"""The packs whose law was not read whole: each holds, says so, and claims no more than its sources."""

import re

import pytest

from integration.domain.instants import HOUR
from integration.policy.cases import run
from integration.policy.manifest import Checked
from integration.policy.pack import load, shipped_packs
from integration.policy.proof import decide_everything, idle_policies
from schemas.kinds import LegalBasis, Rule
from tests.policy.conftest import LANSING, MASSACHUSETTS
from tests.policy.oracle import permits

FURTHER = sorted(set(shipped_packs()) - {LANSING, MASSACHUSETTS})
WARRANT, ORDER, STATUTE = LegalBasis.JUDICIAL_WARRANT, LegalBasis.COURT_ORDER, LegalBasis.STATUTE
PUBLIC, CRIME = LegalBasis.PUBLIC_RECORD, LegalBasis.SERIOUS_CRIME_INVESTIGATION
# What the sources say, in numbers: text checked, approval bases, notice to the person, months between reports.
SAID = {
    "il-trust-act": (Checked.EXCERPTS, {WARRANT, ORDER, STATUTE}, None, 12),
    "nyc-9-131": (Checked.SECONDARY_SOURCES, {WARRANT, ORDER, STATUTE}, None, 3),
    "ca-values-act": (Checked.EXCERPTS, {WARRANT, ORDER, STATUTE, PUBLIC}, 24 * HOUR, 12),
    "cook-county-46-37": (Checked.EXCERPTS, {WARRANT, ORDER, CRIME}, None, 12),
    "or-181a-820": (Checked.EXCERPTS, {WARRANT, ORDER}, None, 1),
    "phila-eo-5-16": (Checked.SECONDARY_SOURCES, {WARRANT, ORDER}, None, 12),
    "boston-trust-act": (Checked.SECONDARY_SOURCES, {WARRANT, ORDER}, None, 12),
    "ingham-county": (Checked.SECONDARY_SOURCES, set(LegalBasis), None, 12),
}


def test_each_is_known_here_when_it_ships():
    assert set(FURTHER) == set(SAID)


@pytest.mark.parametrize("name", FURTHER)
def test_numbers_are_those_of_the_sources_when_a_pack_is_loaded(name):
    pack = load(name)
    told = (pack.checked, set(pack.approval_bases), pack.parameters.notice_within, pack.report.period)
    assert told == SAID[name]
    assert pack.parameters.release_processing_detainer == 0
    assert not pack.place_of_birth_rides_with_status


@pytest.mark.parametrize("name", FURTHER)
def test_it_says_what_was_not_read_when_the_text_was_not_at_hand(name):
    note = load(name).checked_note
    assert re.search(
        r"\bnot\b.*\b(read|checked)\b|\bfrom (summaries|press reports)\b|summaries|legislative files", note
    )
    assert "No counsel has signed" in note


@pytest.mark.parametrize("name", FURTHER)
def test_cases_hold_and_no_policy_is_idle_when_a_pack_is_tried(name):
    pack = load(name)
    assert [result for result in (run(case, pack.engine) for case in pack.cases) if result.problems] == []
    assert len(pack.cases) >= 20
    assert idle_policies(pack.engine) == ()


@pytest.mark.parametrize("name", FURTHER)
def test_every_context_is_decided_as_a_second_reading_of_the_contract_does(name):
    pack = load(name)
    tables = decide_everything(pack.engine)
    wrong = [
        context
        for table in tables.values()
        for context, decision in table.items()
        if decision.permit is not permits(context, pack)
    ]
    assert wrong == []


@pytest.mark.parametrize("name", FURTHER)
def test_the_same_agencies_are_known_as_in_the_pack_read_whole(name):
    # because these lists are copied from pack to pack: one that falls behind lets a message out
    ours, known = load(name).settings, load(MASSACHUSETTS).settings
    assert ours.immigration_authorities == known.immigration_authorities
    assert ours.never_held == known.never_held
    assert set(load(name).parameters.terms) == set(Rule)


KNOWN_NUMBERS = set("805-25 9-131 10-178 9-205 7282.5 7283.1 7284.6 46-37 181A.820 181A.826 5-16 1373 2019".split())


@pytest.mark.parametrize("name", FURTHER)
def test_no_section_is_cited_that_the_sources_do_not_name(name):
    pack = load(name)
    cited = {
        number
        for key in {*pack.provisions, *pack.not_enforceable}
        if not key.startswith("holdwatch-")
        for number in re.findall(r"\d[\dA-Z.-]*\d", key)
    }
    assert cited <= KNOWN_NUMBERS
