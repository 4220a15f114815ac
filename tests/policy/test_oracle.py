"""Every context of every action: the engine against plain Python, and the promises that no pack may break."""

import pytest

from integration.policy.contexts import Action, every
from integration.policy.decisions import Reason
from integration.policy.pack import Pack
from schemas.kinds import RecipientClass
from tests.policy.oracle import permits


@pytest.mark.parametrize("action", list(Action))
def test_engine_and_plain_python_agree_when_every_context_is_tried(action: Action, pack: Pack):
    contexts = list(every(action))
    decisions = pack.engine.decide_all(contexts)
    different = [c for c, decision in zip(contexts, decisions, strict=True) if decision.permit is not permits(c, pack)]
    assert different == []


def test_status_alone_is_permitted_when_nothing_else_is_given(pack: Pack):
    """8 U.S.C. 1373; L9, M-5. Whoever asks, for whatever purpose, with or without an approval."""
    only = [
        context
        for context in every(Action.SEND_MESSAGE)
        if context.has_status and not context.has_place_of_birth and not context.has_other_categories
    ]
    assert len(only) == 9216 // 8
    assert all(decision.permit for decision in pack.engine.decide_all(only))


def test_message_passes_when_the_recipient_is_no_immigration_authority(pack: Pack):
    """Fingerprints, court notices, victim notices, medical messages."""
    others = [context for context in every(Action.SEND_MESSAGE) if context.recipient is RecipientClass.OTHER]
    assert all(decision.permit for decision in pack.engine.decide_all(others))


@pytest.mark.parametrize("action", list(Action))
def test_decision_cites_a_provision_of_the_pack_when_a_policy_decides(action: Action, pack: Pack):
    for decision in pack.engine.decide_all(list(every(action))):
        assert decision.reasons == (Reason.NO_PERMIT,) or set(decision.provisions) <= set(pack.provisions)
        assert decision.reasons == (Reason.NO_PERMIT,) or decision.provisions


def test_denial_cites_the_law_when_a_message_or_access_is_denied(pack: Pack):
    contexts = [*every(Action.SEND_MESSAGE), *every(Action.GRANT_ACCESS), *every(Action.CONTINUE_CUSTODY)]
    denials = [decision for decision in pack.engine.decide_all(contexts) if not decision.permit]
    assert denials
    assert all(decision.provisions for decision in denials)
