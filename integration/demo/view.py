"""What a board shows at one instant. Booking numbers only: no name ever gets this far."""

from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

from integration.domain.instants import Instant
from schemas.kinds import Rule


class Sign(StrEnum):
    """How loudly a line speaks. The word is always printed: colour only repeats it."""

    VIOLATION = "VIOLATION"
    WARNING = "WARNING"
    ADVICE = "ADVICE"
    LAWFUL = "LAWFUL"
    BLOCKED = "BLOCKED"
    REFUSED = "REFUSED"
    WITHDRAWN = "WITHDRAWN"
    ENDED = "ENDED"
    RECORD = "RECORD"
    ON_FILE = "ON FILE"


@dataclass(frozen=True, slots=True)
class Held:
    """A person kept past release time."""

    finding_id: str
    booking: str
    rule: Rule
    since: Instant
    paper: str
    """What is on file, in words."""
    missing: str
    """What would make it lawful."""
    provisions: str


@dataclass(frozen=True, slots=True)
class OnFile:
    """A paper of another agency or a court, in the case of somebody who is not kept past release time."""

    booking: str
    paper: str
    release_at: Instant | None
    sign: Sign
    standing: str
    """What the paper does, and what else is open about this booking."""


@dataclass(frozen=True, slots=True)
class Change:
    """One line of what happened, from one entry of the log."""

    at: Instant
    sign: Sign
    booking: str
    text: str
    rings: bool = False
    """A person has begun to be kept past release time on immigration paper."""


@dataclass(frozen=True, slots=True)
class LogState:
    """The audit log, as the real verifier sees it."""

    entries: int
    checkpoint: int
    """Entries under the last checkpoint."""
    checkpoint_at: Instant
    intact: bool
    dead_letters: int


@dataclass(frozen=True, slots=True)
class View:
    """Everything on the board."""

    now: Instant
    zone: ZoneInfo
    place: str
    held: tuple[Held, ...]
    """Oldest first."""
    papers: tuple[OnFile, ...]
    """By release time, unknown ones last."""
    changes: tuple[Change, ...]
    """Every change since the start, oldest first."""
    log: LogState
