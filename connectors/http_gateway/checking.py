"""``/check/…``: may this request leave? For proxies that ask before they send. 200: yes; 403: no; 503: not recorded.

Envoy's ``ext_authz`` (HTTP) sends the request's own method, path and, if it is told to, body. nginx's ``auth_request``
and Squid's helpers send neither: whatever has a body then has one that nobody saw.
"""

import asyncio
import re
from http import HTTPStatus
from typing import Final

from starlette.responses import Response

from connectors.http_gateway.asked import Asked, RefusedError, problem_response
from connectors.http_gateway.problems import Problem, blocked
from integration.contents.web import WebMessage
from integration.domain.messages.people import Roster
from integration.policy.pack import Pack
from integration.services.asking import Asking, pack_of
from integration.services.citing import cited
from integration.services.gate import Request
from integration.services.maildesk import MailDesk
from integration.services.webexamining import WebTarget, examine_web

ENVOY: Final = "/check/envoy"
NGINX: Final = "/check/nginx"
_ORIGINAL: Final = ("x-original-method", "x-original-host", "x-original-uri")
_METHOD: Final = re.compile(r"[A-Z]{3,16}")
_PATH: Final = re.compile(r"/[!-~]*")
_BODILESS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_FRAMING: Final = frozenset({"content-length", "content-type", "content-encoding", "transfer-encoding", "host"})
_OWN: Final = ("holdwatch-", "x-original-", "x-forwarded-", "x-envoy-", ":")
_PLAIN: Final = frozenset(
    """
    accept accept-encoding accept-language connection user-agent authorization cookie x-request-id traceparent via
    cache-control pragma expect te
    """.split()
)
"""Fields of every request. They could carry something, as could its timing: see docs/gate.md."""


class Checking:
    """Answers proxies. One event loop."""

    def __init__(self, asking: Asking, desk: MailDesk, *, source: str) -> None:
        """Args: ``source`` is the facility whose policy decides."""
        self._asking, self._desk, self._source = asking, desk, source

    async def handle(self, asked: Asked) -> Response:
        """Answer one check.

        Raises:
            RefusedError: it does not say what is to be sent.
            TransientError: the answer cannot be recorded.
            FatalError: the answer cannot be recorded.
        """
        host, message = _from_envoy(asked) if asked.path.startswith(ENVOY) else _from_nginx(asked)
        request, pack = await self.decide(host, message)
        if request.permit:
            return Response(status_code=HTTPStatus.OK)
        return problem_response(
            blocked("", reasons=request.reasons, provisions=cited(request, pack), pack=pack.id, kept=False, contact="")
        )

    async def decide(self, host: str, message: WebMessage) -> tuple[Request, Pack]:
        """Decide a request to a host; returns the decision, once it is durable, and the pack."""
        pack = pack_of(self._desk, self._source, self._desk.now())
        target = WebTarget(f"https://{host}")
        roster: Roster = self._desk.roster()
        examined = await asyncio.to_thread(examine_web, message, target, pack.parameters, roster=roster)
        decided = self._asking.check(examined, source=self._source, channel="http")
        return await asyncio.wrap_future(decided), pack


def _from_envoy(asked: Asked) -> tuple[str, WebMessage]:
    path = asked.path.removeprefix(ENVOY) or "/"
    if not _PATH.fullmatch(path):
        raise RefusedError(_unsaid())
    headers = tuple(
        (name, value)
        for name, value in asked.headers.items()
        if name not in _PLAIN | _FRAMING and not name.startswith(_OWN)
    )
    partial = asked.headers.get("x-envoy-auth-partial-body", "false") != "false"
    seen = bool(asked.body) or asked.method in _BODILESS
    return asked.headers["host"], WebMessage(
        method=asked.method,
        path=path,
        query=asked.query,
        headers=headers,
        body=asked.body,
        content_type=asked.headers.get("content-type", ""),
        content_encoding=asked.headers.get("content-encoding", ""),
        complete=seen and not partial,
    )


def _from_nginx(asked: Asked) -> tuple[str, WebMessage]:
    if any(name not in asked.headers for name in _ORIGINAL) or asked.body:
        raise RefusedError(_unsaid())
    method, host, uri = (asked.headers[name] for name in _ORIGINAL)
    if not _METHOD.fullmatch(method) or not _PATH.fullmatch(uri) or not host:
        raise RefusedError(_unsaid())
    path, _, query = uri.partition("?")
    return host, WebMessage(method=method, path=path, query=query, complete=method in _BODILESS)


def _unsaid() -> Problem:
    return Problem("bad_check", HTTPStatus.FORBIDDEN, "The check does not say which request is meant.")
