"""Contexts: every value each field can have, and nothing else ever reaches a policy."""

from dataclasses import replace

import cedarpy
import pytest

from integration.policy.clauses import PolicyTextError
from integration.policy.contexts import (
    AUTHORITY,
    AccessContext,
    Action,
    AssistContext,
    CustodyContext,
    MessageContext,
    attributes,
    describe,
    every,
    values,
    word,
)
from integration.policy.decisions import ENGINE_REASONS, Reason
from integration.policy.engine import Engine
from schemas.kinds import AssistanceKind, LegalBasis, RecipientClass
from tests.policy.test_engine import COURT_ORDER, PERMIT, SETTINGS, answer

MESSAGE = next(iter(every(Action.SEND_MESSAGE)))
HELP = AssistContext(kind=AssistanceKind.OTHER, requester=RecipientClass.OTHER)
CUSTODY = CustodyContext(local=True, judicial_warrant=False, other_criminal=False, immigration_paper=True)


def test_a_context_is_written_as_plain_words_when_a_policy_is_asked():
    assert attributes(HELP) == {"kind": "other", "requester": "other"}
    assert attributes(CUSTODY) == {
        "local": True,
        "judicial_warrant": False,
        "other_criminal": False,
        "immigration_paper": True,
    }
    assert attributes(replace(MESSAGE, approval=None))["approval"] == "none"
    assert attributes(replace(MESSAGE, approval=LegalBasis.STATUTE))["approval"] == "statute"


@pytest.mark.parametrize(
    ("context", "because"),
    [
        (replace(MESSAGE, recipient=None), "none is a word for approvals only"),
        (replace(MESSAGE, recipient="other"), "a text is no word of the list, though it looks like one"),
        (replace(MESSAGE, recipient=True), "nor is a boolean"),
        (replace(MESSAGE, approval=RecipientClass.OTHER), "a word of another list"),
        (replace(MESSAGE, approval="statute"), "a text"),
        (replace(MESSAGE, approval=False), "a boolean"),
        (replace(MESSAGE, court_order=None), "a boolean is true or false"),
        (replace(MESSAGE, court_order=1), "1 is not true"),
        (replace(HELP, kind=RecipientClass.OTHER), "a word of another list"),
    ],
)
def test_a_context_is_refused_when_a_field_holds_what_its_type_does_not_allow(context, because):
    # A word that no policy knows would slip past every "when".
    with pytest.raises(TypeError, match="cannot be"):
        attributes(context)
    assert Engine(PERMIT, SETTINGS).decide(context).reasons == (Reason.POLICY_ERROR,), because


@pytest.mark.parametrize("other", ["x", None, {}, Action.ASSIST])
def test_nothing_else_is_a_context(other):
    with pytest.raises(TypeError, match=f"not a context: {type(other).__name__}"):
        attributes(other)


def test_the_least_authority_comes_first_when_values_are_listed():
    # invariant 5 compares with the first value of each field
    for action in Action:
        for name in AUTHORITY[action]:
            assert values(action)[name][0] in (False, None)
    assert values(Action.SEND_MESSAGE)["approval"] == (None, *LegalBasis)
    assert values(Action.SEND_MESSAGE)["recipient"] == tuple(RecipientClass)
    assert list(values(Action.ASSIST)) == ["kind", "requester"]
    assert {word(value) for value in values(Action.GRANT_ACCESS)["court_order"]} == {True, False}


def test_a_context_is_described_by_what_is_there():
    assert describe(AccessContext(judicial_warrant=False, court_order=False)) == "GrantAccess()"
    assert describe(CUSTODY) == "ContinueCustody(local, immigration_paper)"
    assert describe(HELP) == "Assist(kind=other, requester=other)"
    bare = MessageContext(**{name: allowed[0] for name, allowed in values(Action.SEND_MESSAGE).items()})
    told = replace(bare, recipient=RecipientClass.OTHER, approval=LegalBasis.STATUTE, has_status=True)
    assert describe(told) == "SendMessage(recipient=other, has_status, approval=statute)"


# -- the engine, where an answer is not clean --------------------------------------------------------------------------


def test_an_error_of_one_answer_is_not_remembered_when_it_passes(monkeypatch):
    asked = Engine(PERMIT, SETTINGS)
    with monkeypatch.context() as broken:
        erring = {"decision": "Deny", "diagnostics": {"reason": [], "errors": ["no memory"]}}
        answer(broken, lambda *_: [cedarpy.AuthzResult(erring)])
        assert asked.decide(COURT_ORDER).errors == ("no memory",)
    assert asked.decide(COURT_ORDER).permit


def test_too_many_answers_are_an_error_when_one_was_asked_for(monkeypatch):
    permit = {"decision": "Allow", "diagnostics": {"reason": ["open"], "errors": []}}
    answer(monkeypatch, lambda *_: [cedarpy.AuthzResult(permit)] * 2)
    assert Engine(PERMIT, SETTINGS).decide(COURT_ORDER).failed


