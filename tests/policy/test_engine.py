"""The engine denies whatever it has a doubt about."""

import re
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import cedarpy
import pytest

from integration.policy import engine as engine_module
from integration.policy.clauses import SCHEMA_TEXT, PolicyTextError
from integration.policy.contexts import CONTEXT_OF, AccessContext, Action, CustodyContext, every, values
from integration.policy.decisions import ENGINE_REASONS, Reason
from integration.policy.engine import Engine, Settings

SETTINGS = Settings("test", frozenset(), place_of_birth_rides_with_status=False)

PERMIT = """
@id("open") @provision("X-1") @reason("court_order")
permit (principal, action == Action::"GrantAccess", resource) when { context.court_order };
"""
# Passes strict validation, and overflows whenever it is evaluated.
ERRING_FORBID = """
@id("broken") @provision("X-2") @reason("access_without_court")
forbid (principal, action == Action::"GrantAccess", resource) when { 9223372036854775807 + 1 > 0 };
"""
COURT_ORDER = AccessContext(judicial_warrant=False, court_order=True)
NOTHING = AccessContext(judicial_warrant=False, court_order=False)


def engine(text: str = PERMIT) -> Engine:
    return Engine(text, SETTINGS)


def answer(monkeypatch: pytest.MonkeyPatch, action: Callable[..., Any]) -> None:
    monkeypatch.setattr(engine_module.cedarpy, "is_authorized_batch", action)


def test_permit_names_policy_reason_and_provision_when_one_policy_permits():
    decision = engine().decide(COURT_ORDER)
    assert (decision.permit, decision.policies, decision.provisions) == (True, ("open",), ("X-1",))
    assert decision.reasons == (Reason.COURT_ORDER,)


def test_deny_says_no_permit_when_nothing_applies():
    decision = engine().decide(NOTHING)
    assert (decision.permit, decision.reasons, decision.provisions) == (False, (Reason.NO_PERMIT,), ())


def test_deny_when_a_forbid_errs_beside_a_permit():
    decision = engine(PERMIT + ERRING_FORBID).decide(COURT_ORDER)
    assert not decision.permit
    assert decision.failed
    assert "overflow" in decision.errors[0]


def test_engine_below_would_allow_when_a_forbid_errs():
    """Why the test above matters. If this ever fails, the engine below has learned to fail closed."""
    request = {"principal": 'Jail::"j"', "action": 'Action::"GrantAccess"', "resource": 'Pack::"p"'}
    context = {"judicial_warrant": False, "court_order": True}
    result = cedarpy.is_authorized({**request, "context": context}, PERMIT + ERRING_FORBID, [])
    assert result.allowed


class Panic(BaseException):
    """As a panic of native code surfaces: not an Exception."""


@pytest.mark.parametrize("error", [ValueError("bad"), KeyError("x"), MemoryError(), Panic("panic"), GeneratorExit()])
def test_policy_error_when_the_engine_below_raises(error: BaseException, monkeypatch: pytest.MonkeyPatch):
    def explode(*_: object) -> None:
        raise error

    answer(monkeypatch, explode)
    decision = engine().decide(COURT_ORDER)
    assert (decision.permit, decision.reasons) == (False, (Reason.POLICY_ERROR,))
    assert type(error).__name__ in decision.errors[0]


@pytest.mark.parametrize("interrupt", [KeyboardInterrupt, SystemExit])
def test_interrupt_passes_when_somebody_stops_the_program(
    interrupt: type[BaseException], monkeypatch: pytest.MonkeyPatch
):
    def stop(*_: object) -> None:
        raise interrupt

    answer(monkeypatch, stop)
    with pytest.raises(interrupt):
        engine().decide(COURT_ORDER)


@pytest.mark.parametrize(
    "raw",
    [
        {"decision": "NoDecision", "diagnostics": {"reason": [], "errors": []}},
        {"decision": "NoDecision", "diagnostics": {"reason": [], "errors": ["schema"]}},
        {"decision": "Allow", "diagnostics": {"reason": [], "errors": []}},
        {"decision": "Allow", "diagnostics": {"reason": ["open"], "errors": ["skipped a policy"]}},
        {"decision": "Allow", "diagnostics": {"reason": ["unheard-of"], "errors": []}},
        {"decision": "Maybe", "diagnostics": {"reason": ["open"], "errors": []}},
        {},
    ],
)
def test_policy_error_when_the_answer_is_not_clean(raw: dict[str, Any], monkeypatch: pytest.MonkeyPatch):
    answer(monkeypatch, lambda *_: [cedarpy.AuthzResult(raw)])
    decision = engine().decide(COURT_ORDER)
    assert (decision.permit, decision.reasons) == (False, (Reason.POLICY_ERROR,))


