"""What mapping a message gives back: events, what was refused, and what was decided on the way.

Texts name elements, never their values: a value may be a name, a birth date or an address.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Reason(StrEnum):
    """Why a document, or one of its elements, was refused."""

    TOO_LARGE = "too_large"
    TOO_DEEP = "too_deep"
    NOT_XML = "not_xml"
    XML_ENTITIES = "xml_entities"
    UNKNOWN_ROOT = "unknown_root"
    NO_BOOKING = "no_booking"
    SEVERAL_BOOKINGS = "several_bookings"
    NO_TIME = "no_time"
    BAD_TIME = "bad_time"
    BAD_VALUE = "bad_value"
    ISSUER_UNKNOWN = "issuer_unknown"
    DATED_BEFORE_BOOKING = "dated_before_booking"


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


@dataclass(frozen=True, slots=True)
class Remarks:
    """Collects refusals and notes while a document is read; each is kept once."""

    refusals: list[Refusal] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def refuse(self, place: str, reason: Reason, message: str) -> None:
        """Record an element that could not be used."""
        refusal = Refusal(place, reason, message)
        if refusal not in self.refusals:
            self.refusals.append(refusal)

    def note(self, place: str, code: NoteCode, message: str) -> None:
        """Record a decision."""
        note = Note(place, code, message)
        if note not in self.notes:
            self.notes.append(note)
