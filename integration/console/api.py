"""The same for programs: JSON under /api/v1, with keys that have scopes and expire."""

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Query, Request
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel, ConfigDict, Field, JsonValue
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response

from integration.audit.entry import JSON, text_of
from integration.console.audit import found, readable
from integration.console.booking import case_of, findings_of
from integration.console.common import parts_of
from integration.console.filters import Asked, told_of, wanted_of
from integration.console.guard import caller_of
from integration.console.policy import packs_of
from integration.console.vital import health_of
from integration.domain.instants import NEVER, Instant
from integration.runners.output import finding_line
from integration.services.auditing import read_entry
from schemas.kinds import Status

router = APIRouter(prefix="/api/v1")
Text = Annotated[str, Query(max_length=200)]
Index = Annotated[int, Path(ge=0, lt=2**53)]


class Answer(BaseModel):
    """Whatever a route returns."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Wrong(Answer):
    """Why nothing is returned, in words. They never repeat what was sent."""

    error: str


_REFUSALS = {
    "400": "something in the address is not what it should be",
    "401": "no key, or it is not good any more",
    "403": "the key, or the account it acts for, does not allow this",
    "404": "there is no such thing, or it belongs to a facility that is not open to the account",
    "503": "the database is busy or away",
}


class Findings(Answer):
    """Findings, the most urgent first."""

    findings: list[dict[str, JsonValue]]


class Entries(Answer):
    """Entries, newest first; ``before`` of the next page, if there may be one."""

    entries: list[dict[str, JsonValue]]
    next_before: int | None


class OneEntry(Answer):
    """An entry; None once it is sealed."""

    index: int
    leaf_hash: str
    entry: dict[str, JsonValue] | None


class Bar(Answer):
    """A hold, or custody itself."""

    what: str
    says: str
    start: str
    end: str | None
    authority: tuple[str, str | None] | None


class TimeLine(Answer):
    """A booking's custody. Times are UTC; an end that is not known is null."""

    source: str
    booking: str
    pack: str
    voided: bool
    bars: list[Bar]
    without_authority: list[tuple[str, str | None]]
    release_due_at: str | None
    events: list[dict[str, str]]
    decisions: list[dict[str, JsonValue]]
    """The last one on each message, visit and request for help."""
    findings: list[dict[str, JsonValue]]


class HealthNow(Answer):
    """What is wrong, and how far the log is."""

    troubles: list[dict[str, str]]
    entries: int
    checkpoint: int | None
    sources: list[dict[str, JsonValue]]


class Packs(Answer):
    """Policy packs."""

    packs: list[dict[str, JsonValue]]


@router.get("/openapi.json", response_model=None)
def description(request: Request) -> dict[str, Any]:
    """Describe this API."""
    told = get_openapi(title="holdwatch", version="1", routes=request.app.routes)
    told["components"].setdefault("securitySchemes", {})["key"] = {"type": "http", "scheme": "bearer"}
    told["components"]["schemas"]["Wrong"] = Wrong.model_json_schema()
    told["security"] = [{"key": []}]
    refused = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Wrong"}}}}
    for path in told["paths"].values():
        for operation in path.values():
            # What the library says of itself: here it is 400, and in the form of every other refusal.
            operation["responses"].pop("422", None)
            operation["responses"] |= {status: {"description": why, **refused} for status, why in _REFUSALS.items()}
    for name in ("HTTPValidationError", "ValidationError"):
        told["components"]["schemas"].pop(name, None)
    return told


@router.get("/findings")
def findings(request: Request, status: Status | None = None, booking: Text | None = None) -> Findings:
    """Return findings that the account may see."""
    caller = caller_of(request)
    rows = parts_of(request).records.findings(status=status and status.value, booking=booking)
    return Findings(findings=[finding_line(row) for row in rows if caller.sees(row.source)])


