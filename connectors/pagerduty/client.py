"""Telling PagerDuty (Events API v2): trigger, acknowledge and resolve, tied together by ``dedup_key``."""

import re
from typing import Any, Final

import orjson

from connectors.notice import PATIENCE, Act, Notice, Patience
from connectors.pagerduty.config import PagerDutySettings
from connectors.posting import JSON, Poster, client_for
from connectors.secret import read_secret
from integration.errors import UsageError
from schemas.kinds import Severity

_KEY: Final = re.compile(r"[A-Za-z0-9]{32}")
_ACTIONS: Final = {Act.OPEN: "trigger", Act.ACKNOWLEDGED: "acknowledge", Act.CLOSED: "resolve"}
_SEVERITIES: Final = {Severity.VIOLATION: "critical", Severity.WARNING: "warning", Severity.ADVICE: "info"}
_LONGEST_KEY: Final = 255
_LONGEST_SUMMARY: Final = 1024
_LONGEST_TEXT: Final = 50_000
"""Of an event, PagerDuty takes 512 KB."""


class PagerDutyChannel:
    """One service."""

    def __init__(self, settings: PagerDutySettings, patience: Patience = PATIENCE) -> None:
        """Read the integration key.

        Raises:
            UsageError: the key or the certificates cannot be used.
        """
        self.name = settings.name
        self._url = settings.url
        self._key = read_secret(settings.routing_key_file)
        if not _KEY.fullmatch(self._key):
            raise UsageError(f"{settings.routing_key_file} is no integration key: 32 letters and digits")
        self._poster = Poster(client_for(settings.timeout_seconds, settings.ca_file), patience)

    async def send(self, notice: Notice) -> None:
        """See `Channel.send`."""
        for event in events_of(notice):
            await self._poster.post(self._url, orjson.dumps({"routing_key": self._key, **event}), JSON)

    async def close(self) -> None:
        """Give the connections back."""
        await self._poster.close()


def events_of(notice: Notice) -> list[dict[str, Any]]:
    """Return the events of a notice, without their routing key.

    An incident that was acknowledged does not ring again whatever comes. So an alert that rings again, because its
    acknowledgement has run out, has an incident of its own each time, and the one before is resolved.
    """
    events = [event_of(notice)]
    if notice.again:
        events.insert(0, {"event_action": _ACTIONS[Act.CLOSED], "dedup_key": _key_of(notice, notice.again - 1)})
    return events


def _key_of(notice: Notice, again: int) -> str:
    ending = f".{again}" if again else ""
    return notice.subject[: _LONGEST_KEY - len(ending)] + ending


def event_of(notice: Notice) -> dict[str, Any]:
    """Return the event of the present incident."""
    event: dict[str, Any] = {"event_action": _ACTIONS[notice.act], "dedup_key": _key_of(notice, notice.again)}
    if notice.act is not Act.OPEN:
        return event
    event["payload"] = {
        "summary": notice.title[:_LONGEST_SUMMARY],
        "source": notice.site or "holdwatch",
        "severity": _SEVERITIES[notice.severity],
        "timestamp": (notice.since or notice.at).isoformat(),
        "component": "holdwatch",
        "class": notice.type,
        "custom_details": {"text": notice.text[:_LONGEST_TEXT], "exercise": notice.exercise, "notice_id": notice.id},
    }
    if notice.link:
        event["links"] = [{"href": notice.link, "text": "See and acknowledge"}]
    return event
