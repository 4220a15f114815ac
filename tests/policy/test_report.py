"""Checking, explaining and comparing packs: complete, without overlap, and only what is there."""

from collections.abc import Callable
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integration.domain.instants import DAY
from integration.policy.clauses import Effect
from integration.policy.contexts import Action, every, values, word
from integration.policy.decisions import Decision, Reason
from integration.policy.pack import Pack, load
from integration.policy.proof import prove
from integration.policy.report import check, diff, explain, provision_differences
from integration.policy.truthtable import compress, expand
from schemas.kinds import LegalBasis, Severity
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


def test_a_line_tells_every_deciding_policy_when_a_table_is_explained_in_full(pack: Pack):
    rows = explain(pack, full=True)[Action.SEND_MESSAGE]
    assert max(len(row.decision.policies) for row in rows) > 1
    first = next(row for row in rows if len(row.decision.policies) > 1)
    met = next(
        c
        for c in every(Action.SEND_MESSAGE)
        if all(word(getattr(c, name)) in allowed for name, allowed in first.conditions.items())
    )
    assert first.decision == pack.engine.decide(met)


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


def test_check_tells_every_broken_invariant_when_an_engine_breaks_one(pack: Pack):
    class Permitting:
        settings, clauses = pack.engine.settings, ()

        def decide_all(self, contexts):
            yes = Decision(permit=True, reasons=(Reason.COURT_ORDER,), provisions=(), policies=())
            return [yes for _ in contexts]

    report = check(replace(pack, engine=Permitting(), cases=()))
    assert (report.ok, report.cases, report.idle_policies) == (False, (), ())
    assert report.counter_examples == tuple(prove(Permitting()))
    assert (report.pack, report.revision) == (pack.id, pack.revision)


def test_a_line_tells_the_leading_policy_when_a_table_is_explained(pack: Pack):
    clauses = {clause.id: clause for clause in pack.engine.clauses}
    for action, rows in explain(pack).items():
        for row in rows:
            met = next(c for c in every(action) if all(word(getattr(c, n)) == v[0] for n, v in row.conditions.items()))
            said = pack.engine.decide(met)
            assert row.decision.policies == said.policies[:1]
            assert row.decision.permit is said.permit
            for leading in row.decision.policies:
                assert row.decision.provisions == clauses[leading].provisions
                assert (clauses[leading].effect is Effect.PERMIT) is said.permit


def test_a_difference_is_counted_in_contexts_when_two_packs_decide():
    a, b = load(LANSING), load(MASSACHUSETTS)
    difference = diff(a, b)
    assert (difference.a, difference.b) == (LANSING, MASSACHUSETTS)
    assert list(difference.decisions) == list(Action)
    for action, lines in difference.decisions.items():
        contexts = list(every(action))
        pairs = zip(a.engine.decide_all(contexts), b.engine.decide_all(contexts), strict=True)
        assert sum(line.contexts for line in lines) == sum(one.permit is not other.permit for one, other in pairs)


def test_parameters_are_told_by_their_dotted_key_in_order():
    rows = diff(load(LANSING), load(MASSACHUSETTS)).parameters
    told = {row.key: (row.a, row.b) for row in rows}
    assert list(told) == sorted(told)
    assert told["parameters.notice_within"] == (None, DAY)
    assert told["rules.held_for_identification.severity"] == (Severity.VIOLATION, Severity.WARNING)
    assert told["rules.cite_not_custody.provisions"] == ((), ("M-f",))
    # Sorted, because the order of a list means nothing.
    assert told["rules.booked_without_authority.provisions"] == (("L2", "L5"), ("M-c", "M-d"))
    assert "parameters.partner_agencies_287g.names" in told


def test_the_order_of_a_list_is_no_difference(pack: Pack):
    listed = pack.settings.immigration_authorities
    assert len(listed.names) > 1
    turned = listed.model_copy(update={"names": listed.names[::-1]})
    settings = pack.settings.model_copy(update={"immigration_authorities": turned})
    assert diff(pack, replace(pack, settings=settings)).parameters == ()


def test_provisions_differ_by_number_and_say_what_carries_them_out():
    a, b = load(LANSING), load(MASSACHUSETTS)
    assert provision_differences(a, a) == ()
    told = {each.number: (each.a, each.b) for each in provision_differences(a, b)}
    ours, theirs = (set(pack.provisions) | set(pack.not_enforceable) for pack in (a, b))
    shared = {number for number in ours & theirs if a.provisions.get(number) == b.provisions.get(number)}
    assert set(told) == (ours | theirs) - shared
    assert told["M-h"] == ("", f"{b.provisions['M-h'].summary} (action:GrantAccess)")
    assert told["W-V"][0].startswith(f"{a.provisions['W-V'].summary} (guidance; ")
    reason = a.not_enforceable["W-I.F"]
    assert told["W-I.F"] == (f"{reason.summary} (not enforceable: {reason.reason})", "")


def test_a_provision_differs_when_only_what_carries_it_out_does(pack: Pack):
    number = next(iter(pack.provisions))
    changed = pack.provisions[number].model_copy(update={"enforced_by": ("action:Assist", "report:requests")})
    [difference] = provision_differences(pack, replace(pack, provisions={**pack.provisions, number: changed}))
    assert difference.number == number
    assert difference.b.endswith("action:Assist, report:requests)")


FIELDS = {"a": (False, True), "b": ("x", "y", "z"), "c": (False, True)}


@given(st.lists(st.integers(0, 2), min_size=12, max_size=12))
def test_compressed_lines_are_the_table_when_expanded(outcomes: list[int]):
    lines = compress(FIELDS, outcomes)
    expanded = {cells: line.outcome for line in lines for cells in expand(line, FIELDS)}
    assert expanded == dict(zip(product(*FIELDS.values()), outcomes, strict=True))
    assert sum(line.combinations for line in lines) == len(outcomes)


SMALL = {"a": (False, True), "b": ("x", "y", "z")}
WIDE = {**SMALL, "c": (False, True)}


@pytest.mark.parametrize(
    ("fields", "outcome", "expected", "because"),
    [
        (SMALL, lambda a, b: 7, [({}, 6, 7)], "nothing matters"),
        (
            SMALL,
            lambda a, b: b == "y",
            [({"b": ("x", "z")}, 4, False), ({"b": ("y",)}, 2, True)],
            "values that do alike are joined",
        ),
        (
            SMALL,
            lambda a, b: a or b == "z",
            [({"a": (False,), "b": ("x", "y")}, 2, False), ({"a": (False,), "b": ("z",)}, 1, True),
             ({"a": (True,)}, 3, True)],
            "the field that settles most goes first",
        ),
        (
            WIDE,
            lambda a, b, c: c and b != "y",
            [({"c": (False,)}, 6, False), ({"c": (True,), "b": ("x", "z")}, 4, True),
             ({"c": (True,), "b": ("y",)}, 2, False)],
            "a field in the middle and one at the end",
        ),
        (
            WIDE,
            lambda a, b, c: a != c,
            [({"a": (False,), "c": (False,)}, 3, False), ({"a": (False,), "c": (True,)}, 3, True),
             ({"a": (True,), "c": (False,)}, 3, True), ({"a": (True,), "c": (True,)}, 3, False)],
            "a field between them that does not matter",
        ),
    ],
)  # fmt: skip
def test_a_table_is_as_short_as_what_matters(fields, outcome, expected, because):
    lines = compress(fields, [outcome(*cells) for cells in product(*fields.values())])
    assert [(line.conditions, line.combinations, line.outcome) for line in lines] == expected, because
