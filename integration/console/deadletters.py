"""Refused inputs: listed, read, taken in again."""

import threading

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from integration.console.common import pages_of, parts_of
from integration.console.guard import caller_of
from integration.console.parts import Parts
from integration.errors import UsageError
from integration.runners import resubmitting
from integration.store.queries import DeadLetter

router = APIRouter(include_in_schema=False)
_SHOWN = 200
_turn = threading.Lock()
"""Of taking in again: one at a time, on a store of its own thread."""


def _listed(request: Request, *, show_all: bool, told: str = "", status: int = 200) -> Response:
    parts = parts_of(request)
    letters = list(parts.records.dead_letters(waiting_only=not show_all))
    return pages_of(request).page(
        request,
        "deadletters.html",
        status=status,
        letters=letters[-_SHOWN:][::-1],
        hidden=max(0, len(letters) - _SHOWN),
        show_all=show_all,
        told=told,
    )


@router.get("/deadletters")
def letters(request: Request, show: str = "") -> Response:
    """List them: where each came from and why it was refused, never what it says."""
    return _listed(request, show_all=show == "all")


def _letter(parts: Parts, number: int) -> DeadLetter:
    try:
        return parts.records.dead_letter(number)
    except (UsageError, OverflowError):
        raise HTTPException(404) from None


@router.post("/deadletters/{number}/show")
def show(request: Request, number: int) -> Response:
    """Show one as it was received. That somebody read it goes into the log first."""
    parts, caller = parts_of(request), caller_of(request)
    letter = _letter(parts, number)
    raw = parts.vault.open_sealed(letter.sealed)
    parts.pen.record("deadletter.read", "read", caller.actor, {"number": number})
    text = raw.decode(errors="replace")
    return pages_of(request).page(request, "deadletter.html", letter=letter, text=text)


@router.post("/deadletters/{number}/resubmit")
def resubmit(request: Request, number: int) -> Response:
    """Take one in again."""
    parts, caller = parts_of(request), caller_of(request)
    letter = _letter(parts, number)
    if letter.resubmitted:
        raise UsageError("this one has been taken in already")
    with _turn, parts.fresh_installation() as installation:
        intake = resubmitting.open_intake(installation)
        outcome = resubmitting.resubmit(letter, intake, installation, caller.actor)
    reasons = f" ({', '.join(outcome['reasons'])})" if outcome["reasons"] else ""
    return _listed(request, show_all=False, told=f"Dead letter {number}: {outcome['outcome']}{reasons}.")
