"""One booking: its custody as a picture and as a table, what was found and decided, and the entries about it."""

from collections.abc import Sequence
from dataclasses import dataclass

import orjson
from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from integration.console.common import pages_of, parts_of
from integration.console.entries import shown
from integration.console.guard import caller_of
from integration.console.parts import Parts
from integration.console.timeline import Picture, picture_of
from integration.domain.custody import Standing, timeline_of
from integration.domain.facts import Fact, Voided
from integration.errors import InvalidEventError
from integration.services.casefile import CaseFile
from integration.services.ports import FindingRow

router = APIRouter(include_in_schema=False)
_ENTRIES = 100


@dataclass(frozen=True, slots=True)
class Decided:
    """The last decision on a request."""

    request: str
    request_id: str
    decision: str
    reasons: tuple[str, ...]
    provisions: tuple[str, ...]
    recipient: str
    at: int


@dataclass(frozen=True, slots=True)
class Case:
    """What is known of a booking."""

    source: str
    number: str
    moved_from: tuple[str, ...]
    """Other numbers of the same person's stay."""
    voided: bool
    picture: Picture | None
    facts: tuple[Fact, ...]
    decisions: tuple[Decided, ...]
    pack: str


def case_of(parts: Parts, source: str, number: str) -> Case | None:
    """Return a booking; None where it is not known."""
    row = parts.records.booking(source, number)
    if row is None:
        return None
    file = CaseFile.from_row(row)
    standing = file.standing()
    now = parts.now()
    try:
        pack = parts.pack_for(source, now)
    except InvalidEventError:
        return None  # A feed that is no longer in the settings.
    # A number that moved elsewhere has no facts of its own any more.
    counted = number if number in standing else next(iter(sorted(standing)), number)
    facts = standing.get(counted, [])
    sorted_facts = Standing(facts)
    voided = bool(sorted_facts.of(Voided))
    picture = None
    if facts and not voided:
        timeline = timeline_of(sorted_facts, pack.parameters)
        picture = picture_of(facts, timeline, now=now, zone=parts.zone_of(source))
    return Case(
        source=source,
        number=counted,
        moved_from=tuple(sorted({*file.facts, number} - {counted})),
        voided=voided,
        picture=picture,
        facts=tuple(sorted(facts, key=lambda fact: (fact.time, fact.id))),
        decisions=tuple(
            Decided(
                each.request,
                each.request_id,
                each.decision,
                tuple(orjson.loads(each.reasons)),
                tuple(orjson.loads(each.provisions)),
                each.recipient_class,
                each.decided_at,
            )
            for each in file.decisions.values()
            if each.booking == counted
        ),
        pack=pack.id,
    )


def findings_of(parts: Parts, source: str, numbers: Sequence[str]) -> list[FindingRow]:
    """Return what was found of a booking, open ones first."""
    rows = [row for number in numbers for row in parts.records.findings(booking=number) if row.source == source]
    dealt_with = parts.records.acknowledged()
    rows = [row._replace(status="acknowledged") if row.finding_id in dealt_with else row for row in rows]
    return sorted(rows, key=lambda row: (row.status != "open", row.since, row.finding_id))


@router.get("/booking")
def booking(request: Request, source: str, number: str) -> Response:
    """Show a booking. That somebody looked goes into the log first."""
    parts, caller = parts_of(request), caller_of(request)
    case = case_of(parts, source, number) if caller.sees(source) else None
    if case is None:
        raise HTTPException(404)
    parts.pen.record("audit.read", "read", caller.actor, {"page": "booking"}, source=source, booking=case.number)
    size = parts.records.log_size()
    rows = [
        row
        for each in (case.number, *case.moved_from)
        for row in parts.records.last_entries(size, _ENTRIES, booking=each, kind=None, source=source)
    ]
    entries = [shown(row) for row in sorted(rows, key=lambda row: -row.leaf_index)[:_ENTRIES]]
    found = findings_of(parts, source, [case.number])
    told = [(row, tuple(orjson.loads(row.provisions)), tuple(orjson.loads(row.evidence))) for row in found]
    return pages_of(request).page(request, "booking.html", case=case, findings=told, entries=entries)
