"""The proof itself: it finds every context that breaks an invariant, and no other.

The invariants are written a second time here. They are held against engines that answer as a function says, because
an engine that permits everything and one that denies everything between them break every invariant there is.
"""

from collections.abc import Callable, Sequence

import pytest

from integration.policy.contexts import (
    AUTHORITY,
    CONTEXT_OF,
    AccessContext,
    Action,
    AssistContext,
    Context,
    CustodyContext,
    MessageContext,
    describe,
    every,
)
from integration.policy.decisions import Decision, Reason, failure
from integration.policy.engine import Settings
from integration.policy.proof import CounterExample, Invariant, governed, idle_policies, prove
from schemas.kinds import LegalBasis, RecipientClass

AUTHORITIES = RecipientClass.IMMIGRATION_AUTHORITY
ACCEPTED = frozenset({LegalBasis.COURT_ORDER, LegalBasis.STATUTE})
STRICT = Settings("p", ACCEPTED, place_of_birth_rides_with_status=False)
RIDING = Settings("p", frozenset(), place_of_birth_rides_with_status=True)


class Answering:
    """An engine that answers as a function says."""

    def __init__(self, permits: Callable[[Context], bool | Decision], settings: Settings = STRICT) -> None:
        self.permits, self.settings, self.clauses = permits, settings, ()

    def decide_all(self, contexts: Sequence[Context]) -> list[Decision]:
        return [self.decide(context) for context in contexts]

    def decide(self, context: Context) -> Decision:
        said = self.permits(context)
        if isinstance(said, Decision):
            return said
        return Decision(permit=said, reasons=(Reason.NO_PERMIT,), provisions=(), policies=("one", "two"))


def broken(permits: Callable[[Context], bool | Decision], settings: Settings = STRICT) -> dict[Context, Invariant]:
    """What the proof says of each context."""
    found = prove(Answering(permits, settings))
    assert len({each.context for each in found}) == len(found)
    return {each.context: each.invariant for each in found}


# -- the law, a second time --------------------------------------------------------------------------------------------


def wrongly_permitted(context: Context, settings: Settings) -> Invariant | None:
    """POLICY.md, invariants 1, 3, 4."""
    match context:
        case CustodyContext(local=False, judicial_warrant=False, other_criminal=False):
            return Invariant.CUSTODY_NEEDS_AUTHORITY
        case AccessContext(judicial_warrant=False, court_order=False):
            return Invariant.ACCESS_NEEDS_COURT
        case MessageContext(judicial_warrant=False, court_order=False) if reaches_an_authority(context):
            approved = (
                context.approval in settings.approval_bases,
                context.approval_unexpired,
                context.approval_by_another,
                context.approval_not_withdrawn,
            )
            told = (context.has_status, context.has_place_of_birth, context.has_other_categories)
            harmless = told == (True, False, False) or (
                settings.place_of_birth_rides_with_status and told == (True, True, False)
            )
            return None if all(approved) or harmless else Invariant.DISCLOSURE_NEEDS_AUTHORITY
    return None


def wrongly_denied(context: Context, _: Settings) -> Invariant | None:
    """POLICY.md, invariants 2 and 6."""
    match context:
        case CustodyContext() if context.local or context.judicial_warrant or context.other_criminal:
            return Invariant.CUSTODY_IS_THE_CONTRACT
        case MessageContext(has_status=True, has_place_of_birth=False, has_other_categories=False):
            return Invariant.STATUS_IS_NEVER_DENIED
    return None


def reaches_an_authority(context: MessageContext) -> bool:
    return context.recipient is AUTHORITIES or (
        context.recipient is RecipientClass.PARTNER_287G and context.purpose_immigration_enforcement
    )


@pytest.mark.parametrize("settings", [STRICT, RIDING], ids=["strict", "riding"])
@pytest.mark.parametrize(
    ("permit", "law"), [(True, wrongly_permitted), (False, wrongly_denied)], ids=["all permitted", "all denied"]
)
def test_every_broken_context_is_found_and_no_other_when_an_engine_always_says_the_same(settings, permit, law):
    everything = [context for action in Action for context in every(action)]
    expected = {context: law(context, settings) for context in everything}
    assert broken(lambda _: permit, settings) == {c: invariant for c, invariant in expected.items() if invariant}


