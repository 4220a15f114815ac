"""What an officer types in about a paper, and the events that it is.

A form becomes the bytes of an event in the contract's own form, and goes through the same models as everything else
(`schemas.events.parse`): nothing is believed because a person typed it. Ids are made of the content, so a form that is
sent twice is one event. Names of people in custody have no field here, and neither have numbers of papers: on a
detainer that may be an alien number (section 5).
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final
from zoneinfo import ZoneInfo

import orjson

from connectors.localtime import Placed, place
from integration.errors import UsageError
from schemas.kinds import HoldKind

PREFIX: Final = "manual-"
"""Begins the id of every event that a person typed in. Only those can be taken back here."""
_DIGITS: Final = 20
"""80 bits, as in the other connectors."""
_SHOWN: Final = 12
PAPERS: Final = (
    HoldKind.IMMIGRATION_DETAINER,
    HoldKind.ADMINISTRATIVE_WARRANT,
    HoldKind.NOTIFICATION_REQUEST,
    HoldKind.JUDICIAL_WARRANT,
    HoldKind.AGENCY_HOLD,
    HoldKind.COURT_ORDER,
)
"""What arrives as a paper. The paper decides what it is (section 3), not this choice."""
_FIRST, _LAST = 1970, 2199


class Act(StrEnum):
    """What is known of a paper."""

    RECEIVED = "received"
    WITHDRAWN = "withdrawn"
    """Whoever issued it took it back."""
    SERVED = "served"
    """The person was given a copy."""
    VERIFIED = "verified"
    """The court confirmed a judicial warrant."""
    MISTAKEN = "mistaken"
    """An entry made here was wrong: it never counted."""


@dataclass(frozen=True, slots=True)
class Form:
    """One form, as it was typed in; empty texts say nothing."""

    act: Act
    source: str
    booking: str
    at: str
    """When it happened: with an offset, or by the facility's clock."""
    hold_id: str = ""
    kind: HoldKind | None = None
    form: str = ""
    """Of the paper: I-247A, I-200."""
    expires_at: str = ""
    issuer: dict[str, str] = field(default_factory=dict)
    """``agency``, ``ori``, ``court``, ``official_name``, ``official_title``."""
    by: str = ""
    """Who served or verified it."""
    language: str = ""
    event_id: str = ""
    """Of the entry that was a mistake."""
    scan: str = ""
    """SHA-256 of the scan."""


@dataclass(frozen=True, slots=True)
class Typed:
    """The event that a form is."""

    raw: bytes
    event_id: str
    hold_id: str
    at: datetime
    doubts: tuple[str, ...]
    """Where a clock change left the time open: the earlier instant was taken."""


def event_of(form: Form, zone: ZoneInfo) -> Typed:
    """Return the event that a form is.

    Args:
        form: as it was typed in.
        zone: the facility's, for times without an offset.

    Raises:
        UsageError: something is missing, or no time. What the contract's models ask is not asked here.
    """
    if not form.booking:
        raise UsageError("which booking? Give its number")
    at = _time(form.at, zone, "when did it happen?")
    data, doubts = _data(form, zone)
    if at.doubt is not None:
        doubts.insert(0, at.doubt.value)
    shown = _text(at)
    about = [_TYPES[form.act], form.source, form.booking, shown, data]
    event_id = f"{PREFIX}{_digest(about)[:_DIGITS]}{''.join(f'-{each}' for each in dict.fromkeys(doubts))}"
    event = {
        "specversion": "1.0",
        "id": event_id,
        "source": form.source,
        "type": _TYPES[form.act],
        "subject": form.booking,
        "time": shown,
        "data": data,
    }
    return Typed(orjson.dumps(event), event_id, str(data.get("hold_id", "")), at.at, tuple(doubts))


_TYPES: Final = {
    Act.RECEIVED: "jail.hold.placed.v1",
    Act.WITHDRAWN: "jail.hold.lifted.v1",
    Act.SERVED: "jail.notice.served.v1",
    Act.VERIFIED: "jail.warrant.verified.v1",
    Act.MISTAKEN: "jail.event.retracted.v1",
}


def _data(form: Form, zone: ZoneInfo) -> tuple[dict[str, Any], list[str]]:
    if form.act is Act.RECEIVED:
        return _paper(form, zone)
    if form.act is Act.MISTAKEN:
        if not form.event_id.startswith(PREFIX):
            raise UsageError(f"only what was typed in here can be taken back: ids that begin with {PREFIX}")
        return {"retracts": form.event_id}, []
    if not form.hold_id:
        raise UsageError("which paper? Give its hold id")
    data: dict[str, Any] = {"hold_id": form.hold_id}
    if form.act is Act.SERVED:
        data |= {"served_by": form.by, **({"language": form.language} if form.language else {})}
    elif form.act is Act.VERIFIED:
        data |= {"verified_by": form.by, **({"document_sha256": form.scan} if form.scan else {})}
    if form.act is not Act.WITHDRAWN and not form.by:
        raise UsageError("who did it? Give the officer's name or number")
    return data, []


def _paper(form: Form, zone: ZoneInfo) -> tuple[dict[str, Any], list[str]]:
    if form.kind not in PAPERS:
        raise UsageError(f"what kind of paper? One of {', '.join(PAPERS)}")
    document = {name: text for name, text in (("form", form.form), ("sha256", form.scan)) if text}
    issuer = {name: text for name, text in form.issuer.items() if text}
    data: dict[str, Any] = {"hold_id": form.hold_id, "kind": form.kind.value}
    doubts: list[str] = []
    if form.expires_at:
        expires = _time(form.expires_at, zone, "when does it expire?")
        data["expires_at"] = _text(expires)
        doubts += [] if expires.doubt is None else [expires.doubt.value]
    if document:
        data["document"] = document
    if issuer:
        data["issuer"] = issuer
    if not form.hold_id:
        # One paper, one id: the scan is the paper. Without one, what was said of it.
        told = form.scan or _digest([form.source, form.booking, form.at, data])
        data["hold_id"] = f"paper-{told[:_SHOWN]}"
    return data, doubts


def _time(text: str, zone: ZoneInfo, asked: str) -> Placed:
    try:
        read = datetime.fromisoformat(text.strip())
        placed = place(read, zone) if read.tzinfo is None else Placed(read.astimezone(UTC))
    except (ValueError, OverflowError):
        placed = None
    if placed is None or len(text.strip()) <= len("2026-03-02") or not _FIRST <= placed.at.year <= _LAST:
        raise UsageError(f"{asked} Day and time, as 2026-03-02T14:30")
    return placed


def _text(moment: Placed) -> str:
    return moment.at.isoformat().removesuffix("+00:00") + "Z"


def _digest(content: object) -> str:
    return sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()
