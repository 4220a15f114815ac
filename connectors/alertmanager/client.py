"""Telling an Alertmanager (API v2, ``POST /api/v2/alerts``): open from ``startsAt``, over at ``endsAt``."""

import asyncio
from base64 import b64encode
from datetime import timedelta
from typing import Any

import orjson
import structlog

from connectors.alertmanager.config import AlertmanagerSettings
from connectors.notice import PATIENCE, Act, Notice, PassingSendError, Patience, SendError
from connectors.posting import JSON, Poster, client_for
from connectors.secret import read_secret

_log = structlog.get_logger()


class AlertmanagerChannel:
    """One Alertmanager, or the instances of one cluster."""

    def __init__(self, settings: AlertmanagerSettings, patience: Patience = PATIENCE) -> None:
        """Read the secret.

        Raises:
            UsageError: the secret or the certificates cannot be used.
        """
        self.name = settings.name
        self._urls = [f"{url.rstrip('/')}/api/v2/alerts" for url in settings.urls]
        self._labels = dict(settings.labels)
        self._open_for = timedelta(hours=settings.open_for_hours)
        self._patience = patience
        self._poster = Poster(client_for(settings.timeout_seconds, settings.ca_file), patience)
        self._headers = dict(JSON)
        if settings.secret_file:
            secret = read_secret(settings.secret_file)
            word = f"Basic {b64encode(f'{settings.user}:{secret}'.encode()).decode()}" if settings.user else ""
            self._headers["authorization"] = word or f"Bearer {secret}"

    async def send(self, notice: Notice) -> None:
        """See `Channel.send`. Taken once one instance has taken it: the cluster tells its others."""
        if notice.act is Act.ACKNOWLEDGED:
            return  # Alertmanager knows no such state: its silences are its own.
        body = orjson.dumps([alert_of(notice, self._labels, self._open_for)])
        async for attempt in self._patience.tries():
            with attempt:
                await self._once(body)

    async def _once(self, body: bytes) -> None:
        outcomes = await asyncio.gather(*(self._outcome(url, body) for url in self._urls))
        failed = [error for error in outcomes if error is not None]
        if failed and len(failed) < len(self._urls):
            _log.warning("alertmanager.instances_failing", channel=self.name, count=len(failed))
        elif failed:
            # As long as one of them may take it later, the notice may be taken.
            raise next((error for error in failed if isinstance(error, PassingSendError)), failed[0])

    async def _outcome(self, url: str, body: bytes) -> SendError | None:
        try:
            await self._poster.once(url, body, self._headers)
        except SendError as error:
            return error
        return None

    async def close(self) -> None:
        """Give the connections back."""
        await self._poster.close()


def alert_of(notice: Notice, labels: dict[str, str], open_for: timedelta) -> dict[str, Any]:
    """Return one alert. Its labels are what Alertmanager knows it by: the same from opening to closing."""
    ends = notice.at if notice.act is Act.CLOSED else notice.at + open_for
    # An end before the start is refused; a finding learned of late may have ended before anybody was told.
    starts = min(notice.since or notice.at, ends)
    alert: dict[str, Any] = {
        "labels": {
            **labels,
            "alertname": notice.type,
            "alert": notice.subject,
            "severity": notice.severity.value,
            "site": notice.site or "holdwatch",
            "exercise": "true" if notice.exercise else "false",
        },
        "annotations": {"summary": notice.title, "description": notice.text},
        "startsAt": starts.isoformat(),
        "endsAt": ends.isoformat(),
    }
    if notice.link:
        alert["generatorURL"] = notice.link
    return alert
