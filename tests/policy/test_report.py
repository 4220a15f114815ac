"""Checking, explaining and comparing packs: complete, without overlap, and only what is there."""

from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration.policy.contexts import Action, every, values, word
from integration.policy.pack import Pack, load
from integration.policy.report import check, diff, explain
from integration.policy.truthtable import compress, expand
from schemas.kinds import LegalBasis
from tests.policy.conftest import LANSING, MASSACHUSETTS

Edit = Callable[[Path, str, str], None]


def test_check_is_clean_when_the_pack_ships(pack: Pack):
    report = check(pack)
    assert report.ok
    assert (report.contexts_tried, len(report.cases)) == (16 + 9216 + 4 + 15, len(pack.cases))


def test_check_fails_when_a_case_is_answered_otherwise(massachusetts: Path, edit: Edit):
    edit(massachusetts / "cases.toml", 'provisions = ["M-k"]', 'provisions = ["M-j"]')
    report = check(load(massachusetts))
    assert not report.ok
    assert [result.problems for result in report.cases if result.problems] == [("does not cite M-j",)]


def test_check_fails_when_a_policy_never_decides(massachusetts: Path):
    notes = '@id("idle") @provision("M-h") @reason("access_without_court")'
    scope = 'forbid (principal, action == Action::"GrantAccess", resource)'
    with (massachusetts / "policy.cedar").open("a") as file:
        file.write(f"{notes} {scope} when {{ context.court_order && !context.court_order }};")
    report = check(load(massachusetts))
    assert (report.ok, report.idle_policies) == (False, ("idle",))


@pytest.mark.parametrize("full", [False, True])
def test_table_holds_every_context_once_when_explained(full: bool, pack: Pack):
    for action, rows in explain(pack, full=full).items():
        ranges = {name: [word(value) for value in allowed] for name, allowed in values(action).items()}
        listed = [
            cells
            for row in rows
            for cells in product(*(row.conditions.get(name, allowed) for name, allowed in ranges.items()))
        ]
        assert len(listed) == len(set(listed)) == sum(row.contexts for row in rows) == len(list(every(action)))


def test_table_is_short_when_only_the_leading_policy_is_told(pack: Pack):
    assert len(explain(pack)[Action.SEND_MESSAGE]) < 60


def test_table_says_what_the_engine_decides_when_explained_in_full(pack: Pack):
    rows = explain(pack, full=True)[Action.ASSIST]
    for context in every(Action.ASSIST):
        cells = {name: word(getattr(context, name)) for name in values(Action.ASSIST)}
        [row] = [row for row in rows if all(cells[name] in allowed for name, allowed in row.conditions.items())]
        assert row.decision == pack.engine.decide(context)


def test_nothing_differs_when_a_pack_is_compared_with_itself(pack: Pack):
    same = diff(pack, pack)
    assert (set(same.decisions.values()), same.parameters) == ({()}, ())


def test_only_serious_crime_differs_when_the_shipped_packs_decide_messages():
    difference = diff(load(LANSING), load(MASSACHUSETTS))
    lines = difference.decisions[Action.SEND_MESSAGE]
    assert lines
    assert {line.conditions["approval"] for line in lines} == {("serious_crime_investigation",)}
    assert all(line.permit_a and not line.permit_b for line in lines)


def test_parameters_differ_by_what_the_other_lacks_when_they_are_lists():
    rows = {row.key: (row.a, row.b) for row in diff(load(LANSING), load(MASSACHUSETTS)).parameters}
    assert rows["parameters.approval_bases"] == ((LegalBasis.SERIOUS_CRIME_INVESTIGATION,), ())
    assert rows["parameters.report.period"] == (12, 6)
    assert rows["rules.overdue_detainer_hold.provisions"] == (("L5",), ("M-d",))
    assert "parameters.warn_before" not in rows


FIELDS = {"a": (False, True), "b": ("x", "y", "z"), "c": (False, True)}


@given(st.lists(st.integers(0, 2), min_size=12, max_size=12))
def test_compressed_lines_are_the_table_when_expanded(outcomes: list[int]):
    lines = compress(FIELDS, outcomes)
    expanded = {cells: line.outcome for line in lines for cells in expand(line, FIELDS)}
    assert expanded == dict(zip(product(*FIELDS.values()), outcomes, strict=True))
    assert sum(line.combinations for line in lines) == len(outcomes)
