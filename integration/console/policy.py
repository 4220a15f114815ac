"""Policies as counsel reads them: provisions beside rules, what is decided for any circumstances, how two differ."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from integration.console.common import pages_of, parts_of
from integration.console.guard import Refused, caller_of
from integration.console.parts import Parts
from integration.policy import report
from integration.policy.contexts import CONTEXT_OF, Action, Context, Value, values, word
from integration.policy.decisions import Decision
from integration.policy.pack import Pack, load, shipped_packs

router = APIRouter(include_in_schema=False)
_PREFIX = 16
"""Figures of a revision that tell packs of one id apart."""


def packs_of(parts: Parts) -> dict[str, Pack]:
    """Return the packs in force here, by name; of one id in several revisions, each by id and revision."""
    return {name_of(pack, parts.packs): pack for pack in parts.packs}


def name_of(pack: Pack, among: tuple[Pack, ...]) -> str:
    """Return what tells a pack from others: its id; with its revision where there are several of that id."""
    alone = all(each.revision == pack.revision for each in among if each.id == pack.id)
    return pack.id if alone else f"{pack.id}@{pack.revision[:_PREFIX]}"


def pack_named(parts: Parts, name: str) -> Pack:
    """Return a pack that is in force here or comes with the product.

    Args:
        parts: the console's.
        name: its id; after ``@`` the beginning of a revision, where there are several.

    Raises:
        HTTPException: there is none of that name.
    """
    wanted, _, revision = name.partition("@")
    known = [pack for pack in parts.packs if pack.id == wanted]
    if wanted in shipped_packs() and (revision or not known):
        known.append(load(wanted))
    found = next((pack for pack in known if pack.revision.startswith(revision)), None)
    if found is None or (revision and len(revision) < _PREFIX):
        raise HTTPException(404)
    return found


def names(parts: Parts) -> list[str]:
    """Return every pack that may be looked at: those in force, then those that come with the product."""
    here, others = packs_of(parts), []
    for each in shipped_packs():
        if not any(pack.id == each for pack in parts.packs):
            others.append(each)
        elif (shipped := load(each)).revision not in {pack.revision for pack in parts.packs}:
            others.append(f"{each}@{shipped.revision[:_PREFIX]}")
    return [*here, *others]


@router.get("/policy")
def packs(request: Request) -> Response:
    """List packs, and which facility each is in force for."""
    parts = parts_of(request)
    in_force: dict[str, list[str]] = {}
    for facility in parts.settings.facilities:
        if not caller_of(request).sees(facility.source):
            continue
        in_force.setdefault(parts.pack_for(facility.source, parts.now()).revision, []).append(facility.source)
    here = packs_of(parts)
    others = [name for name in names(parts) if name not in here]
    return pages_of(request).page(request, "packs.html", packs=here, in_force=in_force, others=others)


@router.get("/policy/{pack}")
def pack(request: Request, pack: str, other: str = "") -> Response:
    """Show one pack: rules beside provisions, decisions; compared with another, if one is named."""
    parts = parts_of(request)
    shown, compared = pack_named(parts, pack), pack_named(parts, other) if other else None
    return pages_of(request).page(
        request,
        "pack.html",
        name=pack,
        pack=shown,
        tables=report.explain(shown),
        terms=[(rule.value, terms) for rule, terms in shown.parameters.terms.items()],
        summaries=summaries(shown),
        others=[name for name in names(parts) if name != pack],
        other=other,
        other_pack=compared,
        diff=None if compared is None else report.diff(shown, compared),
        provisions=() if compared is None else report.provision_differences(shown, compared),
    )


def summaries(pack: Pack) -> dict[str, str]:
    """Return what each provision asks, by its number."""
    carried_out = {number: each.summary for number, each in pack.provisions.items()}
    return carried_out | {number: each.summary for number, each in pack.not_enforceable.items()}


@dataclass(frozen=True, slots=True)
class Choice:
    """A circumstance, and every value that it may have."""

    name: str
    values: tuple[str, ...]
    chosen: str


@router.get("/policy/{pack}/decide")
def decide(request: Request, pack: str) -> Response:
    """Ask the policy itself what it decides in circumstances that somebody chooses. Nothing happens by it."""
    shown = pack_named(parts_of(request), pack)
    given = request.query_params
    if (named := given.get("action", Action.SEND_MESSAGE.value)) not in set(Action):
        raise Refused(400, "there is no such action")
    action = Action(named)
    decision, chosen = decided(shown, action, given)
    choices = [
        Choice(field, tuple(_text(value) for value in allowed), _text(chosen[field]))
        for field, allowed in values(action).items()
    ]
    return pages_of(request).page(
        request,
        "decide.html",
        name=pack,
        pack=shown,
        action=action,
        actions=list(Action),
        choices=choices,
        decision=decision,
        summaries=summaries(shown),
    )


def decided(pack: Pack, action: Action, given: Mapping[str, str]) -> tuple[Decision, dict[str, Value]]:
    """Return what a pack decides in chosen circumstances; what is not chosen has its first value.

    Raises:
        Refused: a circumstance has no such value.
    """
    chosen: dict[str, Value] = {}
    for field, allowed in values(action).items():
        known = {_text(value): value for value in allowed}
        text = given.get(field, _text(allowed[0]))
        if text not in known:
            raise Refused(400, "one of the circumstances has no such value")
        chosen[field] = known[text]
    make: Callable[..., Context] = CONTEXT_OF[action]
    return pack.engine.decide(make(**chosen)), chosen


def _text(value: Value) -> str:
    told = word(value)
    return {True: "yes", False: "no"}[told] if isinstance(told, bool) else told
