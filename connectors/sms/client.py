"""Sending one line to telephones, through a provider's HTTP interface."""

import asyncio
from base64 import b64encode
from typing import Any

import orjson
import structlog

from connectors.http import Answer
from connectors.notice import PATIENCE, Notice, PassingSendError, Patience, PermanentSendError, SendError, Why
from connectors.posting import Poster, client_for
from connectors.secret import read_secret
from connectors.sms.config import Outcome, SmsSettings
from connectors.sms.template import CONTENT_TYPES, filled
from integration.services.alertwords.gsm import fitted, plainer

_log = structlog.get_logger()


class SmsChannel:
    """One provider and the telephones it reaches."""

    def __init__(self, settings: SmsSettings, patience: Patience = PATIENCE) -> None:
        """Read the secret.

        Raises:
            UsageError: the secret or the certificates cannot be used.
        """
        self.name = settings.name
        self._settings = settings
        self._patience = patience
        secret = read_secret(settings.secret_file)
        if settings.user:
            secret = b64encode(f"{settings.user}:{secret}".encode()).decode()
        self._headers = {
            "content-type": CONTENT_TYPES[settings.form],
            settings.auth_header: f"{settings.auth_scheme} {secret}".strip(),
        }
        self._poster = Poster(client_for(settings.timeout_seconds, settings.ca_file), patience)

    async def send(self, notice: Notice) -> None:
        """See `Channel.send`. Taken once the provider has taken it for at least one telephone.

        Each telephone is tried for itself: one that was reached is not written to again when another one is retried.
        """
        text = fitted(plainer(notice.line), self._settings.most_segments)
        waiting = list(self._settings.recipients)
        refused: list[SendError] = []
        try:
            async for attempt in self._patience.tries():
                with attempt:
                    await self._round(waiting, notice.id, text, refused)
        except PassingSendError:
            if len(waiting) + len(refused) == len(self._settings.recipients):
                raise
        missed = len(waiting) + len(refused)
        if missed == len(self._settings.recipients):
            raise refused[0]
        if missed:
            _log.warning("sms.recipients_missed", channel=self.name, count=missed)

    async def _round(self, waiting: list[str], key: str, text: str, refused: list[SendError]) -> None:
        """Write to each that waits, and take it off the list; raises while one of them may be reached later."""
        numbers = list(waiting)
        outcomes = await asyncio.gather(*(self._outcome(number, key, text) for number in numbers))
        told = dict(zip(numbers, outcomes, strict=True))
        refused += [error for error in outcomes if isinstance(error, PermanentSendError)]
        waiting[:] = [number for number in numbers if isinstance(told[number], PassingSendError)]
        for number in waiting:
            error = told[number]
            assert error is not None
            raise error

    async def _outcome(self, number: str, key: str, text: str) -> SendError | None:
        try:
            await self._once(number, key, text)
        except SendError as error:
            return error
        return None

    async def _once(self, number: str, key: str, text: str) -> None:
        settings = self._settings
        values = {"to": number, "from": settings.sender, "text": text, "id": key}
        body = filled(settings.template, settings.form, values)
        url, content = settings.url, body.encode()
        if settings.method == "GET":
            url, content = f"{url}{'&' if '?' in url else '?'}{body}", b""
        await self._poster.once(url, content, self._headers, method=settings.method, look=self._look)

    def _look(self, answer: Answer) -> None:
        if (outcome := self._settings.outcome) is None:
            return
        said = _at(outcome, answer.body)
        if said in outcome.passing:
            raise PassingSendError(Why.BUSY, "by the provider's answer")
        if said not in outcome.taken:
            raise PermanentSendError(Why.REFUSED, "by the provider's answer")

    async def close(self) -> None:
        """Give the connections back."""
        await self._poster.close()


def _at(outcome: Outcome, body: bytes) -> str | None:
    """Return what stands at a place of a JSON answer, as text; None where there is no such place."""
    try:
        value: Any = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    for step in outcome.path.split("."):
        if isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        elif isinstance(value, dict) and step in value:
            value = value[step]
        else:
            return None
    return value if isinstance(value, str) else orjson.dumps(value).decode()
