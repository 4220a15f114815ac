"""What programs send to the API: strict, bounded, and text that every database can hold."""

import binascii
from base64 import b64decode
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from connectors.manual.form import Act
from integration.console.filters import FILTERS
from integration.services.complaints import LONGEST, ComplaintKind, ComplaintOutcome
from integration.services.reviews import Looked, Result
from integration.store.scans import LONGEST as LONGEST_SCAN
from schemas.kinds import HoldKind

_NO_NUL = r"^[^\u0000]*$"
Word = Annotated[str, Field(max_length=200, pattern=_NO_NUL)]
Named = Annotated[str, Field(min_length=1, max_length=200, pattern=_NO_NUL)]
Words = Annotated[str, Field(max_length=LONGEST, pattern=_NO_NUL)]
Place = Annotated[int, Field(ge=0, lt=2**53)]


def _decoded(given: object) -> bytes:
    """Read base64 strictly: of a reader that passes over what is none, half a scan would come out."""
    if not isinstance(given, str):
        raise ValueError("no base64")  # noqa: TRY004  pydantic takes no other
    try:
        return b64decode(given, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("no base64") from None


Base64 = Annotated[
    bytes,
    BeforeValidator(_decoded),
    WithJsonSchema(
        {
            "type": "string",
            "contentEncoding": "base64",
            "pattern": "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$",
        }
    ),
]
"""A file's bytes as they are."""


class Given(BaseModel):
    """Whatever is sent: nothing else may stand in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Taken(Given):
    """An alert that somebody takes on."""

    findings: Annotated[list[Named], Field(min_length=1, max_length=500)]
    """Those of the alert that whoever takes it on has seen; the others go on ringing."""


class DutyDone(Given):
    """A duty that is done."""

    duty: Named


class Paper(Given):
    """A paper that arrived by fax; empty texts say nothing. Times are the facility's, or have an offset."""

    source: Word
    booking: Word
    at: Word
    kind: HoldKind
    hold_id: Word = ""
    form: Word = ""
    """Of the paper: I-247A, I-200."""
    expires_at: Word = ""
    agency: Word = ""
    ori: Word = ""
    court: Word = ""
    official_name: Word = ""
    official_title: Word = ""
    scan: Annotated[Base64, Field(max_length=LONGEST_SCAN)] = b""
    """PDF, TIFF, PNG or JPEG, in base64."""
    unknown_booking: bool = False
    """Enter it although no booking of that number is known."""


class PaperAct(Given):
    """What became of a paper."""

    act: Act
    source: Word
    booking: Word
    at: Word
    hold_id: Word = ""
    by: Word = ""
    """Who served it, or confirmed it."""
    language: Word = ""
    event_id: Word = ""
    """Of the entry that was a mistake."""
    unknown_booking: bool = False


class Complaint(Given):
    """A complaint for the register."""

    source: Word
    kind: ComplaintKind
    summary: Words = ""
    """What was said; it may be empty only where a feed brought the complaint."""
    against: Words = ""
    complaint: Annotated[str, Field(max_length=64, pattern=_NO_NUL)] = ""
    """Its number, if the feed gave it one; else it gets one."""
    booking: Word = ""
    entries: Annotated[list[Place], Field(max_length=50)] = []
    """Entries of the log that it concerns."""
    received_at: Word = ""
    """Empty: now."""


class ComplaintNamed(Given):
    """A complaint of the register."""

    source: Word
    complaint: Word


class ComplaintClosed(ComplaintNamed):
    """What an investigation came to."""

    outcome: ComplaintOutcome


class ReviewSigned(Given):
    """What somebody signs for. ``since`` is where the last review ended, as `GET` tells it."""

    since: AwareDatetime
    until: AwareDatetime
    looked_at: Annotated[list[Looked], Field(min_length=1, max_length=len(Looked))]
    result: Result
    reference: Word = ""


class Filters(Given):
    """What is looked for; empty: any."""

    actor: Word = ""
    kind: Word = ""
    rule: Word = ""
    booking: Word = ""
    source: Word = ""
    outcome: Word = ""
    provision: Word = ""
    text: Word = ""
    since: Word = ""
    until: Word = ""

    def given(self) -> dict[str, str]:
        """Return them by name."""
        return {name: getattr(self, name) for name in FILTERS}


class SearchKept(Given):
    """A search to keep."""

    name: Annotated[str, Field(min_length=1, max_length=80, pattern=_NO_NUL)]
    filters: Filters
    shared: bool = False
    """Whether others may use it."""


class Alike(Given):
    """Refused inputs of one reason."""

    reason: Word
