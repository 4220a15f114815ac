"""To the log-in provider and back. Browsers leave and arrive by pages of our own, not by redirects.

The pages' policy lets forms go nowhere else, and browsers hold a redirect after a form to it. And a redirect that began
at another site does not bring the session's cookie along, which is for this site alone.
"""

from secrets import token_urlsafe
from typing import Final

from fastapi import APIRouter, Request
from markupsafe import escape
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from connectors.oidc.provider import Ask, Fault, OidcError
from integration.console.common import field, pages_of, parts_of
from integration.console.entering import BEFORE, ask_again, ask_who, keep
from integration.console.guard import Refused, caller_of, check_form, cookie_name, known_of, local_path
from integration.console.login import Refusal, csrf_of
from integration.console.provider import ProviderDoor, Sent

router = APIRouter(include_in_schema=False)
_AWAY: Final = "-away"
_PATIENCE: Final = 600
"""Seconds that a browser remembers that it was sent."""
_SAID: Final = "You were not let in. Begin anew; if it happens again, ask whoever runs this console: its log says why."
_AWAY_NOW: Final = "The log-in provider cannot be reached. Try again in a moment."


def _door(request: Request) -> ProviderDoor:
    door = parts_of(request).provider
    if door is None:
        raise Refused(404, "nobody logs in at a provider here")
    return door


@router.post("/login/provider")
async def go(request: Request) -> Response:
    """Send somebody there."""
    parts, door = parts_of(request), _door(request)
    secret = request.cookies.get(cookie_name(parts) + BEFORE, "")
    check_form(request, csrf_of(secret) if secret else token_urlsafe(32), parts.settings.console.url)
    to = local_path(field(request, "to"))
    if field(request, "agreed") != "yes":
        return await run_in_threadpool(ask_who, request, to, "Confirm the terms of use first.", 400)
    browser = token_urlsafe(32)
    try:
        return await _onward(request, browser, door.send(browser, to))
    except OidcError as error:
        await run_in_threadpool(door.refuse, error.fault)
        return await run_in_threadpool(ask_who, request, to, _AWAY_NOW, 503)


@router.post("/again/provider")
async def go_again(request: Request) -> Response:
    """Send somebody there to show again who he is."""
    door, known = _door(request), known_of(request)
    to, browser = local_path(field(request, "to")), token_urlsafe(32)
    try:
        return await _onward(request, browser, door.send(browser, to, known.session))
    except OidcError as error:
        await run_in_threadpool(door.refuse, error.fault, caller_of(request).actor)
        return await run_in_threadpool(ask_again, request, to, _AWAY_NOW, 503)


async def _onward(request: Request, browser: str, ask: Ask) -> Response:
    parts, door = parts_of(request), _door(request)
    # Our own policy for markup holds for an address that the provider gave, too: it is escaped, and never a script's.
    response = _leave(request, await door.provider.way(ask), door.settings.title)
    # It has to come along when the provider sends the browser back.
    keep(response, parts, cookie_name(parts) + _AWAY, browser, seconds=_PATIENCE, samesite="lax")
    return response


def _leave(request: Request, to: str, name: str) -> Response:
    return pages_of(request).page(request, "onward.html", to=escape(to), name=name)


@router.get("/login/back")
async def back(request: Request) -> Response:
    """Take somebody in who comes back from there."""
    parts, door = parts_of(request), _door(request)
    away = cookie_name(parts) + _AWAY
    sent = door.back(request.query_params.get("state", ""), request.cookies.get(away, ""))
    if sent is None:
        await run_in_threadpool(door.refuse, Refusal.UNKNOWN_STATE)
        return await run_in_threadpool(ask_who, request, "/", _SAID, 403)
    try:
        identity = await door.provider.identify(sent.ask, dict(request.query_params), parts.now())
    except OidcError as error:
        actor = "unknown" if sent.session is None else f"officer:{sent.session.account}"
        await run_in_threadpool(door.refuse, error.fault, actor)
        said, status = (_AWAY_NOW, 503) if error.fault is Fault.UNREACHABLE else (_SAID, 403)
        return await run_in_threadpool(ask_who, request, sent.to, said, status)
    if sent.session is not None:
        refusal = await run_in_threadpool(door.prove, sent.session, identity)
        return await _arrived(request, sent, refusal)
    entered = await run_in_threadpool(door.enter, identity)
    if isinstance(entered, Refusal):
        return await _arrived(request, sent, entered)
    response = await _arrived(request, sent, None)
    keep(response, parts, cookie_name(parts), entered)
    return response


async def _arrived(request: Request, sent: Sent, refusal: Refusal | None) -> Response:
    parts = parts_of(request)
    if refusal is not None:
        response = await run_in_threadpool(ask_who, request, sent.to, _SAID, 403)
    else:
        response = _leave(request, sent.to, "the console")
    response.delete_cookie(cookie_name(parts) + _AWAY, path="/")
    return response
