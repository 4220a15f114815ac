"""What goes out to people through a channel, whatever the channel is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from integration.services.alertwords.inert import one_line
from schemas.kinds import Severity


class Act(StrEnum):
    """What a notice says of the alert that its ``key`` names."""

    OPEN = "open"
    """It is open: new, repeated, changed or told to the next person."""
    ACKNOWLEDGED = "acknowledged"
    """Somebody has taken it on."""
    CLOSED = "closed"
    """It is over."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One message to staff: no name, no birth date, no address, nothing of a message's body."""

    id: str
    """The same for every attempt, so that a receiver can tell a repetition. Letters, digits, dashes."""
    at: datetime
    """UTC."""
    title: str
    """One line."""
    text: str
    type: str
    """Names the form of ``data`` for programs."""
    data: Mapping[str, Any] = field(default_factory=dict)
    """What the text says, as JSON values."""
    short: str = ""
    """One line for a telephone; the title where it is empty."""
    html: str = ""
    """The text as an HTML page without images and scripts; empty where there is none."""
    key: str = ""
    """The same for every notice about one alert, at most 255 characters; the notice's id where it is empty."""
    act: Act = Act.OPEN
    again: int = 0
    """How often somebody had taken it on and it was still so when that had run out. Each time it rings as if new."""
    severity: Severity = Severity.VIOLATION
    """The same for every notice with one key: receivers may count another one as another alert."""
    since: datetime | None = None
    """UTC: from when on what the alert says is so; ``at`` where it is not known."""
    link: str = ""
    """An ``https`` URL where the alert can be seen and acknowledged. Asking for it changes nothing: programs that
    preview links do ask."""
    site: str = ""
    """Of which facility or installation."""
    exercise: bool = False
    """It is a drill: said in every channel."""

    def __post_init__(self) -> None:
        """Keep one-line forms on one line, whoever wrote them: they become headers, keys and short messages."""
        for name in ("id", "title", "short", "key", "type", "site", "link"):
            object.__setattr__(self, name, one_line(getattr(self, name)))

    @property
    def subject(self) -> str:
        """What receivers know the alert by."""
        return self.key or self.id

    @property
    def line(self) -> str:
        """One line for a telephone."""
        return self.short or self.title
