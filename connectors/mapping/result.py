"""What mapping a record gives: events, what could not be used, and what was decided on the way. Never a value."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from schemas.refusals import Reason


class NoteCode(StrEnum):
    """What a reader of the events should know about how they came to be."""

    REPEATED_HOUR = "repeated_hour"
    SKIPPED_HOUR = "skipped_hour"
    DATE_ONLY = "date_only"
    STATUS_FIELD_REMOVED = "status_field_removed"
    UNMAPPED_CODE_SKIPPED = "unmapped_code_skipped"
    ENCODING_DETECTED = "encoding_detected"
    NO_HOLD = "no_hold"
    """A row whose words are read to tell what keeps the person gave no hold."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a rule could make no event of a record, and at which rule and field. The other rules did."""

    place: str
    reason: Reason
    message: str


@dataclass(frozen=True, slots=True)
class Note:
    """A decision that the mapping took, and where."""

    place: str
    code: NoteCode


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an event comes from."""

    rule: str
    core: str
    """Its id without what came along with it that is not kept."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """What one record gives."""

    events: tuple[dict[str, Any], ...] = ()
    """CloudEvents of the event contract."""
    origins: tuple[Origin, ...] = ()
    """One for each event, in their order."""
    refusals: tuple[Refusal, ...] = ()
    notes: tuple[Note, ...] = ()


class ValueRefusedError(ValueError):
    """One field of one event cannot be made. It becomes a `Refusal` with the rule's name."""

    def __init__(self, reason: Reason, message: str) -> None:
        """Args: ``message`` names the column and what is wrong there, without its value."""
        super().__init__(message)
        self.reason = reason
        self.message = message
