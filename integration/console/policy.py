"""Policies as counsel reads them: provisions beside rules, what is permitted, cases, how two differ."""

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from integration.console.common import pages_of, parts_of
from integration.console.parts import Parts
from integration.policy import report
from integration.policy.pack import Pack, load, shipped_packs

router = APIRouter(include_in_schema=False)


def packs_of(parts: Parts) -> dict[str, Pack]:
    """Return the packs in force here, by id."""
    return {pack.id: pack for pack in parts.packs}


def pack_named(parts: Parts, name: str) -> Pack:
    """Return a pack that is in force here or comes with the product.

    Raises:
        HTTPException: there is none of that name.
    """
    here = packs_of(parts)
    if name in here:
        return here[name]
    if name not in shipped_packs():
        raise HTTPException(404)
    return load(name)


@router.get("/policy")
def packs(request: Request) -> Response:
    """List packs, and which facility each is in force for."""
    parts = parts_of(request)
    in_force: dict[str, list[str]] = {}
    for facility in parts.settings.facilities:
        in_force.setdefault(parts.pack_for(facility.source, parts.now()).id, []).append(facility.source)
    here = packs_of(parts)
    others = [name for name in shipped_packs() if name not in here]
    return pages_of(request).page(request, "packs.html", packs=list(here.values()), in_force=in_force, others=others)


@router.get("/policy/{pack}")
def pack(request: Request, pack: str, other: str = "") -> Response:
    """Show one pack: rules, decisions, provisions; compared with another, if one is named."""
    parts = parts_of(request)
    shown, compared = pack_named(parts, pack), pack_named(parts, other) if other else None
    return pages_of(request).page(
        request,
        "pack.html",
        pack=shown,
        tables=report.explain(shown),
        terms=[(rule.value, terms) for rule, terms in shown.parameters.terms.items()],
        others=[name for name in dict.fromkeys([*packs_of(parts), *shipped_packs()]) if name != pack],
        other=other,
        diff=None if compared is None else report.diff(shown, compared),
    )
