"""The console as one ASGI application: its routes, what they are held to, and what runs beside them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog
from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

from integration.console import (
    api,
    api_acts,
    api_log,
    api_registers,
    api_waiting,
    arriving,
    audit,
    board,
    booking,
    complaints,
    deadletters,
    duties,
    entering,
    health,
    intake,
    policy,
    quarantine,
    reconciling,
    reports,
    reviewing,
    searches,
    users,
)
from integration.console.access import unmatched
from integration.console.guard import Refused, Shield, guard
from integration.console.live import Live
from integration.console.making import Jobs
from integration.console.parts import Parts
from integration.console.render import Pages
from integration.console.verifying import Verifier
from integration.domain.instants import DAY
from integration.errors import FatalError, HoldwatchError, TransientError, UsageError

_log = structlog.get_logger()
_FOLLOW_EVERY = 1.0
"""Seconds."""
_PATIENCE = 30.0
"""Seconds to wait after the copy for searching could not be written."""


def create_app(parts: Parts) -> Shield:
    """Put the application together.

    Raises:
        FatalError: a route has no row in the table of rights, or a row no route.
    """
    # The library's own pages are left out: they load scripts from elsewhere.
    app = FastAPI(
        title="holdwatch",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,  # it would lead from https to http behind a proxy
        lifespan=_running,
        dependencies=[Depends(guard)],
    )
    app.state.parts = parts
    app.state.pages = Pages(parts)
    app.state.live = Live(parts, app.state.pages)
    app.state.verifier = Verifier(parts)
    app.state.jobs = Jobs(parts)
    for module in (
        entering,
        arriving,
        board,
        booking,
        health,
        intake,
        quarantine,
        audit,
        searches,
        reviewing,
        reconciling,
        reports,
        duties,
        complaints,
        policy,
        deadletters,
        users,
        api,
        api_acts,
        api_log,
        api_registers,
        api_waiting,
    ):
        app.include_router(module.router)
    if faults := unmatched(routes_of(app)):
        raise FatalError(f"the table of rights does not match the routes: {'; '.join(faults)}")
    for kind in (Refused, HTTPException, RequestValidationError, HoldwatchError, Exception):
        app.add_exception_handler(kind, _failed)
    return Shield(app, url=parts.settings.console.url)


def routes_of(app: FastAPI) -> list[tuple[str, str]]:
    """Return (method, path) of everything that is served.

    Raises:
        FatalError: something is served that `guard` does not see.
    """
    found = []
    for context in iter_route_contexts(app.routes):
        route = context.original_route
        if not isinstance(route, APIRoute):
            raise FatalError("a route is served past the table of rights")
        found += [(method, route.path) for method in route.methods or ()]
    return found


@asynccontextmanager
async def _running(app: FastAPI) -> AsyncIterator[None]:
    parts: Parts = app.state.parts
    await run_in_threadpool(parts.accounts.tidy, parts.now() - 30 * DAY, parts.now() - parts.door.rules.unused)
    beside = [asyncio.create_task(_follow(parts)), asyncio.create_task(app.state.live.run())]
    try:
        yield
    finally:
        for task in beside:
            task.cancel()
        await asyncio.gather(*beside, return_exceptions=True)
        await run_in_threadpool(app.state.jobs.stop)


async def _follow(parts: Parts) -> None:
    """Keep the copy for searching up to date."""
    failing = False
    while True:
        try:
            more = await run_in_threadpool(parts.search.follow)
        except Exception as error:  # noqa: BLE001  whatever it is, pages have to say how far they look
            # Told once; pages say how far it is.
            if not failing:
                text = str(error) if isinstance(error, HoldwatchError) else type(error).__name__
                _log.error("console.search_behind", error=text)
            failing = True
            await asyncio.sleep(_PATIENCE)
            continue
        failing = False
        if not more:
            await asyncio.sleep(_FOLLOW_EVERY)


async def _failed(request: Request, error: Exception) -> Response:
    """Tell the caller in one line; what it says never repeats what was sent."""
    status, why, to = _told(error)
    if status >= 500:  # noqa: PLR2004  server errors
        _log.error("console.failed", path=request.scope["path"][:200], error=type(error).__name__)
    if request.url.path.startswith("/api/"):
        headers = {"www-authenticate": "Bearer"} if status == 401 else None  # noqa: PLR2004
        return JSONResponse({"error": why}, status, headers)
    if status == 401 and "hx-request" in request.headers:  # noqa: PLR2004
        # A part of a page was asked for: the whole page is loaded anew, and leads to the log-in.
        return PlainTextResponse("401\n", status, {"hx-refresh": "true"})
    if status == 401 and request.method == "GET" and request.url.path != "/board/events":  # noqa: PLR2004
        return RedirectResponse(to or "/login", 303)
    pages: Pages = request.app.state.pages
    try:
        return await run_in_threadpool(pages.page, request, "error.html", status=status, code=status, why=why, to=to)
    except HoldwatchError:
        # The page itself could not be made. The store is gone, most likely.
        return PlainTextResponse(f"{status}: {why}\n", status)


def _told(error: Exception) -> tuple[int, str, str]:
    match error:
        case Refused():
            return error.status, error.why, error.to
        case RequestValidationError():
            return 400, "something in the address or form is not what it should be", ""
        case HTTPException():
            return error.status_code, {404: "there is no such page", 405: "not here"}.get(error.status_code, "no"), ""
        case UsageError():
            return 400, str(error), ""
        case TransientError():
            return 503, "the database is busy or away: try again in a moment", ""
    return 500, "something failed here; the console's own log says what", ""