def test_policy_error_when_an_answer_is_missing(monkeypatch: pytest.MonkeyPatch):
    answer(monkeypatch, lambda *_: [])
    assert engine().decide(COURT_ORDER).failed


@pytest.mark.parametrize(
    "context",
    [
        AccessContext(judicial_warrant="yes", court_order=True),
        AccessContext(judicial_warrant=None, court_order=True),
        "not a context",
        {"judicial_warrant": True},
        [],
    ],
)
def test_policy_error_when_the_context_is_not_what_its_type_says(context: Any):
    assert engine().decide(context).reasons == (Reason.POLICY_ERROR,)


def test_error_is_not_remembered_when_it_passes(monkeypatch: pytest.MonkeyPatch):
    asked = engine()
    with monkeypatch.context() as broken:
        answer(broken, lambda *_: [])
        assert asked.decide(COURT_ORDER).failed
    assert asked.decide(COURT_ORDER).permit


def test_engine_is_asked_once_when_a_context_repeats(monkeypatch: pytest.MonkeyPatch):
    asked = engine()
    first = asked.decide(COURT_ORDER)
    answer(monkeypatch, lambda *_: pytest.fail("asked again"))
    assert asked.decide(COURT_ORDER) is first


def test_schema_and_contexts_agree_when_compared_attribute_by_attribute():
    for action, context in CONTEXT_OF.items():
        block = re.search(rf"action {action} .*?context: {{(.*?)}}", SCHEMA_TEXT, re.DOTALL)
        assert block is not None
        kinds = {name: "Bool" if allowed == (False, True) else "String" for name, allowed in values(action).items()}
        assert dict(re.findall(r"(\w+): (\w+),", block[1])) == kinds
        assert [field.name for field in fields(context)] == list(kinds)


def test_every_context_is_tried_when_they_are_counted():
    counts = {action: len(set(every(action))) for action in Action}
    assert list(counts.values()) == [2**4, 3 * 2 * 2**3 * 2**2 * 6 * 2**3, 2**2, 5 * 3]


def test_contexts_are_unequal_when_their_types_differ():
    custody = CustodyContext(local=True, judicial_warrant=True, other_criminal=True, immigration_paper=True)
    assert custody not in set(every(Action.SEND_MESSAGE))


GOOD = 'permit (principal, action == Action::"GrantAccess", resource) when { context.court_order };'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (PERMIT + PERMIT, "stands twice"),
        (f'@provision("X") @reason("court_order") {GOOD}', "@id is missing"),
        (f'@id @provision("X") @reason("court_order") {GOOD}', "@id is missing"),
        (f'@id("a") @reason("court_order") {GOOD}', "@provision is missing"),
        (f'@id("a") @provision("") @reason("court_order") {GOOD}', "@provision is missing"),
        (f'@id("a") @provision("X,X") @reason("court_order") {GOOD}', "@provision is missing"),
        (f'@id("a") @provision("X,,Y") @reason("court_order") {GOOD}', "@provision is missing"),
        (f'@id("a") @provision("X") {GOOD}', "@reason is missing"),
        (f'@id("a") @provision("X") @reason("whim") {GOOD}', "@reason is missing or unknown"),
        (f'@id("a") @provision("X") @reason("policy_error") {GOOD}', "@reason is missing or unknown"),
        (PERMIT.replace("court_order }", "curt_order }"), "curt_order"),
        (PERMIT.replace("context.court_order", "context.court_order == 1"), "Long"),
        (PERMIT.replace('== Action::"GrantAccess"', ""), "exactly one action"),
        (PERMIT.replace("principal,", "principal == ?principal,"), "template"),
        (PERMIT.replace("X-1", "X-\u0445"), "not ASCII"),
        ("permit (", "does not parse"),
        ("// nothing", "no policy"),
    ],
)
def test_text_is_refused_when_it_is_not_exact(text: str, message: str):
    with pytest.raises(PolicyTextError, match=re.escape(message)):
        engine(text)


def test_text_is_refused_when_it_compares_with_an_unknown_word():
    text = PERMIT.replace("GrantAccess", "Assist").replace("context.court_order", 'context.kind == "patrol"')
    with pytest.raises(PolicyTextError, match='"patrol", a word that Assist does not know'):
        engine(text)


def test_engine_reasons_stay_out_of_packs_when_listed(pack):
    assert ENGINE_REASONS.isdisjoint(clause.reason for clause in pack.engine.clauses)
