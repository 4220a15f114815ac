"""The log: searched, explained, verified, proved, exported. Each reading of it is itself an entry."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, Final
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import iterate_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response, StreamingResponse

from integration.audit.checkpoint import parse
from integration.audit.entry import JSON
from integration.console.common import field, pages_of, parts_of
from integration.console.entries import shown, why
from integration.console.exporting import csv_lines, jsonl_lines
from integration.console.guard import Refused, caller_of
from integration.console.parts import Parts
from integration.console.render import flat
from integration.console.verifying import Verifier
from integration.console.vital import checkpoint_of
from integration.domain.instants import SECOND, Instant
from integration.services.auditing import leaf_of, opened_entry
from integration.services.ports import EntryRow
from integration.store.search import Wanted
from schemas.entries import EntryKind
from schemas.kinds import Rule

router = APIRouter(include_in_schema=False)
PAGE: Final = 50
MOST: Final = 100_000
"""Entries of one export."""
FILTERS: Final = ("actor", "kind", "rule", "booking", "source", "outcome", "provision", "text", "since", "until")
_CLOSED: Final = ("kind", "rule", "source", "provision")
"""Filters whose value goes into the log; of the others only that they were used: people type names there."""
_KNOWN: Final[dict[str, tuple[str, ...]]] = {"kind": tuple(EntryKind), "rule": tuple(Rule)}
_TYPES: Final = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl"}

Text = Annotated[str, Field(max_length=200)]


class Asked(BaseModel):
    """What somebody looks for, as it stands in the address."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    actor: Text = ""
    kind: Text = ""
    rule: Text = ""
    booking: Text = ""
    source: Text = ""
    outcome: Text = ""
    provision: Text = ""
    text: Text = ""
    since: Text = ""
    until: Text = ""
    before: Annotated[int | None, Field(ge=0, lt=2**53)] = None

    def filters(self) -> dict[str, str]:
        """Return the filters; empty: any."""
        return {name: getattr(self, name) for name in FILTERS}


def instant_given(parts: Parts, text: str) -> Instant | None:
    """Read a time that somebody typed, in the site's zone unless it says another.

    Raises:
        Refused: it is none.
    """
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(400, "a time is written as 2026-03-02T14:00, or with its offset") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=parts.site_zone)
    return int(moment.timestamp() * SECOND)


def wanted_of(parts: Parts, given: dict[str, str], sources: frozenset[str] | None) -> Wanted:
    """Return what somebody looks for, within what he may see."""
    plain = {name: given.get(name, "") for name in FILTERS if name not in {"since", "until"}}
    since, until = (instant_given(parts, given.get(name, "")) for name in ("since", "until"))
    return Wanted(**plain, since=since, until=until, sources=sources)


def told_of(given: dict[str, str]) -> dict[str, JSON]:
    """Return what the log says of a search: no text that may be a name."""
    used: list[JSON] = [name for name in FILTERS if given.get(name)]
    closed = {
        name: given[name] for name in _CLOSED if given.get(name) and given[name] in _KNOWN.get(name, (given[name],))
    }
    return {"filters": used, "asked": closed}


@router.get("/audit")
def search(request: Request, asked: Annotated[Asked, Query()]) -> Response:
    """Search entries, newest first."""
    parts, caller = parts_of(request), caller_of(request)
    given = asked.filters()
    wanted = wanted_of(parts, given, caller.sources)
    parts.pen.record("audit.read", "read", caller.actor, {"page": "audit", **told_of(given)})
    rows = found(parts, wanted, asked.before, PAGE)
    last = rows[-1].leaf_index if len(rows) == PAGE else None
    used = {name: value for name, value in given.items() if value}
    sources = [each.source for each in parts.settings.facilities if caller.sees(each.source)]
    return pages_of(request).page(
        request,
        "audit.html",
        entries=[shown(row) for row in rows],
        given=given,
        used=used,
        older=None if last is None else "/audit?" + urlencode({**used, "before": last}),
        kinds=list(EntryKind),
        rules=list(Rule),
        sources=sources,
        searched=parts.search.size,
        **badge(request, parts),
    )


def found(parts: Parts, wanted: Wanted, before: int | None, limit: int) -> list[EntryRow]:
    """Return entries that are as wanted, newest first; what was sealed meanwhile is left out."""
    parts.search.follow(wait=False)
    rows = (parts.records.entry(index) for index in parts.search.find(wanted, before=before, limit=limit))
    return [row for row in rows if row is not None and row.body is not None]


