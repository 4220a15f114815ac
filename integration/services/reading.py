"""From a validated event to the facts the rules read, and to what the audit log may say of it."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from integration.audit.entry import JSON, text_of
from integration.domain import facts
from integration.domain.facts import Fact
from integration.domain.papers import form_number
from schemas import bookings, holds, releases, requests
from schemas.events import Event, Received


def facts_of(received: Received) -> list[Fact]:
    """Return what an event says to the rules; nothing, where only a register keeps it.

    An outgoing message says nothing here: whom it reaches and what it gives away is judged by the gate.
    """
    event = received.event
    read = _READERS.get(type(event))
    said: list[Fact] = []
    if read is not None and (fact := read(event)) is not None:
        said.append(fact)
    if received.stripped:
        said.append(facts.StatusReceived(event.id, event.time, received.stripped))
    return said


def _opened(event: bookings.BookingOpened) -> Fact:
    return facts.Opened(event.id, event.time, tuple(event.data.basis or ()), event.data.identification)


def _placed(event: holds.HoldPlaced) -> Fact:
    data = event.data
    issuer, charge = data.issuer, data.charge
    return facts.Placed(
        event.id,
        event.time,
        data.hold_id,
        data.kind.value,
        data.expires_at,
        data.document.form if data.document else None,
        issuer.agency if issuer else None,
        issuer.ori if issuer else None,
        issuer.court if issuer else None,
        issuer.official_title if issuer else None,
        charge.code if charge else None,
        charge.description if charge else None,
    )


def _bail_posted(event: releases.BailPosted) -> Fact | None:
    """Bail that covers all counts as a release.due at its own time (section 2)."""
    return facts.Due(event.id, event.time, event.time) if event.data.covers_all else None


def _transferred(event: releases.CustodyTransferred) -> Fact:
    data = event.data
    return facts.Transferred(event.id, event.time, data.to_agency, data.temporary, data.warrant_hold_id)


def _access(event: requests.AccessRequested) -> Fact:
    data = event.data
    return facts.AccessAsked(event.id, event.time, data.access_id, data.agency, data.warrant_hold_id)


def _approved(event: requests.ApprovalGranted) -> Fact:
    data = event.data
    return facts.Approved(
        event.id,
        event.time,
        data.approval_id,
        data.message_id,
        data.legal_basis.value,
        data.approved_by,
        data.expires_at,
    )


_READERS: Final[Mapping[type[Event], Callable[[Any], Fact | None]]] = {
    bookings.BookingOpened: _opened,
    bookings.BookingVoided: lambda e: facts.Voided(e.id, e.time),
    bookings.BookingMoved: lambda e: facts.Moved(e.id, e.time, e.data.into),
    bookings.EventRetracted: lambda e: facts.Retracted(e.id, e.time, e.data.retracts),
    bookings.NoticeServed: lambda e: facts.Served(e.id, e.time, e.data.hold_id),
    holds.HoldPlaced: _placed,
    holds.HoldLifted: lambda e: facts.Lifted(e.id, e.time, e.data.hold_id),
    holds.WarrantVerified: lambda e: facts.Verified(e.id, e.time, e.data.hold_id),
    releases.BailPosted: _bail_posted,
    releases.BailRefused: lambda e: facts.BailTurnedDown(e.id, e.time),
    releases.ReleaseDue: lambda e: facts.Due(e.id, e.time, e.data.due_at),
    releases.ReleaseRescinded: lambda e: facts.Rescinded(e.id, e.time),
    releases.ReleaseCompleted: lambda e: facts.Released(e.id, e.time),
    releases.CustodyTransferred: _transferred,
    requests.AccessRequested: _access,
    requests.AssistanceRequested: lambda e: facts.AssistanceAsked(
        e.id, e.time, e.data.assistance_id, e.data.agency, e.data.kind.value
    ),
    requests.ApprovalGranted: _approved,
    requests.ApprovalWithdrawn: lambda e: facts.ApprovalTakenBack(e.id, e.time, e.data.approval_id),
}

_LOGGED: Final[Mapping[str, tuple[str, ...]]] = {
    "jail.booking.opened.v1": ("arrested_at", "booked_by"),
    "jail.booking.voided.v1": (),
    "jail.booking.moved.v1": ("into",),
    "jail.event.retracted.v1": ("retracts",),
    "jail.notice.served.v1": ("hold_id", "served_by"),
    "jail.hold.placed.v1": ("hold_id", "kind", "expires_at"),
    "jail.hold.lifted.v1": ("hold_id",),
    "jail.warrant.verified.v1": ("hold_id", "verified_by", "document_sha256"),
    "jail.bail.set.v1": (),
    "jail.bail.posted.v1": ("covers_all",),
    "jail.bail.refused.v1": ("refused_by",),
    "jail.release.due.v1": ("due_at", "reason"),
    "jail.release.rescinded.v1": (),
    "jail.release.completed.v1": ("released_to",),
    "jail.custody.transferred.v1": ("to_agency", "temporary", "warrant_hold_id"),
    "jail.access.requested.v1": ("access_id", "agency", "mode", "warrant_hold_id"),
    "jail.assistance.requested.v1": ("assistance_id", "agency", "kind"),
    "jail.message.requested.v1": ("message_id", "channel", "purpose", "raw_sha256"),
    "jail.approval.granted.v1": (
        "approval_id",
        "message_id",
        "legal_basis",
        "approved_by",
        "expires_at",
    ),
    "jail.approval.withdrawn.v1": ("approval_id",),
    "jail.reimbursement.received.v1": ("currency", "agency", "hold_id"),
    "jail.certification.requested.v1": ("certification_id", "kind", "due_at"),
    "jail.certification.decided.v1": ("certification_id", "outcome"),
    "jail.complaint.filed.v1": ("complaint_id", "received_by"),
}
"""What of each type's data an entry repeats: keys, kinds, times, agencies, officers. A list of what is let in, so
that a new field stays out until somebody thinks about it. Free text stays out always: it may hold a name."""

_CHECKSUMS: Final = frozenset({"document_sha256", "raw_sha256"})
_CHECKSUM: Final = re.compile(r"[0-9a-fA-F]{64}")
_AGENCIES: Final = frozenset({"agency", "to_agency"})
_LONGEST_NAME: Final = 80
"""Characters of the longest agency name."""
_INSTANTS: Final = frozenset({"arrested_at", "expires_at", "due_at"})

_LOGGED_PARTS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "jail.hold.placed.v1": {"issuer": ("agency", "ori", "court")},
}


def logged_detail(received: Received) -> dict[str, JSON]:
    """Return the ``detail`` of an event's audit entry: the event without names, free text and addresses."""
    content = received.content
    kind = content["type"]
    sent = content["data"]
    data = {name: sent[name] for name in _LOGGED[kind] if name in sent}
    for name in _INSTANTS.intersection(data):
        if (instant := getattr(received.event.data, name)) is not None:
            data[name] = text_of(instant)
    for part, names in _LOGGED_PARTS.get(kind, {}).items():
        if inner := sent.get(part):
            data[part] = {name: inner[name] for name in names if name in inner}
    data = {name: value for name, value in data.items() if _is_what_it_says(name, value)}
    event = received.event
    if isinstance(event, holds.HoldPlaced):
        # The form's number if it is a known one; a paper's own number may be an alien number and stays out (section 5).
        if event.data.document and (form := form_number(event.data.document.form)):
            data["form"] = form
        if event.data.reasons:
            data["reason_codes"] = reason_codes(event.data.reasons)
    if (amount := getattr(event.data, "amount", None)) is not None:
        data["amount"] = amount
    detail: dict[str, JSON] = {"event_id": event.id, "type": kind, "time": text_of(event.time), "data": data}
    if received.stripped:
        detail["stripped"] = list(received.stripped)
    return detail


