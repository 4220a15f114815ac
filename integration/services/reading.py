"""From a validated event to the facts the rules read, and to what the audit log may say of it."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from integration.audit.entry import JSON, text_of
from integration.domain import facts
from integration.domain.facts import Fact
from integration.domain.papers import form_number
from integration.domain.parameters import Parameters
from schemas import bookings, holds, releases, requests
from schemas.events import Event, Received
from schemas.kinds import RecipientClass


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
    "jail.hold.placed.v1": ("hold_id", "kind", "expires_at", "issuer", "document", "reasons"),
    "jail.hold.lifted.v1": ("hold_id",),
    "jail.warrant.verified.v1": ("hold_id", "verified_by", "document_sha256"),
    "jail.bail.set.v1": ("amount",),
    "jail.bail.posted.v1": ("covers_all", "amount"),
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
    "jail.reimbursement.received.v1": ("currency", "agency", "hold_id", "amount"),
    "jail.certification.requested.v1": ("certification_id", "kind", "due_at"),
    "jail.certification.decided.v1": ("certification_id", "outcome"),
    "jail.complaint.filed.v1": ("complaint_id", "received_by"),
}
"""What of each type's data an entry repeats: keys, kinds, times, agencies, officers. A list of what is let in, so
that a new field stays out until somebody thinks about it. Free text stays out always: it may hold a name."""

_CLASSED: Final = {
    "jail.custody.transferred.v1": "to_agency",
    "jail.access.requested.v1": "agency",
    "jail.assistance.requested.v1": "agency",
}
"""Which field names an agency whose class the entry tells, too: ``to_agency_class``, ``agency_class``."""

_ISSUER: Final = ("agency", "ori", "court")
_CHECKSUM: Final = re.compile(r"[0-9a-fA-F]{64}")
_LONGEST_NAME: Final = 80
"""Characters of the longest agency name."""


def logged_detail(received: Received, parameters: Parameters | None = None) -> dict[str, JSON]:
    """Return the ``detail`` of an event's audit entry: the event without names, free text and addresses.

    Args:
        received: the event.
        parameters: of the pack in force. With them the entry also says what kind of agency is named, so that reports
            can count from entries alone (M-4 (c)).
    """
    event = received.event
    sent = received.content["data"]
    data: dict[str, JSON] = {}
    for name in _LOGGED[event.type]:
        if name not in sent:
            continue
        write = _WRITTEN.get(name)
        if write is None:
            data[name] = sent[name]
        else:
            data |= write(name, sent[name], event.data)
    if parameters is not None and (field := _CLASSED.get(event.type)) is not None:
        data[field + "_class"] = _class_of(getattr(event.data, field), parameters)
    detail: dict[str, JSON] = {"event_id": event.id, "type": event.type, "time": text_of(event.time), "data": data}
    if received.received_as is not None:
        detail["received_as"] = received.received_as
    if received.stripped:
        detail["stripped"] = list(received.stripped)
    return detail


def scan_of(event: Event) -> str | None:
    """Return the SHA-256 of the paper that an event speaks of, if it tells one."""
    if isinstance(event, holds.HoldPlaced):
        told = event.data.document.sha256 if event.data.document else None
    else:
        told = event.data.document_sha256 if isinstance(event, holds.WarrantVerified) else None
    return told.lower() if told is not None and _CHECKSUM.fullmatch(told) else None


def _class_of(agency: str, parameters: Parameters) -> str:
    """Sort an agency as the rules do (section 6): by its name as whole words, or by its ORI."""
    directories = (
        (RecipientClass.IMMIGRATION_AUTHORITY, parameters.immigration_authorities),
        (RecipientClass.PARTNER_287G, parameters.partner_agencies_287g),
    )
    known = (name for name, directory in directories if directory.has_name(agency) or directory.has_ori(agency))
    return next(known, RecipientClass.OTHER).value


def _instant(name: str, _sent: Any, data: Any) -> dict[str, JSON]:
    instant = getattr(data, name)
    return {name: None if instant is None else text_of(instant)}


def _amount(name: str, _sent: Any, data: Any) -> dict[str, JSON]:
    """Write money as decimal text; a number would have no one form."""
    return {} if data.amount is None else {name: data.amount}


def _checksum(name: str, sent: Any, _data: Any) -> dict[str, JSON]:
    """A text in its place may be a story about people."""
    return {name: sent} if _CHECKSUM.fullmatch(str(sent)) else {}


def _agency(name: str, sent: Any, _data: Any) -> dict[str, JSON]:
    """A text that is longer than a name may be a story about people."""
    return {name: sent} if len(str(sent)) <= _LONGEST_NAME else {}


def _issuer(name: str, sent: Any, _data: Any) -> dict[str, JSON]:
    if not sent:
        return {}  # left out, or null
    return {name: {part: sent[part] for part in _ISSUER if part in sent and len(str(sent[part])) <= _LONGEST_NAME}}


def _form(_name: str, _sent: Any, data: Any) -> dict[str, JSON]:
    """The form's number if it is a known one; a paper's own number may be an alien number and stays out (section 5)."""
    form = form_number(data.document.form) if data.document else None
    return {"form": form} if form else {}


def _reasons(_name: str, _sent: Any, data: Any) -> dict[str, JSON]:
    return {"reason_codes": reason_codes(data.reasons)} if data.reasons else {}


_WRITTEN: Final[Mapping[str, Callable[[str, Any, Any], dict[str, JSON]]]] = {
    "arrested_at": _instant,
    "expires_at": _instant,
    "due_at": _instant,
    "amount": _amount,
    "document_sha256": _checksum,
    "raw_sha256": _checksum,
    "agency": _agency,
    "to_agency": _agency,
    "issuer": _issuer,
    "document": _form,
    "reasons": _reasons,
}
"""What an entry says of a field, from its name, what was sent and the model's data; a field not listed as sent."""


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
