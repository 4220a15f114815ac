"""Refused inputs: listed, read, taken in again."""

import threading
from collections import Counter
from collections.abc import Sequence

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from integration.console.common import field, pages_of, parts_of
from integration.console.guard import caller_of
from integration.console.parts import Parts
from integration.errors import UsageError
from integration.runners import resubmitting
from integration.store.queries import DeadLetter

router = APIRouter(include_in_schema=False)
_SHOWN = 200
_AT_ONCE = 200
"""Letters that one form has taken in."""
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
        alike=[
            (reason, count)
            for reason, count in Counter(each.reason for each in letters if not each.resubmitted).most_common()
            if count > 1
        ],
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
    """Take one in again, by the mapping as it is now."""
    parts = parts_of(request)
    letter = _letter(parts, number)
    if letter.resubmitted:
        raise UsageError("this one has been taken in already")
    (outcome,) = _taken_in(request, [letter])
    reasons = f" ({', '.join(outcome['reasons'])})" if outcome["reasons"] else ""
    return _listed(request, show_all=False, told=f"Dead letter {number}: {outcome['outcome']}{reasons}.")


@router.post("/deadletters/resubmit")
def resubmit_alike(request: Request) -> Response:
    """Take in again all that wait for one reason: after a mapping was mended there may be many."""
    reason = field(request, "reason")
    waiting = [each for each in parts_of(request).records.dead_letters(waiting_only=True) if each.reason == reason]
    told = _taken_in(request, waiting[:_AT_ONCE])
    counts = Counter(each["outcome"] for each in told)
    said = ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items())) or "none waits"
    rest = f"; {len(waiting) - len(told)} more wait" if len(waiting) > len(told) else ""
    return _listed(request, show_all=False, told=f"Dead letters of the reason {reason}: {said}{rest}.")


def _taken_in(request: Request, letters: Sequence[DeadLetter]) -> list[resubmitting.Outcome]:
    parts, actor = parts_of(request), caller_of(request).actor
    with _turn, parts.fresh_installation() as installation:
        intake = resubmitting.open_intake(installation)
        return [resubmitting.resubmit(letter, intake, installation, actor) for letter in letters]
