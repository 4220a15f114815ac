"""For programs: the log verified and opened, reviews signed, searches kept; one policy whole."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import JsonValue
from starlette.responses import Response

from integration.audit.entry import text_of
from integration.console import audit, reviewing, searches
from integration.console.api import Answer
from integration.console.api_acts import Done
from integration.console.api_bodies import ReviewSigned, SearchKept
from integration.console.common import parts_of
from integration.console.guard import caller_of
from integration.console.policy import pack_named, summaries
from integration.console.verifying import Verifier
from integration.policy import report
from integration.services.projections import instant_told
from integration.services.reviews import Signed

router = APIRouter(prefix="/api/v1")
Index = Annotated[int, Path(ge=0, lt=2**53)]
Name = Annotated[str, Path(max_length=200)]


class Verification(Answer):
    """What the last verification of the whole log said, and since when one is under way; null: none."""

    under_way_since: str | None
    at: str | None
    entries: int | None
    ok: bool | None
    problems: list[str]
    """The first of them."""
    failed: str
    """Why nothing could be said; empty otherwise."""


class Searches(Answer):
    """The account's own searches, then those that others share."""

    searches: list[dict[str, JsonValue]]


class Kept(Answer):
    """The id of a search."""

    search: str


class PackWhole(Answer):
    """A policy: what each rule does, what each action decides, and the provisions in words."""

    pack: str
    revision: str
    title: str
    rules: list[dict[str, JsonValue]]
    decisions: dict[str, list[dict[str, JsonValue]]]
    provisions: dict[str, str]


@router.get("/entries/{index}/opened", response_class=Response, responses={200: {"content": {"application/json": {}}}})
def opened(request: Request, index: Index) -> Response:
    """Return what opens an entry's leaf: body and salt. That somebody took it goes into the log first."""
    return Response(audit.opened_of(request, index), media_type="application/json")


@router.get("/verification")
def verification(request: Request) -> Verification:
    """Return what is known of the log."""
    return _verification(request)


@router.post("/verification", status_code=202)
def verify(request: Request) -> Verification:
    """Begin verifying the whole log, unless that is under way; what comes of it is an entry."""
    verifier: Verifier = request.app.state.verifier
    verifier.start(caller_of(request).actor)
    return _verification(request)


def _verification(request: Request) -> Verification:
    verifier: Verifier = request.app.state.verifier
    since, last = verifier.started_at, verifier.last
    return Verification(
        under_way_since=None if since is None else text_of(since),
        at=None if last is None else text_of(last.at),
        entries=None if last is None else last.entries,
        ok=None if last is None else last.ok,
        problems=[] if last is None else list(last.problems),
        failed="" if last is None else last.failed,
    )


@router.post("/reviews", status_code=201)
def sign(request: Request, given: ReviewSigned) -> Done:
    """Sign for a review of the log, as somebody who has looked."""
    looked = tuple(dict.fromkeys(given.looked_at))
    since, until = (instant_told(each.isoformat()) for each in (given.since, given.until))
    signed = Signed(since, until, looked, given.result, given.reference.strip())
    reviewing.signed_for(request, signed)
    return Done()


@router.get("/searches")
def kept(request: Request) -> Searches:
    """Return the searches that the account may use."""
    told: list[dict[str, JsonValue]] = [
        {
            "search": each.search_id,
            "name": each.name,
            "by": each.account,
            "shared": each.shared,
            "filters": dict(each.filters),
        }
        for each in searches.saved_of(request)
    ]
    return Searches(searches=told)


@router.post("/searches", status_code=201)
def keep(request: Request, given: SearchKept) -> Kept:
    """Keep a search. The log tells that somebody did, never what he typed."""
    return Kept(search=searches.keep_search(request, given.name, given.filters.given(), shared=given.shared))


@router.delete("/searches/{search}")
def forget(request: Request, search: Name) -> Done:
    """Forget a search of the account's own."""
    searches.forget_search(request, search)
    return Done()


@router.get("/packs/{pack}")
def pack(request: Request, pack: Name) -> PackWhole:
    """Return one policy whole."""
    shown = pack_named(parts_of(request), pack)
    return PackWhole(
        pack=shown.id,
        revision=shown.revision,
        title=shown.title,
        rules=[
            {
                "rule": rule.value,
                "severity": terms.severity.value,
                "provisions": list(terms.provisions),
            }
            for rule, terms in shown.parameters.terms.items()
        ],
        decisions={
            action.value: [
                {"when": {name: list(values) for name, values in row.conditions.items()}, "permit": row.decision.permit}
                for row in rows
            ]
            for action, rows in report.explain(shown).items()
        },
        provisions=summaries(shown),
    )