def test_nothing_is_found_when_every_context_is_decided_by_the_law():
    assert broken(lambda context: wrongly_permitted(context, STRICT) is None) == {}


def test_governed_means_an_authority_or_a_partner_with_that_purpose():
    assert all(governed(context) is reaches_an_authority(context) for context in every(Action.SEND_MESSAGE))


# -- invariant 5 -------------------------------------------------------------------------------------------------------

MORE = {
    CustodyContext: ("local", "judicial_warrant", "other_criminal"),
    AccessContext: ("judicial_warrant", "court_order"),
    MessageContext: (
        "judicial_warrant",
        "court_order",
        "approval",
        "approval_unexpired",
        "approval_by_another",
        "approval_not_withdrawn",
    ),
    AssistContext: (),
}
"""POLICY.md, invariant 5: what is more authority."""


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, names in MORE.items() for name in names])
def test_a_denial_for_more_authority_is_found_whatever_the_authority(kind, name):
    # because a pack that asks for a paper and then punishes having it would teach people to leave it out
    found = prove(Answering(lambda context: type(context) is not kind or not getattr(context, name)))
    stronger = {each.context for each in found if each.invariant is Invariant.MONOTONE}
    assert stronger == {c for action in Action for c in every(action) if type(c) is kind and getattr(c, name)}
    assert {each.message for each in found if each.invariant is Invariant.MONOTONE} == {
        f"is denied, though without {name} it is permitted"
    }


def test_only_what_is_listed_is_more_authority():
    assert {CONTEXT_OF[action]: AUTHORITY[action] for action in Action} == MORE


def test_a_denial_for_an_immigration_paper_is_no_loss_of_authority():
    found = prove(Answering(lambda context: not getattr(context, "immigration_paper", False)))
    assert Invariant.MONOTONE not in {each.invariant for each in found}


# -- errors, and what is told ------------------------------------------------------------------------------------------


def test_an_error_is_found_whatever_it_would_have_decided():
    one = AccessContext(judicial_warrant=True, court_order=False)
    [found] = prove(
        Answering(lambda c: failure("first", "second") if c == one else wrongly_permitted(c, STRICT) is None)
    )
    assert (found.invariant, found.context, found.policies) == (Invariant.NO_ERROR, one, ())
    assert str(found) == "invariant 7 no context is an error: GrantAccess(judicial_warrant) fails: first; second"


def test_a_counter_example_names_context_and_policies_when_it_is_told():
    one = AccessContext(judicial_warrant=False, court_order=False)
    found = CounterExample(Invariant.ACCESS_NEEDS_COURT, one, ("a", "b"), "is permitted")
    assert str(found) == "invariant 4 access needs a warrant or a court order: GrantAccess() is permitted by a, b"
    [told] = prove(Answering(lambda c: c == one or wrongly_permitted(c, STRICT) is None))
    assert (told.policies, told.message) == (("one", "two"), "is permitted")


def test_a_counter_example_says_denied_when_what_has_to_be_let_through_is_not():
    one = CustodyContext(local=True, judicial_warrant=False, other_criminal=False, immigration_paper=False)
    told = prove(Answering(lambda c: c != one and wrongly_permitted(c, STRICT) is None))
    assert [each.message for each in told if each.invariant is Invariant.CUSTODY_IS_THE_CONTRACT] == ["is denied"]


def test_a_context_is_described_by_what_is_there():
    message = next(context for context in every(Action.SEND_MESSAGE) if context.approval is LegalBasis.STATUTE)
    assert describe(message).startswith("SendMessage(recipient=")
    assert "approval=statute" in describe(message)
    assert "has_status" not in describe(message)


def test_policies_are_idle_when_no_decision_names_them(pack):
    assert idle_policies(pack.engine) == ()
