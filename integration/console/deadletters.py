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
SHOWN = 200
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
        letters=letters[-SHOWN:][::-1],
        hidden=max(0, len(letters) - SHOWN),
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


def letter_of(parts: Parts, number: int) -> DeadLetter:
    """Return a refused input. Raises HTTPException, where there is none of that number."""
    try:
        return parts.records.dead_letter(number)
    except (UsageError, OverflowError):
        raise HTTPException(404) from None


@router.post("/deadletters/{number}/show")
def show(request: Request, number: int) -> Response:
    """Show one as it was received. That somebody read it goes into the log first."""
    letter, raw = read_letter(request, number)
    return pages_of(request).page(request, "deadletter.html", letter=letter, text=raw.decode(errors="replace"))


def read_letter(request: Request, number: int) -> tuple[DeadLetter, bytes]:
    """Return a refused input and its bytes. That somebody read it goes into the log first."""
    parts, caller = parts_of(request), caller_of(request)
    letter = letter_of(parts, number)
    raw = parts.vault.open_sealed(letter.sealed)
    parts.pen.record("deadletter.read", "read", caller.actor, {"number": number})
    return letter, raw


@router.post("/deadletters/{number}/resubmit")
def resubmit(request: Request, number: int) -> Response:
    """Take one in again, by the mapping as it is now."""
    outcome = taken_in_again(request, number)
    reasons = f" ({', '.join(outcome['reasons'])})" if outcome["reasons"] else ""
    return _listed(request, show_all=False, told=f"Dead letter {number}: {outcome['outcome']}{reasons}.")


@router.post("/deadletters/resubmit")
def resubmit_alike(request: Request) -> Response:
    """Take in again all that wait for one reason: after a mapping was mended there may be many."""
    reason = field(request, "reason")
    told, rest_of = taken_in_alike(request, reason)
    counts = Counter(each["outcome"] for each in told)
    said = ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items())) or "none waits"
    rest = f"; {rest_of} more wait" if rest_of else ""
    return _listed(request, show_all=False, told=f"Dead letters of the reason {reason}: {said}{rest}.")


def taken_in_again(request: Request, number: int) -> resubmitting.Outcome:
    """Take one in again, and return what became of it.

    Raises:
        HTTPException: there is none.
        UsageError: it was taken in before.
    """
    letter = letter_of(parts_of(request), number)
    if letter.resubmitted:
        raise UsageError("this one has been taken in already")
    (outcome,) = _taken_in(request, [letter])
    return outcome


def taken_in_alike(request: Request, reason: str) -> tuple[list[resubmitting.Outcome], int]:
    """Take in again those that wait for a reason, so many at a time; returns what became of them, how many wait."""
    waiting = [each for each in parts_of(request).records.dead_letters(waiting_only=True) if each.reason == reason]
    told = _taken_in(request, waiting[:_AT_ONCE])
    return told, len(waiting) - len(told)


def _taken_in(request: Request, letters: Sequence[DeadLetter]) -> list[resubmitting.Outcome]:
    parts, actor = parts_of(request), caller_of(request).actor
    with _turn, parts.fresh_installation() as installation:
        intake = resubmitting.open_intake(installation)
        return [resubmitting.resubmit(letter, intake, installation, actor) for letter in letters]