@pytest.mark.parametrize(
    ("raw", "errors"),
    [
        ({"decision": "NoDecision", "diagnostics": {"reason": [], "errors": []}},
         ("no decision for GrantAccess(court_order)",)),
        ({"decision": "NoDecision", "diagnostics": {"reason": [], "errors": ["a", "b"]}}, ("a", "b")),
        ({"decision": "Allow", "diagnostics": {"reason": [], "errors": []}}, ("allowed, but by no policy",)),
    ],
)  # fmt: skip
def test_an_error_says_what_it_is_when_somebody_has_to_be_told(raw, errors, monkeypatch):
    answer(monkeypatch, lambda *_: [cedarpy.AuthzResult(raw)])
    assert Engine(PERMIT, SETTINGS).decide(COURT_ORDER).errors == errors


def test_answers_stand_in_the_order_of_the_questions_when_some_are_known(monkeypatch):
    asked = Engine(PERMIT, SETTINGS)
    contexts = list(every(Action.GRANT_ACCESS))
    asked.decide(contexts[2])
    assert [each.permit for each in asked.decide_all([*contexts, *contexts])] == [c.court_order for c in contexts] * 2


TWO = """
@id("b") @provision("X-2,X-1") @reason("court_order")
permit (principal, action == Action::"GrantAccess", resource) when { context.court_order };
@id("a") @provision("X-1, X-3") @reason("court_order")
permit (principal, action == Action::"GrantAccess", resource) when { context.court_order };
"""


def test_policies_and_provisions_keep_the_packs_order_when_several_decide():
    decision = Engine(TWO, SETTINGS).decide(COURT_ORDER)
    assert (decision.policies, decision.provisions) == (("b", "a"), ("X-2", "X-1", "X-3"))
    assert decision.reasons == (Reason.COURT_ORDER,)


def test_reasons_of_the_engine_are_the_three_that_no_pack_may_name():
    assert {reason.value for reason in ENGINE_REASONS} == {"never_held", "no_permit", "policy_error"}
    for reason in ENGINE_REASONS:
        with pytest.raises(PolicyTextError, match="@reason is missing or unknown"):
            Engine(PERMIT.replace("court_order", reason.value, 1), SETTINGS)


# -- the text of a policy ----------------------------------------------------------------------------------------------

GOOD = 'permit (principal, action == Action::"GrantAccess", resource) when { context.court_order };'


@pytest.mark.parametrize(
    ("text", "policies", "because"),
    [
        ("// nothing", ["(text)"], "of the whole text"),
        ("permit (", ["(text)"], "of the whole text"),
        (PERMIT.replace("X-1", "X-\u0445"), ["(text)"], "of the whole text"),
        (PERMIT.replace("principal,", "principal == ?principal,"), ["(text)", "(text)"], "a template and no policy"),
        (f'@provision("X") @reason("court_order") {GOOD}', ["policy0"], "by its number, where it has no id"),
        (f'@id("A b") @provision("X") @reason("court_order") {GOOD}', ["A b"], "by what it calls itself"),
        (PERMIT + PERMIT, ["open"], "the second of two"),
        (f'@id("a") {GOOD}', ["a", "a"], "every fault of one policy"),
        (PERMIT.replace("court_order }", "curt_order }"), ["open"], "what validation found"),
    ],
)
def test_a_fault_names_its_policy_when_text_is_refused(text, policies, because):
    with pytest.raises(PolicyTextError) as refused:
        Engine(text, SETTINGS)
    assert [policy for policy, _ in refused.value.faults] == policies, because
    assert str(refused.value) == "; ".join(f"{policy}: {message}" for policy, message in refused.value.faults)


@pytest.mark.parametrize("name", ["a", "0", "a.b-c", "a1"])
def test_an_id_is_let_in_when_it_is_small_letters_digits_dots_and_hyphens(name):
    [clause] = Engine(PERMIT.replace('"open"', f'"{name}"'), SETTINGS).clauses
    assert clause.id == name


@pytest.mark.parametrize("name", ["A", "-a", ".a", "a b", "a_b", "a/b"])
def test_an_id_is_refused_when_it_is_anything_else(name):
    with pytest.raises(PolicyTextError, match="@id is missing, or is not"):
        Engine(PERMIT.replace('"open"', f'"{name}"'), SETTINGS)


@pytest.mark.parametrize("number", ["L5", "W-II.C", "8", "m-d"])
def test_a_provision_is_let_in_when_it_is_a_number_of_a_clause(number):
    [clause] = Engine(PERMIT.replace("X-1", f" {number} , Y"), SETTINGS).clauses
    assert clause.provisions == (number, "Y")


@pytest.mark.parametrize("number", ["-L5", ".x", "L 5", "L_5", "\u00a75"])
def test_a_provision_is_refused_when_it_is_anything_else(number):
    with pytest.raises(PolicyTextError):
        Engine(PERMIT.replace("X-1", number), SETTINGS)
