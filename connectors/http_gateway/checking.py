"""``/check/…``: may this request leave? For proxies that ask before they send. 200: yes; 403: no; 503: not recorded.

Envoy's ``ext_authz`` (HTTP) sends the request's own method and path, and its fields and body if it is told to; that it
is told to, the settings say. nginx's ``auth_request`` and Squid's helpers send neither. Whatever is not shown whole is
not complete, whatever its method: a GET may have a body, and its fields leave with it.
"""

import asyncio
import re
from dataclasses import replace
from http import HTTPStatus
from typing import Final

from starlette.responses import Response

from connectors.http_gateway.asked import TOKEN_HEADER, Asked, RefusedError, problem_response
from connectors.http_gateway.problems import Problem, blocked
from integration.contents.web import WebMessage
from integration.domain.messages.content import categories_in
from integration.domain.messages.people import Roster
from integration.policy.pack import Pack
from integration.services.asking import Asking, pack_of
from integration.services.citing import can_be_approved, cited
from integration.services.gate import Request
from integration.services.maildesk import MailDesk
from integration.services.webexamining import WebTarget, examine_web
from schemas.kinds import Category

ENVOY: Final = "/check/envoy"
NGINX: Final = "/check/nginx"
_ORIGINAL: Final = ("x-original-method", "x-original-host", "x-original-uri")
_METHOD: Final = re.compile(r"[A-Z]{3,16}")
_PATH: Final = re.compile(r"/[!-~]*")
_FRAMING: Final = frozenset({"content-length", "content-type", "content-encoding", "transfer-encoding", "host"})
_ADDRESSES: Final = r"[0-9a-fA-F.:, \[\]]{1,200}"
_OWN: Final = {
    "x-forwarded-proto": "https?",
    "x-forwarded-for": _ADDRESSES,
    "x-envoy-external-address": _ADDRESSES,
    "x-envoy-internal": "true",
    "x-envoy-expected-rq-timeout-ms": r"\d{1,7}",
    "x-envoy-attempt-count": r"\d{1,3}",
    "x-envoy-auth-partial-body": "true|false",
    "x-request-id": r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "traceparent": r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}",
    "connection": "close|keep-alive",
    "expect": "100-continue",
    "te": "trailers",
    "pragma": "no-cache",
}
"""Fields that proxies add, as they write them. In any other form they say what somebody chose."""
_PLAIN: Final = frozenset("accept accept-encoding accept-language user-agent authorization cookie via".split()) | {
    "cache-control"
}
"""Fields of every request: only what plainly tells something counts. They could carry more: see docs/gate.md."""
_SAYS_NOTHING: Final = frozenset({Category.OTHER, Category.CITIZENSHIP_OR_IMMIGRATION_STATUS})


class Checking:
    """Answers proxies. One event loop."""

    def __init__(self, asking: Asking, desk: MailDesk, *, source: str, envoy_shows_all: bool = False) -> None:
        """Stand on the mailroom's desk.

        Args:
            asking: answers, and records that it did.
            desk: who is known, and by what pack.
            source: the facility whose policy decides.
            envoy_shows_all: as `HttpGateway.envoy_shows_all`.
        """
        self._asking, self._desk, self._source = asking, desk, source
        self._envoy_shows_all = envoy_shows_all

    async def handle(self, asked: Asked) -> Response:
        """Answer one check.

        Raises:
            RefusedError: it does not say what is to be sent.
            TransientError: the answer cannot be recorded.
            FatalError: the answer cannot be recorded.
        """
        if asked.path.startswith(ENVOY):
            host, message = _from_envoy(asked, self._desk.roster(), shows_all=self._envoy_shows_all)
        else:
            host, message = _from_nginx(asked)
        request, pack = await self.decide(host, message)
        if request.permit:
            return Response(status_code=HTTPStatus.OK)
        return problem_response(
            blocked(
                "",
                reasons=request.reasons,
                provisions=cited(request, pack),
                pack=pack.id,
                kept=False,
                contact="",
                unread=not can_be_approved(request),
            )
        )

    async def decide(self, host: str, message: WebMessage) -> tuple[Request, Pack]:
        """Decide a request to a host; returns the decision, once it is durable, and the pack."""
        pack = pack_of(self._desk, self._source, self._desk.now())
        target = WebTarget(f"https://{host}")
        roster: Roster = self._desk.roster()
        labels = re.sub(r"[._:@-]+", " ", host)
        if _tells(labels, roster):
            message = replace(message, headers=(*message.headers, ("host", labels)))
        examined = await asyncio.to_thread(examine_web, message, target, pack.parameters, roster=roster)
        decided = self._asking.check(examined, pack, source=self._source, channel="http")
        return await asyncio.wrap_future(decided), pack


def _from_envoy(asked: Asked, roster: Roster, *, shows_all: bool) -> tuple[str, WebMessage]:
    path = asked.path.removeprefix(ENVOY) or "/"
    if not _PATH.fullmatch(path):
        raise RefusedError(_unsaid())
    partial = asked.headers.get("x-envoy-auth-partial-body", "false") != "false"
    return asked.headers["host"], WebMessage(
        method=asked.method,
        path=path,
        query=asked.query,
        headers=tuple(
            (name, reading)
            for name, value in asked.headers.items()
            for reading in _readings(value)
            if _leaves(name, reading, asked, roster)
        ),
        body=asked.body,
        content_type=asked.headers.get("content-type", ""),
        content_encoding=asked.headers.get("content-encoding", ""),
        complete=shows_all and not partial,
    )


def _leaves(name: str, value: str, asked: Asked, roster: Roster) -> bool:
    """Tell whether a field is judged: it leaves with the request, and may say something."""
    if name in _FRAMING or name.startswith(":") or (name == TOKEN_HEADER and asked.client):
        return False
    if name in _OWN:
        return not re.fullmatch(_OWN[name], value)
    return name not in _PLAIN or _tells(value, roster)


def _readings(value: str) -> tuple[str, ...]:
    """Return what a field's bytes may say to whoever gets them: in Latin-1, as here, and in UTF-8 if they are that."""
    try:
        other = value.encode("latin-1").decode("utf-8")
    except UnicodeDecodeError:
        return (value,)
    return (value,) if other == value else (value, other)


def _tells(text: str, roster: Roster) -> bool:
    """Tell whether a text that is somebody's choice, and need not mean anything, plainly tells something."""
    return bool(categories_in(text, roster) - _SAYS_NOTHING)


def _from_nginx(asked: Asked) -> tuple[str, WebMessage]:
    if any(name not in asked.headers for name in _ORIGINAL) or asked.body:
        raise RefusedError(_unsaid())
    method, host, uri = (asked.headers[name] for name in _ORIGINAL)
    if not _METHOD.fullmatch(method) or not _PATH.fullmatch(uri) or not host:
        raise RefusedError(_unsaid())
    if host.casefold() == asked.headers["host"].casefold():
        # In the location that asks, nginx's $proxy_host is the gate, which is nobody that a request goes to.
        raise RefusedError(_names_the_gate())
    path, _, query = uri.partition("?")
    return host, WebMessage(method=method, path=path, query=query, complete=False)


def _unsaid() -> Problem:
    return Problem("bad_check", HTTPStatus.FORBIDDEN, "The check does not say which request is meant.")


def _names_the_gate() -> Problem:
    return Problem("bad_check", HTTPStatus.FORBIDDEN, "The check names the gate as the host that the request goes to.")
