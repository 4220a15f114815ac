"""Messages that wait for a person: listed, read safely, approved by a second person, denied."""

import math
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from typing import Final

import orjson
from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from integration.console.common import field, pages_of, parts_of
from integration.console.guard import caller_of
from integration.domain.instants import HOUR, Instant
from integration.errors import UsageError
from integration.runners.gateway.parts import GateParts
from integration.services.letters import Channel, DeliveryRow, Letter, State, read_asked
from integration.services.quarantine import EXPIRING, WAITING, Basis
from integration.services.showing import beside_of
from schemas.kinds import LegalBasis

router = APIRouter(include_in_schema=False)
STATES: Final = {
    State.TO_SEND.value: "to be sent",
    State.SENDING.value: "being sent",
    State.SENT.value: "sent",
    State.REFUSED.value: "refused by the next server",
    State.UNKNOWN.value: "not known whether it left",
    State.BLOCKED.value: "blocked",
    State.DENIED.value: "denied",
    State.EXPIRED.value: "expired",
}
"""How far a message has come, in words."""
_SHOWN: Final = 200
_MOST_PARTS: Final = 50
_LONGEST_HOURS: Final = 720.0


@dataclass(frozen=True, slots=True)
class About:
    """What is told of a message without a word of it."""

    message_id: str
    source: str
    state: str
    changed_at: Instant
    kept_until: Instant | None
    """None: for ever."""
    recipient: str
    saw: tuple[str, ...]
    doubts: tuple[str, ...]
    booking: str
    asked: bool


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a message. ``text`` is None where it is none."""

    kind: str
    name: str
    size: int
    text: str | None


def parts_in(raw: bytes) -> list[Part]:
    """Take a message apart for a person to read: as text alone, whatever it is."""
    found = []
    for part in message_from_bytes(raw).walk():
        if part.is_multipart():
            continue
        content = part.get_payload(decode=True)
        body = content if isinstance(content, bytes) else b""
        text = _text(part, body) if part.get_content_maintype() == "text" else None
        found.append(Part(part.get_content_type(), str(part.get_filename() or ""), len(body), text))
    return found[:_MOST_PARTS]


def pieces_of(letter: Letter) -> list[Part]:
    """Return what a message is made of."""
    if letter.channel in {Channel.SMTP, Channel.NOTICE}:
        return parts_in(letter.raw)
    kind = letter.options.get("content_type", "") or "content"
    return [Part(kind, "", len(letter.raw), letter.raw.decode("utf-8", "backslashreplace"))] if letter.raw else []


def _text(part: Message, body: bytes) -> str:
    try:
        return body.decode(str(part.get_content_charset() or "utf-8"), "replace")
    except LookupError:
        return body.decode("latin-1")


def gate_of(request: Request) -> GateParts:
    """Return the gate. Raises HTTPException, where this installation has none."""
    gate = parts_of(request).gate
    if gate is None:
        raise HTTPException(404)
    return gate


def about_of(gate: GateParts, row: DeliveryRow) -> About:
    """Return what is told of a message without a word of it."""
    head, asked = gate.book.head(row.mail_id), read_asked(row, None)
    return About(
        message_id=row.message_id,
        source="" if head is None else head.source,
        state=row.state,
        changed_at=row.changed_at,
        kept_until=row.next_at if row.state in EXPIRING else None,
        recipient=row.recipient_class.replace("_", " "),
        saw=asked.categories,
        doubts=asked.doubts,
        booking=row.booking,
        asked=bool(orjson.loads(row.asked_by)),
    )


def _named(request: Request) -> tuple[GateParts, About]:
    return named(request, field(request, "message_id"))


def named(request: Request, message_id: str) -> tuple[GateParts, About]:
    """Return a message, if its facility is open to the caller.

    Raises:
        HTTPException: there is none.
    """
    gate = gate_of(request)
    row = gate.book.delivery(message_id)
    about = None if row is None else about_of(gate, row)
    if about is None or not caller_of(request).sees(about.source):
        raise HTTPException(404)
    return gate, about


def _listed(request: Request, told: str = "", wrong: str = "") -> Response:
    return pages_of(request).page(
        request,
        "quarantine.html",
        status=400 if wrong else 200,
        gate=parts_of(request).gate is not None,
        waiting=waiting_for(request),
        leaving=_leaving(request),
        states=STATES,
        told=told,
        wrong=wrong,
    )


def _leaving(request: Request) -> list[About]:
    """Return what was approved and has not been sent: until then its approval can be taken back."""
    gate, caller = parts_of(request).gate, caller_of(request)
    rows = [] if gate is None else gate.quarantine.waiting((State.TO_SEND.value,))
    return [
        about
        for row in rows
        if gate is not None
        and row.at_most_once
        and any(each.withdrawn_at is None for each in gate.book.approvals_of(row.message_id))
        and caller.sees((about := about_of(gate, row)).source)
    ][:_SHOWN]


def waiting_for(request: Request) -> list[About]:
    """Return what waits at the caller's facilities; nothing, where there is no gate."""
    gate, caller = parts_of(request).gate, caller_of(request)
    waiting = [] if gate is None else [about_of(gate, row) for row in gate.quarantine.waiting(WAITING)]
    return [each for each in waiting if caller.sees(each.source)][:_SHOWN]


