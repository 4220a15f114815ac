"""The log: searched, explained, verified, proved, exported. Each reading of it is itself an entry."""

import time
from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Final
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Query, Request
from starlette.concurrency import iterate_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response, StreamingResponse

from integration.audit.entry import JSON, read_body
from integration.console.common import field, pages_of, parts_of
from integration.console.entries import shown, why
from integration.console.exporting import Form, check_form, export_of
from integration.console.filters import FILTERS, Asked, told_of, wanted_of
from integration.console.guard import Refused, caller_of, still_open
from integration.console.parts import Parts
from integration.console.render import flat
from integration.console.searches import saved_of
from integration.console.verifying import Verifier
from integration.console.vital import checkpoint_of
from integration.domain.instants import SECOND
from integration.services.auditing import leaf_of, opened_entry
from integration.services.ports import EntryRow
from integration.store.search import Wanted
from schemas.entries import EntryKind
from schemas.kinds import Rule

router = APIRouter(include_in_schema=False)
PAGE: Final = 50
_LOOK_EVERY: Final = 0.5
"""Seconds between looks at whether somebody may still have what he is being sent."""


@router.get("/audit")
def search(request: Request, asked: Annotated[Asked, Query()]) -> Response:
    """Search entries, newest first."""
    parts, caller = parts_of(request), caller_of(request)
    given = asked.filters()
    wanted = wanted_of(parts, given, caller.sources)
    parts.pen.record("audit.read", "read", caller.actor, {"page": "audit", **told_of(parts, given)})
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
        zone=parts.site_zone.key,
        searched=parts.search.size,
        saved=saved_of(request),
        review=parts.registers.reviews.due(),
        **badge(request, parts),
    )


def found(parts: Parts, wanted: Wanted, before: int | None, limit: int) -> list[EntryRow]:
    """Return entries that are as wanted, newest first; what was sealed meanwhile is left out."""
    parts.search.follow(wait=False)
    rows = parts.records.entries_at(parts.search.find(wanted, before=before, limit=limit))
    return [row for row in rows if row.body is not None]


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
        "copy": verifier.copy(),
        "copy_verdict": verifier.last_altered,
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
    body = None if row.body is None else read_body(row.body)
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
    content = opened_of(request, index)
    return Response(content, media_type="application/json", headers=_saved(f"entry-{index}.json"))


def opened_of(request: Request, index: int) -> bytes:
    """Return what opens an entry's leaf, as JSON. That somebody took it goes into the log first."""
    parts, row = parts_of(request), readable(request, index)
    _exported(request, row)
    made = opened_entry(row, leaf_of(row, parts.records.sealed_leaves() if row.body is None else {}), parts.key.vkey)
    return orjson.dumps(made, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


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
    copy = verifier.copy() if field(request, "copy") else None
    verifier.start(caller_of(request).actor, copy)
    return RedirectResponse("/audit", 303)


@router.post("/audit/export")
def export(request: Request) -> Response:
    """Hand out what was found, whole, with the log's root."""
    given = {name: field(request, name) for name in FILTERS}
    return exported(request, given, check_form(field(request, "format")))


def exported(request: Request, given: dict[str, str], form: Form) -> Response:
    """Record that somebody exports what he looked for, then hand it out.

    Raises:
        Refused: see `export_of`.
    """
    parts, caller = parts_of(request), caller_of(request)
    wanted = wanted_of(parts, given, caller.sources)
    parts.pen.record("audit.exported", "exported", caller.actor, {"format": form.value, **told_of(parts, given)})
    made = export_of(parts, wanted, form)
    content = iterate_in_threadpool(_while_open(request, made.content))
    return StreamingResponse(content, media_type=made.media_type, headers=made.headers)


def _while_open(request: Request, content: Iterable[bytes]) -> Iterator[bytes]:
    """Hand an export out for as long as the account may have it.

    Raises:
        Refused: it may not any more. The connection is cut: nobody takes the part for the whole.
    """
    looked_at = time.monotonic()
    for chunk in content:
        if time.monotonic() - looked_at >= _LOOK_EVERY:
            if not still_open(request):
                raise Refused(403, "the account, its session or its key has ended meanwhile")
            looked_at = time.monotonic()
        yield chunk
