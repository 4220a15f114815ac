"""Handing notices over by HTTP: one request an attempt, its answer sorted by what happens next."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Final

from connectors.http import Answer, HttpClient, HttpError, HttpFault, Method
from connectors.notice import PassingSendError, Patience, PermanentSendError, Why
from integration.errors import UsageError

PASSING: Final = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
"""4xx answers that may be other ones later."""
JSON: Final = {"content-type": "application/json; charset=utf-8"}

Look = Callable[[Answer], None]
"""Looks into an answer with a status of success; raises a `SendError` where it says otherwise."""


def client_for(seconds: float, ca_file: Path | None) -> HttpClient:
    """Return a client.

    Raises:
        UsageError: the certificates cannot be used.
    """
    try:
        return HttpClient(seconds=seconds, ca_file=ca_file)
    except OSError as error:
        raise UsageError(f"{ca_file} holds no certificate: {error.strerror}") from None


class Poster:
    """Requests to one party, tried again where that may help."""

    def __init__(self, http: HttpClient, patience: Patience) -> None:
        """Args: ``http`` is closed with this."""
        self._http = http
        self._patience = patience

    async def post(
        self, url: str, body: bytes, headers: Mapping[str, str], *, method: Method = "POST", look: Look | None = None
    ) -> None:
        """Hand one body over.

        Raises:
            SendError: see `Channel.send`.
        """
        async for attempt in self._patience.tries():
            with attempt:
                await self.once(url, body, headers, method=method, look=look)

    async def once(
        self, url: str, body: bytes, headers: Mapping[str, str], *, method: Method = "POST", look: Look | None = None
    ) -> None:
        """Hand one body over, in one attempt.

        Raises:
            SendError: see `Channel.send`.
        """
        try:
            answer = await self._http.request(method, url, body=body, headers=headers)
        except HttpError as error:
            if error.fault is HttpFault.UNTRUSTED:
                raise PermanentSendError(Why.UNTRUSTED) from error
            raise PassingSendError(Why.UNREACHABLE) from error
        status = answer.status
        if status in PASSING or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise PassingSendError(Why.BUSY, str(status), wait=seconds_asked(answer.headers.get("retry-after", "")))
        if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            raise PermanentSendError(Why.REFUSED, str(status))
        if look is not None:
            look(answer)

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.close()


def seconds_asked(retry_after: str) -> float | None:
    """Seconds of a Retry-After header (RFC 9110, section 10.2.3); a date is left to our own patience."""
    return float(retry_after) if retry_after.isascii() and retry_after.isdigit() else None
