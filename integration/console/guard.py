"""What every request meets first: the right host, a known caller, a form of our own, a role that may."""

import hmac
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final
from urllib.parse import quote, urlsplit

import structlog
from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartParser

from integration.console.access import ROUTES, Caller, Row, allowed
from integration.console.login import Known, csrf_of
from integration.console.parts import Parts
from integration.store.scans import LONGEST

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_log = structlog.get_logger()
MAX_BODY: Final = 64 * 1024
"""Bytes. No form here is as long."""
_LARGE: Final = {
    ("POST", "/papers"): LONGEST + MAX_BODY,
    ("POST", "/api/v1/papers"): -(-LONGEST // 3) * 4 + MAX_BODY,  # base64
    ("POST", "/reports/reconcile"): LONGEST + MAX_BODY,
    ("POST", "/api/v1/reconciliations"): -(-LONGEST // 3) * 4 + MAX_BODY,
}
"""But those that may bring a scan, or lists."""
_MOST_FILES: Final = 3
MultiPartParser.spool_max_size = LONGEST + MAX_BODY
"""Files wait in memory: nothing that was sent is ever written to the disk as it came."""
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS: Final = (
    (b"content-security-policy", _POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),  # with no-referrer browsers send forms with an origin of "null"
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
)
_STRICT_TRANSPORT: Final = (b"strict-transport-security", b"max-age=31536000")


class Refused(Exception):  # noqa: N818  not an error of ours: the caller is turned away
    """The caller is turned away."""

    def __init__(self, status: int, why: str, *, to: str = "") -> None:
        """Args: ``to`` is a page that helps."""
        super().__init__(why)
        self.status, self.why, self.to = status, why, to


class Shield:
    """The outermost layer: turns other hosts and large bodies away, and puts the headers on every answer."""

    def __init__(self, app: App, *, url: str) -> None:
        """Args: ``url`` is the console's address as browsers have it."""
        self._app = app
        self._host = urlsplit(url).netloc.encode()
        self._secure = url.startswith("https:")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            # Start and stop; there are no sockets of another kind here.
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message.setdefault("headers", [])
                headers.extend(_HEADERS)
                if not any(name.lower() == b"cache-control" for name, _ in headers):
                    headers.append((b"cache-control", b"no-store"))
                if self._secure:
                    headers.append(_STRICT_TRANSPORT)
            await send(message)

        hosts = [value for name, value in scope["headers"] if name == b"host"]
        if hosts != [self._host]:
            await _plain(guarded, 400, "this is not the name of this console")
            return
        body = await _body_of(receive, _LARGE.get((scope["method"], scope["path"]), MAX_BODY))
        if body is None:
            await _plain(guarded, 413, "the request is too long")
            return
        try:
            await self._app(scope, _again(body, receive), guarded)
        except Exception as error:  # noqa: BLE001  the outermost layer: what gets here has been answered and logged
            # The server above would write its traceback, and texts of errors may hold what was sent.
            _log.error("console.broken", error=type(error).__name__)


def _again(body: bytes, receive: Receive) -> Receive:
    """Return what hands out a body that has been read already."""
    told = False

    async def replay() -> Message:
        nonlocal told
        if told:
            return await receive()
        told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


async def _body_of(receive: Receive, longest: int) -> bytes | None:
    """Return a request's body; None where it is longer than any of ours."""
    body: bytes = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return body
        body += message.get("body", b"")
        if len(body) > longest:
            return None
        if not message.get("more_body"):
            return body


async def _plain(send: Send, status: int, text: str) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text.encode() + b"\n"})


def cookie_name(parts: Parts) -> str:
    """Return the name under which browsers keep a session; with the prefix that binds it to this very host."""
    return "__Host-holdwatch" if parts.settings.console.url.startswith("https:") else "holdwatch"


