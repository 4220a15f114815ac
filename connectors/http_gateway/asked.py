"""One request as a handler sees it, and the answers that handlers give."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from hmac import compare_digest
from http import HTTPStatus
from typing import Any, Final

import orjson
from starlette.responses import Response
from starlette.types import Receive, Scope

from connectors.http_gateway.config import HttpGateway
from connectors.http_gateway.problems import CONTENT_TYPE, Problem
from connectors.secret import read_secret

_BOOKING: Final = re.compile(r"[A-Za-z0-9._:/#-]{0,128}")
TOKEN_HEADER: Final = "holdwatch-token"  # noqa: S105  a field's name


class RefusedError(Exception):
    """The request ends here, with a problem."""

    def __init__(self, problem: Problem) -> None:
        """Args: ``problem`` is the answer."""
        super().__init__(problem.kind)
        self.problem = problem


class GoneError(Exception):
    """Whoever asked has gone before the request was whole; nobody is there to be answered."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, whole."""

    method: str
    path: str
    """Percent encoding included."""
    query: str
    headers: Mapping[str, str] = field(repr=False)
    """Names in lower case. Of a field that came several times, all values in one (RFC 9110 section 5.3)."""
    body: bytes = field(repr=False)
    client: str
    """Who asks, by the settings' name; empty where nobody needs one."""

    @property
    def user(self) -> str:
        """Who is behind it: the person that the system names, else the system; empty: nobody knows."""
        return self.headers.get("holdwatch-user", "") or self.client


def booking_of(given: str) -> str:
    """Return a booking number as given: it stands in the log, so it has to look like one.

    Raises:
        RefusedError: it does not.
    """
    if not _BOOKING.fullmatch(given):
        raise RefusedError(Problem("bad_booking", HTTPStatus.BAD_REQUEST, "This is no booking number."))
    return given


def problem_response(problem: Problem) -> Response:
    """Return a problem as an answer."""
    return Response(problem.body(), problem.status, media_type=CONTENT_TYPE)


def json_response(content: Any, status: int = HTTPStatus.OK) -> Response:
    """Return JSON as an answer."""
    return Response(orjson.dumps(content), status, media_type="application/json")


def client_tokens(settings: HttpGateway) -> dict[bytes, str]:
    """Return who may ask, by the digest of their tokens.

    Raises:
        UsageError: a token file is missing, empty or readable by others.
    """
    return {sha256(read_secret(each.token_file).encode()).digest(): each.name for each in settings.clients}


def client_of(headers: Mapping[str, str], tokens: Mapping[bytes, str]) -> str:
    """Return who asks.

    Raises:
        RefusedError: nobody who may.
    """
    if not tokens:
        return ""
    given = sha256(headers.get(TOKEN_HEADER, "").encode("latin-1")).digest()
    found = [name for digest, name in tokens.items() if compare_digest(digest, given)]
    if not found:
        raise RefusedError(
            Problem("unauthorized", HTTPStatus.UNAUTHORIZED, f"{TOKEN_HEADER} names nobody who may ask.")
        )
    return found[0]


async def read_body(receive: Receive, settings: HttpGateway) -> bytes:
    """Read a request's body.

    Raises:
        RefusedError: it is too large, or takes too long.
        GoneError: the connection ended before it was whole.
    """
    most, body = settings.largest_megabytes << 20, bytearray()
    try:
        async with asyncio.timeout(settings.body_seconds):
            while True:
                message = await receive()
                if message["type"] != "http.request":
                    raise GoneError
                body += message.get("body", b"")
                if len(body) > most:
                    too_large = Problem("too_large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The body is too large.")
                    raise RefusedError(too_large)
                if not message.get("more_body", False):
                    return bytes(body)
    except TimeoutError:
        raise RefusedError(
            Problem("too_slow", HTTPStatus.REQUEST_TIMEOUT, "The body did not arrive in time.")
        ) from None


async def asked_of(scope: Scope, receive: Receive, settings: HttpGateway, tokens: Mapping[bytes, str]) -> Asked:
    """Read a request whole. Raises as `client_of` and `read_body`."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        between = "; " if name == "cookie" else ", "
        headers[name] = f"{headers[name]}{between}{value}" if name in headers else value
    client = client_of(headers, tokens)
    body = await read_body(receive, settings)
    return Asked(
        scope["method"], scope["raw_path"].decode("ascii"), scope["query_string"].decode("ascii"), headers, body, client
    )
