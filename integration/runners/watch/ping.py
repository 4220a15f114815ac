"""The heartbeat out: a dead-man's switch elsewhere rings when it stays away. Sent only while all is well."""

import time
from dataclasses import dataclass
from http import HTTPStatus

import structlog

from connectors.http import HttpClient, HttpError
from integration.settings import Ping

_log = structlog.get_logger()


@dataclass(slots=True)
class Pinger:
    """One URL, asked for at its interval."""

    settings: Ping
    http: HttpClient
    _next: float = 0.0
    _failing: bool = False

    async def ping(self) -> None:
        """Send it if it is time; whoever misses it rings. The URL is a secret and is never told."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + self.settings.every_seconds
        try:
            answer = await self.http.request(self.settings.method, self.settings.url)
            says = "" if HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES else f"status {answer.status}"
        except HttpError as error:
            says = str(error)
        if says and not self._failing:
            _log.error("watch.ping_failing", says=says)
        elif self._failing and not says:
            _log.info("watch.ping_taken_again")
        self._failing = bool(says)