@router.get("/bookings/timeline")
def time_line(request: Request, source: Text, number: Text) -> TimeLine:
    """Return what a booking's page draws. That somebody looked goes into the log first."""
    parts, caller = parts_of(request), caller_of(request)
    case = case_of(parts, source, number) if caller.sees(source) else None
    if case is None:
        raise HTTPException(404)
    parts.pen.record("audit.read", "read", caller.actor, {"page": "booking"}, source=source, booking=case.number)
    picture = case.picture
    return TimeLine(
        source=source,
        booking=case.number,
        pack=case.pack,
        voided=case.voided,
        bars=[
            Bar(
                what=bar.label,
                says=bar.says,
                start=text_of(bar.start),
                end=_end(bar.end),
                authority=None if bar.authority is None else (text_of(bar.authority[0]), _end(bar.authority[1])),
            )
            for bar in (picture.bars if picture else ())
        ],
        without_authority=[(text_of(each.start), _end(each.end)) for each in (picture.stretches if picture else ())],
        release_due_at=None if picture is None or picture.due_at is None else text_of(picture.due_at),
        events=[
            {"at": text_of(tick.at), "event_id": tick.event_id, "what": tick.what}
            for tick in (picture.ticks if picture else ())
        ],
        decisions=[
            {
                "request": each.request,
                "id": each.request_id,
                "decision": each.decision,
                "reasons": list(each.reasons),
                "provisions": list(each.provisions),
                "recipient": each.recipient,
                "at": text_of(each.at),
            }
            for each in case.decisions
        ],
        findings=[finding_line(row) for row in findings_of(parts, source, [case.number])],
    )


def _end(at: Instant) -> str | None:
    return None if at >= NEVER else text_of(at)


@router.get("/health")
def health(request: Request) -> HealthNow:
    """Return whether all is well."""
    seen = health_of(parts_of(request), caller_of(request).sources)
    return HealthNow(
        troubles=[{"what": each.what, "about": each.about, "todo": each.todo} for each in seen.troubles],
        entries=seen.entries,
        checkpoint=seen.checkpoint,
        sources=[
            {
                "source": each.source,
                "heard_at": None if each.heard_at is None else text_of(each.heard_at),
                "silent": each.silent,
            }
            for each in seen.sources
        ],
    )


class AskedHere(Asked):
    """The same, and how many at the most."""

    limit: Annotated[int, Field(ge=1, le=500)] = 50


@router.get("/entries")
def entries(request: Request, asked: Annotated[AskedHere, Query()]) -> Entries:
    """Search the log. That somebody did goes into the log first."""
    parts, caller = parts_of(request), caller_of(request)
    given = asked.filters()
    wanted = wanted_of(parts, given, caller.sources)
    parts.pen.record("audit.read", "read", caller.actor, {"page": "api", **told_of(parts, given)})
    rows = found(parts, wanted, asked.before, asked.limit)
    told = [{"index": row.leaf_index, "entry": read_entry(row)} for row in rows]
    return Entries(entries=told, next_before=rows[-1].leaf_index if len(rows) == asked.limit else None)


@router.get("/entries/{index}")
def entry(request: Request, index: Index) -> OneEntry:
    """Return one entry."""
    parts, caller, row = parts_of(request), caller_of(request), readable(request, index)
    detail: dict[str, JSON] = {"page": "api", "leaf_index": index}
    parts.pen.record("audit.read", "read", caller.actor, detail, source=row.source, booking=row.booking)
    return OneEntry(index=index, leaf_hash=row.leaf_hash.hex(), entry=read_entry(row))


@router.get("/entries/{index}/proof", response_class=PlainTextResponse)
def proof(request: Request, index: Index) -> Response:
    """Return a proof (c2sp.org/tlog-proof) that an entry is in the log."""
    parts, caller, row = parts_of(request), caller_of(request), readable(request, index)
    detail: dict[str, JSON] = {"leaf_index": row.leaf_index}
    parts.pen.record("audit.exported", "exported", caller.actor, detail, source=row.source, booking=row.booking)
    return PlainTextResponse(parts.log_end.proof(index))


@router.get("/packs")
def packs(request: Request) -> Packs:
    """Return the policy packs and what they cite."""
    return Packs(
        packs=[
            {
                "pack": pack.id,
                "title": pack.title,
                "version": pack.version,
                "revision": pack.revision,
                "provisions": orjson.loads(
                    orjson.dumps({name: each.model_dump(mode="json") for name, each in pack.provisions.items()})
                ),
            }
            for pack in packs_of(parts_of(request)).values()
        ]
    )
