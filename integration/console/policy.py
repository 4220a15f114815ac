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
    """Return the packs in force here, then those that come with the product, by id."""
    found = {pack.id: pack for pack in parts.packs}
    for name in shipped_packs():
        if name not in found:
            found[name] = load(name)
    return found


@router.get("/policy")
def packs(request: Request) -> Response:
    """List packs, and which facility each is in force for."""
    parts = parts_of(request)
    in_force: dict[str, list[str]] = {}
    for facility in parts.settings.facilities:
        in_force.setdefault(parts.pack_for(facility.source, parts.now()).id, []).append(facility.source)
    return pages_of(request).page(request, "packs.html", packs=list(packs_of(parts).values()), in_force=in_force)


@router.get("/policy/{pack}")
def pack(request: Request, pack: str, other: str = "") -> Response:
    """Show one pack: rules, decisions, provisions; compared with another, if one is named."""
    known = packs_of(parts_of(request))
    if pack not in known or (other and other not in known):
        raise HTTPException(404)
    shown = known[pack]
    return pages_of(request).page(
        request,
        "pack.html",
        pack=shown,
        tables=report.explain(shown),
        terms=[(rule.value, terms) for rule, terms in shown.parameters.terms.items()],
        others=[name for name in known if name != pack],
        other=other,
        diff=report.diff(shown, known[other]) if other else None,
    )
