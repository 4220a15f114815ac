"""The weekly review of the log: what there is to look at, and who has signed for it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from integration.audit.checkpoint import parse
from integration.console.common import field, fields, pages_of, parts_of
from integration.console.guard import caller_of
from integration.console.parts import Parts
from integration.domain.instants import SECOND, Instant
from integration.errors import UsageError
from integration.services.ports import EntryRow
from integration.services.projections import instant_told
from integration.services.reviews import KINDS, REVIEWED, WORDS, Looked, Result, Signed, said_of

router = APIRouter(include_in_schema=False)
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Group:
    """Entries that are looked at together."""

    looked: Looked
    words: str
    lines: tuple[tuple[str, int, str], ...]
    """Kind and outcome, how many, and where they are listed."""


@dataclass(frozen=True, slots=True)
class Past:
    """A review that somebody signed."""

    index: int
    at: Instant
    by: str
    since: Instant
    until: Instant
    entries: int
    looked_at: str
    result: str
    reference: str


def past_reviews(parts: Parts) -> list[Past]:
    """Return the last reviews, newest first."""
    rows = parts.records.newest_of_kinds([REVIEWED], _SHOWN)
    return [_past(row) for row in rows if row.body is not None]


def _past(row: EntryRow) -> Past:
    assert row.body is not None
    entry: dict[str, Any] = orjson.loads(row.body)
    detail = entry["detail"]
    since, until = instant_told(detail["since"]), instant_told(detail["until"])
    told = said_of(detail)
    return Past(
        row.leaf_index,
        row.at,
        entry["actor"],
        since,
        until,
        detail["entries"],
        told,
        row.outcome.replace("_", " "),
        detail["reference"],
    )


def counts_of(parts: Parts, since: Instant, until: Instant) -> dict[tuple[Looked, str, str], int]:
    """Return how many entries there are to look at in a period: of each group, kind and outcome."""
    looked_at = {kind.value: looked for looked, kinds in KINDS.items() for kind in kinds}
    counts = parts.records.counts_by_kind(list(looked_at), since, until)
    return {(looked_at[kind], kind, outcome): counts[kind, outcome] for kind, outcome in sorted(counts)}


def _groups(parts: Parts, since: Instant, until: Instant) -> list[Group]:
    counts = counts_of(parts, since, until)
    # The page's filters take whole seconds; whoever follows a link may see a few entries more, never fewer.
    times = {"since": _second(parts, since), "until": _second(parts, until + SECOND - 1)}
    found = []
    for looked in KINDS:
        lines = [
            (
                f"{kind}: {outcome.replace('_', ' ')}",
                count,
                "/audit?" + urlencode({"kind": kind, "outcome": outcome, **times}),
            )
            for (group, kind, outcome), count in counts.items()
            if group is looked
        ]
        found.append(Group(looked, WORDS[looked], tuple(lines)))
    return found


def _second(parts: Parts, at: Instant) -> str:
    """Write a whole second as the filters take it: the site's time; with its offset in the hour that autumn repeats."""
    moment = datetime.fromtimestamp(at // SECOND, parts.site_zone)
    return (moment if moment.fold else moment.replace(tzinfo=None)).isoformat()


@router.get("/audit/review")
def review(request: Request) -> Response:
    """Show what the next review is of, and those that were signed."""
    return _page(request)


def _page(request: Request, wrong: str = "", status: int = 200) -> Response:
    parts = parts_of(request)
    due, now = parts.registers.reviews.due(), parts.now()
    parts.pen.record("audit.read", "read", caller_of(request).actor, {"page": "review"})
    return pages_of(request).page(
        request,
        "review.html",
        status=status,
        due=due,
        until=now,
        late=due.due_at < now,
        groups=_groups(parts, due.since, now),
        results=list(Result),
        past=past_reviews(parts),
        wrong=wrong,
    )


@router.post("/audit/review")
def sign(request: Request) -> Response:
    """Sign for a review."""
    try:
        signed_for(request, _signed(request))
    except UsageError as error:
        return _page(request, str(error), 400)
    return RedirectResponse("/audit/review", 303)


def signed_for(request: Request, signed: Signed) -> None:
    """Record what somebody signs, with the log's end as it is now. Raises UsageError, as `Reviews.sign`."""
    parts = parts_of(request)
    head = parse(parts.log_end.publish())
    parts.registers.reviews.sign(signed, head.size, head.root.hex(), caller_of(request).actor)


def _signed(request: Request) -> Signed:
    """Read the form.

    Raises:
        UsageError: something of it is missing.
    """
    result, looked = field(request, "result"), fields(request, "looked")
    since, until = _instant(field(request, "since")), _instant(field(request, "until"))
    if since is None or until is None or result not in set(Result) or not set(looked) <= set(Looked):
        raise UsageError("something of the form is missing: load the page again")
    looked_at = tuple(each for each in Looked if each in looked)
    return Signed(since, until, looked_at, Result(result), field(request, "reference").strip())


def _instant(text: str) -> Instant | None:
    """Read a time as the form carries it: microseconds."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None  # noqa: PLR2004  of 64 bits
