"""A pack's own cases: what they ask, and that a wrong answer is told, whatever is wrong with it."""

from typing import Any

import orjson
import pytest

from integration.policy.cases import Case, run
from integration.policy.contexts import AssistContext, CustodyContext, MessageContext
from integration.policy.engine import Engine, Settings
from schemas.kinds import AssistanceKind, LegalBasis, RecipientClass

OPEN = """
@id("open") @provision("X-1") @reason("court_order")
permit (principal, action == Action::"GrantAccess", resource) when { context.court_order };
"""
ENGINE = Engine(OPEN, Settings("test", frozenset(), place_of_birth_rides_with_status=False))


def case(action: str, context: dict[str, Any], decision: str = "permit", **more: Any) -> Case:
    said = {"because": "x", "action": action, "context": context, "decision": decision, **more}
    return Case.model_validate_json(orjson.dumps(said))


def test_what_is_left_out_is_false_or_none_when_a_case_is_asked():
    asked = case("SendMessage", {"recipient": "other", "has_status": True}).asked()
    assert asked == MessageContext(
        recipient=RecipientClass.OTHER,
        purpose_immigration_enforcement=False,
        has_status=True,
        has_place_of_birth=False,
        has_other_categories=False,
        judicial_warrant=False,
        court_order=False,
        approval=None,
        approval_unexpired=False,
        approval_by_another=False,
        approval_not_withdrawn=False,
    )
    nobody = CustodyContext(local=False, judicial_warrant=False, other_criminal=False, immigration_paper=False)
    assert case("ContinueCustody", {}).asked() == nobody


def test_what_is_given_is_asked_when_it_is_a_word():
    said = {"recipient": "partner_287g", "approval": "statute"}
    asked = case("SendMessage", said).asked()
    assert (asked.recipient, asked.approval) == (RecipientClass.PARTNER_287G, LegalBasis.STATUTE)
    assert case("SendMessage", {"recipient": "other", "approval": "none"}).asked().approval is None
    assert case("Assist", {"kind": "other", "requester": "other"}).asked() == AssistContext(
        kind=AssistanceKind.OTHER, requester=RecipientClass.OTHER
    )


@pytest.mark.parametrize(
    ("action", "context", "message", "because"),
    [
        ("Assist", {"kind": "other"}, "requester is missing", "who asks has to be said"),
        ("Assist", {"requester": "other"}, "kind is missing", "what for has to be said"),
        ("SendMessage", {}, "recipient is missing", "nobody is no recipient"),
        ("Assist", {"kind": "patrol", "requester": "other"}, "kind cannot be 'patrol'", "no such word"),
        ("GrantAccess", {"court_order": "true"}, "court_order cannot be 'true'", "a quoted true is no boolean"),
        ("SendMessage", {"recipient": True}, "recipient cannot be True", "nor a boolean a word"),
        ("GrantAccess", {"z": True, "b": True}, "GrantAccess has no attribute b, z", "all that is unknown, in order"),
    ],
)
def test_a_case_is_refused_when_it_asks_no_context(action, context, message, because):
    with pytest.raises(ValueError, match=message):
        case(action, context).asked()


@pytest.mark.parametrize(
    ("context", "expected", "problems", "because"),
    [
        ({"court_order": True}, {}, (), "as expected"),
        ({"court_order": True}, {"provisions": ["X-1"], "reasons": ["court_order"]}, (), "and for the reason stated"),
        ({}, {"decision": "deny"}, (), "a denial as expected"),
        ({"court_order": True}, {"decision": "deny"}, ("expected deny, got permit",), "it lets through"),
        ({}, {}, ("expected permit, got deny",), "it holds back"),
        ({"court_order": True}, {"provisions": ["X-2"]}, ("does not cite X-2",), "on another provision"),
        ({"court_order": True}, {"reasons": ["no_permit"]}, ("does not say no_permit",), "for another reason"),
        (
            {},
            {"provisions": ["X-1", "X-2"], "reasons": ["court_order"]},
            ("expected permit, got deny", "does not cite X-1", "does not cite X-2", "does not say court_order"),
            "every problem is told, not only one",
        ),
    ],
)
def test_a_wrong_answer_is_told_when_a_case_is_run(context, expected, problems, because):
    one = case("GrantAccess", context, **expected)
    result = run(one, ENGINE)
    assert (result.case, result.problems) == (one, problems), because
    assert result.decision == ENGINE.decide(one.asked())