async def guard(request: Request) -> None:
    """Enforce the table: a dependency of every route.

    Raises:
        Refused: the caller is turned away.
    """
    parts: Parts = request.app.state.parts
    row = ROUTES[(request.method, request.scope["route"].path)]
    if request.method == "POST":
        request.state.form = form = await request.form(max_files=_MOST_FILES)
        sent = [(name, value) for name, value in form.multi_items() if isinstance(value, UploadFile)]
        request.state.files = {name: await value.read() for name, value in sent}
        await form.close()
    _check_texts(request)
    if row.public:
        return
    if row.scope is not None:
        request.state.caller = await run_in_threadpool(_by_token, parts, request, row)
        return
    secret = request.cookies.get(cookie_name(parts), "")
    quiet = row.quiet or request.query_params.get("auto") == "1"
    known = await run_in_threadpool(parts.door.by_session, secret, quiet=quiet) if secret else None
    if known is None or known.session is None:
        raise Refused(401, "nobody is logged in, or the session is over", to=_login(request))
    # Before he is turned away: the page that says why leads him on.
    request.state.known = known
    request.state.caller = known.caller(row, csrf_of(secret))
    if request.method == "POST":
        check_form(request, csrf_of(secret), parts.settings.console.url)
    if not allowed(known.grants, row):
        raise Refused(403, "your roles do not allow this")
    if row.fresh and not parts.door.is_fresh(known.session):
        raise Refused(403, "for this, show again who you are", to="/again?to=" + quote(_from(request), safe=""))


def still_open(request: Request) -> bool:
    """Tell whether what was open to the caller when he asked still is: for answers that take long."""
    parts: Parts = request.app.state.parts
    row, caller = ROUTES[(request.method, request.scope["route"].path)], caller_of(request)
    if row.scope is not None:
        known = _known_by_token(parts, request)
        if known is None or row.scope.value not in known.scopes:
            return False
    else:
        # To look on is not to be there.
        known = parts.door.by_session(request.cookies.get(cookie_name(parts), ""), quiet=True)
    return known is not None and allowed(known.grants, row) and known.caller(row).sources == caller.sources


def _check_texts(request: Request) -> None:
    """Turn away what no database can hold as text.

    Raises:
        Refused: something asked holds the character NUL.
    """
    form = request.state.form.values() if request.method == "POST" else ()
    for value in (*request.query_params.values(), *request.path_params.values(), *form):
        if isinstance(value, str) and "\0" in value:
            raise Refused(400, "something in the address or form is not text")


def _known_by_token(parts: Parts, request: Request) -> Known | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return parts.door.by_token(token) if scheme.lower() == "bearer" else None


def _by_token(parts: Parts, request: Request, row: Row) -> Caller:
    known = _known_by_token(parts, request)
    if known is None:
        raise Refused(401, "no key, or it is not good (any more)")
    assert row.scope is not None
    if row.scope.value not in known.scopes or not allowed(known.grants, row):
        raise Refused(403, "this key, or the account it acts for, does not allow this")
    return known.caller(row)


def check_form(request: Request, token: str, url: str) -> None:
    """See that a form is one of ours.

    Raises:
        Refused: it lacks the token, or another site's page sent it.
    """
    origin = request.headers.get("origin")
    if origin is not None and origin != url:
        raise Refused(403, "this form came from another site")
    given = request.state.form.get("csrf")
    if not isinstance(given, str) or not hmac.compare_digest(given.encode(), token.encode()):
        raise Refused(403, "this form is not, or no longer, one of this session: go back and load the page again")


def _login(request: Request) -> str:
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return "/login" if request.method != "GET" or asked == "/" else "/login?to=" + quote(asked, safe="")


def _from(request: Request) -> str:
    """Return the page that a form stands on."""
    if request.method == "GET":
        return request.url.path
    first = request.url.path.split("/")[1]
    return f"/{first}" if first in {"quarantine", "account"} else "/users"


def local_path(to: str) -> str:
    """Return where to go next: a page of this console, whatever somebody put into the address."""
    plain = to.startswith("/") and not to.startswith(("//", "/\\")) and to.isprintable() and "\\" not in to
    return to if plain else "/"


def caller_of(request: Request) -> Caller:
    """Return who asks, as `guard` found him."""
    caller: Caller = request.state.caller
    return caller


def known_of(request: Request) -> Known:
    """Return who is logged in."""
    known: Known = request.state.known
    return known
