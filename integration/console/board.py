"""The board: what is wrong now. Live where scripts run, loaded anew every half minute where they do not."""

from collections.abc import AsyncIterator, Collection

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response, StreamingResponse

from integration.console.boarding import board_of
from integration.console.common import field, pages_of, parts_of
from integration.console.guard import Refused, caller_of, still_open
from integration.console.live import Live

router = APIRouter(include_in_schema=False)


@router.get("/board")
def board(request: Request) -> Response:
    """Show the board."""
    return _board(request, "board.html")


@router.get("/wall")
def wall(request: Request) -> Response:
    """Show the board, large and read only."""
    return _board(request, "wall.html")


@router.post("/alerts/ack")
def acknowledge(request: Request) -> Response:
    """Take an alert on."""
    # The button says which alert, and which of its findings stood on the board.
    alert_id, _, shown = field(request, "alert").partition(" ")
    take_on(request, alert_id, shown.split())
    return RedirectResponse("/board", 303)


def take_on(request: Request, alert_id: str, shown: Collection[str]) -> None:
    """Take an alert on. Args: ``shown``: marks of the findings that whoever does it has seen.

    Raises:
        HTTPException: there is none such for the caller.
        UsageError: nothing of it waits for an answer.
    """
    acts, caller = parts_of(request).acts, caller_of(request)
    alert = None if acts is None else acts.alert(alert_id)
    if acts is None or alert is None or not caller.sees(alert.group.source):
        raise HTTPException(404)
    acts.acknowledge(alert.alert_id, caller.actor, shown)


def _board(request: Request, template: str) -> Response:
    shown = board_of(parts_of(request), caller_of(request).sources)
    return pages_of(request).page(request, template, board=shown)


@router.get("/board/events")
async def events(request: Request) -> Response:
    """Send the board whenever something has changed, for as long as the session lasts."""
    live: Live = request.app.state.live
    if live.full:
        raise Refused(503, "too many boards are open")
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(_events(request, live), media_type="text/event-stream", headers=headers)


async def _events(request: Request, live: Live) -> AsyncIterator[bytes]:
    async for html in live.watch(caller_of(request).sources):
        # The session may have ended, or its roles may have changed meanwhile.
        if not await run_in_threadpool(still_open, request):
            # What stood there is his to see no longer, and would stand still.
            yield _as_event(b"board", live.over())
            yield _as_event(b"over", "over")
            return
        if html is None:
            yield b": still here\n\n"
        else:
            yield _as_event(b"board", html)


def _as_event(name: bytes, text: str) -> bytes:
    return b"event: %s\n" % name + b"".join(b"data: %s\n" % line for line in text.encode().splitlines()) + b"\n"
