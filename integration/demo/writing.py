"""Writing events as a jail management system would: one JSON line each, local times with their offset."""

from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any, Final
from zoneinfo import ZoneInfo

import orjson

from integration.domain.instants import SECOND, Instant

SOURCE: Final = "/jms/demo-jail"
ZONE: Final = "America/Detroit"

FAMILY_NAMES: Final = (
    "Quillfeather", "Marrowby", "Thistlewick", "Oakenhurst", "Bramblecote", "Fennimarsh", "Larkspurling",
    "Copperthwaite", "Willowmere", "Ashgrovely", "Duskmantle", "Pebblewright", "Hollinsedge", "Ravenscombe",
)  # fmt: skip
"""Invented. They stand in the input on purpose: a feed has them, and nothing that comes out may."""


@dataclass(slots=True)
class Writer:
    """Writes the events of one story.

    Args:
        start: the current time when the story begins.
        random: gives event ids, so that a seed tells the whole story.
    """

    start: Instant
    random: Random
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo(ZONE))

    def at(self, seconds: float) -> str:
        """Return the time that is so many seconds after the start (before it, when negative)."""
        return datetime.fromtimestamp(self.start // SECOND + seconds, self.zone).isoformat(timespec="milliseconds")

    def event(self, kind: str, booking: str, seconds: float, /, **data: Any) -> "Written":
        """Write one event of type ``jail.<kind>.v1`` that happens ``seconds`` after the start."""
        event_id = f"demo-{self.random.getrandbits(40):010x}"
        envelope = {
            "specversion": "1.0",
            "id": event_id,
            "source": SOURCE,
            "type": f"jail.{kind}.v1",
            "subject": booking,
            "time": self.at(seconds),
            "data": data,
        }
        return Written(seconds, event_id, orjson.dumps(envelope))


@dataclass(frozen=True, slots=True)
class Written:
    """One event as it will stand in a file."""

    seconds: float
    """When it happens, after the start."""
    event_id: str
    line: bytes