@router.get("/quarantine")
def quarantine(request: Request) -> Response:
    """List what waits: never what it says, or whom it is for."""
    return _listed(request)


@router.post("/quarantine/show")
def show(request: Request) -> Response:
    """Show a message whole, as text. That somebody read it goes into the log first."""
    gate, about = _named(request)
    row, letter = gate.quarantine.view(about.message_id, actor=caller_of(request).actor)
    return pages_of(request).page(
        request,
        "message.html",
        about=about_of(gate, row),
        received_at=letter.received_at,
        sender=letter.sender,
        user=letter.user,
        to=letter.recipients[row.number],
        asked_by=orjson.loads(row.asked_by),
        beside=list(beside_of(letter)),
        states=STATES,
        parts=pieces_of(letter),
        raw=letter.raw.decode("utf-8", "replace"),
        bases=list(LegalBasis),
    )


@router.post("/quarantine/ask")
def ask(request: Request) -> Response:
    """Record that somebody asks for an approval: he does not give it."""
    gate, about = _named(request)
    try:
        gate.quarantine.ask(about.message_id, actor=caller_of(request).actor)
    except UsageError as error:
        return _listed(request, wrong=f"Nothing was changed: {error}.")
    return _listed(request, f"Message {about.message_id}: approval asked for. Somebody else has to give it.")


@router.post("/quarantine/approve")
def approve(request: Request) -> Response:
    """Give an approval to the policy, which decides."""
    gate, about = _named(request)
    try:
        basis = _basis(request, gate.now())
        _, decided = gate.quarantine.approve(about.message_id, basis, actor=caller_of(request).actor)
    except UsageError as error:
        return _listed(request, wrong=f"Nothing was approved: {error}.")
    verdict = "will be sent" if decided.permit else "stays blocked: the policy does not accept this"
    why = ", ".join(str(reason).replace("_", " ") for reason in decided.reasons)
    return _listed(request, f"Message {about.message_id} {verdict} ({why}).")


def _basis(request: Request, now: Instant) -> Basis:
    """Read what an approval rests on.

    Raises:
        UsageError: no legal basis, or no number of hours.
    """
    given = field(request, "legal_basis")
    try:
        hours = float(field(request, "hours"))
    except ValueError:
        hours = math.nan
    if given not in set(LegalBasis):
        raise UsageError("an approval names its legal basis")
    if not 0 < hours <= _LONGEST_HOURS:
        raise UsageError("an approval is good for up to 720 hours")
    return Basis(
        LegalBasis(given), field(request, "citation"), now + int(hours * HOUR), field(request, "booking").strip()
    )


@router.post("/quarantine/deny")
def deny(request: Request) -> Response:
    """Decide that a message does not leave."""
    gate, about = _named(request)
    try:
        gate.quarantine.deny(about.message_id, actor=caller_of(request).actor)
    except UsageError as error:
        return _listed(request, wrong=f"Nothing was denied: {error}.")
    return _listed(request, f"Message {about.message_id} does not leave.")


@router.post("/quarantine/withdraw")
def withdraw(request: Request) -> Response:
    """Take every approval of a message back."""
    gate, about = _named(request)
    try:
        in_time = gate.quarantine.withdraw(about.message_id, actor=caller_of(request).actor)
    except UsageError as error:
        return _listed(request, wrong=f"Nothing was taken back: {error}.")
    said = "waits again" if in_time else "was sent, or is being sent: too late"
    return _listed(request, f"Message {about.message_id}: the approval is taken back; it {said}.")


@router.post("/quarantine/settle")
def settle(request: Request) -> Response:
    """Record what a person found out about a message of which nobody knew whether it had left."""
    gate, about = _named(request)
    given = field(request, "arrived")
    if given not in {"yes", "no"}:
        return _listed(request, wrong="Nothing was noted: say whether it arrived.")
    try:
        gate.quarantine.settle(about.message_id, arrived=given == "yes", actor=caller_of(request).actor)
    except UsageError as error:
        return _listed(request, wrong=f"Nothing was noted: {error}.")
    became = "it arrived" if given == "yes" else "it did not arrive, and waits again; to leave it needs a new approval"
    return _listed(request, f"Message {about.message_id}: noted that {became}.")
