"""Sending notices as signed webhooks (Standard Webhooks 1.0: an id, a time and a signature in the headers)."""

import binascii
from base64 import b64decode
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final

import orjson
from standardwebhooks import Webhook

from connectors.http import HttpError, HttpFault
from connectors.notice import PATIENCE, Notice, PassingSendError, Patience, PermanentSendError, Why
from connectors.posting import PASSING, client_for, seconds_asked
from connectors.secret import read_secret
from connectors.webhook.config import WebhookSettings
from integration.errors import UsageError

_PREFIX: Final = "whsec_"
_SHORTEST, _LONGEST = 24, 64
_APART: Final = timedelta(minutes=2)
"""Less than the five minutes that receivers allow, more than a clock that is kept ever differs."""


class WebhookChannel:
    """One receiver of webhooks."""

    def __init__(self, settings: WebhookSettings, patience: Patience = PATIENCE) -> None:
        """Read the secret.

        Raises:
            UsageError: the secret or the certificates cannot be used.
        """
        self.name = settings.name
        self._url = settings.url
        self._patience = patience
        self._ahead = timedelta(0)
        """How far the receiver's clock is ahead of ours, once it has refused us for it."""
        self._signer = Webhook(_checked(read_secret(settings.secret_file), settings))
        self._http = client_for(settings.timeout_seconds, settings.ca_file)

    async def send(self, notice: Notice) -> None:
        """See `Channel.send`. Each attempt is signed anew, with the same id and its own time."""
        body = orjson.dumps({"type": notice.type, "timestamp": notice.at.isoformat(), "data": dict(notice.data)})
        async for attempt in self._patience.tries():
            with attempt:
                await self._post(notice.id, body)

    async def _post(self, key: str, body: bytes) -> None:
        now = datetime.now(UTC) + self._ahead
        headers = {
            "content-type": "application/json",
            "webhook-id": key,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self._signer.sign(key, now, body.decode()),
        }
        try:
            answer = await self._http.request("POST", self._url, body=body, headers=headers)
        except HttpError as error:
            if error.fault is HttpFault.UNTRUSTED:
                raise PermanentSendError(Why.UNTRUSTED) from error
            raise PassingSendError(Why.UNREACHABLE) from error
        status = answer.status
        if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            return
        if status in PASSING or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise PassingSendError(Why.BUSY, str(status), wait=seconds_asked(answer.headers.get("retry-after", "")))
        if self._set_right(answer.headers.get("date", ""), now):
            raise PassingSendError(Why.REFUSED, str(status), wait=0)
        raise PermanentSendError(Why.REFUSED, str(status))

    def _set_right(self, date: str, signed: datetime) -> bool:
        """Tell whether a refusal may have been for the time of signing, and go by the receiver's clock from now on.

        A receiver refuses signatures that are minutes old. On a machine whose clock stepped back every one is, and
        that clock is what has to be told of. The time is the receiver's protection from repetitions, so its own time
        (RFC 9110, section 6.6.1) serves it as well.
        """
        try:
            there = parsedate_to_datetime(date)
        except ValueError:
            return False
        if there.tzinfo is None or abs(there - signed) < _APART:
            return False
        self._ahead += there - signed
        return True

    async def close(self) -> None:
        """Give the connections back."""
        await self._http.close()


def _checked(secret: str, settings: WebhookSettings) -> str:
    if secret.startswith(_PREFIX):
        try:
            key = b64decode(secret.removeprefix(_PREFIX) + "==")
        except binascii.Error:
            key = b""
        if _SHORTEST <= len(key) <= _LONGEST:
            return secret
    raise UsageError(f"{settings.secret_file} is no webhook secret: {_PREFIX} and base64 of 24 to 64 bytes")
