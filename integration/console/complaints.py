"""The register of complaints: those that the jail's feeds bring and those filed here; sent to an office, closed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import orjson
from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from integration.console.audit import readable
from integration.console.common import field, pages_of, parts_of
from integration.console.filters import instant_given
from integration.console.guard import caller_of
from integration.domain.instants import Instant
from integration.errors import UsageError
from integration.services.complaints import ComplaintKind, ComplaintOutcome, ComplaintRow, Filed, new_number
from integration.services.projections import instant_told
from integration.store.search import Wanted

router = APIRouter(include_in_schema=False)
_SHOWN: Final = 200
_TYPE: Final = "jail.complaint.filed.v1"
KIND_WORDS: Final = {
    ComplaintKind.DETENTION: "kept past release",
    ComplaintKind.DISCLOSURE: "immigration authorities were told something",
    ComplaintKind.ACCESS: "immigration officers were let in, or helped",
    ComplaintKind.STATUS_ASKED: "asked about immigration status",
    ComplaintKind.NOTICE: "a paper was not handed over",
    ComplaintKind.CONDUCT: "conduct of an officer",
    ComplaintKind.OTHER: "something else",
}


@dataclass(frozen=True, slots=True)
class Received:
    """A complaint that a feed brought and nobody has put into the register."""

    index: int
    source: str
    complaint_id: str
    at: Instant
    received_by: str


def registered(request: Request) -> list[ComplaintRow]:
    """Return the complaints of the caller's facilities: the open ones first."""
    caller = caller_of(request)
    return [each for each in parts_of(request).registers.complaints.listed(_SHOWN) if caller.sees(each.source)]


def received(request: Request) -> list[Received]:
    """Return what the feeds brought and the register does not have; the newest first."""
    parts, caller = parts_of(request), caller_of(request)
    wanted = Wanted(kind="event.accepted", text=_TYPE, sources=caller.sources)
    found = []
    for row in parts.records.entries_at(parts.search.find(wanted, limit=_SHOWN)):
        detail = {} if row.body is None else orjson.loads(row.body)["detail"]
        if detail.get("type") != _TYPE or parts.registers.is_retracted(row.source, detail["event_id"]):
            continue
        number = detail["data"]["complaint_id"]
        if parts.registers.complaints.complaint(row.source, number) is None:
            at, by = instant_told(detail["time"]), detail["data"].get("received_by", "")
            found.append(Received(row.leaf_index, row.source, number, at, by))
    return found


@router.get("/complaints")
def complaints(request: Request) -> Response:
    """List them: number, kind, office, state; never what they say."""
    return _page(request)


def _page(request: Request, wrong: str = "", status: int = 200) -> Response:
    parts, caller = parts_of(request), caller_of(request)
    register = parts.registers.complaints
    typed = {name: value for name, value in getattr(request.state, "form", {}).items() if isinstance(value, str)}
    return pages_of(request).page(
        request,
        "complaints.html",
        status=status,
        rows=[(row, orjson.loads(row.entries)) for row in registered(request)],
        received=received(request),
        kinds={kind.value: (words, register.office_of(kind)) for kind, words in KIND_WORDS.items()},
        sources=[each.source for each in parts.settings.facilities if caller.sees(each.source)],
        typed=typed if wrong else {},
        # A form that is sent twice is filed once.
        once=new_number(),
        wrong=wrong,
    )


@router.post("/complaints")
def file(request: Request) -> Response:
    """Put a complaint into the register and send it to its office."""
    source, given, once = field(request, "source"), field(request, "complaint_id").strip(), field(request, "once")
    if not given and once and parts_of(request).registers.complaints.complaint(source, once) is not None:
        return _page(request, f"this form was filed already, as {once}; send it again only if it is another one", 409)
    try:
        register(
            request,
            source=source,
            number=given or once,
            kind=field(request, "kind"),
            booking=field(request, "booking").strip(),
            summary=_text(request, "summary"),
            against=_text(request, "against"),
            entries=field(request, "entries").replace(",", " ").split(),
            received_at=field(request, "received"),
        )
    except UsageError as error:
        return _page(request, str(error), 400)
    return RedirectResponse("/complaints", 303)