def badge(request: Request, parts: Parts) -> dict[str, Any]:
    """Return what the verification badge shows."""
    verifier: Verifier = request.app.state.verifier
    size, at = checkpoint_of(parts)
    return {
        "log_size": parts.records.log_size(),
        "checkpoint": size,
        "checkpoint_at": at,
        "next_at": None if at is None else at + int(parts.settings.log.checkpoint_every_seconds * SECOND),
        "verifying_since": verifier.started_at,
        "verdict": verifier.last,
    }


def readable(request: Request, index: int) -> EntryRow:
    """Return an entry that the caller may read.

    Raises:
        HTTPException: there is none.
    """
    row = parts_of(request).records.entry(index) if 0 <= index < 2**53 else None
    caller = caller_of(request)
    # A sealed entry tells nothing, not even whose it was.
    if row is None or not (caller.everywhere or (row.body is not None and caller.sees(row.source))):
        raise HTTPException(404)
    return row


@router.get("/audit/entry/{index}")
def entry(request: Request, index: int) -> Response:
    """Show one entry whole, and why it says what it says."""
    parts, caller, row = parts_of(request), caller_of(request), readable(request, index)
    detail: dict[str, JSON] = {"page": "entry", "leaf_index": index}
    parts.pen.record("audit.read", "read", caller.actor, detail, source=row.source, booking=row.booking)
    body = None if row.body is None else orjson.loads(row.body)
    return pages_of(request).page(
        request,
        "entry.html",
        row=row,
        body=body,
        lines=[] if body is None else list(flat(body["detail"])),
        why=None if body is None else why(parts, body),
    )


@router.get("/audit/entry/{index}/proof")
def proof(request: Request, index: int) -> Response:
    """Hand out the proof that an entry is in the log."""
    parts = parts_of(request)
    row = readable(request, index)
    _exported(request, row)
    content = parts.log_end.proof(index)
    return Response(content, media_type="text/plain; charset=utf-8", headers=_saved(f"entry-{index}.tlog-proof"))


@router.get("/audit/entry/{index}/opened")
def opened(request: Request, index: int) -> Response:
    """Hand out what opens an entry's leaf: body and salt."""
    parts, row = parts_of(request), readable(request, index)
    _exported(request, row)
    made = opened_entry(row, leaf_of(row, parts.records.sealed_leaves() if row.body is None else {}), parts.key.vkey)
    content = orjson.dumps(made, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    return Response(content, media_type="application/json", headers=_saved(f"entry-{index}.json"))


def _exported(request: Request, row: EntryRow) -> None:
    parts, caller = parts_of(request), caller_of(request)
    detail: dict[str, JSON] = {"leaf_index": row.leaf_index}
    parts.pen.record("audit.exported", "exported", caller.actor, detail, source=row.source, booking=row.booking)


def _saved(name: str) -> dict[str, str]:
    return {"content-disposition": f'attachment; filename="{name}"'}


@router.post("/audit/verify")
def verify(request: Request) -> Response:
    """Begin verifying the whole log."""
    verifier: Verifier = request.app.state.verifier
    verifier.start(caller_of(request).actor)
    return RedirectResponse("/audit", 303)


@router.post("/audit/export")
def export(request: Request) -> Response:
    """Hand out what was found, with the log's root."""
    parts, caller = parts_of(request), caller_of(request)
    form = field(request, "format")
    if form not in _TYPES:
        raise Refused(400, "an export is csv or jsonl")
    given = {name: field(request, name) for name in FILTERS}
    wanted = wanted_of(parts, given, caller.sources)
    parts.pen.record("audit.exported", "exported", caller.actor, {"format": form, **told_of(given)})
    note = parts.log_end.publish()
    head = parse(note)
    rows = every(parts, wanted)
    lines = csv_lines(rows) if form == "csv" else jsonl_lines(rows, note)
    root = head.root.hex()
    name = f"holdwatch-audit-{head.size}-{root[:12]}.{form}"
    headers = {**_saved(name), "x-log-size": str(head.size), "x-log-root": root}
    return StreamingResponse(iterate_in_threadpool(lines), media_type=_TYPES[form], headers=headers)


def every(parts: Parts, wanted: Wanted) -> Iterator[EntryRow]:
    """Yield all entries that are as wanted, newest first, up to `MOST`."""
    parts.search.follow(wait=False)
    before: int | None = None
    for _ in range(MOST // 1000):
        indices = parts.search.find(wanted, before=before, limit=1000)
        for index in indices:
            row = parts.records.entry(index)
            if row is not None and row.body is not None:
                yield row
        if len(indices) < 1000:  # noqa: PLR2004  the page's size
            return
        before = indices[-1]