def _is_what_it_says(name: str, value: Any) -> bool:
    """Tell whether a field holds what it is for: a text in its place may be a story about people."""
    if name in _CHECKSUMS:
        return bool(_CHECKSUM.fullmatch(str(value)))
    return name not in _AGENCIES or len(str(value)) <= _LONGEST_NAME


_REASON_WORDS: Final = (
    ("final_order", ("final order", "order of removal", "removal order", "deportation order")),
    ("pending_proceedings", ("pending", "proceedings", "notice to appear", "i-862")),
    ("biometric_match", ("biometric", "fingerprint", "record check", "records check", "database")),
    ("statements", ("statement", "admitted", "admission", "interview")),
    ("charge_or_conviction", ("convict", "charge", "offense", "offence", "felony", "misdemeanor", "dui", "arrest")),
    ("other_agency_warrant", ("warrant",)),
)


def reason_codes(reasons: list[str]) -> list[JSON]:
    """Sort the stated reasons of a paper into the boxes of form I-247A (M-4 (a): "by the reason(s) given").

    The words themselves may name somebody and stay out of the log; a reason that fits no box counts as ``other``.
    """
    codes = set()
    for reason in reasons:
        said = reason.casefold()
        codes.add(next((code for code, words in _REASON_WORDS if any(word in said for word in words)), "other"))
    return [*sorted(codes)]
