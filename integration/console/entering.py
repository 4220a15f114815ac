"""Log-in, log-out, showing again who one is; the first page; files that pages refer to."""

import re
from secrets import token_urlsafe
from typing import Final, Literal

import structlog
from fastapi import APIRouter, Request
from markupsafe import escape
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from connectors.oidc.provider import OidcError
from integration.console.common import field, pages_of, parts_of
from integration.console.guard import caller_of, check_form, cookie_name, known_of, local_path
from integration.console.login import Refusal, csrf_of
from integration.console.parts import Parts
from integration.console.render import links
from integration.domain.instants import SECOND
from integration.errors import UsageError

router = APIRouter(include_in_schema=False)
_log = structlog.get_logger()
_FIRST: Final = ("/board", "/users", "/policy")
BEFORE: Final = "-before"
"""Ends the name of the cookie of somebody who is not logged in yet."""
_KNOWN: Final = "-known"
"""Of the one by which a browser is known again: a stranger's wrong tries do not shut it out."""
_BROWSER: Final = re.compile("[A-Za-z0-9_-]{43}")
"""32 bytes, as `token_urlsafe` writes them."""
_WRONG: Final = "Name, password or code is wrong, a code was used already, or the account is locked or closed."


def keep(
    response: Response,
    parts: Parts,
    name: str,
    value: str,
    *,
    seconds: int | None = None,
    samesite: Literal["strict", "lax"] = "strict",
) -> None:
    """Hand the browser a cookie that no script gets, and no other site: ``lax`` lets another one's link bring it."""
    secure = parts.settings.console.url.startswith("https:")
    response.set_cookie(name, value, max_age=seconds, secure=secure, httponly=True, samesite=samesite, path="/")


@router.get("/login")
def login_page(request: Request, to: str = "/") -> Response:
    """Show the use banner and ask who it is."""
    return ask_who(request, to, "", 200)


def ask_who(request: Request, to: str, wrong: str, status: int) -> Response:
    """Show the page that asks it. Args: ``wrong`` says what was wrong the last time."""
    parts = parts_of(request)
    name = cookie_name(parts) + BEFORE
    secret = request.cookies.get(name) or token_urlsafe(32)
    response = pages_of(request).page(
        request,
        "login.html",
        status=status,
        banner=parts.settings.console.banner,
        codes=parts.people.codes,
        passwords=parts.people.passwords,
        provider=None if parts.provider is None else parts.provider.settings.title,
        form_token=csrf_of(secret),
        to=local_path(to),
        wrong=wrong,
    )
    keep(response, parts, name, secret)
    return response


