"""The endpoint: verify, read, take in, and only then answer.

====== =========================================================================================================
status meaning for the sender
====== =========================================================================================================
200    durable: never send it again. ``{"accepted": 2, "duplicates": 0}``. What of a list cannot be used is kept as a
       dead letter; ``faults`` says where and why. Mend that, then send it under a new id
400    nothing of it can be used; the body says where and why. Mend it, then send it under a new id
401    the signature does not fit, or the message is too old: nothing was looked at
405    only POST
408    the body did not come to its end in time
409    this id was used for another body
413    larger than the settings allow
415    not JSON, or compressed
503    the store cannot at the moment: send it again
====== =========================================================================================================
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from http import HTTPStatus
from typing import Any, Final, Protocol

import structlog
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from connectors.jms_webhook.bodies import Body, ReadBody
from connectors.jms_webhook.verify import UntrustedError, Verifier
from integration.errors import TransientError
from integration.services.intake import Tally

_log = structlog.get_logger()
_TYPES: Final = frozenset({"application/json", "application/cloudevents+json", "application/cloudevents-batch+json"})
"""JSON, and as the HTTP binding of CloudEvents 1.0 calls an event and a list of them (section 3.2, 3.3)."""
_SHOWN: Final = 20
"""Faults that one answer tells."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A message as it is to be taken in: once, whatever the sender does."""

    delivery: str
    """Hash of the sender's message id."""
    digest: bytes
    """Of the body."""
    body: Body


class KnownMessageError(Exception):
    """The message id was used before."""

    def __init__(self, *, same: bool) -> None:
        """Args: ``same`` tells whether with the same body."""
        super().__init__()
        self.same = same


class TakeIn(Protocol):
    """Takes a message in."""

    def __call__(self, message: Taken) -> Awaitable[Tally]:
        """Return once all of it is durable.

        Raises:
            KnownMessageError: it was taken in before, or its id was used for another body.
            TransientError: the store cannot at the moment; nothing was changed.
        """
        ...


Now = Callable[[], datetime]


class _AnswerError(Exception):
    """The message goes no further; the sender gets this."""

    def __init__(self, status: HTTPStatus, error: str) -> None:
        super().__init__(error)
        self.answer = _answer(status, error=error)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One endpoint."""

    name: str
    """The connector's."""
    path: str
    """Where messages come in; nothing else is answered."""
    verifier: Verifier
    read: ReadBody
    take: TakeIn
    max_bytes: int
    wait: float
    """Seconds that a body may take to come, and then to be taken in."""
    now: Now
    """Gives the time, UTC."""

    def application(self) -> Starlette:
        """Return the web application."""
        return Starlette(routes=[Route(self.path, self._receive, methods=["POST"])])

    async def _receive(self, request: Request) -> JSONResponse:
        try:
            raw, message_id = await self._believed(request)
        except _AnswerError as error:
            return error.answer
        key = sha256(message_id.encode()).hexdigest()[:32]
        body = self.read(f"{self.name}:{key[:12]}", raw)
        if body.faults:
            _log.warning("webhook.refused", source=self.name, faults=len(body.faults), first=body.faults[0].reason)
        return await self._taken(Taken(key, sha256(raw).digest(), body))

    async def _believed(self, request: Request) -> tuple[bytes, str]:
        """Return a body and its message's id, once both are known to come from who has the secret."""
        try:
            async with asyncio.timeout(self.wait):
                raw = await _body(request, self.max_bytes)
        except ClientDisconnect:
            raise _AnswerError(HTTPStatus.BAD_REQUEST, "the message is cut off") from None
        except TimeoutError:
            raise _AnswerError(HTTPStatus.REQUEST_TIMEOUT, "the message does not come to an end") from None
        if raw is None:
            raise _AnswerError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"at most {self.max_bytes} bytes are taken")
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() not in _TYPES:
            raise _AnswerError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "content-type is not application/json")
        if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
            raise _AnswerError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "a compressed body is not read")
        try:
            return raw, self.verifier.check(request.headers, raw.decode(), self.now()).message_id
        except UnicodeDecodeError as error:
            raise _AnswerError(HTTPStatus.BAD_REQUEST, f"byte {error.start} is not UTF-8") from None
        except UntrustedError as error:
            _log.warning("webhook.untrusted", source=self.name, why=error.why.value)
            raise _AnswerError(HTTPStatus.UNAUTHORIZED, error.why.value) from None

    async def _taken(self, message: Taken) -> JSONResponse:
        body = message.body
        # Shielded: a batch is not broken off because its sender has gone.
        taking = asyncio.ensure_future(self.take(message))
        try:
            tally = await asyncio.wait_for(asyncio.shield(taking), self.wait)
        except KnownMessageError as error:
            if error.same:
                return _answer(HTTPStatus.OK, accepted=0, duplicates=len(body.inputs), **_faults(body), **body.told)
            return _answer(HTTPStatus.CONFLICT, error="this webhook-id was used for another body")
        except (TransientError, TimeoutError) as error:
            taking.add_done_callback(_look_at)
            _log.warning("webhook.unavailable", source=self.name, error=type(error).__name__)
            return _answer(HTTPStatus.SERVICE_UNAVAILABLE, error="the store cannot at the moment")
        told: dict[str, Any] = {"accepted": tally.accepted, "duplicates": tally.duplicates}
        if tally.refused:
            told["refused"] = tally.reasons
        if body.is_useless:
            return _answer(HTTPStatus.BAD_REQUEST, **_faults(body), **body.told)
        return _answer(HTTPStatus.OK, **told, **_faults(body), **body.told)


async def _body(request: Request, most: int) -> bytes | None:
    """Read a body, but not more than is allowed; None for one that is larger."""
    length = request.headers.get("content-length", "0")
    if not length.isdigit() or int(length) > most:
        return None
    parts = bytearray()
    async for part in request.stream():
        parts += part
        if len(parts) > most:
            return None
    return bytes(parts)


def _faults(body: Body) -> dict[str, Any]:
    faults = [{"place": each.place, "reason": each.reason, "message": each.message} for each in body.faults[:_SHOWN]]
    more = len(body.faults) - len(faults)
    return {**({"faults": faults} if faults else {}), **({"more": more} if more else {})}


def _answer(status: HTTPStatus, **content: Any) -> JSONResponse:
    headers = {"retry-after": "5"} if status is HTTPStatus.SERVICE_UNAVAILABLE else None
    return JSONResponse(content, status_code=status.value, headers=headers)


def _look_at(task: "asyncio.Future[Tally]") -> None:
    """Take note of how a batch ended whose sender was told to come again: an error there is not lost silently."""
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.warning("webhook.late_failure", error=type(error).__name__)


def utc_now() -> datetime:
    """Return the system's time."""
    return datetime.now(UTC)
