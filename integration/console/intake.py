"""Papers that arrive by fax, typed in: received, withdrawn, copy served, confirmed by the court, entered by mistake."""

import threading
from typing import Final

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from connectors.manual.form import PAPERS, Act, Form
from integration.clock import WallClock
from integration.console.common import field, pages_of, parts_of
from integration.console.guard import Refused, caller_of
from integration.errors import UsageError
from integration.runners.typing_in import Entered, enter
from integration.store.scans import LONGEST
from schemas.kinds import HoldKind

router = APIRouter(include_in_schema=False)
_turn = threading.Lock()
"""One form at a time, on a store of its own thread."""
_LATER: Final = (Act.WITHDRAWN, Act.SERVED, Act.VERIFIED, Act.MISTAKEN)
ISSUER: Final = ("agency", "ori", "court", "official_name", "official_title")
_SAID: Final = {
    Act.RECEIVED: "The paper is entered",
    Act.WITHDRAWN: "It is entered that the paper was taken back",
    Act.SERVED: "It is entered that the person was given a copy",
    Act.VERIFIED: "It is entered that the court confirmed the warrant",
    Act.MISTAKEN: "The entry is taken back: it never counted",
}


def _page(request: Request, *, told: str = "", wrong: str = "", status: int = 200) -> Response:
    caller = caller_of(request)
    sources = [each.source for each in parts_of(request).settings.facilities if caller.sees(each.source)]
    typed = {name: value for name, value in getattr(request.state, "form", {}).items() if isinstance(value, str)}
    return pages_of(request).page(
        request,
        "intake.html",
        status=status,
        sources=sources,
        kinds=PAPERS,
        acts=_LATER,
        mebibytes=LONGEST // 2**20,
        told=told,
        wrong=wrong,
        typed=typed if wrong else {},
    )


@router.get("/papers")
def papers(request: Request) -> Response:
    """Show the forms."""
    return _page(request)


@router.post("/papers")
def received(request: Request) -> Response:
    """Enter a paper, with its scan."""
    kind = field(request, "kind")
    form = Form(
        Act.RECEIVED,
        facility_open(request, field(request, "source")),
        field(request, "booking").strip(),
        field(request, "at"),
        hold_id=field(request, "hold_id").strip(),
        kind=HoldKind(kind) if kind in set(HoldKind) else None,
        form=field(request, "form").strip(),
        expires_at=field(request, "expires_at"),
        issuer={name: field(request, name).strip() for name in ISSUER},
    )
    return _entered(request, form, request.state.files.get("scan", b""))


@router.post("/papers/about")
def about(request: Request) -> Response:
    """Enter what became of a paper."""
    act = field(request, "act")
    if act not in _LATER:
        raise Refused(400, "what became of it?")
    form = Form(
        Act(act),
        facility_open(request, field(request, "source")),
        field(request, "booking").strip(),
        field(request, "at"),
        hold_id=field(request, "hold_id").strip(),
        by=field(request, "by").strip(),
        language=field(request, "language").strip(),
        event_id=field(request, "event_id").strip(),
    )
    return _entered(request, form, b"")


def facility_open(request: Request, source: str) -> str:
    """Return a feed whose facility is open to the caller. Raises HTTPException, where it is none."""
    if source not in {each.source for each in parts_of(request).settings.facilities}:
        raise HTTPException(404)
    if not caller_of(request).sees(source):
        raise HTTPException(404)
    return source


def _entered(request: Request, form: Form, scan: bytes) -> Response:
    try:
        done = enter_form(request, form, scan, unknown_booking=field(request, "unknown_booking") == "yes")
    except UsageError as error:
        return _page(request, wrong=f"Nothing was entered: {error}", status=400)
    return _page(request, told=_told(form.act, done))


def enter_form(request: Request, form: Form, scan: bytes, *, unknown_booking: bool) -> Entered:
    """Enter what a form says, as the caller. Raises UsageError, as `enter`."""
    parts = parts_of(request)
    with _turn, parts.fresh_installation() as installation:
        return enter(
            installation,
            form,
            caller_of(request).actor,
            clock=WallClock(lambda: parts.now() * 1000),
            scan=scan,
            unknown_booking=unknown_booking,
        )


def _told(act: Act, done: Entered) -> str:
    words = [f"{_SAID[act]}: event {done.event_id}{f', hold id {done.hold_id}' if done.hold_id else ''}."]
    if done.known:
        words.append("It was on record already; nothing has changed.")
    if done.scan:
        words.append(f"Scan: {done.scan}.")
    if done.doubts:
        words.append("The clock changed in that hour: the earlier instant was taken.")
    return " ".join(words)
