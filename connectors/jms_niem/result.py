"""What mapping a message gives back: events, what was refused, and what was decided on the way.

Texts name elements, never their values: a value may be a name, a birth date or an address.
"""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from schemas.refusals import Reason


class NoteCode(StrEnum):
    """What a reader of the events should know about how they came to be."""

    REPEATED_HOUR = "repeated_hour"
    SKIPPED_HOUR = "skipped_hour"
    DATE_ONLY = "date_only"
    TIME_UNKNOWN = "time_unknown"
    DOCUMENT_TIME_UNKNOWN = "document_time_unknown"
    DOCUMENT_OLDER_THAN_BOOKING = "document_older_than_booking"
    RELEASE_BEFORE_BOOKING = "release_before_booking"
    DATED_AFTER_DOCUMENT = "dated_after_document"
    DANGLING_REFERENCE = "dangling_reference"
    DUPLICATE_ID = "duplicate_id"
    UNKNOWN_CODE = "unknown_code"
    NO_AUTHORITY_STATED = "no_authority_stated"
    BASIS_OF_ARREST = "basis_of_arrest"
    IMMIGRATION_HOLD_SEEN = "immigration_hold_seen"
    STATUS_FIELD_REMOVED = "status_field_removed"


class MappingError(ValueError):
    """A whole document is refused: nothing of it may be used.

    Attributes:
        place: readable element path inside the document, ``/`` for the document itself.
        reason: the code.
        message: what is wrong there, without values.
    """

    def __init__(self, place: str, reason: Reason, message: str) -> None:
        """Args: see the class."""
        super().__init__(f"{place}: {message}")
        self.place = place
        self.reason = reason
        self.message = message


@dataclass(frozen=True, slots=True)
class Refusal:
    """One element that could not be used; the rest of the document was."""

    place: str
    reason: Reason
    message: str


@dataclass(frozen=True, slots=True)
class Note:
    """One decision that the mapping took, and at which element."""

    place: str
    code: NoteCode
    message: str


@dataclass(frozen=True, slots=True)
class Mapped:
    """The outcome for one document."""

    events: tuple[dict[str, Any], ...]
    """CloudEvents of the event contract, in a fixed order."""
    refusals: tuple[Refusal, ...]
    notes: tuple[Note, ...]
    released: tuple[str, ...] = ()
    """Bookings of whose release New Orleans' document speaks, be it that it is deleted or has not come."""


@dataclass(frozen=True, slots=True)
class Remarks:
    """Collects refusals and notes while a document is read; each is kept once, in order."""

    refusals: dict[Refusal, None] = field(default_factory=dict)
    notes: dict[Note, None] = field(default_factory=dict)
    codes: Counter[tuple[str, str]] | None = None
    """For a trial: counts table and text of the codes that no table lists: for the integrator's screen only."""

    def refuse(self, place: str, reason: Reason, message: str) -> None:
        """Record an element that could not be used."""
        self.refusals[Refusal(place, reason, message)] = None

    def note(self, place: str, code: NoteCode, message: str) -> None:
        """Record a decision."""
        self.notes[Note(place, code, message)] = None

    def unlisted(self, place: str, table: str, text: str, message: str) -> None:
        """Record a code that a table does not list. The text goes to a trial's counts alone."""
        self.note(place, NoteCode.UNKNOWN_CODE, message)
        if self.codes is not None:
            self.codes[table, text] += 1