def register(
    request: Request,
    *,
    source: str,
    number: str,
    kind: str,
    booking: str,
    summary: str,
    against: str,
    entries: Sequence[str],
    received_at: str,
) -> str:
    """Put a complaint into the register and send it to its office; returns its number.

    Args:
        request: the caller's.
        source: a feed.
        number: as that feed gave it; empty: it gets one.
        kind: a `ComplaintKind`.
        booking: the one it is about; empty: none.
        summary: what was said.
        against: against whom.
        entries: places in the log of what it concerns.
        received_at: a local time, or one with an offset; empty: now.

    Raises:
        UsageError: it cannot be filed so.
        Refused: the time is none.
        HTTPException: there is no such facility for the caller.
    """
    parts, caller = parts_of(request), caller_of(request)
    if source not in {each.source for each in parts.settings.facilities} or not caller.sees(source):
        raise HTTPException(404)
    filed = Filed(
        source=source,
        complaint_id=number,
        kind=_kind(kind),
        booking=_booking(request, source, booking),
        summary=summary,
        against=against,
        entries=_entries(request, entries),
        received_at=instant_given(parts, received_at, source) or parts.now(),
        from_feed=any((each.source, each.complaint_id) == (source, number) for each in received(request)),
    )
    return parts.registers.complaints.file(filed, caller.actor)


def _kind(text: str) -> ComplaintKind:
    if text not in set(ComplaintKind):
        raise UsageError("choose what it is about")
    return ComplaintKind(text)


def _booking(request: Request, source: str, number: str) -> str:
    """Read which booking it is about: one that there is, since it stands in the log.

    Raises:
        UsageError: there is no such booking.
    """
    if number and parts_of(request).records.booking(source, number) is None:
        raise UsageError("there is no such booking at this facility")
    return number


def _text(request: Request, name: str) -> str:
    value: Any = request.state.form.get(name, "")
    return value if isinstance(value, str) else ""


def _entries(request: Request, given: Sequence[str]) -> tuple[int, ...]:
    """Read the numbers of the entries that a complaint concerns: such as the caller may see.

    Raises:
        UsageError: one is no number, or there is no such entry for him.
    """
    found = []
    for part in given:
        if not (part.isascii() and part.isdigit() and len(part) < 16):  # noqa: PLR2004  places in a log are no longer
            raise UsageError("entries are given by their numbers, as in 12, 40")
        try:
            found.append(readable(request, int(part)).leaf_index)
        except HTTPException:
            raise UsageError(f"there is no entry {part} for you") from None
    return tuple(found)


def named(request: Request, source: str, number: str) -> tuple[str, str]:
    """Return what names a complaint, if there is one and its facility is open to the caller.

    Raises:
        HTTPException: there is none.
    """
    known = parts_of(request).registers.complaints.complaint(source, number)
    if known is None or not caller_of(request).sees(source):
        raise HTTPException(404)
    return source, number


def _named(request: Request) -> tuple[str, str]:
    return named(request, field(request, "source"), field(request, "complaint_id"))


@router.post("/complaints/show")
def show(request: Request) -> Response:
    """Show what a complaint says. That somebody read it goes into the log first."""
    parts = parts_of(request)
    row, said = parts.registers.complaints.read(*_named(request), caller_of(request).actor)
    return pages_of(request).page(
        request,
        "complaint.html",
        row=row,
        said=said,
        entries=orjson.loads(row.entries),
        about=KIND_WORDS[ComplaintKind(row.kind)],
        outcomes=list(ComplaintOutcome),
    )


@router.post("/complaints/close")
def close(request: Request) -> Response:
    """Record what an investigation came to."""
    source, number = _named(request)
    outcome = field(request, "outcome")
    if outcome not in set(ComplaintOutcome):
        raise UsageError("say what the investigation came to")
    parts_of(request).registers.complaints.close(source, number, ComplaintOutcome(outcome), caller_of(request).actor)
    return RedirectResponse("/complaints", 303)
