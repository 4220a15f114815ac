"""What people owe, by due time; done where it is a person's to say so."""

from typing import Final

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from integration.console.common import field, pages_of, parts_of
from integration.console.guard import caller_of
from integration.errors import UsageError
from integration.services.duties import AUDIT_REVIEW, Duty, DutyKind

router = APIRouter(include_in_schema=False)
WORDS: Final = {
    DutyKind.NOTICE: "Give the person a copy of the paper",
    DutyKind.CERTIFICATION: "Decide the certification",
    DutyKind.APPROVAL_EXPIRES: "An approval ends: ask for another one, or let it end",
    DutyKind.AUDIT_REVIEW: "Look through the audit log, and sign for it",
    DutyKind.QUARANTINE: "Decide the messages that wait in quarantine",
    DutyKind.DELIVERY_UNKNOWN: "Find out whether the message has left",
    DutyKind.ACCOUNT_LOCKED: "An account is locked: ask the person, then have an administrator unlock it",
}
_SHOWN: Final = 500


def owed(request: Request) -> list[Duty] | None:
    """Return what is owed at the caller's facilities; None while the log is still being read for it."""
    caller = caller_of(request)
    found = parts_of(request).registers.duties.listed()
    return None if found is None else [each for each in found if caller.sees(each.source)]


@router.get("/duties")
def duties(request: Request) -> Response:
    """List what is owed, the first due first."""
    found = owed(request)
    return pages_of(request).page(
        request,
        "duties.html",
        reading=found is None,
        duties=(found or [])[:_SHOWN],
        hidden=max(0, len(found or []) - _SHOWN),
        words=WORDS,
        markable={DutyKind.CERTIFICATION},
        told=request.query_params.get("done") == "1",
    )


@router.post("/duties/done")
def done(request: Request) -> Response:
    """Note that a duty is done. The log has who said so."""
    duty_id = field(request, "duty")
    if duty_id == AUDIT_REVIEW:
        return RedirectResponse("/audit/review", 303)
    mark_done(request, duty_id)
    return RedirectResponse("/duties?done=1", 303)


def mark_done(request: Request, duty_id: str) -> None:
    """Note that a duty of the caller's facilities is done.

    Raises:
        HTTPException: there is none such for him.
        UsageError: it is not for a person to say so; a review is signed.
    """
    if not any(each.duty_id == duty_id for each in owed(request) or ()):
        raise HTTPException(404)
    if duty_id == AUDIT_REVIEW:
        raise UsageError("a review of the log is done by signing for it")
    parts_of(request).registers.duties.done(duty_id, caller_of(request).actor)