@router.post("/login")
def login(request: Request) -> Response:
    """Let somebody in."""
    parts = parts_of(request)
    secret = request.cookies.get(cookie_name(parts) + BEFORE, "")
    check_form(request, csrf_of(secret) if secret else token_urlsafe(32), parts.settings.console.url)
    to = local_path(field(request, "to"))
    if field(request, "agreed") != "yes":
        return ask_who(request, to, "Confirm the terms of use first.", 400)
    known = cookie_name(parts) + _KNOWN
    kept = request.cookies.get(known, "")
    browser = kept if _BROWSER.fullmatch(kept) else token_urlsafe(32)
    opened = parts.door.log_in(field(request, "name").strip(), field(request, "password"), _code(request), browser)
    if isinstance(opened, Refusal):
        return ask_who(request, to, _WRONG, 403)
    response = RedirectResponse(to, 303)
    keep(response, parts, cookie_name(parts), opened)
    keep(response, parts, known, browser, seconds=parts.door.rules.unused // SECOND)
    response.delete_cookie(cookie_name(parts) + BEFORE, path="/")
    return response


def _code(request: Request) -> str:
    return "".join(field(request, "code").split())


@router.post("/logout")
async def logout(request: Request) -> Response:
    """End the session; then the one at the provider, where there is one."""
    parts, caller = parts_of(request), caller_of(request)
    assert caller.session is not None
    await run_in_threadpool(parts.door.log_out, caller.session, caller.account)
    away = await _way_out(parts, caller.account)
    response: Response = RedirectResponse("/login", 303)
    if away:
        response = pages_of(request).page(request, "left.html", nav=[], caller=None, to=escape(away))
    response.delete_cookie(cookie_name(parts), path="/")
    response.headers["clear-site-data"] = '"cache", "storage"'
    return response


async def _way_out(parts: Parts, account: str) -> str:
    """Return where somebody logs out of the provider; empty: he has not logged in there, or cannot log out."""
    row = await run_in_threadpool(parts.accounts.account, account)
    if parts.provider is None or row is None or not row.provided:
        return ""
    try:
        return await parts.provider.provider.way_out(parts.now())
    except OidcError as error:
        # The session here has ended, and that is what was asked; the one there ends by itself.
        _log.warning("console.provider", reason=error.fault.value)
        return ""


@router.get("/again")
def again_page(request: Request, to: str = "/") -> Response:
    """Ask again who it is."""
    return ask_again(request, to, "", 200)


def ask_again(request: Request, to: str, wrong: str, status: int) -> Response:
    """Show the page that asks it. Args: ``wrong`` says what was wrong the last time."""
    parts = parts_of(request)
    return pages_of(request).page(
        request,
        "again.html",
        status=status,
        to=local_path(to),
        wrong=wrong,
        codes=parts.people.codes,
        provider=parts.provider.settings.title if parts.provider and _is_provided(request) else None,
    )


def _is_provided(request: Request) -> bool:
    return parts_of(request).people.named(caller_of(request).account).provided


@router.post("/again")
def again(request: Request) -> Response:
    """Take note that it is still the same person."""
    parts, caller = parts_of(request), caller_of(request)
    assert caller.session is not None
    to = local_path(field(request, "to"))
    refusal = parts.door.prove(caller.session, caller.account, field(request, "password"), _code(request))
    if refusal is not None:
        return ask_again(request, to, _WRONG, 403)
    return RedirectResponse(to, 303)


@router.get("/account")
def account(request: Request) -> Response:
    """Show somebody his own account."""
    return _account(request)


def _account(request: Request, wrong: str = "") -> Response:
    parts, caller = parts_of(request), caller_of(request)
    return pages_of(request).page(
        request,
        "account.html",
        status=400 if wrong else 200,
        grants=parts.accounts.grants(caller.account),
        sessions=parts.accounts.open_sessions(caller.account),
        provided=_is_provided(request),
        wrong=wrong,
    )


@router.post("/account/password")
def change_password(request: Request) -> Response:
    """Give somebody the password that he chose; every session of his ends, this one too."""
    parts, caller = parts_of(request), caller_of(request)
    chosen = field(request, "password")
    if chosen != field(request, "repeated"):
        return _account(request, "The two are not the same.")
    try:
        parts.people.set_password(caller.account, chosen, by=caller.actor)
    except UsageError as error:
        return _account(request, f"{str(error)[:1].upper()}{str(error)[1:]}.")
    return RedirectResponse("/login", 303)


@router.get("/")
def first(request: Request) -> Response:
    """Go to the first page that this person may open."""
    open_to = [path for path, _ in links(known_of(request))]
    return RedirectResponse(next((path for path in _FIRST if path in open_to), "/wall"), 303)


@router.get("/static/{name}")
def static(request: Request, name: str) -> Response:
    """Serve a file that pages refer to."""
    found = pages_of(request).files.get(name)
    if found is None:
        raise HTTPException(404)
    headers = {"cache-control": "public, max-age=31536000, immutable", "etag": f'"{found.digest}"'}
    return Response(found.content, headers=headers, media_type=found.media_type)


@router.get("/healthz")
def healthz(request: Request) -> Response:
    """Answer whether the database can be read."""
    parts_of(request).records.log_size()
    return PlainTextResponse("ok\n")
