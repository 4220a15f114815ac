"""Packs that break one thing each, made by editing a copy: none loads, and the refusal says what and where."""

from collections.abc import Callable
from pathlib import Path

import pytest

from integration.policy.pack import PolicyPackError, load
from tests.policy.conftest import MASSACHUSETTS

Edit = Callable[[Path, str, str], None]

ADDED = '\n@id("mutant") @provision("{provision}") @reason("no_authority")\n{text}\n'
GROUND = '{effect} (principal, action == Action::"{action}", resource) when {{ {condition} }};'


def add(folder: Path, provision: str, effect: str, action: str, condition: str) -> None:
    """Add one policy that cites a provision which the pack already cites for this action."""
    text = GROUND.format(effect=effect, action=action, condition=condition)
    with (folder / "policy.cedar").open("a") as file:
        file.write(ADDED.format(provision=provision, text=text))


def refusal(folder: Path) -> str:
    with pytest.raises(PolicyPackError) as refused:
        load(folder)
    return str(refused.value)


def test_refused_when_custody_is_permitted_on_a_detainer(massachusetts: Path, edit: Edit):
    edit(massachusetts / "policy.cedar", "when { context.immigration_paper }", "when { context.local }")
    add(massachusetts, "M-d", "permit", "ContinueCustody", "context.immigration_paper")
    assert "invariant 1 custody needs authority: ContinueCustody(immigration_paper) is permitted" in refusal(
        massachusetts
    )


def test_refused_when_a_charge_no_longer_keeps_a_person(massachusetts: Path):
    add(massachusetts, "M-d", "forbid", "ContinueCustody", "context.local && context.immigration_paper")
    assert "invariant 6 custody is decided as the event contract fixes it" in (text := refusal(massachusetts))
    assert "ContinueCustody(local, immigration_paper) is denied by mutant" in text


def test_refused_when_status_alone_is_denied(massachusetts: Path):
    add(massachusetts, "M-e", "forbid", "SendMessage", "context.has_status")
    text = refusal(massachusetts)
    assert "invariant 2 status alone is never denied" in text
    assert "SendMessage(recipient=immigration_authority, has_status) is denied by mutant" in text


def test_refused_when_a_release_time_goes_out_unapproved(massachusetts: Path, edit: Edit):
    edit(massachusetts / "policy.cedar", "when { context.has_other_categories }", "when { context.has_place_of_birth }")
    add(massachusetts, "M-e", "permit", "SendMessage", "context.has_other_categories")
    text = refusal(massachusetts)
    assert "invariant 3 disclosure to an immigration authority needs authority" in text
    assert "SendMessage(recipient=immigration_authority, has_other_categories) is permitted by mutant" in text


def test_refused_when_an_expired_approval_counts(massachusetts: Path, edit: Edit):
    edit(
        massachusetts / "policy.cedar",
        "context.approval_unexpired && context.approval_by_another",
        "context.approval_by_another",
    )
    edit(massachusetts / "policy.cedar", "!context.approval_unexpired", "!context.approval_by_another")
    text = refusal(massachusetts)
    assert (
        "approval=judicial_warrant, approval_by_another, approval_not_withdrawn) is permitted by message-approved"
        in text
    )


def test_refused_when_a_place_of_birth_goes_out_alone(massachusetts: Path, edit: Edit):
    edit(massachusetts / "policy.cedar", "when { context.has_place_of_birth }", "when { context.has_other_categories }")
    add(massachusetts, "M-e", "permit", "SendMessage", "context.has_place_of_birth && !context.has_other_categories")
    assert "SendMessage(recipient=immigration_authority, has_place_of_birth) is permitted" in refusal(massachusetts)


def test_refused_when_a_message_without_category_goes_out(massachusetts: Path, edit: Edit):
    edit(
        massachusetts / "policy.cedar",
        "!context.has_status && !context.has_place",
        "context.has_status && context.has_place",
    )
    add(massachusetts, "M-e", "permit", "SendMessage", "!context.has_other_categories")
    assert "SendMessage(recipient=immigration_authority) is permitted by mutant" in refusal(massachusetts)


def test_refused_when_access_needs_no_court(copy: Path, edit: Edit):
    provision = "M-h" if copy.name == MASSACHUSETTS else "holdwatch-invariant-4"
    edit(
        copy / "policy.cedar",
        'forbid (principal, action == Action::"GrantAccess", resource)\nunless',
        'forbid (principal, action == Action::"GrantAccess", resource)\nwhen { context.court_order && false }\nunless',
    )
    add(copy, provision, "permit", "GrantAccess", "!context.court_order")
    assert "invariant 4 access needs a warrant or a court order: GrantAccess() is permitted by mutant" in refusal(copy)


def test_refused_when_a_warrant_turns_a_permit_into_a_deny(massachusetts: Path):
    add(massachusetts, "M-h", "forbid", "GrantAccess", "context.judicial_warrant && context.court_order")
    text = refusal(massachusetts)
    assert "invariant 5 more authority never turns a permit into a deny" in text
    assert (
        "GrantAccess(judicial_warrant, court_order) is denied, though without judicial_warrant it is permitted" in text
    )


def test_refused_when_an_approval_turns_a_permit_into_a_deny(massachusetts: Path):
    condition = 'context.recipient == "other" && context.has_other_categories && context.approval == "statute"'
    add(massachusetts, "M-e", "forbid", "SendMessage", condition)
    assert "is denied, though without approval it is permitted by mutant" in refusal(massachusetts)


def test_refused_when_a_policy_errs_in_some_context(massachusetts: Path):
    condition = "context.court_order && 9223372036854775807 + 1 > 0"
    add(massachusetts, "M-h", "forbid", "GrantAccess", condition)
    text = refusal(massachusetts)
    assert "invariant 7 no context is an error: GrantAccess(court_order) fails" in text
    assert "overflow" in text


def test_refusal_stays_short_when_thousands_of_contexts_are_wrong(massachusetts: Path):
    add(massachusetts, "M-e", "forbid", "SendMessage", "true")
    text = refusal(massachusetts)
    assert "contexts more)" in text
    assert len(text.splitlines()) < 50


def test_loads_when_a_mutant_is_only_stricter_about_help(massachusetts: Path):
    add(massachusetts, "M-c", "forbid", "Assist", 'context.kind == "other"')
    assert load(massachusetts).id == "ma-welcoming-community"
